"""Markup that a validator would refuse, on every page that needs no record: public pages and the desks of one role each."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import html

pytestmark = pytest.mark.django_db
PUBLIC = [
    "/",
    "/institutions/",
    "/institutions/?q=没有这样的机构",
    "/about/",
    "/accessibility/",
    "/error-codes/",
    "/open-data/",
    "/accounts/login/",
]
DESKS = {
    "registrar_tinghu": ["/desk/", "/desk/registrations/", "/desk/registrations/new/", "/desk/messages/"],
    "integrator_health": ["/exchange/", "/exchange/deliveries/", "/exchange/endpoints/new/"],
}
#: Phrasing content only (HTML 4.3.6, 4.4.1): no block and no live region may stand inside.
NARROW = ("h1", "h2", "h3", "h4", "p")
BLOCKS = {"div", "p", "ul", "ol", "dl", "table", "section", "form", "h1", "h2", "h3", "fieldset", "details"}


def wrong(text: str) -> list[str]:
    """What is wrong with a page, as far as it is looked at."""
    page = html.document_fromstring(text)
    found = [
        f"empty {name} on {one.tag}"
        for name in ("action", "href", "id", "for")
        for one in page.xpath(f"//*[@{name}='']")
    ]
    for tag in NARROW:
        found += [f"{one.tag} in {tag}" for one in page.xpath(f"//{tag}//*") if one.tag in BLOCKS]
    for one in page.xpath("//*[self::h1 or self::h2 or self::h3 or self::h4]//*[@role='status' or @role='alert']"):
        found.append(f"role={one.get('role')} in a heading")
    ids = [one.get("id") for one in page.xpath("//*[@id]")]
    found += [f"id {one} twice" for one in {i for i in ids if ids.count(i) > 1}]
    found += [f"label for {one.get('for')}" for one in page.xpath("//label[@for]") if one.get("for") not in ids]
    return found


def test_the_check_sees_what_was_found() -> None:
    assert wrong('<h2><span role="status">x</span></h2><form action=""></form>') == [
        "empty action on form",
        "role=status in a heading",
    ]


@pytest.mark.parametrize("path", PUBLIC)
def test_public_pages_are_valid(client: Any, reference: None, path: str) -> None:
    assert wrong(client.get(path).content.decode()) == []


@pytest.mark.parametrize(("who", "path"), [(who, path) for who, paths in DESKS.items() for path in paths])
def test_desk_pages_are_valid(as_user: Any, who: str, path: str) -> None:
    answer = as_user(who).get(path)
    assert answer.status_code == 200 and wrong(answer.content.decode()) == []
