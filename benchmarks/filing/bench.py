"""`manage.py benchmark filing`: autosave of a section, the review page, and the receipt as PDF/A.

- autosave: one section posted as the browser does while typing, through the whole stack (session, policy, CSRF off as in
  the test client), with the rules of the section judged; beside it the same answers saved the naive way, one full
  ModelForm-like save of all sections with every rule of the filing judged each time;
- review page: the page a reviewer opens, with its evidence pane; beside it the time of its database work alone;
- receipt: rendered warm, as the second and later letters of a process are; beside it the first letter of a process.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks import harness
from benchmarks.harness import Goal, Options, Result, Row

NAME = "filing"
TIMES, QUICK_TIMES = 200, 40
AUTOSAVE_P95_MS, REVIEW_P95_MS, RECEIPT_MS = 150.0, 250.0, 50.0


def run(options: Options) -> Result:
    """About half a minute; `quick` a third of it."""
    result = Result(NAME)
    times = QUICK_TIMES if options.quick else TIMES
    with harness.throwaway_database() as environment:
        done = subprocess.run(  # noqa: S603  # our own module, our own interpreter
            [sys.executable, "-m", "benchmarks.filing.bench", str(times)],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    figures = {name: float(value) for name, value in (line.split("=") for line in done.stdout.split() if "=" in line)}
    for name, text in (
        ("autosave_p50", "autosave of a section, p50"),
        ("autosave_p95", "autosave of a section, p95"),
        ("naive_p95", "(a) all sections saved and all rules judged each time, p95"),
        ("review_p50", "review page, p50"),
        ("review_p95", "review page, p95"),
        ("evidence_p95", "its evidence pane, p95"),
        ("receipt_median", "receipt as PDF/A, warm, median"),
        ("receipt_p95", "receipt as PDF/A, warm, p95"),
        ("receipt_first", "(b) the first letter of a process"),
    ):
        result.rows.append(Row(text, figures[name], "ms"))
    result.goals = [
        Goal("autosave p95", figures["autosave_p95"], AUTOSAVE_P95_MS / options.slack, "ms", at_most=True),
        Goal("autosave against the naive way", figures["naive_p95"] / figures["autosave_p95"], 1.2 * options.slack),
        Goal("review page p95", figures["review_p95"], REVIEW_P95_MS / options.slack, "ms", at_most=True),
        Goal("receipt PDF warm", figures["receipt_median"], RECEIPT_MS / options.slack, "ms", at_most=True),
    ]
    result.facts = {
        f"autosave asks {figures['autosave_queries']:.0f} queries (at most 8)": figures["autosave_queries"] <= 8,
        f"review page asks {figures['review_queries']:.0f} queries (at most 6)": figures["review_queries"] <= 6,
        f"evidence pane asks {figures['evidence_queries']:.0f} queries (at most 6)": figures["evidence_queries"] <= 6,
    }
    return result


def measure(call: Callable[[int], Any], times: int) -> list[float]:
    """Milliseconds of each call, sorted."""
    found = []
    for number in range(times):
        began = time.perf_counter()
        call(number)
        found.append((time.perf_counter() - began) * 1000)
    return sorted(found)


def at(found: list[float], share: float) -> float:
    """The value below which this share of the calls lies."""
    return found[min(len(found) - 1, int(len(found) * share))]


def main(times: int) -> None:
    """In a process of its own, on a throwaway database: prints name=milliseconds."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("seed_demo", institutions=300, stdout=open(os.devnull, "w"))  # noqa: SIM115  # for the process's life
    figures = {**_receipt(times), **_pages(times)}
    print(" ".join(f"{name}={value:.2f}" for name, value in figures.items()))


def _receipt(times: int) -> dict[str, float]:
    from django.utils import timezone

    from casework.documents.render import render_pdf
    from registry.documents.letters import receipt_letter
    from registry.documents.links import verify_url

    def letter(number: int) -> Any:
        no = f"320902TY2026{number:04d}"
        return receipt_letter(
            receipt_no=no, institution_name="盐城市小太阳托育服务有限公司", address="盐城市亭湖区试验路 8 号",
            uscc="91320902MA1TYC011T", principal="曹负责", nature_label="营利性企业", service_modes_label="全日托、半日托",
            capacity_total=35, authority="盐城市亭湖区卫生健康委员会", issued_on=timezone.localdate(), version=1,
            verify_url=verify_url(no), demo=True,
        )  # fmt: skip

    # seeding has rendered letters already: the first of a process is measured in a fresh one
    code = "import django; django.setup(); from benchmarks.filing.bench import first_letter; print(first_letter())"
    fresh = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    warm = measure(lambda number: render_pdf(letter(number)), times)
    return {
        "receipt_median": at(warm, 0.5),
        "receipt_p95": at(warm, 0.95),
        "receipt_first": float(fresh.stdout.split()[-1]),
    }


def first_letter() -> float:
    """Milliseconds of the first letter this process renders."""
    from django.utils import timezone

    from casework.documents.render import render_pdf
    from registry.documents.letters import basic_conditions_letter

    letter = basic_conditions_letter(
        receipt_no="320902TY20260001", institution_name="试验", authority="试验", issued_on=timezone.localdate()
    )
    return measure(lambda _: render_pdf(letter), 1)[0]


def _pages(times: int) -> dict[str, float]:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    from registry.filing.casefile import CaseFile
    from registry.models import Filing
    from yancheng_childcare.deadlines import today_here
    from yancheng_childcare.models import User

    def client(username: str) -> Client:
        found = Client(HTTP_HOST="localhost")
        user = User.objects.get(username=username)
        found.force_login(user, backend="yancheng_childcare.accounts.signin.PortalBackend")
        return found

    def queries(call: Callable[[], Any]) -> int:
        """Statements beyond session, person and duties; savepoints and the history's context are no questions."""
        with CaptureQueriesContext(connection) as seen:
            assert call().status_code == 200  # noqa: S101  # a failed request must not count as a fast one
        idle = ("SAVEPOINT", "RELEASE", "SET ", "SELECT set_config")
        own = [q["sql"] for q in seen if not q["sql"].startswith(idle)]
        return len(own) - 3

    draft = Filing.objects.get(institution__uscc="91320902MA1TYC011T")
    operator, reviewer = client("operator_xiaotaiyang"), client("reviewer_tinghu")
    section = reverse("filing:section", args=[draft.no, "surroundings"])
    kept = draft.sections.get(name="surroundings").data

    def save(number: int) -> Any:
        version = draft.sections.get(name="surroundings").version
        body = {**kept, "outdoor_area": str(100 + number), "record_version": str(version)}
        answer = operator.post(section, body, headers={"X-Autosave": "1", "HX-Request": "true"})
        assert answer.status_code == 200, answer.status_code  # noqa: S101
        return answer

    def naive(number: int) -> None:
        for row in draft.sections.all():
            row.data = {**row.data, "touched": number}
            row.save()
        answer = operator.get(reverse("filing:precheck", args=[draft.no]))
        assert answer.status_code == 200 and CaseFile(draft, today_here()).tasks  # noqa: S101

    case = Filing.objects.filter(institution__region="320902", status="SUBMITTED").order_by("id").first()
    assert case is not None  # noqa: S101
    page = reverse("filing:review", args=[case.no])
    save(0), reviewer.get(page), reviewer.get(f"{page}?pane=evidence")
    saves, slow = measure(save, times), measure(naive, max(10, times // 5))
    reviews = measure(lambda _: reviewer.get(page), times)
    panes = measure(lambda _: reviewer.get(f"{page}?pane=evidence"), times)
    return {
        "autosave_p50": at(saves, 0.5),
        "autosave_p95": at(saves, 0.95),
        "naive_p95": at(slow, 0.95),
        "review_p50": at(reviews, 0.5),
        "review_p95": at(reviews, 0.95),
        "evidence_p95": at(panes, 0.95),
        "autosave_queries": queries(lambda: save(times + 1)) - 1,  # the version is read by the benchmark itself
        "review_queries": queries(lambda: reviewer.get(page)),
        "evidence_queries": queries(lambda: reviewer.get(f"{page}?pane=evidence")),
    }


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yancheng_childcare.settings")
    main(int(sys.argv[1]))
