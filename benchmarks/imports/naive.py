"""What most portals do: a serializer checks one row, `save()` writes it, and the same is announced. Nothing is left out."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from rest_framework import serializers

from registry.choices import CapitalKind, EntryChannel, Nature
from registry.models import Institution
from registry.registration.checks import full_check
from registry.registration.effects import set_fields
from registry.registration.fields import ENTERED
from registry.registration.publication import announce
from registry.registration.services import start_clocks
from yancheng_childcare.problems import blocking, warnings


class RowSerializer(serializers.Serializer):
    """One row: types by the framework, the rules by `full_check`, the duplicate by a query."""

    uscc = serializers.CharField(max_length=18)
    name = serializers.CharField(max_length=100)
    nature = serializers.ChoiceField(Nature.choices)
    registered_address = serializers.CharField(max_length=200)
    region_code = serializers.CharField(max_length=12)
    town_code = serializers.CharField(max_length=12)
    legal_rep_name = serializers.CharField(max_length=50)
    legal_rep_id_no = serializers.CharField(max_length=18)
    contact_phone = serializers.CharField(max_length=40, allow_blank=True)
    registered_capital = serializers.DecimalField(max_digits=16, decimal_places=6)
    capital_kind = serializers.ChoiceField(CapitalKind.choices)
    business_scope = serializers.CharField(max_length=4000)
    purpose = serializers.CharField(max_length=500, allow_blank=True)
    supervising_unit = serializers.CharField(max_length=100, allow_blank=True)
    established_on = serializers.DateField()
    approved_on = serializers.DateField()
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        found = full_check(attrs, registry_org=self.context["department"], today=self.context["today"])
        if stop := blocking(found):
            raise serializers.ValidationError([p.message for p in stop])
        if Institution.objects.filter(uscc=attrs["uscc"]).exists():
            raise serializers.ValidationError("重复")
        self.kept = [p.as_dict() for p in warnings(found)]
        return attrs

    def create(self, validated_data: dict[str, Any]) -> Institution:
        actor = self.context["actor"]
        institution = Institution(
            registry_org=self.context["department"], channel=EntryChannel.IMPORT, created_by=actor,
            warnings=self.kept,
        )  # fmt: skip
        set_fields(institution, validated_data)
        with transaction.atomic():
            institution.save(force_insert=True)
            announce(institution, "registration.recorded", actor, {"step": "register", "channel": "IMPORT"})
            start_clocks(institution, self.context["today"])
        return institution


def import_rows(rows: list[dict[str, Any]], context: dict[str, Any]) -> int:
    """Check and save each row by itself; returns how many were saved. Values are codes, not labels."""
    saved = 0
    for row in rows:
        serializer = RowSerializer(data={name: row[name] for name in ENTERED}, context=context)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        saved += 1
    return saved
