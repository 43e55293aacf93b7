"""Error codes of the opening of accounts. Codes are public: never reuse one, never change its meaning."""

from __future__ import annotations

FACTS = "OPN-101"
USED_UP = "OPN-102"
ENTERED = "OPN-103"
STAFF = "OPN-104"
ENDED = "OPN-105"
CHANGED = "OPN-106"
REASON = "OPN-107"
LAST = "OPN-108"
TOO_OFTEN = "OPN-109"
TRACK = "OPN-110"
HOLDS = "OPN-111"

CODES = {
    FACTS: "开通码或法定代表人信息与登记不一致",
    USED_UP: "开通码或邀请已用过、已作废或已过期",
    ENTERED: "开通账号的内容填写有误",
    STAFF: "工作人员的账号不能用于机构",
    ENDED: "机构的登记已经终止",
    CHANGED: "法定代表人在申请后变更",
    REASON: "没有写明理由",
    LAST: "不能解除本机构最后一名经办人",
    TOO_OFTEN: "尝试开通账号过于频繁",
    TRACK: "申请编号或查询码不正确",
    HOLDS: "这个账号已经可以办理该机构的事项",
}
