"""Addresses of the people ledger. Who may enter each stands in `permissions.py`."""

from django.urls import URLPattern, path

from . import pages

app_name = "people"

urlpatterns: list[URLPattern] = [
    path("desk/people/", pages.ledger.people, name="list"),
    path("desk/people/new/", pages.ledger.new, name="new"),
    path("desk/people/import/", pages.imports.import_people, name="import"),
    path("desk/people/import/template/", pages.imports.template, name="import-template"),
    path("desk/people/discrepancies/", pages.discrepancies.discrepancies, name="discrepancies"),
    path("desk/people/discrepancies/<int:pk>/", pages.discrepancies.discrepancy, name="discrepancy"),
    path("desk/people/<int:pk>/", pages.ledger.person, name="detail"),
    path("desk/people/<int:pk>/paper/", pages.papers.paper, name="paper"),
    path("desk/people/<int:pk>/training/", pages.papers.training, name="training"),
    path("desk/people/<int:pk>/leave/", pages.ledger.leave, name="leave"),
    path("desk/people/<int:pk>/reveal/", pages.ledger.reveal, name="reveal"),
]
