"""Who listens to what, on one page; connected when the app is ready."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from casework.events import institution_ended
from exchange.models import Receipt
from yancheng_childcare.accounts.single_sign_on import legal_person_came
from yancheng_childcare.deadlines import stop_deadlines, today_here
from yancheng_childcare.models import User

from .accounts.confirming import ask_to_confirm, changed_by
from .accounts.sign_on import person_of
from .filing.services import follow_registration
from .models import Institution, subject_of
from .register.entry import refresh_soon, refresh_stale, renew_entry
from .registration.clocks import POLICE_CLOCK
from .signals import institution_changed, people_changed, registration_ended, representative_changed, table_taken


@receiver(registration_ended)
def end_filings(sender: Any, *, institution: Institution, reason: str, today: date, **kwargs: Any) -> None:
    """Its filings end with the registration (domain.md §2.5), and so do open cases of other types, as their tables say."""
    follow_registration(institution, reason=reason, today=today)
    institution_ended(institution.uscc)


@receiver(representative_changed)
def ask_who_acts_now(sender: Any, *, institution: Institution, **kwargs: Any) -> None:
    """The former representative's codes end; those who act for the institution are asked to be confirmed."""
    ask_to_confirm(institution)


@receiver(legal_person_came)
def sign_on_for_institution(sender: Any, *, uscc: str, subject_index: str, name: str, **kwargs: Any) -> User:
    """Who signs in for an institution at the province acts for it here."""
    return person_of(uscc=uscc, subject_index=subject_index, name=name)


@receiver(institution_changed)
def refresh_register(sender: Any, *, institution_id: int, today: date | None, **kwargs: Any) -> None:
    """The public register is never stale. Who sends this holds the institution's row."""
    renew_entry(institution_id, today=today)


@receiver(table_taken)
def refresh_register_of_authority(sender: Any, *, department: str, **kwargs: Any) -> None:
    """Most rows of a table are new or unfiled: only those on the register are looked at."""
    refresh_stale(department)


@receiver(table_taken)
def ask_who_acts_where_a_table_changed_it(sender: Any, *, department: str, job: str, **kwargs: Any) -> None:
    """The same for every institution whose representative the table changed."""
    for institution in changed_by(job, department):
        ask_to_confirm(institution)


@receiver(people_changed)
def refresh_register_once(sender: Any, *, institution_id: int, **kwargs: Any) -> None:
    """Once after the transaction, however many people it changed."""
    refresh_soon(institution_id)


@receiver(post_save, sender=Receipt, dispatch_uid="registry.receipt_stops_clock")
def receipt_stops_clock(sender: type[Receipt], instance: Receipt, created: bool, **kwargs: Any) -> None:
    """安全防范指导 is done when public security says so, at the desk, by API and whatever comes later."""
    if created and instance.handled and instance.department.kind == "POLICE":
        stop_deadlines(subject_of(instance.subject), POLICE_CLOCK, today=today_here())
