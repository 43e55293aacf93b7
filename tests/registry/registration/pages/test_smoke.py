"""Every page of the registry once, as the person it is for, with the budget it keeps."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.django_db

PAGES = [
    ("registrar_tinghu", "/desk/", 6),  # the budget of every desk: tests/casework/test_inbox.py
    ("health_city", "/desk/", 1),
    ("registrar_tinghu", "/desk/messages/", 1),
    ("registrar_tinghu", "/desk/registrations/new/", 0),
    ("registrar_tinghu", "/desk/registrations/irregular/", 2),
    ("registrar_tinghu", "/desk/registrations/{uscc}/", 5),
    ("registrar_tinghu", "/desk/registrations/{uscc}/versions/", 3),
    ("registrar_tinghu", "/desk/registrations/{uscc}/reveal/", 1),
    ("registrar_tinghu", "/desk/registrations/{uscc}/change/", 1),
    ("registrar_tinghu", "/desk/registrations/{uscc}/end/", 1),
    ("reviewer_tinghu", "/desk/unfiled/", 2),
    ("reviewer_tinghu", "/desk/unfiled/{uscc}/", 1),
    ("police_tinghu", "/desk/police/", 5),
    ("police_tinghu", "/desk/police/{uscc}/", 4),
    ("health_city", "/desk/ledgers/", 1),
    ("health_city", "/desk/ledgers/differences/", 3),
]


@pytest.mark.parametrize(("who", "path", "queries"), PAGES)
def test_page_opens_within_its_budget(html_of, institution, push, budget, who, path, queries):
    found = institution(name="盐城市禾苗儿童中心")
    push(found, HEALTH="DELIVERED", POLICE="RETRY")
    path = path.format(uscc=found.uscc)
    html = html_of(who, path)
    assert html.count("<h1") == 1
    assert "<title>" in html
    assert found.legal_rep_id_no not in html
    assert found.contact_phone not in html
    if queries:
        budget(who, path, queries)


@pytest.mark.parametrize(
    "path", ["/", "/about/", "/accessibility/", "/error-codes/", "/institutions/", "/institutions/{uscc}/"]
)
@pytest.mark.parametrize("who", ["", "registrar_tinghu"])
def test_public_pages_open_for_everybody(html_of, institution, who, path):
    found = institution()
    html = html_of(who, path.format(uscc=found.uscc))
    assert html.count("<h1") == 1
    assert found.legal_rep_id_no not in html
