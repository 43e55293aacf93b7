"""The script offered for download: the same verdict as the engine, with and without an SM3 in Python's own library."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from inspections import draw as engine
from tests.inspections.draw.conftest import COUNTIES, officer, place, rules, source
from yancheng_childcare.crypto import sm3

SCRIPT = Path(engine.__file__).parent.parent / "data" / "verify_draw.py"
WITHOUT = "import hashlib, runpy, sys; hashlib.algorithms_available = set(); runpy.run_path(sys.argv.pop(1))"


def recompute(folder: Path, files: dict[str, bytes], *more: str, plain: bool = False) -> subprocess.CompletedProcess:
    """Run the script on files as a citizen does: nothing of ours can be imported."""
    for name, content in files.items():
        (folder / name).write_bytes(content)
    start = ["-c", WITHOUT] if plain else []
    command = [sys.executable, "-I", *start, str(SCRIPT), str(folder), *more]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")


@pytest.mark.parametrize("plain", [False, True])
def test_script_agrees_with_the_engine(drawn, tmp_path, plain):
    done = recompute(tmp_path, engine.publish(drawn), drawn.pool.fingerprint, plain=plain)
    assert done.returncode == 0, done.stderr
    assert f"名录 60 行，检查 {len(drawn.chosen)} 家，派员 {len(drawn.pairs)} 人次" in done.stdout


@pytest.mark.parametrize("seed", range(8))
def test_script_agrees_on_other_rules(tmp_path, seed):
    """Totals, whole counties, crossing areas, other weights: what the rules allow, by a seeded generator."""
    chance = random.Random(seed)
    places = [
        place(n, chance.choice(COUNTIES), chance.choice((1, 2, 4, 8)), must="KEY" if n % 11 == 0 else "")
        for n in range(chance.randint(5, 90))
    ]
    officers = [officer(n, ("*", *COUNTIES)[n % 4], load=chance.randint(0, 3)) for n in range(24)]
    more: dict = {"total": chance.randint(0, 40)} if seed % 2 else {}
    batch = rules(**more, crossing=("OWN", "OTHER", "ANY")[seed % 3], all_below=chance.choice((0, 5, 20)))
    recusals = [(one.key, f"C{n:04d}") for one in places for n in chance.sample(range(12), 6)]
    drawn = engine.draw(engine.freeze(places, officers, batch, recusals=recusals), source(str(seed)))
    done = recompute(tmp_path, engine.publish(drawn))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "name", ["pool.csv", "rules.csv", "officers.csv", "quotas.csv", "tickets.csv", "pairs.csv", "source.csv"]
)
def test_script_refuses_a_changed_byte(drawn, tmp_path, name):
    files = engine.publish(drawn)
    at = files[name].index(b"\n", min(300, len(files[name]) - 2))
    changed = files[name][: at - 1] + bytes([files[name][at - 1] ^ 1]) + files[name][at:]
    line = files[name].count(b"\n", 0, at) + 1
    done = recompute(tmp_path, {**files, name: changed})
    assert done.returncode == 1
    assert f"'{name}', '{line}'" in done.stderr
    assert engine.verify({**files, name: changed}).deviation.line == line


def test_script_refuses_what_hangs_on_without_a_line_feed(drawn, tmp_path):
    """An officer who was never listed cannot slip in behind the last line."""
    files = engine.publish(drawn)
    done = recompute(tmp_path, {**files, "officers.csv": files["officers.csv"] + b"f" * 64 + b",HEALTH,*,2030-01-01,0"})
    assert done.returncode == 1 and "'officers.csv', '22'" in done.stderr


def test_script_refuses_another_fingerprint(drawn, tmp_path):
    done = recompute(tmp_path, engine.publish(drawn), "0" * 64)
    assert done.returncode == 1 and "抽取前公布的指纹" in done.stderr


def test_script_is_short_enough_to_be_read():
    """At most 40 lines without the SM3 it brings for a Python that has none; none wider than 120 characters."""
    lines = SCRIPT.read_text().splitlines()
    assert all(len(line) <= 120 for line in lines)
    fallback = [n for n, line in enumerate(lines) if line.startswith(("def rol", "def plain_sm3", "def sm3"))]
    own = lines[: fallback[0]] + lines[fallback[2] :]
    draw = [line for line in own if line.strip() and not line.startswith("#")]
    assert len(draw) <= 40


def test_plain_sm3_is_sm3():
    """GB/T 32905-2016 annex A, and the house's own for lengths around the ends of blocks."""
    names: dict = {}
    text = SCRIPT.read_text().split("def same")[0]
    exec(compile(text, str(SCRIPT), "exec"), names)
    assert names["plain_sm3"](b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    twice = names["plain_sm3"](b"abcd" * 16).hex()
    assert twice == "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    for length in (0, 1, 54, 55, 56, 63, 64, 65, 119, 120, 300):
        assert names["plain_sm3"](bytes(length)) == sm3(bytes(length))
