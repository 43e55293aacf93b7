"""Error codes of inspections. Codes are public: never reuse one, never change its meaning."""

from __future__ import annotations

UNKNOWN = "INS-101"
CREW = "INS-102"
CAP = "INS-103"
MATTER = "INS-104"
SOURCE = "INS-105"
ITEM = "INS-106"
UNFINISHED = "INS-107"
ENTRY = "INS-108"
SIGNED = "INS-109"
NOTICE = "INS-110"
LINES = "INS-111"
TOO_EARLY = "INS-112"
EXTENDED = "INS-113"
RECEIVER = "INS-114"
PLAN = "INS-115"
POOL = "INS-116"
WITNESS = "INS-117"
TOO_SOON = "INS-118"
PENALTY = "INS-119"
TIE = "INS-121"
ENDED = "INS-122"
KIND = "INS-131"
SOURCE_CASE = "INS-132"
HANDLING = "INS-133"
MOMENT = "INS-134"
TOLD = "INS-135"
VIDEO = "INS-136"
CHILDREN = "INS-137"
OBJECTED = "INS-130"
TWO = "INS-138"

CODES = {
    UNKNOWN: "没有这个代码的机构，或者登记已经终止",
    CREW: "检查人员不符合法定条件",
    CAP: "超过公布的年度检查频次上限",
    MATTER: "检查事项没有公布，或者不属于本机关",
    SOURCE: "缺少检查的来源或者上级部署文号",
    ITEM: "逐项结论填写有误，或者不属于本机关判定",
    UNFINISHED: "还有没查完的项目",
    ENTRY: "没有入企登记",
    SIGNED: "没有签名，也没有拒签的原因和见证人",
    NOTICE: "通知书没有发出、已经撤回，或者还没有送达",
    LINES: "没有可以责令改正或者移送的问题",
    TOO_EARLY: "公开前的核对时间还没有过",
    EXTENDED: "已经延期过一次，或者红线问题不能延期",
    RECEIVER: "没有这个领域的接收单位",
    PLAN: "计划没有公布，或者缺少批准文号",
    POOL: "名录不能固化，或者抽查不能进行",
    WITNESS: "两名见证人录入的不一致，或者是同一个人",
    PENALTY: "处罚登记与法定的种类、幅度、前提不符",
    TOO_SOON: "随机源还没有产生，或者已经产生",
    TIE: "回避关系已经登记",
    ENDED: "登记的事项已经停用",
    KIND: "情况与所选的类别不符",
    SOURCE_CASE: "来源线索没有核实为属实，或者已经立案",
    HANDLING: "这一类不能这样处置，或者还有移送没有受理",
    MOMENT: "时间填写有误",
    TOLD: "这一类事件不需要报告这个单位，或者已经报告",
    VIDEO: "录像已经锁定，或者还没有锁定",
    CHILDREN: "只能填写人数和年龄，不能填写姓名",
    OBJECTED: "已经提出过异议，或者提出异议的期限已过",
    TWO: "应由两个人办理的，是同一个人",
}
