"""Addresses of the registry. Who may enter each stands in `yancheng_childcare/permissions.py`."""

from django.urls import URLPattern

app_name = "registry"

urlpatterns: list[URLPattern] = [
    # public look-up
    # registrations
    # batch import
    # desks
]
