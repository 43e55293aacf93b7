"""The tables of accounts, which the portal's code imports, without the middleware their app insists on."""

from __future__ import annotations

from django.apps import AppConfig


class Accounts(AppConfig):
    """`allauth.account` as models alone."""

    name = "allauth.account"
    default_auto_field = "django.db.models.AutoField"
