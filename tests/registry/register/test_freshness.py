"""Never stale: after every step the next request shows the new state, and a reader's old mark no longer counts."""

from __future__ import annotations

import json
import re
import threading
from datetime import date
from typing import Any

import pytest
from django.conf import settings as portal
from django.db import connection, transaction
from django.test import Client
from security.filed import file_it, judge_and_receipt, operator_of, plan, visit

from registry.demo.sample_filing import add_people
from registry.filing.services import take_step
from registry.models import Institution, PublicChange, PublicEntry
from registry.people.services import add_post, end_post
from registry.register.caching import mark_of_files
from registry.register.entry import refresh_entry
from registry.registration.services import change_institution, end_registration, record_filing
from registry.rules.identity import make_id_number
from yancheng_childcare.deadlines import today_here

pytestmark = pytest.mark.django_db


class Reader:
    """A visitor who keeps the mark of every page they read and asks again with it."""

    def __init__(self, uscc: str):
        self.uscc, self.client, self.receipt = uscc, Client(), ""
        self.marks: dict[str, str] = {}

    @property
    def paths(self) -> dict[str, str]:
        return {
            "search": f"/institutions/?q={self.uscc}",
            "page": f"/institutions/{self.uscc}/",
            "list": f"/api/v1/institutions/?q={self.uscc}",
            "detail": f"/api/v1/institutions/{self.uscc}/",
            "feed": f"/feeds/institutions/{self.uscc}.atom",
            "csv": "/open-data/institutions.csv",
            "json": "/open-data/institutions.json",
            **({"verify": f"/verify/{self.receipt}/"} if self.receipt else {}),
        }

    def read(self, *changed: str) -> dict[str, Any]:
        """Every page: those named must have changed since; what is read now is a 304 the second time."""
        found = {}
        for name, path in self.paths.items():
            if name in changed and name in self.marks:
                again = self.client.get(path, headers={"If-None-Match": self.marks[name]})
                assert again.status_code == 200, (name, "the old mark still counts")
            answer = self.client.get(path)
            assert answer.status_code == 200, (name, answer.status_code)
            content = is_clean(answer)
            self.marks[name] = answer["ETag"]
            same = self.client.get(path, headers={"If-None-Match": answer["ETag"]})
            assert (same.status_code, same.content) == (304, b""), name
            is_clean(same)
            found[name] = json.loads(content) if "json" in answer["Content-Type"] else content.decode()
        return found

    def row(self, found: dict[str, Any]) -> dict[str, Any]:
        """The institution's line in the API's list, on the register or beside it."""
        rows: list[dict[str, Any]] = [*found["list"]["results"], *found["list"].get("unlisted", [])]
        assert len(rows) == 1, found["list"]
        return rows[0]


def is_clean(answer: Any) -> bytes:
    """Shared for five seconds at most, told apart by cookie, with nobody's session or token in it."""
    control = answer["Cache-Control"]
    assert "public" in control and "no-store" not in control and "private" not in control, control
    age = re.search(r"max-age=(\d+)", control)
    assert age and int(age.group(1)) <= 5
    assert "Cookie" in answer["Vary"]
    assert not answer.cookies and "Set-Cookie" not in answer.headers
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert b"csrfmiddlewaretoken" not in content
    assert answer["ETag"].removeprefix("W/").startswith('"')
    return content


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.FILE_ROOT = tmp_path


@pytest.fixture
def own(institution):
    """The institution operator_xiaotaiyang runs."""
    return institution(uscc="91320902MA1TYC011T", name="盐城市鲜活托育服务有限公司")


ALL = ("search", "page", "list", "detail", "feed")
FILES = ("csv", "json")


def test_every_step_of_a_filing_shows_at_once(own, cast):
    reader = Reader(own.uscc)
    found = reader.read()
    assert reader.row(found)["status"] == "UNFILED"
    operator, first, second = operator_of(own, cast), cast["reviewer_tinghu"], cast["reviewer_tinghu2"]
    case = take_step(file_it(own, cast, "READY"), "submit", actor=operator)
    assert reader.row(reader.read())["status"] == "UNFILED"
    case = judge_and_receipt(case, cast)
    reader.receipt = case.receipt_no
    expect(reader, "VERIFYING", *ALL, *FILES)
    case = take_step(visit(case, cast), "confirm", actor=second)
    expect(reader, "FILED", *ALL, *FILES, "verify")
    case = take_step(case, "suspend", actor=operator, reason="装修停业", plan=plan(final=False))
    assert "停业" in expect(reader, "SUSPENDED", *ALL, *FILES, "verify")["verify"]
    case = take_step(case, "resume_service", actor=operator)
    assert "备案有效" in expect(reader, "FILED", *ALL, *FILES, "verify")["verify"]
    change_institution(
        own, changes={"name": "盐城市新鲜托育服务有限公司", "registered_address": "盐城市亭湖区新址路9号"},
        actor=cast["registrar_tinghu"],
    )  # fmt: skip
    found = expect(reader, "FILED", *ALL)
    assert reader.row(found)["name"] == found["detail"]["name"] == "盐城市新鲜托育服务有限公司"
    assert reader.row(found)["former_names"] == ["盐城市鲜活托育服务有限公司"]
    assert "盐城市新鲜托育服务有限公司" in found["page"] and "盐城市新鲜托育服务有限公司" in found["search"]
    take_step(case, "request_closure", actor=operator, reason="不再经营", plan=plan(final=True))
    take_step(case, "cancel", actor=first, reason="机构申请终止服务")
    gone = expect(reader, "CANCELLED", *ALL, *FILES, "verify")
    assert own.uscc not in gone["csv"] and gone["json"]["results"] == [] and "备案有效" not in gone["verify"]
    end_registration(
        Institution.objects.get(pk=own.pk), step="cancel", reason="自愿注销", terminated_on=today_here(),
        actor=cast["registrar_tinghu"],
    )  # fmt: skip
    expect(reader, "ENDED", *ALL, *FILES)
    told = list(PublicChange.objects.filter(uscc=own.uscc).order_by("id").values_list("kind", flat=True))
    assert told.count("STATUS") == 7
    assert "NAME" in told


def expect(reader: Reader, status: str, *changed: str) -> dict[str, Any]:
    """Every face says this status, and none of them by an old mark. The files hold what is on the register."""
    found = reader.read(*changed)
    for row in found["json"]["results"]:
        assert (row["uscc"], row["status"]) == (reader.uscc, status) and row["status_text"] in found["csv"]
    assert reader.row(found)["status"] == found["detail"]["status"] == status
    label = found["detail"]["status_text"]
    feed = found["feed"]
    assert label in feed[feed.index("<entry") : feed.index("</entry")] or "名称变更" in feed or "地址变更" in feed, (
        label
    )
    return found


def test_an_address_and_a_national_filing_show_at_once(institution, cast):
    saved = institution()
    reader = Reader(saved.uscc)
    reader.read()
    record_filing(saved, filing_no="BA-0001", filed_on=date(2026, 1, 5), actor=cast["reviewer_tinghu"])
    found = reader.read(*ALL)
    assert reader.row(found)["status"] == found["detail"]["status"] == "FILED"
    assert found["list"]["results"]
    change_institution(saved, changes={"registered_address": "盐城市亭湖区远方路77号"}, actor=cast["registrar_tinghu"])
    found = reader.read(*ALL)
    assert reader.row(found)["address"] == found["detail"]["address"] == "盐城市亭湖区远方路77号"
    assert "地址变更" in found["feed"]
    answer = Client().get("/api/v1/institutions/", {"q": "远方路77"})
    assert answer.status_code == 200, answer.content.decode()
    assert answer.json()["results"][0]["uscc"] == saved.uscc


def test_people_show_at_once(own, cast, django_capture_on_commit_callbacks):
    file_it(own, cast)
    before = PublicEntry.objects.get(pk=own.pk)
    operator = operator_of(own, cast)
    with django_capture_on_commit_callbacks(execute=True) as calls:
        add_people(own, actor=operator, today=today_here(), serial=7)
    mine = [call for call in calls if getattr(call, "institution_id", None) == own.pk]
    assert len(mine) == 1, "once for all of them, after the transaction"
    after = PublicEntry.objects.get(pk=own.pk)
    assert after.content["staff"] != before.content["staff"]
    assert after.version == before.version + 1
    connection.run_on_commit.clear()  # the test's own transaction never ends: what ran stands there still
    post = own.posts.current().filter(role="CARER").first()
    with django_capture_on_commit_callbacks(execute=True) as calls:
        end_post(post, ended_on=today_here(), reason="个人原因", actor=operator)
    assert any(getattr(call, "institution_id", None) == own.pk for call in calls)


def test_somebody_signed_in_gets_an_answer_of_their_own(own, as_user):
    client = as_user("reviewer_tinghu")
    for path in (
        "/institutions/",
        f"/institutions/{own.uscc}/",
        "/institutions/map/",
        f"/feeds/institutions/{own.uscc}.atom",
    ):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert "no-store" in answer["Cache-Control"] and "public" not in answer["Cache-Control"], path
        assert "ETag" not in answer.headers


def test_what_was_said_to_one_visitor_is_not_shared(own, cast):
    """After signing in and out the browser is nobody's again, but the page greets by name."""
    client = Client()
    signed_in = client.post("/accounts/login/", {"login": "reviewer_tinghu", "password": "yancheng-demo-2026"})
    assert signed_in.status_code == 302
    assert client.post("/accounts/logout/").status_code == 302
    for path, told in (("/", True), ("/", False), ("/institutions/", False)):
        answer = client.get(path)
        assert (cast["reviewer_tinghu"].display_name in answer.content.decode()) is told
        assert ("public" not in answer["Cache-Control"] and "no-store" in answer["Cache-Control"]) is told
        assert ("ETag" not in answer.headers) is told


def test_a_mark_counts_for_one_way_of_reading_only(own, entry, as_user):
    """Large type and small are two pages; somebody signed in is never told that they have it already."""
    entry()
    plain, large, officer = Client(), Client(), as_user("reviewer_tinghu")
    large.cookies["view_mode"] = "large"
    for path in ("/", "/institutions/", f"/institutions/{own.uscc}/", "/how-to-read/", "/open-data/"):
        marks = {client: client.get(path)["ETag"] for client in (plain, large)}
        assert marks[plain] != marks[large], path
        for client, other in ((plain, large), (large, plain)):
            assert client.get(path, headers={"If-None-Match": marks[client]}).status_code == 304, path
            assert client.get(path, headers={"If-None-Match": marks[other]}).status_code == 200, path
        for mark in marks.values():
            mine = officer.get(path, headers={"If-None-Match": mark})
            assert mine.status_code == 200 and "no-store" in mine["Cache-Control"], path
            assert "Cookie" in mine["Vary"], path


def test_head_is_answered_like_get_without_the_body(own, entry):
    entry()
    client = Client()
    for path in (
        "/", "/institutions/", "/institutions/map/", f"/institutions/{own.uscc}/", "/how-to-read/", "/open-data/",
        "/open-data/institutions.csv", "/open-data/institutions.xlsx", "/open-data/institutions.json",
        "/open-data/dictionary.csv", "/feeds/areas/320902.atom", "/api/v1/institutions/", "/about/", "/verify/YC-1/",
    ):  # fmt: skip
        full, head = client.get(path), client.head(path)
        body = b"".join(full.streaming_content) if full.streaming else full.content
        assert head.status_code == full.status_code, path
        content = b"".join(head.streaming_content) if head.streaming else head.content
        assert content == b"", path
        if full.status_code == 200 and "ETag" in full.headers:
            assert head["ETag"] == full["ETag"], path
        assert head.get("Content-Length", str(len(body))) == str(len(body)), path


def test_a_new_edition_of_the_portal_ends_old_marks(own, monkeypatch, tmp_path):
    """The mark of an institution's page is made before the page is: a new template must change it as well."""
    path, client = f"/institutions/{own.uscc}/", Client()
    mark = client.get(path)["ETag"]
    assert client.get(path, headers={"If-None-Match": mark}).status_code == 304
    monkeypatch.setattr("registry.register.caching.edition", lambda: "another")
    monkeypatch.setattr("registry.register.pages.institution.edition", lambda: "another")
    assert client.get(path, headers={"If-None-Match": mark}).status_code == 200
    template = tmp_path / "page.html"
    template.write_text("one")
    first = mark_of_files([tmp_path])
    template.write_text("two")
    assert mark_of_files([tmp_path]) != first


def test_pages_of_the_register_carry_no_session_and_no_token(own):
    client = Client()
    for path in (
        "/institutions/", "/institutions/map/", f"/institutions/compare/?uscc={own.uscc}", "/how-to-read/", "/open-data/",
        "/open-data/institutions.csv", "/open-data/institutions.xlsx", "/open-data/institutions.json",
        "/open-data/dictionary.json", "/feeds/areas/320902.atom", "/api/v1/institutions/",
    ):  # fmt: skip
        answer = client.get(path)
        assert answer.status_code == 200, path
        is_clean(answer)
    assert portal.PUBLIC_MAX_AGE <= 5


@pytest.mark.django_db(transaction=True)
def test_two_people_taken_on_at_once_are_both_counted(own, cast):
    """Two writers take turns at the entry, and the later one reads what the first wrote."""
    file_it(own, cast)
    operator = operator_of(own, cast)
    before = own.posts.current().count()
    barrier, failures = threading.Barrier(2), []

    def take_on(number: int) -> None:
        try:
            barrier.wait(10)
            data = {
                "name": "同时人", "id_no": make_id_number("320900", date(1990, 1, 1 + number), number), "role": "CARER",
                "education": "COLLEGE", "full_time": "yes", "no_mental_illness": "yes", "started_on": "2026-11-01",
            }  # fmt: skip
            add_post(own, data=data, actor=operator)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=take_on, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
    assert own.posts.current().count() == before + 2
    assert refresh_entry(own.pk) is False, "the entry already holds both"


@pytest.mark.django_db(transaction=True)
def test_who_writes_the_entry_waits_for_the_step_under_way(own, cast):
    """A step reads the people under the lock of the institution and writes them at its end: nobody may come between."""
    file_it(own, cast)
    written = threading.Event()

    def write() -> None:
        try:
            refresh_entry(own.pk)
            written.set()
        finally:
            connection.close()

    writer = threading.Thread(target=write)
    with transaction.atomic():
        Institution.objects.select_for_update().get(pk=own.pk)
        writer.start()
        assert not written.wait(1)
    assert written.wait(10)
    writer.join(10)
