"""Steps the institution takes besides handing in: the page says what follows, asks what the step needs, and takes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
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
from .info_form import info_form, info_of
from .lookup import expected_version, operator_crumbs, own_filing
from .plans import TAKING_BACK, PlanForm, duties, read_plan
from .section_form import AnswersForm

# Steps with a page of their own: check-your-answers hands in.
HANDING_IN = frozenset({"submit", "resubmit", "submit_change", "rectify"})


@dataclass(frozen=True, slots=True)
class StepPage:
    """The words of one step: what happens then, what the button says, what is said when it is done."""

    title: str
    consequences: tuple[str, ...]
    button: str
    done: str
    danger: bool = False
    plan: bool = False
    info: bool = False


PAGES: dict[str, StepPage] = {
    "withdraw": StepPage(
        "撤回修改",
        (
            "撤回后备案回到草稿，填写的内容和材料都保留，可以修改后重新提交。",
            "审查部门的办理时限随之停止；重新提交后重新起算。",
        ),
        "撤回这次提交",
        "已撤回，备案回到草稿。",
    ),
    "abandon": StepPage(
        "放弃办理",
        (
            "放弃后这件备案不再继续，也不能恢复；已经填写的内容和材料留存。从未提交过的，只有本机构能看到；提交过的，备案机关也能看到。",
            "以后需要备案的，可以另行新建，上次填写的内容会自动带入。原有的有效备案不受影响。",
        ),
        "放弃这件备案",
        "已放弃这件备案。需要时可以另行新建。",
        danger=True,
    ),
    "start_change": StepPage(
        "办理变更备案",
        (
            "已备案的内容全部带入，只改有变化的地方，没有变的不用重填、材料不用重传。",
            "改好后重新签署承诺书并提交；审查通过后换发回执。变更期间原备案继续有效。",
            "只改收费标准或备案联系人的，不用办变更：请选“更新收费与联系方式”，改了就生效，不换回执。",
            "实际经营地址变了的，不在这里办：请另选“迁址重新备案”。",
        ),
        "开始办理变更",
        "可以修改了。只改有变化的栏目和材料，再提交变更。",
    ),
    "withdraw_change": StepPage(
        "撤回变更",
        ("撤回后恢复为原来备案的内容，这次填写的改动不再保留；原备案继续有效。",),
        "撤回变更，恢复原备案内容",
        "已撤回变更，恢复为原来备案的内容。",
        danger=True,
    ),
    "update_info": StepPage(
        "更新收费与联系方式",
        (
            "这里只改收费标准和备案联系人。它们不在备案回执上，提交后立即生效，不换回执，不用重新签署承诺书。",
            "新的收费标准随即在公开页面显示；联系人的电话和邮箱不公开。备案机关会收到消息。",
            "名称、地址、负责人、服务形式、托位、班级、供餐方式等写在回执上或者有标准要求，请办理变更备案。",
        ),
        "更新，立即生效",
        "已更新，公开页面已按新的内容显示。备案回执继续有效。",
        info=True,
    ),
    "confirm_year": StepPage(
        "年度确认",
        ("每年核对一次已备案的内容。没有变化的直接确认；有变化的先办理变更备案，不在这里改。",),
        "确认以上内容没有变化",
        "已完成年度确认。",
    ),
    "suspend": StepPage(
        "停业",
        (
            f"停业前应当提前 {settings.SUSPENSION_NOTICE_DAYS} 天告知家长（平台约定），并安排好在托婴幼儿。",
            "提交后，停业日期、预计恢复日期、原因、安置去向和退费联系方式立即向社会公开；到停业当天，公开页面显示“停业”。",
            "停业日期之前照常服务，可以更新或撤回；停业期间不得收托，恢复服务前先办理恢复。",
        ),
        "提交停业安排",
        "停业安排已提交，已在公开页面显示。",
        danger=True,
        plan=True,
    ),
    "resume_service": StepPage(
        "恢复服务",
        ("确认场所、人员和材料仍符合备案内容后再恢复。提交后公开页面恢复为“已备案”，可以继续收托。",),
        "恢复服务",
        "已恢复服务，公开页面已更新。",
    ),
    "request_closure": StepPage(
        "申请终止服务",
        (
            "终止服务应当妥善安置收托的婴幼儿和工作人员，并办理备案注销"
            "（国卫人口发〔2019〕58号《托育机构管理规范（试行）》第7条）。",
            f"应当提前 {settings.CLOSURE_NOTICE_DAYS} 天告知家长，结清费用，登记安置去向（平台约定）。",
            "提交后，停止服务的日期、原因、安置去向和退费联系方式立即向社会公开。",
            "可以先提交安排，安置和退费有进展时再来更新；全部完成、日期届满后由备案机关注销。"
            "注销前可以撤回申请，注销后不能恢复。",
        ),
        "提交终止服务申请",
        "终止服务申请已提交，已在公开页面显示。安置和退费全部完成后，由备案机关注销备案。",
        danger=True,
        plan=True,
    ),
    "withdraw_suspension": StepPage(
        "撤回停业安排",
        (
            "撤回后照常服务，公开页面不再显示停业安排；变更记录保留这次安排，并写明已撤回。已经告知家长的，请再告知一次。",
        ),
        "撤回停业安排",
        "已撤回停业安排，公开页面已更新。",
    ),
    "withdraw_closure": StepPage(
        "撤回终止服务申请",
        (
            "撤回后备案继续有效，公开页面不再显示终止服务的安排；变更记录保留这次安排，并写明已撤回。已经告知家长的，请再告知一次。",
        ),
        "撤回终止服务申请",
        "已撤回终止服务申请，公开页面已更新。",
    ),
}


class AgreeForm(RawForm):
    """One deliberate tick."""

    confirmed = forms.BooleanField(label="以上内容与现在的实际情况一致", required=False)


@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, no: str, name: str) -> HttpResponse:
    """One step on one case. 404 for no such step, 409 when it cannot be taken now."""
    filing = own_filing(request, no)
    if name in HANDING_IN:
        return redirect("filing:check", no=no)
    if name not in PAGES:
        raise Http404
    open_now = name in {t.name for t in available_steps(filing, request.user)}
    if request.method == "POST" and (open_now or already_taken(filing, name, _version(request))):
        return _take(request, filing, name)
    if not open_now:
        words = (
            f"备案当前为“{filing.get_status_display()}”，不能办理“{PAGES[name].title}”。请返回办理进度查看最新情况。"
        )
        raise Rejected(Problem("GEN-409", "", words), status=409)
    return _page(request, filing, name, _form(filing, name))


def _version(request: HttpRequest) -> int:
    return expected_version(request.POST.get("record_version"))


def _form(filing: Filing, name: str, data: Any = None) -> RawForm | None:
    """What the step asks; a plan begins with the one handed in before, or with the children that are filed."""
    if name == "confirm_year":
        return AgreeForm(data)
    if PAGES[name].info:
        return info_form(filing, data)
    if not PAGES[name].plan:
        return None
    final = name == "request_closure"
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
    page, form = PAGES[name], _form(filing, name, request.POST)
    problems: list[Problem] = []
    data: dict[str, Any] = {}
    if isinstance(form, PlanForm):
        form.full_clean()
        data = read_plan(filing, form, name == "request_closure", request.user, problems)
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
            messages.success(request, page.done)
            return redirect("filing:case", no=filing.no)
    return _page(request, filing, name, form, problems=problems, status=status)


def already_taken(filing: Filing, name: str, version: int, data: Any = None, actor: Any = None) -> bool:
    """Whether this very step was taken a moment ago: a double click, or a page sent again."""
    if name == "confirm_year":
        return filing.confirmed_on == today_here()
    if name == "update_info":
        return filing.record_version == version + 1 and actor is not None and _last_by(filing, actor, name)
    if name in {"suspend", "request_closure"}:
        return bool(data) and filing.closures.filter(withdrawn=False, created_by=actor, **data["plan"]).exists()
    if name in TAKING_BACK:
        waits = filing.closures.filter(withdrawn=False, final=TAKING_BACK[name]).exists()
        return not waits and filing.record_version == version + 1
    return filing.status == FILING.steps[name].target and filing.record_version == version + 1


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
    page = PAGES[name]
    context = {
        "heading": page.title,
        "lead": filing.institution.name,
        "breadcrumbs": operator_crumbs(filing),
        "filing": filing,
        "name": name,
        "page": page,
        "form": form,
        "problems": problems or [],
        "version": filing.record_version,
        **_beside(filing, name),
    }
    return render(request, "registry/filing/step.html", context, status=status)


def _beside(filing: Filing, name: str) -> dict[str, Any]:
    """What a step shows besides its words: the filed content, the changes that would be lost, the duties."""
    if name == "confirm_year":
        return _filed(filing)
    if name == "withdraw_change":
        accepted = filing.versions.get(number=filing.accepted_number)
        changed = differences(accepted.content, snapshot(CaseFile(filing, today_here())))
        return {"lost": [{"label": row.label, "old": row.after, "new": row.before} for row in changed]}
    if name in {"suspend", "request_closure"}:
        return {"duties": duties(filing.closures.filter(withdrawn=False, final=name == "request_closure").first())}
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
