"""The table of people and duties."""

from __future__ import annotations

from casework.imports.columns import Column, Columns, Sheet, plain
from yancheng_childcare.accounts.duties import KINDS, fields_of
from yancheng_childcare.choices import Role
from yancheng_childcare.models import Department

MAX_ROWS = 2_000
#: An institution's own people are opened by their institution, never by a table.
ROLES = {value: str(label) for value, label in Role.choices if value != Role.OPERATOR}
_ASKED = {"department": "部门", "region": "辖区", "certificate_no": "执法证号"}


def _sheets() -> list[Sheet]:
    """What each role needs, and the departments by code and name."""
    roles = [
        [label, "、".join(_ASKED[name] for name in fields_of(role)), "部门按类别限定" if role in KINDS else ""]
        for role, label in ROLES.items()
    ]
    departments = [[d.code, d.name, d.region.name] for d in Department.objects.select_related("region")]
    return [
        Sheet("角色", ["角色", "需要填写", "说明"], roles, [22, 30, 24]),
        Sheet("部门", ["代码", "部门", "辖区"], departments, [22, 44, 22]),
    ]


STAFF = Columns(
    "部门人员与职责导入模板",
    "人员与职责",
    (
        Column("display_name", "姓名", "本人的真实姓名", "王示例", required=True),
        Column(
            "username", "用户名", "登录用，字母、数字和 @.+-_；已有账号的填原来的用户名", "wang_example", required=True,
            also=("账号", "登录名"), text=True,
        ),
        Column("email", "电子邮箱", "新建人员时可填，本人确认后才启用", "wang@example.org", also=("邮箱",)),
        Column(
            "role", "角色", "从下拉列表选择；一人有几项职责的，每项一行", "县级卫健受理岗", required=True, also=("职责",),
            choices=tuple(ROLES.values()), words={plain(word): value for value, label in ROLES.items() for word in (label, value)},
        ),
        Column("department", "部门", "本人工作的部门，填名称或代码", "亭湖区卫生健康委员会", allowed="见“部门”", text=True),
        Column(
            "region", "辖区", "只负责其中一部分的填那一部分，名称或代码；不填是部门的整个辖区", "",
            must="网格员必填", text=True,
        ),
        Column("certificate_no", "执法证号", "证件上的编号", "", must="持证执法人员必填", also=("执法证",), text=True),
        Column("valid_from", "开始日期", "年-月-日；不填是批准前检查的当天", "2026-12-01", also=("自",), text=True),
        Column("valid_to", "结束日期", "最后一天；长期有效的不填", "", also=("至",), text=True),
    ),
    "没有找到表头。表头应含“姓名”“用户名”“角色”等列，请下载模板填写。",
    "表格只有表头，没有数据行。请在表头下面每行填写一个人的一项职责。",
    formatted=MAX_ROWS,
    more_sheets=_sheets,
)  # fmt: skip
