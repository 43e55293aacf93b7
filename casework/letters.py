"""Letters of a case: numbered and signed inside the step, held for some minutes, sent, corrected. How they are served: `serving`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from yancheng_childcare.choices import Role
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.files import keep_content
from yancheng_childcare.forms import Why
from yancheng_childcare.models import Event
from yancheng_childcare.notifications import holders, notify
from yancheng_childcare.numbers import next_number
from yancheng_childcare.pieces import Tally, each
from yancheng_childcare.problems import Problem, Rejected, refuse_id_number
from yancheng_childcare.records import log_event

from . import codes
from .documents import sheet
from .documents.render import render_pdf
from .file_purposes import CASE_LETTER
from .kinds import type_of
from .models import Case, Letter
from .reach import leads, on_duty
from .telling import OUTSIDE, page_of, say
from .types import CaseStep

REASON_MIN, REASON_MAX = 4, 200
CORRECTION = "CORRECTION"


def send(case: Case, step: CaseStep, *, actor: Any) -> Letter:
    """Number, write and keep the letter of a step. Its addressee hears of it once the hold is over (`release`)."""
    form = step.letter
    assert form is not None  # noqa: S101  the caller asks only for steps that have one
    return _keep(case, step.name, form.code, form.title, form.mark, form.build(case), actor=actor)


def preview(case: Case, step: CaseStep) -> sheet.Letter:
    """What the letter of a step would say: the same builder, without a number."""
    form = step.letter
    assert form is not None  # noqa: S101
    return _sheet(case, form.code, form.title, "", form.build(case), preview=True)


def sheet_of(letter: Letter) -> sheet.Letter:
    """A kept letter as what paper and screen show."""
    content = dict(letter.content)
    content["issued_on"] = date.fromisoformat(content["issued_on"])
    content["items"] = tuple(
        sheet.LetterItem(**item | {"points": tuple(map(tuple, item["points"]))}) for item in content["items"]
    )
    for name in ("paragraphs", "closing", "attachments"):
        content[name] = tuple(content[name])
    content["rows"] = tuple(map(tuple, content["rows"]))
    return sheet.Letter(**content)


def recall(letter: Letter, *, reason: str, actor: Any) -> Letter:
    """Take a letter back before it is on its way: its number is void, kept, and never given again.

    Raises Rejected: 403 for whoever neither signed it nor is a chief of the area, 409 (CAS-104) once it was sent, 422.
    """
    with transaction.atomic():
        locked = Letter.objects.select_for_update(of=("self",)).select_related("case__region").get(pk=letter.pk)
        if not recalls(actor, locked):
            raise Rejected(Problem("GEN-403", "", "只有签发人或本辖区负责人可以撤回文书。"), status=403)
        if locked.released_at is not None or locked.recalled_at is not None:
            words = "文书已经发出或者已经撤回，不能再撤回。内容有误的，请另发更正通知书。"
            raise Rejected(Problem(codes.SENT, "", words), status=409)
        words = f"请写明撤回原因，{REASON_MIN} 到 {REASON_MAX} 个字。"
        why = written("recall_reason", reason, REASON_MIN, REASON_MAX, words)
        locked.recalled_at, locked.recalled_by, locked.recall_reason = timezone.now(), actor, why
        locked.save(update_fields=["recalled_at", "recalled_by", "recall_reason"])
        act(locked, "recalled", f"撤回{locked.title}（{locked.number}，文号作废）：{why}", actor)
    return locked


def release() -> Tally:
    """Send every letter whose hold is over, and tell its addressee. How many, and what failed."""
    return each("letters", Letter.objects.to_release().order_by("pk").values_list("pk", flat=True), release_one)


def correct(letter: Letter, *, text: str, actor: Any) -> Letter:
    """A letter that corrects one already sent, and names it; by somebody who could sign the one it corrects.

    Raises Rejected: 403, 409 (CAS-104) not sent, recalled, or another correction of it is on its way, 422.
    """
    case = letter.case
    if not corrects(actor, letter):
        raise Rejected(Problem("GEN-403", "", "只有可以签发这份文书的人员可以更正。"), status=403)
    text = written("correction", text, 10, 1000, "请写明原来怎么写、应当怎么写，10 到 1000 个字。")
    parts = {
        "paragraphs": (f"本机关发出的《{letter.title}》（{letter.number}）有误，现更正如下。", text),
        "closing": ("原文书其他内容不变。",),
    }
    with transaction.atomic():
        locked = Letter.objects.select_for_update(of=("self",)).get(pk=letter.pk)
        if locked.released_at is None:
            words = "文书已经撤回，不需要更正。" if locked.recalled_at else "文书还没有发出，请直接撤回。"
            raise Rejected(Problem(codes.SENT, "", words), status=409)
        if locked.corrections.stand().filter(released_at=None).exists():
            words = "已经有一份更正通知书等待发出。还要修改的，请先撤回那一份。"
            raise Rejected(Problem(codes.SENT, "", words), status=409)
        return _keep(case, letter.step, CORRECTION, "更正通知书", "更正", parts, actor=actor, replaces=letter)


def reissue(letter: Letter, *, actor: Any) -> Letter:
    """Write a recalled letter anew from the case as it stands, under a number of its own: a recall is no dead end.

    Raises Rejected: 403 for who could not sign it, 409 (CAS-104) when it stands, was written anew, or the case went on.
    """
    if not corrects(actor, letter):
        raise Rejected(Problem("GEN-403", "", "只有可以签发这份文书的人员可以重新签发。"), status=403)
    with transaction.atomic():
        rows = Case.objects.select_for_update(of=("self",)).select_related("region", "authority", "assignee")
        case: Case = rows.get(pk=letter.case_id)
        if not may_reissue(case, letter):
            words = "这份文书没有撤回、已经重新签发，或者办件已经办到下一步，不能重新签发。"
            raise Rejected(Problem(codes.SENT, "", words), status=409)
        return send(case, type_of(case).step(letter.step), actor=actor)


def may_reissue(case: Case, letter: Letter) -> bool:
    """Whether a letter was recalled, none stands in its place, and the case is still where its step led."""
    step = type_of(case).step(letter.step)
    fits = letter.recalled_at is not None and letter.form != CORRECTION and step.target in {"", case.status}
    return fits and not case.letters.stand().filter(step=letter.step, form=letter.form).exists()


def _keep(
    case: Case, step: str, code: str, title: str, mark: str, parts: dict[str, Any], *, actor: Any, replaces: Any = None
) -> Letter:
    year = today_here().year
    serial = next_number(f"letter:{case.authority_id}:{mark}:{year}")
    # GB/T 9704-2012, 7.2.5: six-cornered brackets around the year, no leading zeros, no 第.
    number = f"{case.authority.short_name}{mark}〔{year}〕{serial}号"
    written = _sheet(case, code, title, number, parts)
    document = keep_content(
        render_pdf(written), name=f"{title}.pdf", kind="pdf", purpose=CASE_LETTER, region=case.region,
        department=case.authority, uscc=case.uscc, uploaded_by=actor,
    )  # fmt: skip
    content = asdict(written) | {"issued_on": written.issued_on.isoformat()}
    letter = Letter.objects.create(
        case=case, form=code, step=step, title=title, number=number, addressee=case.subject_name, content=content,
        document=document, signed_by=actor, held_until=timezone.now() + timedelta(minutes=settings.LETTER_HOLD_MINUTES),
        replaces=replaces,
    )  # fmt: skip
    act(letter, "signed", f"签发{title}（{number}）", actor)
    return letter


def _sheet(
    case: Case, code: str, title: str, number: str, parts: dict[str, Any], *, preview: bool = False
) -> sheet.Letter:
    return sheet.Letter(
        kind=code, title=title, number=number, authority=case.authority.name, addressee=case.subject_name,
        issued_on=today_here(), demo=settings.DEMO, preview=preview, **parts,
    )  # fmt: skip


def release_one(pk: int) -> int:
    """Send a letter, and tell its addressee. Returns 1, or 0 when it was sent or recalled meanwhile."""
    waiting = Letter.objects.stand().filter(pk=pk, released_at=None)
    letter = waiting.select_for_update(of=("self",), skip_locked=True).first()
    if letter is None:
        return 0
    letter.released_at = timezone.now()
    letter.save(update_fields=["released_at"])
    case = Case.objects.select_related("region", "assignee", "opened_by").get(pk=letter.case_id)
    step = type_of(case).step(letter.step)
    tells = [tell for tell in step.tells if tell.to == OUTSIDE] if letter.replaces_id is None else []
    for tell in tells:
        say(case, tell, {"asked": Why(_reason(letter))})
    if not tells and case.uscc:
        body = f"{letter.number}，请及时查看并签收。"
        notify(holders(Role.OPERATOR, uscc=case.uscc), title=f"收到{letter.title}", body=body, url=page_of(case))
    act(letter, "released", f"发出{letter.title}（{letter.number}）", None)
    return 1


def _reason(letter: Letter) -> str:
    """Why the step was taken that sent the letter, as it was written there."""
    acts = Event.objects.of(letter.case.subject).filter(data__step=letter.step, at__lte=letter.signed_at)
    return str(next((one.data.get("reason") for one in acts.order_by("-id")[:1]), "") or "")


def written(field: str, text: str, least: int, most: int, words: str) -> str:
    """What somebody wrote about a letter, without blanks around. Raises Rejected 422: its length, an identity number."""
    text = text.strip()
    found = [] if least <= len(text) <= most else [Problem(codes.ANSWER, field, words)]
    if found := found + refuse_id_number(field, text):
        raise Rejected(found)
    return text


def recalls(actor: Any, letter: Letter) -> bool:
    """Whether this person signed it, or is a chief of the area."""
    return letter.signed_by_id == actor.pk or leads(actor, letter.case)


def corrects(actor: Any, letter: Letter) -> bool:
    """Whether this person could take the step that sent it: what a chief signed, nobody else corrects alone."""
    step = type_of(letter.case).step(letter.step)
    return on_duty(actor, letter.case, *step.by)


def serves(actor: Any, case: Case) -> bool:
    """Whether this person works on such cases where this one is."""
    acting = {role for step in type_of(case).workflow.steps.values() for role in step.by} - {OUTSIDE.value}
    return on_duty(actor, case, *acting)


def act(letter: Letter, action: str, summary: str, actor: Any) -> None:
    """Keep what was done with a letter, among the acts of its case."""
    log_event(
        f"letter.{action}", subject=letter.case.subject, summary=summary, actor=actor,
        region_prefix=letter.case.region.prefix, data={"number": letter.number},
    )  # fmt: skip
