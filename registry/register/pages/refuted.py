"""Filed facts that officers found otherwise: they stand as the institution's own word, no more (B16)."""

from __future__ import annotations

from typing import Any

# The row of each filed fact that officers may find otherwise.
FACT_LABELS = {
    "floors": "生活用房楼层", "monitoring": "监控全覆盖", "recording_days": "监控全覆盖", "alarm": "一键式报警",
    "insurance": "托育机构责任险", "ratio": "保育人员与婴幼儿", "size": "平均每班在托",
}  # fmt: skip


def mark_refuted(rows: list[dict[str, Any]], facts: dict[str, Any]) -> str:
    """Marks the rows in place; returns what is to be said of the whole block, or ""."""
    labels = {FACT_LABELS[name] for name in facts.get("refuted", []) if name in FACT_LABELS}
    for line in rows:
        if line["label"] in labels:
            said = f"机构填报：{line['value']}" + (f"，{line['note']}" if line["note"] else "")
            line |= {"value": "核实发现不符", "light": "red", "note": said}
    titles = "”“".join(facts.get("questioned", []))
    if not titles:
        return ""
    return f"卫生健康部门核实发现“{titles}”有不符合的内容，见上面“是否合法”。本栏是机构填报，没有得到证实。"
