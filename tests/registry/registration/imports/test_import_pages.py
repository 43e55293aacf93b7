"""The pages: upload, look, take, get the bad rows back, correct them, upload again."""

from __future__ import annotations

import csv
import io
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from import_tables import HEADER, as_csv, as_xlsx
from python_calamine import CalamineWorkbook

from registry.models import ImportJob, Institution
from registry.registration.imports import jobs, taking
from registry.registration.imports.columns import PLACES, SHEET
from registry.registration.imports.jobs import State

pytestmark = pytest.mark.django_db


def body(response: Any) -> bytes:
    """The bytes of a plain or a streamed answer."""
    return b"".join(response.streaming_content) if response.streaming else response.content


def send(client: Any, file: Any) -> ImportJob:
    """Upload over the page and return the job it leads to."""
    response = client.post(reverse("registry:imports"), {"file": file})
    assert response.status_code == 302, response.content.decode()[:2000]
    return ImportJob.objects.get(pk=response.url.rstrip("/").rpartition("/")[2])


def test_imports_are_found_by_file_and_state(as_user: Any, registration: Any) -> None:
    client = as_user("registrar_tinghu")
    for name, state in (("甲.csv", State.CHECKED), ("乙.csv", State.DONE)):
        file = as_csv([registration()])
        file.name = name
        ImportJob.objects.filter(pk=send(client, file).pk).update(state=state)
    for query, found in {"q=甲": "甲", "state=DONE": "乙", "state=CHECKED": "甲", "state=x": "甲乙"}.items():
        rows = client.get(reverse("registry:imports") + f"?{quote(query, '=&')}").context["jobs"]
        assert {row["job"].file.original_name[0] for row in rows} == set(found), query
    assert "没有符合条件的导入" in client.get(reverse("registry:imports"), {"q": "没有的"}).content.decode()


@pytest.mark.parametrize("make", [as_csv, as_xlsx])
def test_the_whole_way(as_user: Any, registration: Any, make: Any) -> None:
    client = as_user("registrar_tinghu")
    rows = [registration() for _ in range(4)]
    rows[1]["town_code"] = "320903002"
    rows[2]["registered_address"] = "=cmd|' /C calc'!A0"
    rows[2]["legal_rep_name"] = ""
    job = send(client, make(rows))
    page = client.get(reverse("registry:import", args=[job.pk])).content.decode()
    for text in ("第 3 行", "REG-503", "第 4 行", "REG-201", "先入库正确的行", "将新增"):
        assert text in page
    assert not Institution.objects.exists()
    assert client.post(reverse("registry:import-take", args=[job.pk])).status_code == 302
    assert Institution.objects.count() == 2

    response = client.get(reverse("registry:import-errors", args=[job.pk]))
    data = body(response)
    if make is as_csv:
        back = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    else:
        back = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    assert back[0] == [*HEADER, "问题"]
    assert [row[0] for row in back[1:]] == [rows[1]["uscc"], rows[2]["uscc"]]
    assert back[2][3] == "'=cmd|' /C calc'!A0"
    assert "请填写" in back[2][-1]

    back[1][5], back[2][6] = "320902001", "李改正"
    if make is as_csv:
        text = io.StringIO()
        csv.writer(text).writerows(back)
        fixed = SimpleUploadedFile("改好.csv", text.getvalue().encode())
    else:
        from import_tables import workbook

        def draw(book: Any) -> None:
            sheet = book.add_worksheet()
            for line, row in enumerate(back):
                for column, value in enumerate(row):
                    sheet.write_string(line, column, str(value))

        fixed = workbook(draw)
    again = send(client, fixed)
    assert (again.rows_new, again.rows_bad) == (2, 0)
    client.post(reverse("registry:import-take", args=[again.pk]))
    assert Institution.objects.count() == 4
    assert Institution.objects.get(uscc=rows[2]["uscc"]).registered_address == "=cmd|' /C calc'!A0"


def test_others_do_not_see_the_job(as_user: Any, registration: Any) -> None:
    job = send(as_user("registrar_tinghu"), as_csv([registration(town_code="1")]))
    stranger = as_user("registrar_civil")
    assert stranger.get(reverse("registry:import", args=[job.pk])).status_code == 404
    assert stranger.get(reverse("registry:import-errors", args=[job.pk])).status_code == 404
    assert stranger.post(reverse("registry:import-take", args=[job.pk])).status_code == 404
    assert job.file.original_name not in stranger.get(reverse("registry:imports")).content.decode()
    assert as_user("reviewer_tinghu").get(reverse("registry:imports")).status_code == 403


def test_pages_without_a_job_and_without_a_file(as_user: Any) -> None:
    client = as_user("registrar_tinghu")
    assert "还没有导入过" in client.get(reverse("registry:imports")).content.decode()
    response = client.post(reverse("registry:imports"), {})
    assert response.status_code == 422
    assert "请选择要上传的" in response.content.decode()
    response = client.post(reverse("registry:imports"), {"file": SimpleUploadedFile("a.pdf", b"%PDF-1.7 x")})
    assert (response.status_code, "FILE-004" in response.content.decode()) == (422, True)


def test_a_file_that_failed_says_why(as_user: Any) -> None:
    client = as_user("registrar_tinghu")
    job = send(client, SimpleUploadedFile("a.csv", "甲,乙\n1,2\n".encode()))
    page = client.get(reverse("registry:import", args=[job.pk])).content.decode()
    assert "没有找到表头" in page
    assert "重新检查" in page
    response = client.post(reverse("registry:import-take", args=[job.pk]))
    assert response.status_code == 409


def test_the_same_upload_twice_is_one_job(as_user: Any, registration: Any) -> None:
    client, rows = as_user("registrar_tinghu"), [registration()]
    assert send(client, as_csv(rows)).pk == send(client, as_csv(rows)).pk
    assert ImportJob.objects.count() == 1


def test_a_long_file_is_checked_and_taken_by_the_worker(
    as_user: Any, registration: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from registry.registration.imports import pages

    handed: list[tuple[Any, ...]] = []
    monkeypatch.setattr(jobs, "AT_ONCE_LINES", 2)
    monkeypatch.setattr(pages, "AT_ONCE_LINES", 2)
    monkeypatch.setattr(
        "registry.registration.imports.pages.hand_over",
        lambda task, *arguments: handed.append((task, *arguments)) or True,
    )
    client = as_user("registrar_tinghu")
    job = send(client, as_csv([registration() for _ in range(5)]))
    assert job.state == State.CHECKING
    page = client.get(reverse("registry:import", args=[job.pk])).content.decode()
    assert "正在检查" in page
    assert 'hx-trigger="every 2s"' in page
    task, *arguments = handed.pop()
    task(*arguments)
    done = client.get(reverse("registry:import", args=[job.pk]), headers={"HX-Request": "true"})
    assert done.headers["HX-Refresh"] == "true"
    client.post(reverse("registry:import-take", args=[job.pk]))
    job.refresh_from_db()
    assert job.state == State.TAKING
    task, *arguments = handed.pop()
    task(*arguments)
    job.refresh_from_db()
    assert (job.state, Institution.objects.count()) == (State.DONE, 5)


def test_a_worker_that_fails_gives_the_job_back(
    as_user: Any, registration: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from registry.registration.imports import tasks

    client = as_user("registrar_tinghu")
    job = send(client, as_csv([registration()]))
    ImportJob.objects.filter(pk=job.pk).update(state=State.TAKING)

    def breaks(*arguments: Any) -> None:
        raise RuntimeError("no memory")

    monkeypatch.setattr(taking.Pass, "run", breaks)
    user = job.created_by_id
    with pytest.raises(RuntimeError):
        tasks.take_job(str(job.pk), user)
    job.refresh_from_db()
    assert job.state == State.CHECKED
    assert "没有导入任何内容" in job.problem[0]["message"]


def test_problem_rows_are_paged(as_user: Any, registration: Any) -> None:
    client = as_user("registrar_tinghu")
    job = send(client, as_csv([registration(legal_rep_name="") for _ in range(60)]))
    first = client.get(reverse("registry:import", args=[job.pk])).content.decode()
    assert "第 51 行" in first
    assert "第 52 行" not in first
    second = client.get(reverse("registry:import", args=[job.pk]), {"after": "51"}).content.decode()
    assert "第 52 行" in second
    assert "第 61 行" in second


def test_pages_have_few_queries(as_user: Any, registration: Any, django_assert_max_num_queries: Any) -> None:
    client = as_user("registrar_tinghu")
    job = send(client, as_csv([registration(legal_rep_name="") for _ in range(30)]))
    # session, user and duties are three; the page itself has at most four
    with django_assert_max_num_queries(7):
        client.get(reverse("registry:imports"))
    with django_assert_max_num_queries(7):
        client.get(reverse("registry:import", args=[job.pk]))


def test_templates_can_be_filled_in_and_uploaded(as_user: Any, registration: Any) -> None:
    client = as_user("registrar_tinghu")
    response = client.get(reverse("registry:import-template"))
    book = CalamineWorkbook.from_filelike(io.BytesIO(body(response)))
    assert book.get_sheet_by_name(SHEET).to_python()[0] == HEADER
    places = book.get_sheet_by_name(PLACES).to_python()
    assert ["320902", "亭湖区", "320902001"] in [row[:3] for row in places]
    text = body(client.get(reverse("registry:import-template"), {"format": "csv"})).decode("utf-8-sig")
    assert next(csv.reader(io.StringIO(text))) == HEADER
    # the empty workbook itself is a clear error, not a crash
    job = send(client, SimpleUploadedFile("模板.xlsx", body(client.get(reverse("registry:import-template")))))
    assert job.problem[0]["code"] == "REG-557"
