"""The demo accounts of the contract: who they are and what duties they hold. Fictional persons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.hashers import check_password, make_password

from yancheng_childcare.choices import Role
from yancheng_childcare.models import Duty, User

SINCE = date(2024, 1, 1)
# The two institutions the demo operators run (domain.md §1.3: fictional, check digits valid).
OWN_INSTITUTIONS = {"operator_xiaotaiyang": "91320902MA1TYC011T", "operator_yangguang": "91320903MA1TYC02X1"}


@dataclass(frozen=True, slots=True)
class Account:
    """One person with one duty: role, region code, department code."""

    username: str
    display_name: str
    role: str
    region: str = ""
    department: str = ""
    certificate_no: str = ""
    valid_to: date | None = None


ACCOUNTS = (
    Account("registrar_tinghu", "陈登科", Role.REGISTRAR, "320902", "320902-MARKET"),
    Account("registrar_civil", "周文清", Role.REGISTRAR, "320900", "320900-CIVIL"),
    Account("reviewer_tinghu", "王审阅", Role.REVIEWER, "320902", "320902-HEALTH"),
    Account("reviewer_tinghu2", "李复核", Role.REVIEWER, "320902", "320902-HEALTH"),
    Account("chief_tinghu", "赵负责", Role.CHIEF, "320902", "320902-HEALTH"),
    Account("reviewer_dongtai", "孙东台", Role.REVIEWER, "320981", "320981-HEALTH"),
    Account("health_city", "钱统筹", Role.HEALTH_CITY, "320900", "320900-HEALTH"),
    Account("inspector_tinghu1", "吴执法", Role.INSPECTOR, "320902", "320902-HEALTH", "苏卫监09020101"),
    Account("inspector_tinghu2", "郑执法", Role.INSPECTOR, "320902", "320902-HEALTH", "苏卫监09020102"),
    Account(
        "inspector_expired", "冯过期", Role.INSPECTOR, "320902", "320902-HEALTH", "苏卫监09020099", date(2025, 12, 31)
    ),
    Account("head_tinghu", "卫执法负责", Role.HEAD, "320902", "320902-HEALTH"),
    Account("inspector_market1", "褚市监", Role.INSPECTOR, "320902", "320902-MARKET", "苏市监09020201"),
    Account("inspector_market2", "卫市监", Role.INSPECTOR, "320902", "320902-MARKET", "苏市监09020202"),
    Account("head_market", "蒋负责", Role.HEAD, "320902", "320902-MARKET"),
    Account("receiver_fire", "沈消防", Role.RECEIVER, "320902", "320902-FIRE"),
    Account("receiver_market", "韩受理", Role.RECEIVER, "320902", "320902-MARKET"),
    Account("receiver_police", "杨受理", Role.RECEIVER, "320902", "320902-POLICE"),
    Account("planner_tinghu", "朱计划", Role.PLANNER, "320902", "320902-HEALTH"),
    Account("witness_tinghu1", "秦见证", Role.WITNESS, "320902", "320900-AUDIT"),
    Account("witness_tinghu2", "尤见证", Role.WITNESS, "320902", "320900-LEGAL"),
    Account("supervisor_justice", "许监督", Role.JUSTICE, "320900", "320900-LEGAL"),
    Account("grid_tinghu", "网格员小许", Role.GRID, "320902"),
    Account("assessor_a1", "评估员甲", Role.ASSESSOR, "320900", "320900-EVALUATOR"),
    Account("assessor_a2", "评估员乙", Role.ASSESSOR, "320900", "320900-EVALUATOR"),
    Account("credit_city", "何信用", Role.CREDIT, "320900", "320900-CREDIT"),
    Account("legal_city", "吕法制", Role.LEGAL, "320900", "320900-LEGAL"),
    Account("police_tinghu", "施公安", Role.POLICE, "320902", "320902-POLICE"),
    Account("leader_city", "张市长助理", Role.LEADER, "320900", "320900-HEALTH"),
    Account("auditor_city", "孔审计", Role.AUDITOR, "320900", "320900-AUDIT"),
    Account("integrator_health", "卫健对接人", Role.INTEGRATOR, "320902", "320902-HEALTH"),
    Account("integrator_police", "公安对接人", Role.INTEGRATOR, "320902", "320902-POLICE"),
    Account("operator_xiaotaiyang", "曹园长", Role.OPERATOR),
    Account("operator_yangguang", "严园长", Role.OPERATOR),
    # What one of the two grants the other approves.
    Account("admin", "平台管理员", Role.ADMIN, department="320900-PLATFORM"),
    Account("admin2", "平台管理员乙", Role.ADMIN, department="320900-PLATFORM"),
)


def create_accounts(*, password: str) -> dict[str, User]:
    """Create or refresh the demo accounts; returns them by username. Safe to run again; needs the reference data.

    Two service accounts grant and approve the duties, as two persons must; nobody can sign in with them.
    """
    known = User.objects.filter(username="admin").values_list("password", flat=True).first()
    # A new hash of the same password would sign everybody out.
    hashed = known if known and check_password(password, known) else make_password(password)
    granter, approver = (
        User.objects.update_or_create(
            username=name, defaults={"display_name": label, "is_active": False, "password": make_password(None)}
        )[0]
        for name, label in (("demo_granter", "演示授权人"), ("demo_approver", "演示批准人"))
    )
    users: dict[str, User] = {}
    for account in ACCOUNTS:
        defaults: dict[str, Any] = {
            "display_name": account.display_name,
            "password": hashed,
            "is_active": True,
        }
        user, _ = User.objects.update_or_create(username=account.username, defaults=defaults)
        Duty.objects.update_or_create(
            user=user,
            role=account.role,
            region_id=account.region or None,
            department_id=account.department or None,
            uscc=OWN_INSTITUTIONS.get(account.username, ""),
            defaults={
                "certificate_no": account.certificate_no,
                "valid_from": SINCE,
                "valid_to": account.valid_to,
                "granted_by": granter,
                "approved_by": approver,
            },
        )
        users[account.username] = user
    return users
