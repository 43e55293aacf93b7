"""What others tell: an edit of the working-day calendar, a wrong code, the first line of a request's log."""

from __future__ import annotations

from typing import Any

import structlog
from allauth.mfa.signals import authentication_failed
from django.db.models.signals import post_delete, post_save
from django.dispatch import Signal, receiver
from django_structlog.signals import bind_extra_request_metadata

from .accounts.signin_limits import CODE, log_failure
from .callers import address_mark, caller_address
from .models import SpecialDay, User

#: Regions and departments are loaded; an app above loads its own reference data. Sent in a transaction.
reference_loaded = Signal()


@receiver([post_save, post_delete], sender=SpecialDay, dispatch_uid="special_day_changed")
def special_day_changed(sender: type[SpecialDay], instance: SpecialDay, **kwargs: Any) -> None:
    """The edit and the moved due days are one change: both are kept or neither."""
    from .deadlines import recompute_open_deadlines
    from .workdays import forget

    forget()
    recompute_open_deadlines(cause=f"工作日历调整：{instance}")


@receiver(authentication_failed, dispatch_uid="second_factor_failed")
def second_factor_failed(request: Any, user: User, **kwargs: Any) -> None:
    """A wrong code is kept as a wrong password is."""
    log_failure(request, account=user.username, factor=CODE)


@receiver(bind_extra_request_metadata, dispatch_uid="caller_of_the_log")
def caller_of_the_log(request: Any, **kwargs: Any) -> None:
    """Every line of one caller's requests can be told from another's, and none says which address it is."""
    structlog.contextvars.bind_contextvars(caller=address_mark(caller_address(request))[:16])
