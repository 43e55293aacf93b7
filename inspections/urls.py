"""Addresses of inspections. Who may enter each stands in `permissions.py`."""

from __future__ import annotations

from django.urls import URLPattern, include, path

from .pages import draws as public
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
draws: tuple[list[URLPattern], str] = (
    [
        path("", public.listing, name="list"),
        path("verify_draw.py", public.script, name="script"),
        path("<str:batch>/", public.one, name="one"),
        path("<str:batch>/<str:name>", public.file, name="file"),
    ],
    "draws",
)

urlpatterns = [path("desk/inspections/", include(desk)), path("draws/", include(draws))]
