"""Batch import of people: a trial run first, then the good rows; the same file twice adds nobody."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Any

import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from people_cases import IMPORT, LIST, SIGNED_IN, as_csv, listed, number_of
from python_calamine import CalamineWorkbook

from registry.models import Person, PersonBan, Post
from registry.people.imports import LABELS
from registry.people.services import ENTERED, NEUTRAL
from registry.rules.identity import is_valid
from tests.pages import markup_of, page_of
from yancheng_childcare.crypto import blind_index
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Notification, StoredFile


def _take(client: Any, url: str) -> Any:
    return client.post(IMPORT, {"action": "take", "file": url.partition("file=")[2]})


def test_a_trial_run_then_the_good_rows_then_nothing_new(
    own: Any, as_user: Any, django_assert_max_num_queries: Any
) -> None:
    client = as_user("operator_xiaotaiyang")
    rows = [
        listed(1),
        listed(2, id_no=number_of(2)[:-1] + "9" if number_of(2)[-1] != "9" else number_of(2)[:-1] + "8"),
        listed(3, education="博士后", role="园丁", full_time="一半", started_on="前天", phone="12"),
        listed(4, role="炊事员", full_time="兼职", started_on="2026/3/2", education="本科"),
        listed(1),
        {**listed(1), "name": "另一名", "role": "炊事人员", "full_time": "兼职"},
        {**listed(7), "name": "=cmd|' /C calc'!A0", "started_on": "2999-01-01"},
    ]
    handed = client.post(IMPORT, {"file": as_csv(rows)})
    assert handed.status_code == 302
    with django_assert_max_num_queries(6 + SIGNED_IN):
        answer = client.get(handed.url)
    html = markup_of(answer)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    assert not Person.objects.exists()
    lines = page_of(html).lines
    for line, column in (
        (3, "身份证号"),
        (4, "学历"),
        (4, "岗位"),
        (4, "全职或兼职"),
        (4, "上岗日期"),
        (4, "联系电话"),
        (6, "岗位"),
        (7, "姓名"),
        (8, "上岗日期"),
    ):
        assert f"第 {line} 行" in lines and column in lines
    assert "PER-105" in html
    assert "第 2 行是同一个人、同一个岗位" in html
    assert number_of(1) not in html
    assert "先登记正确的行" in html
    bad = b"".join(client.get(f"{handed.url}&bad=csv").streaming_content).decode("utf-8-sig")
    table = list(csv.reader(io.StringIO(bad)))
    assert table[0] == [*(LABELS[name] for name in ENTERED), "问题"]
    assert len(table) == 6
    assert table[-1][0].startswith("'=cmd")
    assert number_of(3) in table[2][1]
    book = b"".join(client.get(f"{handed.url}&bad=xlsx").streaming_content)
    assert CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()[2][1] == number_of(3)
    done = _take(client, handed.url)
    assert "已登记 2 人。另有 5 行有误" in markup_of(client.get(done.url))
    assert set(Post.objects.values_list("person__name", "role", "full_time", "started_on")) == {
        ("试人1", "CARER", True, date(2026, 3, 2)),
        ("试人4", "COOK", False, date(2026, 3, 2)),
    }
    _take(client, handed.url)
    again = client.post(IMPORT, {"file": as_csv([rows[0], rows[3]])})
    assert "没有需要登记的人员" in markup_of(client.get(again.url))
    assert "没有新登记的人员" in markup_of(client.get(_take(client, again.url).url))
    assert Person.objects.count() == Post.objects.count() == 2


def test_rows_against_the_records(
    own: Any, cast: Any, elsewhere: Any, operator_of: Any, hire: Any, as_user: Any
) -> None:
    far = elsewhere()
    hire("别名一", 1, at=far, by=operator_of(far))
    hire("试人2", 2)
    hire("真名三", 3, full_time="no")
    hire("试人6", 6, role="COOK")
    PersonBan.objects.create(
        id_index=blind_index(number_of(4), "person"),
        since=today_here() - timedelta(days=1),
        basis="第41条",
        case_no="1",
    )
    client = as_user("operator_xiaotaiyang")
    handed = client.post(IMPORT, {"file": as_csv([listed(number) for number in (1, 2, 3, 4, 6)])})
    html = markup_of(client.get(handed.url))
    for code in ("PER-101", "PER-103", "PER-105"):
        assert code in html
    assert NEUTRAL in html
    assert not [word for word in ("禁止", "限制", "第41条", far.name) if word in html]
    told = Notification.objects.filter(user=cast["reviewer_tinghu"])
    assert told.count() == 1  # a trial run cannot ask about a ban in secret
    assert "命中" in told.get().body
    assert "已登记 1 人。另有 3 行有误" in markup_of(client.get(_take(client, handed.url).url))
    # The one known elsewhere was taken like anybody else; the other name and the second full-time post went to both counties.
    assert Notification.objects.filter(user=cast["reviewer_dongtai"], title="人员登记需要核实").count() == 2
    assert Post.objects.filter(institution=own).count() == 4


def test_a_workbook_with_days_and_numbers_as_spreadsheets_keep_them(own: Any, as_user: Any) -> None:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    page, day = book.add_worksheet("名单"), book.add_format({"num_format": "yyyy-mm-dd"})
    page.write_string(0, 0, "2026 年人员名单")
    for column, title in enumerate(("姓名", "身份证号", "手机号", "工作岗位", "入职日期", "从业年限", "备注")):
        page.write_string(1, column, title)
    for line, (name, number) in enumerate((("试人1", number_of(1)), ("试人2", int(number_of(2)[:17] + "0"))), 2):
        page.write(line, 0, name)
        page.write_string(line, 1, number) if isinstance(number, str) else page.write_number(line, 1, number)
        page.write_number(line, 2, 13900001111)
        page.write_string(line, 3, "保育师")
        page.write_datetime(line, 4, date(2026, 3, 2), day)
        page.write_number(line, 5, 3)
    book.close()
    client = as_user("operator_xiaotaiyang")
    handed = client.post(IMPORT, {"file": SimpleUploadedFile("名单.xlsx", target.getvalue())})
    html = markup_of(client.get(handed.url))
    assert "末几位可能已被表格软件改写" in html
    assert "不认识“备注”这一列" in html
    assert 'data-label="问题"' in html
    _take(client, handed.url)
    post = Post.objects.select_related("person").get()
    assert (post.role, post.full_time, post.started_on) == ("CARER", True, date(2026, 3, 2))
    assert (post.experience_years, str(post.phone)) == (3, "13900001111")
    assert not post.no_mental_illness


def test_what_cannot_be_read_is_said_and_leaves_no_record(own: Any, as_user: Any) -> None:
    client = as_user("operator_xiaotaiyang")
    assert "请选择要上传的" in markup_of(client.post(IMPORT, {}))
    for name, data, words in (
        ("a.csv", b"x,y\n1,2\n", "没有找到表头"),
        ("a.csv", "姓名,岗位,学历\n甲,保育人员,大专\n".encode(), "表头缺少必需的列：身份证号、上岗日期"),
        ("a.csv", "姓名,身份证号,岗位,上岗日期\n".encode(), "没有数据行"),
        ("a.pdf", b"%PDF-1.4\n", "请上传"),
        (
            "a.csv",
            "姓名,身份证号,岗位,上岗日期\n".encode() + "甲,1,保育人员,2026-01-01\n".encode() * 2001,
            "超过 2,000 行",
        ),
    ):
        answer = client.post(IMPORT, {"file": SimpleUploadedFile(name, data)})
        assert answer.status_code == 422
        assert words in markup_of(answer)
    assert not StoredFile.objects.exists()


def test_a_table_is_nobody_elses(own: Any, elsewhere: Any, operator_of: Any, as_user: Any, client: Any) -> None:
    handed = as_user("operator_xiaotaiyang").post(IMPORT, {"file": as_csv([listed(1)])})
    key = handed.url.partition("file=")[2]
    client.force_login(operator_of(elsewhere()), backend="yancheng_childcare.accounts.signin.PortalBackend")
    assert client.get(handed.url).status_code == 404
    assert client.post(IMPORT, {"action": "take", "file": key}).status_code == 404
    assert client.get(f"/files/{key}/").status_code == 404
    for reader in ("reviewer_tinghu", "health_city"):
        assert as_user(reader).get(f"/files/{key}/").status_code == 404
        assert as_user(reader).get(handed.url).status_code == 403
    assert client.get(f"{IMPORT}?file=nonsense").status_code == 404
    assert not Post.objects.exists()


def test_the_template_can_be_filled_in_and_its_examples_are_right(own: Any, as_user: Any) -> None:
    client = as_user("operator_xiaotaiyang")
    book = b"".join(client.get(f"{IMPORT}template/").streaming_content)
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(book))
    assert sheets.sheet_names == ["人员信息", "填表说明", "示例"]
    assert sheets.get_sheet_by_index(0).to_python()[0] == [LABELS[name] for name in ENTERED]
    head, *examples = sheets.get_sheet_by_index(2).to_python()
    rows = io.StringIO(newline="")
    csv.writer(rows).writerows([head, *examples])
    assert all(is_valid(row[1], today_here()) for row in examples)
    filled = SimpleUploadedFile("示例.csv", rows.getvalue().encode())
    handed = client.post(IMPORT, {"file": filled})
    assert "全部登记" in markup_of(client.get(handed.url))
    plain = client.get(f"{IMPORT}template/?format=csv").content.decode("utf-8-sig")
    assert plain.strip() == ",".join(LABELS[name] for name in ENTERED)
    empty = client.post(IMPORT, {"file": SimpleUploadedFile("空.xlsx", book)})
    assert "没有数据行" in markup_of(empty)
    assert client.get(LIST).status_code == 200
