"""Every error code of a filing and what it means. Codes are public: never reuse one, never change its meaning.

FIL-0xx single answers · FIL-1xx what a step needs · FIL-2xx materials · rules answer with their own ids (R-…).
"""

from __future__ import annotations

FILING_REQUIRED = "FIL-001"
FILING_CHOICE = "FIL-002"
FILING_VALUE = "FIL-003"
FILING_NUMBER_RANGE = "FIL-004"
SECTION_UNKNOWN = "FIL-005"
SECTION_STALE = "FIL-006"
SECTION_LOCKED = "FIL-007"

MATERIAL_MISSING = "FIL-101"
SECTION_INCOMPLETE = "FIL-102"
PLEDGE_UNSIGNED = "FIL-103"
REGISTRATION_ENDED = "FIL-104"
ALREADY_OPEN = "FIL-105"
REPLIES_MISSING = "FIL-106"
NOTHING_TO_CORRECT = "FIL-107"
ITEM_OPEN = "FIL-108"
SECOND_NOTICE = "FIL-109"
PROPOSAL_MISSING = "FIL-110"
SECOND_PERSON = "FIL-111"
TWO_OFFICERS = "FIL-112"
SITE_CHECK_OPEN = "FIL-113"
SITE_CHECK_FAILED = "FIL-114"
REASON_REQUIRED = "FIL-115"
CLOSURE_DUTIES = "FIL-116"
NOTHING_CHANGED = "FIL-117"
MOVE_IS_NEW = "FIL-118"
PAUSE_REASON = "FIL-119"
NOT_PAUSED = "FIL-120"
NONCONFORM_REASON = "FIL-121"
RECTIFICATION_MISSING = "FIL-122"
LEGAL_REVIEW = "FIL-123"
PAUSED = "FIL-124"
WAIVER_REASON = "FIL-125"
STEP_UNKNOWN = "FIL-126"
PLEDGE_SIGNER = "FIL-130"
PLEDGE_EXPLAIN = "FIL-131"
DECISION_BASIS = "FIL-132"

MATERIAL_UNKNOWN = "FIL-201"
MATERIAL_TOO_MANY = "FIL-202"
MATERIAL_NO_PAGES = "FIL-203"
MATERIAL_DETAILS = "FIL-204"
MATERIAL_PAGE_TWICE = "FIL-205"

CODES: dict[str, str] = {
    FILING_REQUIRED: "必填项没有填写",
    FILING_CHOICE: "选项不在列表中",
    FILING_VALUE: "数值、日期、电话或邮箱的格式不对",
    FILING_NUMBER_RANGE: "数值超出范围",
    SECTION_UNKNOWN: "没有这个栏目",
    SECTION_STALE: "这一栏已被他人更新，手上的版本过期",
    SECTION_LOCKED: "当前状态下这一栏不能修改",
    MATERIAL_MISSING: "缺少必需的材料",
    SECTION_INCOMPLETE: "栏目没有填完",
    PLEDGE_UNSIGNED: "承诺书没有签署",
    PLEDGE_SIGNER: "签署人不是登记的法定代表人或在岗的机构负责人，也没有授权委托书",
    PLEDGE_EXPLAIN: "不符合的事项没有说明",
    DECISION_BASIS: "不予变更或撤销备案没有写明依据",
    REGISTRATION_ENDED: "机构登记不在存续状态",
    ALREADY_OPEN: "该机构已有一件正在办理或有效的备案",
    REPLIES_MISSING: "告知书中还有事项没有答复",
    NOTHING_TO_CORRECT: "没有任何一项的审查结论是“需补正”",
    ITEM_OPEN: "还有审查项没有结论，或结论与决定不一致",
    SECOND_NOTICE: "已经告知过一次，再次告知要写明首次未告知的原因并经负责人签批",
    PROPOSAL_MISSING: "没有待签批的提议",
    SECOND_PERSON: "这一步必须由另一人办理",
    TWO_OFFICERS: "现场核实人员少于 2 人，或有人应当回避",
    SITE_CHECK_OPEN: "现场核实还没有完成",
    SITE_CHECK_FAILED: "现场核实有不符合项",
    REASON_REQUIRED: "没有写明理由",
    CLOSURE_DUTIES: "终止或停业应尽的义务还没有完成",
    NOTHING_CHANGED: "没有任何改动",
    MOVE_IS_NEW: "迁址应当重新备案，不能办理变更",
    PAUSE_REASON: "暂停时限没有选择法定事由",
    NOT_PAUSED: "时限没有暂停",
    NONCONFORM_REASON: "不符合的理由没有逐条对应规则",
    RECTIFICATION_MISSING: "没有写明整改情况",
    LEGAL_REVIEW: "没有法制审核意见，或审核不同意",
    PAUSED: "时限暂停期间不能办理这一步",
    WAIVER_REASON: "豁免规则没有写明理由和依据",
    STEP_UNKNOWN: "没有这个办理步骤",
    MATERIAL_UNKNOWN: "没有这种材料",
    MATERIAL_TOO_MANY: "一份材料的页数或文件数超过上限",
    MATERIAL_NO_PAGES: "材料没有上传文件",
    MATERIAL_DETAILS: "材料的出具单位、日期或有效期填写有误",
    MATERIAL_PAGE_TWICE: "同一个文件在这份材料里已经有了",
}
