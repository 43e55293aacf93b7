"""Addresses of the table of people and duties, for administrators only; mounted where the administration is."""

from django.urls import URLPattern, path

from . import pages

app_name = "staff-table"

urlpatterns: list[URLPattern] = [
    path("", pages.tables, name="tables"),
    path("template/", pages.template, name="template"),
    path("<int:pk>/", pages.table, name="table"),
]
