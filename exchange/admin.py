"""Administration of the exchange: keys and allow-lists are kept here; what was sent is only looked at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.html import format_html

from yancheng_childcare.administration import ApprovalAdmin, ReadOnlyAdmin, ReadOnlyInline, is_administrator

from .allow_list import outside_network
from .clients import issue_key, revoke_key, works
from .hosts import end_host, propose_host
from .models import AllowedTarget, ApiClient, Delivery, Endpoint, EndpointChange, OutboxEvent, Receipt, Subscription
from .staff_forms import AllowedTargetForm


@admin.register(ApiClient)
class ApiClientAdmin(ApprovalAdmin):
    """Keys: made here (shown once), approved by another, revoked here, never changed or deleted."""

    list_display = (
        "name", "user", "department", "key_hint", "granted_by", "approved_by", "created_at", "expires_at",
        "last_used_on", "last_network", "rotated_at", "revoked_at",
    )  # fmt: skip
    list_filter = (("approved_by", admin.EmptyFieldListFilter), ("revoked_at", admin.EmptyFieldListFilter))
    search_fields = ("name", "user__username", "user__display_name")
    list_select_related = ("user", "department", "granted_by", "approved_by")
    autocomplete_fields = ("user",)
    actions = ("approve", "revoke")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("user", *self.list_display) if obj else ("user", "name")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("user", *self.list_display) if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """A new key is issued by the service and shown once; an old one has nothing to change."""
        if change:
            return
        made, key = issue_key(user=obj.user, name=obj.name, actor=request.user)
        # The admin goes on with this object: it becomes the one that was made.
        obj.__dict__.update(made.__dict__)
        waits = "" if works(made) else "须由另一名管理员批准后才能使用。"
        words = format_html("接口密钥只显示这一次，请立即转交：<code>{}</code>。{}", key, waits)
        messages.warning(request, words)

    @admin.action(description="作废所选密钥")
    def revoke(self, request: HttpRequest, queryset: Any) -> None:
        """The chosen keys stop working at once."""
        count = 0
        for client in queryset.filter(revoked_at__isnull=True):
            revoke_key(client, actor=request.user)
            count += 1
        messages.success(request, f"已作废 {count} 把密钥。")


@admin.register(AllowedTarget)
class AllowedTargetAdmin(ApprovalAdmin):
    """Where each department's pushes may go: registered by one, approved by another; every change is kept as an act."""

    form = AllowedTargetForm
    list_display = (
        "department",
        "host",
        "port",
        "cidr",
        "plain_http",
        "reason",
        "granted_by",
        "approved_by",
        "created_at",
    )
    list_filter = ("plain_http", ("approved_by", admin.EmptyFieldListFilter))
    search_fields = ("host", "cidr", "department__name")
    list_select_related = ("department", "granted_by", "approved_by")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Allowing less needs no second person.
        return is_administrator(request)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Every edit is a new grant: it waits for approval again, and meanwhile allows nothing."""
        propose_host(obj, actor=request.user)
        messages.warning(request, "已保存，须由另一名管理员批准后生效。")
        if words := outside_network(obj):
            messages.warning(request, words)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        end_host(obj, actor=request.user)


class SubscriptionInline(ReadOnlyInline):
    """What the endpoint wants."""

    model = Subscription


@admin.register(Endpoint)
class EndpointAdmin(ReadOnlyAdmin):
    """Endpoints are set up on their pages, where addresses are checked; secrets are never listed."""

    list_display = ("department", "name", "status", "last_success_at", "circuit_until")
    list_filter = ("status",)
    list_select_related = ("department",)
    search_fields = ("name", "department__name")
    exclude = ("secret", "previous_secret")
    inlines = (SubscriptionInline,)


@admin.register(EndpointChange)
class EndpointChangeAdmin(ReadOnlyAdmin):
    """Who asked for which address and who approved it; approved on the endpoint's page."""

    list_display = ("endpoint", "url", "closing_reason", "granted_by", "approved_by", "asked_at", "closed_at")
    list_filter = (("approved_by", admin.EmptyFieldListFilter), ("closed_at", admin.EmptyFieldListFilter))
    list_select_related = ("endpoint__department", "granted_by", "approved_by")
    search_fields = ("endpoint__name",)


@admin.register(OutboxEvent)
class OutboxEventAdmin(ReadOnlyAdmin):
    """Events as they were written; the encrypted fields stay closed."""

    list_display = ("position", "type", "subject", "version", "region", "occurred_at")
    list_filter = ("type",)
    list_select_related = ("region",)
    search_fields = ("=subject", "=uid")
    exclude = ("sealed",)
    show_full_result_count = False


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """Pushes; decisions about them are taken on their pages."""

    list_display = ("webhook_id", "endpoint", "subject", "status", "attempts", "created_at")
    list_filter = ("status",)
    list_select_related = ("endpoint__department",)
    search_fields = ("=webhook_id", "=subject")
    exclude = ("lease",)
    show_full_result_count = False


@admin.register(Receipt)
class ReceiptAdmin(ReadOnlyAdmin):
    """What departments said they did."""

    list_display = ("subject", "department", "handled", "handled_at", "received_at", "sent_by")
    list_filter = ("handled",)
    list_select_related = ("department", "sent_by")
    search_fields = ("=subject",)
    show_full_result_count = False
