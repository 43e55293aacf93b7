"""Addresses of the exchange. Who may enter each stands in `yancheng_childcare/permissions.py`."""

from django.urls import URLPattern

app_name = "exchange"

urlpatterns: list[URLPattern] = [
    # guide for departments
    # endpoints
    # deliveries
]
