"""Every error code of the data exchange and what it means. Codes are public: never reuse one, never change its meaning.

EXC-0xx where we may send · EXC-1xx what can be done with a push · EXC-2xx receipts · EXC-3xx repeated requests and
settings of endpoints. How a single try failed is a word, not a code: see `exchange.client.answers`.
"""

from __future__ import annotations

TARGET_MALFORMED = "EXC-001"
TARGET_SCHEME = "EXC-002"
TARGET_USER_PART = "EXC-003"
TARGET_NOT_ALLOWED = "EXC-004"
TARGET_PLAIN_HTTP = "EXC-005"
TARGET_UNRESOLVED = "EXC-006"
TARGET_ADDRESS = "EXC-007"

DELIVERY_IN_FLIGHT = "EXC-101"
DELIVERY_CLOSED = "EXC-102"
REASON_MISSING = "EXC-103"
ACTOR_MISSING = "EXC-104"
RANGE_REVERSED = "EXC-105"
ENDPOINT_STATE = "EXC-106"
OVERLAP_RANGE = "EXC-107"
ROTATION_RUNNING = "EXC-108"
KEY_STATE = "EXC-109"

RECEIPT_UNKNOWN_EVENT = "EXC-201"
RECEIPT_IN_FUTURE = "EXC-203"
RECEIPT_TOO_LONG = "EXC-204"

IDEMPOTENCY_KEY_MALFORMED = "EXC-301"
IDEMPOTENCY_MISMATCH = "EXC-302"
IDEMPOTENCY_RUNNING = "EXC-303"
ENDPOINT_NAME_TAKEN = "EXC-311"
ENDPOINT_GRANTS = "EXC-312"
ENDPOINT_REGION = "EXC-313"
ENDPOINT_DEPARTMENT = "EXC-314"

EXCHANGE_CODES: dict[str, str] = {
    TARGET_MALFORMED: "接收地址不是完整的网址",
    TARGET_SCHEME: "接收地址不是 https",
    TARGET_USER_PART: "接收地址里带有用户名、密码或片段",
    TARGET_NOT_ALLOWED: "接收地址的主机和端口不在本部门的允许名单里",
    TARGET_PLAIN_HTTP: "该主机没有获准使用不加密的 http",
    TARGET_UNRESOLVED: "接收地址的主机名无法解析",
    TARGET_ADDRESS: "主机名解析到了允许网段以外的地址",
    DELIVERY_IN_FLIGHT: "这条推送正在发送",
    DELIVERY_CLOSED: "这条推送已经结束",
    REASON_MISSING: "没有填写理由",
    ACTOR_MISSING: "没有写明是谁作出的决定",
    RANGE_REVERSED: "时间段的结束早于开始",
    ENDPOINT_STATE: "端点当前状态不能这样操作",
    OVERLAP_RANGE: "新旧密钥并行时间不在 0 至 30 天之间",
    ROTATION_RUNNING: "上一次轮换还没有结束",
    KEY_STATE: "接口密钥当前不能这样操作",
    RECEIPT_UNKNOWN_EVENT: "没有这个编号的事件，或它没有推送给本部门",
    RECEIPT_IN_FUTURE: "处置时间晚于现在",
    RECEIPT_TOO_LONG: "说明超过 500 字",
    IDEMPOTENCY_KEY_MALFORMED: "Idempotency-Key 不是 1 至 128 个可见 ASCII 字符",
    IDEMPOTENCY_MISMATCH: "Idempotency-Key 已用于另一份内容",
    IDEMPOTENCY_RUNNING: "同一 Idempotency-Key 的请求正在处理",
    ENDPOINT_NAME_TAKEN: "本部门已有同名的端点",
    ENDPOINT_GRANTS: "明文字段只能由平台管理员授权",
    ENDPOINT_REGION: "订阅的辖区不在本部门管辖范围内",
    ENDPOINT_DEPARTMENT: "没有指明是哪个部门，或不是该部门的对接人",
}
