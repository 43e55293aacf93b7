"""The connectivity test: a signed `ping.test` through the same client, checks and headers as every push."""

from __future__ import annotations

import uuid
from typing import Any

import orjson
from django.db.models.functions import Now
from django.utils import timezone

from yancheng_childcare.masking import mask_text
from yancheng_childcare.records import log_event

from .bodies import Content, compose
from .choices import EventType
from .client import Sender, TargetRefused, parse
from .client.answers import FAILURE_LABELS, Answer, Failure
from .delivery.lanes import push_headers
from .delivery.views import allowed_targets, view_of
from .models import Endpoint
from .rights import refuse_closed


def ping(*, endpoint: Endpoint, actor: Any = None) -> dict[str, Any]:
    """Send one test event now and say what came back; takes at most the endpoint's timeout. Call outside a transaction.

    Result: `ok`, `code` (HTTP status or None), `error` (word of `Failure`), `message` (Chinese), `latency_ms`,
    `response` (masked, at most 4 kB), `webhook_id`. A good answer also ends the pause of an open circuit.
    Raises Rejected 409 (EXC-106) for a closed endpoint.
    """
    refuse_closed(endpoint)
    now = timezone.now()
    webhook_id = f"msg_{uuid.uuid4().hex}_{endpoint.pk.hex[:12]}"
    allowed = allowed_targets({endpoint.department_id}).get(endpoint.department_id, ())
    answer = _send(endpoint, allowed, webhook_id, now)
    if answer.ok:
        Endpoint.objects.filter(pk=endpoint.pk, circuit_until__isnull=False).update(circuit_until=Now())
    log_event(
        "endpoint.pinged",
        subject=f"exchange.endpoint:{endpoint.pk}",
        summary=f"向“{endpoint.name}”发送测试",
        actor=actor,
        region_prefix=endpoint.department.region.prefix,
        data={"code": answer.code, "error": answer.error, "latency_ms": answer.latency_ms},
        succeeded=answer.ok,
    )
    return {
        "ok": answer.ok,
        "code": answer.code,
        "error": answer.error,
        "message": _message(answer),
        "latency_ms": answer.latency_ms,
        "response": mask_text(answer.excerpt)[:4096],
        "webhook_id": webhook_id,
    }


def _send(endpoint: Endpoint, allowed: Any, webhook_id: str, now: Any) -> Answer:
    try:
        target = parse(endpoint.url)
    except TargetRefused:
        return Answer(None, Failure.REFUSED_TARGET, 0)
    view = view_of(endpoint, allowed, now)
    data = orjson.dumps({"message": "这是一次连通测试，不含任何登记信息。"}).decode()
    content = Content(str(uuid.uuid4()), EventType.PING_TEST.value, "", 1, now, data, None)
    body = compose(content, body_format=view.body_format, grants=(), webhook_id=webhook_id)
    sender = Sender(target, view.allowed)
    try:
        return sender.post(push_headers(view, webhook_id, body), body, timeout=view.timeout)
    finally:
        sender.close()


def _message(answer: Answer) -> str:
    if answer.ok:
        return f"对方已收下测试事件（{answer.code}，{answer.latency_ms} 毫秒）。"
    if answer.code is not None:
        hint = "重定向视为失败，请填写最终地址。" if 300 <= answer.code < 400 else "请对方检查验签和接收程序。"
        return f"对方返回 {answer.code}，不算送达。{hint}"
    return f"{FAILURE_LABELS[answer.error]}。请核对接收地址、允许名单和网络。"
