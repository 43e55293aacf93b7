"""现场检查笔录: the record with all its items, for both sides, from the same data as the page on the spot (domain-2.md B2.4)."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from casework.models import Case
from casework.pages.lookup import crumbs, visible_case
from yancheng_childcare.requests import SignedInRequest
from yancheng_childcare.templatetags.wording import cn_datetime

from ..inspection import INSPECTION
from ..letters import NOTICE
from ..showing import may_read, signed
from .rows import progress_of, rows_of


@require_GET
def sheet(request: SignedInRequest, no: str) -> HttpResponse:
    """The record to read and to print. Raises Http404 for whoever may not read it yet."""
    case = visible_case(request, no, INSPECTION.name)
    if not may_read(case, request.user):
        raise Http404
    visit, field = case.body, case.body.subject.field
    context = {
        "case": case,
        "visit": visit,
        "signed": signed(case),
        "facts": [{"label": label, "value": value} for label, value in _facts(case) if value],
        "end": [{"label": label, "value": value} for label, value in _end(case) if value],
        "total": progress_of(visit.items, field),
        "parts": [
            {"name": name, "rows": rows_of([one for one in visit.items if one.item.dimension == name], field)}
            for name in dict.fromkeys(line.item.dimension for line in visit.items)
        ],
        "heading": "现场检查笔录",
        "lead": f"{case.subject_name}　{case.no}",
        "breadcrumbs": crumbs(case),
    }
    return render(request, "inspections/sheet.html", context)


def _facts(case: Case) -> list[tuple[str, str]]:
    visit = case.body
    notice = case.letters.stand().filter(form=NOTICE.code).first()
    return [
        ("被检查单位", case.subject_name),
        ("统一社会信用代码", case.uscc),
        ("检查机关", visit.subject.acts_as),
        ("检查人员", "、".join(f"{one.user.display_name}（执法证号 {one.certificate_no}）" for one in visit.crew)),
        ("检查事项", f"{visit.matter.name}（{visit.matter.basis}）"),
        ("检查类型", visit.get_kind_display()),
        ("检查通知书", notice.number if notice else ""),
        ("入企登记", f"{visit.get_entry_display()}{f'：{visit.entry_reason}' if visit.entry_reason else ''}"),
        ("到场时间", cn_datetime(visit.arrived_at)),
        ("离场时间", cn_datetime(visit.left_at) if visit.left_at else ""),
    ]


def _end(case: Case) -> list[tuple[str, str]]:
    visit = case.body
    return [
        ("现场情况", visit.facts),
        ("被检查人意见", visit.operator_words),
        ("被检查人签名", visit.operator_name),
        ("拒签原因", visit.refusal),
        ("见证人", visit.witness),
    ]
