"""Steps the institution takes besides handing in: the page says what follows, asks what the step needs, and takes it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Event
from yancheng_childcare.problems import Problem, Rejected

from ...codes import filing as codes
from ...models import Filing
from ...registration.forms import RawForm
from ...rules.filing.sections import FORM_SECTIONS
from ..casefile import CaseFile
from ..review import title_of
from ..services import available_steps, take_step
from ..snapshots import differences, section_rows, snapshot
from ..workflow import FILING
from ..workflow.rows import CLOSURE, OPERATOR
from .info_form import info_form, info_of
from .lookup import expected_version, operator_crumbs, own_filing
from .plans import PlanForm, duties, read_plan
from .section_form import AnswersForm


class AgreeForm(RawForm):
    """One deliberate tick."""

    confirmed = forms.BooleanField(label="以上内容与现在的实际情况一致", required=False)


@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, no: str, name: str) -> HttpResponse:
    """One step on one case. 404 for no such step, 409 when it cannot be taken now."""
    filing, found = own_filing(request, no), FILING.steps.get(name)
    if found is None or found.by != OPERATOR:
        raise Http404
    if found.route:
        return redirect(found.route, no=no)
    open_now = name in {t.name for t in available_steps(filing, request.user)}
    if request.method == "POST" and (open_now or already_taken(filing, name, _version(request))):
        return _take(request, filing, name)
    if not open_now:
        words = f"备案当前为“{filing.get_status_display()}”，不能办理“{found.label}”。请返回办理进度查看最新情况。"
        raise Rejected(Problem("GEN-409", "", words), status=409)
    return _page(request, filing, name, _form(filing, name))


def _version(request: HttpRequest) -> int:
    return expected_version(request.POST.get("record_version"))


def _form(filing: Filing, name: str, data: Any = None) -> RawForm | None:
    """What the step asks; a plan begins with the one handed in before, or with the children that are filed."""
    step = FILING.steps[name]
    if step.beside == "filed":
        return AgreeForm(data)
    if step.beside == "info":
        return info_form(filing, data)
    if not step.plan:
        return None
    final = step.plan == CLOSURE
    if data is not None:
        return PlanForm(data, final=final)
    former = filing.closures.filter(withdrawn=False, final=final).first()
    initial = {key: getattr(former, key) for key in PlanForm.base_fields} if former else _enrolled(filing)
    texts = {key: value.isoformat() if hasattr(value, "isoformat") else value for key, value in initial.items()}
    return PlanForm(initial=texts, final=final)


def _enrolled(filing: Filing) -> dict[str, int]:
    """How many children are filed: filled in to be checked, not typed again."""
    accepted = filing.versions.filter(number=filing.accepted_number).only("content").first()
    classes = accepted.content["sections"].get("classes", {}).get("classes") if accepted else None
    numbers = [str(row.get("enrolled") or "").strip() for row in classes or []]
    known = numbers and all(number.isascii() and number.isdigit() for number in numbers)
    return {"children": sum(map(int, numbers))} if known else {}


def _take(request: HttpRequest, filing: Filing, name: str) -> HttpResponse:
    step, form = FILING.steps[name], _form(filing, name, request.POST)
    problems: list[Problem] = []
    data: dict[str, Any] = {}
    if isinstance(form, PlanForm):
        form.full_clean()
        data = read_plan(filing, form, step.plan == CLOSURE, request.user, problems)
    elif isinstance(form, AnswersForm):
        data = {"info": info_of(form)}
    elif form is not None:
        form.full_clean()
        if not form.cleaned_data["confirmed"]:
            words = "请勾选“以上内容与现在的实际情况一致”。有变化的请先办理变更备案。"
            problems.append(Problem(codes.FILING_REQUIRED, "confirmed", words))
    version, status = _version(request), 422
    if not problems:
        if isinstance(form, PlanForm) and already_taken(filing, name, version, data, request.user):
            messages.info(request, "已经办理过了，没有重复办理。")
            return redirect("filing:case", no=filing.no)
        try:
            take_step(filing, name, actor=request.user, expected_version=version, **data)
        except Rejected as rejected:
            filing.refresh_from_db()
            if rejected.status in {409, 412} and already_taken(filing, name, version, data, request.user):
                messages.info(request, "已经办理过了，没有重复办理。")
                return redirect("filing:case", no=filing.no)
            if rejected.status not in {412, 422}:
                raise
            problems, status = rejected.problems, rejected.status
        else:
            messages.success(request, step.done)
            return redirect("filing:case", no=filing.no)
    return _page(request, filing, name, form, problems=problems, status=status)


def already_taken(filing: Filing, name: str, version: int, data: Any = None, actor: Any = None) -> bool:
    """Whether this very step was taken a moment ago: a double click, or a page sent again."""
    step = FILING.steps[name]
    if step.plan:
        return bool(data) and filing.closures.filter(withdrawn=False, created_by=actor, **data["plan"]).exists()
    if step.takes_back:
        waits = filing.closures.filter(withdrawn=False, final=step.takes_back == CLOSURE).exists()
        return not waits and filing.record_version == version + 1
    if step.beside == "filed":
        return filing.confirmed_on == today_here()
    if not step.target:
        return filing.record_version == version + 1 and actor is not None and _last_by(filing, actor, name)
    return filing.status == step.target and filing.record_version == version + 1


def _last_by(filing: Filing, actor: Any, name: str) -> bool:
    """Whether the last act on the case is this step of this person."""
    last = Event.objects.of(filing.subject).first()
    return last is not None and last.actor_id == actor.pk and last.data.get("step") == name


def _page(
    request: HttpRequest,
    filing: Filing,
    name: str,
    form: RawForm | None,
    *,
    problems: list[Problem] | None = None,
    status: int = 200,
) -> HttpResponse:
    step = FILING.steps[name]
    context = {
        "heading": step.label,
        "lead": filing.institution.name,
        "breadcrumbs": operator_crumbs(filing),
        "filing": filing,
        "step": step,
        "form": form,
        "problems": problems or [],
        "version": filing.record_version,
        **_beside(filing, name),
    }
    return render(request, "registry/filing/step.html", context, status=status)


def _beside(filing: Filing, name: str) -> dict[str, Any]:
    """What a step shows besides its words: the filed content, the changes that would be lost, the duties."""
    step = FILING.steps[name]
    if step.beside == "filed":
        return _filed(filing)
    if step.beside == "lost":
        accepted = filing.versions.get(number=filing.accepted_number)
        changed = differences(accepted.content, snapshot(CaseFile(filing, today_here())))
        return {"lost": [{"label": row.label, "old": row.after, "new": row.before} for row in changed]}
    if step.plan:
        return {"duties": duties(filing.closures.filter(withdrawn=False, final=step.plan == CLOSURE).first())}
    return {}


def _filed(filing: Filing) -> dict[str, Any]:
    """What was accepted last, section by section, for the yearly confirmation."""
    content = filing.versions.get(number=filing.accepted_number).content
    sections = [{"title": section.title, "rows": section_rows(content, section.name)} for section in FORM_SECTIONS]
    case = CaseFile(filing, today_here())
    names = "、".join(entry.post.name for entry in case.staff)
    papers = [
        {
            "label": row["title"],
            "value": f"有效期至 {row['until']}" if row["until"] else "长期或未注明",
            **({"light": "red", "value": f"已于 {row['until']} 到期"} if row["expired"] else {}),
        }
        for row in _papers(case)
    ]
    return {
        "sections": sections,
        "people_words": f"{len(case.staff)} 人：{names}" if case.staff else "",
        "papers": papers,
        "change_url": reverse("filing:step", args=[filing.no, "start_change"]),
    }


def _papers(case: CaseFile) -> list[dict[str, Any]]:
    return [
        {
            "title": title_of(code),
            "until": found.valid_to,
            "expired": bool(found.valid_to and found.valid_to < case.today),
        }
        for code, found in sorted(case.materials.items())
    ]
