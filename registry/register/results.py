"""Published results of inspections: the floor that inspects tells the register by these two functions, and only by them.

They write the register's own table, the news of it and the entry in the transaction of the step that published, put right
or withdrew; pages, API, feeds, mails and open data read from there as always.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from ..choices import PublicChangeKind
from ..models import Institution, PublicChange, PublicResult
from .entry import renew_entry

# `facts` of a result, and of each finding among them; nothing else is public of an inspection.
FACTS = frozenset(
    {"no", "on", "published_on", "kind", "body", "matter", "looked", "not_met", "result", "result_text", "findings"}
)
FINDING = frozenset({"text", "state", "state_text", "day"})
# Neutral: a title stays for good, what happened stands in the detail, which can be taken back.
PUBLISHED, RENEWED, WITHDRAWN = "监督检查结果公开", "监督检查结果更新", "监督检查结果撤销"


def lock_institution(uscc: str) -> Institution | None:
    """The institution's row, locked: writers of the register take turns. None when there is none."""
    return Institution.objects.select_for_update(no_key=True).filter(uscc=uscc).first()


def show_result(uscc: str, facts: dict[str, Any], *, news: str = "", anew: bool = False) -> None:
    """Publish a result or what became of it; `news`: what those who follow are told of it, "" when it is none.

    `anew`: what was told of it before does not hold any more and is emptied.

    Raises ValueError for facts that are not public ones, Institution.DoesNotExist for an unknown code.
    """
    if set(facts) != FACTS or any(set(one) != FINDING for one in facts["findings"]):
        raise ValueError("a published result has these facts and no others")
    institution = _locked(uscc)
    _, first = PublicResult.objects.update_or_create(
        no=facts["no"],
        defaults={
            "institution": institution,
            "published_on": date.fromisoformat(facts["published_on"]),
            "facts": facts,
        },
    )
    if anew:
        _untell(institution, facts["no"])
    if news:
        detail = f"{facts['on']}，{facts['body']}，{facts['kind']}：{news}（编号 {facts['no']}）"
        _tell(institution, PUBLISHED if first else RENEWED, detail)
    renew_entry(institution.pk)


def withdraw_result(uscc: str, no: str) -> None:
    """Take a result off every page; what the news said of it is emptied, and that it was withdrawn is news."""
    institution = _locked(uscc)
    PublicResult.objects.filter(no=no).delete()
    _untell(institution, no)
    _tell(institution, WITHDRAWN, "")
    renew_entry(institution.pk)


def _locked(uscc: str) -> Institution:
    found = lock_institution(uscc)
    if found is None:
        raise Institution.DoesNotExist(uscc)
    return found


def _untell(institution: Institution, no: str) -> None:
    told = PublicChange.objects.filter(institution=institution, kind=PublicChangeKind.INSPECTION)
    told.filter(detail__endswith=f"（编号 {no}）").update(detail="")


def _tell(institution: Institution, title: str, detail: str) -> None:
    PublicChange.objects.create(
        institution=institution,
        uscc=institution.uscc,
        name=institution.name,
        region_id=institution.region_id,
        town_id=institution.town_id,
        kind=PublicChangeKind.INSPECTION,
        title=f"{institution.name}：{title}"[:120],
        detail=detail[:600],
        occurred_at=timezone.now(),
    )
