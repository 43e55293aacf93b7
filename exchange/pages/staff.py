"""What administrators enter for the exchange on pages of their own: hosts for departments, keys for their integrators."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods

from yancheng_childcare import secret_once
from yancheng_childcare.filters import search

from ..allow_list import outside_network
from ..clients import issue_key
from ..filters import ApprovedFilter
from ..hosts import end_host, propose_host
from ..models import AllowedTarget, Endpoint
from ..staff_forms import HostForm, KeyProposalForm
from .endpoints import crumbs
from .keys import SLOT

HOSTS = "允许推送的目标"
MOST = 300


class HostFilter(ApprovedFilter):
    """The list of hosts: by a part of the host or of the department's name, and by what is still to be approved."""

    q = search("主机或部门", "host__icontains", "department__name__contains")


@require_GET
def hosts(request: HttpRequest) -> HttpResponse:
    """Every host by department. Queries: rows, those that count."""
    rows = AllowedTarget.objects.select_related("department", "granted_by", "approved_by")
    narrowed = HostFilter(request.GET, rows.order_by("department", "host", "port"))
    found = list(narrowed.qs[:MOST])
    counting = set(AllowedTarget.objects.in_force().values_list("pk", flat=True))
    context = {
        "heading": HOSTS,
        "lead": "各部门的推送只能发往这里登记的主机。一名管理员登记，另一名管理员批准后生效。",
        "breadcrumbs": crumbs(),
        "actions": [{"text": "登记目标", "url": reverse("exchange:host-propose"), "icon_name": "plus"}],
        "filter": narrowed.form,
        "narrowed": narrowed.narrowed,
        "rows": [{"host": row, "counts": row.pk in counting} for row in found],
    }
    return render(request, "exchange/hosts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest) -> HttpResponse:
    """A host for a department, with its reason; another administrator approves it."""
    form = HostForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        row = propose_host(form.save(commit=False), actor=request.user)
        messages.success(request, "已登记，须由另一名管理员批准后生效。")
        if words := outside_network(row):
            messages.warning(request, words)
        return redirect("exchange:hosts")
    context = {
        "heading": "登记允许推送的目标",
        "breadcrumbs": crumbs((HOSTS, reverse("exchange:hosts"))),
        "consequence": "批准后，这个部门的对接人可以把推送地址设在这台主机上。请先核实主机确属该部门。",
        "form": form,
        "confirm_text": "登记，等待批准",
        "cancel_url": reverse("exchange:hosts"),
    }
    return render(request, "exchange/confirm.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """No push goes there any more, at once."""
    row = get_object_or_404(AllowedTarget.objects.select_related("department"), pk=pk)
    if request.method == "POST":
        words = str(row)
        end_host(row, actor=request.user)
        messages.success(request, f"已结束“{words}”，不再向它推送。")
        return redirect("exchange:hosts")
    near = Endpoint.objects.filter(department=row.department_id, url__icontains=f"//{row.host}")
    context = {
        "heading": "结束允许推送的目标",
        "breadcrumbs": crumbs((HOSTS, reverse("exchange:hosts"))),
        "consequence": "即刻生效，不用另一人批准。地址在这台主机上的端点推送不出去，登记信息留着等待，重新登记并批准后接着推送。",
        "rows": [
            {"label": "目标", "value": str(row)},
            {"label": "部门", "value": row.department.name},
            {"label": "依据", "value": row.reason},
            {"label": "用到它的端点", "value": "、".join(near.values_list("name", flat=True)) or "没有"},
        ],
        "confirm_text": "即刻结束",
        "cancel_url": reverse("exchange:hosts"),
        "danger": True,
    }
    return render(request, "exchange/confirm.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("key")
def propose_key(request: HttpRequest) -> HttpResponse:
    """A key for a department's integrator: shown once to the administrator, works when another person approved it."""
    form = KeyProposalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        duty = form.cleaned_data["duty"]
        _, key = issue_key(
            user=duty.user, name=form.cleaned_data["name"], actor=request.user, department=duty.department
        )
        secret_once.keep(request, SLOT, key, "密钥已建立，待另一人批准")
        return redirect("exchange:keys")
    context = {
        "heading": "为对接人新建接口密钥",
        "breadcrumbs": crumbs(("接口密钥", reverse("exchange:keys"))),
        "consequence": "密钥以使用人的职责行事，只显示一次，由您转交。须由本部门另一名对接人或另一名管理员批准后才能使用，"
        "并告知使用人。对接人能自己新建的，请本人新建。",
        "form": form,
        "confirm_text": "新建密钥并显示",
        "cancel_url": reverse("exchange:keys"),
    }
    return render(request, "exchange/confirm.html", context, status=422 if form.errors else 200)
