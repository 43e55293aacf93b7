"""No public page speaks of what no part of the portal produces yet: grades, credit records, complaints."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from registry.registration.services import record_filing
from tests.pages import markup_of
from tests.public_pages import PUBLIC
from tests.security.filed import file_it
from yancheng_childcare.deadlines import today_here

pytestmark = pytest.mark.django_db
# Fire resistance, occupations and building surveys have grades of their own; 卫生评价 is a paper of the filing.
COMES_LATER = re.compile(
    r"(?<!卫生)评价等级|等级评价|未评价|总评|评级|星级|(?<!耐火)(?<!技能)(?<!鉴定)等级|优秀|(?<!通风)良好|看懂评价"
    r"|信用(?:档案|评价|等级|记录|公示)|黑名单|投诉|摇号"
)
MACHINES = [
    "/api/v1/docs/", "/api/v1/schema/?format=json", "/api/v1/codes/", "/api/v1/institutions/{filed}/",
    "/open-data/dictionary.csv", "/open-data/dictionary.json", "/open-data/institutions.csv",
]  # fmt: skip


@pytest.fixture
def known(institution: Callable[..., Any], cast: Any) -> dict[str, str]:
    """One institution for each address left open."""
    filed, unfiled, wrong, second, home = (
        institution(name=f"盐城市亭湖区{name}托育服务有限公司") for name in ("甲一", "乙二", "丙三", "丁四", "戊五")
    )
    receipt = file_it(filed, cast).receipt_no
    file_it(wrong, cast, "NONCONFORMING", serial=1)
    for number, one in enumerate((second, home)):
        record_filing(one, filing_no=f"BA-000{number}", filed_on=today_here(), actor=cast["reviewer_tinghu"])
    return {
        "filed": filed.uscc, "unfiled": unfiled.uscc, "nonconforming": wrong.uscc, "second": second.uscc,
        "home": home.uscc, "receipt": receipt,
    }  # fmt: skip


def test_no_public_page_promises_what_does_not_exist(known: dict[str, str]) -> None:
    client, said = Client(), []
    # The checklist speaks of what institutions do (how they handle complaints), not of what the portal offers.
    for path in [
        *(path for path in PUBLIC if path != "/inspections/checklist/"),
        "/institutions/?region=320902",
        "/institutions/{second}/",
        *MACHINES,
    ]:
        answer = client.get(path.format_map(known))
        assert answer.status_code == (404 if "no-such" in path else 200), path
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        text = re.sub(r"\s+", "", body.decode())
        said += [
            f"{path}: {text[max(found.start() - 12, 0) : found.end() + 12]}" for found in COMES_LATER.finditer(text)
        ]
    assert not said, "\n".join(said)


def test_the_report_form_offers_only_blocks_the_page_has(institution: Callable[..., Any], cast: Any) -> None:
    """Somebody who reports an error must find the block, and the department must be able to answer for it."""
    found, client = institution(), Client()
    file_it(found, cast)
    form = markup_of(client.get(f"/institutions/{found.uscc}/report/"))
    offered = set(re.findall(r'<option value="(\w+)"', form))
    page = markup_of(client.get(f"/institutions/{found.uscc}/"))
    shown = set(re.findall(r'<section aria-labelledby="(\w+)-block-title"', page))
    assert offered - {"closing"} == shown  # 停业与终止服务 stands only where it stops


def test_penalties_are_looked_up_where_they_are_published(institution: Callable[..., Any], entry: Any) -> None:
    for found in (institution(), entry(), entry(status="SUSPENDED")):
        assert markup_of(Client().get(f"/institutions/{found.uscc}/")).count("信用中国") == 1


def test_the_grade_of_the_contract_is_taken_and_without_effect(entry: Any) -> None:
    """The names of the contract stay: the parameter is taken, the field is there, nothing on a page speaks of it.

    What no chip shows does not filter either: everything is on the list, and no link of the page carries it on.
    """
    found, client = entry(), Client()
    for query in ("grade=A", "grade=UNRATED", "grade=Z", "ordering=grade", "grade=A&region=320902"):
        answer = client.get(f"/api/v1/institutions/?{query}")
        assert [row["uscc"] for row in answer.json()["results"]] == [found.uscc], query
        for path in ("/institutions/", "/institutions/map/"):
            page = markup_of(client.get(f"{path}?{query}"))
            assert not COMES_LATER.search(page), (path, query)
            assert not re.search(r'(?:href|action)="[^"]*grade=', page), (path, query)
        assert found.uscc in markup_of(client.get(f"/institutions/?{query}")), query
    card = client.get(f"/api/v1/institutions/{found.uscc}/").json()
    assert (card["grade"], card["grade_until"]) == ("", None)
