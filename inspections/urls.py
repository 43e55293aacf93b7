"""Addresses of inspections. Who may enter each stands in `permissions.py`."""

from __future__ import annotations

from django.urls import URLPattern, include, path

from .pages import draws as pages

# Staff: an inspection on the spot, the registers.
desk: tuple[list[URLPattern], str] = ([], "inspections")
# Everybody: published draws.
draws: tuple[list[URLPattern], str] = (
    [
        path("", pages.listing, name="list"),
        path("verify_draw.py", pages.script, name="script"),
        path("<str:batch>/", pages.one, name="one"),
        path("<str:batch>/<str:name>", pages.file, name="file"),
    ],
    "draws",
)

urlpatterns = [path("desk/inspections/", include(desk)), path("draws/", include(draws))]
