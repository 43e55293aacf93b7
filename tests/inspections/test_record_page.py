"""The page of the items by a plain form, and the record both sides read once it is signed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from casework.models import Case
from inspections.models import VisitItem, VisitPhoto
from tests.inspections.going import judge, sign_off
from tests.inspections.test_clues import picture
from yancheng_childcare.models import Duty

pytestmark = pytest.mark.django_db
Ask = Callable[..., Case]
Enter = Callable[[str], Client]
PART = "设施设备"


def fields_of(page: str) -> dict[str, str]:
    """What a browser would send of the form as it stands."""
    sent = {}
    for tag in re.findall(r"<input[^>]*>", page):
        known = dict(re.findall(r'([a-z_]+)="([^"]*)"', tag))
        quiet = known.get("type") in {"radio", "checkbox"} and not re.search(r"\bchecked\b", tag)
        if known.get("name") and not quiet and known.get("type") != "file":
            sent[known["name"]] = known.get("value", "")
    sent |= dict(re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>([^<]*)</textarea>', page))
    return sent


def address(case: Case, part: str = PART) -> str:
    return f"/desk/inspections/{case.no}/record/?part={quote(part)}"


def line(case: Case, code: str) -> VisitItem:
    return VisitItem.objects.get(visit=case.pk, item__code=code)


def test_an_officer_saves_a_part_without_scripts_and_goes_on(on_site: Ask, as_user: Enter) -> None:
    case, browser = on_site(), as_user("inspector_tinghu1")
    assert f"/desk/inspections/{case.no}/record/" in browser.get(f"/desk/cases/{case.no}/").content.decode()
    page = browser.get(address(case)).content.decode()
    assert "已查" in page and "怎么查：" in page and "没有强制依据，只能建议" in page and "观察（移送）" in page
    assert 'name="verdict-D2-02"' in page and 'name="verdict-D2-09"' not in page, "another body judges that"
    sent = fields_of(page) | {
        "verdict-D2-02": "NOT_MET", "note-D2-02": "录像只存了 30 天", "fixed-D2-02": "1", "next": "1",
        "note-D2-09": "走廊没有应急照明", "photos-D2-02": SimpleUploadedFile("a.png", picture(3)),
        "taken-D2-02": "2026-01-02 09:30",
    }  # fmt: skip
    answer = browser.post(address(case), sent, follow=True)
    assert "part=%E4%BA%BA%E5%91%98%E9%85%8D%E7%BD%AE" in answer.redirect_chain[0][0], "the next part"
    kept = line(case, "D2-02")
    assert (kept.verdict, kept.note, kept.fixed_on_spot) == ("NOT_MET", "录像只存了 30 天", True)
    assert line(case, "D2-09").note == "走廊没有应急照明" and VisitPhoto.objects.count() == 1
    page = browser.get(address(case)).content.decode()
    assert "不符合 1" in page and "2026年1月2日 09:30拍摄" in page


def test_what_is_wrong_stands_beside_the_item_and_what_was_typed_stays(on_site: Ask, as_user: Enter) -> None:
    case, browser = on_site(), as_user("inspector_tinghu1")
    sent = fields_of(browser.get(address(case)).content.decode())
    sent |= {"verdict-D2-02": "NOT_MET", "verdict-D2-05": "NOT_MET", "note-D2-05": "没有保健观察室"}
    answer = browser.post(address(case), sent)
    page = answer.content.decode()
    assert answer.status_code == 422 and 'href="#id_note-D2-02"' in page and "没有保健观察室" in page
    assert fields_of(page)["verdict-D2-02"] == "NOT_MET"
    assert not VisitItem.objects.filter(visit=case.pk).exclude(verdict="").exists()


def test_a_hostile_picture_is_refused_by_the_answers_of_the_house(on_site: Ask, as_user: Enter) -> None:
    case, browser = on_site(), as_user("inspector_tinghu1")
    sent = fields_of(browser.get(address(case)).content.decode()) | {
        "verdict-D2-05": "MET", "photos-D2-05": SimpleUploadedFile("图.png", b"MZ\x90\x00evil", "image/png"),
    }  # fmt: skip
    answer = browser.post(address(case), sent)
    assert (answer.status_code, "FILE-0" in answer.content.decode()) == (422, True)
    assert "照片没有保存，请重新选择" in answer.content.decode()
    assert line(case, "D2-05").verdict == "" and not VisitPhoto.objects.exists()


def test_two_officers_at_one_part_lose_nothing(on_site: Ask, as_user: Enter) -> None:
    case, one, other = on_site(), as_user("inspector_tinghu1"), as_user("inspector_tinghu2")
    mine, theirs = (fields_of(browser.get(address(case)).content.decode()) for browser in (one, other))
    other.post(
        address(case), theirs | {"verdict-D2-02": "NOT_MET", "note-D2-02": "录像只存了 30 天", "verdict-D2-06": "MET"}
    )
    answer = one.post(
        address(case), mine | {"verdict-D2-02": "MET", "note-D2-02": "看到 90 天", "verdict-D2-05": "MET"}
    )
    page = answer.content.decode()
    assert answer.status_code == 412 and "您的记录还没有保存" in page
    assert "对方记录：不符合：录像只存了 30 天" in page and "看到 90 天" in page
    typed = fields_of(page)
    assert (typed["verdict-D2-02"], typed["verdict-D2-05"], typed["verdict-D2-06"]) == ("MET", "MET", "MET")
    assert one.post(address(case), typed | {"save": "1"}).status_code == 302
    assert (line(case, "D2-02").note, line(case, "D2-05").verdict, line(case, "D2-06").verdict) == (
        "看到 90 天", "MET", "MET",
    )  # fmt: skip


def test_what_a_colleague_wrote_of_an_item_not_touched_here_stays(on_site: Ask, as_user: Enter) -> None:
    case, one, other = on_site(), as_user("inspector_tinghu1"), as_user("inspector_tinghu2")
    mine, theirs = (fields_of(browser.get(address(case)).content.decode()) for browser in (one, other))
    other.post(address(case), theirs | {"verdict-D2-02": "NOT_MET", "note-D2-02": "录像只存了 30 天"})
    assert one.post(address(case), mine | {"verdict-D2-05": "MET"}).status_code == 302
    assert (line(case, "D2-02").verdict, line(case, "D2-05").verdict) == ("NOT_MET", "MET")


def test_who_is_not_of_the_crew_reads_but_does_not_write(on_site: Ask, as_user: Enter, cast: dict[str, Any]) -> None:
    case = on_site()
    case.body.crew_rows.filter(officer__user=cast["inspector_tinghu2"]).delete()
    browser = as_user("inspector_tinghu2")
    assert browser.get(address(case)).url.endswith(f"/{case.no}/sheet/")
    assert browser.post(address(case), {"verdict-D2-05": "MET"}).status_code == 403
    assert as_user("inspector_market1").get(address(case)).status_code == 404
    assert as_user("operator_xiaotaiyang").get(address(case)).status_code == 403


def test_both_sides_read_the_record_once_it_is_signed(
    on_site: Ask, as_user: Enter, cast: dict[str, Any], place: Any
) -> None:
    Duty.objects.filter(user=cast["operator_xiaotaiyang"]).update(uscc=place.uscc)
    case = on_site()
    sheet, owner = f"/desk/inspections/{case.no}/sheet/", as_user("operator_xiaotaiyang")
    judge(case, D2_02="录像只存了 30 天")
    assert owner.get(sheet).status_code == 404
    assert sheet not in owner.get(f"/desk/cases/{case.no}/").content.decode()
    assert "笔录还没有签名" in as_user("head_tinghu").get(sheet).content.decode()
    sign_off(case, cast)
    assert sheet in owner.get(f"/desk/cases/{case.no}/").content.decode()
    page = owner.get(sheet).content.decode()
    for words in ("录像只存了 30 天", "苏卫监09020101", "曹园长", "离场时间", "不符合 1 项"):
        assert words in page, words
    assert page.count('<th scope="row">') == VisitItem.objects.filter(visit=case.pk).count(), "every item"
    assert as_user("inspector_tinghu1").get(address(case)).url == sheet


def test_an_inspection_alone_has_such_pages(as_user: Enter, cast: dict[str, Any]) -> None:
    from casework.cases import open_case
    from inspections.clues import CLUE
    from tests.inspections.test_clues import SEEN

    clue = open_case(CLUE, SEEN, actor=cast["grid_tinghu"])
    browser = as_user("inspector_tinghu1")
    assert browser.get(f"/desk/cases/{clue.no}/").status_code == 200
    assert browser.get(f"/desk/inspections/{clue.no}/sheet/").status_code == 404
