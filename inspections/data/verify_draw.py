"""复核双随机抽取：python3 verify_draw.py 文件夹 [抽取前公布的指纹]。只用标准库（Python 3.9 起）；方法见抽取页面的说明。"""

# fmt: off
import csv, hashlib, io, itertools, pathlib, struct, sys  # noqa: E401, I001

def rol(x, n, M=0xFFFFFFFF):  # rotate a 32-bit word left
    return ((x & M) << n % 32 | (x & M) >> (32 - n % 32)) & M
def plain_sm3(data):  # GB/T 32905-2016, for a Python whose hashlib does not have it
    data += b"\x80" + bytes(-(len(data) + 9) % 64) + struct.pack(">Q", 8 * len(data))
    v = struct.unpack(">8I", bytes.fromhex("7380166f4914b2b9172442d7da8a0600a96f30bc163138aae38dee4db0fb0e4e"))
    for start in range(0, len(data), 64):
        w, (a, b, c, d, e, f, g, h) = list(struct.unpack(">16I", data[start:start + 64])), v
        for j in range(16, 68):
            x = w[j - 16] ^ w[j - 9] ^ rol(w[j - 3], 15)
            w.append(x ^ rol(x, 15) ^ rol(x, 23) ^ rol(w[j - 13], 7) ^ w[j - 6])
        for j in range(64):
            s = rol(rol(a, 12) + e + rol(0x79CC4519 if j < 16 else 0x7A879D8A, j), 7)
            t = (a ^ b ^ c if j < 16 else a & b | a & c | b & c) + d + (s ^ rol(a, 12)) + (w[j] ^ w[j + 4])
            u = (e ^ f ^ g if j < 16 else e & f | ~e & g) + h + s + w[j]
            a, b, c, d, e, f, g, h = rol(t, 0), a, rol(b, 9), c, rol(u ^ rol(u, 9) ^ rol(u, 17), 0), e, rol(f, 19), g
        v = tuple(x ^ y for x, y in zip(v, (a, b, c, d, e, f, g, h)))  # noqa: B905
    return struct.pack(">8I", *v)

def sm3(data):
    return hashlib.new("sm3", data).digest() if "sm3" in hashlib.algorithms_available else plain_sm3(data)

def same(name, right):  # stop at the first line that is not what was computed
    for line, (given, wanted) in enumerate(itertools.zip_longest(rows[name], right), 2):
        if given != wanted:
            sys.exit(f"不符：{name} 第 {line} 行，文件为 {given}，应为 {wanted}")

data = {path.name: path.read_bytes() for path in pathlib.Path(sys.argv[1]).glob("*.csv")}
rows = {name: list(csv.reader(io.StringIO(text.decode(), newline="")))[1:] for name, text in data.items()}
for stage, names in (("frozen", "officers pool quotas recusals rules"), ("drawn", "pairs source tickets")):
    lines = [(f"{name}.csv", io.BytesIO(data[f"{name}.csv"]).readlines()) for name in names.split()]
    same(f"{stage}.csv", [[name, str(n), sm3(b).hex()] for name, all in lines for n, b in enumerate(all, 1)])
rules, recused = dict(rows["rules.csv"]), {tuple(row) for row in rows["recusals.csv"]}
frozen, text = sm3(data["frozen.csv"]).hex(), rows["source.csv"][0][1]
if frozen not in (sys.argv[2:] or [frozen]):
    sys.exit("不符：抽取前公布的指纹")
seed = sm3(f"{frozen}\n{text}\n{rules['no']}".encode()).hex()
quota, groups = {row[0]: int(row[2]) for row in rows["quotas.csv"]}, dict[tuple, list]()
tickets, visits, pairs = [], [], []
for row, county, weight, excluded, must in rows["pool.csv"]:  # a ticket for every row
    lot, kind = sm3((seed + row).encode()), "EXCLUDED" if excluded else "MUST" if must else ""
    groups.setdefault((county, kind), []).append((min(struct.unpack(">8I", lot)[:int(weight)]), lot, row, weight))
for (county, kind), lots in groups.items():  # the smallest tickets of each county are drawn
    for rank, (ticket, lot, row, weight) in enumerate(sorted(lots), 1):
        outcome = kind or ("CHOSEN" if rank <= quota[county] else "RESERVE")
        tickets.append([row, county, weight, str(ticket), "0" if kind else str(rank), outcome])
        visits += [(lot, row, county)] if outcome in ("CHOSEN", "MUST") else []
able = [[int(load), sm3((seed + one + load).encode()), one, unit, area]
        for one, unit, area, until, load in rows["officers.csv"] if until >= rules["visits_until"]]
for _, row, county in sorted(visits):  # the least loaded officers who may go there
    for unit, number in (team.split(":") for team in rules["teams"].split()):
        may = [o for o in able if o[3] == unit and (row, o[2]) not in recused and (o[4] == "*" or
               rules["crossing"] == "ANY" or (o[4] == county) == (rules["crossing"] == "OWN"))]
        for one in sorted(may)[:int(number)]:
            pairs.append([row, unit, one[2]])
            one[:2] = one[0] + 1, sm3(f"{seed}{one[2]}{one[0] + 1}".encode())
for name, made in ("source", [*rows["source.csv"][:3], ["seed", seed]]), ("tickets", sorted(tickets)), ("pairs", pairs):
    same(f"{name}.csv", made)
sys.stdout.write(f"一致：名录 {len(tickets)} 行，检查 {len(visits)} 家，派员 {len(pairs)} 人次，指纹 {frozen}\n")
