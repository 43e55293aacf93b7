"""The registrar's list: scope, filters, pushes in one query, pages by key, empty states."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from registry.models import Institution

pytestmark = pytest.mark.django_db
URL = "/desk/registrations/"


def test_the_list_shows_own_registrations_with_their_pushes(html_of, institution, elsewhere, push):
    here, there = institution(), elsewhere()
    push(here, HEALTH="ACKED", POLICE="DEAD")
    html = html_of("registrar_tinghu", URL)
    assert here.name in html
    assert there.name not in html
    assert "已处置" in html
    assert "需人工处理" in html


def test_a_department_sees_its_own_pushes_and_no_word_on_the_others(html_of, institution, push):
    push(institution(), HEALTH="ACKED", POLICE="DEAD")
    health, police = html_of("reviewer_tinghu", URL), html_of("police_tinghu", URL)
    assert "已处置" in health
    assert "需人工处理</span>" not in health
    assert "需人工处理</span>" in police
    assert "未推送" not in health + police
    assert "—" in html_of("inspector_tinghu1", URL)


def test_a_registration_without_a_receiver_says_so(html_of, institution):
    institution()
    assert "未推送" in html_of("registrar_tinghu", URL)


@pytest.mark.parametrize("number", [1, 20])
def test_the_budget_does_not_grow_with_the_rows(budget, institution, push, number):
    for _ in range(number):
        last = institution()
    push(last, HEALTH="DELIVERED", POLICE="RETRY")
    budget("registrar_tinghu", URL, 3)  # rows, how many there are, pushes


def test_filters_narrow_by_name_code_area_nature_status_and_warning(html_of, institution):
    one, other = institution(name="盐城市小雨点托育服务有限公司"), institution(name="盐城市禾苗儿童中心")
    for query in (f"q={one.uscc[:17]}", f"q={quote('小雨点')}", f"q={one.uscc.lower()}"):
        html = html_of("registrar_tinghu", f"{URL}?{query}")
        assert one.name in html
        assert other.name not in html
    html = html_of("registrar_tinghu", f"{URL}?warned=1")
    assert other.name in html
    assert one.name not in html
    for query in ("region=320903", "nature=HOME", "status=CANCELLED"):
        assert "没有符合条件的登记" in html_of("registrar_tinghu", f"{URL}?{query}")
    assert one.name in html_of("registrar_tinghu", f"{URL}?region=320902&nature=FORPROFIT&status=ACTIVE")


@pytest.mark.parametrize(("wanted", "seen"), [("waiting", {"a"}), ("dead", {"a"}), ("done", {"b"}), ("none", {"c"})])
def test_filter_by_what_became_of_the_push(html_of, institution, push, receivers, wanted, seen):
    from exchange.models import Delivery

    rows = {key: institution() for key in "abc"}
    push(rows["a"], HEALTH="DEAD", POLICE="DELIVERED")
    push(rows["b"], HEALTH="DELIVERED", POLICE="ACKED")
    Delivery.objects.filter(subject=rows["c"].uscc).delete()
    html = html_of("registrar_tinghu", f"{URL}?push={wanted}")
    assert {key for key, row in rows.items() if row.name in html} == seen


@pytest.mark.parametrize(
    "query", ["region=nowhere", "nature=%3Cscript%3E", "push=x", "before=abc", "before=-1", "q=%00"]
)
def test_a_hand_made_address_never_fails(as_user, institution, query):
    institution()
    assert as_user("registrar_tinghu").get(f"{URL}?{query}").status_code in {200, 400}


def test_pages_go_on_by_key_without_repeating(html_of, institution):
    names = [institution().name for _ in range(21)]
    first = html_of("registrar_tinghu", URL)
    last_key = Institution.objects.order_by("-id")[19].pk
    assert f"before={last_key}" in first
    second = html_of("registrar_tinghu", f"{URL}?before={last_key}")
    assert names[0] in second
    assert names[1] not in second
    assert "回到第一页" in second


def test_an_empty_list_leads_to_the_first_entry(html_of):
    assert "录入第一家机构" in html_of("registrar_tinghu", URL)
    assert "录入新登记" not in html_of("reviewer_tinghu", URL)


def test_names_are_text_not_markup(html_of, institution):
    institution(name="<b>托育</b>&amp;")
    assert "&lt;b&gt;托育" in html_of("registrar_tinghu", URL)


@pytest.mark.parametrize("who", ["grid_tinghu", "assessor_a1", "admin", "inspector_expired"])
def test_others_are_kept_out(html_of, who):
    html_of(who, URL, status=403)


def test_nobody_signed_in_is_led_to_sign_in(as_user):
    response = as_user("").get(URL)
    assert response.status_code == 302
    assert "/accounts/login/" in response.url
