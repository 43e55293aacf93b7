"""What the inspections of the demo city found, and how far each got. All of it is invented."""

from __future__ import annotations

from dataclasses import dataclass, field

STATES = ("REQUESTED", "APPROVED", "NOTIFIED", "ON_SITE", "RECORDED", "TOLD", "OBJECTED", "PUBLISHED")
PARTS = ("设施设备", "人员配置")


@dataclass(frozen=True, slots=True)
class Scene:
    """One inspection: of which institution (`own`: the demo operator's), how many days ago they went, how far it got.

    `wrong` and `seen`: item → note, of the body's own field and of others. `order`: where the order to put right stands,
    `referral`: where the referral of what was seen stands ("" none).
    """

    until: str
    ago: int
    why: str
    kind: str = "DAILY"
    source: str = ""
    own: bool = False
    wrong: dict[str, str] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)
    order: str = ""
    referral: str = ""


SCENES = (
    Scene("REQUESTED", 0, "家长反映下午接孩子时门口无人值守。", "CASE", "12345-2026-1187"),
    Scene("APPROVED", 0, "列入四季度双随机抽查名单。"),
    Scene("NOTIFIED", 0, "列入四季度双随机抽查名单。"),
    Scene("ON_SITE", 0, "家长反映监控回放不全。", "CASE", "12345-2026-1160",
          wrong={"D2-02": "睡眠室 2 号摄像头只能回放 41 天。"}),
    Scene("RECORDED", 1, "列入四季度双随机抽查名单。", wrong={"D2-05": "保健观察室堆放杂物，没有观察床。"}),
    Scene("TOLD", 8, "列入四季度双随机抽查名单。", own=True, wrong={"D2-05": "保健观察室没有设独立洗手设施。"},
          order="RUNNING"),
    Scene("TOLD", 10, "家长反映午睡时段看护人员不足。", "CASE", "12345-2026-1102",
          wrong={"D2-02": "活动室录像保存 62 天，不足 90 天。"}, seen={"D2-09": "二楼走廊应急照明灯两盏不亮。"},
          order="SUBMITTED", referral="SENT"),
    Scene("OBJECTED", 6, "列入四季度双随机抽查名单。", wrong={"D2-06": "盥洗室没有设尿布台。"}),
    Scene("PUBLISHED", 30, "秋季传染病防控专项检查。", "SPECIAL", wrong={"D2-05": "保健观察室没有专用物品。"},
          seen={"D2-09": "安全出口指示牌被展板遮挡。"}, order="CLOSED", referral="HANDLED"),
    Scene("PUBLISHED", 60, "秋季传染病防控专项检查。", "SPECIAL", wrong={"D2-05": "没有设保健观察室。"}, order="OVERDUE"),
)  # fmt: skip
REPORT = {
    "cause": "设施没有按要求配置，日常检查不到位。",
    "measures": "已采购并安装到位，安排专人每周检查一次。",
    "outcome": "已全部改好，现场照片已留存。",
    "prevention": "列入每月安全自查表，由园长签字。",
    "stopped": "",
}
FACTS = "现场查看了全部班级和公共区域，询问了负责人，各项情况见逐项结论。"
