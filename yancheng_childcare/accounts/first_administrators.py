"""The first two administrators of an installation: later ones are granted by one and approved by another."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.utils import timezone

from ..choices import AccountRequestKind, Role
from ..models import Duty, User
from ..problems import Problem, Rejected
from ..records import log_event
from .requests import ask

_LOCK = 0x6669_7273  # two commands at once must not both find nobody


@dataclass(frozen=True, slots=True)
class Person:
    """Who becomes an administrator."""

    username: str
    display_name: str
    email: str = ""


def make_first_administrators(one: Person, other: Person) -> tuple[str, str]:
    """Two accounts with the ADMIN duty, each granted by one and approved by the other; returns their one-time links.

    Raises Rejected when an administrator with a duty in force exists, when both are one person or a user name is taken or
    malformed. All is kept as acts.
    """
    people = (one, other)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        _check(people)
        users = [
            User.objects.create_user(username=p.username, display_name=p.display_name, email=p.email) for p in people
        ]
        links = []
        for user, colleague in zip(users, reversed(users), strict=True):
            duty = Duty.objects.create(
                user=user, role=Role.ADMIN, valid_from=timezone.localdate(), granted_by=user, approved_by=colleague
            )
            log_event(
                "duty.first_administrator",
                subject=f"user:{user.pk}",
                summary=f"首次安装：{user.username} 为平台管理员",
                data={"duty": duty.pk, "role": duty.role, "granted_by": user.pk, "approved_by": colleague.pk},
            )
            _, link = ask(user=user, kind=AccountRequestKind.LINK, actor=None, reason="首次安装", needs_second=False)
            links.append(link)
    return links[0], links[1]


def _check(people: tuple[Person, Person]) -> None:
    if Duty.objects.in_force().filter(role=Role.ADMIN, user__is_active=True).exists():
        words = "已有在用的平台管理员，不能再建立首批管理员。请由现有管理员在后台授予职责，另一名管理员批准。"
        raise Rejected(Problem("GEN-409", "", words), status=409)
    names = [person.username for person in people]
    if len({name.casefold() for name in names}) != len(names):
        raise Rejected(Problem("GEN-422", "", "须为两个不同的人。请给出两个不同的用户名。"))
    taken = sorted(User.objects.filter(username__in=names).values_list("username", flat=True))
    if taken:
        raise Rejected(Problem("GEN-422", "", f"用户名 {'、'.join(taken)} 已被使用，请换一个用户名。"))
    for person in people:
        try:
            UnicodeUsernameValidator()(person.username)
            if person.email:
                validate_email(person.email)
        except ValidationError:
            words = f"{person.username} 的用户名或邮箱格式不对，请检查后重新运行。"
            raise Rejected(Problem("GEN-422", "", words)) from None
