"""Stored words of inspections: kinds of visit, fields of law, severities, verdicts, results."""

from django.db import models


class VisitKind(models.TextChoices):
    """Kinds of administrative inspection (domain-2.md B2.1). Guidance, clues and evaluations are none and stand elsewhere."""

    DAILY = "DAILY", "日常检查（双随机）"
    SPECIAL = "SPECIAL", "专项检查"
    CASE = "CASE", "个案检查"
    REINSPECT = "REINSPECT", "整改复查"
    FILING_VERIFY = "FILING_VERIFY", "备案核实"


class Field(models.TextChoices):
    """Whose field of law an item belongs to; the words are those of `Department.kind`."""

    HEALTH = "HEALTH", "卫生健康"
    MARKET = "MARKET", "市场监管"
    FIRE = "FIRE", "消防"
    POLICE = "POLICE", "公安"
    HURD = "HURD", "住房城乡建设"
    ECO = "ECO", "生态环境"
    HRSS = "HRSS", "人力资源社会保障"
    EDU = "EDU", "教育"
    DRC = "DRC", "发展改革"
    FINANCE = "FINANCE", "财政"
    TAX = "TAX", "税务"


class Severity(models.TextChoices):
    MINOR = "MINOR", "一般"
    MAJOR = "MAJOR", "较重"
    CRITICAL = "CRITICAL", "严重"
    RED = "RED", "红线"


class Verdict(models.TextChoices):
    MET = "MET", "符合"
    NOT_MET = "NOT_MET", "不符合"
    NOT_CHECKED = "NOT_CHECKED", "未查"
    NOT_APPLICABLE = "NA", "不适用"


class NoticeMode(models.TextChoices):
    """The notice is served at the latest on arrival (domain-2.md A1 row 11)."""

    ADVANCE = "ADVANCE", "事先送达"
    ON_ARRIVAL = "ON_ARRIVAL", "到场出示"


class Entry(models.TextChoices):
    """扫码入企, in both directions (domain-2.md A1 row 13)."""

    OFFICER = "OFFICER", "执法人员扫机构码"
    OPERATOR = "OPERATOR", "机构扫检查码"
    NONE = "NONE", "没有扫码"


class ResultClass(models.TextChoices):
    """How an inspection is published (domain-2.md B2.7); put right on the spot is a remark, no class."""

    CLEAN = "CLEAN", "未发现问题"
    ORDERED = "ORDERED", "发现问题已责令改正"
    PENDING = "PENDING", "发现问题待后续处理"
    REFUSED = "REFUSED", "不配合检查情节严重"
    NOT_FOUND = "NOT_FOUND", "通过登记的住所（经营场所）无法联系"
    NO_ACTIVITY = "NO_ACTIVITY", "未发现开展本次抽查涉及的经营活动"


class PenaltyKind(models.TextChoices):
    """The steps of article 41 that health decides (domain-2.md B2.6)."""

    WARNING = "WARNING", "警告"
    FINE = "FINE", "罚款"
    STOP = "STOP", "责令停止托育服务，并处罚款"


class TieKind(models.TextChoices):
    """Why an officer stays away from an institution (行政处罚法 第四十三条; kinds: [A], domain.md §5.3)."""

    FAMILY = "FAMILY", "近亲属任职或者持股"
    CHILD = "CHILD", "子女在托"
    WORKED = "WORKED", "三年内在此任职"
    DISPUTE = "DISPUTE", "有纠纷"
    OTHER = "OTHER", "其他可能影响公正的关系"


class UnlicensedKind(models.TextChoices):
    """Who cares for children without papers, or without having filed (domain.md §5.10; domain-2.md A1 row 20)."""

    NO_LICENCE = "NO_LICENCE", "无任何证照"
    BEYOND = "BEYOND", "超登记范围"
    UNFILED = "UNFILED", "已登记未备案"
    KINDERGARTEN = "KINDERGARTEN", "幼儿园托班未备案"
    HOME = "HOME", "住宅收托超过 5 人"


class IncidentKind(models.TextChoices):
    """What happened to a child or in the house (domain-2.md C3); what others decide is suspected until they do."""

    ABUSE = "ABUSE", "涉嫌虐待、性侵害、伤害或者面临危险"
    DOMESTIC = "DOMESTIC", "疑似家庭暴力"
    LOST = "LOST", "走失、被错接"
    ACCIDENT = "ACCIDENT", "生产安全事故（死亡或者重伤）"
    FIRE = "FIRE", "火灾"
    FOOD = "FOOD", "疑似食物中毒"
    EMERGENCY = "EMERGENCY", "突发公共卫生事件"
    CLUSTER = "CLUSTER", "传染病病例聚集"
    INJURY = "INJURY", "意外伤害就医"


class ToldTo(models.TextChoices):
    """Who is told of an incident."""

    POLICE = "POLICE", "公安（110）"
    FIRE = "FIRE", "消防（119）"
    EMERGENCY = "EMERGENCY", "县级应急管理部门"
    HEALTH = "HEALTH", "县级卫生健康部门"
    MARKET = "MARKET", "县级市场监管部门"
    CDC = "CDC", "疾控中心（乡镇由卫生院）"
    GOVERNMENT = "GOVERNMENT", "所在地人民政府"
    CIVIL = "CIVIL", "民政部门"
    EDU = "EDU", "教育部门"
    GUARDIAN = "GUARDIAN", "监护人"
