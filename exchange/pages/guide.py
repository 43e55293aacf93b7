"""How a department connects its system: public, on one page, with a receiver that runs."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from ..choices import DeliveryStatus
from ..delivery.verdicts import BACKOFF_SECONDS
from ..endpoint_settings import SUBSCRIBABLE
from ..signatures import TOLERANCE_SECONDS

EXAMPLE = Path(settings.BASE_DIR) / "docs" / "receiver_example.py"
KNOWN_ANSWER = [
    ("密钥", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
    ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
    ("webhook-timestamp", "1614265330"),
    ("请求体", '{"test": 2432232314}'),
    ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
]
BODY = """{
  "type": "registration.recorded",
  "timestamp": "2026-11-23T09:30:12+08:00",
  "data": {
    "event_id": "0b0e6f0e-8f3f-4c39-9d5e-1f6a2b7c8d90",
    "event_type": "REGISTERED",
    "uscc": "91320902MA1TYC011T",
    "name": "盐城市示例托育服务有限公司",
    "nature": "FORPROFIT",
    "status": "ACTIVE",
    "region_code": "320902",
    "town_code": "320902001",
    "legal_rep_name": "张示例",
    "legal_rep_id_no": "320*************18",
    "contact_phone": "138****1234",
    "registry_org": {"code": "320902-MARKET", "name": "亭湖区市场监督管理局"},
    "record_version": 1,
    "links": {"self": "/api/v1/registrations/91320902MA1TYC011T/"}
  }
}"""
RECEIPT = """POST /api/v1/receipts/
Authorization: Bearer （接口密钥）
Content-Type: application/json

{
  "event_id": "0b0e6f0e-8f3f-4c39-9d5e-1f6a2b7c8d90",
  "handled": true,
  "remark": "已完成安全防范指导",
  "handled_at": "2026-11-25T15:00:00+08:00"
}"""


@lru_cache(maxsize=1)
def example() -> str:
    """The receiver of docs/, which a test runs against the real signer."""
    return EXAMPLE.read_text(encoding="utf-8")


def pause(seconds: int) -> str:
    """`5 秒`, `2 分钟`."""
    return f"{seconds} 秒" if seconds < 60 else f"{seconds // 60} 分钟"


@require_GET
def guide(request: HttpRequest) -> HttpResponse:
    """Steps, headers, signature, retries, receipts, code lists, contact."""
    return render(
        request,
        "exchange/guide.html",
        {
            "heading": "部门系统对接说明",
            "lead": "登记机关录入、变更、注销托育机构登记后，平台立即推送给同级卫生健康部门和所在地公安机关的业务系统。",
            "events": [(choice.value, choice.label) for choice in SUBSCRIBABLE],
            "statuses": DeliveryStatus.choices,
            "pauses": [pause(seconds) for seconds in BACKOFF_SECONDS],
            "tolerance": TOLERANCE_SECONDS // 60,
            "known_answer": KNOWN_ANSWER,
            "body": BODY,
            "receipt": RECEIPT,
            "example": example(),
        },
    )
