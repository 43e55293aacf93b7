"""Administration of the exchange: keys and allow-lists are kept here; what was sent is only looked at."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.html import format_html

from yancheng_childcare.records import log_event

from .client import Allowed
from .clients import issue_key, revoke_key
from .models import AllowedTarget, ApiClient, Delivery, Endpoint, OutboxEvent, Receipt, Subscription


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """To look at: what happened is never edited by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ApiClient)
class ApiClientAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Keys: made here (shown once), revoked here, never changed or deleted."""

    list_display = ("name", "user", "key_hint", "created_at", "last_used_on", "revoked_at")
    list_filter = ("revoked_at",)
    search_fields = ("name", "user__username", "user__display_name")
    list_select_related = ("user",)
    fields = ("user", "name")
    actions = ("revoke",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("user", "name", "key_hint", "created_at", "last_used_on", "revoked_at") if obj else ()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.get_readonly_fields(request, obj) or ("user", "name")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """A new key is issued by the service and shown once; an old one has nothing to change."""
        if change:
            return
        made, key = issue_key(user=obj.user, name=obj.name, actor=request.user)
        # The admin goes on with this object: it becomes the one that was made.
        obj.__dict__.update(made.__dict__)
        words = format_html("接口密钥只显示这一次，请立即转交：<code>{}</code>", key)
        messages.warning(request, words)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.action(description="作废所选密钥")
    def revoke(self, request: HttpRequest, queryset: Any) -> None:
        """The chosen keys stop working at once."""
        count = 0
        for client in queryset.filter(revoked_at__isnull=True):
            revoke_key(client, actor=request.user)
            count += 1
        messages.success(request, f"已作废 {count} 把密钥。")


class AllowedTargetForm(forms.ModelForm):  # type: ignore[type-arg]
    """Host and network as the outgoing client reads them."""

    class Meta:
        model = AllowedTarget
        fields = ("department", "host", "port", "cidr", "plain_http", "reason")

    def clean_host(self) -> str:
        host: str = self.cleaned_data["host"].strip().lower()
        if not host.isascii() or any(c in host for c in "/:@?# ") or not host:
            raise forms.ValidationError("只填主机名或 IP 地址，例如 gate.example.gov.cn，不带协议和端口。")
        return host

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        row = AllowedTarget(**{name: found.get(name) for name in ("host", "port", "cidr", "plain_http")})
        if found.get("cidr") and found.get("host"):
            try:
                network = Allowed.of(row).network
            except ValueError:
                self.add_error("cidr", "网段写法不对，例如 10.32.8.0/24，单个地址写 10.32.8.5/32。")
            else:
                if network.prefixlen < (8 if network.version == 4 else 32):
                    self.add_error("cidr", "网段太大，请写到接收系统所在的网段。")
        return found


@admin.register(AllowedTarget)
class AllowedTargetAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Where each department's pushes may go; every change is kept as an act."""

    form = AllowedTargetForm
    list_display = ("department", "host", "port", "cidr", "plain_http", "reason", "created_at")
    list_filter = ("plain_http",)
    search_fields = ("host", "cidr", "department__name")
    list_select_related = ("department",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        self._keep("allowed_target.changed" if change else "allowed_target.added", obj, request)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self._keep("allowed_target.removed", obj, request)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for obj in queryset:
            self.delete_model(request, obj)

    @staticmethod
    def _keep(action: str, obj: AllowedTarget, request: HttpRequest) -> None:
        log_event(
            action,
            subject=f"department:{obj.department_id}",
            summary=f"允许推送的目标：{obj}",
            actor=request.user,
            data={"host": obj.host, "port": obj.port, "cidr": obj.cidr, "plain_http": obj.plain_http},
        )


class SubscriptionInline(admin.TabularInline):  # type: ignore[type-arg]
    """What the endpoint wants."""

    model = Subscription
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Endpoint)
class EndpointAdmin(ReadOnlyAdmin):
    """Endpoints are set up on their pages, where addresses are checked; secrets are never listed."""

    list_display = ("department", "name", "status", "last_success_at", "circuit_until")
    list_filter = ("status",)
    list_select_related = ("department",)
    search_fields = ("name", "department__name")
    exclude = ("secret", "previous_secret")
    inlines = (SubscriptionInline,)


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
