"""How the database goes about a search: by the index of pieces, or along the standing order, never through the table."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.http import QueryDict
from django.utils.http import urlencode

from registry.register import apart, search
from registry.register.conditions import bigrams, word_conditions
from registry.register.frequency import forget, leading, share_of
from registry.register.query import read_search
from yancheng_childcare.places import places

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture
def many() -> Iterator[None]:
    """Three thousand entries that belong to no institution: only their plans matter, and all is rolled back."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            """INSERT INTO registry_publicentry (institution_id, uscc, name, words, latin, listed, order_key, status, nature,
            region_id, town_id, service_modes, meal_mode, card, content, version, changed_at)
            SELECT n, 'X' || n, 'x', chr(19968 + n % 700) || chr(20968 + n % 900) || '托育服务' || n, 'tyfw' || n, true,
            '3' || lpad(n::text, 8, '0'), 'FILED', 'FORPROFIT', (ARRAY['320902','320903'])[1 + n % 2], '320902001', '{}', '',
            jsonb_build_object('about the size of a card', repeat('x', 800)), '{}', 1, now() FROM generate_series(1, 3000) n"""
        )
        cursor.execute("ANALYZE registry_publicentry")
    forget()
    yield
    forget()


def plans(**given: str) -> list[str]:
    """The plan of each statement a search sends."""
    found: list[str] = []

    def explain(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        if sql.lstrip().startswith(("WITH", "SELECT t.card", "SELECT card")):
            with connection.connection.cursor() as cursor:
                cursor.execute("EXPLAIN " + sql, params)
                found.append("\n".join(row[0] for row in cursor.fetchall()))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        search.find(read_search(QueryDict(urlencode(given))))
    return found


def test_rare_words_go_through_the_pieces(many: None) -> None:
    (plan,) = plans(q=chr(19968 + 5) + chr(20968 + 5))
    assert "public_words" in plan and "Seq Scan" not in plan


def test_the_county_is_a_piece_of_the_index() -> None:
    query = read_search(QueryDict("q=%E5%B0%8F%E5%A4%AA&region=320902"))
    index, text = word_conditions(query)
    assert index.params == (["小太", "@320902"],) and "registry_pieces" in index.sql
    assert text.params == ("%小太%",)


def test_frequent_words_walk_the_order(many: None, settings) -> None:  # type: ignore[no-untyped-def]
    settings.PUBLIC_SEARCH_CAP = 100
    (walk,) = plans(q="托育", literal="1")
    assert "Index Only Scan using public_order" in walk and "public_words" not in walk and "Seq Scan" not in walk


def test_words_too_many_to_sort_are_met_in_the_index_of_the_order(many: None, settings) -> None:  # type: ignore[no-untyped-def]
    """Reading each row on the way took half a second among a million."""
    settings.PUBLIC_SEARCH_CAP = 2
    _, walk = plans(q="务25")
    assert "Index Only Scan using public_order" in walk and "Seq Scan" not in walk


def test_a_walk_for_words_that_are_rare_in_this_county_ends(many: None, settings) -> None:  # type: ignore[no-untyped-def]
    settings.PUBLIC_SEARCH_CAP = 10
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE registry_publicentry SET words = replace(words, '托育', '托幼') WHERE region_id = '320903'"
        )
    sent: list[str] = []

    def keep(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        sent.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        assert not search.find(
            read_search(QueryDict(urlencode({"q": "托育", "region": "320903", "literal": "1"})))
        ).rows
    (walk,) = (sql for sql in sent if sql.startswith("WITH walk"))
    assert "LIMIT 22)" in walk, "twice eleven entries are enough for words that stand in every entry"


def test_the_rarest_pieces_lead(many: None) -> None:
    rare = chr(19968 + 5) + chr(20968 + 5)
    assert share_of("words", ["托育"]) == 1.0 and share_of("words", [rare]) < 0.01
    assert leading("words", ["托育", "育服", "服务", rare]) in ([rare], [rare, "托育"], [rare, "育服"], [rare, "服务"])
    assert len(leading("words", ["托育", "育服", "服务"])) == 2


def test_the_sql_function_and_its_twin_agree() -> None:
    for text in ("亭湖小太阳托育", "a", "", "𠮷野家托育", "ab\ncd"):
        with connection.cursor() as cursor:
            cursor.execute("SELECT registry_pieces(%s, '320902', 'A')", [text])
            pieces = cursor.fetchone()[0]
        assert pieces[:2] == ["@320902", "#A"] and sorted(set(pieces[2:])) == bigrams(text)


def test_exact_names_and_codes_go_through_their_indexes(reference: None) -> None:
    places()  # read once a process
    found: list[str] = []

    def explain(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        with connection.connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")  # a handful of rows is read through either way
            cursor.execute("EXPLAIN " + sql, params)
            found.append("\n".join(row[0] for row in cursor.fetchall()))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        apart.unlisted(
            read_search(QueryDict(urlencode({"q": "盐城市未备案托育服务有限公司，希望大道18号"}))), slips=False
        )
        apart.unlisted(
            read_search(QueryDict(urlencode({"q": "盐城市未备案托育服务有限公司 91320902MA1TYC011T"}))), slips=False
        )
    name, both = found
    assert "institution_name" in name and "institution_outside" in name and "Seq Scan" not in name
    assert "uscc" in both and "Seq Scan" not in both
