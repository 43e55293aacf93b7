"""The whole REST API on one page (contract.md). Who may call each stands in `permissions.ROUTES`."""

from django.urls import URLPattern

app_name = "api"

urlpatterns: list[URLPattern] = [
    # schema, docs, code lists
    # registrations
    # exchange
]
