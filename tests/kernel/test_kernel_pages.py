"""Shared pages: health, errors, reading mode, messages, files; and what happens when Redis or the database is away."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.pages import page_of
from yancheng_childcare.files import keep_content
from yancheng_childcare.models import Event, Heartbeat, Notification, StoredFile
from yancheng_childcare.notifications import holders, mail_unsent, notify
from yancheng_childcare.tasks import beat_general, mail_notifications

pytestmark = pytest.mark.django_db


def test_healthz(client):
    assert client.get("/healthz").json() == {"status": "up"}


@pytest.mark.django_db(transaction=True)  # the probe asks through a connection of its own
def test_readyz_names_the_missing_worker(client):
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["database"] is True
    assert response.json()["worker_push"] is False
    beat_general()
    Heartbeat.objects.create(name="push", at=timezone.now())
    assert client.get("/readyz").json()["status"] == "ready"


def test_metrics_only_for_this_machine(client):
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="10.1.2.3").status_code == 404


@pytest.mark.parametrize("path", ["/", "/institutions/", "/accounts/login/", "/no-such-page/", "/api/v1/institutions/"])
def test_the_content_security_policy_word_for_word(client, path):
    """Scripts and styles from our own files only: one word more, and every place that shows text is a place to attack."""
    page = {
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
        "connect-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'",
    }  # fmt: skip
    data = {"default-src 'none'", "frame-ancestors 'none'"}
    policy = client.get(path).headers["Content-Security-Policy"]
    assert set(policy.split("; ")) == (data if path.startswith("/api/") else page)


def test_an_unknown_page_says_what_to_do(client):
    response = client.get("/no-such-page/")
    assert response.status_code == 404
    assert "没有找到" in response.content.decode()


@pytest.mark.parametrize("path", ["/?q=%00", "/institutions/?q=a%00b", "/?q=" + "x" * 5000])
def test_bad_addresses_get_a_clear_page(client, path):
    response = client.get(path)
    assert response.status_code in {400, 414}
    assert "网址" in response.content.decode()


def test_a_sign_in_page_that_waited_too_long_is_offered_again(cast):
    client = Client(enforce_csrf_checks=True)
    response = client.post("/accounts/login/", {"login": "x", "password": "y", "next": "/desk/"}, follow=True)
    html = response.content.decode()
    assert response.status_code == 200 and "登录页已过期" in html and 'name="password"' in html
    assert "没有权限" not in html


def test_signed_in_in_another_tab_the_second_sign_in_goes_on_to_the_desk(cast):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast["registrar_tinghu"])
    response = client.post("/accounts/login/", {"login": "x", "password": "y"})
    assert (response.status_code, response["Location"]) == (302, "/desk/")
    assert client.get("/accounts/login/")["Location"] == "/desk/"


@pytest.mark.parametrize(("origin", "offered"), [("http://testserver", True), ("https://example.invalid", False)])
def test_a_stale_form_is_offered_again_with_what_was_typed_but_never_another_sites(cast, origin, offered):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast["registrar_tinghu"])
    typed = {"name": "写到一半的托育中心", "csrfmiddlewaretoken": "x" * 64}
    response = client.post("/desk/registrations/new/", typed, headers={"origin": origin})
    html = response.content.decode()
    assert response.status_code == 403 and "页面已过期" in html and "没有权限" not in html
    assert ("写到一半的托育中心" in html) is offered


def test_a_part_of_a_page_asked_for_without_a_session_brings_no_sign_in_page(cast):
    """htmx would put the page into the form; 401 is swapped nowhere and `alive.js` says it in place."""
    for method in ("get", "post"):
        response = getattr(Client(), method)("/desk/registrations/new/?check=1", headers={"hx-request": "true"})
        assert (response.status_code, response.content) == (401, b"")


def test_large_type_needs_no_token_so_that_public_pages_can_be_shared(cast):
    client = Client(enforce_csrf_checks=True)
    response = client.post("/view-mode/", {"mode": "large", "next": "/institutions/"})
    assert response.status_code == 302 and response.cookies["view_mode"].value == "large"
    assert client.post("/view-mode/", {"next": "https://example.invalid/"})["Location"] == "/"


def test_a_database_that_is_away_is_503_with_retry_after(client, monkeypatch):
    def away(*args, **kwargs):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr("registry.register.pages.home.public_figures", away)
    response = client.get("/")
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "60"
    assert "没有保存" in response.content.decode()


def test_without_redis_pages_still_work(client, settings, monkeypatch):
    from redis.exceptions import ConnectionError as RedisDown

    def down(*args, **kwargs):
        raise RedisDown

    monkeypatch.setattr("django.core.cache.backends.redis.RedisCacheClient.get_client", down)
    assert cache.get("x", "absent") == "absent"
    cache.set("x", 1)
    assert client.get("/").status_code == 200


def test_reading_mode_is_kept_and_never_leads_elsewhere(client):
    response = client.post("/view-mode/", {"mode": "large", "next": "https://evil.example/"})
    assert response["Location"] == "/"
    assert client.cookies["view_mode"].value == "large"
    assert page_of(client.get("/")).find("html") == {"lang": "zh-CN", "data-view": "large"}
    assert page_of(Client().get("/")).find("html") == {"lang": "zh-CN"}


def test_messages_are_the_owners_alone(as_user, cast):
    notify([cast["reviewer_tinghu"]], title="有新的登记", body="请查看", url="/desk/")
    mine = Notification.objects.get()
    assert as_user("police_tinghu").post(reverse("message", args=[mine.pk])).status_code == 404
    client = as_user("reviewer_tinghu")
    assert "有新的登记" in client.get(reverse("messages")).content.decode()
    assert client.post(reverse("message", args=[mine.pk])).status_code == 302
    mine.refresh_from_db()
    assert mine.read_at is not None


def test_messages_are_found_by_what_they_say_and_whether_they_were_read(as_user, cast):
    for title in ("租赁合同缺页", "有新的登记"):
        notify([cast["reviewer_tinghu"]], title=title, body="请查看")
    Notification.objects.filter(title="有新的登记").update(read_at=timezone.now())
    client = as_user("reviewer_tinghu")
    for query, found in {
        "q=缺页": "租",
        "q=请查": "有租",
        "state=unread": "租",
        "state=read": "有",
        "state=x": "有租",
    }.items():
        assert {row.title[0] for row in client.get(f"/desk/messages/?{quote(query, '=&')}").context["page"]} == set(
            found
        ), query
    empty = client.get("/desk/messages/", {"q": "没有的", "state": "read"}).content.decode()
    assert "没有符合条件的消息" in empty and "标题或内容：没有的" in empty and "状态：已读" in empty


def test_mail_goes_once_to_those_with_an_address(cast, mailoutbox):
    from allauth.account.models import EmailAddress

    EmailAddress.objects.create(user=cast["reviewer_tinghu"], email="reviewer@example.org", verified=True)
    EmailAddress.objects.create(user=cast["police_tinghu"], email="police@example.org", verified=False)
    notify([cast["reviewer_tinghu"], cast["police_tinghu"]], title="提醒", body="正文", url="/desk/")
    mail_notifications()
    assert [m.to for m in mailoutbox] == [["reviewer@example.org"]]
    assert mail_unsent() == 0


def test_holders_respect_region_and_approval(cast):
    found = {u.username for u in holders("REVIEWER", region_prefix="/320900/320902/320902001/")}
    assert found == {"reviewer_tinghu", "reviewer_tinghu2"}
    cast["reviewer_tinghu"].duties.update(approved_by=None)
    assert {u.username for u in holders("REVIEWER", region_prefix="/320900/320902/")} == {"reviewer_tinghu2"}


@pytest.fixture
def stored(cast, institution, settings, tmp_path):
    """The certificate of an institution of 亭湖区, looked at by officers, not by who sent it."""
    settings.FILE_ROOT = tmp_path

    def keep(content_type: str = "application/pdf", **fields):
        file = keep_content(
            f"%PDF- {content_type}".encode(), kind="pdf", name="证照 1.pdf", purpose="registration-certificate",
            uploaded_by=cast["registrar_civil"],
        )  # fmt: skip
        StoredFile.objects.filter(pk=file.pk).update(content_type=content_type, **fields)
        place = institution()
        place.certificate_file = file
        place.save(update_fields=["certificate_file"])
        return file

    return keep


def test_a_file_is_shown_sandboxed_to_those_in_scope_and_the_look_is_kept(as_user, stored):
    found = stored()
    response = as_user("reviewer_tinghu").get(reverse("file", args=[found.pk]))
    assert response.status_code == 200
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Disposition"].startswith("inline")
    assert int(response.headers["Content-Length"]) == len(b"".join(response.streaming_content)) == found.size
    assert Event.objects.filter(action="file.read", subject=f"file:{found.pk}").exists()
    assert as_user("reviewer_dongtai").get(reverse("file", args=[found.pk])).status_code == 404


@pytest.mark.parametrize(
    ("content_type", "query", "framed"),
    [
        ("application/pdf", "", True),
        ("application/pdf", "?download", False),
        ("image/png", "", False),
        ("text/html", "", False),
    ],
)
def test_only_a_pdf_that_is_shown_may_stand_in_a_frame_of_ours(as_user, stored, content_type, query, framed):
    response = as_user("reviewer_tinghu").get(reverse("file", args=[stored(content_type=content_type).pk]) + query)
    policy = set(response.headers["Content-Security-Policy"].split("; "))
    ancestors = "frame-ancestors 'self'" if framed else "frame-ancestors 'none'"
    assert policy == {"default-src 'none'", "style-src 'unsafe-inline'", "sandbox", ancestors}
    assert response.headers["X-Frame-Options"] == ("SAMEORIGIN" if framed else "DENY")


@pytest.mark.parametrize("content_type", ["text/csv", "text/html", "image/svg+xml", "application/zip"])
def test_only_pictures_and_pdfs_are_ever_shown_inline(as_user, stored, content_type):
    found = stored(content_type=content_type)
    response = as_user("registrar_tinghu").get(reverse("file", args=[found.pk]))
    assert response.headers["Content-Disposition"].startswith("attachment")


def test_a_file_waiting_for_the_scan_is_not_served(as_user, stored):
    found = stored(scan_state="WAITING")
    assert as_user("registrar_tinghu").get(reverse("file", args=[found.pk])).status_code == 404


def test_acts_cannot_be_changed_or_removed(cast):
    from django.db import DatabaseError, transaction

    from yancheng_childcare.records import log_event

    act = log_event("test.act", subject="test:1", summary="试验")
    for change in (lambda: Event.objects.filter(pk=act.pk).update(summary="改"), lambda: Event.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_history_catches_bulk_writes(cast):
    from yancheng_childcare.models import Duty

    before = Duty.pgh_event_model.objects.count()  # type: ignore[attr-defined]
    Duty.objects.filter(user=cast["reviewer_tinghu"]).update(certificate_no="新证号")
    assert Duty.pgh_event_model.objects.count() == before + 1  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_a_visitor_who_is_lost_has_menu_and_footer_and_no_duties(client, as_user):
    for path in ("/complaints/nowhere/", "/institutions/nonsense/", "/api/v1/institutions/91320902MA1TYC011T/"):
        html = client.get(path).content.decode()
        assert "职责" not in html, path
    html = client.get("/complaints/nowhere/").content.decode()
    assert "没有找到这个页面" in html and "您可以这样做" in html
    for words in ('aria-label="主导航"', 'href="/institutions/"', "咨询与监督", "无障碍说明"):
        assert words in html
    # Somebody signed in may have asked for what lies outside their duties: both read the same.
    assert "不在您的职责范围内" in as_user("registrar_tinghu").get("/desk/nowhere/").content.decode()
