"""变更登记 in two steps: fill in, then check old against new; a colleague's newer version is never overwritten unseen."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from yancheng_childcare.models import StoredFile
from yancheng_childcare.problems import Problem, Rejected, blocking

from ...models import Institution
from ..checks import full_check
from ..fields import CHANGEABLE, PERSONAL, current_values, typed
from ..forms import RegistrationForm, label_of
from ..guards import merged
from ..services import change_institution
from .history import display
from .lookup import own_institution
from .uploads import keep_certificate, kept_certificate


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, uscc: str) -> HttpResponse:
    """Fill in → check (what blocks comes back to the form) → submit; 412 shows both versions side by side."""
    found = own_institution(request, uscc, "change")
    if request.method != "POST":
        form = RegistrationForm(initial=_initial(found), departments=[found.registry_org], change=True)
        return _form_page(request, found, form, found.record_version)
    return _Submission(request, found).answer()


def _initial(found: Institution) -> dict[str, Any]:
    """What the form begins with: everything but the personal numbers, which stay out of the page."""
    values = {name: value for name, value in current_values(found).items() if name not in PERSONAL}
    capital = f"{values['registered_capital'].normalize():f}"
    days = {name: value.isoformat() for name, value in values.items() if hasattr(value, "isoformat")}
    return {**values, **days, "registered_capital": capital, "registry_org_id": found.registry_org_id}


def _form_page(
    request: HttpRequest,
    found: Institution,
    form: RegistrationForm,
    version: int,
    *,
    problems: list[Problem] | None = None,
    certificate: StoredFile | None = None,
) -> HttpResponse:
    context = {
        **_frame(found, "变更登记"),
        "lead": "修改与新证照不同的项目，其余保持不变。下一步核对后才提交。",
        "form": form,
        "version": version,
        "problems": problems or [],
        "certificate": certificate,
    }
    return render(request, "registry/registration/change.html", context, status=422 if problems else 200)


def _frame(found: Institution, heading: str) -> dict[str, Any]:
    return {
        "heading": heading,
        "breadcrumbs": [
            {"label": "机构登记", "url": reverse("registry:list")},
            {"label": found.name, "url": reverse("registry:detail", args=[found.uscc])},
        ],
        "institution": found,
    }


class _Submission:
    """One posted form: what was typed, against which version, and which page answers it."""

    def __init__(self, request: HttpRequest, found: Institution):
        self.request, self.found = request, found
        self.form = RegistrationForm(request.POST, request.FILES, departments=[found.registry_org], change=True)
        self.form.full_clean()
        text = request.POST.get("record_version", "")
        self.version = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
        self.certificate = kept_certificate(request.POST.get("certificate_id"), actor=request.user)

    def answer(self) -> HttpResponse:
        """The page this submission leads to."""
        if "back" in self.request.POST:
            return _form_page(self.request, self.found, self.form, self.version, certificate=self.certificate)
        problems: list[Problem] = []
        if upload := self.request.FILES.get("certificate"):
            try:
                self.certificate = keep_certificate(upload, actor=self.request.user, department=self.found.registry_org)
            except Rejected as rejected:
                problems += rejected.problems
        entered = {
            name: value
            for name, value in self.form.entered().items()
            if name in CHANGEABLE and not (name in PERSONAL and not value.strip())
        }
        checked = full_check(merged(self.found, entered), registry_org=self.found.registry_org)
        if stop := [*problems, *blocking(checked)]:
            shown = [*problems, *checked] if stop else checked
            return self._form(shown)
        now, wanted = current_values(self.found), typed(entered)
        changes = {name: value for name, value in wanted.items() if now[name] != value}
        if not changes and self.certificate is None:
            if self.version != self.found.record_version and "confirm" in self.request.POST:
                return self._saved_already()
            return self._form([Problem("REG-508", "", "没有发现任何改动。请修改需要变更的项目后再提交。")])
        if self.version != self.found.record_version:
            return self._conflict(changes)
        if "confirm" not in self.request.POST:
            return self._check(changes, [p for p in checked if p.level == "WARN"])
        return self._submit(changes)

    def _form(self, problems: list[Problem]) -> HttpResponse:
        return _form_page(
            self.request, self.found, self.form, self.version, problems=problems, certificate=self.certificate
        )

    def _submit(self, changes: dict[str, Any]) -> HttpResponse:
        try:
            saved = change_institution(
                self.found,
                changes=changes,
                actor=self.request.user,
                expected_version=self.version,
                certificate=self.certificate,
            )
        except Rejected as rejected:
            if rejected.status == 412:  # a colleague was faster between our read and our write
                self.found = own_institution(self.request, self.found.uscc, "change")
                return self._conflict(changes)
            return self._form(rejected.problems)
        remark = f"，有 {len(saved.warnings)} 条提示" if saved.warnings else ""
        messages.success(self.request, f"变更已保存为第 {saved.record_version} 版{remark}，正在推送。")
        return redirect("registry:detail", uscc=saved.uscc)

    def _saved_already(self) -> HttpResponse:
        messages.info(self.request, "登记内容与您提交的一致，没有重复变更。")
        return redirect("registry:detail", uscc=self.found.uscc)

    def _check(self, changes: dict[str, Any], remarks: list[Problem]) -> HttpResponse:
        context = {
            **_frame(self.found, "核对变更内容"),
            "lead": "确认无误后提交。提交后立即推送卫生健康部门和公安机关。",
            "rows": self._rows(changes),
            "hidden": self._hidden(),
            "problems": remarks,
            "confirm_text": f"提交变更（{len(changes) + (self.certificate is not None)} 项）",
        }
        return render(self.request, "registry/registration/change_check.html", context)

    def _conflict(self, changes: dict[str, Any]) -> HttpResponse:
        context = {
            **_frame(self.found, "登记已被他人更新"),
            "rows": self._rows(changes),
            "hidden": self._hidden(self.found.record_version),
            "seen": self.version,
        }
        return render(self.request, "registry/registration/change_conflict.html", context, status=412)

    def _rows(self, changes: dict[str, Any]) -> list[dict[str, str]]:
        now = current_values(self.found)
        rows = [
            {
                "label": label_of(name),
                "old": display(name, now[name]),
                "new": "填写了新号码" if name == "legal_rep_id_no" else display(name, value),
            }
            for name, value in changes.items()
        ]
        if self.certificate is not None:
            old = self.found.certificate_file.original_name if self.found.certificate_file else ""
            rows.append({"label": "证照扫描件", "old": old, "new": self.certificate.original_name})
        return rows

    def _hidden(self, version: int | None = None) -> list[tuple[str, str]]:
        """Everything typed, to be sent again by the next step; the upload as its key."""
        typed_again = [
            (name, str(self.form.cleaned_data.get(name) or ""))
            for name in self.form.fields
            if name not in {"certificate", "certificate_id"}
        ]
        key = str(self.certificate.pk) if self.certificate else ""
        return [*typed_again, ("certificate_id", key), ("record_version", str(version or self.version))]
