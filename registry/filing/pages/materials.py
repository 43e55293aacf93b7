"""Materials of a filing as pages: what is needed and why, photographs and PDFs page by page, details, former versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.files.intake import MAX_BYTES
from yancheng_childcare.problems import Problem, Rejected

from ...codes import filing as codes
from ...models import Filing
from ...rules.filing.materials import MATERIALS, MaterialSpec, kinds_for
from ...rules.filing.sections import MATERIALS as SECTION
from ..casefile import CaseFile
from ..drafts import open_items, require_editable
from ..materials import MAX_FILES, add_page, drop_material, known_spec, remove_page, set_details
from .lookup import operator_crumbs, own_filing
from .material_rows import DETAILS, DetailsForm, details_of, note_former_uses, page_rows, state_of


def _closed_words(filing: Filing, opened: frozenset[str]) -> str:
    if opened:
        return "本次只能修改告知书列出的材料，其他材料保持上次提交的样子。"
    return f"备案当前为“{filing.get_status_display()}”，材料只能查看，不能修改。"


def closed_because(filing: Filing, item: str, actor: Any) -> str:
    """Why this item cannot be edited now; "" when it can."""
    try:
        require_editable(filing, item, actor)
    except Rejected as rejected:
        return rejected.problems[0].message
    return ""


def _card(spec: MaterialSpec, case: CaseFile, opened: frozenset[str] | None, wanted: bool) -> dict[str, Any]:
    found = case.materials.get(spec.code)
    light, word = state_of(spec, found, case.today, wanted)
    return {
        "spec": spec,
        "material": found,
        "pages": len(found.pages.all()) if found else 0,
        "light": light,
        "word": word,
        "open": opened is None or spec.code in opened,
        "asked": opened is not None and spec.code in opened,
        "url": reverse("filing:material", args=[case.filing.no, spec.code]),
    }


@require_GET
def material_list(request: HttpRequest, no: str) -> HttpResponse:
    """One card per needed material, the optional ones folded away; how many are there already."""
    filing = own_filing(request, no)
    case = CaseFile(filing, today_here())
    opened = open_items(filing)
    needed = {spec.code for spec in case.wanted}
    others = [spec for spec in MATERIALS if filing.regime in spec.regimes and spec.code not in needed]
    optional = [_card(spec, case, opened, False) for spec in others]
    context = {
        "heading": SECTION.title,
        "lead": SECTION.lead,
        "breadcrumbs": operator_crumbs(filing),
        "filing": filing,
        "cards": [_card(spec, case, opened, True) for spec in case.wanted],
        "given": [card for card in optional if card["pages"] or card["asked"]],
        "optional": [card for card in optional if not card["pages"] and not card["asked"]],
        "need": len(case.wanted),
        "have": len(case.wanted) - len(case.missing),
        "missing": len(case.missing),
        "closed": "" if opened is None else _closed_words(filing, opened),
    }
    return render(request, "registry/filing/materials.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def material(request: HttpRequest, no: str, code: str) -> HttpResponse:
    """One material: hand in files, see and remove them, fill in its details, see what was handed in before."""
    filing = own_filing(request, no)
    spec = known_spec(code)
    if request.method == "POST":
        action = request.POST.get("action", "upload")
        if action == "details":
            return _save_details(request, filing, spec)
        if action == "drop":
            drop_material(filing, code, actor=request.user)
            messages.success(request, f"已撤下“{spec.name}”。")
            return redirect("filing:materials", no=no)
        if request.headers.get("X-Upload"):
            return _one_file(request, filing, spec)
        return _upload(request, filing, spec)
    return _page(request, filing, spec)


def _page(
    request: HttpRequest,
    filing: Filing,
    spec: MaterialSpec,
    *,
    problems: list[Problem] | None = None,
    typed: Mapping[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    case = CaseFile(filing, today_here())
    found = case.materials.get(spec.code)
    wanted = spec.code in {row.code for row in case.wanted}
    light, word = state_of(spec, found, case.today, wanted)
    kinds = kinds_for(spec, case.facts(people=False, materials=False))
    form = DetailsForm(typed, initial=_known(case, spec, found, kinds), spec=spec, kinds=kinds)
    form.full_clean()
    pages = page_rows(found)
    note_former_uses(filing, spec.code, pages)
    former = filing.materials.filter(code=spec.code, replaced_at__isnull=False).prefetch_related("pages__file")
    context = {
        "heading": spec.name,
        "lead": spec.why,
        "status_light": light,
        "status_word": word,
        "breadcrumbs": [
            *operator_crumbs(filing),
            {"label": SECTION.title, "url": reverse("filing:materials", args=[filing.no])},
        ],
        "filing": filing,
        "spec": spec,
        "wanted": wanted,
        "material": found,
        "pages": pages,
        "form": form,
        "summary_form": form if typed is not None else "",
        "kind_word": dict(spec.kinds).get(found.kind, "") if found else "",
        "problems": problems or [],
        "versions": [{"material": row, "pages": page_rows(row)} for row in former.order_by("-version")],
        "closed": closed_because(filing, spec.code, request.user),
        "room": MAX_FILES - len(pages),
        "max_bytes": MAX_BYTES,
        "about": [
            {"label": "由谁出具", "value": spec.issuer},
            {"label": "到哪里办", "value": spec.office},
            {"label": "要求", "value": spec.sample},
            {"label": "有效期", "value": spec.validity_text},
        ],
        "today": case.today,
    }
    return render(request, "registry/filing/material.html", context, status=status)


def _known(case: CaseFile, spec: MaterialSpec, found: Any, kinds: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """The details as saved; what registration and answers say already is filled in, to be saved with the rest."""
    details = details_of(found)
    ends = {"M01_LICENSE": case.filing.institution.valid_to, "M02_PREMISES": case.value("premises", "lease_to")}
    if found is not None and not details["valid_to"] and ends.get(spec.code):
        details["valid_to"] = str(ends[spec.code])
    if found is not None and not details["kind"] and len(kinds) == 1:
        details["kind"] = kinds[0][0]
    return details


def _sent_files(request: HttpRequest) -> list[Any]:
    """What was chosen, from the list of files and from the camera."""
    return [*request.FILES.getlist("files"), *request.FILES.getlist("camera")]


def _upload(request: HttpRequest, filing: Filing, spec: MaterialSpec) -> HttpResponse:
    """Take several files at once: the good ones are kept, each refused one is named with its reason."""
    require_editable(filing, spec.code, request.user)
    sent = _sent_files(request)
    if not sent:
        words = "请先选择文件，或者拍照，再点“上传”。"
        problem = Problem(codes.MATERIAL_NO_PAGES, "files", words)
        return _page(request, filing, spec, problems=[problem], status=422)
    kept, again, problems = 0, 0, []
    for file in sent:
        try:
            add_page(filing, spec.code, uploaded=file, actor=request.user)
            kept += 1
        except Rejected as rejected:
            if rejected.status in {403, 404} or rejected.code == codes.SECTION_LOCKED:
                raise
            if rejected.code == codes.MATERIAL_PAGE_TWICE:
                again += 1
                continue
            problems += [_named(file, p) for p in rejected.problems]
    said = _counted(kept, again)
    if problems:
        if said:
            messages.success(request, f"{said}，有 {len(problems)} 个没有收下。")
        return _page(request, filing, spec, problems=problems, status=422)
    messages.success(request, f"{said}。")
    return redirect(f"{reverse('filing:material', args=[filing.no, spec.code])}#pages")


def _counted(kept: int, again: int) -> str:
    parts = [f"已上传 {kept} 个文件"] if kept else []
    return "，".join([*parts, f"{again} 个文件已经在这份材料里，没有重复添加"] if again else parts)


def _named(file: Any, problem: Problem) -> Problem:
    """The reason with the name of the file it is about."""
    name = "".join(c for c in str(getattr(file, "name", "") or "未命名") if c.isprintable())[:100]
    return Problem(problem.code, "files", f"{name}：{problem.message}", problem.level, problem.clause)


def _one_file(request: HttpRequest, filing: Filing, spec: MaterialSpec) -> JsonResponse:
    """The answer to one file sent by static/js/upload.js: kept, or why not. A repeated file counts as kept."""
    try:
        sent = _sent_files(request)
        if len(sent) != 1:
            raise Rejected(Problem(codes.MATERIAL_NO_PAGES, "files", "没有收到文件，请重新选择。"))
        add_page(filing, spec.code, uploaded=sent[0], actor=request.user)
    except Rejected as rejected:
        if rejected.code != codes.MATERIAL_PAGE_TWICE:
            first = rejected.problems[0]
            return JsonResponse({"code": first.code, "message": first.message}, status=rejected.status)
        return JsonResponse({"message": "已经在这份材料里，没有重复添加"})
    return JsonResponse({"message": "已上传"})


def _save_details(request: HttpRequest, filing: Filing, spec: MaterialSpec) -> HttpResponse:
    typed = {name: request.POST.get(name, "") for name in DETAILS}
    try:
        saved = set_details(filing, spec.code, details=typed, actor=request.user)
    except Rejected as rejected:
        if rejected.status != 422:
            raise
        return _page(request, filing, spec, problems=rejected.problems, typed=request.POST, status=422)
    until = f"，有效期至 {saved.valid_to}" if saved.valid_to else ""
    messages.success(request, f"材料信息已保存{until}。")
    return redirect("filing:material", no=filing.no, code=spec.code)


@require_POST
def remove(request: HttpRequest, no: str, code: str, page: int) -> HttpResponse:
    """Take one file out; what was handed in before stays as it was."""
    filing = own_filing(request, no)
    remove_page(filing, code, page=page, actor=request.user)
    messages.success(request, "已移除 1 个文件。")
    return redirect(f"{reverse('filing:material', args=[no, code])}#pages")
