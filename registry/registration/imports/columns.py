"""The table of registrations: its columns, and which words stand for which codes."""

from __future__ import annotations

from casework.imports.columns import Column, Columns, Sheet, plain
from yancheng_childcare.places import places

from ...choices import CapitalKind, Nature
from ...rules.registration import LABELS as RULE_LABELS
from ...rules.registration import OPTIONAL
from ..fields import DATES, ENTERED, LABELS

SHEET, PLACES = "登记信息", "区划表"
NATURES = {**{plain(label): value for value, label in Nature.choices}, "企业": Nature.FORPROFIT.value}
CAPITAL_KINDS = {plain(label): value for value, label in CapitalKind.choices}
#: Text formats keep 18 digits as typed: these columns are never numbers or dates for a spreadsheet.
_TEXT = {"uscc", "legal_rep_id_no", "contact_phone", "region_code", "town_code", *DATES}
_DAY = "年-月-日"
# Field → (how it is filled in, example, other titles it is known by).
_TOLD: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "uscc": ("18 位，文本格式", "91320902MA1TYC011T", ("信用代码",)),
    "name": ("不超过 100 字", "盐城市小太阳托育服务有限公司", ("机构名称",)),
    "nature": ("文字", "营利性企业", ("性质",)),
    "registered_address": ("不超过 200 字", "盐城市亭湖区示例路 1 号", ("住所", "登记地址")),
    "region_code": ("文字", "亭湖区", ("所属县", "县市区", "所在县区")),
    "town_code": ("文字", "五星街道", ("所属镇", "镇街", "所在镇街")),
    "legal_rep_name": ("文字", "张示例", ("法定代表人", "负责人", "法定代表人姓名")),
    "legal_rep_id_no": ("18 位，文本格式", "11010519491231002X", ("证件号码", "法定代表人证件号", "身份证号")),
    "contact_phone": ("11 位手机号，或带区号的座机", "0515-88888888", ("电话",)),
    "registered_capital": ("数字，单位万元，最多 6 位小数", "50", ("注册资本", "开办资金", "资金数额")),
    "capital_kind": ("文字", "注册资本", ("资金类型",)),
    "business_scope": ("照证照抄写，不超过 4000 字", "托育服务", ("业务范围", "经营范围")),
    "purpose": ("不超过 1000 字", "", ()),
    "supervising_unit": ("文字", "", ()),
    "established_on": (_DAY, "2025-03-03", ()),
    "approved_on": (_DAY, "2025-03-05", ()),
    "valid_from": (_DAY, "2025-03-03", ("有效期自",)),
    "valid_to": (f"{_DAY}；长期有效的留空或填“长期”", "长期", ("有效期至",)),
}
_MUST = {"purpose": "事业单位、民办非企业单位必填", "supervising_unit": "民办非企业单位必填"}
_KINDS = {"nature": Nature, "capital_kind": CapitalKind}
_ALLOWED = {
    **{name: "、".join(f"{label}（{value}）" for value, label in kind.choices) for name, kind in _KINDS.items()},
    "region_code": "见“区划表”，填名称或代码",
    "town_code": "见“区划表”，填名称或代码",
}
_WORDS = {"nature": NATURES, "capital_kind": CAPITAL_KINDS}


def _column(name: str) -> Column:
    told, example, also = _TOLD[name]
    return Column(
        name,
        LABELS[name],
        told,
        example,
        required=name not in OPTIONAL,
        must=_MUST.get(name, ""),
        also=(RULE_LABELS[name], *also),
        allowed=_ALLOWED.get(name, ""),
        choices=tuple(str(label) for label in _KINDS[name].labels) if name in _KINDS else (),
        words=_WORDS.get(name, {}),
        text=name in _TEXT,
    )


def place_sheets() -> list[Sheet]:
    """County code and name, town code and name, of every town in the reference data."""
    known = places()
    rows = [
        [parent, known[parent][2], code, name]
        for code, (level, parent, name) in sorted(known.items())
        if level == "TOWN"
    ]
    head = ["县（市、区）代码", "县（市、区）", "镇（街道）代码", "镇（街道）"]
    return [Sheet(PLACES, head, rows, [18, 22, 18, 26])]


REGISTRATION = Columns(
    "托育机构登记导入模板",
    SHEET,
    tuple(map(_column, ENTERED)),
    "没有找到表头。表头应含“统一社会信用代码”“名称”“机构性质”等列，请下载模板填写。",
    "表格只有表头，没有数据行。请在表头下面每行填写一家机构。",
    more_sheets=place_sheets,
)
