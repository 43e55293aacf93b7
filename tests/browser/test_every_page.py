"""Every page as its users see it, at 1280 and 375 px: accessible, no sideways scroll, light, nothing refused by CSP."""

from __future__ import annotations

import os

import pytest
from axe_playwright_python.sync_playwright import Axe

from registry.demo.accounts import OWN_INSTITUTIONS
from registry.models import Filing, FilingReceipt, Institution, Post, PublicEntry, SiteCheck
from registry.rules.filing.sections import FORM_SECTIONS
from tests.public_pages import PUBLIC

from .pictures import keep_picture

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

BY_PERSON = {
    "": PUBLIC,
    "registrar_tinghu": [
        "/desk/", "/desk/messages/", "/desk/registrations/", "/desk/registrations/new/", "/desk/registrations/irregular/",
        "/desk/registrations/{own}/", "/desk/registrations/{own}/versions/", "/desk/registrations/{own}/change/",
        "/desk/registrations/{own}/end/", "/desk/registrations/{own}/reveal/?field=legal_rep_id_no", "/desk/imports/",
        "/institutions/{own}/", "/exchange/deliveries/", "/accounts/password/change/", "/accounts/2fa/",
    ],
    "reviewer_tinghu": [
        "/desk/", "/desk/unfiled/", "/exchange/", "/desk/review/", "/desk/review/{handed_in}/",
        "/desk/review/{handed_in}/notice/", "/desk/review/{handed_in}/receipt/", "/desk/review/{handed_in}/steps/propose_refusal/",
    ],
    "reviewer_tinghu2": ["/desk/review/{verifying}/steps/reassign/", "/desk/review/{handed_in}/contact/"],
    "chief_tinghu": [
        "/desk/", "/desk/cases/?type=REPORT", "/desk/review/", "/desk/review/areas/", "/desk/review/{handed_in}/", "/desk/review/{handed_in}/waivers/",
        "/desk/review/{verifying}/steps/nonconform/", "/desk/reconciliation/",
    ],
    "inspector_tinghu1": ["/desk/", "/desk/site-checks/", "/desk/site-checks/{check}/"],
    "police_tinghu": ["/desk/", "/desk/police/"],
    "health_city": [
        "/desk/reconciliation/", "/desk/", "/desk/ledgers/", "/desk/ledgers/differences/", "/exchange/", "/exchange/deliveries/",
    ],
    "integrator_health": ["/exchange/", "/exchange/endpoints/new/"],
    "operator_xiaotaiyang": [
        "/desk/", "/desk/registrations/", "/desk/filings/", "/desk/filings/start/", "/desk/filings/start/?matter=first",
        "/desk/filings/{draft}/", "/desk/filings/{draft}/precheck/",
        *(f"/desk/filings/{{draft}}/sections/{section.name}/" for section in FORM_SECTIONS),
        "/desk/filings/{draft}/classes/1/", "/desk/filings/{draft}/materials/", "/desk/filings/{draft}/materials/M05_FIRE/",
        "/desk/filings/{draft}/pledge/", "/desk/filings/{draft}/check/",
        "/desk/people/", "/desk/people/new/", "/desk/people/{post}/", "/desk/people/{post}/paper/",
        "/desk/people/{post}/training/", "/desk/people/import/",
    ],
}  # fmt: skip
SIZES = {1280: 900, 375: 812}


def numbers() -> dict[str, str]:
    """What the addresses above leave open, from the demo city."""
    mine = OWN_INSTITUTIONS["operator_xiaotaiyang"]

    def case(status: str) -> str:
        found = Filing.objects.filter(status=status, institution__region="320902", pause_reason="").order_by("id")
        return str(found.values_list("no", flat=True)[0])

    own = Institution.objects.filter(registry_org="320902-MARKET", status="ACTIVE").order_by("id")
    listed = PublicEntry.objects.listed().exclude(capacity_total=None).order_by("institution_id")
    filed, second = listed.values_list("uscc", flat=True)[:2]
    return {
        "filed": filed,
        "second": second,
        "unfiled": Institution.objects.active().unfiled().filter(filing_state="").values_list("uscc", flat=True)[0],
        "nonconforming": PublicEntry.objects.filter(status="NONCONFORMING").values_list("uscc", flat=True)[0],
        "home": PublicEntry.objects.listed().filter(nature="HOME").values_list("uscc", flat=True)[0],
        "own": own.values_list("uscc", flat=True)[0],
        "draft": Filing.objects.get(institution__uscc=mine).no,
        "post": str(Post.objects.filter(institution__uscc=mine).order_by("id")[0].pk),
        "handed_in": case("CHANGE_SUBMITTED"),
        "verifying": case("VERIFYING"),
        "check": str(SiteCheck.objects.get(concluded_on=None, filing__status="VERIFYING").pk),
        "receipt": FilingReceipt.objects.order_by("id")[0].receipt_no,
    }


# CI looks at the wide form of the public pages and the busiest desk; at the narrow one, where things break, of all.
WIDE_IN_CI = ("", "reviewer_tinghu")
SEEN = [(w, p) for w in SIZES for p in BY_PERSON if w == 375 or "CI" not in os.environ or p in WIDE_IN_CI]


@pytest.mark.parametrize(("width", "person"), SEEN, ids=lambda v: str(v) or "visitor")
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
    known = numbers()
    found: list[str] = []
    for path in BY_PERSON[person]:
        sizes.clear()
        refused.clear()
        shown = path.format_map({name: name for name in known})
        path = path.format_map(known)
        response = page.goto(live_server.url + path)
        expected = 404 if "no-such" in path else 200
        assert response is not None
        if response.status != expected:
            found.append(f"{path}: {response.status}")
            continue
        # without uploaded documents: those are what the reviewer came to see, in whatever size they were handed in
        weight = len(response.body()) + sum(
            size for url, size in sizes.items() if url != response.url and "/files/" not in url
        )
        # The review page holds a whole case on one page, on an office network.
        if weight > (250_000 if path.startswith("/desk/review/YC") else 200_000):
            found.append(f"{path}: {weight} bytes on first view")
        name = f"{person or 'visitor'}{shown.replace('/', '_').split('?')[0]}{width}"
        keep_picture(page, name)
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found.append(f"{path}: scrolls sideways at {width} px")
        violations = Axe().run(page).response["violations"]
        found += [f"{path}: axe {v['id']} {v['nodes'][0]['target']}" for v in violations]
        found += [f"{path}: {text}" for text in refused if expected == 200]
        if "演示数据" not in page.content():
            found.append(f"{path}: not marked as demo data")
    assert not found, "\n".join(found)
