"""The table and the JSON of a crash run."""

from __future__ import annotations

import json
import os
import unicodedata
from dataclasses import asdict, dataclass, field
from pathlib import Path

from local.paths import ROOT

from .checker import Findings

LABELS = {
    "lost": "丢失",
    "duplicates": "重复生效",
    "order": "顺序错乱",
    "phantoms": "无中生有",
    "unkept": "已答复却未保存",
    "silent": "台账与事件不符",
    "unhealed": "未在 60 秒内恢复",
    "signatures": "签名不符",
    "writes": "写入方遇到意外",
}
EXAMPLES = 5


@dataclass(slots=True)
class Outcome:
    """The figures of one run; seconds are wall-clock."""

    naive: bool
    seed: int
    seconds: float
    api: bool
    events: int
    pushes: int
    acknowledged: int
    faults: int
    faults_by_kind: dict[str, int]
    arrivals: int
    absorbed: int
    receiver_moods: dict[str, int]
    receiver_restarts: int
    tries: int
    writer_repeats: int
    surprises: dict[str, int]
    statuses: dict[str, int]
    heal_seconds: float | None
    target_reached: bool
    load_average: float
    counts: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def take(self, findings: Findings) -> None:
        """Add the verdict, with a few examples of each violation."""
        self.counts = findings.counts()
        self.examples = {name: getattr(findings, name)[:EXAMPLES] for name, number in self.counts.items() if number}

    @property
    def passed(self) -> bool:
        """The real push must hold everything; the naive one must be caught losing, or the harness shows nothing."""
        if self.naive:
            return self.counts["lost"] > 0
        return self.target_reached and not any(self.counts.values())


def write(outcome: Outcome) -> Path:
    """`build/chaos.json`, or `build/chaos-naive.json`."""
    path = ROOT / "build" / ("chaos-naive.json" if outcome.naive else "chaos.json")
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({**asdict(outcome), "passed": outcome.passed}, ensure_ascii=False, indent=2) + "\n")
    return path


def table(outcome: Outcome) -> str:
    """What a person reads at the end."""
    heal = "未恢复" if outcome.heal_seconds is None else f"{outcome.heal_seconds:.1f} 秒"
    rows = [
        ("方案", "对照：一事件一任务加重试" if outcome.naive else "发件箱"),
        ("随机种子", str(outcome.seed)),
        ("故障阶段", f"{outcome.seconds:.0f} 秒"),
        ("写入途径", "服务层与接口各半" if outcome.api else "服务层（接口尚未开放）"),
        ("事件 / 应推送", f"{outcome.events} / {outcome.pushes}"),
        ("写入方得到答复", f"{outcome.acknowledged}（因断线重发 {outcome.writer_repeats} 次）"),
        ("注入故障", str(outcome.faults)),
        *((f"  {kind}", str(number)) for kind, number in sorted(outcome.faults_by_kind.items())),
        ("接收端重启", str(outcome.receiver_restarts)),
        *((f"  接收端 {mood}", str(number)) for mood, number in sorted(outcome.receiver_moods.items())),
        ("到达次数", str(outcome.arrivals)),
        ("重复到达（已去重）", str(outcome.absorbed)),
        ("最后一次故障后恢复", heal),
        ("机器负载（1 分钟 / 核数）", f"{outcome.load_average:.1f} / {os.cpu_count()}"),
        *((LABELS[name], str(number)) for name, number in outcome.counts.items()),
    ]
    width = max(_width(label) for label, _ in rows) + 2
    lines = [label + " " * (width - _width(label)) + value for label, value in rows]
    for name, examples in outcome.examples.items():
        lines += [f"例：{LABELS[name]}", *(f"  {example}" for example in examples)]
    lines += [f"意外：{what} × {times}" for what, times in outcome.surprises.items()]
    if not outcome.target_reached and not outcome.naive:
        lines.append("没有达到要求的推送数或故障数。")
    return "\n".join([*lines, _verdict(outcome)])


def _verdict(outcome: Outcome) -> str:
    if outcome.naive:
        return "结论：对照方案确有丢失，演练有效" if outcome.passed else "结论：对照方案没有丢失，演练说明不了问题"
    return "结论：通过" if outcome.passed else "结论：未通过"


def _width(text: str) -> int:
    """Columns on a terminal: Chinese counts double."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
