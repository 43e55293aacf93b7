"""Atom feeds of institutions and areas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils import timezone

from registry.models import PublicChange

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


def change(row: Any, title: str = "收费变更", **given: Any) -> PublicChange:
    values = {"kind": "FEES", "detail": "1600 → 1800", "occurred_at": timezone.now(), **given}
    return PublicChange.objects.create(
        institution_id=row.pk, uscc=row.uscc, name=row.name, region=row.region, town=row.town, title=title, **values
    )


def titles(client: Client, address: str) -> list[str]:
    answer = client.get(address)
    assert answer.status_code == 200 and answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    return [node.findtext(f"{ATOM}title") or "" for node in ElementTree.fromstring(answer.content).iter(f"{ATOM}entry")]


def test_a_feed_is_valid_stable_and_cached(
    entry: Callable[..., Any], client: Client, django_assert_max_num_queries: Any
) -> None:
    row = entry()
    hostile = change(row, "<b>&\x07]]>\x0b名称", detail="\x00".replace("\x00", "\x1f") + "明细\ufffe")
    address = f"/feeds/institutions/{row.uscc}.atom"
    client.get(address)
    with django_assert_max_num_queries(4):
        answer = client.get(address)
    root = ElementTree.fromstring(answer.content)
    item = root.find(f"{ATOM}entry")
    assert item is not None and item.findtext(f"{ATOM}title") == "<b>&]]>名称"
    assert (item.findtext(f"{ATOM}id") or "").endswith(f",2026:change:{hostile.pk}")
    assert (root.findtext(f"{ATOM}id") or "").startswith("tag:") and root.find(f"{ATOM}author") is not None
    link = item.find(f"{ATOM}link")
    assert link is not None and link.get("href", "").endswith(f"/institutions/{row.uscc}/")
    assert client.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    for number in range(60):
        change(row, f"第{number}条")
    shown = titles(client, address)
    assert len(shown) == 50 and shown[0] == "第59条"


def test_areas_include_their_towns_and_nothing_else(entry: Callable[..., Any], client: Client) -> None:
    here, there = entry(), entry(region="320981")
    change(here, "亭湖的")
    change(there, "东台的")
    assert titles(client, "/feeds/areas/320902.atom") == ["亭湖的"]
    assert titles(client, f"/feeds/areas/{there.town_id}.atom") == ["东台的"]
    assert titles(client, "/feeds/areas/320900.atom") == ["东台的", "亭湖的"]
    assert titles(client, "/feeds/areas/320921.atom") == []
    empty = client.get("/feeds/areas/320921.atom")
    assert client.get("/feeds/areas/320921.atom")["ETag"] == empty["ETag"]
    assert client.get("/feeds/areas/999999.atom").status_code == 404
    assert client.get("/feeds/institutions/91320902MA1X000A0R.atom").status_code == 404
