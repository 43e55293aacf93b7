"""One section of a filing: what was typed is always kept, what is wrong is said beside the field, nobody is overwritten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.problems import Rejected

from ...codes import filing as codes
from ...models import Filing, FilingSection
from ...rules.filing.answers import is_empty, shown_answer
from ...rules.filing.catalogue import Finding
from ...rules.filing.sections import BY_NAME, MATERIALS, PEOPLE, PLEDGE, SECTIONS, FieldSpec, SectionSpec
from ..casefile import CaseFile, unsealed
from ..drafts import require_editable, save_section
from .class_rows import class_cards
from .lookup import expected_version, operator_crumbs, own_filing
from .section_form import AnswersForm, note_of, notes_by_field, problem_note

# Where the tasks without a form of their own are done.
ELSEWHERE = {PEOPLE.name: "people:list", MATERIALS.name: "filing:materials", PLEDGE.name: "filing:pledge"}


@require_http_methods(["GET", "HEAD", "POST"])
def section(request: HttpRequest, no: str, name: str) -> HttpResponse:
    """GET shows the saved answers with the findings of the rules; POST keeps what was typed, right or wrong.

    Queries: the case, its sections, waivers, switches (and materials where a rule of this section looks at them).
    """
    filing = own_filing(request, no)
    spec = BY_NAME.get(name)
    if spec is None:
        raise Http404
    if not spec.fields:
        return redirect(reverse(ELSEWHERE[name], args=[] if name == PEOPLE.name else [no]))
    if request.method == "POST":
        return _save(request, filing, spec)
    case = CaseFile(filing, today_here())
    if words := closed_words(filing, name, request.user):
        return _read_only(request, case, spec, words)
    return _page(request, case, spec)


def closed_words(filing: Filing, name: str, user: Any) -> str:
    """Why this section cannot be edited now; "" when it can."""
    try:
        require_editable(filing, name, user)
    except Rejected as rejected:
        return rejected.problems[0].message
    return ""


def by_script(request: HttpRequest) -> bool:
    """Sent by static/js/autosave.js or htmx: the answer is data, not a page."""
    return "X-Autosave" in request.headers or "HX-Request" in request.headers


def place_of(spec: SectionSpec) -> tuple[int, SectionSpec | None]:
    """The number of a step in the task list, and the step after it."""
    index = SECTIONS.index(spec)
    return index + 1, SECTIONS[index + 1] if index + 1 < len(SECTIONS) else None


def _page(request: HttpRequest, case: CaseFile, spec: SectionSpec) -> HttpResponse:
    filing, answers, row = case.filing, case.answers.get(spec.name, {}), case.rows.get(spec.name)
    form = AnswersForm(initial=answers, specs=spec.fields)
    findings = case.findings_of(spec.name)
    number, follows = place_of(spec)
    context = {
        "heading": spec.title,
        "lead": spec.lead,
        "breadcrumbs": operator_crumbs(filing),
        "filing": filing,
        "section": spec,
        "number": number,
        "count": len(SECTIONS),
        "follows": follows,
        "rows": form.rows(_notes(case, spec, findings)),
        "version": row.version if row else 0,
        "saved": row,
        "general": [note_of(f) for f in findings if f.verdict == "FAIL" and spec.field_named(f.field) is None],
        "facts": _registered(filing) if spec.name == "basics" else [],
        "classes": class_cards(case) if spec.name == "classes" else None,
    }
    return render(request, "registry/filing/section.html", context)


def _notes(case: CaseFile, spec: SectionSpec, findings: list[Finding]) -> dict[str, list[dict[str, Any]]]:
    """What cannot be read as typed, then what the rules say; what is merely missing is counted, not shouted."""
    found: dict[str, list[dict[str, Any]]] = {}
    for problem in case.read[spec.name][1]:
        if problem.code != codes.FILING_REQUIRED and spec.field_named(problem.field):
            found.setdefault(problem.field, []).append(problem_note(problem))
    for name, notes in notes_by_field(findings).items():
        found.setdefault(name, []).extend(notes)
    return found


def _registered(filing: Filing) -> list[dict[str, Any]]:
    """What the registration says: shown, never asked again (product.md C3, no. 1)."""
    institution = filing.institution
    return [
        {"label": "机构名称", "value": institution.name},
        {"label": "统一社会信用代码", "value": institution.uscc},
        {"label": "机构性质", "value": institution.get_nature_display()},
        {"label": "住所", "value": institution.registered_address},
        {"label": "法定代表人（负责人）", "value": institution.legal_rep_name},
    ]


def _read_only(request: HttpRequest, case: CaseFile, spec: SectionSpec, words: str) -> HttpResponse:
    answers = case.answers.get(spec.name, {})
    context = {
        "heading": spec.title,
        "breadcrumbs": operator_crumbs(case.filing),
        "filing": case.filing,
        "section": spec,
        "closed": words,
        "answers": [
            {"label": field.label, "value": shown_answer(field, answers.get(field.name))}
            for field in spec.fields
            if field.asked(answers)
        ],
        "classes": class_cards(case) if spec.name == "classes" else None,
    }
    return render(request, "registry/filing/section.html", context)


def _save(request: HttpRequest, filing: Filing, spec: SectionSpec) -> HttpResponse:
    typed = AnswersForm(request.POST, specs=spec.fields).typed()
    seen = expected_version(request.POST.get("record_version"))
    try:
        row = save_section(filing, spec.name, answers=typed, expected_version=seen, actor=request.user)
    except Rejected as rejected:
        if rejected.code != codes.SECTION_STALE:
            if by_script(request):
                return refused(rejected)
            raise
        current = filing.sections.select_related("saved_by").filter(name=spec.name).first()
        other = Conflict(filing, spec.title, current, texts_of(spec.fields, typed, answers_of(current)))
        if other.same:  # the other save said the same: nothing to choose
            return _saved(request, filing, spec, current)
        if by_script(request):
            return refused(rejected)
        back = reverse("filing:section", args=[filing.no, spec.name])
        return other.page(request, action=back, typed=typed, theirs_url=back, words=rejected.problems[0].message)
    return _saved(request, filing, spec, row)


def _saved(request: HttpRequest, filing: Filing, spec: SectionSpec, row: FilingSection | None) -> HttpResponse:
    version = row.version if row else 0
    if by_script(request):
        case = CaseFile(filing, today_here())
        notes = _notes(case, spec, case.findings_of(spec.name))
        return kept(version, {field.name: notes.get(field.name, []) for field in spec.fields})
    messages.success(request, f"“{spec.title}”已保存。")
    follows = place_of(spec)[1]
    if "next" in request.POST:
        return redirect("filing:section", no=filing.no, name=follows.name if follows else PLEDGE.name)
    return redirect("filing:case", no=filing.no)


def kept(version: int, notes: Mapping[str, list[dict[str, Any]]], **fields: str) -> JsonResponse:
    """The answer to an automatic save: new version, time, what to write beside each field, hidden fields to set."""
    drawn = {
        name: render_to_string("registry/filing/section_notes.html", {"notes": found}) for name, found in notes.items()
    }
    wrong = sum(note["light"] in {"red", "yellow"} for found in notes.values() for note in found)
    said = f"已自动保存 {timezone.localtime():%H:%M}" + (f"，有 {wrong} 处要留意" if wrong else "")
    return JsonResponse({"said": said, "set": {"record_version": str(version), **fields}, "notes": drawn})


def refused(rejected: Rejected) -> JsonResponse:
    """An automatic save that was not taken: the words to show; what was typed stays on the page."""
    more = "点页面下方的保存按钮，就能对照。" if rejected.code == codes.SECTION_STALE else ""
    return JsonResponse({"said": rejected.problems[0].message + more, "code": rejected.code}, status=rejected.status)


def answers_of(row: FilingSection | None) -> dict[str, Any]:
    """Everything a saved section says, personal answers included."""
    return {**row.data, **unsealed(row)} if row else {}


def texts_of(fields: tuple[FieldSpec, ...], mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[dict[str, str]]:
    """Both texts of every field that differs, as they are read on screen."""
    return [
        {
            "label": spec.label,
            "old": shown_answer(spec, theirs.get(spec.name)),
            "new": shown_answer(spec, mine.get(spec.name)),
        }
        for spec in fields
        if mine.get(spec.name) != theirs.get(spec.name)
        and not (is_empty(mine.get(spec.name)) and is_empty(theirs.get(spec.name)))
    ]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two persons saved the same thing: both texts, and the way to keep either."""

    filing: Filing
    title: str
    current: FilingSection | None
    rows: list[dict[str, str]]

    @property
    def same(self) -> bool:
        """Both said the same."""
        return not self.rows

    def page(
        self, request: HttpRequest, *, action: str, typed: Mapping[str, Any], theirs_url: str, words: str, **extra: str
    ) -> HttpResponse:
        """Both texts side by side (409). Mine is sent again with the new version; theirs is what is saved already."""
        pairs = [(name, one) for name, v in typed.items() for one in (v if isinstance(v, list) else [v])]
        version = self.current.version if self.current else 0
        context = {
            "heading": "这一栏已被他人更新",
            "lead": self.title,
            "breadcrumbs": operator_crumbs(self.filing),
            "filing": self.filing,
            "words": words,
            "rows": self.rows,
            "action": action,
            "theirs_url": theirs_url,
            "hidden": [*pairs, ("record_version", version), *extra.items()],
        }
        return render(request, "registry/filing/section_conflict.html", context, status=409)
