"""What pages and API call: every step of a filing, assignment, site checks, waivers, replies."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction

from casework.types import System
from yancheng_childcare.choices import Role
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.records import log_event

from ..codes import filing as codes
from ..models import Filing, Notice, NoticeReply, RuleWaiver, SiteCheck
from ..rules.filing.catalogue import RULES
from ..rules.values import TextRule, read_text
from .drafts import is_own
from .locks import lock_filing
from .review import covers
from .site_items import RESULTS
from .states import is_filed, may_answer, state_of
from .workflow import FILING, SYSTEM_STEPS
from .workflow.rows import ISSUE


def take_step(
    filing: Filing,
    name: str,
    *,
    actor: Any,
    expected_version: int | None = None,
    today: date | None = None,
    **data: Any,
) -> Filing:
    """Take one step of the table. Raises Rejected as `Workflow.run` does, and 404 (FIL-126) for an unknown step."""
    if name not in FILING.steps:
        raise Rejected(Problem(codes.STEP_UNKNOWN, "", "没有这个办理步骤。"), status=404)
    data["today"] = today or today_here()
    if FILING.steps[name].route == ISSUE:
        data["supersede"] = supersede
    with transaction.atomic():
        moved: Filing = FILING.run(filing, name, actor, expected_version=expected_version, **data)
        return begin_suspension(moved, today=data["today"])


def available_steps(filing: Filing, actor: Any) -> list[Any]:
    """The steps this person may take now, without those only the system takes."""
    return [t for t in FILING.available(filing, actor) if t.name not in SYSTEM_STEPS]


def supersede(filing: Filing, actor: Any, today: date) -> None:
    """The filing of the former place ends in the moment the new one is receipted (domain.md §2.4 DL-REFILE)."""
    if filing.replaces is not None and filing.replaces.status in FILING.steps["supersede"].sources:
        reason = f"迁址重新备案，由 {filing.no} 替代"
        FILING.run(filing.replaces, "supersede", System(), today=today, reason=reason)


def follow_registration(institution: Any, *, reason: str, today: date | None = None) -> int:
    """The registration ended: its filings are cancelled with it (domain.md §2.5). Returns how many."""
    sources = FILING.steps["follow"].sources
    filings = list(Filing.objects.filter(institution=institution, status__in=sources))
    for filing in filings:
        FILING.run(filing, "follow", System(), today=today or today_here(), reason=reason)
    return len(filings)


def lapse(filing: Filing, *, today: date) -> Filing:
    """The correction did not come in time: back to the draft, nothing lost ([A], domain.md §2.4)."""
    lapsed: Filing = FILING.run(filing, "lapse", System(), today=today, reason="补正期届满")
    return lapsed


def begin_suspension(filing: Filing, *, today: date) -> Filing:
    """A suspension whose day has come begins: on the day itself, or as soon as a change no longer stands in the way."""
    due = filing.closures.filter(final=False, withdrawn=False, from_day__lte=today)
    if not is_filed(filing) or not due.exists():
        return filing
    begun: Filing = FILING.run(filing, "begin_suspension", System(), today=today)
    return begun


def take_next(actor: Any) -> Filing | None:
    """The most urgent case of the actor's area that nobody has yet, now the actor's; None when there is none."""
    with transaction.atomic():
        waiting = (
            Filing.objects.visible_to(actor, frozenset({Role.REVIEWER}))
            .in_review()
            .filter(assigned_to=None)
            .by_urgency()
        )
        candidates = list(waiting.values_list("pk", flat=True)[:20])
        for pk in candidates:
            found = (
                Filing.objects.select_for_update(skip_locked=True, of=("self",))
                .select_related("institution__region")
                .filter(pk=pk, assigned_to=None)
                .first()
            )
            if found is not None and covers(actor, found, Role.REVIEWER):
                assign(found, to=actor, actor=actor)
                return found
    return None


def assign(filing: Filing, *, to: Any, actor: Any) -> None:
    """Give a case to a reviewer of its area. Raises Rejected 403, 422 when the person does not cover it."""
    if not covers(actor, filing, Role.CHIEF) and not (actor == to and covers(actor, filing, Role.REVIEWER)):
        raise Rejected(Problem("GEN-403", "", "只有负责人可以指派，或者本人取件。"), status=403)
    if not covers(to, filing, Role.REVIEWER):
        raise Rejected(Problem(codes.SECOND_PERSON, "to", f"{to.display_name}没有本辖区的受理职责。"))
    Filing.objects.filter(pk=filing.pk).update(assigned_to=to)
    filing.assigned_to = to
    log_event(
        "filing.assigned",
        subject=filing.subject,
        summary=f"指派给{to.display_name}：{filing.institution.name}",
        actor=actor,
        region_prefix=filing.institution.region.prefix,
        data={"to": to.pk},
    )


@transaction.atomic
def reply_to(notice: Notice, item: str, *, text: str, actor: Any) -> NoticeReply:
    """The institution's answer to one item. Raises Rejected: 403, 404 no such item, 409 when not its turn, 422."""
    filing = lock_filing(notice.filing)
    if not is_own(actor, filing.institution):
        raise Rejected(Problem("GEN-403", "", "您不是这家机构的经办人。"), status=403)
    if not may_answer(filing):
        raise Rejected(Problem("GEN-409", "", "现在不是补正或整改阶段，不能答复。"), status=409)
    if filing.versions.filter(number__gt=notice.submission).exists():
        late = "这份告知书的答复已经随材料提交，不能再改。有变化的，请在本次填报中修改。"
        raise Rejected(Problem("GEN-409", "", late), status=409)
    if item not in {row["item"] for row in notice.items}:
        raise Rejected(Problem("GEN-404", "", "告知书里没有这一项。"), status=404)
    found: list[Problem] = []
    words = read_text(f"reply-{item}", text, TextRule("答复", 1000, lines=True), found)
    if found:
        raise Rejected(found)
    reply, _ = NoticeReply.objects.update_or_create(
        notice=notice, item=item, defaults={"text": words or "", "replied_by": actor}
    )
    return reply


def record_site_check(
    check: SiteCheck,
    *,
    results: dict[str, dict[str, str]],
    summary: str,
    conclude: bool,
    actor: Any,
    expected_version: int,
    today: date | None = None,
) -> SiteCheck:
    """Keep what the officers saw, item by item; `conclude` closes it when every item has a result.

    Raises Rejected: 403 not one of the officers or no longer of the area, 409 already concluded, 412 stale, 422 items without result or remark.
    """
    today = today or today_here()
    allowed = {key for key, _ in RESULTS}
    with transaction.atomic():
        locked = (
            SiteCheck.objects.select_for_update(of=("self",))
            .select_related("filing__institution__region")
            .get(pk=check.pk)
        )
        named = locked.officers.filter(pk=actor.pk).exists()
        if not named or not covers(actor, locked.filing, Role.INSPECTOR, Role.REVIEWER):
            raise Rejected(Problem("GEN-403", "", "只有指派的核实人员可以记录。"), status=403)
        if locked.concluded_on or not state_of(locked.filing).visited:
            raise Rejected(Problem("GEN-409", "", "这次核实已经完成，不能再改。"), status=409)
        if locked.record_version != expected_version:
            words = "另一名核实人员刚刚保存了记录。请核对最新内容后再保存。"
            if locked.recorded_by_id is None:
                words = "核实人员已经改派，原来的结果作为此前记录留存，各项重新核实。请核对后再保存。"
            raise Rejected(Problem("GEN-412", "", words), status=412)
        found: list[Problem] = []
        for item in locked.items:
            given = results.get(item["id"], {})
            if given.get("result") in allowed:
                item["result"] = given["result"]
            if "remark" in given:
                rule = TextRule(f"{item['title']}的说明", 300, lines=True)
                item["remark"] = read_text(f"remark-{item['id']}", given["remark"], rule, found) or ""
            if conclude and not item["result"]:
                found.append(Problem(codes.SITE_CHECK_OPEN, f"result-{item['id']}", f"“{item['title']}”还没有结果。"))
            if item["result"] == "FAIL" and not item["remark"].strip():
                words = f"“{item['title']}”不符合的，请写明现场情况。"
                found.append(Problem(codes.REASON_REQUIRED, f"remark-{item['id']}", words))
        locked.summary = read_text("summary", summary, TextRule("核实情况", 1000, lines=True), found) or ""
        if found:
            raise Rejected(found)
        locked.record_version += 1
        locked.recorded_by = actor
        if conclude:
            locked.concluded_on = today
            locked.conforms = all(item["result"] != "FAIL" for item in locked.items)
        locked.save()
        if conclude:
            log_event(
                "filing.site_checked",
                subject=locked.filing.subject,
                summary=f"现场核实完成：{'全部符合' if locked.conforms else '有不符合项'}",
                actor=actor,
                region_prefix=locked.filing.institution.region.prefix,
                data={"failed": [item["id"] for item in locked.items if item["result"] == "FAIL"]},
            )
    return locked


def waive_rule(filing: Filing, rule_id: str, *, reason: str, basis: str, actor: Any) -> RuleWaiver:
    """Set one rule aside for one filing, by a chief, with reason and basis. Raises Rejected 403, 404, 422 (FIL-125)."""
    if not covers(actor, filing, Role.CHIEF):
        raise Rejected(Problem("GEN-403", "", "只有本辖区的负责人可以豁免规则。"), status=403)
    if rule_id not in {rule.id for rule in RULES}:
        raise Rejected(Problem("GEN-404", "", "没有这条规则。"), status=404)
    found: list[Problem] = []
    words = {
        name: read_text(name, value, TextRule(label, limit, lines=True), found) or ""
        for name, value, label, limit in (("reason", reason, "理由", 300), ("basis", basis, "依据", 200))
    }
    for name, label in (("reason", "理由"), ("basis", "依据")):
        if len(words[name]) < 4:
            found.append(Problem(codes.WAIVER_REASON, name, f"请写明豁免的{label}（不少于 4 个字）。"))
    if found:
        raise Rejected(found)
    with transaction.atomic():
        waiver, _ = RuleWaiver.objects.update_or_create(
            filing=filing, rule_id=rule_id, defaults={**words, "granted_by": actor}
        )
        log_event(
            "filing.rule_waived",
            subject=filing.subject,
            summary=f"豁免规则 {rule_id}：{words['reason']}",
            actor=actor,
            region_prefix=filing.institution.region.prefix,
            data={"rule_id": rule_id, **words},
        )
    return waiver


def acknowledge_conditions(filing: Filing, *, actor: Any) -> None:
    """The institution has read the notice of basic conditions: kept as an act (domain.md §2.3)."""
    if not is_own(actor, filing.institution):
        raise Rejected(Problem("GEN-403", "", "您不是这家机构的经办人。"), status=403)
    log_event(
        "filing.conditions_read",
        subject=filing.subject,
        summary=f"已阅基本条件告知书（{filing.receipt_no}）",
        actor=actor,
        region_prefix=filing.institution.region.prefix,
    )


def assign_many(filings: Iterable[Filing], *, to: Any, actor: Any) -> int:
    """Give several cases to one reviewer; all or none. Returns how many."""
    with transaction.atomic():
        count = 0
        for filing in filings:
            assign(filing, to=to, actor=actor)
            count += 1
    return count
