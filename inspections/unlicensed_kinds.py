"""Kinds of childcare without papers, and which body has the power over each (domain.md §5.10; domain-2.md A1 rows 19, 20). Pure."""

from __future__ import annotations

from dataclasses import dataclass

from .choices import Field, UnlicensedKind

FILE_DAYS = 30  # natural days to file ([A], domain.md §5.10)
MOST_AT_HOME = 5  # from the sixth child on a home must be registered and filed as an institution


@dataclass(frozen=True, slots=True)
class Power:
    """`bodies`: whom it is referred to; `files`: health sets a day to file; `registered`: it has a licence (None: either)."""

    bodies: tuple[Field, ...]
    files: bool
    registered: bool | None
    basis: str


POWERS: dict[str, Power] = {
    UnlicensedKind.NO_LICENCE: Power(
        (Field.POLICE, Field.MARKET, Field.HURD, Field.FIRE), files=False, registered=False,
        basis="无证无照由公安、市场监管、住房城乡建设、消防联动处置（参照如皋专项治理）",
    ),
    UnlicensedKind.BEYOND: Power(
        (Field.MARKET,), files=False, registered=True,
        basis="业务（经营）范围未含托育服务的，由市场监管部门督促变更（参照如皋专项治理）",
    ),
    UnlicensedKind.UNFILED: Power(
        (), files=True, registered=True,
        basis="《托育机构登记和备案办法（试行）》第七条：登记后及时备案；处罚依《人口与计划生育法》第四十一条，须经行政检查",
    ),
    UnlicensedKind.KINDERGARTEN: Power(
        (), files=True, registered=None,
        basis="幼儿园开设托班的，向卫生健康部门备案（参照如皋专项治理）",
    ),
    UnlicensedKind.HOME: Power(
        (Field.MARKET,), files=True, registered=False,
        basis="家庭托育点收托超过五人的，应当登记为托育机构并备案",
    ),
}  # fmt: skip


def mismatch(kind: str, *, uscc: bool, children: int) -> str:
    """Why what is known is no case of this kind, in words; "" when it is (domain-2.md I22)."""
    power = POWERS[kind]
    if power.registered is True and not uscc:
        return "这一类是已经登记的机构，请填写统一社会信用代码。"
    if power.registered is False and uscc:
        return "这一类没有登记，不填统一社会信用代码；已登记的请选“超登记范围”或“已登记未备案”。"
    if kind == UnlicensedKind.HOME and children <= MOST_AT_HOME:
        return f"住宅收托不超过 {MOST_AT_HOME} 人的不属于这一类。"
    return ""
