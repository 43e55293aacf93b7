"""Papers and training of a person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.files import keep_document
from yancheng_childcare.models import StoredFile
from yancheng_childcare.problems import Problem, Rejected

from ...choices import CredentialKind
from ...file_purposes import PERSON_PAPER
from ...models import Post
from ..forms import CredentialForm, TrainingForm
from ..services import VALID_MONTHS, add_credential, add_training, check_credential
from .lookup import crumbs, own_post, qualifying_kinds, wanted_kinds


@require_http_methods(["GET", "HEAD", "POST"])
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """First which paper, then what stands on it; the former one of the kind is kept as replaced."""
    post = own_post(request, pk)
    kind = request.POST.get("kind") or request.GET.get("kind") or ""
    if kind not in CredentialKind.values:
        return _kinds(request, post, wrong=bool(kind))
    held = _own_papers(post).select_related("file").filter(kind=kind).first()
    form = CredentialForm(request.POST or None, request.FILES or None, kind=kind, months=VALID_MONTHS.get(kind))
    form.full_clean()
    problems: list[Problem] = []
    file: StoredFile | None = None
    if request.method == "POST":
        file, problems = _take_file(request, post, form)
        try:
            problems += form.unanswered()
            if problems:
                raise Rejected([*problems, *check_credential(form.entered(), today=today_here())[1]])
            saved = add_credential(post, data=form.entered(), actor=request.user, file=file)
        except Rejected as rejected:
            if rejected.status != 422:
                raise
            problems = rejected.problems
        else:
            until = f"，有效期至 {saved.valid_to}" if saved.valid_to else ""
            messages.success(request, f"已登记{saved.get_kind_display()}{until}。")
            return redirect("people:detail", pk=pk)
    context = {
        "heading": f"{'更换' if held else '登记'}{CredentialKind(kind).label}",
        "lead": f"{post.name}，{post.get_role_display()}",
        "breadcrumbs": crumbs(post),
        "post": post,
        "kind": kind,
        "form": form,
        "problems": problems,
        "held": held,
        "file": file,
    }
    return render(request, "registry/people/paper.html", context, status=422 if problems else 200)


def _own_papers(post: Post) -> Any:
    """The current papers this institution entered: of those of others it sees and replaces none."""
    return post.person.credentials.current().filter(institution=post.institution_id)


def _take_file(request: HttpRequest, post: Post, form: CredentialForm) -> tuple[StoredFile | None, list[Problem]]:
    """The scan sent now, or the one sent a moment ago with a form that had mistakes."""
    if "file" not in form.fields:
        return None, []
    uploaded = request.FILES.get("file")
    if uploaded is None:
        return _sent_before(form.cleaned_data.get("file_id"), post, request.user), []
    institution: Any = post.institution
    try:
        kept = keep_document(
            uploaded, purpose=PERSON_PAPER, actor=request.user, uscc=institution.uscc, region=institution.region
        )
    except Rejected as rejected:
        return None, list(rejected.problems)
    return kept, []


def _sent_before(key: Any, post: Post, actor: Any) -> StoredFile | None:
    try:
        wanted = UUID(str(key))
    except ValueError:
        return None
    mine = StoredFile.objects.filter(uploaded_by=actor, purpose=PERSON_PAPER, uscc=post.institution.uscc)
    return mine.filter(pk=wanted).first()


def _kinds(request: HttpRequest, post: Post, *, wrong: bool) -> HttpResponse:
    """The kinds of papers, those of the post first."""
    first = [*wanted_kinds(post.role), *qualifying_kinds(post.role)]
    held = set(_own_papers(post).values_list("kind", flat=True))
    here = reverse("people:paper", args=[post.pk])
    rows = [
        {
            "label": CredentialKind(kind).label,
            "url": f"{here}?kind={kind}",
            "held": kind in held,
            "first": kind in first,
        }
        for kind in sorted(CredentialKind.values, key=lambda kind: first.index(kind) if kind in first else len(first))
    ]
    context = {
        "heading": "登记证件",
        "lead": f"{post.name}，{post.get_role_display()}。选择证件种类。",
        "breadcrumbs": crumbs(post),
        "post": post,
        "rows": rows,
        "problems": [Problem("PER-201", "", "没有这种证件，请从下面选择。")] if wrong else [],
    }
    return render(request, "registry/people/paper_kinds.html", context, status=422 if wrong else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def training(request: HttpRequest, pk: int) -> HttpResponse:
    """Hours of training."""
    post = own_post(request, pk)
    form = TrainingForm(request.POST or None)
    form.full_clean()
    problems: list[Problem] = []
    if request.method == "POST":
        try:
            saved = add_training(post, data=form.cleaned_data, actor=request.user)
        except Rejected as rejected:
            if rejected.status != 422:
                raise
            problems = rejected.problems
        else:
            messages.success(request, f"已登记“{saved.topic}”{saved.hours} 学时。")
            return redirect("people:detail", pk=pk)
    context = {
        "heading": "登记培训",
        "lead": f"{post.name}，{post.get_role_display()}",
        "breadcrumbs": crumbs(post),
        "post": post,
        "form": form,
        "problems": problems,
    }
    return render(request, "registry/people/training.html", context, status=422 if problems else 200)
