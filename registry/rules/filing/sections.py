"""What a filing asks, section by section: names of domain.md §2.3, at most ten fields a page, asked once.

What the registration already says (name, code, address, legal representative) is shown, never asked again. People and
materials are sections without fields of their own: they have their own pages.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ...choices import ClassType, MealMode, OrgForm, OutdoorKind, PremisesTenure, ServiceMode

YES_NO = (("yes", "是"), ("no", "否"))
PUBLISHED = "备案后公布在机构页面，家长可以看到"
REACHED = "审查和现场核实人员要写明事由才能查看，查看留痕"
FLOORS = (("-1", "地下或半地下"), ("1", "一层"), ("2", "二层"), ("3", "三层"), ("4", "四层及以上"))


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One question. `kind`: text, day, choice, choices, yesno, area, whole, percent, money, phone, email.

    `shown_if` names another field of the section and the answers under which this one is asked.
    """

    name: str
    label: str
    kind: str = "text"
    hint: str = ""
    required: bool = True
    limit: int = 100
    choices: tuple[tuple[str, Any], ...] = ()
    unit: str = ""
    personal: bool = False
    shown_if: tuple[str, tuple[str, ...]] | None = None

    def asked(self, answers: dict[str, Any]) -> bool:
        """Whether the question applies to these answers."""
        return self.shown_if is None or answers.get(self.shown_if[0]) in self.shown_if[1]


@dataclass(frozen=True, slots=True)
class SectionSpec:
    """One task of the list; `fields` is empty where the section has pages of its own."""

    name: str
    title: str
    lead: str
    fields: tuple[FieldSpec, ...] = field(default=())

    def field_named(self, name: str) -> FieldSpec | None:
        """The field of this name."""
        return next((spec for spec in self.fields if spec.name == name), None)


BASICS = SectionSpec(
    "basics",
    "机构与联系人",
    "登记信息由登记机关推送，已经带入，这里只补充备案需要的内容。",
    (
        FieldSpec(
            "service_address", "实际经营地址", limit=200, hint="与住所一致的照抄；不一致的写实际收托婴幼儿的地址"
        ),
        FieldSpec("address_difference", "与住所不一致的原因", required=False, limit=200, hint="一致的不填"),
        FieldSpec("org_form", "办托形式", "choice", choices=tuple(OrgForm.choices)),
        FieldSpec("chain_brand", "连锁品牌", required=False, hint="不是连锁的不填"),
        FieldSpec("is_inclusive_applied", "是否申报普惠托育", "yesno", choices=YES_NO),
        FieldSpec("contact_name", "备案联系人", limit=50),
        FieldSpec(
            "contact_phone", "联系人电话", "phone", limit=40, personal=True, hint=f"加密保存，不对外公开；{REACHED}"
        ),
        FieldSpec(
            "contact_email",
            "联系人邮箱",
            "email",
            required=False,
            personal=True,
            hint=f"选填，加密保存，不对外公开；{REACHED}",
        ),
        # Said to parents, not to officers: never the contact's own number (PIPL 第6条).
        FieldSpec("public_phone", "对外电话", "phone", required=False, limit=40, hint=PUBLISHED),
        FieldSpec(
            "opening_hours", "开放时间", required=False, limit=60, hint=f"例如 周一至周五 7:30–17:30；{PUBLISHED}"
        ),
    ),
)
PREMISES = SectionSpec(
    "premises",
    "场地与建筑",
    "对照产权证、租赁合同和平面图填写。",
    (
        FieldSpec("premises_tenure", "服务场所性质", "choice", choices=tuple(PremisesTenure.choices)),
        FieldSpec("lease_from", "租赁（使用）开始日期", "day", shown_if=("premises_tenure", ("LEASED", "FREE_USE"))),
        FieldSpec(
            "lease_to",
            "租赁（使用）结束日期",
            "day",
            hint="租赁期不少于 3 年",
            shown_if=("premises_tenure", ("LEASED", "FREE_USE")),
        ),
        FieldSpec("floor_area", "机构建筑面积", "area", unit="平方米"),
        FieldSpec("usable_area", "室内使用面积", "area", unit="平方米"),
        FieldSpec("living_area", "婴幼儿生活用房面积", "area", unit="平方米"),
        FieldSpec("living_floors", "生活用房所在楼层", "choices", choices=FLOORS, hint="可多选"),
        FieldSpec("building_age", "房屋建成年数", "whole", unit="年", hint="不足一年的填 0"),
    ),
)
SURROUNDINGS = SectionSpec(
    "surroundings",
    "室外场地与环境",
    "请按现场实际情况填写，核实人员会逐项查看。",
    (
        FieldSpec("outdoor_kind", "室外活动场地", "choice", choices=tuple(OutdoorKind.choices)),
        FieldSpec(
            "outdoor_area", "室外活动场地面积", "area", unit="平方米", shown_if=("outdoor_kind", ("OWN", "SHARED"))
        ),
        FieldSpec("window_ratio", "窗洞面积占房间面积", "percent", unit="%", hint="生活用房里最小的一间"),
        FieldSpec("faces_west", "生活用房是否朝西", "yesno", choices=YES_NO),
        FieldSpec("west_shading", "朝西的是否有遮阳", "yesno", choices=YES_NO, shown_if=("faces_west", ("yes",))),
        FieldSpec("near_hazard", "附近是否有污染源、加油站或易燃易爆场所", "yesno", choices=YES_NO),
        FieldSpec("evacuation_doors", "50 平方米以上的房间是否都有两个疏散门", "yesno", choices=YES_NO),
    ),
)
FACILITIES = SectionSpec(
    "facilities",
    "设施与管理制度",
    "没有的如实填写，可以一边整改一边办理。",
    (
        FieldSpec("health_room_area", "保健观察室面积", "area", unit="平方米", hint="没有的填 0"),
        FieldSpec("observation_beds", "儿童观察床", "whole", unit="张"),
        FieldSpec("monitoring_coverage", "监控是否覆盖全部生活和活动区域", "yesno", choices=YES_NO),
        FieldSpec("recording_days", "监控录像保存", "whole", unit="天"),
        FieldSpec("one_key_alarm", "是否装有一键式报警", "yesno", choices=YES_NO),
        FieldSpec("liability_insurance", "是否购买托育机构责任险", "yesno", choices=YES_NO),
        FieldSpec(
            "emergency_plans",
            "应急预案",
            "whole",
            unit="类",
            hint="自然灾害、传染病、食物中毒、踩踏、火灾、暴力，共 6 类",
        ),
        FieldSpec("hygiene_rules", "卫生消毒、病儿隔离、传染病预防制度是否齐全", "yesno", choices=YES_NO),
        FieldSpec(
            "parent_committee", "是否成立家长委员会", "yesno", choices=YES_NO, hint="还没有收托的，填写是否已经筹备"
        ),
    ),
)
CLASS_FIELDS = (
    FieldSpec("class_name", "班级名称", limit=30),
    FieldSpec("class_type", "班型", "choice", choices=tuple(ClassType.choices)),
    FieldSpec("places", "托位数", "whole", unit="个"),
    FieldSpec("enrolled", "现有婴幼儿", "whole", unit="人", hint="还没有收托的填 0"),
    FieldSpec("youngest_months", "最小月龄", "whole", required=False, unit="个月"),
    FieldSpec("oldest_months", "最大月龄", "whole", required=False, unit="个月"),
    FieldSpec("combined_area", "睡眠区与活动区合用面积", "area", required=False, unit="平方米", hint="分开设置的不填"),
    FieldSpec("sleep_area", "睡眠区面积", "area", required=False, unit="平方米", hint="合用的不填"),
    FieldSpec("activity_area", "活动区面积", "area", required=False, unit="平方米", hint="合用的不填"),
    FieldSpec("catering_area", "配餐区面积", "area", required=False, unit="平方米"),
    FieldSpec("cleaning_area", "清洁区面积", "area", required=False, unit="平方米"),
    FieldSpec("toilet_area", "卫生间面积", "area", required=False, unit="平方米"),
    FieldSpec("storage_area", "储藏区面积", "area", required=False, unit="平方米"),
)
MAX_CLASSES = 60
CLASSES = SectionSpec(
    "classes",
    "班级与托位",
    "逐班填写；托位总数按各班托位自动合计，不用另填。",
    (
        FieldSpec("service_modes", "服务形式", "choices", choices=tuple(ServiceMode.choices), hint="可多选"),
        FieldSpec("capacity_total", "托位总数", "whole", unit="个"),
    ),
)
FEES = SectionSpec(
    "fees",
    "供餐与收费",
    "没有的项目不填。收费会在公开页面显示。",
    (
        FieldSpec("meal_mode", "供餐方式", "choice", choices=tuple(MealMode.choices)),
        FieldSpec(
            "food_samples", "是否留样", "yesno", choices=YES_NO, shown_if=("meal_mode", ("CANTEEN", "OUTSOURCED"))
        ),
        FieldSpec("fee_full_day", "全日托保育费", "money", required=False, unit="元/月"),
        FieldSpec("fee_half_day", "半日托保育费", "money", required=False, unit="元/月"),
        FieldSpec("fee_hourly", "计时托保育费", "money", required=False, unit="元/小时"),
        FieldSpec("fee_temp", "临时托保育费", "money", required=False, unit="元/天"),
        FieldSpec("fee_meal", "膳食费", "money", required=False, unit="元/天"),
        FieldSpec("prepaid_months", "一次最多预收", "whole", required=False, unit="个月"),
    ),
)
PEOPLE = SectionSpec("people", "人员", "人员在台账中登记一次，每次备案自动带入。")
MATERIALS = SectionSpec("materials", "材料上传", "可以拍照上传，一份材料可以有多页。")
PLEDGE = SectionSpec("pledge", "承诺书签署", "核对无误后由法定代表人或负责人签署。")

SECTIONS = (BASICS, PREMISES, SURROUNDINGS, FACILITIES, CLASSES, FEES, PEOPLE, MATERIALS, PLEDGE)
BY_NAME = {section.name: section for section in SECTIONS}
FORM_SECTIONS = tuple(section for section in SECTIONS if section.fields)
