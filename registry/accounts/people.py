"""The people who act for an institution: a new person, the duty they get, the end of it, and who is told."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from yancheng_childcare.choices import Role
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Duty, User
from yancheng_childcare.notifications import holders, notify
from yancheng_childcare.pieces import take_turns
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.records import log_event

from ..codes import accounts as codes
from ..models import AccountOpening


def duties_for(uscc: str) -> Any:
    """The duties in force by which people act for this institution."""
    return Duty.objects.in_force().filter(role=Role.OPERATOR, uscc=uscc, user__is_active=True).select_related("user")


def serves_an_authority(person: User) -> bool:
    """Whether any duty but an operator's is in force, begins later, or waits for its second administrator."""
    return bool(person.duties.exclude(role=Role.OPERATOR).exclude(valid_to__lt=today_here()).exists())


def new_person(opening: AccountOpening) -> User:
    """An account with the password that was chosen; a user name that is taken gets a number, and is told."""
    take_turns("user names")  # two may choose one name at once
    name, number = opening.username, 2
    # The sign-in does not tell capital letters from small ones.
    while User.objects.filter(username__iexact=name).exists():
        name, number = f"{opening.username}{number}", number + 1
    user = User.objects.create_user(username=name, display_name=opening.display_name)
    if opening.password:
        user.password = opening.password  # hashed when it was entered
        user.save(update_fields=["password"])
    log_event("user.created", subject=f"user:{user.pk}", summary=f"新建用户 {name}（机构开通）", actor=None)
    return user


def give_duty(opening: AccountOpening) -> None:
    """From today, without an end: what an earlier opening gave and was ended begins anew."""
    place = opening.place
    if duties_for(place.uscc).filter(user=opening.person).exists():
        raise Rejected(Problem(codes.HOLDS, "", "这个账号已经可以办理该机构的事项，直接登录即可。"), status=409)
    Duty.objects.update_or_create(
        user=opening.person,
        role=Role.OPERATOR.value,
        region=None,
        department=None,
        uscc=place.uscc,
        defaults={
            "opened_by": opening.no,
            "granted_by": None,
            "approved_by": None,
            "valid_from": today_here(),
            "valid_to": None,
        },
    )


def tell_institution(opening: AccountOpening) -> None:
    """Everybody who acts for the institution, and the reviewers of its county: a new account is nobody's secret."""
    place = opening.place
    words = f"{place.name}新开通一名经办人：{opening.display_name}（{opening.get_path_display()}）。"
    people = [duty.user for duty in duties_for(place.uscc)]
    ask = "不是本机构人员的，请立即在“本机构经办人”里解除，并告知所在县（市、区）卫生健康部门。"
    notify(people, title="新开通了机构经办人", body=words + ask, url=reverse("accounts:colleagues"))
    reviewers = holders(Role.REVIEWER, region_prefix=place.region.prefix)
    there = reverse("accounts:people", args=[place.uscc])
    notify(reviewers, title="机构新开通了经办人", body=words, url=there)
