"""What everybody may see of filings: the guide, who does not conform, and what a receipt is worth today."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from casework.documents.wording import chinese_date
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.masking import mask_name

from ...choices import LIVE_FILING, NoticeKind
from ...documents.links import signature_matches
from ...models import Filing, FilingReceipt, Notice
from ...register.caching import shared
from ...register.closing import begun, plans_of, stopped, tag
from ...register.wording import public_address
from ...registration.pages.lookup import PERSONAL_COLUMNS, place_name
from ...rules.filing.materials import MATERIALS
from ...rules.filing.regimes import RegimeSpec, regime_on
from .. import letters
from ..states import TO_RECTIFY, state_of

PAGE = 20
LONGEST_NO = 20


@dataclass(frozen=True, slots=True)
class Worth:
    """What a receipt is worth today: a light, a word, and one sentence."""

    colour: str
    word: str
    meaning: str
    newer: str = ""

    @property
    def kind(self) -> str:
        """The kind of notice that says it."""
        return {"green": "success", "red": "danger"}.get(self.colour, "plain")


def worth_of(receipt: FilingReceipt, plans: Sequence[dict[str, Any]], today: date) -> Worth:
    """The live standing of a receipt (domain.md §2.5): never what was printed, always what is so today.

    `plans` are the arrangements of a suspension or closure that hold (`plans_of`).
    """
    filing = receipt.filing
    institution = filing.institution
    state = state_of(filing)
    colour, word, meaning = state.verified
    ended, until = _day(filing.ended_on), f"，预计 {_day(filing.suspended_until)}恢复" if filing.suspended_until else ""
    standing = Worth(colour, word, meaning.format(ended=ended, until=until))
    if filing.ended_on is not None:
        after = (
            Filing.objects.filter(replaces=filing, status__in=LIVE_FILING).values_list("receipt_no", flat=True).first()
        )
        if after and not state.against:
            return Worth("grey", f"已被 {after} 替换", "机构迁址后重新备案，请核验新的回执。", after)
        return standing
    if receipt.receipt_no != filing.receipt_no:
        newer = filing.receipt_no
        return Worth("grey", f"已被 {newer} 替换", "机构办理过变更备案，这是旧回执，请核验新的回执。", newer)
    if institution.status != "ACTIVE":
        return Worth("grey", "登记已终止", "机构的登记已经终止，备案随之失效。")
    if colour != "green":
        return standing
    if any(plan["final"] for plan in plans if begun(plan, today)):
        return Worth("grey", "已停止服务", "机构已停止服务，不再收托婴幼儿，正在办理备案注销。")
    if stopped(plans, today):
        return Worth("grey", "停业", "机构已报停业，停业期间不收托婴幼儿。")
    return standing


def _day(day: date | None) -> str:
    return chinese_date(day) if day else ""


@require_safe
def verify_ask(request: HttpRequest) -> HttpResponseBase:
    """For who has the paper and no camera: `?no=` leads to the page of that receipt. No query."""
    given = request.GET.get("no", "")
    number = re.sub(r"[^0-9A-Z]", "", unicodedata.normalize("NFKC", given).upper())[:LONGEST_NO]
    if number:
        return redirect("filing:verify", number)
    context = {"heading": "核验备案回执", "lead": "墙上的备案回执是不是真的、现在还算不算数。"}
    return shared(request, render(request, "registry/filing/verify_ask.html", context))


@require_safe
def verify(request: HttpRequest, receipt_no: str) -> HttpResponseBase:
    """The live page behind the QR code of a receipt: its worth, who issued it, whether the address is ours."""
    number, given = receipt_no.upper(), request.GET.get("s")
    receipt = (
        FilingReceipt.objects.select_related("filing__institution", "filing__authority", "version")
        .defer("version__sealed", *(f"filing__institution__{name}" for name in PERSONAL_COLUMNS))
        .filter(receipt_no=number)
        .first()
        if len(number) <= LONGEST_NO
        else None
    )
    if receipt is None:
        context: dict[str, Any] = {"heading": "没有查到这份回执", "number": receipt_no[:40]}
        return render(request, "registry/filing/verify_unknown.html", context, status=404)
    today, plans = today_here(), plans_of(receipt.filing)
    signature = "none" if given is None else "right" if signature_matches(number, given[:100]) else "wrong"
    context = {
        "heading": "核验备案回执",
        "receipt": receipt,
        "filing": receipt.filing,
        "institution": receipt.filing.institution,
        "worth": worth_of(receipt, plans, today),
        "plans": [{**plan, "tag": tag(plan, today)} for plan in plans],
        "signature": signature,
        "facts": _receipt_facts(receipt, scanned=signature == "right"),
        "checked_on": today,
    }
    return shared(request, render(request, "registry/filing/verify.html", context))


# What a visitor reads beside the line of the paper that does not stand there in full.
WITHHELD = {
    "负责人": "扫描回执上的二维码显示全名，用来与纸面核对",
    "地址": "回执纸面印有详细地址",
}


def _receipt_facts(receipt: FilingReceipt, *, scanned: bool) -> list[dict[str, Any]]:
    """The lines of the paper in its order and its words, to be compared with it.

    A name is whole only for who `scanned` the code of this paper, and so has it before them: numbers can be guessed. The
    door of a home nursery is not shown at all (C2).
    """
    content, institution = receipt.content, receipt.filing.institution
    form = str(receipt.version.content["sections"]["basics"].get("org_form") or "")
    printed = dict(letters.receipt(receipt.filing, receipt.receipt_no, content, receipt.issued_on).rows)
    shown = {
        **printed,
        "地址": public_address(institution, content["address"], form=form),
        "负责人": content["principal"] if scanned else mask_name(content["principal"]),
    }
    notes = {name: note for name, note in WITHHELD.items() if shown[name] != printed[name]}
    if institution.name != content["name"]:
        notes["机构名称"] = f"登记名称现为“{institution.name}”"
    facts = [{"label": label, "value": value, "note": notes.get(label, "")} for label, value in shown.items()]
    return [*facts, {"label": "出具日期", "value": chinese_date(receipt.issued_on)}]


@require_safe
def nonconforming(request: HttpRequest) -> HttpResponseBase:
    """备案内容不符合的公开名单: reasons with clauses, authority, day and deadline (25 号文 of 2019)."""
    published = Notice.objects.filter(kind=NoticeKind.NONCONFORMING, published=True).order_by("-id")
    rows: Any = (
        Filing.objects.filter(status__in=TO_RECTIFY)
        .select_related("institution", "authority")
        .defer(*(f"institution__{name}" for name in PERSONAL_COLUMNS))
        .prefetch_related(Prefetch("notices", queryset=published, to_attr="letters"))
        .order_by("-updated_at", "-id")
    )
    page = Paginator(rows, PAGE).get_page(request.GET.get("page", "")[:9])
    found = [
        {
            "institution": filing.institution,
            "area": place_name(filing.institution.region_id),
            "authority": filing.authority,
            "notice": filing.letters[0],
        }
        for filing in page
        if filing.letters
    ]
    context = {
        "heading": "备案内容不符合标准规范的机构",
        "lead": "经现场核实，备案内容不符合设置标准和管理规范，已书面告知并责令改正。改正并核实符合后移出名单。",
        "found": found,
        "page": page,
    }
    return shared(request, render(request, "registry/filing/nonconforming.html", context))


@require_safe
def guide(request: HttpRequest) -> HttpResponseBase:
    """办事指南: who files, where, with which materials, in which steps, within which time, at what price."""
    today = today_here()
    regime = regime_on(today)
    context = {
        "heading": f"{regime.item_name}办事指南",
        "lead": "先自查、后填报；材料一次告知；每一步由谁办、到哪天，随时看得到。",
        "materials": [spec for spec in MATERIALS if regime.code in spec.regimes],
        "clocks": _clock_rows(regime),
        "regime": regime,
        "links": {name: reverse(name) for name in ("registry:self-check", "registry:standards", "filing:cases")},
    }
    return shared(request, render(request, "registry/filing/guide.html", context))


def _clock_rows(regime: RegimeSpec) -> list[dict[str, str]]:
    """Who has how long, since when, by which source; numbers are the ones the clocks run on."""
    rule, own = "国卫办人口发〔2019〕25号", "平台约定"
    return [
        {"what": "出具备案回执和基本条件告知书", "who": "备案机关", "days": f"{regime.answer_workdays} 个工作日",
         "since": "收到齐全的备案材料", "source": rule},
        {"what": "告知备案内容不符合", "who": "备案机关", "days": f"{regime.nonconform_workdays} 个工作日",
         "since": "收到齐全的备案材料", "source": rule},
        {"what": "补正材料", "who": "机构", "days": f"{regime.supplement_workdays} 个工作日",
         "since": "一次性告知", "source": f"{own}；补正期间办理时限暂停"},
        {"what": "整改", "who": "机构", "days": f"{settings.RECTIFICATION_DAYS} 天",
         "since": "收到不符合告知", "source": own},
        {"what": "整改后再次到现场核实", "who": "备案机关", "days": f"{settings.RECHECK_WORKDAYS} 个工作日",
         "since": "收到整改材料", "source": f"{own}；可以改期"},
        {"what": "提交变更备案", "who": "机构", "days": f"{settings.CHANGE_FILING_DAYS} 天",
         "since": "登记变更", "source": f"{rule}（及时）；天数为{own}"},
        {"what": "审查变更备案", "who": "备案机关", "days": f"{settings.CHANGE_REVIEW_WORKDAYS} 个工作日",
         "since": "收到变更材料", "source": own},
        {"what": "停业前告知家长", "who": "机构", "days": f"提前 {settings.SUSPENSION_NOTICE_DAYS} 天",
         "since": "停业之日", "source": own},
        {"what": "终止服务前告知家长", "who": "机构", "days": f"提前 {settings.CLOSURE_NOTICE_DAYS} 天",
         "since": "停止服务之日", "source": f"国卫人口发〔2019〕58号 管理规范第7条；天数为{own}"},
        {"what": "核对并注销备案", "who": "备案机关", "days": f"{settings.CLOSURE_DECISION_WORKDAYS} 个工作日",
         "since": "停止服务之日", "source": own},
    ]  # fmt: skip
