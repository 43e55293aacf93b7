"""Every page as its users see it, at 1280 and 375 px: accessible, no sideways scroll, light, nothing refused by CSP."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from registry.models import Institution

from .conftest import SHOTS

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PUBLIC = [
    "/",
    "/institutions/",
    "/about/",
    "/accessibility/",
    "/error-codes/",
    "/exchange-guide/",
    "/accounts/login/",
    "/styleguide/",
    "/no-such-page/",
]
BY_PERSON = {
    "": PUBLIC,
    "registrar_tinghu": [
        "/desk/", "/desk/messages/", "/desk/registrations/", "/desk/registrations/new/", "/desk/registrations/irregular/",
        "/desk/registrations/{own}/", "/desk/registrations/{own}/versions/", "/desk/registrations/{own}/change/",
        "/desk/registrations/{own}/end/", "/desk/registrations/{own}/reveal/?field=legal_rep_id_no", "/desk/imports/",
        "/institutions/{own}/", "/exchange/deliveries/", "/accounts/password/change/", "/accounts/2fa/",
    ],
    "reviewer_tinghu": ["/desk/", "/desk/unfiled/", "/exchange/"],
    "police_tinghu": ["/desk/", "/desk/police/"],
    "health_city": ["/desk/", "/desk/ledgers/", "/desk/ledgers/differences/", "/exchange/", "/exchange/deliveries/"],
    "integrator_health": ["/exchange/", "/exchange/endpoints/new/"],
    "operator_xiaotaiyang": ["/desk/", "/desk/registrations/"],
}  # fmt: skip
SIZES = {1280: 900, 375: 812}


@pytest.mark.parametrize("width", SIZES)
@pytest.mark.parametrize("person", BY_PERSON, ids=lambda p: p or "visitor")
def test_pages(person, width, page, live_server, city, sign_in):
    page.set_viewport_size({"width": width, "height": SIZES[width]})
    refused: list[str] = []
    page.on(
        "console",
        lambda m: refused.append(m.text) if "Content Security Policy" in m.text or m.type == "error" else None,
    )
    sizes: dict[str, int] = {}
    page.on("response", lambda r: sizes.__setitem__(r.url, int(r.headers.get("content-length", 0))))
    if person:
        sign_in(person)
    own = (
        Institution.objects.filter(registry_org="320902-MARKET", status="ACTIVE")
        .order_by("id")
        .values_list("uscc", flat=True)[0]
    )
    found: list[str] = []
    for path in BY_PERSON[person]:
        sizes.clear()
        refused.clear()
        path = path.format(own=own)
        response = page.goto(live_server.url + path)
        expected = 404 if "no-such" in path else 200
        assert response is not None
        if response.status != expected:
            found.append(f"{path}: {response.status}")
            continue
        name = f"{person or 'visitor'}{path.replace(own, 'uscc').replace('/', '_').split('?')[0]}{width}.png"
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SHOTS / name, full_page=True)
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found.append(f"{path}: scrolls sideways at {width} px")
        weight = len(response.body()) + sum(size for url, size in sizes.items() if url != response.url)
        if weight > 200_000:
            found.append(f"{path}: {weight} bytes on first view")
        violations = Axe().run(page).response["violations"]
        found += [f"{path}: axe {v['id']} {v['nodes'][0]['target']}" for v in violations]
        found += [f"{path}: {text}" for text in refused if expected == 200]
        if "演示数据" not in page.content():
            found.append(f"{path}: not marked as demo data")
    assert not found, "\n".join(found)
