"""System checks that keep the house rules: no route without a rule, no API view or administration with its own rights."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections
from django.urls import URLPattern, URLResolver, get_resolver


def routes(patterns: Any = None, namespace: str = "") -> Iterator[tuple[str, str, Any]]:
    """(view name, pattern, callback) of every route of the URLconf, included ones too."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from routes(entry.url_patterns, inner)
        elif isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name or ''}", str(entry.pattern), entry.callback


@register(Tags.security)
def every_route_has_a_rule(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A route nobody ruled on would be refused at run time; say so before."""
    from .permissions import rule_for

    return [
        Error(f"route {name or pattern!r} has no rule in the permissions.py of its app", id="portal.E001")
        for name, pattern, _ in routes()
        if rule_for(name) is None
    ]


@register(Tags.security)
def proxies_are_counted_once(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Whoever counts proxies by another number than `callers.py` sees another caller."""
    said = {
        "ALLAUTH_TRUSTED_PROXY_COUNT": settings.ALLAUTH_TRUSTED_PROXY_COUNT,
        "REST_FRAMEWORK['NUM_PROXIES']": settings.REST_FRAMEWORK.get("NUM_PROXIES"),
        "SECURE_PROXY_SSL_HEADER": settings.TRUSTED_PROXY_COUNT if settings.SECURE_PROXY_SSL_HEADER else 0,
    }
    return [
        Error(f"{name} disagrees with TRUSTED_PROXY_COUNT={settings.TRUSTED_PROXY_COUNT}", id="portal.E003")
        for name, number in said.items()
        if number != settings.TRUSTED_PROXY_COUNT
    ]


@register(Tags.security)
def api_views_use_the_policy(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """An API view with its own permission classes would be a second truth."""
    from .permissions import PolicyPermission

    return [
        Error(f"API view {name} sets its own permission classes", id="portal.E002")
        for name, _, callback in routes()
        if name.startswith("api:")
        and (view := getattr(callback, "cls", getattr(callback, "view_class", None))) is not None
        and list(getattr(view, "permission_classes", [])) != [PolicyPermission]
    ]


@register(Tags.security)
def administration_is_ruled_by_duty(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A page of the administration with Django's own permissions would be a way round the duties (security.md H4c)."""
    from django.contrib import admin

    from .administration import PortalAdmin, ReadOnlyInline

    found: list[CheckMessage] = []
    for model, model_admin in admin.site._registry.items():
        if not isinstance(model_admin, PortalAdmin):
            found.append(Error(f"{model._meta.label} is administered without PortalAdmin", id="portal.E003"))
        found += [
            Error(f"{inline.__name__} of {model._meta.label} is no ReadOnlyInline", id="portal.E003")
            for inline in model_admin.inlines
            if not issubclass(inline, ReadOnlyInline)
        ]
    return found


@register(Tags.database)
def sessions_have_limits(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """A pooler may refuse or swallow the limits each connection asks for; without them one query can hold all threads."""
    found: list[CheckMessage] = []
    for alias in databases or []:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT current_setting('statement_timeout'), current_setting('lock_timeout'), current_user")
            statement, lock, role = cursor.fetchone()
        if "0" in {statement, lock}:
            found.append(
                Warning(
                    f"database {alias!r}: sessions have no statement_timeout or no lock_timeout",
                    hint=f"ALTER ROLE {role} SET statement_timeout = '15s'; ALTER ROLE {role} SET lock_timeout = '3s';"
                    f" ALTER ROLE {role} SET idle_in_transaction_session_timeout = '15s'; (docs/behind-a-pooler.md)",
                    id="portal.W010",
                )
            )
    return found
