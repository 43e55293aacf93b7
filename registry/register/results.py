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
WITHDRAWN = "检查结果已撤销"


def lock_institution(uscc: str) -> Institution | None:
    """The institution's row, locked: writers of the register take turns. None when there is none."""
    return Institution.objects.select_for_update(no_key=True).filter(uscc=uscc).first()


def show_result(uscc: str, facts: dict[str, Any], *, news: str = "") -> None:
    """Publish a result or what became of it; `news`: the title told to those who follow, "" when it is none.

    Raises ValueError for facts that are not public ones, Institution.DoesNotExist for an unknown code.
    """
    if set(facts) != FACTS or any(set(one) != FINDING for one in facts["findings"]):
        raise ValueError("a published result has these facts and no others")
    institution = _locked(uscc)
    PublicResult.objects.update_or_create(
        no=facts["no"],
        defaults={
            "institution": institution,
            "published_on": date.fromisoformat(facts["published_on"]),
            "facts": facts,
        },
    )
    if news:
        detail = f"{facts['on']}，{facts['body']}，{facts['kind']}：{facts['result_text']}（编号 {facts['no']}）"
        _tell(institution, news, detail)
    renew_entry(institution.pk)


def withdraw_result(uscc: str, no: str) -> None:
    """Take a result off every page; what the news said of it is emptied, and that it was withdrawn is news."""
    institution = _locked(uscc)
    PublicResult.objects.filter(no=no).delete()
    told = PublicChange.objects.filter(institution=institution, kind=PublicChangeKind.INSPECTION, detail__contains=no)
    told.update(detail="")
    _tell(institution, WITHDRAWN, "")
    renew_entry(institution.pk)


def _locked(uscc: str) -> Institution:
    found = lock_institution(uscc)
    if found is None:
        raise Institution.DoesNotExist(uscc)
    return found


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
