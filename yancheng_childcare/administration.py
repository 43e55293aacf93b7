"""The administration's own foundation: rights by duty, nothing deleted, approval with a page that shows what is approved.

Every model that is administered here derives from `PortalAdmin`. What other packages register (tokens, second factors in
clear, timers, groups) is taken off again when the site starts, and a system check (portal.E003) fails for any that is left.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from .approvals import approve_all, fingerprint, shown
from .choices import Role
from .forms import Worded

OWN_APPS = frozenset({"yancheng_childcare", "exchange", "registry", "inspections", "credit"})


def is_administrator(request: HttpRequest) -> bool:
    """Whether the person holds the ADMIN duty in force today."""
    user: Any = request.user
    return bool(user.is_active and user.is_authenticated and user.has_role(Role.ADMIN))


class PortalSite(admin.AdminSite):
    """The one site. Sign-in and passwords have their own pages, with their limits and second factor."""

    site_header = "盐城市托育服务公共平台后台管理"
    site_title = "后台管理"
    index_title = "人员、职责与基础数据"

    def has_permission(self, request: HttpRequest) -> bool:
        return is_administrator(request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return redirect("admin:index") if is_administrator(request) else redirect_to_login(request.get_full_path())

    def password_change(  # type: ignore[override]  # the stub knows only Django's own page
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_change_password")

    def __init__(self, name: str = "admin"):
        super().__init__(name)
        self.disable_action("delete_selected")

    def forget_foreign(self) -> None:
        """Take off what packages registered for themselves; our own models stay and are judged by the system check."""
        for model, model_admin in list(self._registry.items()):
            if model._meta.app_label not in OWN_APPS and not isinstance(model_admin, PortalAdmin):
                self.unregister(model)


class ByDuty:
    """Rights of the administration: the ADMIN duty, and nothing that Django's permissions say."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_administrator(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_administrator(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_administrator(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_administrator(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PortalAdmin(ByDuty, admin.ModelAdmin):  # type: ignore[type-arg]  # generic only in the stubs
    """Administration by duty. Nothing is deleted here: what ended gets an end date."""

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (Worded, form), {})


class ReadOnly(ByDuty):
    """To look at; written elsewhere."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(ReadOnly, PortalAdmin):
    """To look at; written elsewhere."""


class ReadOnlyInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """Rows below another one, to look at."""

    extra = 0
    can_delete = False


class ApprovalAdmin(PortalAdmin):
    """Rows that take two persons: the action shows what is approved, and sends back the fingerprint of what it showed."""

    actions: tuple[str, ...] = ("approve",)

    def once(self, row: Any) -> str:
        """What the approving person is shown one single time; empty for most rows."""
        return ""

    @admin.action(description="批准所选申请")
    def approve(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """First the page with every value of every row; from there the approval, of all rows or of none."""
        if "confirmed" not in request.POST:
            waiting = [row for row in queryset if row.approved_by_id is None]
            if not waiting:
                messages.info(request, "所选的都已经批准，无需再次办理。")
                return None
            context = {
                **self.admin_site.each_context(request),
                "title": "核对并批准",
                "opts": self.opts,
                "media": self.media,
                "rows": [{"row": row, "values": shown(row), "fingerprint": fingerprint(row)} for row in waiting],
            }
            return TemplateResponse(request, "admin/approve.html", context)
        seen = {
            name.removeprefix("seen-"): str(value) for name, value in request.POST.items() if name.startswith("seen-")
        }
        rows = approve_all(self.model, seen=seen, actor=request.user)
        for words in filter(None, map(self.once, rows)):
            messages.warning(request, words)
        messages.success(request, f"已批准 {len(rows)} 项，即时生效。")
        return None
