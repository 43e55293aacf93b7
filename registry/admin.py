"""后台管理 of the registry: registrations to look at, rules to switch. Cases are handled on the desk and by API only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from yancheng_childcare.administration import PortalAdmin, ReadOnlyAdmin

from .models import Institution, PersonBan, RuleSwitch


@admin.register(Institution)
class InstitutionAdmin(ReadOnlyAdmin):
    """Registrations without their personal fields: an administrator of the platform has no business with them."""

    list_display = ("name", "uscc", "nature", "region", "registry_org", "status", "record_version")
    list_filter = ("status", "nature")
    list_select_related = ("region", "registry_org")
    search_fields = ("uscc", "name")
    exclude = (
        "legal_rep_id_no",
        "legal_rep_id_index",
        "contact_phone",
        "certificate_file",
        "name_pinyin",
        "name_initials",
    )
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> Any:
        """Personal columns stay unread."""
        return super().get_queryset(request).defer("legal_rep_id_no", "contact_phone")


@admin.register(RuleSwitch)
class RuleSwitchAdmin(PortalAdmin):
    """Local rules and our own numbers: on or off, with a reason; national rules change only with a new version."""

    list_display = ("rule_id", "enabled", "reason", "updated_at")
    search_fields = ("rule_id",)


@admin.register(PersonBan)
class PersonBanAdmin(ReadOnlyAdmin):
    """Bans as they stand: entered by the credit procedure, never by hand."""

    list_display = ("case_no", "since", "until", "basis")
    search_fields = ("case_no",)
    exclude = ("id_index",)
