"""Words of the kernel that are stored: roles, kinds of department, levels of region."""

from django.db import models


class RegionLevel(models.TextChoices):
    CITY = "CITY", "设区市"
    COUNTY = "COUNTY", "县（市、区）"
    ZONE = "ZONE", "开发区"
    TOWN = "TOWN", "镇（街道）"


class CodeKind(models.TextChoices):
    """Where a region's code comes from; the two zones have none in GB/T 2260 (domain.md §11.1)."""

    GB2260 = "GB2260", "GB/T 2260"
    STAT = "STAT", "统计用代码"
    LOCAL = "LOCAL", "本平台自编"


class Role(models.TextChoices):
    """What a person may be in this portal; the rights of each stand in `permissions.py`."""

    REGISTRAR = "REGISTRAR", "登记机关经办人"
    REVIEWER = "REVIEWER", "县级卫健受理岗"
    CHIEF = "CHIEF", "县级卫健负责人"
    HEALTH_CITY = "HEALTH_CITY", "市卫健委"
    INSPECTOR = "INSPECTOR", "持证执法人员"
    GRID = "GRID", "镇街网格员"
    ASSESSOR = "ASSESSOR", "评估机构人员"
    CREDIT = "CREDIT", "信用管理人员"
    LEGAL = "LEGAL", "法制审核人员"
    POLICE = "POLICE", "公安机关经办人"
    LEADER = "LEADER", "市领导"
    AUDITOR = "AUDITOR", "审计管理员"
    INTEGRATOR = "INTEGRATOR", "部门系统对接人"
    HEAD = "HEAD", "执法单位负责人"
    RECEIVER = "RECEIVER", "移送受理人员"
    PLANNER = "PLANNER", "抽查计划编制人员"
    WITNESS = "WITNESS", "抽查见证人"
    JUSTICE = "JUSTICE", "司法行政执法监督人员"
    OPERATOR = "OPERATOR", "托育机构经办人"
    ADMIN = "ADMIN", "平台管理员"


# Reviewers and above must use a second factor in production (contract.md, demo accounts).
SECOND_FACTOR_ROLES = frozenset(set(Role.values) - {Role.OPERATOR})


class AccountRequestKind(models.TextChoices):
    """What an administrator may ask for on somebody's account."""

    LINK = "LINK", "一次性链接（设置密码、恢复停用的账号）"
    SECOND_FACTOR = "FACTOR", "重置第二因子"
    EMAIL = "EMAIL", "更改电子邮箱"


class ClockKind(models.TextChoices):
    WORKDAYS = "WORKDAYS", "工作日"
    DAYS = "DAYS", "自然日"


#: Acts that only the auditors read: looks at full personal data, files that were opened, tables that were taken along.
LOOK, LOOK_ALERT = "personal.read", "personal.read_in_bulk"
LOOKS = (LOOK, LOOK_ALERT, "file.read", "registry.exported", "deliveries.exported")
