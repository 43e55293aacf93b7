"""Error codes of casework. Codes are public: never reuse one, never change its meaning."""

from __future__ import annotations

ANSWER = "CAS-101"
PROPOSED = "CAS-102"
NOT_PROPOSED = "CAS-103"
SENT = "CAS-104"
SERVICE = "CAS-105"
COLLEAGUE = "CAS-106"
NO_STEP = "CAS-107"
DEPUTY = "CAS-108"
HELD = "CAS-109"
FILES = "CAS-110"

CODES = {
    ANSWER: "办理内容填写有误",
    PROPOSED: "这一步已提请签批，尚未决定",
    NOT_PROPOSED: "没有待签批的事项，或者由本人提出",
    SENT: "文书已经发出或者已经撤回",
    SERVICE: "送达登记缺少必需的内容",
    COLLEAGUE: "接手的人没有办理这件事的职责",
    NO_STEP: "没有这个办理步骤",
    DEPUTY: "代理登记填写有误",
    HELD: "这件事由其他人承办",
    FILES: "随这一步提交的文件过多",
}
