"""The desks of health and public security: who must still be filed, who must still be advised."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from exchange.models import Delivery, OutboxEvent, Receipt
from exchange.receipts import accept_receipt
from yancheng_childcare.choices import Role
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Deadline, Department
from yancheng_childcare.permissions import may_enter, opening_roles
from yancheng_childcare.places import counties_seen_by, reaches
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.workdays import SHANGHAI

from ...models import Institution
from ...rules.values import as_day
from ..clocks import POLICE_CLOCK
from ..desks import police_area, unfiled_for
from ..filters import PoliceFilter, UnfiledFilter
from ..forms import FilingNumberForm, ReceiptForm
from ..services import record_filing as keep_filing
from .export import table_response
from .lookup import listed, place_name, storable, visible_institution
from .queue import oldest_page
from .record import clock_light

PAGE = 20


def filing_light(days: int) -> tuple[str, str]:
    """Colour and word for days since establishment; 30 and 60 days are our own choice ([A])."""
    if days >= settings.UNFILED_GOVERN_DAYS:
        return "red", "纳入治理"
    return ("yellow", "提醒") if days >= settings.UNFILED_REMIND_DAYS else ("green", "正常")


@require_GET
def unfiled(request: HttpRequest) -> HttpResponseBase:
    """已登记未备案, the oldest registration first; `?format=` gives the whole list as a table."""
    roles = opening_roles(request)
    counties = counties_seen_by(request.user, roles)
    narrowed = UnfiledFilter(request.GET, unfiled_for(request.user, roles), counties=counties)
    rows, today = narrowed.qs, today_here()
    if request.GET.get("format") in {"csv", "xlsx"}:
        return _unfiled_table(request, rows.order_by("established_on", "id"))
    page = oldest_page(listed(rows).select_related("registry_org"), request.GET.get("after"), day="established_on")
    for row in page:
        row.days = (today - row.established_on).days
        row.colour, row.word = filing_light(row.days)
        row.area, row.town_name = place_name(row.region_id), place_name(row.town_id)
    return render(
        request,
        "registry/registration/unfiled.html",
        {
            "heading": "已登记未备案",
            "lead": (
                f"成立后满 {settings.UNFILED_REMIND_DAYS} 天提醒，满 {settings.UNFILED_GOVERN_DAYS} 天纳入治理清单"
                "（天数为平台约定）。"
            ),
            "filter": narrowed.form,
            "page": page,
            "total": rows.count() if page else 0,
            "narrowed": narrowed.narrowed,
            "may_record": may_enter(request.user, "registry:record-filing", "POST"),
        },
    )


def _unfiled_table(request: HttpRequest, rows: Any) -> HttpResponseBase:
    today = today_here()
    header = ["机构名称", "统一社会信用代码", "县（市、区）", "镇（街道）", "登记机关", "成立日期", "已过天数", "状态"]

    def cells() -> Any:
        for row in listed(rows).select_related("registry_org").iterator(chunk_size=1000):
            days = (today - row.established_on).days
            yield [
                row.name, row.uscc, place_name(row.region_id), place_name(row.town_id), row.registry_org.name,
                row.established_on, days, filing_light(days)[1],
            ]  # fmt: skip

    return table_response(
        request, cells(), header, name="已登记未备案", count=rows.count(), text_columns={"统一社会信用代码"}
    )


@require_http_methods(["GET", "HEAD", "POST"])
def record_filing(request: HttpRequest, uscc: str) -> HttpResponse:
    """Note the number of the national filing system; the institution leaves the list."""
    found = visible_institution(request, uscc)
    if not reaches(request.user, found.region.prefix, Role.REVIEWER, Role.CHIEF):
        raise Rejected(Problem("GEN-403", "", "备案由机构所在县（市、区）卫生健康部门登记。"), status=403)
    problems: list[Problem] = []
    form = FilingNumberForm(request.POST or None, initial={"filed_on": today_here().isoformat()})
    if request.method == "POST":
        number = storable("filing_no", request.POST.get("filing_no"), "国家系统备案编号", 40, problems)
        day = as_day(request.POST.get("filed_on"))
        if day is None:
            problems.append(Problem("REG-532", "filed_on", "请填写备案日期，格式如 2026-11-23。"))
        try:
            if day is not None and not problems:
                keep_filing(found, filing_no=number, filed_on=day, actor=request.user)
                messages.success(request, f"已登记“{found.name}”的备案编号，移出未备案清单。")
                return redirect("registry:unfiled")
        except Rejected as rejected:
            if rejected.status == 409:
                raise
            problems += rejected.problems
    context = {
        "heading": "登记国家系统备案编号",
        "lead": found.name,
        "breadcrumbs": [{"label": "已登记未备案", "url": reverse("registry:unfiled")}],
        "institution": found,
        "form": form,
        "problems": problems,
        "days": (today_here() - found.established_on).days,
    }
    return render(request, "registry/registration/record_filing.html", context, status=422 if problems else 200)


@require_http_methods(["GET", "HEAD"])
def police(request: HttpRequest) -> HttpResponse:
    """New institutions to advise, the longest waiting first; 已指导 lists those with a handled receipt."""
    counties = counties_seen_by(request.user, opening_roles(request))
    narrowed = PoliceFilter(request.GET, police_area(request.user), counties=counties)
    rows, done = narrowed.qs, bool(narrowed.chosen("state"))
    page = oldest_page(listed(rows), request.GET.get("after"))
    subjects = {row.subject: row for row in page}
    clocks = {c.subject: c for c in Deadline.objects.filter(subject__in=subjects, code=POLICE_CLOCK).order_by("id")}
    receipts: dict[str, Receipt] = {}
    for receipt in (
        Receipt.objects.filter(subject__in=[row.uscc for row in page], department__kind="POLICE")
        .select_related("department")
        .order_by("id")
    ):
        receipts[receipt.subject] = receipt
    today = today_here()
    for row in page:
        clock = clocks.get(row.subject)
        row.clock = clock_light(clock, today) if clock else None
        row.receipt = receipts.get(row.uscc)
        row.area, row.town_name = place_name(row.region_id), place_name(row.town_id)
        row.received_on = clock.started_on if clock else timezone.localdate(row.created_at)
        row.days = (today - row.received_on).days
    base = reverse("registry:police")
    return render(
        request,
        "registry/registration/police.html",
        {
            "heading": "安全防范指导",
            "lead": f"登记后 {settings.POLICE_ADVICE_WORKDAYS} 个工作日内完成首次指导（天数为平台约定），完成后回告。",
            "tabs": [
                {"label": "待指导", "url": base, "current": not done, "count": None if done else rows.count()},
                {
                    "label": "已指导",
                    "url": f"{base}?state=done",
                    "current": done,
                    "count": rows.count() if done else None,
                },
            ],
            "filter": narrowed.form,
            "page": page,
            "done": done,
            "narrowed": narrowed.narrowed,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def police_receipt(request: HttpRequest, uscc: str) -> HttpResponse:
    """Tell the portal what was done; a handled receipt stops the clock and takes the institution off the list."""
    found = visible_institution(request, uscc)
    event, department = _told(request.user, found)
    problems: list[Problem] = []
    now = timezone.localtime().strftime("%Y-%m-%d %H:%M")
    form = ReceiptForm(request.POST or None, initial={"handled_at": now})
    if request.method == "POST":
        handled = request.POST.get("handled", "")
        if handled not in {"yes", "no"}:
            problems.append(Problem("REG-201", "handled", "请选择办理情况。"))
        remark = storable("remark", request.POST.get("remark"), "说明", 500, problems)
        at = _moment(request.POST.get("handled_at", ""))
        if at is None:
            problems.append(Problem("REG-301", "handled_at", "请填写办理时间，格式如 2026-11-23 09:30。"))
        try:
            if event is not None and at is not None and not problems:
                accept_receipt(
                    event_uid=event.uid,
                    department=department,
                    handled=handled == "yes",
                    remark=remark,
                    handled_at=at,
                    actor=request.user,
                )
                messages.success(request, f"已回告“{found.name}”的指导情况。")
                return redirect("registry:police")
        except Rejected as rejected:
            problems += rejected.problems
    context = {
        "heading": "回告安全防范指导",
        "lead": found.name,
        "breadcrumbs": [{"label": "安全防范指导", "url": reverse("registry:police")}],
        "institution": found,
        "form": form,
        "problems": problems,
        "event": event,
        "earlier": Receipt.objects.visible_to(request.user, opening_roles(request))
        .filter(subject=uscc)
        .select_related("department", "sent_by")[:20],
    }
    return render(request, "registry/registration/police_receipt.html", context, status=422 if problems else 200)


def _told(user: Any, found: Institution) -> tuple[OutboxEvent | None, Department]:
    """What a receipt answers, and for whom: the newest event that arrived, else the newest there is.

    A bureau without a receiving system answers here all the same. Only mass test data has no event.
    """
    own = [d.department for d in user.duties_as(Role.POLICE) if d.department and d.covers(found.region.prefix)]
    pushes = Delivery.objects.filter(subject=found.uscc, endpoint__department__in=own)
    arrived = pushes.filter(status__in=("DELIVERED", "ACKED")).select_related("event", "endpoint__department")
    push = arrived.order_by("-id").first()
    if push is not None:
        return push.event, push.endpoint.department
    return OutboxEvent.objects.filter(subject=found.uscc).order_by("-id").first(), own[0]


def _moment(text: str) -> datetime | None:
    try:
        return datetime.strptime(text.strip()[:16], "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)
    except ValueError:
        return None
