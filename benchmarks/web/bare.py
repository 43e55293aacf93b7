"""Django and DRF alone, writing the rows a registration consists of: ModelViewSet, ModelSerializer, CursorPagination.

A key is looked up by its hash, the duties of its person give the scope: two queries a request. No rule is asked beyond
what the model's fields say, nothing is counted, logged or rung.
"""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.web.bare_settings")

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

from hashlib import sha256  # noqa: E402
from typing import Any  # noqa: E402

import orjson  # noqa: E402
from django.db import transaction  # noqa: E402
from django.db.models import QuerySet  # noqa: E402
from django.urls import include, path  # noqa: E402
from django.utils import timezone  # noqa: E402
from rest_framework import authentication, pagination, permissions, routers, serializers, viewsets  # noqa: E402

from exchange.bodies import masked  # noqa: E402
from exchange.models import ApiClient, OutboxEvent  # noqa: E402
from registry.models import Institution  # noqa: E402
from registry.registration.clocks import opening_clocks  # noqa: E402
from registry.registration.publication import payload  # noqa: E402
from registry.rules.pinyin import romanise  # noqa: E402
from yancheng_childcare.crypto import blind_index  # noqa: E402
from yancheng_childcare.deadlines import new_deadline  # noqa: E402
from yancheng_childcare.masking import mask_id, mask_phone  # noqa: E402
from yancheng_childcare.models import Deadline, Duty, Event, Region  # noqa: E402


class Key(authentication.BaseAuthentication):
    """`Authorization: Bearer KEY`."""

    def authenticate(self, request: Any) -> Any:
        key = request.headers.get("Authorization", "").removeprefix("Bearer ")
        rows = ApiClient.objects.filter(revoked_at=None, expires_at__gt=timezone.now()).select_related("user")
        client = rows.filter(key_hash=sha256(key.encode()).hexdigest()).first()
        return client and (client.user, client)


class Authority(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()


class RegistrationSerializer(serializers.ModelSerializer[Institution]):
    region_code = serializers.PrimaryKeyRelatedField(source="region", queryset=Region.objects.all())
    town_code = serializers.PrimaryKeyRelatedField(source="town", queryset=Region.objects.all())
    registry_org = Authority(read_only=True)

    class Meta:
        model = Institution
        exclude = [
            "region", "town", "name_pinyin", "name_initials", "legal_rep_id_index", "certificate_file", "filing_state",
            "filing_events", "created_by",
        ]  # fmt: skip
        read_only_fields = ["status", "record_version", "warnings", "channel", "filed_on", "national_filing_no"]

    def to_representation(self, instance: Institution) -> Any:
        shown = super().to_representation(instance)
        shown["legal_rep_id_no"] = mask_id(instance.legal_rep_id_no)
        shown["contact_phone"] = mask_phone(instance.contact_phone)
        return shown


class Newest(pagination.CursorPagination):
    page_size = 50
    ordering = "-id"


class RegistrationViewSet(viewsets.ModelViewSet[Institution]):
    authentication_classes = [Key]
    permission_classes = [permissions.IsAuthenticated]
    serializer_class = RegistrationSerializer
    pagination_class = Newest

    def duty(self) -> Duty:
        """The one duty of a registrar."""
        return (
            Duty.objects.in_force().select_related("region", "department").get(user=self.request.user, role="REGISTRAR")
        )

    def get_queryset(self) -> QuerySet[Institution]:
        duty = self.duty()
        return Institution.objects.select_related("registry_org").filter(
            registry_org__kind=duty.department.kind, registry_org__region__prefix__startswith=duty.region.prefix
        )

    def perform_create(self, serializer: Any) -> None:
        duty, now = self.duty(), timezone.now()
        given = serializer.validated_data
        pinyin, initials = romanise(given["name"])
        with transaction.atomic():
            made = serializer.save(
                registry_org=duty.department, channel="API", created_by=self.request.user, name_pinyin=pinyin,
                name_initials=initials, legal_rep_id_index=blind_index(given["legal_rep_id_no"], "person"),
            )  # fmt: skip
            personal = {"legal_rep_id_no": made.legal_rep_id_no, "contact_phone": made.contact_phone}
            OutboxEvent.objects.create(
                type="registration.recorded", subject=made.uscc, version=1, region=made.region, occurred_at=now,
                data={**payload(made, "registration.recorded"), **masked(personal)},
                sealed=orjson.dumps(personal).decode(),
            )  # fmt: skip
            Event.objects.create(
                action="registration.recorded", actor=self.request.user, actor_label=str(self.request.user),
                subject=made.subject, region_prefix=made.region.prefix, summary=f"设立登记：{made.name}", data={"version": 1},
            )  # fmt: skip
            clocks = opening_clocks(made.established_on, timezone.localdate())
            Deadline.objects.bulk_create(
                new_deadline(
                    subject=made.subject, code=code, label=label, source=source, region=made.region, days=days,
                    kind=kind, today=first,
                )
                for code, label, source, days, kind, first in clocks
            )  # fmt: skip


router = routers.DefaultRouter()
router.register("registrations", RegistrationViewSet, basename="registration")
urlpatterns = [path("api/v1/", include(router.urls))]
