"""后台管理: people, duties with two-person approval, reference data, the working-day calendar, the log of acts.

Rights come from the ADMIN duty (`permissions.py`); `administration.py` holds what every page here is built on.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.html import format_html

from .accounts.duties import save_grant
from .accounts.requests import ask, change_account, create_account, holds_duties, refuse_too_few_administrators
from .accounts.single_sign_on import LONGEST_SUBJECT, check_identity, end_identity, link_identity
from .administration import ApprovalAdmin, PortalAdmin, ReadOnlyAdmin, is_administrator
from .choices import LOOKS, AccountRequestKind, Role
from .models import AccountRequest, Department, Duty, Event, LinkedIdentity, Region, SpecialDay, User
from .problems import Rejected
from .special_days import RECOMPUTED, delete_day, save_day


def show_link(request: HttpRequest, link: str, *, needs_second: bool) -> None:
    """The one time the address of a link is shown."""
    after = (
        "经另一名管理员批准后，由其把批准码另行告知本人，两者齐备才能使用"
        if needs_second
        else "24 小时内有效，只能用一次"
    )
    messages.warning(request, format_html("一次性链接只显示这一次，请立即转交本人：<code>{}</code>。{}。", link, after))


@admin.register(User)
class UserAdmin(PortalAdmin):
    """People. What they may do stands in their duties; nobody types another person's password."""

    list_display = ("username", "display_name", "email", "is_active", "last_login")
    list_filter = ("is_active",)
    search_fields = ("username", "display_name")
    ordering = ("username",)

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        new = ("username", "display_name", "email")
        return new if obj is None else (*new, "is_active", "last_login", "date_joined")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """What one administrator alone could use to act as somebody else is asked for as an 账号申请."""
        if obj is None:
            return ()
        fixed = ["username", "last_login", "date_joined"]
        fixed += ["email"] if holds_duties(obj) else []
        return (*fixed, *([] if obj.is_active else ["is_active"]))

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if change:
            values = {name: form.cleaned_data[name] for name in form.changed_data}
            change_account(obj, values=values, actor=request.user)
            return
        values = {name: form.cleaned_data[name] for name in ("username", "display_name", "email")}
        made, link = create_account(**values, actor=request.user)
        # The admin goes on with this object: it becomes the one that was made.
        obj.__dict__.update(made.__dict__)
        show_link(request, link, needs_second=False)


@admin.register(AccountRequest)
class AccountRequestAdmin(ApprovalAdmin):
    """账号申请: link, second factor, address of somebody else. Asked by one, approved by another; never edited."""

    list_display = ("user", "kind", "needs_second", "granted_by", "approved_by", "asked_at", "expires_at", "closed_at")
    list_filter = ("kind", ("approved_by", admin.EmptyFieldListFilter), ("closed_at", admin.EmptyFieldListFilter))
    list_select_related = ("user", "granted_by", "approved_by")
    search_fields = ("user__username", "user__display_name")
    autocomplete_fields = ("user",)
    fields = ("user", "kind", "email", "reason")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # The list's action needs it; one row is only looked at.
        return obj is None and is_administrator(request)

    def save_model(self, request: HttpRequest, obj: AccountRequest, form: Any, change: bool) -> None:
        values = {name: form.cleaned_data[name] for name in ("user", "kind", "email", "reason")}
        made, link = ask(**values, actor=request.user)
        obj.__dict__.update(made.__dict__)
        if link:
            show_link(request, link, needs_second=made.needs_second)
        if made.needs_second:
            messages.warning(request, "已提出申请，24 小时内须由另一名管理员批准。")

    def once(self, row: AccountRequest) -> str:
        if row.kind != AccountRequestKind.LINK:
            return ""
        words = "批准码只显示这一次，请当面或电话告知本人（不要告诉申请人）：<code>{}</code>"
        return format_html(words, row.code)  # type: ignore[attr-defined]  # left by `accounts.carry_out`


class IdentityForm(forms.ModelForm):  # type: ignore[type-arg]
    """Whose identity it is, and the subject the provider gave; the subject itself is not kept."""

    hashed = frozenset({"subject"})
    subject = forms.CharField(
        label="身份标识（sub）", max_length=LONGEST_SUBJECT, help_text="本人用统一身份认证登录时，页面会显示这个标识"
    )

    class Meta:
        model = LinkedIdentity
        fields = ("user",)

    def clean(self) -> dict[str, Any]:
        """The service's own refusals, at their fields: nothing is saved before `save_model`."""
        found: dict[str, Any] = super().clean() or {}
        if found.get("user") and found.get("subject"):
            try:
                check_identity(user=found["user"], subject=found["subject"], actor=self.actor)  # type: ignore[attr-defined]
            except Rejected as rejected:
                raise forms.ValidationError([problem.message for problem in rejected.problems]) from None
        return found


@admin.register(LinkedIdentity)
class LinkedIdentityAdmin(ApprovalAdmin):
    """统一身份: entered by one administrator, approved by another; ended by one."""

    form = IdentityForm
    list_display = ("user", "provider", "granted_by", "approved_by", "created_at", "first_used_at", "ended_at")
    list_filter = (("approved_by", admin.EmptyFieldListFilter), ("ended_at", admin.EmptyFieldListFilter))
    list_select_related = ("user", "granted_by", "approved_by")
    search_fields = ("user__username", "user__display_name")
    autocomplete_fields = ("user",)
    fields = ("user", "subject")
    actions = ("approve", "end")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # The list's actions need it; one row is only looked at.
        return obj is None and is_administrator(request)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("user", "provider", "created_at", "first_used_at", "ended_at") if obj else ("user", "subject")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.actor = request.user  # type: ignore[attr-defined]  # read by `IdentityForm.clean`
        return form

    def save_model(self, request: HttpRequest, obj: LinkedIdentity, form: Any, change: bool) -> None:
        made = link_identity(user=obj.user, subject=form.cleaned_data["subject"], actor=request.user)  # type: ignore[arg-type]
        obj.__dict__.update(made.__dict__)
        messages.warning(request, "已登记，须由另一名管理员批准后生效。")

    @admin.action(description="解除所选统一身份")
    def end(self, request: HttpRequest, queryset: Any) -> None:
        """Each ends at once; one of the acting administrator's own is refused."""
        for identity in queryset:
            try:
                end_identity(identity=identity, actor=request.user)  # type: ignore[arg-type]
            except Rejected as rejected:
                messages.error(request, rejected.problems[0].message)


class DutyForm(forms.ModelForm):  # type: ignore[type-arg]
    """A duty; the constraints of the table say what goes together."""

    class Meta:
        model = Duty
        fields = ("user", "role", "region", "department", "uscc", "certificate_no", "valid_from", "valid_to")

    def __init__(self, *args: Any, **kwargs: Any):
        """A duty stays with its person: moved to another, it would leave the first without a trace of having had one."""
        super().__init__(*args, **kwargs)
        # Disabled and not read-only: the form still judges "one duty once", which names the person.
        self.fields["user"].disabled = self.instance.pk is not None

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if self.instance.pk and self.instance.role == Role.ADMIN:
            try:
                refuse_too_few_administrators(without_duty=self.instance)
            except Rejected as rejected:
                raise forms.ValidationError([problem.message for problem in rejected.problems]) from None
        return found


@admin.register(Duty)
class DutyAdmin(ApprovalAdmin):
    """Granting takes one administrator, approval another; only then the duty takes effect (reliability.md T2)."""

    form = DutyForm
    list_display = ("user", "role", "region", "department", "valid_from", "valid_to", "granted_by", "approved_by")
    list_filter = ("role", ("approved_by", admin.EmptyFieldListFilter))
    list_select_related = ("user", "region", "department", "granted_by", "approved_by")
    search_fields = ("user__username", "user__display_name", "uscc")
    autocomplete_fields = ("user", "region", "department")

    readonly_fields = ("granted_by", "approved_by")

    def save_model(self, request: HttpRequest, obj: Duty, form: Any, change: bool) -> None:
        """Every edit is a new grant: it waits for approval again."""
        save_grant(obj, actor=request.user)
        self.message_user(request, "已保存，须由另一名管理员批准后生效。", messages.WARNING)


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
        save_day(obj, actor=request.user)
        self.message_user(request, RECOMPUTED, messages.WARNING)

    def delete_model(self, request: HttpRequest, obj: SpecialDay) -> None:
        delete_day(obj, actor=request.user)
        self.message_user(request, RECOMPUTED, messages.WARNING)


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """操作记录: append-only, by the database itself."""

    list_display = ("at", "actor_label", "action", "summary", "succeeded")
    list_filter = ("succeeded",)
    search_fields = ("subject", "action", "request_id")
    show_full_result_count = False
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Without the looks at personal data: they are read by the auditors, on their own page."""
        return super().get_queryset(request).exclude(action__in=LOOKS)
