"""`manage.py benchmark imports`: a table of 100,000 rows, from the stored file to everything committed.

Goals: at least 10 × one validated serializer save per row, at least 20 % of a raw COPY of the same rows, memory flat
(peak from 20,000 to 100,000 rows grows by at most 60 MB). All variants run in one go on one database of their own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2
from psycopg2 import sql

NAME = "imports"
ROOT = Path(__file__).resolve().parents[2]
RESULT = ROOT / "build" / "benchmarks" / "imports.json"
GOAL_SAVES, GOAL_COPY, GOAL_MEMORY_MB = 10.0, 0.20, 60.0
SAMPLE = 2_000


def run(options: dict[str, Any] | None = None) -> dict[str, Any]:
    """Run all variants, print a table, write the JSON; returns {"rows", "results", "ratios", "passed"}.

    `options`: {"quick": True} takes 10,000 rows (ratios are then noisier and memory says little).
    """
    quick = bool((options or {}).get("quick"))
    rows = 10_000 if quick else 100_000
    small = rows // 5
    results: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory(prefix="bench-imports-") as folder, _Database() as url:
        environment = {
            **os.environ, "DATABASE_URL": url, "BENCH_FOLDER": folder, "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "yancheng_childcare.settings",
        }  # fmt: skip
        _variant("prepare", rows, environment)
        results["one_by_one"] = _variant("one_by_one", min(SAMPLE, rows // 5), environment)
        results["ours_small"] = _variant("ours", small, environment)
        _empty(url)
        results["ours"] = _variant("ours", rows, environment)
        results["raw_copy"] = _variant("raw_copy", rows, environment)
        results["again"] = _variant("ours", rows, environment)
        for reader in ("read_calamine", "read_openpyxl"):
            results[reader] = _variant(reader, small, environment)
    return _report(rows, results, quick)


class _Database:
    """A database of its own beside the one DATABASE_URL names; dropped at the end."""

    def __init__(self) -> None:
        self.base = os.environ["DATABASE_URL"]
        self.name = f"bench_imports_{os.getpid()}"

    def __enter__(self) -> str:
        self._outside("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'")
        return urlsplit(self.base)._replace(path=f"/{self.name}").geturl()

    def __exit__(self, *failure: object) -> None:
        self._outside("DROP DATABASE IF EXISTS {} WITH (FORCE)")

    def _outside(self, statement: str) -> None:
        # Not in a `with`: that would open a transaction, and a database is made outside of one.
        link = psycopg2.connect(_maintenance(self.base))
        try:
            link.autocommit = True
            with link.cursor() as cursor:
                cursor.execute(sql.SQL(statement).format(sql.Identifier(self.name)))
        finally:
            link.close()


def _maintenance(url: str) -> str:
    """The same server's `postgres` database, in the form psycopg2 reads."""
    parts = urlsplit(url)
    return parts._replace(scheme="postgresql", path="/postgres").geturl()


def _empty(url: str) -> None:
    """Empty the ledgers between two lengths of the same file; the guards against it belong to the owner of the tables."""
    link = psycopg2.connect(urlsplit(url)._replace(scheme="postgresql").geturl())
    try:
        with link, link.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            for table in ("exchange_outboxevent", "registry_institutionevent", "registry_institution", "yancheng_childcare_deadline"):
                cursor.execute(sql.SQL("TRUNCATE {} CASCADE").format(sql.Identifier(table)))
    finally:
        link.close()


def _variant(name: str, count: int, environment: dict[str, str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.imports.variants", name, str(count)]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{name}: {done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    if "seconds" in found:
        found["rows_per_second"] = found["rows"] / found["seconds"]
    return found


def _report(rows: int, results: dict[str, dict[str, Any]], quick: bool) -> dict[str, Any]:
    rate = {name: found.get("rows_per_second", 0.0) for name, found in results.items()}
    growth = results["ours"]["peak_mb"] - results["ours_small"]["peak_mb"]
    ratios = {
        "times_one_by_one": rate["ours"] / rate["one_by_one"],
        "share_of_raw_copy": rate["ours"] / rate["raw_copy"],
        "memory_growth_mb": growth,
        "calamine_times_openpyxl": rate["read_calamine"] / rate["read_openpyxl"] if rate["read_openpyxl"] else None,
    }
    goals = {
        "times_one_by_one": ratios["times_one_by_one"] >= GOAL_SAVES,
        "share_of_raw_copy": ratios["share_of_raw_copy"] >= GOAL_COPY,
        "memory_growth_mb": growth <= GOAL_MEMORY_MB,
        "complete": results["ours"]["new"] == rows and results["again"]["same"] == rows,
    }
    words = {
        "ours": "本平台导入（文件 → 全部提交，含历史、推送、日志、时限）",
        "ours_small": "同上，五分之一行数（看内存）",
        "again": "同一文件再次导入（全部无变化）",
        "one_by_one": f"逐行校验并 save（抽样 {results['one_by_one']['rows']} 行）",
        "raw_copy": "同样的行直接 COPY 到同样的表（仅机构表，无触发器）",
        "read_calamine": "读取 xlsx：calamine（含安全检查）",
        "read_openpyxl": "读取 xlsx：openpyxl 只读模式",
    }
    print(f"批量导入，{rows:,} 行" + ("（快速）" if quick else ""))
    for name, label in words.items():
        found = results[name]
        if "missing" in found:
            print(f"  {label}：未安装，略过")
            continue
        print(f"  {label}：{rate[name]:>10,.0f} 行/秒　{found['seconds']:.2f} 秒　内存峰值 {found['peak_mb']:.0f} MB")
    print(f"  是逐行 save 的 {ratios['times_one_by_one']:.1f} 倍（目标 ≥ {GOAL_SAVES:.0f}）　{_verdict(goals['times_one_by_one'])}")
    print(f"  是直接 COPY 的 {ratios['share_of_raw_copy']:.0%}（目标 ≥ {GOAL_COPY:.0%}）　{_verdict(goals['share_of_raw_copy'])}")
    print(f"  行数五倍时内存增长 {growth:.0f} MB（目标 ≤ {GOAL_MEMORY_MB:.0f}）　{_verdict(goals['memory_growth_mb'])}")
    report = {"name": NAME, "rows": rows, "quick": quick, "results": results, "ratios": ratios, "goals": goals,
              "passed": all(goals.values())}  # fmt: skip
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(report, ensure_ascii=False, indent=2), encoding="utf-8")
    return report


def _verdict(good: bool) -> str:
    return "达标" if good else "未达标"
