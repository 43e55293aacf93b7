"""The items on the spot: who writes them, what is refused beside which field, what two officers at once see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from casework.cases import take
from casework.models import Attachment, Case
from inspections.found import Found
from inspections.models import VisitItem, VisitPhoto
from inspections.record import save_items
from registry.rules.identity import make_id_number
from tests.inspections.going import judge, sign_off
from tests.inspections.test_clues import picture
from yancheng_childcare.models import Event, StoredFile
from yancheng_childcare.problems import Rejected

pytestmark = pytest.mark.django_db
Ask = Callable[..., Case]
NOT_MET = Found("NOT_MET", "录像只存了 30 天")


def save(
    case: Case, cast: dict[str, Any], by: str = "inspector_tinghu1", version: int | None = None, **found: Found
) -> Case:
    """Save items named `D2_02` by this officer."""
    changes = {code.replace("_", "-"): one for code, one in found.items()}
    version = Case.objects.get(pk=case.pk).record_version if version is None else version
    return save_items(case, changes, actor=cast[by], expected_version=version)


def refused(run: Callable[[], Any]) -> tuple[int, set[tuple[str, str]]]:
    """The status, and the code beside each field, with which it was refused."""
    with pytest.raises(Rejected) as found:
        run()
    return found.value.status, {(problem.code, problem.field) for problem in found.value.problems}


def line(case: Case, code: str) -> VisitItem:
    return VisitItem.objects.get(visit=case.pk, item__code=code)


def test_what_was_found_is_kept_with_its_act_and_the_version_counts_up(on_site: Ask, cast: dict[str, Any]) -> None:
    case = on_site()
    saved = save(case, cast, D2_02=NOT_MET, D2_05=Found("MET"), D2_09=Found(note="走廊没有应急照明"))
    assert saved.record_version == case.record_version + 1
    kept = line(case, "D2-02")
    assert (kept.verdict, kept.note, kept.repeated) == ("NOT_MET", "录像只存了 30 天", False)
    assert (line(case, "D2-09").verdict, line(case, "D2-09").note) == ("", "走廊没有应急照明")
    act = Event.objects.of(case.subject).filter(action="case.inspection.record").get()
    assert (act.actor, act.data["items"]) == (cast["inspector_tinghu1"], ["D2-02", "D2-05", "D2-09"])
    again = save(case, cast, by="inspector_tinghu2", D2_02=NOT_MET)
    assert again.record_version == saved.record_version, "nothing changed, nothing counted"


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        ({"D2_02": Found("NOT_MET", "")}, ("INS-106", "note-D2-02")),
        ({"D2_02": Found("MET", "", fixed_on_spot=True)}, ("INS-106", "fixed-D2-02")),
        ({"D2_02": Found("GOOD")}, ("INS-106", "verdict-D2-02")),
        ({"D2_09": Found("NOT_MET", "走廊没有应急照明")}, ("INS-106", "verdict-D2-09")),
        ({"D9_99": Found("MET")}, ("INS-106", "verdict-D9-99")),
        ({"D2_02": Found("MET", "字" * 501)}, ("INS-106", "note-D2-02")),
        ({"D2_02": Found("MET", "坏\x00字符")}, ("INS-106", "note-D2-02")),
        ({"D2_02": Found("MET", make_id_number("320902", date(2024, 1, 1), 12))}, ("GEN-ID", "note-D2-02")),
        ({"D2_02": Found("MET", photos=(SimpleUploadedFile("a.pdf", b"MZ\x90"),))}, ("FILE-003", "photos-D2-02")),
        ({"D2_02": Found("MET", photos=(SimpleUploadedFile("a.png", picture(1)),), taken_at="昨天")},
         ("INS-106", "taken-D2-02")),
        ({"D2_02": Found("MET", photos=(SimpleUploadedFile("a.png", picture(1)),), taken_at="2026-02-30 10:00")},
         ("INS-106", "taken-D2-02")),
        ({"D2_02": Found("MET", photos=(SimpleUploadedFile("a.png", picture(1)),), taken_at="2999-01-01 10:00")},
         ("INS-106", "taken-D2-02")),
        ({"D2_02": Found("MET", photos=tuple(SimpleUploadedFile("a.png", picture(n)) for n in range(7)))},
         ("CAS-110", "photos-D2-02")),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_half_saved(
    found: dict[str, Found], problem: tuple[str, str], on_site: Ask, cast: dict[str, Any]
) -> None:
    case = on_site()
    status, problems = refused(lambda: save(case, cast, D2_05=Found("MET"), **found))
    assert (status, problem in problems) == (422, True), problems
    assert not VisitItem.objects.filter(visit=case.pk).exclude(verdict="", note="").exists()
    assert not VisitPhoto.objects.exists() and Case.objects.get(pk=case.pk).record_version == case.record_version


def test_everything_wrong_is_said_at_once(on_site: Ask, cast: dict[str, Any]) -> None:
    case = on_site()
    bad = SimpleUploadedFile("a.pdf", b"MZ\x90")
    status, problems = refused(
        lambda: save(case, cast, D2_02=Found("NOT_MET", ""), D2_05=Found("MET", photos=(bad,)), D2_09=Found("MET"))
    )
    assert (status, {field for _code, field in problems}) == (422, {"note-D2-02", "photos-D2-05", "verdict-D2-09"})


@pytest.mark.parametrize("by", ["inspector_market1", "head_tinghu", "reviewer_tinghu", "operator_xiaotaiyang"])
def test_only_the_officers_of_the_visit_write(by: str, on_site: Ask, cast: dict[str, Any]) -> None:
    case = on_site()
    assert refused(lambda: save(case, cast, by=by, D2_05=Found("MET")))[0] == 403
    assert line(case, "D2-05").verdict == ""


def test_a_colleague_of_the_body_who_is_not_of_the_crew_does_not_write(on_site: Ask, cast: dict[str, Any]) -> None:
    case = on_site()
    case.body.crew_rows.filter(officer__user=cast["inspector_tinghu2"]).delete()
    assert refused(lambda: save(case, cast, by="inspector_tinghu2", D2_05=Found("MET"))) == (403, {("INS-102", "")})


def test_only_while_they_are_in_the_house_and_nobody_has_signed(ask: Ask, on_site: Ask, cast: dict[str, Any]) -> None:
    asked = ask()
    assert refused(lambda: save(asked, cast, D2_05=Found("MET"))) == (409, {("GEN-409", "")})
    case = on_site()
    judge(case)
    words = {"facts": "现场查看了全部项目，情况见逐项结论。", "operator_words": "无", "operator_name": "曹园长", "refusal": "",
             "witness": ""}  # fmt: skip
    case = take(case, "sign", words, actor=cast["inspector_tinghu1"])
    assert refused(lambda: save(case, cast, by="inspector_tinghu2", D2_05=NOT_MET)) == (409, {("GEN-409", "")})
    take(case, "sign_sign", actor=cast["inspector_tinghu2"])
    assert refused(lambda: save(case, cast, D2_05=NOT_MET)) == (409, {("GEN-409", "")})
    assert line(case, "D2-05").verdict == "MET"


def test_two_officers_share_the_list_and_a_conflict_names_what_the_other_changed(
    on_site: Ask, cast: dict[str, Any]
) -> None:
    case = on_site()
    version = case.record_version
    save(case, cast, by="inspector_tinghu2", D2_02=NOT_MET)
    save(case, cast, version=version, D2_05=Found("MET"))  # another item: no conflict
    status, problems = refused(lambda: save(case, cast, version=version, D2_02=Found("MET"), D2_06=Found("MET")))
    assert (status, problems) == (412, {("GEN-412", "verdict-D2-02"), ("GEN-412", "note-D2-02")})
    assert (line(case, "D2-02").verdict, line(case, "D2-06").verdict) == ("NOT_MET", "")
    save(case, cast, version=version, D2_02=NOT_MET)  # the same answer twice
    now = Case.objects.get(pk=case.pk).record_version
    assert line(save(case, cast, version=now, D2_02=Found("MET")), "D2-02").verdict == "MET", "seen, and meant"


def test_found_again_within_twelve_months_is_marked(on_site: Ask, cast: dict[str, Any]) -> None:
    first = on_site()
    judge(first, D2_02="录像只存了 30 天")
    second = on_site(source_ref="12345-2026-0002")
    save(second, cast, D2_02=NOT_MET)
    assert line(second, "D2-02").repeated is False, "the first visit is not concluded"
    first = sign_off(first, cast)
    take(first, "conclude", {"result_class": "PENDING"}, actor=cast["inspector_tinghu1"])
    save(second, cast, D2_02=Found("MET"))
    save(second, cast, D2_02=NOT_MET, D2_05=Found("NOT_MET", "没有保健观察室"))
    assert (line(second, "D2-02").repeated, line(second, "D2-05").repeated) == (True, False)
    save(second, cast, D2_02=Found("MET"))
    assert line(second, "D2-02").repeated is False
    with time_machine.travel(timezone.now().replace(year=timezone.now().year + 1, day=28)):
        save(second, cast, D2_02=NOT_MET)
    assert line(second, "D2-02").repeated is False, "more than twelve months"


def test_pictures_are_kept_with_their_item_their_hash_and_their_time(on_site: Ask, cast: dict[str, Any]) -> None:
    case = on_site()
    shot = SimpleUploadedFile("监控.png", picture(7), "image/png")
    save(case, cast, D2_02=Found("NOT_MET", "录像只存了 30 天", photos=(shot,), taken_at="2026-01-02 09:30"))
    photo = VisitPhoto.objects.get()
    assert (photo.line.item.code, timezone.localtime(photo.taken_at).isoformat()) == (
        "D2-02", "2026-01-02T09:30:00+08:00",
    )  # fmt: skip
    stored = StoredFile.objects.get(pk=photo.attachment.file_id)
    assert (len(stored.fingerprint), stored.uscc, stored.original_name) == (64, case.uscc, "监控.png")
    for number in range(5):
        save(case, cast, D2_02=Found("NOT_MET", "录像", photos=(SimpleUploadedFile("a.png", picture(number + 20)),)))
    more = Found("NOT_MET", "录像", photos=(SimpleUploadedFile("b.png", picture(99)),))
    status, problems = refused(lambda: save(case, cast, D2_02=more))
    assert (status, "photos-D2-02" in {field for _code, field in problems}) == (422, True)
    assert Attachment.objects.filter(case=case).count() == 6
