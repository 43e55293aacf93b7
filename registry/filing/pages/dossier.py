"""A submission as the review page lays it out: claims with documents, rules, differences, replies and verdicts."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import JSONObject
from django.http import Http404, HttpRequest
from django.urls import reverse

from yancheng_childcare.models import StoredFile
from yancheng_childcare.permissions import opening_roles

from ...choices import CredentialKind, ItemVerdict, PostRole, ProposalOutcome
from ...models import ClosurePlan, Filing, FilingVersion, NoticeReply, Proposal, SiteCheck, Verdict
from ...registration.fields import ENTERED
from ...registration.forms import label_of, shown_value
from ...rules.filing.materials import spec_of
from ...rules.filing.outcome import VERDICT_LABELS
from ...rules.filing.phrases import phrases_for
from ...rules.filing.sections import BY_NAME, PEOPLE, PLEDGE
from ..judging import findings_by_item, open_without_findings, token_of
from ..pledge import CAPACITIES
from ..review import DOCUMENTS, REGISTRATION, WITH_REASON, asked_for, items_of, speaks_against, title_of
from ..snapshots import Difference, section_rows, submission_differences
from ..states import state_of

LIGHTS = {
    ItemVerdict.CONFORMS: "green",
    ItemVerdict.NONCONFORMS: "red",
    ItemVerdict.SUPPLEMENT: "yellow",
    ItemVerdict.NOT_APPLICABLE: "grey",
}
# Documents a reviewer lays beside the answers of a section.
BESIDE = {
    REGISTRATION: ("M01_LICENSE",),
    "basics": ("M01_LICENSE",),
    "premises": ("M02_PREMISES", "M10_STRUCTURE", "M11_LAYOUT"),
    "surroundings": ("M11_LAYOUT",),
    "facilities": ("M05_FIRE", "M06_AIR", "M08_INSURANCE"),
    "classes": ("M11_LAYOUT",),
    "fees": ("M07_FOOD", "M09_CATERING"),
}
RULE_LIGHTS = {"FAIL": "red", "UNKNOWN": "yellow", "WAIVED": "blue", "PASS": "green", "NOT_APPLICABLE": "grey"}


def reviewed_filing(request: HttpRequest, no: str) -> Filing:
    """The case with its `pending` proposal (a dict or None) and whether an end (`closing`), a stop (`planned`) or a visit
    (`visiting`) is arranged; 404 outside the scope. One query."""
    proposal = (
        Proposal.objects.filter(filing=OuterRef("pk"), outcome=ProposalOutcome.PENDING)
        .order_by("-id")
        .values(
            json=JSONObject(
                step=F("step"),
                reason=F("reason"),
                by=F("proposed_by_id"),
                name=F("proposed_by__display_name"),
                legal=F("legal_by_id"),
                agrees=F("legal_agrees"),
            )
        )
    )
    found = (
        Filing.objects.visible_to(request.user, opening_roles(request))
        .begun()
        .select_related("institution__region", "institution__town", "authority", "assigned_to")
        .annotate(
            pending=Subquery(proposal[:1]),
            closing=Exists(ClosurePlan.objects.filter(filing=OuterRef("pk"), final=True, withdrawn=False)),
            planned=Exists(ClosurePlan.objects.filter(filing=OuterRef("pk"), withdrawn=False)),
            visiting=Exists(SiteCheck.objects.filter(filing=OuterRef("pk"), concluded_on=None)),
        )
        .filter(no=no)
        .first()
    )
    if found is None:
        raise Http404
    return found


class Dossier:
    """What one filing's last submission says. Each part is one query, asked only when needed."""

    def __init__(self, filing: Filing, user: Any, roles: frozenset[str]):
        self.filing = filing
        self.user = user
        self.roles = roles
        self.asking = ""  # a document the reviewer is about to ask for

    @cached_property
    def _versions(self) -> list[FilingVersion]:
        """The last two submissions and the accepted one, newest first. One query."""
        last = FilingVersion.objects.filter(filing=self.filing).order_by("-number").values("number")[:1]
        return list(
            self.filing.versions.defer("sealed")
            .filter(Q(number__gte=Subquery(last) - 1) | Q(number=self.filing.accepted_number))
            .order_by("-number")
        )

    @property
    def version(self) -> FilingVersion:
        """What was handed in last; 404 when nothing was."""
        if not self._versions:
            raise Http404
        return self._versions[0]

    @property
    def baseline(self) -> FilingVersion | None:
        """What it is compared with: the accepted submission of a change, else the one before a correction."""
        accepted, older = self.filing.accepted_number, self._versions[1:]
        if accepted and accepted < self.version.number:
            return next((row for row in older if row.number == accepted), None)
        return older[0] if older and not accepted else None

    @cached_property
    def changes(self) -> dict[str, list[Difference]]:
        """The differences to the baseline, by item."""
        found: dict[str, list[Difference]] = {}
        if self.baseline is not None:
            for row in submission_differences(self.baseline, self.version):
                found.setdefault(row.item, []).append(row)
        return found

    @cached_property
    def verdicts(self) -> dict[str, Verdict]:
        """The verdicts on the last submission, by item. One query."""
        rows = self.filing.verdicts.filter(submission=self.version.number).select_related("decided_by")
        return {row.item: row for row in rows}

    @cached_property
    def replies(self) -> dict[str, dict[str, str]]:
        """What the last letter asked and what the institution answered, by item. One query."""
        asked = NoticeReply.objects.filter(
            notice__filing=self.filing, notice__submission__gte=self.version.number - 1
        ).select_related("notice")
        found: dict[str, dict[str, str]] = {}
        for reply in asked.order_by("notice_id"):
            line = next((row for row in reply.notice.items if row["item"] == reply.item), None)
            found[reply.item] = {
                "asked": line["finding"] if line else "",
                "answer": reply.text,
                "number": reply.notice.number,
            }
        return found

    @cached_property
    def files(self) -> dict[str, StoredFile]:
        """The files named by the submission and its baseline which this reader may open. One query."""
        keys: set[str] = set()
        for version in (self.version, self.baseline):
            if version is not None:
                keys.update(page for row in version.content["materials"] for page in row["pages"])
                keys.update(row["file"] for person in version.content["staff"] for row in person.get("papers", []))
        keys.discard("")
        rows = StoredFile.objects.visible_to(self.user, self.roles).filter(pk__in=keys, scan_state="CLEAN")
        return {str(row.pk): row for row in rows}

    @cached_property
    def items(self) -> list[str]:
        """The items of the submission in reading order, then the documents that were asked for and are not there."""
        return [*items_of(self.version), *asked_for(self.version, [*self.verdicts, *self.replies, self.asking])]

    @property
    def absent(self) -> list[tuple[str, str]]:
        """The documents that are no item yet: a reviewer may ask for any of them."""
        return [(code, title_of(code)) for code in DOCUMENTS if code not in self.items]

    @cached_property
    def findings(self) -> dict[str, list[dict[str, Any]]]:
        """The findings kept with the submission, by item, with the words and lights the page shows."""
        said = {row["id"]: row["text"] for row in self._pledge.get("explained", [])}
        return {
            item: [
                {
                    **row,
                    "explained": said.get(row["id"], ""),
                    "light": RULE_LIGHTS.get(row["verdict"], "plain"),
                    "word": VERDICT_LABELS[row["verdict"]],
                }
                for row in rows
            ]
            for item, rows in findings_by_item(self.version).items()
        }

    @property
    def _pledge(self) -> dict[str, Any]:
        """The pledge as it was signed for this submission."""
        kept: dict[str, Any] = self.version.content["sections"].get(PLEDGE.name, {})
        return kept

    @property
    def judged(self) -> int:
        """How many items have a verdict."""
        return sum(1 for item in self.items if item in self.verdicts)

    @property
    def to_correct(self) -> int:
        """How many items the letter will name."""
        return sum(1 for row in self.verdicts.values() if row.verdict in WITH_REASON)

    @property
    def passing_rest(self) -> list[str]:
        """The items “其余项全部符合” would judge."""
        return open_without_findings(self.version, self.verdicts)

    @property
    def under_review(self) -> bool:
        """Whether verdicts can be given now."""
        return state_of(self.filing).judged

    def item(
        self, name: str, *, typed: dict[str, str] | None = None, problems: list[Any] | None = None
    ) -> dict[str, Any]:
        """One item as its part of the page; `typed` is what a form could not save."""
        row = self.verdicts.get(name)
        findings = self.findings.get(name, [])
        against = [f for f in findings if f["verdict"] not in {"PASS", "NOT_APPLICABLE"}]
        values = {
            "verdict": row.verdict if row else "",
            "reason": row.reason if row else "",
            "clause": row.clause if row else "",
            "how_to_fix": row.how_to_fix if row else "",
            "rule_id": row.rule_id if row else "",
            **(typed or {}),
        }
        return {
            "name": name,
            "title": title_of(name),
            "verdict": row,
            "light": LIGHTS[ItemVerdict(row.verdict)] if row else "plain",
            "word": row.get_verdict_display() if row else "未审",
            "token": token_of(row),
            "carried": self.is_carried(row),
            "absent": name in DOCUMENTS and self._material(name) is None,
            "rows": self._rows(name),
            "staff": self._staff() if name == PEOPLE.name else [],
            "changes": self._unplaced(name),
            "changed": len(self.changes.get(name, [])),
            "against": against,
            "stops": sum(1 for f in against if speaks_against([f])),
            "fine": [f for f in findings if f["verdict"] == "PASS"],
            "reply": self.replies.get(name),
            "documents": self._documents(name),
            "phrases": self._phrases(name, against),
            "typed": values,
            "choices": [(v.value, v.label, key) for key, v in enumerate(ItemVerdict, 1)],
            "errors": [p.message for p in problems or []],
            "open": row is None or bool(typed) or bool(problems) or bool(self.changes.get(name)),
        }

    def is_carried(self, row: Verdict | None) -> bool:
        """Whether a verdict was given on an earlier submission and went with this one."""
        return row is not None and row.decided_at <= self.version.submitted_at

    def _rows(self, name: str) -> list[dict[str, Any]]:
        """The claims: label and value as handed in, with the former value where it differs."""
        if name == REGISTRATION:
            rows = self._registration_rows()
        elif name == PLEDGE.name:
            rows = [
                {"label": "签署人", "value": self.version.signed_name},
                {"label": "签署人身份", "value": CAPACITIES.get(self._pledge.get("signed_as", ""), "未说明")},
                {"label": "承诺书版本", "value": self.version.pledge_version},
            ]
        elif name in BY_NAME:
            rows = [{**row} for row in section_rows(self.version.content, name)]
        else:
            rows = self._material_rows(name)
        before = {change.label: change.before for change in self.changes.get(name, [])}
        return [{**row, "changed": row["label"] in before, "before": before.get(row["label"], "")} for row in rows]

    def _registration_rows(self) -> list[dict[str, Any]]:
        kept = self.version.content["registration"]
        rows = []
        for key in ENTERED:
            value = kept.get(key, "")
            if key == "registered_capital" and value:
                value = Decimal(value)
            if value or key == "valid_to":
                rows.append({"label": label_of(key), "value": shown_value(key, value)})
        return rows

    def _unplaced(self, name: str) -> list[Difference]:
        """Differences that are no row of their own: classes, people, a material as a whole."""
        labels = {row["label"] for row in self._rows(name)}
        return [change for change in self.changes.get(name, []) if change.label not in labels]

    def _material(self, code: str, version: FilingVersion | None = None) -> dict[str, Any] | None:
        rows = (version or self.version).content["materials"]
        return next((row for row in rows if row["code"] == code), None)

    def _material_rows(self, code: str) -> list[dict[str, Any]]:
        row = self._material(code)
        if row is None:
            return []
        spec = spec_of(code)
        conclusion = {True: "合格", False: "不合格"}.get(row["conclusion_ok"], "")
        pairs = (
            ("种类", dict(spec.kinds).get(row["kind"], row["kind"])),
            ("文号或编号", row["number"]),
            ("出具单位", row["issuer"]),
            ("出具日期", row["issued_on"]),
            ("有效期至", row["valid_to"] or "未填写或长期"),
            ("结论", conclusion),
        )
        return [{"label": label, "value": value} for label, value in pairs if value]

    def _staff(self) -> list[dict[str, Any]]:
        """The people with a link to each paper as it was handed in."""
        roles, kinds = dict(PostRole.choices), dict(CredentialKind.choices)
        return [
            {
                **row,
                "role_label": roles.get(row["role"], row["role"]),
                "papers": [
                    {**paper, "label": kinds[paper["kind"]], **self._page(paper["file"], 1)}
                    for paper in row.get("papers", [])
                ],
            }
            for row in self.version.content["staff"]
        ]

    def _documents(self, name: str) -> list[dict[str, Any]]:
        """Which materials to lay beside this item: links into the viewer."""
        codes = BESIDE.get(name, ()) if name == REGISTRATION or name in BY_NAME else (name,)
        return [
            {"code": code, "name": spec_of(code).name, "count": len(row["pages"])}
            for code in codes
            if (row := self._material(code)) is not None
        ]

    def _phrases(self, name: str, against: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What a reason can be taken from: the rules' findings on this item, then the phrase bank."""
        found = [
            {
                "key": f"rule:{row['id']}",
                "group": "规则检查发现",
                "verdict": "",
                "reason": row["message"],
                "clause": row["clause"],
                "how_to_fix": row["how_to_fix"],
                "rule_id": row["id"],
            }
            for row in against
            if row["verdict"] in {"FAIL", "UNKNOWN"}
        ]
        return found + [
            {
                "key": phrase.id,
                "group": f"常用语：{ItemVerdict(phrase.verdict).label}",
                "verdict": phrase.verdict,
                "reason": phrase.phrase,
                "clause": phrase.clause,
                "how_to_fix": phrase.how_to_fix,
                "rule_id": phrase.rule_id,
            }
            for phrase in sorted(phrases_for(name), key=lambda p: p.verdict, reverse=True)
        ]

    def phrase(self, name: str, key: str) -> dict[str, Any] | None:
        """One of the phrases offered for an item."""
        against = [f for f in self.findings.get(name, []) if f["verdict"] not in {"PASS", "NOT_APPLICABLE"}]
        return next((row for row in self._phrases(name, against) if row["key"] == key), None)

    def viewer(self) -> list[dict[str, Any]]:
        """The materials for the middle pane: pictures and PDFs in place, each with its link; the former version beside."""
        shown = []
        for row in self.version.content["materials"]:
            former = self._material(row["code"], self.baseline) if self.baseline else None
            replaced = former is not None and former["pages"] != row["pages"]
            shown.append(
                {
                    "code": row["code"],
                    "name": spec_of(row["code"]).name,
                    "version": row["version"],
                    "pages": [self._page(key, number) for number, key in enumerate(row["pages"], 1)],
                    "former": [self._page(key, number) for number, key in enumerate(former["pages"], 1)]
                    if former is not None and replaced
                    else [],
                    "former_version": former["version"] if former else "",
                    "is_new": self.baseline is not None and former is None,
                }
            )
        return shown

    def _page(self, key: str, number: int) -> dict[str, Any]:
        stored = self.files.get(key)
        if stored is None:
            return {"number": number, "url": ""}
        return {
            "number": number,
            "url": reverse("file", args=[stored.pk]),
            "name": stored.original_name,
            "picture": stored.content_type in {"image/jpeg", "image/png"},
            "pdf": stored.content_type == "application/pdf",
            "pages": stored.pages,
            "size": stored.size,
        }
