"""后台管理: people, duties with two-person approval, reference data, the working-day calendar, the log of acts.

Rights come from the ADMIN duty (`permissions.py`), never from flags on the user: `PortalAdmin` is the base of every
model's administration in this portal.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import BaseUserCreationForm
from django.db.models import QuerySet
from django.http import HttpRequest

from .addresses import enter_address
from .choices import Role
from .models import Department, Duty, Event, Region, SpecialDay, User
from .records import log_event

admin.site.site_header = "盐城市托育服务公共平台后台管理"
admin.site.site_title = "后台管理"
admin.site.index_title = "人员、职责与基础数据"
admin.site.disable_action("delete_selected")


def is_administrator(request: HttpRequest) -> bool:
    """Whether the person holds the ADMIN duty in force today."""
    user: Any = request.user
    return bool(user.is_active and user.is_authenticated and user.has_role(Role.ADMIN))


admin.site.has_permission = is_administrator  # type: ignore[method-assign]  # the one site, ruled by duties


class PortalAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic only in the stubs
    """Administration by duty. Nothing is deleted here: what ended gets an end date."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_administrator(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_administrator(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_administrator(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_administrator(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(PortalAdmin):
    """To look at; written elsewhere."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class NewUserForm(BaseUserCreationForm):
    """A new person: user name, name, and a first password that is given by another channel."""

    class Meta:
        model = User
        fields = ("username", "display_name", "email")


@admin.register(User)
class UserAdmin(PortalAdmin, DjangoUserAdmin):  # type: ignore[type-arg]
    """People. What they may do stands in their duties."""

    add_form = NewUserForm
    list_display = ("username", "display_name", "email", "is_active", "last_login")
    list_filter = ("is_active",)
    search_fields = ("username", "display_name")
    ordering = ("username",)
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "display_name", "email", "password")}),
        ("状态", {"fields": ("is_active", "last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "display_name", "email", "password1", "password2")}),)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "email" in form.changed_data:
            enter_address(user=obj, address=obj.email, actor=request.user)
        log_event(
            "user.changed" if change else "user.created",
            subject=f"user:{obj.pk}",
            summary=f"{'修改' if change else '新建'}用户 {obj.username}",
            actor=request.user,
            data={"fields": sorted(set(form.changed_data) - {"password", "password1", "password2"})},
        )


class DutyForm(forms.ModelForm):  # type: ignore[type-arg]
    """A duty; the constraints of the table say what goes together."""

    class Meta:
        model = Duty
        fields = ("user", "role", "region", "department", "uscc", "certificate_no", "valid_from", "valid_to")


@admin.register(Duty)
class DutyAdmin(PortalAdmin):
    """Granting takes one administrator, approval another; only then the duty takes effect (reliability.md T2)."""

    form = DutyForm
    list_display = ("user", "role", "region", "department", "valid_from", "valid_to", "granted_by", "approved_by")
    list_filter = ("role", ("approved_by", admin.EmptyFieldListFilter))
    list_select_related = ("user", "region", "department", "granted_by", "approved_by")
    search_fields = ("user__username", "user__display_name", "uscc")
    autocomplete_fields = ("user", "region", "department")
    readonly_fields = ("granted_by", "approved_by")
    actions = ("approve",)

    def save_model(self, request: HttpRequest, obj: Duty, form: Any, change: bool) -> None:
        """Every edit is a new grant: it waits for approval again."""
        obj.granted_by, obj.approved_by = request.user, None  # type: ignore[assignment]
        super().save_model(request, obj, form, change)
        log_event(
            "duty.granted",
            subject=f"user:{obj.user_id}",
            summary=f"{'修改' if change else '授予'}职责：{obj.user}，{obj}（待批准）",
            actor=request.user,
            region_prefix=obj.region.prefix if obj.region else "",
            data={"duty": obj.pk, "role": obj.role, "department": obj.department_id or "", "uscc": obj.uscc},
        )
        self.message_user(request, "已保存，须由另一名管理员批准后生效。", messages.WARNING)

    @admin.action(description="批准所选职责")
    def approve(self, request: HttpRequest, queryset: QuerySet[Duty]) -> None:
        """Approve what somebody else granted to somebody else."""
        approved = 0
        for duty in queryset.select_related("user", "region", "department"):
            if duty.approved_by_id is not None:
                continue
            if duty.granted_by_id == request.user.pk:
                self.message_user(request, f"{duty.user}的{duty}由您授予，须由另一名管理员批准。", messages.ERROR)
            elif duty.user_id == request.user.pk:
                self.message_user(request, f"{duty}是授予您本人的，须由另一名管理员批准。", messages.ERROR)
            else:
                duty.approved_by = request.user  # type: ignore[assignment]
                duty.save(update_fields=["approved_by"])
                log_event(
                    "duty.approved",
                    subject=f"user:{duty.user_id}",
                    summary=f"批准职责：{duty.user}，{duty}",
                    actor=request.user,
                    region_prefix=duty.region.prefix if duty.region else "",
                    data={"duty": duty.pk, "role": duty.role},
                )
                approved += 1
        if approved:
            self.message_user(request, f"已批准 {approved} 项职责，即时生效。", messages.SUCCESS)


@admin.register(Region)
class RegionAdmin(ReadOnlyAdmin):
    """行政区划: loaded from the reference file (`load_reference`)."""

    list_display = ("code", "name", "level", "parent", "code_kind", "source")
    list_filter = ("level", "code_kind")
    list_select_related = ("parent",)
    search_fields = ("code", "name")


@admin.register(Department)
class DepartmentAdmin(ReadOnlyAdmin):
    """部门: loaded from the reference file (`load_reference`)."""

    list_display = ("code", "name", "kind", "region", "annex_no")
    list_filter = ("kind",)
    list_select_related = ("region",)
    search_fields = ("code", "name", "short_name")


@admin.register(SpecialDay)
class SpecialDayAdmin(PortalAdmin):
    """工作日调整: every edit recomputes the open clocks in the same transaction (`signals.py`)."""

    list_display = ("day", "is_workday", "name", "source", "provisional")
    list_filter = ("is_workday", "provisional")
    date_hierarchy = "day"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_administrator(request)

    def save_model(self, request: HttpRequest, obj: SpecialDay, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        self._tell(request, "calendar.changed", f"{'修改' if change else '新增'}工作日调整：{obj}，依据 {obj.source}")

    def delete_model(self, request: HttpRequest, obj: SpecialDay) -> None:
        words = f"删除工作日调整：{obj}"
        super().delete_model(request, obj)
        self._tell(request, "calendar.deleted", words)

    def _tell(self, request: HttpRequest, action: str, summary: str) -> None:
        log_event(action, subject="calendar", summary=summary, actor=request.user)
        note = "没有办结的办理时限已按新日历重新计算，届满日有变化的已记入操作记录并通知管理员和市卫健委。"
        self.message_user(request, note, messages.WARNING)


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """操作记录: append-only, by the database itself."""

    list_display = ("at", "actor_label", "action", "summary", "succeeded")
    list_filter = ("succeeded",)
    search_fields = ("subject", "action", "request_id")
    show_full_result_count = False
    ordering = ("-id",)
