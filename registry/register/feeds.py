"""What can be followed, by feed or by mail: an institution, or an area with everything in it; and its Atom 1.0 feed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape

from yancheng_childcare.places import place_name, places
from yancheng_childcare.workdays import SHANGHAI

from ..choices import SubscriptionTarget
from ..models import PublicChange
from ..rules.uscc import normalise
from .detail import read_detail

LAST = 50
# Not allowed in XML 1.0; surrogates cannot be encoded either.
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_BEGINNING = datetime(2026, 1, 1, tzinfo=SHANGHAI)


@dataclass(frozen=True, slots=True)
class Followed:
    """An institution (`uscc`) or an area (`area`, a code of the reference data) and its name."""

    name: str
    uscc: str = ""
    area: str = ""

    @property
    def target(self) -> str:
        """The `SubscriptionTarget`."""
        return SubscriptionTarget.INSTITUTION.value if self.uscc else SubscriptionTarget.AREA.value

    @property
    def page(self) -> str:
        """The path of its page: the institution, or the search of the area."""
        if self.uscc:
            return reverse("public:institution", args=[self.uscc])
        level = places()[self.area][0]
        search = reverse("public:search")
        return search if level == "CITY" else f"{search}?{'town' if level == 'TOWN' else 'region'}={self.area}"

    @property
    def feed(self) -> str:
        """The path of its feed."""
        if self.uscc:
            return reverse("public:institution-feed", args=[self.uscc])
        return reverse("public:area-feed", args=[self.area])

    def changes(self) -> QuerySet[PublicChange]:
        """Its changes, newest first. A county has those of its towns, the city everything."""
        found = PublicChange.objects.order_by("-id")
        if self.uscc:
            return found.filter(uscc=self.uscc)
        level = places()[self.area][0]
        if level == "CITY":
            return found
        return found.filter(town=self.area) if level == "TOWN" else found.filter(region=self.area)


def followed_institution(uscc: str) -> Followed | None:
    """The institution with this code, filed or not; None when there is none."""
    detail = read_detail(normalise(uscc))
    return Followed(str(detail.card["name"]), uscc=detail.uscc) if detail else None


def followed_area(code: str) -> Followed | None:
    """The city, a county, a zone or a town of it; None when there is none."""
    level = places().get(code, ("", "", ""))[0]
    return Followed(place_name(code), area=code) if level in {"CITY", "COUNTY", "ZONE", "TOWN"} else None


def clean(text: str) -> str:
    """Without characters that XML cannot carry."""
    return _NOT_XML.sub("", text)


class _Feed(Atom1Feed):
    def latest_post_date(self) -> datetime:
        """An empty feed is always the same: it does not claim to be updated now."""
        return max((item["updateddate"] for item in self.items), default=_BEGINNING)


def render_feed(followed: Followed) -> bytes:
    """The last 50 changes as Atom 1.0 (RFC 4287); ids are tag: addresses that never change. One query."""
    host = urlsplit(settings.PORTAL_URL).hostname or "localhost"
    feed: Any = _Feed(
        title=clean(f"{followed.name}：公开信息变更"),
        link=f"{settings.PORTAL_URL}{followed.page}",
        description="备案状态、名称、地址、托位、收费等公开信息的变更",
        language="zh-CN",
        author_name=clean(settings.CONTACT["organiser"]),
        feed_url=f"{settings.PORTAL_URL}{followed.feed}",
        feed_guid=f"tag:{host},2026:{followed.uscc or followed.area}",
    )
    for change in followed.changes()[:LAST]:
        feed.add_item(
            title=clean(change.title),
            link=f"{settings.PORTAL_URL}{reverse('public:institution', args=[change.uscc])}",
            description=escape(clean(change.detail)),  # Django marks a summary as HTML
            unique_id=f"tag:{host},2026:change:{change.pk}",
            pubdate=(here := change.occurred_at.astimezone(SHANGHAI)),
            updateddate=here,
            categories=[change.get_kind_display()],
        )
    text: str = feed.writeString("utf-8")
    return text.encode()
