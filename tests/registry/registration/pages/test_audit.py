"""The auditors' page: who looked at whose personal data, when, at what and why; and nobody else reads it."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.utils import timezone

from registry.audit.looks import chosen
from registry.people.services import reveal_number
from registry.registration.services import reveal_personal
from yancheng_childcare.models import Event, Notification
from yancheng_childcare.unmasking import keep_look

pytestmark = pytest.mark.django_db
URL = "/desk/audit/"
WHY = "核对登记材料与身份证原件"


@pytest.fixture
def looked(institution, cast):
    """An institution whose legal representative's number the police read, with a reason."""
    found = institution(name="盐城市禾苗托育服务有限公司")
    reveal_personal(found, field="legal_rep_id_no", reason=WHY, actor=cast["police_tinghu"])
    return found


def looks_shown(html: str) -> int:
    return html.split("<tbody>")[1].count("<tr>") if "<tbody>" in html else 0


def test_the_auditor_reads_who_looked_at_whose_number_and_why(html_of, looked):
    html = html_of("auditor_city", URL)
    for words in ("法定代表人证件号码", looked.name, WHY, "公安机关经办人"):
        assert words in html
    assert "legal_rep_id_no" not in html.split("<tbody>")[1]
    assert URL in html_of("auditor_city", "/desk/")


@pytest.mark.parametrize("who", ["leader_city", "registrar_tinghu", "police_tinghu", "health_city", "admin"])
def test_nobody_else_enters(as_user, looked, who):
    assert as_user(who).get(URL).status_code == 403


@pytest.mark.parametrize("who", ["registrar_tinghu", "police_tinghu", "leader_city", "auditor_city", "reviewer_tinghu"])
def test_looks_and_reasons_are_on_no_other_timeline(html_of, looked, who):
    html = html_of(who, f"/desk/registrations/{looked.uscc}/")
    assert WHY not in html
    assert "查看完整信息" not in html


def test_the_administration_does_not_list_looks(as_user, looked):
    pk = Event.objects.get(action="personal.read").pk
    client = as_user("admin")
    assert "查看完整信息" not in client.get("/admin/yancheng_childcare/event/").content.decode()
    assert client.get(f"/admin/yancheng_childcare/event/{pk}/change/").status_code in {302, 404}


def test_filters_by_viewer_object_item_and_day(html_of, looked, institution, cast):
    other = institution(name="盐城市向日葵托育服务有限公司")
    reveal_personal(other, field="contact_phone", reason="电话核实地址", actor=cast["registrar_tinghu"])
    today = timezone.localdate()
    yesterday = (today - timedelta(days=1)).isoformat()
    for query, number in [
        ("", 2), ("who=police_tinghu", 1), (f"who={cast['registrar_tinghu'].display_name}", 1), ("who=nobody", 0),
        (f"whom={looked.uscc}", 1), (f"whom={looked.uscc.lower()}", 1), ("whom=向日葵", 1), ("whom=没有这家", 0),
        ("item=contact_phone", 1), ("item=file", 0), ("item=nonsense", 2),
        (f"since={today}", 2), (f"until={yesterday}", 0), (f"since={yesterday}&until={today}", 2),
        ("until=9999-12-31&since=0001-01-01", 2), ("since=昨天", 0),
    ]:  # fmt: skip
        assert looks_shown(html_of("auditor_city", f"{URL}?{quote(query, safe='=&')}")) == number, query


def test_a_persons_name_and_institution_find_the_look_at_their_number(html_of, draft_post, cast):
    reveal_number(draft_post, reason="核对健康证与本人", actor=cast["reviewer_tinghu"])
    for whom in (draft_post.person.name, draft_post.institution.name, draft_post.institution.uscc):
        html = html_of("auditor_city", f"{URL}?whom={quote(whom)}&item=id_no")
        assert draft_post.person.name in html.split("<tbody>")[1]
        assert "从业人员证件号码" in html.split("<tbody>")[1]


@pytest.fixture
def draft_post(institution, cast):
    """Somebody who works in an institution of 亭湖区."""
    from registry.models import Person, Post

    person = Person.objects.create(name="钱多多", id_no="11010519491231002X", id_index="x" * 64)
    return Post.objects.create(person=person, institution=institution(), role="CARER", started_on="2026-01-01")


def test_pages_go_on_without_gaps(html_of, cast):
    for number in range(60):
        keep_look(
            actor=cast["police_tinghu"], subject=f"x:{number}", summary=f"查看第{number}件", region_prefix="", data={}
        )
    first = html_of("auditor_city", f"{URL}?item=")
    assert "61 条" in first  # past fifty in an hour the alert stands among them
    last = Event.objects.looks().order_by("-id")[49]
    second = html_of("auditor_city", f"{URL}?before={last.pk}")
    assert looks_shown(second) == 11


def test_the_export_is_kept_as_a_look_and_no_formula_runs(as_user, institution, cast):
    found = institution(name="盐城市麦田托育服务有限公司")
    reveal_personal(found, field="contact_phone", reason="=HYPERLINK(1)核对", actor=cast["police_tinghu"])
    client = as_user("auditor_city")
    body = b"".join(client.get(f"{URL}?format=csv&whom={found.uscc}").streaming_content).decode()
    assert "'=HYPERLINK(1)核对" in body and found.name in body
    act = Event.objects.get(action="registry.exported")
    assert (act.actor, act.data["filter"]["whom"]) == (cast["auditor_city"], found.uscc)
    assert "导出个人信息查看记录，共 1 条" in client.get(URL).content.decode()
    assert client.get(f"{URL}?format=xlsx").status_code == 200


def test_many_looks_tell_the_auditors_with_the_way_to_them(as_user, cast, settings):
    settings.REVEALS_PER_HOUR = 2
    for number in range(4):
        keep_look(actor=cast["police_tinghu"], subject=f"x:{number}", summary="查看", region_prefix="", data={})
    message = Notification.objects.get(user=cast["auditor_city"], title="集中查看个人信息")
    client = as_user("auditor_city")
    led_to = client.post(f"/desk/messages/{message.pk}/").url
    assert led_to.startswith(f"{URL}?who=police_tinghu")
    assert looks_shown(client.get(led_to).content.decode()) == 5  # four looks and the alert itself


def test_an_auditor_of_one_county_reads_only_its_looks(cast, looked, elsewhere):
    from yancheng_childcare.models import Duty

    away = elsewhere()
    reveal_personal(away, field="contact_phone", reason="电话核实地址", actor=cast["registrar_civil"])
    auditor = cast["auditor_city"]
    assert Event.objects.visible_to(auditor, frozenset({"AUDITOR"})).count() == 2
    Duty.objects.filter(user=auditor).update(region="320902")
    seen = Event.objects.visible_to(type(auditor).objects.get(pk=auditor.pk), frozenset({"AUDITOR"}))
    assert [act.subject for act in seen] == [looked.subject]


@pytest.mark.slow
def test_every_filter_is_served_by_an_index_among_many_acts(cast, institution, looked):
    """100,000 looks among 150,000 acts: no question reads the whole table."""
    actor = cast["registrar_tinghu"].pk
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO yancheng_childcare_event (at, actor_id, actor_label, action, subject, region_prefix, succeeded,"
            " summary, data, request_id) SELECT now() - n * interval '5 minutes', %s, '', CASE WHEN n %% 3 = 0"
            " THEN 'person.posted' ELSE 'personal.read' END, 'registry.institution:' || n, '/320900/320902/', true, '',"
            """ '{"field": "id_no"}', '' FROM generate_series(1, 150000) n""",
            [actor],
        )
        cursor.execute("ANALYZE yancheng_childcare_event")
    today = timezone.localdate()
    asked = {
        "nothing": {}, "who": {"who": "registrar_tinghu"}, "whom": {"whom": looked.uscc},
        "days": {"since": today - timedelta(days=400), "until": today - timedelta(days=390)}, "item": {"item": "id_no"},
    }  # fmt: skip
    for name, filters in asked.items():
        every: dict = {"who": "", "whom": "", "item": "", "since": None, "until": None}
        rows = chosen(Event.objects.looks(), **{**every, **filters}).order_by("-id")[:51]
        plan = rows.explain()
        assert "Seq Scan on yancheng_childcare_event" not in plan, (name, plan)
        assert "Index" in plan, (name, plan)


def test_a_day_that_cannot_be_read_shows_nothing_instead_of_everything(as_user, html_of, looked):
    assert looks_shown(html_of("auditor_city", f"{URL}?since=2020-01-01")) == 1
    for query in ("since=2026-13-45", "until=昨天"):
        html = html_of("auditor_city", f"{URL}?{quote(query, safe='=')}")
        assert looks_shown(html) == 0 and "日期按 2026-11-23 的格式填写" in html
        taken = as_user("auditor_city").get(f"{URL}?{quote(query, safe='=')}&format=csv")
        assert looked.name not in b"".join(taken).decode("utf-8-sig")
