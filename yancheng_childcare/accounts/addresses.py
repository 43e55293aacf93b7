"""E-mail addresses of people: only an address the person confirmed counts (security.md H7).

`User.email` shows the address in effect or, until it is confirmed, the one an administrator entered. What counts for
mail and for the password reset is allauth's `EmailAddress` with `verified`, and it becomes verified only by a link
that the signed-in person opened (`pages.account.ConfirmEmail`). Somebody without a confirmed address gets a new
password from the administrators.
"""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction

from ..masking import mask_email
from ..models import User
from ..notifications import notify
from ..records import log_event

PAGE = "/accounts/email/"


def confirmed_address(user: User) -> str:
    """The address the person confirmed, or ""."""
    found = EmailAddress.objects.get_verified(user)
    return str(found.email) if found else ""


@transaction.atomic
def enter_address(*, user: User, address: str, actor: Any) -> None:
    """An administrator enters, changes or (with "") removes the address of a person.

    The former address is told and stops to count at once: it may be lost or in wrong hands. The new one counts when
    the person has confirmed it. Nothing happens when it is the confirmed one already.
    """
    former = confirmed_address(user)
    if address and address.lower() == former:
        return
    EmailAddress.objects.filter(user=user).delete()
    if user.email != address.lower():
        user.email = address.lower()
        user.save(update_fields=["email"])
    if user.email:
        EmailAddress.objects.create(user=user, email=user.email)
    log_event(
        "account.email_entered",
        subject=f"user:{user.pk}",
        summary=f"登记 {user} 的电子邮箱，待本人确认" if address else f"删除 {user} 的电子邮箱",
        actor=actor,
        data={"to": mask_email(user.email), "from": mask_email(former)},
    )
    words = (
        f"管理员为您登记了电子邮箱 {mask_email(user.email)}。请到“电子邮箱”页面发送确认邮件，确认后才会启用。"
        if address
        else "管理员删除了您的电子邮箱，今后不再向它发送提醒，也不能用它重置密码。"
    )
    notify(
        [user], title="电子邮箱已由管理员变更", body=f"{words}如有疑问，请联系本单位管理员。", url=PAGE, mail_to=former
    )
