"""What an institution enters of a person belongs to it: others link, never change, never learn; health staff decide.

Decision "facts belong to who entered them"; 个人信息保护法 第6条 (minimal), 未成年人保护法 第62条 (a found record).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import Error, connection, transaction
from django.utils import timezone
from people_cases import IMPORT, LIST, NEW, SIGNED_IN, as_csv, listed, typed

from registry.filing.expiry import run_night
from registry.models import Credential, Person, PersonDiscrepancy, Post
from registry.people.discrepancies import decide_discrepancy
from registry.people.facts import staff_of
from registry.people.services import add_credential, add_post, add_training
from tests.pages import markup_of
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Event, Notification
from yancheng_childcare.problems import Rejected

NAME = "白鹤甲"
CHECKS = f"{LIST}discrepancies/"
WAY_OFF = timedelta(days=200)
BASIS = "核对原件并向出具单位核实"
CHECK = {"kind": "CRIMINAL_CHECK", "number": "某公查1号"}


@pytest.fixture
def far(elsewhere: Callable[..., Any]) -> Any:
    """The other institution, in 东台市."""
    return elsewhere()


@pytest.fixture
def their(far: Any, operator_of: Callable[..., Any]) -> Any:
    """Who acts for the other institution."""
    return operator_of(far)


@pytest.fixture
def theirs(far: Any, their: Any, hire: Callable[..., Post]) -> Post:
    """Somebody fit for work there, entered there."""
    post = hire(NAME, at=far, by=their, papers=today_here() + WAY_OFF)
    for kind in ("CHILDCARE", "MAJOR"):
        add_credential(post, data={"kind": kind, "issued_on": str(today_here() - WAY_OFF)}, actor=their)
    lesson = {"topic": "急救", "provider": "东台市妇幼保健院", "hours": "60", "finished_on": str(today_here())}
    add_training(post, data=lesson, actor=their)
    return post


@pytest.fixture
def desk_of(own: Any, as_user: Callable[[str], Any], their: Any) -> Callable[[str], Any]:
    """Browsers of the cast, and "their" for the other institution's operator."""
    from django.test import Client

    def sign_in(name: str) -> Any:
        if name != "their":
            return as_user(name)
        client = Client()
        client.force_login(their, backend="yancheng_childcare.accounts.signin.PortalBackend")
        return client

    return sign_in


def _may_work(post: Post) -> bool:
    return next(entry for entry in staff_of(post.institution, today_here()) if entry.post == post).may_work(
        today_here()
    )


def _mine() -> Post:
    return Post.objects.select_related("institution__region", "person").latest("pk")


def _found(client: Any, post: Post, answer: str) -> Any:
    return client.post(f"{LIST}{post.pk}/paper/", {**CHECK, "issued_on": str(today_here()), "record_found": answer})


def test_another_institution_links_a_person_and_changes_nothing(theirs: Post, desk_of: Any) -> None:
    before = markup_of(desk_of("their").get(f"{LIST}{theirs.pk}/"))
    client = desk_of("operator_xiaotaiyang")
    worse = typed(
        NAME, phone="13800000001", education="JUNIOR", experience_years="0", role="EXTERNAL", full_time="no",
        no_mental_illness="",
    )  # fmt: skip
    assert client.post(NEW, worse).status_code == 302
    assert Person.objects.count() == 1
    mine = markup_of(client.get(f"{LIST}{_mine().pk}/"))
    for own_word in ("138****0001", "初中及以下", "0 年", "未确认"):
        assert own_word in mine
    after = markup_of(desk_of("their").get(f"{LIST}{theirs.pk}/"))
    for word in ("139****1111", "大专", "3 年", "已向本人确认", "可以上岗", "共 60 学时"):
        assert word in before
        assert word in after


def test_trying_a_number_does_not_tell_whether_the_person_works_elsewhere(theirs: Post, desk_of: Any) -> None:
    """Every answer on a known number is, word for word, the answer on an unknown one."""
    client = desk_of("operator_xiaotaiyang")

    def page(path: str, **query: str) -> str:
        answer = client.get(path, query)
        assert answer.status_code == 200, path
        return markup_of(answer)

    seen = []
    for number in (7, 8):
        answer = client.post(NEW, typed(NAME, number))
        post = _mine()
        pages = [answer.status_code, page(answer.url), page(f"{LIST}{post.pk}/paper/")]
        pages += [page(f"{LIST}{post.pk}/paper/?kind=HEALTH"), page(LIST, q=NAME)]
        pages += [client.post(NEW, typed(NAME, number, role="COOK", full_time="no")).status_code]
        pages += [client.post(NEW, typed("另一名", number, role="GUARD", full_time="no")).status_code]
        Post.objects.filter(institution=post.institution).update(ended_on=today_here())
        pages += [page(client.post(IMPORT, {"file": as_csv([{**listed(number), "name": NAME}])}).url)]
        seen.append([_plain(text) for text in pages])
    for known, unknown in zip(*seen, strict=True):
        assert known == unknown
    assert theirs.institution.name not in str(seen)


def _plain(page: Any) -> Any:
    """The words of a page, in order, without the number itself and the address of the row."""
    if not isinstance(page, str):
        return page
    words = re.sub(r"<[^>]+>", " ", page.partition("<main")[2])
    return re.sub(rf"320\*+\w+|{LIST}\d+/|file=\S+", "", words).split()


def test_a_name_written_differently_goes_to_the_reviewers_of_both_counties(
    theirs: Post, own: Any, cast: Any, operator: Any, their: Any, desk_of: Any, django_assert_max_num_queries: Any
) -> None:
    client = desk_of("operator_xiaotaiyang")
    assert client.post(NEW, typed("白鹤申", role="COOK", full_time="no")).status_code == 302
    mine = _mine()
    assert "白鹤申" in markup_of(client.get(f"{LIST}{mine.pk}/"))
    assert NAME not in markup_of(client.get(f"{LIST}{mine.pk}/"))
    assert NAME in markup_of(desk_of("their").get(f"{LIST}{theirs.pk}/"))
    assert not Notification.objects.filter(user__in=[operator, their]).exists()
    row = PersonDiscrepancy.objects.get()
    for name in ("reviewer_tinghu", "chief_tinghu", "reviewer_dongtai"):
        message = Notification.objects.get(user=cast[name], title="人员登记需要核实")
        reviewer = desk_of(name)
        reviewer.get(CHECKS)
        with django_assert_max_num_queries(3 + SIGNED_IN):
            listed_page = markup_of(reviewer.get(CHECKS))
        with django_assert_max_num_queries(5 + SIGNED_IN):
            page = markup_of(reviewer.get(message.url))
        assert "姓名不一致" in listed_page
        assert message.url in listed_page
        for word in (NAME, "白鹤申", own.name, theirs.institution.name):
            assert word in page
    for name in ("operator_xiaotaiyang", "their", "inspector_tinghu1", "leader_city"):
        assert desk_of(name).get(f"{CHECKS}{row.pk}/").status_code in {403, 404}
    assert desk_of("health_city").get(f"{CHECKS}{row.pk}/").status_code == 200
    assert desk_of("health_city").post(f"{CHECKS}{row.pk}/", {"choice": NAME, "reason": BASIS}).status_code == 403
    reviewer = desk_of("reviewer_dongtai")
    for wrong in ({"choice": "杜撰", "reason": BASIS}, {"choice": NAME, "reason": "对"}, {}):
        assert reviewer.post(f"{CHECKS}{row.pk}/", wrong).status_code == 422
    assert reviewer.post(f"{CHECKS}{row.pk}/", {"choice": NAME, "reason": BASIS}).status_code == 302
    again = desk_of("chief_tinghu").post(f"{CHECKS}{row.pk}/", {"choice": "白鹤申", "reason": BASIS})
    assert again.status_code == 409
    row.refresh_from_db()
    assert (row.outcome, row.reason, row.decided_by) == (NAME, BASIS, cast["reviewer_dongtai"])
    assert Event.objects.filter(action="person.verified", actor=cast["reviewer_dongtai"]).count() == 2
    mine.refresh_from_db()
    assert mine.written_name == "白鹤申"
    assert NAME in markup_of(client.get(f"{LIST}{mine.pk}/"))
    assert NAME in markup_of(client.get(LIST, {"q": NAME}))
    for person in (operator, their):
        assert NAME in Notification.objects.get(user=person, title="人员信息已核实").body


def test_a_found_record_blocks_everywhere_until_health_staff_clear_it(theirs: Post, desk_of: Any, cast: Any) -> None:
    client = desk_of("operator_xiaotaiyang")
    client.post(NEW, typed(NAME, role="EXTERNAL", full_time="no"))
    mine = _mine()
    assert _may_work(theirs)
    assert _found(client, mine, "yes").status_code == 302
    page = markup_of(desk_of("their").get(f"{LIST}{theirs.pk}/"))
    assert "不能上岗" in page
    assert "请联系所在地卫生健康部门核实" in page
    # The other institution's own paper stands as it was entered, and the finding of this one is not shown there.
    assert "查有记录" not in page
    assert "某公查1号" not in page
    assert "查询结果：无" in page
    # Neither takes it back by entering a better one.
    for who, post in (("operator_xiaotaiyang", mine), ("their", theirs)):
        assert _found(desk_of(who), post, "no").status_code == 302
        assert not _may_work(theirs)
    assert Credential.objects.found().count() == 1
    row = PersonDiscrepancy.objects.get()
    for name in ("reviewer_tinghu", "reviewer_dongtai"):
        assert "查有记录" in markup_of(desk_of(name).get(f"{CHECKS}{row.pk}/"))
    chief = desk_of("chief_tinghu")
    assert chief.post(f"{CHECKS}{row.pk}/", {"choice": "CLEARED"}).status_code == 422
    assert not _may_work(theirs)
    assert chief.post(f"{CHECKS}{row.pk}/", {"choice": "UPHELD", "reason": BASIS}).status_code == 302
    assert not _may_work(theirs)
    # Upheld, it may still be brought up again by a new check.
    assert _found(desk_of("their"), theirs, "no").status_code == 302
    again = PersonDiscrepancy.objects.waiting().get()
    assert chief.post(f"{CHECKS}{again.pk}/", {"choice": "CLEARED", "reason": BASIS}).status_code == 302
    assert _may_work(theirs)
    cleared = Credential.objects.get(record_found=True)
    assert (cleared.cleared_by, cleared.institution) == (cast["chief_tinghu"], mine.institution)


def test_no_write_of_any_kind_turns_a_found_record_into_none(own: Any, hire: Any, operator: Any) -> None:
    data = {**CHECK, "issued_on": str(today_here()), "record_found": "yes"}
    paper = add_credential(hire(), data=data, actor=operator)
    for change in ({"record_found": False}, {"cleared_at": timezone.now()}):
        with pytest.raises(Error), transaction.atomic():
            Credential.objects.filter(pk=paper.pk).update(**change)
    with pytest.raises(Error), transaction.atomic():
        Credential.objects.filter(pk=paper.pk).delete()


def test_a_better_education_stated_elsewhere_changes_no_other_filing(
    far: Any, their: Any, hire: Any, desk_of: Any
) -> None:
    theirs = hire(NAME, at=far, by=their, role="PRINCIPAL", education="JUNIOR", experience_years="0")
    client = desk_of("operator_xiaotaiyang")
    client.post(NEW, typed(NAME, role="MANAGER", full_time="no", education="BACHELOR", experience_years="20"))
    mine = _mine()
    facts = {
        entry.post.pk: entry.facts for post in (theirs, mine) for entry in staff_of(post.institution, today_here())
    }
    assert (facts[theirs.pk].education, facts[theirs.pk].experience_years) == ("JUNIOR", 0)
    assert (facts[mine.pk].education, facts[mine.pk].experience_years) == ("BACHELOR", 20)
    row = PersonDiscrepancy.objects.get()
    assert row.kind == "EDUCATION"
    desk_of("reviewer_tinghu").post(f"{CHECKS}{row.pk}/", {"choice": "JUNIOR", "reason": BASIS})
    entry = staff_of(mine.institution, today_here())[0]
    assert entry.facts.education == "JUNIOR"
    page = markup_of(client.get(f"{LIST}{mine.pk}/"))
    assert "初中及以下（经卫生健康部门核实）" in page
    # Leaving and coming back does not wash the confirmed fact off; another statement goes to the reviewers again.
    Post.objects.filter(pk=mine.pk).update(ended_on=today_here())
    client.post(NEW, typed(NAME, role="MANAGER", full_time="no", education="BACHELOR"))
    assert staff_of(mine.institution, today_here())[0].facts.education == "JUNIOR"
    assert PersonDiscrepancy.objects.waiting().count() == 1


def test_papers_and_hours_of_another_institution_do_not_count_here(theirs: Post, desk_of: Any) -> None:
    client = desk_of("operator_xiaotaiyang")
    client.post(NEW, typed(NAME, full_time="no"))
    mine = _mine()
    entry = staff_of(mine.institution, today_here())[0]
    assert (entry.papers, entry.hours, entry.facts.qualified) == ({}, 0, False)
    assert not _may_work(mine)
    until = today_here() + timedelta(days=20)
    Credential.objects.filter(person=theirs.person, kind="HEALTH").update(valid_to=until)
    assert run_night(today_here()).words.keys() == {theirs.institution.uscc}


def test_full_time_in_two_places_is_decided_by_the_reviewers(
    theirs: Post, cast: Any, desk_of: Any, operator: Any, their: Any
) -> None:
    client = desk_of("operator_xiaotaiyang")
    assert client.post(NEW, typed(NAME)).status_code == 302
    mine = _mine()
    told = set(Notification.objects.filter(title="人员登记需要核实").values_list("user__username", flat=True))
    assert {"reviewer_tinghu", "chief_tinghu", "reviewer_dongtai"} <= told
    row = PersonDiscrepancy.objects.get()
    assert row.kind == "FULL_TIME"
    reviewer = desk_of("reviewer_tinghu")
    assert reviewer.post(f"{CHECKS}{row.pk}/", {"choice": "SETTLED", "reason": BASIS}).status_code == 422
    answer = reviewer.post(f"{CHECKS}{row.pk}/", {"choice": mine.institution.uscc, "reason": BASIS})
    assert answer.status_code == 302
    assert set(Post.objects.values_list("pk", "full_time")) == {(mine.pk, True), (theirs.pk, False)}
    assert "全职" in Notification.objects.get(user=operator, title="人员信息已核实").body
    assert "兼职" in Notification.objects.get(user=their, title="人员信息已核实").body


def test_nobody_decides_on_an_institution_of_their_own(theirs: Post, desk_of: Any, cast: Any, operator_of: Any) -> None:
    desk_of("operator_xiaotaiyang").post(NEW, typed("白鹤申", full_time="no"))
    row = PersonDiscrepancy.objects.get()
    reviewer = cast["reviewer_tinghu"]
    operator_of.give(reviewer, theirs.institution)
    reviewer = type(reviewer).objects.get(pk=reviewer.pk)
    with pytest.raises(Rejected) as refused:
        decide_discrepancy(row, choice=NAME, reason=BASIS, actor=reviewer)
    assert refused.value.status == 403
    page = markup_of(desk_of("reviewer_tinghu").get(f"{CHECKS}{row.pk}/"))
    assert "您可以查看，不能核实" in page
    assert "保存核实结果" not in page


def test_a_table_takes_people_known_elsewhere_like_anybody_else(theirs: Post, desk_of: Any) -> None:
    client = desk_of("operator_xiaotaiyang")
    handed = client.post(IMPORT, {"file": as_csv([listed(7), listed(9)])})
    page = markup_of(client.get(handed.url))
    for code in ("PER-101", "PER-105"):
        assert code not in page
    client.post(IMPORT, {"action": "take", "file": handed.url.partition("file=")[2]})
    assert Post.objects.filter(institution=_mine().institution).count() == 2
    kinds = set(PersonDiscrepancy.objects.values_list("kind", flat=True))
    assert kinds == {"NAME", "FULL_TIME"}
    theirs.refresh_from_db()
    assert (theirs.name, theirs.phone) == (NAME, "13900001111")


def test_an_institution_alone_with_a_person_puts_its_own_name_right(own: Any, hire: Any) -> None:
    post = hire("白鹤申")
    Post.objects.filter(pk=post.pk).update(ended_on=today_here())
    again = hire(NAME)
    assert again.person.name == NAME
    assert not PersonDiscrepancy.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_institutions_entering_the_same_new_person_at_once_make_one_row(
    own: Any, operator: Any, far: Any, their: Any
) -> None:
    start, answers = threading.Barrier(2), []

    def enter(place: Any, actor: Any) -> None:
        try:
            start.wait(10)
            answers.append(add_post(place, data=typed(NAME), actor=actor))
        except Exception as error:  # noqa: BLE001  what was raised is the answer
            answers.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=enter, args=pair) for pair in ((own, operator), (far, their))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [type(answer) for answer in answers] == [Post, Post]
    assert Person.objects.count() == 1
    assert PersonDiscrepancy.objects.get().kind == "FULL_TIME"
