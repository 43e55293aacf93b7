"""Addresses of inspections. Who may enter each stands in `permissions.py`."""

from __future__ import annotations

from django.urls import URLPattern, include, path

from .pages import record, sheet

# Staff: an inspection on the spot, the registers.
desk: tuple[list[URLPattern], str] = (
    [
        path("<str:no>/record/", record.record, name="record"),
        path("<str:no>/sheet/", sheet.sheet, name="sheet"),
    ],
    "inspections",
)
# Everybody: published draws.
draws: tuple[list[URLPattern], str] = ([], "draws")

urlpatterns = [path("desk/inspections/", include(desk)), path("draws/", include(draws))]
