NAME = "zz"
import time, statistics


def run(options):
    from benchmarks import harness
    from benchmarks.search import bench, mix
    from benchmarks.harness import Result
    from django.db import connection

    r = Result("zz")
    with harness.throwaway_database() as env:
        bench.load(0, 100_000, r)
        qs, sts = bench.prepare(100_000)
        bench.raw_loop(sts)
        t = bench.raw_loop(sts)
        order = sorted(range(len(qs)), key=lambda i: -t[i])
        print("mean", statistics.mean(t), "p50", statistics.median(t), "p95", sorted(t)[380])
        for i in order[:60:2]:
            print(round(t[i], 1), qs[i], len(sts[i]))
        with connection.cursor() as c:
            for i in (order[0], order[5], order[14], order[24], order[40]):
                for sql, params in sts[i]:
                    c.execute("EXPLAIN (ANALYZE, SUMMARY) " + sql, params)
                    print(qs[i])
                    print("\n".join(x[0][:170] for x in c.fetchall()))
        import os

        if os.environ.get("KEEP"):
            time.sleep(float(os.environ["KEEP"]))
    return r
