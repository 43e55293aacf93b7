"""备案联系人 in clear: a reviewer or an officer who is on the way can call, and the look is kept with its reason first."""

from __future__ import annotations

from typing import Any

from yancheng_childcare.choices import Role
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.unmasking import keep_look

from ..codes import filing as codes
from ..models import Filing
from ..rules.filing.sections import BASICS
from .casefile import unsealed
from .review import covers, last_version
from .states import state_of
from .visits import open_checks

# What is looked at, as the auditors' page names it → the field of the submission.
LOOKS = {"filing_phone": "contact_phone", "filing_email": "contact_email"}
REASON_MIN, REASON_MAX = 4, 200


def may_look(actor: Any, filing: Filing) -> bool:
    """The reviewers of the area, and the officers of a visit that is planned; nobody tied to the institution.

    One query, for inspectors only.
    """
    if covers(actor, filing, Role.REVIEWER):
        return True
    on_the_way = state_of(filing).visited and covers(actor, filing, Role.INSPECTOR)
    return on_the_way and open_checks(filing).filter(officers=actor.pk).exists()


def label_of(look: str) -> str:
    """联系人电话 or 联系人邮箱. Raises KeyError."""
    spec = BASICS.field_named(LOOKS[look])
    return spec.label if spec else ""


def reveal_contact(filing: Filing, *, look: str, reason: str, actor: Any) -> str:
    """The clear value as it was handed in last; the look is kept with its reason before it is returned.

    Raises Rejected: 403 not `may_look`, 404 when the institution gave none, 422 without a choice or a reason.
    """
    if not may_look(actor, filing):
        words = "只有本辖区的审查人员和本次现场核实的人员可以查看备案联系人的电话和邮箱。"
        raise Rejected(Problem("GEN-403", "", words), status=403)
    found = []
    if look not in LOOKS:
        found.append(Problem(codes.FILING_CHOICE, "look", "请选择要查看的内容。"))
    if not REASON_MIN <= len(reason.strip()) <= REASON_MAX:
        words = f"请写明查看的事由，{REASON_MIN} 到 {REASON_MAX} 个字，事由会留存备查。"
        found.append(Problem(codes.REASON_REQUIRED, "reason", words))
    if found:
        raise Rejected(found)
    value = str(unsealed(last_version(filing)).get(BASICS.name, {}).get(LOOKS[look]) or "")
    if not value:
        raise Rejected(Problem("GEN-404", "look", f"机构没有填写{label_of(look)}。"), status=404)
    institution = filing.institution
    keep_look(
        # The act of the institution, not of the case: the history of the case is read by the institution as well.
        subject=institution.subject,
        summary=f"查看备案{label_of(look)}（{filing.no}）",
        actor=actor,
        region_prefix=institution.region.prefix,
        data={"field": look, "reason": reason.strip(), "filing": filing.no},
    )
    return value
