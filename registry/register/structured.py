"""What search engines are told of an institution: schema.org, the facts of the page and no more."""

from __future__ import annotations

from typing import Any

import orjson
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from ..choices import Nature
from .detail import Detail
from .hours import schema_hours
from .wording import NO_DOOR

# So that the text of a value can never end the element it stands in.
ESCAPES = {"<": "\\u003C", ">": "\\u003E", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def page_of(uscc: str) -> str:
    """The one address of an institution's page, whatever host it was asked by."""
    return f"{settings.PORTAL_URL}/institutions/{uscc}/"


def json_ld(detail: Detail) -> SafeString:
    """The JSON-LD of a ChildCare place. A home nursery has no street address (product.md C2)."""
    card = detail.card
    address: dict[str, Any] = {
        "@type": "PostalAddress",
        "addressCountry": "CN",
        "addressRegion": "江苏省",
        "addressLocality": f"盐城市{card['region']}",
    }
    if card["nature"] != Nature.HOME and NO_DOOR not in card["address"]:
        address["streetAddress"] = card["address"]
    place: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "ChildCare",
        "name": card["name"],
        "identifier": {"@type": "PropertyValue", "propertyID": "统一社会信用代码", "value": detail.uscc},
        "address": address,
        "url": page_of(detail.uscc),
        "areaServed": card["region"],
    }
    if phone := card.get("phone"):
        place["telephone"] = phone
    if hours := schema_hours(card.get("opening_hours", "")):
        place["openingHours"] = hours
    text = orjson.dumps(place).decode()
    for character, escape in ESCAPES.items():
        text = text.replace(character, escape)
    return mark_safe(text)  # noqa: S308  # every character that could end the element is escaped above
