"""Words of the exchange that are stored or sent."""

from django.db import models


class EventType(models.TextChoices):
    """Types of pushed events (product.md D6); later parts add theirs here."""

    REGISTRATION_RECORDED = "registration.recorded", "设立登记"
    REGISTRATION_CHANGED = "registration.changed", "变更登记"
    REGISTRATION_CANCELLED = "registration.cancelled", "注销登记"
    REGISTRATION_REVOKED = "registration.revoked", "吊销或撤销登记"
    FILING_SUBMITTED = "filing.submitted", "提交备案"
    FILING_CORRECTION = "filing.correction_requested", "一次性告知补正"
    FILING_RECORDED = "filing.recorded", "出具备案回执"
    FILING_CONFIRMED = "filing.confirmed", "现场核实符合"
    FILING_NONCONFORMING = "filing.nonconforming", "备案内容不符合"
    FILING_CHANGED = "filing.changed", "变更备案"
    FILING_CANCELLED = "filing.cancelled", "注销备案"
    FILING_RESCINDED = "filing.rescinded", "撤销备案"
    FILING_EXPIRED = "filing.expired", "备案材料到期"
    INSTITUTION_SUSPENDED = "institution.suspended", "停业"
    INSTITUTION_RESUMED = "institution.resumed", "恢复服务"
    INSTITUTION_CLOSED = "institution.closed", "终止服务"
    INSPECTION_EFFECTIVE = "inspection.result_effective", "检查结果公开"
    INSPECTION_ORDERED = "inspection.rectification_ordered", "责令改正"
    INSPECTION_RECTIFIED = "inspection.rectified", "整改完成"
    INSPECTION_OVERDUE = "inspection.overdue", "整改逾期"
    INSPECTION_RESCINDED = "inspection.rescinded", "撤销检查结果或者责令改正"
    INSPECTION_REFERRED = "inspection.referred", "案件移送"
    PING_TEST = "ping.test", "连通测试"


class BodyFormat(models.TextChoices):
    STANDARD = "STANDARD", "标准事件体"
    CLOUDEVENTS = "CLOUDEVENTS", "CloudEvents 结构化"


class EndpointStatus(models.TextChoices):
    WAITING = "WAITING", "待批准"
    ACTIVE = "ACTIVE", "启用"
    PAUSED = "PAUSED", "暂停"
    DISABLED = "DISABLED", "停用（对方返回 410）"
    CLOSED = "CLOSED", "已关闭"


class DeliveryStatus(models.TextChoices):
    """States of one push. DEAD means 需人工处理: it blocks only its own institution and can still be sent again."""

    PENDING = "PENDING", "待推送"
    SENDING = "SENDING", "推送中"
    DELIVERED = "DELIVERED", "已送达"
    ACKED = "ACKED", "已处置"
    RETRY = "RETRY", "等待重试"
    DEAD = "DEAD", "需人工处理"
    SKIPPED = "SKIPPED", "经决定不再推送"


OPEN_STATUSES = ("PENDING", "SENDING", "RETRY", "DEAD")


class GrantField(models.TextChoices):
    """Personal fields an endpoint may get in clear; all others arrive masked (domain.md §1.4, §13.2)."""

    LEGAL_REP_ID_NO = "legal_rep_id_no", "法定代表人证件号码"
    CONTACT_PHONE = "contact_phone", "联系电话"
