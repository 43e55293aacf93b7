"""Atom feeds of institutions and areas."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils import timezone

from registry.models import Institution, PublicChange
from registry.register.entry import refresh_entry

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
    entry: Callable[..., Any], client: Client, django_assert_max_num_queries: Any, settings: Any
) -> None:
    row = entry()
    hostile = change(row, "<b>&\x07]]>\x0b名称", detail="\x1f<i>明细</i> & 说明\ufffe")
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
    # A reader takes a summary for HTML: what was typed must stay text there.
    summary = item.find(f"{ATOM}summary")
    assert (
        summary is not None and summary.get("type") == "html" and summary.text == "&lt;i&gt;明细&lt;/i&gt; &amp; 说明"
    )
    self_link = [link.get("href") for link in root.findall(f"{ATOM}link") if link.get("rel") == "self"]
    assert self_link == [f"{settings.PORTAL_URL}{address}"]
    for node in (root, item):
        stamp = datetime.fromisoformat(node.findtext(f"{ATOM}updated") or "")
        assert stamp.tzinfo is not None and stamp == hostile.occurred_at
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


def test_ids_and_times_stay_when_new_changes_come(entry: Callable[..., Any], client: Client) -> None:
    row = entry()
    address = f"/feeds/institutions/{row.uscc}.atom"

    def read() -> tuple[str, str, dict[str, str]]:
        root = ElementTree.fromstring(client.get(address).content)
        items = {
            node.findtext(f"{ATOM}id") or "": node.findtext(f"{ATOM}updated") or ""
            for node in root.iter(f"{ATOM}entry")
        }
        return root.findtext(f"{ATOM}id") or "", root.findtext(f"{ATOM}updated") or "", items

    change(row, "第一条")
    number, updated, items = read()
    change(row, "第二条")
    again, later, more = read()
    assert number == again and updated < later and items.items() < more.items() and len(more) == 2


def test_the_door_of_a_home_leaves_the_feed(entry: Callable[..., Any], client: Client) -> None:
    """What was told before the place became a home-based one is taken back there too, and the old mark ends."""
    row = entry(name="盐城市家庭托育点")
    change(row, "地址变更", kind="ADDRESS", detail="地址：甲路1号 → 赤鱬路8317号")
    address = f"/feeds/institutions/{row.uscc}.atom"
    before = client.get(address)
    assert "8317" in before.content.decode()
    Institution.objects.filter(pk=row.pk).update(nature="HOME")
    assert refresh_entry(row.pk)
    after = client.get(address, headers={"If-None-Match": before["ETag"]})
    assert after.status_code == 200 and "8317" not in after.content.decode()


def test_feed_and_api_tell_the_time_here(entry: Callable[..., Any], client: Client) -> None:
    row = entry()
    change(row)
    text = client.get(f"/feeds/institutions/{row.uscc}.atom").content.decode()
    assert "+08:00</updated>" in text and "+00:00" not in text and "Z</" not in text
    assert client.get(f"/api/v1/institutions/{row.uscc}/").json()["updated_at"].endswith("+08:00")
