"""工作日调整: the days on which the calendar differs, by year; every edit recomputes the open clocks."""

from __future__ import annotations

from django.contrib import messages
from django.db.models.functions import ExtractYear
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from ...deadlines import today_here
from ...models import SpecialDay
from ...paging import as_key
from ...requests import SignedInRequest
from ...special_days import RECOMPUTED, delete_day, save_day
from .forms import DayForm
from .shown import crumbs, tabs


@require_safe
def calendar(request: SignedInRequest) -> HttpResponse:
    """The exceptions of one year, this year first."""
    years = sorted({today_here().year, *SpecialDay.objects.values_list(ExtractYear("day"), flat=True).distinct()})
    asked = as_key(request.GET.get("year"))
    year = asked if asked in years else today_here().year
    context = {
        "heading": "工作日调整",
        "lead": "办理时限按工作日计算。国务院办公厅发布放假和调休安排后，在这里登记与内置日历不同的日子。",
        "breadcrumbs": crumbs(),
        "actions": [{"text": "新增一天", "url": reverse("staff:day-new"), "kind": "primary", "icon_name": "plus"}],
        "tabs": tabs("staff:calendar"),
        "years": [{"label": f"{y} 年", "url": f"?year={y}", "current": y == year} for y in years],
        "year": year,
        "days": SpecialDay.objects.filter(day__year=year).order_by("day"),
    }
    return render(request, "staff/calendar.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_day(request: SignedInRequest) -> HttpResponse:
    """Another day."""
    return _edit(request, None)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def day(request: SignedInRequest, pk: int) -> HttpResponse:
    """One day, to change."""
    return _edit(request, get_object_or_404(SpecialDay, pk=pk))


def _edit(request: SignedInRequest, found: SpecialDay | None) -> HttpResponse:
    form = DayForm(request.POST if request.method == "POST" else None, instance=found)
    if request.method == "POST" and form.is_valid():
        save_day(form.instance, actor=request.user)
        messages.warning(request, f"已保存。{RECOMPUTED}")
        return redirect(f"{reverse('staff:calendar')}?year={form.instance.day.year}")
    context = {
        "heading": "修改工作日调整" if found else "新增工作日调整",
        "lead": "保存后，没有办结的办理时限立即按新日历重新计算。",
        "breadcrumbs": crumbs(("工作日调整", reverse("staff:calendar"))),
        "form": form,
        "submit_text": "保存",
        "back": reverse("staff:calendar"),
    }
    return render(request, "staff/form.html", context, status=422 if request.method == "POST" else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def day_delete(request: SignedInRequest, pk: int) -> HttpResponse:
    """Back to the built-in calendar for one day."""
    found = get_object_or_404(SpecialDay, pk=pk)
    if request.method == "POST":
        delete_day(found, actor=request.user)
        messages.warning(request, f"已删除。{RECOMPUTED}")
        return redirect("staff:calendar")
    context = {
        "heading": "删除工作日调整",
        "breadcrumbs": crumbs(("工作日调整", reverse("staff:calendar"))),
        "rows": [
            {"label": "日期", "value": str(found)},
            {"label": "说明", "value": found.name},
            {"label": "依据", "value": found.source},
        ],
        "consequence": "这一天恢复为内置日历的安排，没有办结的办理时限立即重新计算。",
        "confirm_text": "删除",
        "danger": True,
        "cancel_url": reverse("staff:calendar"),
    }
    return render(request, "staff/confirm.html", context)
