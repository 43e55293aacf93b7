"""The people of an institution: list, new, one person, leaving, the full number."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from people_cases import LIST, NEW, SIGNED_IN, number_of, typed

from registry.demo.sample_filing import ANSWERS
from registry.filing.drafts import save_section, start_filing
from registry.models import Person, PersonBan, Post
from registry.people.services import NEUTRAL, add_training
from tests.pages import markup_of, page_of
from yancheng_childcare.crypto import blind_index
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Event, Notification


def test_an_empty_ledger_says_what_to_do(own: Any, as_user: Any) -> None:
    html = markup_of(as_user("operator_xiaotaiyang").get(LIST))
    assert "还没有登记人员" in html
    assert "登记第一个人" in html
    assert "还没有填写班级" in html


def test_the_list_says_who_may_work_and_how_many_are_needed(
    own: Any, operator: Any, hire: Any, as_user: Any, django_assert_max_num_queries: Any
) -> None:
    today = today_here()
    save_section(
        start_filing(own, actor=operator), "classes", answers=ANSWERS["classes"], expected_version=0, actor=operator
    )
    hire("甲在期", 1, papers=today + timedelta(days=200))
    hire("乙临期", 2, papers=today + timedelta(days=20))
    hire("丙到期", 3, papers=today - timedelta(days=1))
    hire("丁兼职", 4, full_time="no")
    hire("戊厨师", 5, role="COOK")
    gone = hire("己离岗", 6)
    client = as_user("operator_xiaotaiyang")
    client.post(f"{LIST}{gone.pk}/leave/", {"ended_on": str(today), "end_reason": "合同期满"})
    client.get(LIST)
    with django_assert_max_num_queries(6 + SIGNED_IN):
        html = markup_of(client.get(LIST))
    # 10 托小班 + 14 托大班 in care: ⌈10/5⌉ + ⌈14/7⌉ = 4 carers
    assert "在岗保育人员 2 人，需要 4 人" in page_of(html).text
    assert "2 / 4" in html
    assert "配比不足" in html
    for word in ("有效", "还有 20 天", "已到期", "未登记", "未登记违法犯罪记录查询告知函", "餐饮健康证明"):
        assert word in html
    assert "兼职" in html
    assert "己离岗" not in html
    former = markup_of(client.get(f"{LIST}?show=former"))
    assert "己离岗" in former
    assert "合同期满" in former
    assert "甲在期" not in former
    lacking = markup_of(client.get(f"{LIST}?show=gaps&role=COOK"))
    assert "戊厨师" in lacking
    assert "丙到期" not in lacking
    assert "甲在期" in markup_of(client.get(LIST, {"q": "甲", "page": "99999"}))
    assert "没有符合条件的人员" in markup_of(client.get(LIST, {"q": "无此人"}))


def test_staff_read_their_area_and_nothing_else(
    own: Any, hire: Any, elsewhere: Any, operator_of: Any, as_user: Any, django_assert_max_num_queries: Any
) -> None:
    post = hire("白鹤甲")
    far = elsewhere()
    there = hire("青鸟乙", 8, at=far, by=operator_of(far))
    for reader, sees, not_sees in (
        ("reviewer_tinghu", "白鹤甲", "青鸟乙"),
        ("chief_tinghu", "白鹤甲", "青鸟乙"),
        ("reviewer_dongtai", "青鸟乙", "白鹤甲"),
    ):
        client = as_user(reader)
        client.get(LIST)
        with django_assert_max_num_queries(6 + SIGNED_IN):
            html = markup_of(client.get(LIST))
        assert sees in html
        assert not_sees not in html
        assert "登记人员" not in html
    city = markup_of(as_user("health_city").get(LIST))
    assert "白鹤甲" in city
    assert "青鸟乙" in city
    reviewer = as_user("reviewer_tinghu")
    with django_assert_max_num_queries(6 + SIGNED_IN):
        one = markup_of(reviewer.get(f"{LIST}?uscc={own.uscc}"))
    assert "保育人员配比" in one
    assert "青鸟乙" not in markup_of(reviewer.get(f"{LIST}?uscc={far.uscc}"))
    assert reviewer.get(f"{LIST}{post.pk}/").status_code == 200
    assert "办理离岗" not in markup_of(reviewer.get(f"{LIST}{post.pk}/"))
    for path in ("", "reveal/", "leave/", "paper/", "training/"):
        for stranger in ("operator_yangguang", "reviewer_dongtai"):
            for answer in (
                as_user(stranger).get(f"{LIST}{post.pk}/{path}"),
                as_user(stranger).post(f"{LIST}{post.pk}/{path}"),
            ):
                assert answer.status_code in {403, 404, 405}
                assert "白鹤甲" not in markup_of(answer)
    assert as_user("operator_xiaotaiyang").get(f"{LIST}{there.pk}/").status_code == 404


def test_a_new_person_with_everything_wrong_at_once_keeps_what_was_typed(own: Any, as_user: Any) -> None:
    client = as_user("operator_xiaotaiyang")
    wrong = {
        "name": "", "id_no": number_of(7)[:-1] + "a", "phone": "123", "education": "X", "experience_years": "九年",
        "role": "", "full_time": "no", "started_on": "2026-13-40",
    }  # fmt: skip
    answer = client.post(NEW, wrong)
    html = markup_of(answer)
    assert answer.status_code == 422
    for field in ("name", "id_no", "phone", "education", "experience_years", "role", "started_on"):
        assert f'href="#id_{field}"' in html
    assert wrong["id_no"] in html
    assert 'value="九年"' in html
    assert answer.headers["Cache-Control"].count("no-store")
    assert not Person.objects.exists()
    assert client.post(NEW, typed(name="x" * 60)).status_code == 422
    assert client.post(NEW, typed(started_on="2999-01-01")).status_code == 422
    assert client.post(NEW, {}).status_code == 422


def test_a_double_click_makes_one_post(own: Any, as_user: Any, caplog: pytest.LogCaptureFixture) -> None:
    client = as_user("operator_xiaotaiyang")
    with caplog.at_level(logging.DEBUG):
        first, second = client.post(NEW, typed()), client.post(NEW, typed())
    post = Post.objects.get()
    assert first.status_code == second.status_code == 302
    assert first.url == second.url == f"{LIST}{post.pk}/"
    assert "刚才已经登记" in markup_of(client.get(second.url))
    third = client.post(NEW, typed(started_on="2026-04-01"))
    assert third.status_code == 409
    assert f"{LIST}{post.pk}/" in markup_of(third)
    fourth = client.post(NEW, typed(role="COOK"))
    assert fourth.status_code == 409
    assert "另一个岗位请选兼职" in markup_of(fourth)
    assert number_of(7) not in caplog.text
    assert "13900001111" not in caplog.text


def test_a_ban_is_never_named(own: Any, operator: Any, cast: dict[str, Any], as_user: Any, hire: Any) -> None:
    today = today_here()
    ban = {"basis": "人口与计划生育法第41条", "case_no": "（2026）苏0902刑初1号"}
    PersonBan.objects.create(id_index=blind_index(number_of(7), "person"), since=today - timedelta(days=1), **ban)
    client = as_user("operator_xiaotaiyang")
    answer = client.post(NEW, typed())
    html = markup_of(answer)
    assert answer.status_code == 409
    assert NEUTRAL in html
    pages = [
        html,
        *(markup_of(client.get(path)) for path in (LIST, "/desk/", "/desk/messages/", "/desk/registrations/")),
    ]
    pages.append(markup_of(client.get(f"/desk/registrations/{own.uscc}/")))
    for word in ("禁止", "限制", "禁入", "犯罪人", "刑初", "第41条", "黑名单", "拒绝"):
        assert not [page for page in pages if word in page]
    assert not Notification.objects.filter(user=operator).exists()
    assert Notification.objects.filter(user=cast["reviewer_tinghu"], title="人员登记需要核实").exists()
    assert Event.objects.filter(action="person.refused", succeeded=False).count() == 1
    # Somebody in post who is banned later: off duty, and still no word of why.
    post = hire("后禁人", 9, papers=today + timedelta(days=200))
    PersonBan.objects.create(id_index=post.person.id_index, since=today, **ban)
    page = markup_of(client.get(f"{LIST}{post.pk}/"))
    assert "不能上岗" in page
    assert "请联系所在地卫生健康部门核实" in page
    assert not [word for word in ("禁止", "限制", "刑初", "第41条") if word in page]


def test_one_person_shows_masked_numbers_and_this_institution_only(
    own: Any,
    operator: Any,
    elsewhere: Any,
    operator_of: Any,
    hire: Any,
    as_user: Any,
    django_assert_max_num_queries: Any,
) -> None:
    far = elsewhere()
    hire("白鹤甲", at=far, by=operator_of(far), role="MANAGER", full_time="no")
    post = hire("白鹤甲", papers=today_here() + timedelta(days=200))
    lesson = {"topic": "急救", "provider": "亭湖区妇幼保健院", "hours": "8", "finished_on": str(today_here())}
    for _ in range(2):
        add_training(post, data=lesson, actor=operator)
    client = as_user("operator_xiaotaiyang")
    client.get(f"{LIST}{post.pk}/")
    with django_assert_max_num_queries(7 + SIGNED_IN):
        answer = client.get(f"{LIST}{post.pk}/")
    html = markup_of(answer)
    assert number_of(7) not in html
    assert "320*************" in html
    assert "139****1111" in html
    assert "共 8 学时" in html
    assert "综合管理" not in html
    assert far.name not in html
    assert "no-store" in answer.headers["Cache-Control"]


def test_the_full_number_needs_a_reason_and_leaves_a_trace(own: Any, hire: Any, as_user: Any) -> None:
    post = hire()
    path = f"{LIST}{post.pk}/reveal/"
    assert as_user("operator_xiaotaiyang").get(path).status_code == 405
    for reader in ("operator_xiaotaiyang", "reviewer_tinghu", "chief_tinghu"):
        client = as_user(reader)
        short = client.post(path, {"reason": "看看"})
        assert short.status_code == 422
        assert number_of(7) not in markup_of(short)
        answer = client.post(path, {"reason": "核对健康合格证"})
        assert number_of(7) in markup_of(answer)
        assert "no-store" in answer.headers["Cache-Control"]
        act = Event.objects.filter(action="personal.read").order_by("-id").first()
        assert act is not None
        assert act.actor.username == reader
        assert act.data["reason"] == "核对健康合格证"
    assert as_user("health_city").post(path, {"reason": "核对健康合格证"}).status_code == 403


def test_leaving_keeps_the_record_and_hides_what_comes_after(own: Any, hire: Any, as_user: Any) -> None:
    post = hire("白鹤甲", papers=today_here() + timedelta(days=200))
    client = as_user("operator_xiaotaiyang")
    path = f"{LIST}{post.pk}/leave/"
    answer = client.post(path, {"ended_on": "2020-01-01", "end_reason": ""})
    assert answer.status_code == 422
    assert 'href="#id_ended_on"' in markup_of(answer)
    assert 'href="#id_end_reason"' in markup_of(answer)
    good = {"ended_on": str(today_here()), "end_reason": "本人辞职"}
    assert client.post(path, good).status_code == 302
    again = client.post(path, good)
    assert again.status_code == 302
    assert "离岗" in markup_of(client.get(again.url))
    html = markup_of(client.get(f"{LIST}{post.pk}/"))
    assert "已离岗" in html
    assert "139****1111" not in html
    assert "证件" not in html.partition("<h1>")[2].partition("在本机构的岗位")[0].replace("不再显示证件", "")
    for name in ("paper", "training"):
        assert client.get(f"{LIST}{post.pk}/{name}/").status_code == 409
    assert client.post(NEW, typed("白鹤甲", started_on=str(today_here()))).status_code == 302
    assert Person.objects.count() == 1


def test_people_of_two_institutions_choose_one(
    own: Any, operator: Any, institution: Callable[..., Any], operator_of: Any, hire: Any, as_user: Any
) -> None:
    second = institution()
    operator_of.give(operator, second)
    client = as_user("operator_xiaotaiyang")
    assert "请选择机构" in markup_of(client.post(NEW, typed()))
    assert client.post(NEW, typed(uscc="91320903MA1TYC02X1")).status_code == 422
    assert client.post(NEW, typed("甲二店", uscc=second.uscc)).status_code == 302
    assert client.post(NEW, typed("乙一店", 8, uscc=own.uscc)).status_code == 302
    both = markup_of(client.get(LIST))
    assert both.count("的保育人员配比") == 2
    only = markup_of(client.get(f"{LIST}?uscc={second.uscc}"))
    assert "甲二店" in only
    assert "乙一店" not in only
