"""`manage.py benchmark timing`: does the time of a refusal tell which of the entered facts was wrong?

The form that opens an account is posted through the whole stack with one fact wrong: the code, the name, the number, the
institution; in turn, so that the machine's moods meet all kinds alike. Judged is the largest difference between the medians of
two kinds, as a share of the answer. Beside it the naive way, which looks things up one after the other, leaves at the first that
is wrong, and hashes the password last.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks import harness
from benchmarks.harness import Goal, Options, Result, Row

NAME = "timing"
ROUNDS, QUICK_ROUNDS = 150, 40
KINDS = ("code", "name", "number", "institution")
# A median of so many answers moves by some percent on a busy machine; the naive way differs by many times.
APART = 0.06


def run(options: Options) -> Result:
    """About two minutes; `quick` half a minute."""
    result = Result(NAME)
    with harness.throwaway_database() as environment:
        done = subprocess.run(  # noqa: S603  # our own module, our own interpreter
            [sys.executable, "-m", "benchmarks.timing.bench", str(QUICK_ROUNDS if options.quick else ROUNDS)],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    figures = {name: float(value) for name, value in (line.split("=") for line in done.stdout.split() if "=" in line)}
    for way in ("ours", "naive"):
        for kind in KINDS:
            result.rows.append(Row(f"{way}: wrong {kind}, median", figures[f"{way}_{kind}"], "ms"))
    ours, naive = (apart([figures[f"{way}_{kind}"] for kind in KINDS]) for way in ("ours", "naive"))
    result.rows.append(Row("(a) naive: the kinds lie apart by this share of an answer", naive * 100, "%"))
    result.goals = [Goal("kinds lie apart by", ours * 100, APART * 100 / options.slack, "%", at_most=True)]
    return result


def apart(medians: list[float]) -> float:
    """How far the slowest kind lies above the fastest, as a share (0–1) of the fastest."""
    return max(medians) / min(medians) - 1


def main(rounds: int) -> None:
    """In a process of its own, on a throwaway database: prints name=milliseconds."""
    import django

    django.setup()
    from django.core.management import call_command

    from registry.accounts import opening

    call_command("seed_demo", institutions=30, stdout=open(os.devnull, "w"))  # noqa: SIM115  # for the process's life
    opening.ATTEMPTS_AN_HOUR = opening.ATTEMPTS_A_DAY = 10**9
    wrong = _wrong(rounds)
    found: dict[str, list[float]] = {}
    for number in range(rounds):
        for kind in KINDS:
            for way, call in (("ours", _ours), ("naive", _naive)):
                found.setdefault(f"{way}_{kind}", []).append(_milliseconds(call, wrong(kind, number)))
    print(" ".join(f"{name}={statistics.median(times):.3f}" for name, times in found.items()))


def _milliseconds(call: Callable[[dict[str, str]], None], data: dict[str, str]) -> float:
    began = time.perf_counter()
    call(data)
    return (time.perf_counter() - began) * 1000


def _wrong(rounds: int) -> Callable[[str, int], dict[str, str]]:
    """The form with one fact wrong, right in all others; nothing is used up, since nothing is right."""
    from registry.accounts.opening import issue_code
    from registry.models import Institution
    from registry.rules.uscc import make_uscc
    from yancheng_childcare.models import User

    place = Institution.objects.filter(status="ACTIVE").order_by("pk")[0]
    code = issue_code(place, actor=User.objects.get(username="registrar_tinghu"))
    strange = make_uscc("91", "320902", 987_654)

    def fill(kind: str, number: int) -> dict[str, str]:
        data = {
            "uscc": place.uscc, "legal_rep_name": place.legal_rep_name, "legal_rep_id_no": str(place.legal_rep_id_no),
            "code": code, "display_name": "试验", "username": f"shiyan{number}", "password": "tuoyu-2026-mima",
            "password_again": "tuoyu-2026-mima", "nonce": f"{number:043d}",
        }  # fmt: skip
        other = {"code": "AAAABBBBCCCC", "name": "别人", "number": "32090219800101001X", "institution": strange}
        field = {"name": "legal_rep_name", "number": "legal_rep_id_no", "institution": "uscc"}.get(kind, kind)
        return {**data, field: other[kind]}

    return fill


def _ours(data: dict[str, str]) -> None:
    from django.test import Client

    answer = Client(HTTP_HOST="localhost").post("/accounts/open/", data)
    assert answer.status_code == 422, answer.status_code


def _naive(data: dict[str, str]) -> None:
    """One look after the other, out at the first that is wrong."""
    from django.contrib.auth.hashers import make_password

    from registry.accounts.opening import SALT
    from registry.models import AccountOpening, Institution
    from yancheng_childcare.secret_codes import matches

    place = Institution.objects.filter(uscc=data["uscc"]).first()
    if place is None or place.legal_rep_name != data["legal_rep_name"]:
        return
    if str(place.legal_rep_id_no) != data["legal_rep_id_no"]:
        return
    make_password(data["password"])
    opening: Any = AccountOpening.objects.filter(institution=place, path="CODE", status="ISSUED").first()
    assert not matches(data["code"], opening.secret_hash, salt=SALT)


if __name__ == "__main__":
    main(int(sys.argv[1]))
