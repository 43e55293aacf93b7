"""Addresses of inspections. Who may enter each stands in `permissions.py`."""

from __future__ import annotations

from django.urls import URLPattern, include, path

from .pages import checklist, record, registers, sheet, supervision
from .pages import draws as public

# Staff: an inspection on the spot, the registers.
desk: tuple[list[URLPattern], str] = (
    [
        path("registers/", registers.listing, {"which": "subjects"}, name="subjects"),
        path("registers/matters/", registers.listing, {"which": "matters"}, name="matters"),
        path("registers/officers/", registers.listing, {"which": "officers"}, name="officers"),
        path("registers/ties/", registers.listing, {"which": "ties"}, name="ties"),
        path("registers/subjects/new/", registers.new, {"which": "subjects"}, name="subject-new"),
        path("registers/matters/new/", registers.new, {"which": "matters"}, name="matter-new"),
        path("registers/officers/new/", registers.new, {"which": "officers"}, name="officer-new"),
        path("registers/ties/new/", registers.new, {"which": "ties"}, name="tie-new"),
        path("registers/subjects/<int:pk>/end/", registers.end, {"which": "subjects"}, name="subject-end"),
        path("registers/matters/<int:pk>/end/", registers.end, {"which": "matters"}, name="matter-end"),
        path("registers/officers/<int:pk>/end/", registers.end, {"which": "officers"}, name="officer-end"),
        path("registers/ties/<int:pk>/end/", registers.end, {"which": "ties"}, name="tie-end"),
        path("supervision/", supervision.supervision, name="supervision"),
        path("<str:no>/record/", record.record, name="record"),
        path("<str:no>/sheet/", sheet.sheet, name="sheet"),
    ],
    "inspections",
)
# Everybody: what an inspection looks at.
items: tuple[list[URLPattern], str] = ([path("", checklist.checklist, name="list")], "checklist")
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

urlpatterns = [
    path("desk/inspections/", include(desk)),
    path("inspections/checklist/", include(items)),
    path("draws/", include(draws)),
]
