"""What every page knows: demo mark, reading mode, navigation, contact, unread messages."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from . import demo_progress
from .desks import links_for
from .permissions import may_enter

PUBLIC_NAV = [
    ("首页", "home"),
    ("机构查询", "public:search"),
    ("办备案", "filing:guide"),
    ("办前自查", "registry:self-check"),
    ("看懂信息", "public:how-to-read"),
    ("开放数据", "public:open-data"),
    ("部门对接", "exchange:guide"),
    ("关于平台", "about"),
]


def public_nav(path: str) -> list[dict[str, Any]]:
    """The main menu as links; needs neither database nor session."""
    return [nav_link(label, url, path) for label, url in _public_links()]


@cache
def _public_links() -> list[tuple[str, str]]:
    return [(label, reverse(route)) for label, route in PUBLIC_NAV]


def nav_link(label: str, url: str, path: str) -> dict[str, Any]:
    """One link of a menu on the page at `path`."""
    return {"label": label, "url": url, "current": path == url or (url != "/" and path.startswith(url))}


def is_large(request: HttpRequest) -> bool:
    """Whether the visitor reads 长辈版."""
    return request.COOKIES.get("view_mode") == "large"


def portal(request: HttpRequest) -> dict[str, Any]:
    """Context of every template; no query of its own (the unread count comes with the signed-in person)."""
    user = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated

    desk = [("工作台", reverse("desk")), *links_for(user)] if signed_in else []
    desk_nav = [nav_link(label, url, request.path) for label, url in desk]
    best = max((item["url"] for item in desk_nav if item["current"]), key=len, default="")
    for item in desk_nav:
        item["current"] = item["url"] == best
    return {
        "demo": settings.DEMO,
        "demo_progress": demo_progress.words() if settings.DEMO else "",
        "large": is_large(request),
        "contact": settings.CONTACT,
        "nav": public_nav(request.path),
        "desk_nav": desk_nav,
        "unread": getattr(user, "unread_count", 0) if signed_in else 0,
        "signed_in": signed_in,
        "idle_minutes": settings.SESSION_IDLE_MINUTES,
        "may_admin": signed_in and settings.ADMIN_ENABLED and may_enter(user, "admin:index", "GET"),
    }
