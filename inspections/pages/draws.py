"""双随机: plans, batches with their fingerprints, and every file from which anyone comes to the same draw."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from casework.models import Case
from yancheng_childcare.cross_origin import open_to_all
from yancheng_childcare.paging import keyset_page

from ..batch import BATCH, PUBLIC
from ..draw.canonical import fingerprint
from ..models import Batch, Plan
from ..pools import WHY, files_of

SCRIPT = Path(__file__).resolve().parents[1] / "data" / "verify_draw.py"
SIZE = 20
ABOUT = {
    "rules.csv": "规则：随机源、时间、比例",
    "pool.csv": "名录：每家机构的编号、县区、权重、排除或必查的事由",
    "quotas.csv": "各县区的家数和应抽数",
    "officers.csv": "执法人员：编号、部门、证件有效期、任务数",
    "recusals.csv": "回避：不能派到一起的编号",
    "frozen.csv": "以上各行的 SM3，名录指纹由它算出",
    "source.csv": "随机源原文、见证人、种子",
    "tickets.csv": "每家机构的抽签数、名次和结果",
    "pairs.csv": "抽中的编号和派出的人员编号",
    "drawn.csv": "抽取各文件每行的 SM3",
    "replacements.csv": "递补：谁、因为什么、由谁接替",
    "visited.csv": "检查过的机构",
    "visitors.csv": "参加检查的执法人员",
    "followed.csv": "检查名单各行的 SM3",
    "fingerprints.csv": "各阶段的指纹",
}


def published(no: str) -> Batch:
    """A batch that was frozen once; also a void one. Raises Http404."""
    rows = Batch.objects.select_related("case__region", "plan", "plan__subject__department")
    found: Batch | None = rows.filter(case__no=no).exclude(fingerprint="").first()
    if found is None:
        raise Http404
    return found


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Published plans and batches, the newest first."""
    cases = Case.objects.filter(type=BATCH.name, status__in=PUBLIC).exclude(batch__fingerprint="")
    page = keyset_page(cases.select_related("batch", "authority"), request.GET.get("before"), size=SIZE)
    plans = Plan.objects.filter(published_on__isnull=False).select_related("subject__department", "matter")
    context = {
        "page": page,
        "rows": [{"case": case, "state": BATCH.states[case.status]} for case in page.rows],
        "plans": plans.order_by("-year", "-published_on", "-pk")[:SIZE],
    }
    return render(request, "inspections/draws.html", context)


@require_safe
def one(request: HttpRequest, batch: str) -> HttpResponse:
    """One batch: what was fixed, when, what came out, and how to check it."""
    found = published(batch)
    files = files_of(found)
    drawn, pool = _rows(files, "tickets.csv"), _rows(files, "pool.csv")
    context = {
        "batch": found,
        "state": BATCH.states[found.case.status],
        "void": found.case.status == "VOID",
        "why_void": _why_void(found) if found.case.status == "VOID" else "",
        "counts": {
            "all": len(pool),
            "excluded": sum(bool(row[3]) for row in pool),
            "chosen": sum(row[-1] in {"CHOSEN", "MUST"} for row in drawn),
        },
        "excluded": [{"why": WHY.get(why, why), "number": number} for why, number in _tally(pool)],
        "files": [
            {"name": name, "about": ABOUT.get(name, ""), "size": len(content), "sm3": fingerprint(content)}
            for name, content in files.items()
        ],
        "visited": [name for _, _, name in _rows(files, "visited.csv")],
        "source": _source(files),
    }
    return render(request, "inspections/draw.html", context)


@require_safe
def file(request: HttpRequest, batch: str, name: str) -> HttpResponse:
    """A published file, byte for byte, also for scripts of other sites."""
    content = files_of(published(batch)).get(name)
    if content is None:
        raise Http404
    return _sent(content, f"{batch}_{name}", "text/csv; charset=utf-8")


@require_safe
def script(request: HttpRequest) -> HttpResponse:
    """The script that recomputes a draw with nothing but Python."""
    return _sent(SCRIPT.read_bytes(), SCRIPT.name, "text/x-python; charset=utf-8")


def _sent(content: bytes, name: str, kind: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=kind)
    answer.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
    open_to_all(answer)
    return answer


def _rows(files: dict[str, bytes], name: str) -> list[list[str]]:
    text = files.get(name, b"").decode()
    return list(csv.reader(io.StringIO(text, newline="")))[1:]


def _tally(pool: list[list[str]]) -> list[tuple[str, int]]:
    found: dict[str, int] = {}
    for row in pool:
        if row[3]:
            found[row[3]] = found.get(row[3], 0) + 1
    return sorted(found.items())


def _source(files: dict[str, bytes]) -> dict[str, str]:
    rows = _rows(files, "source.csv")
    found = {"witnesses": "、".join(value for name, value in rows if name == "witness")}
    return found | {name: value for name, value in rows if name != "witness"}


def _why_void(batch: Batch) -> str:
    proposal = batch.case.proposals.filter(step="void", outcome="SIGNED").first()
    return str(proposal.answers.get("reason", "")) if proposal else ""
