"""What the search finds and what not, that counts agree with results, and that pages lead through every result once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.utils.http import urlencode

from registry.models import Institution
from registry.register import frequency
from registry.register.apart import unlisted
from registry.register.facets import facets
from registry.register.frequency import forget
from registry.register.order import FIRST_OF_LAST
from registry.register.query import SearchQuery, read_search
from registry.register.search import find
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.problems import Rejected

pytestmark = pytest.mark.django_db
ORDERINGS = ["relevance", "grade", "fee", "distance"]


def ask(**params: Any) -> SearchQuery:
    return read_search(QueryDict(urlencode(params, doseq=True)))


def names(query: SearchQuery) -> set[str]:
    import orjson

    return {orjson.loads(row.card)["name"] for row in find(query).rows}


@pytest.fixture
def sunflower(entry):
    entry(name="盐城市别家照护服务有限公司", registered_address="盐城市亭湖区文港路9号")
    return entry(
        name="盐城市向日葵托育服务有限公司",
        former_names=["盐城市小太阳早教中心"],
        brand="Happy花园",
        registered_address="盐城市亭湖区希望大道18号",
    )


@pytest.mark.parametrize(
    "words",
    [
        "向日",
        "葵",
        "盐城市向日葵托育服务有限公司",
        "小太阳",
        "花园",
        "希望大道",
        "xiangrikui",
        "XIANGRI",
        "xrk",
        "ｘｒｋ",
        "xiaotaiyang",
        "向日葵 希望大道",
        "希望  向日",
        "xrk 向日葵",
    ],
)
def test_found_by(sunflower, words):
    page = find(ask(q=words))
    assert [row.key for row in page.rows] == [sunflower.order_key]
    assert not page.similar


def test_found_by_the_code_and_its_parts(sunflower):
    for part in (sunflower.uscc, sunflower.uscc.lower(), f"{sunflower.uscc[:8]} {sunflower.uscc[8:]}"):
        assert names(ask(q=part)) == {sunflower.name}, part
    assert sunflower.name in names(ask(q=sunflower.uscc[2:10]))


@pytest.mark.parametrize("words", ["向日魁", "向日小葵托", "向日癸", "像日葵", "向目葵托育", "xiangrikuu"])
def test_slips_find_what_is_similar_and_say_so(sunflower, words):
    page = find(ask(q=words))
    assert page.similar
    assert sunflower.order_key in [row.key for row in page.rows]


@pytest.mark.parametrize(
    "words", ["%", "_", "向_葵", "%%%", "\\", "向日葵%", "'; --", "[a-z]+", "😀", "龘靐齉", "向日葵 别家"]
)
def test_wildcards_are_plain_characters(sunflower, words):
    page = find(ask(q=words))
    assert all(page.similar for _ in page.rows)


def test_what_is_outside_the_register_is_found_by_a_distinctive_part_of_its_name(institution, entry):
    found, listed = institution(name="盐城市海盐童年托育服务有限公司"), entry(name="盐城海鸥童年托育服务有限公司")
    cancelled = entry(name="盐城市木马花园托育服务有限公司", status="CANCELLED")
    Institution.objects.filter(pk=cancelled.pk).update(filing_state="CANCELLED")
    for words in (
        found.name,
        found.uscc,
        found.uscc.lower(),
        "海盐童年",
        "haiyan",
        "海盐童年托育中心",
        "海盐同年",
        "盐城海盐童年",
    ):
        assert [card["uscc"] for card in unlisted(ask(q=words), slips=True)] == [found.uscc], words
        assert found.name not in names(ask(q=words))
    for words in (found.uscc[:-1], "查无此园", "", "托育", "亭湖区托育服务", listed.name, listed.uscc):
        assert unlisted(ask(q=words)) == [], words
    assert [card["status"] for card in unlisted(ask(q="木马花园"))] == ["CANCELLED"]
    assert [card["uscc"] for card in unlisted(ask(q=cancelled.name))] == [cancelled.uscc]


def test_a_name_is_no_common_word_because_the_register_is_small(institution, entry):
    found = institution(name="盐城市海盐童年托育服务有限公司")
    for number in "一二三四":
        entry(name=f"盐城海燕{number}童托育服务有限公司")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE registry_publicentry")
    forget()
    try:
        assert [card["uscc"] for card in unlisted(ask(q="haiyan"), slips=True)] == [found.uscc]
    finally:
        forget()


def test_letters_that_half_the_names_hold_somewhere_do_not_make_a_common_word(institution, monkeypatch):
    """太阳 alone has most of haiyan in it."""
    found = institution(name="盐城市海盐童年托育服务有限公司")
    monkeypatch.setattr(frequency._known, "of", lambda index: {"ha": 0.4, "ai": 0.4, "iy": 0.3, "ya": 1.0, "an": 1.0})
    assert [card["uscc"] for card in unlisted(ask(q="haiyan"), slips=True)] == [found.uscc]


def test_of_what_is_outside_the_register_no_more_than_name_area_and_status_is_told(institution):
    found = institution(name="盐城市海盐童年托育服务有限公司")
    (card,) = unlisted(ask(q="海盐童年"))
    assert set(card) == {"uscc", "name", "status", "status_text", "region_code", "region", "similar", "links"}
    assert found.registered_address not in str(card)


@pytest.fixture
def town(entry):
    """Nine institutions that differ in everything one can filter by."""
    today = today_here()
    natures = ["FORPROFIT", "FORPROFIT_IND", "NONPROFIT"]
    made = []
    for n in range(9):
        made.append(
            entry(
                region="320981" if n % 3 == 0 else "320902",
                town="320981100" if n % 3 == 0 else ("320902002" if n % 3 == 1 else "320902001"),
                nature="FORPROFIT",
                status=["FILED", "VERIFYING", "NONCONFORMING", "SUSPENDED"][n % 4],
                grade=["A", "B", "", "D", "C"][n % 5],
                months_mask=sum(1 << m for m in range(n, 36)),
                service_modes=["FULL_DAY", "HALF_DAY"] if n % 2 else ["HOURLY"],
                inclusive=n % 2 == 0,
                meal_mode=["CANTEEN", "OUTSOURCED", "NONE", ""][n % 4],
                fee_month=1000 + 100 * (n // 2) if n != 8 else None,
                places_free=[0, 3, None][n % 3],
                capacity_total=30,
                last_checked_on=today - timedelta(days=100 * n) if n else None,
            )
        )
    from registry.models import PublicEntry

    for n, row in enumerate(made):
        PublicEntry.objects.filter(pk=row.pk).update(nature=natures[n % 3])
    return made


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        ({"region": "320981"}, [0, 3, 6]),
        ({"town": "320902001"}, [2, 5, 8]),
        ({"region": "320902", "town": "320902002"}, [1, 4, 7]),
        ({"nature": ["FORPROFIT", "NONPROFIT"]}, [0, 2, 3, 5, 6, 8]),
        ({"nature": "FORPROFIT,NONPROFIT"}, [0, 2, 3, 5, 6, 8]),
        ({"status": "SUSPENDED"}, [3, 7]),
        ({"grade": "A"}, list(range(9))),
        ({"months": 2}, [0, 1, 2]),
        ({"service": ["FULL_DAY", "TEMP"]}, [1, 3, 5, 7]),
        ({"inclusive": 1}, [0, 2, 4, 6, 8]),
        ({"meals": "CANTEEN"}, [0, 4, 8]),
        ({"fee_from": 1100, "fee_to": 1200}, [2, 3, 4, 5]),
        ({"fee_to": 1000}, [0, 1]),
        ({"free": 1}, [1, 4, 7]),
        ({"checked": 1}, [1, 2, 3]),
        ({"inclusive": 1, "region": "320902", "q": "托育"}, [2, 4, 8]),
        ({}, list(range(9))),
    ],
)
def test_every_filter(town, filters, wanted):
    page = find(ask(**filters))
    assert {row.key for row in page.rows} == {town[n].order_key for n in wanted}
    assert page.count == len(wanted)
    assert facets(ask(**filters)).total == len(wanted)


@pytest.mark.parametrize("chosen", [{}, {"region": "320902", "town": "320902001"}, {"q": "托育", "service": "HOURLY"}])
def test_counts_are_what_a_click_gives(town, chosen):
    counted = 0
    counts = facets(ask(**chosen))
    assert counts.known
    assert counts.counts["checked"]
    assert counts.counts["months"]
    for name, options in counts.counts.items():
        for value, number in options.items():
            if value == "" or (name in {"inclusive", "free", "checked"} and value == "0"):
                continue
            rest = {k: v for k, v in chosen.items() if k != name and not (name == "region" and k == "town")}
            assert find(ask(**{**rest, name: value})).count == number, (name, value)
            counted += 1
    assert counted > 8


@pytest.mark.parametrize("cap", [1000, 5])
@pytest.mark.parametrize("ordering", ORDERINGS)
@pytest.mark.parametrize("words", ["", "托育"])
def test_pages_lead_through_every_result_once(town, settings, cap, ordering, words):
    settings.PUBLIC_SEARCH_CAP = cap
    given = {"ordering": ordering, "q": words, "limit": 2, "near": "320902"}
    page, seen, pages = find(ask(**given)), [], []
    assert page.capped is (cap == 5)
    assert page.count == min(cap, 9)
    while True:
        pages.append([row.key for row in page.rows])
        seen += pages[-1]
        if page.next is None:
            break
        page = find(ask(**given, page=page.next.text()))
    assert sorted(seen) == sorted(row.order_key for row in town)
    assert len(pages) == 5
    # And back again.
    for expected in reversed(pages[:-1]):
        assert page.previous is not None
        page = find(ask(**given, page=page.previous.text()))
        assert [row.key for row in page.rows] == expected
    assert page.previous is None
    if ordering in {"grade", "relevance"}:
        assert seen == sorted(seen)
    if ordering == "fee":
        fees = {row.order_key: row.fee_month for row in town}
        assert [fees[key] or 10**7 for key in seen] == sorted(fees[key] or 10**7 for key in seen)
    if ordering == "distance":
        # Those that stopped or must mend their filing come last, however near.
        open_ones = [key for key in seen if key < FIRST_OF_LAST]
        assert seen[: len(open_ones)] == open_ones
        far = {row.order_key for row in town if row.region_id == "320981"} & set(open_ones)
        assert set(open_ones[-len(far) :]) == far


@pytest.mark.parametrize(
    "query",
    ["region=999999", "town=320902", "nature=Z", "months=36", "fee_from=-1", "free=2", "near=nowhere", "near=91,0",
     "ordering=random", "page=abc", "colour=red", "limit=0", "limit=101", "q=" + "x" * 101, "q=a%00"],
)  # fmt: skip
def test_a_wrong_question_is_refused(reference, query):
    with pytest.raises(Rejected) as refused:
        read_search(QueryDict(query))
    assert refused.value.status == 400
    assert refused.value.problems[0].code.startswith("PUB-")
