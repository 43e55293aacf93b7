"""Words of casework that are stored: what a case is about, how a letter was served, what became of a proposal."""

from django.db import models


class SubjectKind(models.TextChoices):
    """What a case is about."""

    INSTITUTION = "INSTITUTION", "机构"
    APPLICANT = "APPLICANT", "申请人"
    PLACE = "PLACE", "地点"
    PERSON = "PERSON", "人员"
    ASSESSING_BODY = "ASSESSING_BODY", "评估机构"


class ServiceWay(models.TextChoices):
    """The ways of serving a letter (卫生健康行政处罚程序规定 第五十三条至第五十七条; domain-2.md B2.5)."""

    DIRECT = "DIRECT", "当场交付或者直接送达"
    LEFT = "LEFT", "留置送达"
    ENTRUSTED = "ENTRUSTED", "委托送达"
    POST = "POST", "邮寄送达"
    ELECTRONIC = "ELECTRONIC", "电子送达"
    NOTICE = "NOTICE", "公告送达"


class ProposalOutcome(models.TextChoices):
    """What became of a proposed step."""

    PENDING = "PENDING", "待签批"
    SIGNED = "SIGNED", "已签批"
    REFUSED = "REFUSED", "未同意"
    WITHDRAWN = "WITHDRAWN", "已撤回"
