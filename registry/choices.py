"""The fixed vocabularies of a registration. Values are stored and sent; labels are shown."""

from __future__ import annotations

from django.db.models import TextChoices


class Nature(TextChoices):
    """What kind of institution it is; decides the registration authority, the certificate and the USCC prefix."""

    PUBLIC = "PUBLIC", "事业单位"
    NONPROFIT = "NONPROFIT", "民办非企业单位"
    FORPROFIT = "FORPROFIT", "营利性企业"
    FORPROFIT_IND = "FORPROFIT_IND", "个体工商户"
    KINDERGARTEN = "KINDERGARTEN", "幼儿园托班"
    EMPLOYER = "EMPLOYER", "用人单位办托"
    HOME = "HOME", "家庭托育点"


class CapitalKind(TextChoices):
    """Enterprises have registered capital; public institutions and social-service bodies have start-up funds."""

    REGISTERED = "REGISTERED", "注册资本"
    STARTUP = "STARTUP", "开办资金"


class RegistrationStatus(TextChoices):
    """State of a registration; all but ACTIVE are final (domain.md §1.4)."""

    ACTIVE = "ACTIVE", "存续"
    CANCELLED = "CANCELLED", "注销"
    REVOKED = "REVOKED", "吊销"
    RESCINDED = "RESCINDED", "撤销"


class RegistrationEvent(TextChoices):
    """What happened to a registration; each is pushed to the health and public-security departments."""

    REGISTERED = "REGISTERED", "设立登记"
    REG_CHANGED = "REG_CHANGED", "变更登记"
    REG_CANCELLED = "REG_CANCELLED", "注销登记"
    REG_REVOKED = "REG_REVOKED", "吊销或撤销登记"


class CertificateType(TextChoices):
    """The certificate an institution holds (domain.md §1.1)."""

    PUBLIC_INSTITUTION = "PUBLIC_INSTITUTION", "事业单位法人证书"
    NON_ENTERPRISE = "NON_ENTERPRISE", "民办非企业单位登记证书"
    BUSINESS_LICENCE = "BUSINESS_LICENCE", "营业执照"
    KINDERGARTEN_LICENCE = "KINDERGARTEN_LICENCE", "办学许可证和法人证书"
    HOST_CERTIFICATE = "HOST_CERTIFICATE", "举办单位证照"


class EntryChannel(TextChoices):
    """How a registration came into the portal."""

    FORM = "FORM", "页面填报"
    API = "API", "接口报送"
    IMPORT = "IMPORT", "批量导入"
    DEMO = "DEMO", "演示数据"


CERTIFICATE_BY_NATURE: dict[str, str] = {
    Nature.PUBLIC: CertificateType.PUBLIC_INSTITUTION,
    Nature.NONPROFIT: CertificateType.NON_ENTERPRISE,
    Nature.FORPROFIT: CertificateType.BUSINESS_LICENCE,
    Nature.FORPROFIT_IND: CertificateType.BUSINESS_LICENCE,
    Nature.KINDERGARTEN: CertificateType.KINDERGARTEN_LICENCE,
    Nature.EMPLOYER: CertificateType.HOST_CERTIFICATE,
    Nature.HOME: CertificateType.BUSINESS_LICENCE,
}


class Regime(TextChoices):
    """The law may turn filing into licensing (托育服务法草案): which one applies on a day is data (regimes.csv)."""

    FILING = "FILING", "备案"
    PERMIT = "PERMIT", "许可"


class FilingKind(TextChoices):
    """Why a filing case was opened."""

    INITIAL = "INITIAL", "首次备案"
    REFILE = "REFILE", "迁址重新备案"


class FilingStatus(TextChoices):
    """States of a filing (domain.md §2.5); CHANGE_SUBMITTED and SUSPENDED are the portal's own ([A])."""

    DRAFT = "DRAFT", "草稿"
    SUBMITTED = "SUBMITTED", "待审查"
    SUPPLEMENT = "SUPPLEMENT", "待补正"
    REJECTED = "REJECTED", "不予收件"
    RECEIPTED = "RECEIPTED", "已出回执"
    VERIFYING = "VERIFYING", "现场核实中"
    FILED = "FILED", "已备案"
    NONCONFORMING = "NONCONFORMING", "备案内容不符合"
    CHANGING = "CHANGING", "变更填报中"
    CHANGE_SUBMITTED = "CHANGE_SUBMITTED", "变更待审查"
    SUSPENDED = "SUSPENDED", "停业"
    CANCELLED = "CANCELLED", "已注销"
    RESCINDED = "RESCINDED", "已撤销"


# States before the receipt: at most one such case per institution.
OPEN_FILING = (FilingStatus.DRAFT, FilingStatus.SUBMITTED, FilingStatus.SUPPLEMENT)
# States after it in which the filing is on the public register: at most one such case per institution.
LIVE_FILING = (
    FilingStatus.RECEIPTED,
    FilingStatus.VERIFYING,
    FilingStatus.FILED,
    FilingStatus.NONCONFORMING,
    FilingStatus.CHANGING,
    FilingStatus.CHANGE_SUBMITTED,
    FilingStatus.SUSPENDED,
)


class PremisesTenure(TextChoices):
    """By what right the premises are used."""

    OWNED = "OWNED", "自有"
    LEASED = "LEASED", "租赁"
    FREE_USE = "FREE_USE", "无偿使用"


class OutdoorKind(TextChoices):
    """Whose outdoor ground the children use (58 号文 lets institutions use public ground nearby)."""

    OWN = "OWN", "自有场地"
    SHARED = "SHARED", "借用附近公共场地"
    NONE = "NONE", "没有室外场地"


class OrgForm(TextChoices):
    """How the institution is set up (domain.md, annex A)."""

    STANDALONE = "STANDALONE", "独立设置"
    COMMUNITY = "COMMUNITY", "社区托育"
    KINDERGARTEN_CLASS = "KINDERGARTEN_CLASS", "幼儿园托班"
    EMPLOYER = "EMPLOYER", "用人单位办托"
    HOME = "HOME", "家庭托育点"
    COMPREHENSIVE_CENTER = "COMPREHENSIVE_CENTER", "托育综合服务中心"


class ServiceMode(TextChoices):
    """Forms of care (国卫办人口发〔2019〕25号 附件)."""

    FULL_DAY = "FULL_DAY", "全日托"
    HALF_DAY = "HALF_DAY", "半日托"
    HOURLY = "HOURLY", "计时托"
    TEMP = "TEMP", "临时托"


class ClassType(TextChoices):
    """Kinds of classes by age (国卫人口发〔2019〕58号 设置标准第19条)."""

    INFANT = "INFANT", "乳儿班（6–12个月）"
    TODDLER_S = "TODDLER_S", "托小班（12–24个月）"
    TODDLER_L = "TODDLER_L", "托大班（24–36个月）"
    MIXED = "MIXED", "混合班（18个月以上）"


class MealMode(TextChoices):
    """Whether and how meals are given."""

    NONE = "NONE", "不供餐"
    CANTEEN = "CANTEEN", "自办食堂"
    OUTSOURCED = "OUTSOURCED", "外购配餐"


class PostRole(TextChoices):
    """Posts in an institution (domain.md §9.1)."""

    PRINCIPAL = "PRINCIPAL", "机构负责人"
    CARER = "CARER", "保育人员"
    HEALTH = "HEALTH", "卫生保健人员"
    COOK = "COOK", "炊事人员"
    GUARD = "GUARD", "保安人员"
    MANAGER = "MANAGER", "综合管理人员"
    EXTERNAL = "EXTERNAL", "外聘人员"


class Education(TextChoices):
    """Highest education, lowest first."""

    JUNIOR = "JUNIOR", "初中及以下"
    SENIOR = "SENIOR", "高中（中专）"
    COLLEGE = "COLLEGE", "大专"
    BACHELOR = "BACHELOR", "本科及以上"


class CredentialKind(TextChoices):
    """Papers of a person (domain.md §4 M03a–M03e, §9)."""

    HEALTH = "HEALTH", "健康合格证"
    CRIMINAL_CHECK = "CRIMINAL_CHECK", "违法犯罪记录查询告知函"
    FOOD_HEALTH = "FOOD_HEALTH", "餐饮从业健康证明"
    CHILDCARE = "CHILDCARE", "保育师、育婴员等职业证书"
    MAJOR = "MAJOR", "学前、护理等相关专业学历"
    DIPLOMA = "DIPLOMA", "学历证书"
    PRINCIPAL_TRAINING = "PRINCIPAL_TRAINING", "负责人岗位培训合格证"
    HEALTH_TRAINING = "HEALTH_TRAINING", "卫生保健培训合格证"
    NURSE = "NURSE", "护士或医师证"
    GUARD_LICENCE = "GUARD_LICENCE", "保安员证"
    GUARD_CONTRACT = "GUARD_CONTRACT", "保安派驻合同"


class DiscrepancyKind(TextChoices):
    """What institutions state differently of one person, to be decided by health staff."""

    NAME = "NAME", "姓名不一致"
    EDUCATION = "EDUCATION", "学历不一致"
    FULL_TIME = "FULL_TIME", "在两家机构登记全职"
    RECORD = "RECORD", "违法犯罪记录查询结果"


# States in which the institution writes, and those that wait for the authority.
EDITED_FILING = (FilingStatus.DRAFT, FilingStatus.SUPPLEMENT, FilingStatus.CHANGING, FilingStatus.NONCONFORMING)
FILING_IN_REVIEW = (
    FilingStatus.SUBMITTED,
    FilingStatus.RECEIPTED,
    FilingStatus.VERIFYING,
    FilingStatus.CHANGE_SUBMITTED,
)


class MaterialStatus(TextChoices):
    """Where a material stands (domain.md, annex A)."""

    PENDING = "PENDING", "待核验"
    VALID = "VALID", "有效"
    EXPIRING = "EXPIRING", "即将到期"
    EXPIRED = "EXPIRED", "已到期"
    REVOKED = "REVOKED", "已吊销"
    REJECTED = "REJECTED", "未通过"


class RuleLevel(TextChoices):
    """BLOCK stops the submission; FAIL must be put right; WARN only advises (domain.md §3.1)."""

    BLOCK = "BLOCK", "不能提交"
    FAIL = "FAIL", "不符合标准"
    WARN = "WARN", "提醒"


class ItemVerdict(TextChoices):
    """A reviewer's verdict on one item."""

    CONFORMS = "CONFORMS", "符合"
    NONCONFORMS = "NONCONFORMS", "不符合"
    SUPPLEMENT = "SUPPLEMENT", "需补正"
    NOT_APPLICABLE = "NOT_APPLICABLE", "不适用"


class NoticeKind(TextChoices):
    """Letters to the institution."""

    CORRECTION = "CORRECTION", "一次性告知书"
    NONCONFORMING = "NONCONFORMING", "备案内容不符合告知书"
    REJECTION = "REJECTION", "不予收件告知书"
    CHANGE_REFUSAL = "CHANGE_REFUSAL", "不予变更备案决定书"
    RESCISSION = "RESCISSION", "撤销备案决定书"


# Letters the institution answers item by item; the others decide, and are objected to (行政复议).
ANSWERED_NOTICES = frozenset({NoticeKind.CORRECTION, NoticeKind.NONCONFORMING})


class ProposalOutcome(TextChoices):
    """What became of a proposal."""

    PENDING = "PENDING", "待签批"
    APPROVED = "APPROVED", "已签批"
    REFUSED = "REFUSED", "未同意"
    WITHDRAWN = "WITHDRAWN", "已撤回"


class PauseReason(TextChoices):
    """Why a clock may stand still; product.md H names correction and site check, the others are [A], to be confirmed."""

    EXPERTISE = "EXPERTISE", "需要检验、检测、鉴定或者专家评审"
    OTHER_AUTHORITY = "OTHER_AUTHORITY", "等待其他机关出具的结论"
    FORCE_MAJEURE = "FORCE_MAJEURE", "不可抗力"
    INVESTIGATION = "INVESTIGATION", "材料真实性正在核查"


class PublicStatus(TextChoices):
    """Filing states the public can filter by; each stands for the internal states of `PUBLIC_STATES`."""

    FILED = "FILED", "已备案"
    VERIFYING = "VERIFYING", "已备案（核实中）"
    NONCONFORMING = "NONCONFORMING", "备案内容不符合"
    SUSPENDED = "SUSPENDED", "停业"
    CANCELLED = "CANCELLED", "备案已注销"
    RESCINDED = "RESCINDED", "备案已撤销"
    UNFILED = "UNFILED", "已登记、未备案"
    ENDED = "ENDED", "登记已终止"


# Few public words for many internal states (domain.md §2.5, column 对公众).
PUBLIC_STATES: dict[str, str] = {
    FilingStatus.RECEIPTED: PublicStatus.VERIFYING,
    FilingStatus.VERIFYING: PublicStatus.VERIFYING,
    FilingStatus.FILED: PublicStatus.FILED,
    FilingStatus.CHANGING: PublicStatus.FILED,
    FilingStatus.CHANGE_SUBMITTED: PublicStatus.FILED,
    FilingStatus.NONCONFORMING: PublicStatus.NONCONFORMING,
    FilingStatus.SUSPENDED: PublicStatus.SUSPENDED,
    FilingStatus.CANCELLED: PublicStatus.CANCELLED,
    FilingStatus.RESCINDED: PublicStatus.RESCINDED,
}
# 已备案, the one number of it; NONCONFORMING is on the list and counted apart (domain-2.md).
FILED_STATES = tuple(
    state
    for state, shown in PUBLIC_STATES.items()
    if shown in {PublicStatus.FILED, PublicStatus.VERIFYING, PublicStatus.SUSPENDED}
)
LISTED_STATES = (PublicStatus.FILED, PublicStatus.VERIFYING, PublicStatus.NONCONFORMING, PublicStatus.SUSPENDED)


class Grade(TextChoices):
    """Levels of the portal's own scheme (domain.md §6.2 [A]); "" is 未评价."""

    A = "A", "优秀"
    B = "B", "良好"
    C = "C", "合格"
    D = "D", "不合格"


class PublicChangeKind(TextChoices):
    """What a subscriber is told of."""

    STATUS = "STATUS", "备案状态"
    NAME = "NAME", "名称"
    ADDRESS = "ADDRESS", "地址"
    PRINCIPAL = "PRINCIPAL", "负责人"
    PLACES = "PLACES", "托位"
    FEES = "FEES", "收费"
    GRADE = "GRADE", "等级"
    INSPECTION = "INSPECTION", "检查结果"
    CREDIT = "CREDIT", "信用"


class SubscriptionTarget(TextChoices):
    """What can be followed."""

    INSTITUTION = "INSTITUTION", "机构"
    AREA = "AREA", "地区"


class ReportKind(TextChoices):
    """What the public can tell us here; complaints have a case of their own."""

    ERROR = "ERROR", "信息有误"
    UNFILED = "UNFILED", "名录外机构"


class OpeningPath(TextChoices):
    """By what an account for an institution is opened."""

    CODE = "CODE", "登记机关发给的开通码"
    MATCH = "MATCH", "法定代表人信息，经审核"
    SSO = "SSO", "法人统一身份认证"
    INVITED = "INVITED", "本机构邀请"


class OpeningStatus(TextChoices):
    """States of the opening of an account."""

    ISSUED = "ISSUED", "待使用"
    SUBMITTED = "SUBMITTED", "待审核"
    OPENED = "OPENED", "已开通"
    REFUSED = "REFUSED", "未开通"
    VOID = "VOID", "已作废"


class ReportOutcome(TextChoices):
    """What became of it."""

    CORRECTED = "CORRECTED", "属实，已更正"
    FOLLOWED_UP = "FOLLOWED_UP", "属实，已依法处理"
    UNFOUNDED = "UNFOUNDED", "经核对无误"
    UNVERIFIABLE = "UNVERIFIABLE", "无法核实"
