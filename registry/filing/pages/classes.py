"""One class of a filing on a page of its own: added, changed or taken out inside the answers of the section "classes"."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.problems import Problem, Rejected

from ...codes import filing as codes
from ...models import Filing
from ...rules.filing.answers import is_empty, read_class
from ...rules.filing.catalogue import rule_of
from ...rules.filing.sections import CLASS_FIELDS, CLASSES, MAX_CLASSES
from ..casefile import CaseFile
from ..drafts import require_editable, save_section
from .class_rows import carers_for, class_notes, class_words, classes_of
from .lookup import expected_version, operator_crumbs, own_filing
from .section_form import ROOMS, AnswersForm
from .sections import Conflict, answers_of, by_script, kept, refused, texts_of

PLAIN = tuple(spec.name for spec in CLASS_FIELDS if spec.name not in ROOMS)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_class(request: HttpRequest, no: str, number: int) -> HttpResponse:
    """The class with this number, counted from 1; the number after the last adds one; `?delete=1` asks before it goes.

    Queries: the case, its sections, waivers, switches.
    """
    filing = own_filing(request, no)
    if number < 1:
        raise Http404
    if request.method == "POST":
        return _Edit(request, filing, number).answer()
    require_editable(filing, CLASSES.name, request.user)
    case = CaseFile(filing, today_here())
    rows = classes_of(case.answers.get(CLASSES.name, {}))
    if number > len(rows) + 1 or number > MAX_CLASSES:
        raise Http404
    saved = case.rows.get(CLASSES.name)
    version = saved.version if saved else 0
    if "delete" in request.GET and number <= len(rows):
        return _ask_before_deleting(request, filing, number, rows[number - 1], version)
    return _page(request, case, number, rows[number - 1] if number <= len(rows) else None, version)


def _page(
    request: HttpRequest,
    case: CaseFile,
    number: int,
    row: dict[str, Any] | None,
    version: int,
    *,
    problems: list[Problem] | None = None,
) -> HttpResponse:
    filing = case.filing
    found: list[Problem] = []
    values = read_class(row or {}, found)
    notes = class_notes(case, values, found) if row else {}
    form = AnswersForm(initial=row or {}, specs=CLASS_FIELDS)
    name = str((row or {}).get("class_name") or "").strip()
    rooms = form.rows(notes, *ROOMS)
    context = {
        "heading": f"第 {number} 个班" + (f"：{name}" if name else "") if row else "添加一个班",
        "lead": "" if row else "只写这一个班的情况；写不全也可以先保存。",
        "breadcrumbs": [
            *operator_crumbs(filing),
            {"label": CLASSES.title, "url": reverse("filing:section", args=[filing.no, CLASSES.name])},
        ],
        "filing": filing,
        "number": number,
        "is_new": row is None,
        "rows": form.rows(notes, *PLAIN),
        "rooms": rooms,
        "rooms_open": any(not is_empty((row or {}).get(name)) or notes.get(name) for name in ROOMS),
        "carers": carers_for(values, case.today),
        "carers_clause": rule_of("R-RAT-01", case.today).short_clause,
        "version": version,
        "form": form,
        "problems": problems or [],
        "last": number >= MAX_CLASSES,
    }
    return render(request, "registry/filing/class.html", context, status=422 if problems else 200)


def _ask_before_deleting(
    request: HttpRequest, filing: Filing, number: int, row: dict[str, Any], version: int
) -> HttpResponse:
    name = str(row.get("class_name") or "").strip() or f"第 {number} 个班"
    context = {
        "heading": f"删除{name}",
        "breadcrumbs": [
            *operator_crumbs(filing),
            {"label": CLASSES.title, "url": reverse("filing:section", args=[filing.no, CLASSES.name])},
        ],
        "filing": filing,
        "name": name,
        "words": class_words(row),
        "version": version,
        "action": reverse("filing:class", args=[filing.no, number]),
    }
    return render(request, "registry/filing/class_delete.html", context)


class _Edit:
    """One POST: the list of classes with this one replaced, added or taken out, saved against the version seen."""

    def __init__(self, request: HttpRequest, filing: Filing, number: int):
        self.request, self.filing, self.number = request, filing, number
        self.saved = filing.sections.select_related("saved_by").filter(name=CLASSES.name).first()
        self.rows = classes_of(answers_of(self.saved))
        self.typed = AnswersForm(request.POST, specs=CLASS_FIELDS).typed()

    def answer(self) -> HttpResponse:
        """Save and go on; both texts when somebody else saved meanwhile."""
        new = self.request.POST.get("new") == "1"
        deleting = self.request.POST.get("action") == "delete"
        if deleting:
            changed = [row for index, row in enumerate(self.rows, 1) if index != self.number]
        elif all(is_empty(value) for value in self.typed.values()):
            return self._nothing_typed()
        elif new or self.number > len(self.rows):
            changed = [*self.rows, self.typed]
        else:
            changed = [self.typed if index == self.number else row for index, row in enumerate(self.rows, 1)]
        if len(changed) > MAX_CLASSES:
            raise Rejected(Problem(codes.FILING_VALUE, "", f"一件备案最多 {MAX_CLASSES} 个班。"))
        try:
            row = save_section(
                self.filing,
                CLASSES.name,
                answers={"classes": changed},
                expected_version=expected_version(self.request.POST.get("record_version")),
                actor=self.request.user,
                merge=True,
            )
        except Rejected as rejected:
            if rejected.code == codes.SECTION_STALE:
                return self._stale(rejected, new=new, deleting=deleting)
            if by_script(self.request):
                return refused(rejected)
            raise
        return self._done(row.version, len(changed), deleting=deleting)

    def _nothing_typed(self) -> HttpResponse:
        words = "还没有填写这个班的任何内容。请至少填写班级名称。"
        problem = Problem(codes.FILING_REQUIRED, "class_name", words)
        if by_script(self.request):
            return refused(Rejected(problem))
        require_editable(self.filing, CLASSES.name, self.request.user)
        version = expected_version(self.request.POST.get("record_version"))
        return _page(self.request, CaseFile(self.filing, today_here()), self.number, None, version, problems=[problem])

    def _stale(self, rejected: Rejected, *, new: bool, deleting: bool) -> HttpResponse:
        section = reverse("filing:section", args=[self.filing.no, CLASSES.name])
        if deleting:
            messages.warning(self.request, "班级刚刚被改动过，没有删除。请核对最新内容后再删除。")
            return redirect(section)
        theirs = None if new or self.number > len(self.rows) else self.rows[self.number - 1]
        other = Conflict(
            self.filing,
            f"第 {self.number} 个班",
            self.saved,
            texts_of(CLASS_FIELDS, self.typed, theirs or {}),
        )
        if theirs is not None and other.same:
            return self._done(self.saved.version if self.saved else 0, len(self.rows), deleting=False)
        if by_script(self.request):
            return refused(rejected)
        # A class that is not there any more, or was to be added, is added after the last: nobody's class is replaced.
        target = len(self.rows) + 1 if theirs is None else self.number
        return other.page(
            self.request,
            action=reverse("filing:class", args=[self.filing.no, target]),
            typed=self.typed,
            theirs_url=section,
            words=rejected.problems[0].message,
            new="1" if theirs is None else "",
        )

    def _done(self, version: int, count: int, *, deleting: bool) -> HttpResponse:
        if by_script(self.request):
            case = CaseFile(self.filing, today_here())
            found: list[Problem] = []
            notes = class_notes(case, read_class(self.typed, found), found)
            return kept(version, {spec.name: notes.get(spec.name, []) for spec in CLASS_FIELDS}, new="")
        messages.success(self.request, "已删除这个班。" if deleting else "这个班已保存。")
        if "another" in self.request.POST and not deleting and count < MAX_CLASSES:
            return redirect("filing:class", no=self.filing.no, number=count + 1)
        return redirect("filing:section", no=self.filing.no, name=CLASSES.name)
