"""Error codes of the public register. Codes are public: never reuse one, never change its meaning."""

from __future__ import annotations

FILTER_UNKNOWN = "PUB-001"
FILTER_VALUE = "PUB-002"
TERM = "PUB-003"
CURSOR = "PUB-004"
PLACE = "PUB-005"
COMPARE = "PUB-006"
EMAIL = "PUB-101"
LINK = "PUB-102"
TARGET = "PUB-103"
TOO_OFTEN = "PUB-104"
REPORT_TEXT = "PUB-201"
REPORT_PLACE = "PUB-202"
REPORT_CODE = "PUB-203"
ANSWER = "PUB-204"
OWNER = "PUB-205"
LOOK = "PUB-206"

CODES = {
    FILTER_UNKNOWN: "不认识的查询条件",
    FILTER_VALUE: "查询条件的值不在可选范围内",
    TERM: "查询词过长，或含有无法识别的字符",
    CURSOR: "翻页位置无效",
    PLACE: "没有这个地区或位置",
    COMPARE: "对比的机构数目或代码有误",
    EMAIL: "邮箱地址有误",
    LINK: "链接无效或已过期",
    TARGET: "没有可以订阅的对象",
    TOO_OFTEN: "提交过于频繁",
    REPORT_TEXT: "没有写清问题",
    REPORT_PLACE: "没有写明机构或地址",
    REPORT_CODE: "编号或查询码不正确",
    ANSWER: "没有选择结果或没有写答复",
    OWNER: "不能转给这个单位",
    LOOK: "没有写明查看联系方式的事由",
}
