"""People and duties by table: a dry run, a submission, another administrator's approval row by row, and what comes of it."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook
from staff_rows import APPROVALS, TITLES, URL, as_csv, decide, hand_in, row, submit

from registry.accounts.staff_table import taking
from registry.models import StaffTable
from tests.pages import Page, markup_of
from yancheng_childcare.accounts.duties import grant
from yancheng_childcare.accounts.requests import renew_part
from yancheng_childcare.choices import Role
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import AccountRequest, Duty, Event, Notification, StoredFile, User
from yancheng_childcare.problems import Problem, Rejected

pytestmark = pytest.mark.django_db


def body(answer: Any) -> str:
    """A file that was answered with."""
    return b"".join(answer.streaming_content).decode("utf-8-sig")


def parts(client: Any, table: StaffTable) -> dict[str, str]:
    """User name → the part of the link this administrator gets."""
    rows = list(csv.reader(io.StringIO(body(client.post(f"{URL}{table.pk}/")))))
    return {line[1]: line[2] for line in rows[1:]}


def test_submitted_by_one_approved_by_another_and_taken(as_user: Any, cast: Any, client: Any) -> None:
    first, second = as_user("admin"), as_user("admin2")
    rows = [
        row(),
        row(角色="持证执法人员", 执法证号="苏卫监001", 结束日期="2030/1/2"),
        row(姓名="新人乙", 用户名="new_b", 角色="镇街网格员", 部门="", 辖区="亭湖区五星街道", 电子邮箱="b@example.org"),
        row(姓名=cast["grid_tinghu"].display_name, 用户名="grid_tinghu", 角色="公安机关经办人", 部门="320902-POLICE"),
    ]
    url = hand_in(first, rows)
    page = Page(markup_of(first.get(url)))
    assert not User.objects.filter(username__startswith="new_").exists() and not StaffTable.objects.exists()
    said = page.text
    for words in ("新建并授予", "授予职责", "提交，等待批准"):
        assert words in said
    table = submit(first, url)
    assert not User.objects.filter(username__startswith="new_").exists()

    shown = Page(markup_of(second.get(f"{APPROVALS}stafftable/{table.pk}/"))).text
    for words in ("新人甲", "new_b", "县级卫健受理岗", "五星街道", "苏卫监001", "2030-01-02", "平台管理员（admin）"):
        assert words in shown
    answer = decide(second, table, "approve")
    assert answer.url == f"{URL}{table.pk}/"
    new_a, new_b = User.objects.get(username="new_a"), User.objects.get(username="new_b")
    held = Duty.objects.in_force().filter(user__in=[new_a, new_b, cast["grid_tinghu"]])
    assert set(held.values_list("user__username", "role", "region_id", "department_id")) >= {
        ("new_a", "REVIEWER", "320902", "320902-HEALTH"),
        ("new_a", "INSPECTOR", "320902", "320902-HEALTH"),
        ("grid_tinghu", "POLICE", "320902", "320902-POLICE"),
    }
    assert held.get(user=new_b).region.name == "五星街道"
    assert held.get(role=Role.INSPECTOR, user=new_a).valid_to == date(2030, 1, 2)
    assert {(d.granted_by, d.approved_by) for d in held.filter(user=new_a)} == {(cast["admin"], cast["admin2"])}
    for action in ("user.created", "duty.granted", "duty.approved", "user.request.approved"):
        assert Event.objects.filter(action=action, subject=f"user:{new_a.pk}").exists(), action
    assert new_b.email == "b@example.org"
    assert Notification.objects.get(user=cast["admin"], title="人员与职责表已办理").url == f"{URL}{table.pk}/"
    assert "已授予职责" in markup_of(first.get(f"{URL}{table.pk}/"))


def test_the_link_of_a_new_person_takes_both_administrators(as_user: Any, cast: Any, client: Any) -> None:
    first, second = as_user("admin"), as_user("admin2")
    table = submit(first, hand_in(first, [row()]))
    decide(second, table, "approve")
    stale = parts(first, table)["new_a"]
    link, code = parts(first, table)["new_a"], parts(second, table)["new_a"]
    new = {"new_password1": "a-long-enough-one-7", "new_password2": "a-long-enough-one-7"}
    path = link.partition("/accounts/")[2]
    assert client.get(f"/accounts/{stale.partition('/accounts/')[2]}").status_code == 410
    assert client.post(f"/accounts/{path}", {**new, "code": "WRONG"}).status_code == 422
    assert not User.objects.get(username="new_a").has_usable_password()
    assert client.post(f"/accounts/{path}", {**new, "code": code}).status_code == 200
    assert User.objects.get(username="new_a").has_usable_password()
    assert "没有还能使用的一次性链接" in markup_of(first.post(f"{URL}{table.pk}/"))


def test_who_had_no_part_gets_no_link(as_user: Any, cast: Any) -> None:
    table = submit(as_user("admin"), hand_in(as_user("admin"), [row()]))
    decide(as_user("admin2"), table, "approve")
    Duty.objects.create(
        user=cast["legal_city"], role=Role.ADMIN, department_id="320900-PLATFORM", valid_from=today_here(),
        granted_by=cast["admin"], approved_by=cast["admin2"],
    )  # fmt: skip
    third = as_user("legal_city")
    assert "领取" not in Page(markup_of(third.get(f"{URL}{table.pk}/"))).buttons
    answer = third.post(f"{URL}{table.pk}/")
    assert answer.status_code == 422 and "链接由提交人领取" in markup_of(answer)


def test_a_part_of_a_link_is_for_its_own_administrator_alone(as_user: Any, cast: Any) -> None:
    table = submit(as_user("admin"), hand_in(as_user("admin"), [row()]))
    decide(as_user("admin2"), table, "approve")
    request = AccountRequest.objects.get(user__username="new_a", closed_at__isnull=True)
    before = request.token_hash, request.code_hash
    with pytest.raises(Rejected) as refused:
        renew_part(request, cast["legal_city"])
    request.refresh_from_db()
    assert refused.value.status == 403 and (request.token_hash, request.code_hash) == before
    assert "/accounts/link/" in renew_part(request, cast["admin"])
    assert "/accounts/link/" not in renew_part(request, cast["admin2"])


def test_who_submitted_cannot_approve_nor_who_gains(as_user: Any, cast: Any) -> None:
    first, second = as_user("admin"), as_user("admin2")
    mine = row(姓名=cast["admin2"].display_name, 用户名="admin2", 角色="审计管理员", 部门="320900-AUDIT")
    table = submit(first, hand_in(first, [row(), {**mine, "部门": "320900-HEALTH"}]))
    assert "须由另一人批准" in markup_of(first.get(f"{APPROVALS}stafftable/{table.pk}/"))
    assert decide(first, table, "approve").status_code == 422
    assert decide(second, table, "approve").status_code == 422
    table.refresh_from_db()
    assert table.approved_by is None and not User.objects.filter(username="new_a").exists()


def test_a_table_changed_after_it_was_shown_is_not_approved(as_user: Any) -> None:
    table = submit(as_user("admin"), hand_in(as_user("admin"), [row()]))
    second = as_user("admin2")
    page = f"{APPROVALS}stafftable/{table.pk}/"
    seen = Page(markup_of(second.get(page))).find("input", name="seen")
    assert seen is not None
    table.rows[0]["role"] = Role.ADMIN
    table.save()
    answer = second.post(page, {"to": "approve", "seen": seen["value"]})
    assert answer.status_code == 422 and not User.objects.filter(username="new_a").exists()


def test_a_refusal_needs_a_reason_keeps_it_and_tells_who_submitted(as_user: Any, cast: Any) -> None:
    first, second = as_user("admin"), as_user("admin2")
    table = submit(first, hand_in(first, [row()]))
    assert "请写明不予批准的理由" in markup_of(decide(second, table, "refuse"))
    decide(second, table, "refuse", reason="第 2 行的部门不对，请核对")
    table.refresh_from_db()
    assert table.closed_at is not None and table.refusal == "第 2 行的部门不对，请核对"
    told = Notification.objects.get(user=cast["admin"], title="您提出的申请没有获批")
    assert "第 2 行的部门不对，请核对" in told.body
    assert "第 2 行的部门不对，请核对" in markup_of(first.get(f"{URL}{table.pk}/"))
    assert not User.objects.filter(username="new_a").exists()
    again = submit(first, hand_in(first, [row()]))
    assert again.pk != table.pk


def test_a_row_that_became_impossible_is_reported_and_the_others_are_taken(as_user: Any, cast: Any) -> None:
    first, second = as_user("admin"), as_user("admin2")
    person = cast["grid_tinghu"]
    rows = [
        row(),
        row(姓名="新人乙", 用户名="new_b"),
        row(姓名=person.display_name, 用户名="grid_tinghu", 角色="公安机关经办人", 部门="320902-POLICE"),
    ]
    table = submit(first, hand_in(first, rows))
    User.objects.create(username="new_b", display_name="别人")
    department = Duty._meta.get_field("department").related_model.objects.get(pk="320902-POLICE")
    grant(user=person, role=Role.POLICE, department=department, valid_from=today_here(), actor=cast["admin2"])
    decide(second, table, "approve")
    table.refresh_from_db()
    assert [result["done"] for result in table.outcome] == [True, False, False]
    assert "另一个人" in table.outcome[1]["words"] and "已有同样的职责" in table.outcome[2]["words"]
    assert Duty.objects.in_force().filter(user__username="new_a").count() == 1
    assert not Duty.objects.filter(user__username="new_b").exists()
    said = Page(markup_of(first.get(f"{URL}{table.pk}/"))).text
    assert "没有办成" in said and "另一个人" in said


def test_nothing_of_a_row_stays_when_its_duty_cannot_be_granted(as_user: Any, monkeypatch: Any) -> None:
    def refuses(**about: Any) -> None:
        raise Rejected(Problem("GEN-422", "region", "不行"))

    first = as_user("admin")
    table = submit(first, hand_in(first, [row()]))
    monkeypatch.setattr(taking, "grant", refuses)
    decide(as_user("admin2"), table, "approve")
    assert not User.objects.filter(username="new_a").exists()
    assert not AccountRequest.objects.filter(user__username="new_a").exists()


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"姓名": ""}, "请填写姓名"),
        ({"用户名": "带 空格"}, "用户名"),
        ({"电子邮箱": "不是邮箱"}, "电子邮箱"),
        ({"角色": "托育机构经办人"}, "由本机构开通，不在这里授予"),
        ({"角色": "园丁"}, "请从列表中选择角色"),
        ({"部门": ""}, "请选择所在的部门"),
        ({"部门": "没有的部门"}, "没有找到名称或代码为“没有的部门”的部门"),
        ({"部门": "320902-POLICE"}, "这个部门不办理该角色的事项"),
        ({"辖区": "东台市"}, "辖区应在"),
        ({"辖区": "没有的地方"}, "没有找到名称或代码为“没有的地方”的辖区"),
        ({"执法证号": "1"}, "这个角色不填“执法证号”"),
        ({"角色": "持证执法人员"}, "请填写执法证号"),
        ({"角色": "镇街网格员"}, "这个角色不填“部门”"),
        ({"角色": "镇街网格员", "部门": ""}, "请选择职责的辖区"),
        ({"开始日期": "2026-02-30"}, "开始日期请按“年-月-日”填写"),
        ({"开始日期": "2026-06-01", "结束日期": "2026-05-01"}, "结束日期不能早于今天和开始日期"),
        ({"姓名": "320902198506010011"}, "这里有身份证号码"),
        ({"用户名": "grid_tinghu"}, "这个用户名是另一个人的"),
    ],
)
def test_what_is_wrong_with_a_row_is_said(as_user: Any, cells: dict[str, str], words: str) -> None:
    from registry.rules.identity import make_id_number

    if "身份证" in words:
        cells = {"姓名": make_id_number("320902", date(1985, 6, 1), 1)}
    client = as_user("admin")
    url = hand_in(client, [row(**cells)])
    html = markup_of(client.get(url))
    assert words in html and "提交，等待批准" not in html
    assert client.post(URL, {"action": "submit", "file": url.partition("file=")[2]}).status_code == 422
    assert not StaffTable.objects.exists()


def test_rows_of_one_file_against_each_other(as_user: Any) -> None:
    client = as_user("admin")
    rows = [row(), row(), row(姓名="别名"), row(角色="县级卫健负责人")]
    said = Page(markup_of(client.get(hand_in(client, rows)))).text
    assert "与第 2 行是同一个人的同一项职责" in said
    assert "与第 2 行的用户名相同，姓名却不同" in said
    assert said.count("新建并授予") == 1


def test_switched_off_known_and_other_address(as_user: Any, cast: Any) -> None:
    client = as_user("admin")
    reviewer, leader = cast["reviewer_tinghu"], cast["leader_city"]
    User.objects.filter(pk=leader.pk).update(is_active=False)
    rows = [
        row(姓名=reviewer.display_name, 用户名="reviewer_tinghu"),
        row(姓名=reviewer.display_name, 用户名="reviewer_tinghu", 角色="法制审核人员", 电子邮箱="x@example.org"),
        row(姓名=leader.display_name, 用户名="leader_city"),
    ]
    said = Page(markup_of(client.get(hand_in(client, rows)))).text
    assert "已有，略过" in said and "这个账号已停用" in said and "不能用表格更改" in said


def test_the_bad_rows_come_back_and_execute_nothing(as_user: Any) -> None:
    client = as_user("admin")
    url = hand_in(client, [row(), row(姓名="=cmd|' /C calc'!A0", 用户名="new_b", 角色="园丁")])
    back = list(csv.reader(io.StringIO(body(client.get(f"{url}&bad=csv")))))
    assert back[0] == [*TITLES, "问题"] and len(back) == 2
    assert back[1][0] == "'=cmd|' /C calc'!A0" and "角色" in back[1][-1]
    book = b"".join(client.get(f"{url}&bad=xlsx").streaming_content)
    assert CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()[1][0].startswith("'=")
    back[1][0], back[1][3] = "新人乙", "县级卫健受理岗"
    again = hand_in(client, [dict(zip(TITLES, back[1][:-1], strict=True))])
    assert "提交，等待批准" in markup_of(client.get(again))


def test_the_template_can_be_filled_in(as_user: Any) -> None:
    client = as_user("admin")
    book = b"".join(client.get(reverse("staff-table:template")).streaming_content)
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(book))
    assert sheets.sheet_names == ["人员与职责", "填表说明", "角色", "部门"]
    assert sheets.get_sheet_by_index(0).to_python()[0] == list(TITLES)
    plain = client.get(f"{URL}template/?format=csv").content.decode("utf-8-sig")
    assert plain.strip() == ",".join(TITLES)


def test_two_thousand_rows_are_checked_with_few_queries_and_taken_by_the_worker(
    as_user: Any, monkeypatch: Any, django_assert_max_num_queries: Any, django_capture_on_commit_callbacks: Any
) -> None:
    handed: list[Any] = []
    monkeypatch.setattr(taking, "hand_over", lambda task, *arguments: handed.append(task) or True)
    first, second = as_user("admin"), as_user("admin2")
    url = hand_in(first, [row(姓名=f"新人{n}", 用户名=f"new_{n}") for n in range(2_000)])
    with django_assert_max_num_queries(20):
        page = first.get(url)
    assert "2,000" in Page(markup_of(page)).text
    table = submit(first, url)
    with django_capture_on_commit_callbacks(execute=True):
        decide(second, table, "approve")
    assert handed == [taking.take_staff_tables] and not User.objects.filter(username__startswith="new_").exists()
    assert "正在办理" in markup_of(first.get(f"{URL}{table.pk}/"))
    StaffTable.objects.filter(pk=table.pk).update(rows=table.rows[:3])
    assert handed[0]() == 1 and handed[0]() == 0
    assert Notification.objects.filter(user=table.granted_by, title="人员与职责表已办理").count() == 1
    assert Duty.objects.in_force().filter(user__username__startswith="new_").count() == 3


def test_the_same_file_waits_once_and_a_file_of_somebody_else_is_not_found(as_user: Any) -> None:
    client = as_user("admin")
    url = hand_in(client, [row()])
    assert submit(client, url).pk == submit(client, url).pk
    assert StaffTable.objects.count() == 1 and StoredFile.objects.filter(purpose="staff-import").count() == 1
    for reader in ("reviewer_tinghu", "operator_xiaotaiyang"):
        assert as_user(reader).get(url).status_code == 403
        assert as_user(reader).get(f"/files/{url.partition('file=')[2]}/").status_code == 404
    assert client.get(f"{URL}?file=nonsense").status_code == 404
    StoredFile.objects.update(created_at=timezone.now() - timedelta(days=1))
    assert as_user("admin2").get(url).status_code == client.get(url).status_code == 200


def test_what_cannot_be_read_leaves_nothing(as_user: Any) -> None:
    client = as_user("admin")
    assert "请选择要上传的" in markup_of(client.post(URL, {}))
    too_many = as_csv([row(用户名=f"u{n}") for n in range(2_001)])
    answer = client.post(URL, {"file": too_many})
    assert answer.status_code == 422 and "超过 2,000 行" in markup_of(answer)
    assert not StoredFile.objects.exists()


def test_the_table_is_deleted_after_its_days(as_user: Any, settings: Any) -> None:
    from registry.registration.imports.keeping import delete_old_tables

    client = as_user("admin")
    hand_in(client, [row()])
    assert delete_old_tables(today=today_here() + timedelta(days=settings.IMPORT_KEEP_DAYS + 1)).done == 1
    assert Event.objects.filter(action="import.deleted", summary__startswith="人员与职责导入表").exists()
