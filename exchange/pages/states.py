"""States in words and lights, and what to do about each: said once for every page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from yancheng_childcare.models import Event

from ..choices import EndpointStatus, GrantField
from ..client.answers import FAILURE_LABELS
from ..health import Health
from ..models import Endpoint

# Below this share of good tries in 24 hours an endpoint with something open is not well.
GOOD_SHARE = 0.9

DELIVERY_LIGHTS = {
    "PENDING": "plain", "SENDING": "plain", "DELIVERED": "green", "ACKED": "blue", "RETRY": "yellow", "DEAD": "red",
    "SKIPPED": "grey",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class State:
    """The light, the word, and one sentence: what to do, or that nothing is to be done."""

    colour: str
    word: str
    advice: str


ADVICE = {
    "gone": State(
        "red", "对方已停用", "对方返回 410，推送已停。请与接收单位确认地址后点“恢复推送”，积压的会按顺序补发。"
    ),
    "three-days": State(
        "red", "超 72 小时", "已超过三天未送达。请电话联系接收单位并按线下方式先行告知；推送不会丢弃。"
    ),
    "day": State("red", "超 24 小时", "已超过一天未送达。请联系接收单位的系统负责人，恢复后会自动补发。"),
    "parked": State(
        "red", "需人工处理", "对方连续三次以同样的理由拒收。请查看推送记录，更正后重发，或写明理由不再推送。"
    ),
    "late": State("yellow", "推送延迟", "有推送未按时送达，平台在自动重试。持续超过一天会再次提醒。"),
    "quiet": State("yellow", "长时间无事件", "很久没有新事件。若辖区内确有登记，请核对订阅的辖区和事件。"),
}
PAUSED = State("grey", "已暂停", "由经办人暂停。新的事件照常排队，恢复后按顺序推送。")
WAITING = State(
    "grey", "待批准", "接收地址由一人提出，须另一名对接人或平台管理员批准后才推送。新的事件照常排队，不会丢失。"
)
BROKEN = State("yellow", "熔断试探中", "连续失败后改为逐条试探，对方恢复后立即补发，无需操作。")
RETRYING = State("yellow", "推送重试中", "有推送没有成功，平台在自动重试，原因见推送记录。")
GOOD = State("green", "正常", "无需操作。")
UNSUBSCRIBED = State("yellow", "没有订阅", "没有勾选任何事件，不会收到推送。请选择辖区和事件。")
FRESH = State(
    "plain", "尚无推送", "还没有产生过事件。订阅的辖区一有新登记就自动推送，无需操作；可先发送连通测试核对地址和验签。"
)
TESTED = State("plain", "已接通，尚无推送", "连通测试对方已收下。订阅的辖区一有新登记就自动推送，无需操作。")
UNREACHED = State(
    "yellow", "测试未收下", "还没有推送过，最近一次连通测试对方没有收下，原因见连通测试记录。请改正后再测试。"
)
CLOSED = State("grey", "已关闭", "不再推送。以前的推送记录照常可查；需要推送的，请新建端点，名称可以再用。")


def endpoint_state(endpoint: Endpoint, health: Health, *, subscribed: bool, tested: Event | None = None) -> State:
    """The worst that holds; a pause made by people outranks alarms, as it explains them.

    `tested`: the last connectivity test, which says how it stands before anything was pushed.
    """
    if endpoint.status == EndpointStatus.CLOSED:
        return CLOSED
    if endpoint.status == EndpointStatus.DISABLED:
        return ADVICE["gone"]
    if endpoint.status == EndpointStatus.PAUSED:
        return PAUSED
    if endpoint.status == EndpointStatus.WAITING:
        return WAITING
    if health.alarm in ("three-days", "day", "parked"):
        return ADVICE[health.alarm]
    if health.parked:
        return ADVICE["parked"]
    if health.circuit_open:
        return BROKEN
    if health.alarm:
        return ADVICE[health.alarm]
    low = health.ratio_24h is not None and health.ratio_24h < GOOD_SHARE
    if health.retrying or (health.undelivered and low):
        advice = (
            f"近 24 小时成功率 {share(health.ratio_24h)}，平台在自动重试，原因见推送记录。" if low else RETRYING.advice
        )
        return State(RETRYING.colour, RETRYING.word, advice)
    if not subscribed:
        return UNSUBSCRIBED
    if health.last_event_at:
        return GOOD
    if tested is None:
        return FRESH
    return TESTED if tested.succeeded else UNREACHED


def share(ratio: float | None) -> str:
    """`99.5 %`, never rounded up to 100 %; a dash without tries."""
    if ratio is None:
        return "—"
    tenths = int(ratio * 1000)
    return "100 %" if ratio >= 1 else f"{tenths // 10}.{tenths % 10} %"


def failure(code: int | None, error: str) -> str:
    """How a try went, for people."""
    if code is not None and 200 <= code < 300:
        return f"{code}"
    label = str(FAILURE_LABELS.get(error, error)) if error else ""
    return f"{code}（{label}）" if code and label else str(code or label or "")


def grants_in_words(endpoint: Endpoint) -> str:
    """Which personal fields leave in clear."""
    labels = dict(GrantField.choices)
    granted = "、".join(str(labels.get(name, name)) for name in endpoint.grants)
    return f"明文接收：{granted}；其他个人信息遮盖" if granted else "个人信息全部遮盖"


def secret_hint(secret: Any) -> str:
    """Enough of a secret to tell two apart, not enough to sign: its first and last characters."""
    text = str(secret).removeprefix("whsec_")
    return f"whsec_{text[:3]}…{text[-3:]}"
