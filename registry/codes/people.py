"""Error codes of the people ledger. Codes are public: never reuse one, never change its meaning."""

from __future__ import annotations

REQUIRED = "PER-001"
VALUE = "PER-002"
TOO_YOUNG = "PER-003"
FULL_TIME_ELSEWHERE = "PER-101"
POST_TWICE = "PER-102"
NOT_ELIGIBLE = "PER-103"
DATES = "PER-104"
OTHER_NAME = "PER-105"
CREDENTIAL = "PER-201"
IMPORT = "PER-301"

CODES: dict[str, str] = {
    REQUIRED: "必填项没有填写",
    VALUE: "内容格式不对",
    TOO_YOUNG: "从业人员不满 18 周岁",
    FULL_TIME_ELSEWHERE: "该人员已在本机构的另一个全职岗位上",
    POST_TWICE: "该人员已在本机构担任这一岗位",
    NOT_ELIGIBLE: "该人员暂不能登记为从业人员，请联系所在地卫生健康部门核实",
    DATES: "日期不合理",
    OTHER_NAME: "同一证件号码在本机构登记的是另一个姓名",
    CREDENTIAL: "证件信息填写有误",
    IMPORT: "导入文件不能读取",
}
