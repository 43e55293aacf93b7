"""A parent reads the published results of inspections: wide and on a phone, without stumbling."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import Page, expect

from registry.models import PublicEntry
from registry.register.results import show_result

from .test_parent_pages import look

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def finding(text: str, state: str, words: str, day: str | None = None) -> dict[str, Any]:
    """One finding as it is published."""
    return {"text": text, "state": state, "state_text": words, "day": day}


def published(uscc: str) -> None:
    """Two results, with a finding in every state."""
    common = {"body": "亭湖区卫生健康委员会", "looked": 12, "matter": "托育机构卫生保健和安全管理检查"}
    wrong = [
        finding("监控全覆盖生活活动区域、24h、录像≥90天", "OVERDUE", "整改逾期", "2026-10-22"),
        finding("空气质量检测合格；通风换气", "RECTIFYING", "整改中（限期2026年12月22日）", "2026-12-22"),
        finding("母乳/奶制品冰箱专用且测温", "CORRECTED", "已改正（2026年11月3日）", "2026-11-03"),
        finding("保健观察室≥6㎡、观察床≥1", "FIXED", "已当场改正"),
        finding("床位一人一床，不用双层床，床距与防跌落", "ADVICE", "建议改进"),
    ]
    rows = [
        {"no": "YC-JC-2026-900001", "on": "2026-05-11", "published_on": "2026-06-02", "kind": "日常检查（双随机）",
         "not_met": 0, "result": "CLEAN", "result_text": "未发现问题", "findings": []},
        {"no": "YC-JC-2026-900002", "on": "2026-09-28", "published_on": "2026-10-20", "kind": "专项检查",
         "not_met": len(wrong), "result": "ORDERED", "result_text": "发现问题已责令改正", "findings": wrong},
    ]  # fmt: skip
    with transaction.atomic():
        for row in rows:
            show_result(uscc, {**common, **row}, news=str(row["result_text"]))


@pytest.mark.parametrize("width", [1280, 375])
def test_results_are_read(width: int, page: Page, live_server: Any, city: None) -> None:
    found = PublicEntry.objects.listed().exclude(capacity_total=None).order_by("institution_id").first()
    assert found is not None
    published(found.uscc)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{live_server.url}/institutions/{found.uscc}/")
    block = page.locator("#supervision")
    expect(block).to_contain_text("整改逾期")
    expect(block.get_by_role("listitem").filter(has_text="专项检查：发现问题已责令改正")).to_be_visible()
    wrong: list[str] = []
    look(page, f"results_{width}", wrong)
    page.goto(f"{live_server.url}/institutions/{PublicEntry.objects.listed().last().uscc}/")  # type: ignore[union-attr]
    expect(page.locator("#supervision")).to_contain_text("还没有公开的检查结果")
    assert not wrong, "\n".join(wrong)
