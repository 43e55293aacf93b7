"""The naive way, kept as the baseline: ModelViewSet + SearchFilter (icontains) + PageNumberPagination, all defaults."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.search.naive_settings")

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

from django.urls import include, path  # noqa: E402
from django_filters.rest_framework import DjangoFilterBackend  # noqa: E402
from rest_framework import filters, serializers, viewsets  # noqa: E402
from rest_framework.routers import DefaultRouter  # noqa: E402

from registry.models import PublicEntry  # noqa: E402


class InstitutionSerializer(serializers.ModelSerializer):
    class Meta:
        model = PublicEntry
        fields = [
            "uscc", "name", "status", "nature", "region", "town", "grade", "grade_until", "service_modes", "inclusive",
            "meal_mode", "fee_month", "capacity_total", "places_free", "last_checked_on", "card",
        ]  # fmt: skip


class InstitutionViewSet(viewsets.ModelViewSet):
    queryset = PublicEntry.objects.filter(listed=True).order_by("order_key")
    serializer_class = InstitutionSerializer
    filter_backends = [DjangoFilterBackend, filters.SearchFilter]
    filterset_fields = ["region", "grade"]
    search_fields = ["words"]


router = DefaultRouter()
router.register("institutions", InstitutionViewSet)
urlpatterns = [path("api/v1/", include(router.urls))]
