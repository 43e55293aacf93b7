"""What every page knows: demo mark, reading mode, navigation, contact, unread messages."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from .desks import links_for
from .permissions import may_enter

PUBLIC_NAV = [
    ("首页", "home"),
    ("机构查询", "public:search"),
    ("办备案", "filing:guide"),
    ("办前自查", "registry:self-check"),
    ("看懂评价", "public:how-to-read"),
    ("开放数据", "public:open-data"),
    ("部门对接", "exchange:guide"),
    ("关于平台", "about"),
]


def is_large(request: HttpRequest) -> bool:
    """Whether the visitor reads 长辈版."""
    return request.COOKIES.get("view_mode") == "large"


def portal(request: HttpRequest) -> dict[str, Any]:
    """Context of every template; no query of its own (the unread count comes with the signed-in person)."""
    user = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated

    def link(label: str, url: str) -> dict[str, Any]:
        current = request.path == url or (url != "/" and request.path.startswith(url))
        return {"label": label, "url": url, "current": current}

    nav = [link(label, reverse(route)) for label, route in PUBLIC_NAV]
    desk_nav = [link("工作台", reverse("desk")), *(link(t, u) for t, u in links_for(user))] if signed_in else []
    best = max((item["url"] for item in desk_nav if item["current"]), key=len, default="")
    for item in desk_nav:
        item["current"] = item["url"] == best
    return {
        "demo": settings.DEMO,
        "large": is_large(request),
        "contact": settings.CONTACT,
        "nav": nav,
        "desk_nav": desk_nav,
        "unread": getattr(user, "unread_count", 0) if signed_in else 0,
        "signed_in": signed_in,
        "idle_minutes": settings.SESSION_IDLE_MINUTES,
        "may_admin": signed_in and settings.ADMIN_ENABLED and may_enter(user, "admin:index", "GET"),
    }
