"""The pledge as a page: its text with what it excepts, an explanation of each point, the signature."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.problems import Rejected

from ...registration.forms import RawForm
from ...rules.filing.catalogue import Finding
from ...rules.filing.sections import PLEDGE
from ..casefile import DONE, NOT_YET, CaseFile
from ..drafts import require_editable
from ..pledge import AUTHORITY, CAPACITIES, LONGEST, sign_pledge, who_may_sign
from .lookup import operator_crumbs, own_filing
from .section_form import answer_url

EXPLAIN = "explain-"


class PledgeForm(RawForm):
    """An explanation for each point that does not conform, a tick and the typed name (product.md C3)."""

    agreed = forms.BooleanField(label="我已阅读并承诺以上各项", required=False)
    signed_name = forms.CharField(
        label="签署人姓名", max_length=50, widget=forms.TextInput(attrs={"autocomplete": "name", "maxlength": 70})
    )
    authorised = forms.BooleanField(
        label="受委托签署（签署人不是法定代表人或机构负责人，已上传授权委托书）", required=False
    )

    def __init__(self, *args: Any, exceptions: Iterable[Finding], signers: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["signed_name"].help_text = f"由{signers}签署"
        for finding in exceptions:
            self.fields[EXPLAIN + finding.id] = forms.CharField(
                label=f"说明：{finding.rule.title}",
                max_length=LONGEST,
                help_text=f"{finding.message}。写明原因和准备怎么改、什么时候改好；审查人员会看到",
                widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off", "maxlength": LONGEST + 20}),
            )
        self.order_fields([*(name for name in self.fields if name.startswith(EXPLAIN)), "agreed", "signed_name"])

    def explained(self) -> dict[str, str]:
        """The explanations by rule."""
        return {
            name.removeprefix(EXPLAIN): str(value or "")
            for name, value in self.cleaned_data.items()
            if name.startswith(EXPLAIN)
        }


@require_http_methods(["GET", "HEAD", "POST"])
def pledge(request: HttpRequest, no: str) -> HttpResponse:
    """The text of the pledge; signed once everything before it is there, and anew as often as wanted until it is handed in."""
    filing = own_filing(request, no)
    require_editable(filing, PLEDGE.name, request.user)
    file = CaseFile(filing, today_here())
    task, row, problems = file.tasks[-1], file.rows.get(PLEDGE.name), []
    kept = row.data if row else {}
    form = PledgeForm(
        request.POST if request.method == "POST" else None,
        exceptions=file.exceptions,
        signers=who_may_sign(file),
        initial={EXPLAIN + said["id"]: said["text"] for said in kept.get("explained", [])},
    )
    form.full_clean()
    if request.method == "POST" and task.state != NOT_YET:
        name, data = str(form.cleaned_data.get("signed_name") or ""), form.cleaned_data
        try:
            sign_pledge(
                filing,
                name=name,
                agreed=bool(data.get("agreed")),
                authorised=bool(data.get("authorised")),
                explained=form.explained(),
                actor=request.user,
            )
        except Rejected as rejected:
            if rejected.status != 422:
                raise
            problems = rejected.problems
        else:
            messages.success(request, "承诺书已签署。核对无误后就可以提交。")
            return redirect("filing:check", no=no)
    signed = kept if task.state == DONE else None
    context = {
        "heading": PLEDGE.title,
        "lead": filing.institution.name,
        "breadcrumbs": operator_crumbs(filing),
        "filing": filing,
        "form": form,
        "problems": problems,
        "waiting": [t for t in file.tasks[:-1] if t.state != DONE] if task.state == NOT_YET else [],
        "stops": [
            {
                "title": f.rule.title,
                "text": f.message + file.names_behind(f),
                "url": answer_url(filing, f.section, f.field),
            }
            for f in file.stops
        ],
        "not_yet": task.state == NOT_YET,
        "signed": signed,
        "signed_as": CAPACITIES.get(kept.get("signed_as", ""), ""),
        "exceptions": kept.get("explained", []) if signed else [{"message": f.message} for f in file.exceptions],
        "outdated": bool(row and not signed),
        "version": settings.PLEDGE_VERSION,
        "authority_url": answer_url(filing, "materials", AUTHORITY),
    }
    return render(request, "registry/filing/pledge.html", context, status=422 if problems else 200)
