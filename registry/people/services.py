"""Writes of the people ledger: take somebody on, end a post, keep a paper, keep a training."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from yancheng_childcare.choices import Role
from yancheng_childcare.crypto import blind_index
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import StoredFile
from yancheng_childcare.notifications import holders, notify
from yancheng_childcare.problems import Problem, Rejected, blocking
from yancheng_childcare.records import log_event
from yancheng_childcare.unmasking import keep_look
from yancheng_childcare.workdays import add_months

from ..choices import CredentialKind, Education, PostRole
from ..codes import people as codes
from ..models import Credential, Institution, Person, Post, Training
from ..permissions import UNMASK_PERSON
from ..rules.characters import compact
from ..rules.identity import check_id_number
from ..rules.values import PHONE, TextRule, as_day, read_day, read_text, unreadable
from ..signals import people_changed
from .discrepancies import compare_statements, refresh_places, report_record
from .facts import banned_indexes

# Months a paper counts from its day when it does not say itself (domain.md §4 M03b, M03c, M03e).
VALID_MONTHS: dict[str, int] = {
    CredentialKind.HEALTH: 12,
    CredentialKind.FOOD_HEALTH: 12,
    CredentialKind.CRIMINAL_CHECK: 12,
}
# How a record check says what was found; silence is no answer.
STATED = frozenset({"yes", "no", "有", "无", "True", "False", "on", "1", "0"})
ENTERED = (
    "name",
    "id_no",
    "phone",
    "education",
    "experience_years",
    "no_mental_illness",
    "role",
    "full_time",
    "started_on",
)
LABELS: dict[str, str] = {
    "name": "姓名",
    "id_no": "身份证号",
    "phone": "联系电话",
    "education": "学历",
    "experience_years": "相关经历（年）",
    "no_mental_illness": "已确认无精神病史",
    "role": "岗位",
    "full_time": "全职或兼职",
    "started_on": "上岗日期",
}
# Facts of the form that stand on the post under the same name.
STATED_ON_POST = ("role", "full_time", "started_on", "phone", "experience_years", "no_mental_illness")
# Neutral on purpose: the institution learns that it cannot, not why (product.md C3).
NEUTRAL = "该人员暂不能登记为从业人员，请联系所在地卫生健康部门核实。"
OTHER_NAME_HERE = "本机构用这个证件号码登记的是另一个姓名。请对照证件核对；原来登记错的，请先办理离岗再重新登记。"


def require_own(institution: Institution, actor: Any) -> None:
    """Raises Rejected 403 unless the actor acts for this institution."""
    if not any(duty.uscc == institution.uscc for duty in actor.duties_as(Role.OPERATOR)):
        raise Rejected(Problem("GEN-403", "", "您不是这家机构的经办人。"), status=403)


def check_person(data: dict[str, Any], *, today: date) -> tuple[dict[str, Any], list[Problem]]:
    """Typed values of one person and post, and everything wrong; pure, for form, API and import alike."""
    lost = [problem for name in ENTERED for problem in unreadable(name, data.get(name), LABELS[name])]
    found: list[Problem] = []
    values: dict[str, Any] = {
        "name": read_text("name", str(data.get("name") or ""), TextRule("姓名", 50), found) or "",
        "education": str(data.get("education") or ""),
        "role": str(data.get("role") or ""),
        "no_mental_illness": data.get("no_mental_illness") in {True, "yes", "on", "true", "1", "是"},
        "full_time": data.get("full_time") not in {False, "no", "false", "0", "否", "兼职"},
    }
    if not values["name"]:
        found.append(Problem(codes.REQUIRED, "name", "请填写姓名。"))
    number = compact(str(data.get("id_no") or "")).upper()
    wrong = check_id_number(number, today=today)
    found += [
        Problem(p.code, "id_no", p.message.replace("法定代表人（负责人）", "人员"), p.level, p.clause) for p in wrong
    ]
    values["id_no"] = number
    phone = compact(str(data.get("phone") or ""))
    if phone and not PHONE.fullmatch(phone):
        found.append(Problem(codes.VALUE, "phone", "手机号格式不对，请填 11 位手机号或带区号的座机。"))
    values["phone"] = phone
    if values["education"] and values["education"] not in Education.values:
        found.append(Problem(codes.VALUE, "education", "请从列表中选择学历。"))
    if values["role"] not in PostRole.values:
        found.append(Problem(codes.REQUIRED, "role", "请选择岗位。"))
    years = compact(str(data.get("experience_years") if data.get("experience_years") is not None else ""))
    if years and (not years.isascii() or not years.isdigit() or int(years[:6]) > 60):
        found.append(Problem(codes.VALUE, "experience_years", "经历年数请填 0 至 60 的整数。"))
        years = ""
    values["experience_years"] = int(years) if years else None
    started = data.get("started_on")
    day = read_day("started_on", started if isinstance(started, date) else str(started or ""), "上岗日期", found)
    if day and day > today:
        found.append(Problem(codes.DATES, "started_on", "上岗日期不能晚于今天。"))
    values["started_on"] = day
    named = {problem.field for problem in lost}
    return values, [*lost, *(problem for problem in found if problem.field not in named)]


def add_post(institution: Institution, *, data: dict[str, Any], actor: Any, today: date | None = None) -> Post:
    """Take somebody on. What is entered stands on this institution's post and on no other.

    A person already known is found by the ID number; the answer is the same as for anybody else, so that nobody learns
    by trying a number where somebody works. What differs from other institutions' statements goes to the reviewers.
    Raises Rejected: 403; 422 with every problem; 409 PER-101 full-time here already, PER-102 twice, PER-103 not
    eligible (a ban; the words do not say so), PER-105 another name here.
    """
    today = today or today_here()
    require_own(institution, actor)
    values, found = check_person(data, today=today)
    if stop := blocking(found):
        raise Rejected(stop)
    index = blind_index(values["id_no"], "person")
    if banned_indexes([index], today):
        report_refused(institution, actor=actor)
        raise Rejected(Problem(codes.NOT_ELIGIBLE, "id_no", NEUTRAL), status=409)
    try:
        with transaction.atomic():
            person = _locked_person(values, index)
            own = Post.objects.current().filter(person=person, institution=institution).only("written_name").first()
            if own is not None and values["name"] != (person.name if person.name_confirmed else own.written_name):
                raise Rejected(Problem(codes.OTHER_NAME, "name", OTHER_NAME_HERE), status=409)
            stated = {name: values[name] for name in STATED_ON_POST}
            post = Post.objects.create(
                person=person,
                institution=institution,
                written_name=values["name"],
                stated_education=values["education"],
                created_by=actor,
                **stated,
            )
            compare_statements(post, actor=actor)
            log_event(
                "person.posted",
                subject=person.subject,
                summary=f"登记{post.get_role_display()}：{institution.name}",
                actor=actor,
                region_prefix=institution.region.prefix,
                data={"uscc": institution.uscc, "role": post.role, "full_time": post.full_time},
            )
    except IntegrityError as error:
        raise _conflict(error, index, institution, values["role"]) from None
    refresh_places(person)
    return post


def report_refused(institution: Institution, *, actor: Any) -> None:
    """Keep that somebody with a ban was about to be taken on, and tell the reviewers.

    Not under the institution's own subject: its people read those acts, and must not learn of the ban.
    """
    log_event(
        "person.refused",
        subject=f"registry.refusal:{institution.uscc}",
        summary=f"登记人员时命中从业限制，已拒绝：{institution.name}",
        actor=actor,
        region_prefix=institution.region.prefix,
        succeeded=False,
    )
    _tell_reviewers(institution, f"{institution.name}拟登记的人员命中从业限制，平台已拒绝，请核实。")


def _locked_person(values: dict[str, Any], index: str) -> Person:
    """The row of this number, made when there is none, locked until the transaction ends; a known one stays as it is."""
    identity = {"name": values["name"], "id_no": values["id_no"]}
    person, made = Person.objects.get_or_create(id_index=index, defaults=identity)
    return person if made else Person.objects.select_for_update().get(pk=person.pk)


def _conflict(error: IntegrityError, index: str, institution: Institution, role: str) -> Exception:
    # The same full-time post again breaks both constraints, and either may be named first.
    same = Post.objects.current().filter(person__id_index=index, institution=institution, role=role).exists()
    if "post_once" in str(error) or same:
        return Rejected(Problem(codes.POST_TWICE, "role", "该人员已在本机构担任这一岗位。"), status=409)
    if "post_one_full_time" in str(error):
        words = "该人员已在本机构的另一个全职岗位上。另一个岗位请选兼职。"
        return Rejected(Problem(codes.FULL_TIME_ELSEWHERE, "full_time", words), status=409)
    return error


def _tell_reviewers(institution: Institution, words: str) -> None:
    notify(
        holders(Role.REVIEWER, Role.CHIEF, region_prefix=institution.region.prefix),
        title="人员登记需要核实",
        body=words,
        url=f"{reverse('people:list')}?uscc={institution.uscc}",
    )


def end_post(post: Post, *, ended_on: date | None, reason: str, actor: Any, today: date | None = None) -> Post:
    """离岗: nothing is deleted. Raises Rejected 403, 409 already ended, 422 dates or reason."""
    today = today or today_here()
    require_own(post.institution, actor)
    found: list[Problem] = []
    words = read_text("end_reason", reason, TextRule("离岗原因", 100), found) or ""
    if not words:
        found.append(Problem(codes.REQUIRED, "end_reason", "请填写离岗原因。"))
    if ended_on is None or not post.started_on <= ended_on <= today:
        found.append(Problem(codes.DATES, "ended_on", "离岗日期应在上岗日期与今天之间。"))
    if found:
        raise Rejected(found)
    with transaction.atomic():
        locked = (
            Post.objects.select_for_update(of=("self",)).select_related("person", "institution__region").get(pk=post.pk)
        )
        if locked.ended_on:
            raise Rejected(Problem("GEN-409", "", "该人员已经离岗，请刷新页面。"), status=409)
        locked.ended_on, locked.end_reason = ended_on, words
        locked.save()
        log_event(
            "person.left",
            subject=locked.person.subject,
            summary=f"离岗：{locked.institution.name}（{locked.get_role_display()}）",
            actor=actor,
            region_prefix=locked.institution.region.prefix,
            data={"uscc": locked.institution.uscc, "ended_on": str(ended_on)},
        )
        if locked.institution.filing_state:
            people_changed.send(Post, institution_id=locked.institution_id)
    return locked


def check_credential(data: dict[str, Any], *, today: date) -> tuple[dict[str, Any], list[Problem]]:
    """Typed values of one paper and everything wrong. Of a record check only "found or not" is kept (domain.md §4)."""
    found: list[Problem] = []
    kind = str(data.get("kind") or "")
    if kind not in CredentialKind.values:
        found.append(Problem(codes.REQUIRED, "kind", "请选择证件种类。"))
    number = read_text("number", str(data.get("number") or ""), TextRule("编号", 60), found) or ""
    issuer = read_text("issuer", str(data.get("issuer") or ""), TextRule("出具单位", 100), found) or ""
    typed = data.get("issued_on")
    issued = read_day("issued_on", typed if isinstance(typed, date) else str(typed or ""), "出具日期", found)
    if kind == CredentialKind.CRIMINAL_CHECK and str(data.get("record_found", "")) not in STATED:
        found.append(Problem(codes.CREDENTIAL, "record_found", "请选择查询结果：无或有。"))
    if issued and issued > today:
        found.append(Problem(codes.CREDENTIAL, "issued_on", "出具日期不能晚于今天。"))
    until = None
    if str(data.get("valid_to") or "").strip():
        typed = data["valid_to"]
        until = read_day("valid_to", typed if isinstance(typed, date) else str(typed), "有效期至", found)
    if issued and kind in VALID_MONTHS:
        longest = add_months(issued, VALID_MONTHS[kind])
        if until and until > longest:
            words = f"有效期最长一年，即至 {longest}。请核对。"
            found.append(Problem(codes.CREDENTIAL, "valid_to", words))
        until = until or longest
    if issued and until and until < issued:
        found.append(Problem(codes.CREDENTIAL, "valid_to", "有效期不能早于出具日期。"))
    return {
        "kind": kind,
        "number": number,
        "issuer": issuer,
        "issued_on": issued,
        "valid_to": until,
        "record_found": data.get("record_found") in {True, "yes", "on", "true", "1", "有"},
    }, found


def add_credential(
    post: Post, *, data: dict[str, Any], actor: Any, file: StoredFile | None = None, today: date | None = None
) -> Credential:
    """Keep a paper of the person; this institution's former one of the kind is kept as replaced.

    A found record goes to the reviewers and keeps counting everywhere, whatever is entered after it (decision "facts
    belong to who entered them"). Raises Rejected 403, 422.
    """
    require_own(post.institution, actor)
    values, found = check_credential(data, today=today or today_here())
    if found:
        raise Rejected(found)
    with transaction.atomic():
        person = Person.objects.select_for_update().get(pk=post.person_id)
        own = Credential.objects.current().filter(person=person, institution=post.institution_id)
        own.filter(kind=values["kind"]).update(replaced_at=timezone.now())
        paper = Credential.objects.create(
            person=person, institution=post.institution, file=file, created_by=actor, **values
        )
        if paper.kind == CredentialKind.CRIMINAL_CHECK:
            report_record(paper, actor=actor)
        log_event(
            "person.paper",
            subject=person.subject,
            summary=f"登记{paper.get_kind_display()}",
            actor=actor,
            region_prefix=post.institution.region.prefix,
            data={"kind": paper.kind, "valid_to": str(paper.valid_to or "")},
        )
        refresh_places(person)
    return paper


def add_training(post: Post, *, data: dict[str, Any], actor: Any, today: date | None = None) -> Training:
    """Keep hours of training. Raises Rejected 403, 422."""
    today = today or today_here()
    require_own(post.institution, actor)
    found: list[Problem] = []
    topic = read_text("topic", str(data.get("topic") or ""), TextRule("培训内容", 100), found) or ""
    provider = read_text("provider", str(data.get("provider") or ""), TextRule("培训单位", 100), found) or ""
    for name, value, label in (("topic", topic, "培训内容"), ("provider", provider, "培训单位")):
        if not value and not any(p.field == name for p in found):
            found.append(Problem(codes.REQUIRED, name, f"请填写{label}。"))
    hours = compact(str(data.get("hours") or ""))
    if not (hours.isascii() and hours.isdigit() and 0 < int(hours[:6]) <= 2000):
        found.append(Problem(codes.VALUE, "hours", "学时请填 1 至 2000 的整数。"))
    day = as_day(data.get("finished_on"))
    if day is None or day > today:
        found.append(Problem(codes.DATES, "finished_on", "请填写培训结束日期，不能晚于今天，格式如 2026-11-23。"))
    if found:
        raise Rejected(found)
    with transaction.atomic():
        person = Person.objects.select_for_update().get(pk=post.person_id)
        same = {
            "person": person,
            "institution": post.institution,
            "topic": topic,
            "provider": provider,
            "hours": int(hours),
            "finished_on": day,
        }
        # A second click must not double the hours.
        if known := Training.objects.filter(**same).first():
            return known
        log_event(
            "person.training",
            subject=person.subject,
            summary=f"登记培训：{topic}（{hours} 学时）",
            actor=actor,
            region_prefix=post.institution.region.prefix,
        )
        training: Training = Training.objects.create(**same, created_by=actor)
        refresh_places(person)
    return training


def reveal_number(post: Post, *, reason: str, actor: Any) -> str:
    """The full ID number of somebody in the actor's scope; the look is kept with its reason first.

    Raises Rejected: 403 when no duty that may unmask reaches this post, 422 without reason.
    """
    if not Post.objects.visible_to(actor, UNMASK_PERSON.write).filter(pk=post.pk).exists():
        words = "您的职责不能查看该人员的完整号码，请联系机构所在县（市、区）卫生健康部门。"
        raise Rejected(Problem("GEN-403", "", words), status=403)
    if len(reason.strip()) < 4:
        raise Rejected(Problem("REG-541", "reason", "请写明查看完整号码的事由（不少于 4 个字），事由会留存备查。"))
    keep_look(
        subject=post.person.subject,
        summary="查看完整信息：从业人员证件号码",
        actor=actor,
        region_prefix=post.institution.region.prefix,
        data={"field": "id_no", "reason": reason.strip()[:200], "uscc": post.institution.uscc},
    )
    return str(post.person.id_no)
