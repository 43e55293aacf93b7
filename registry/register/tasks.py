"""Background work of the public register: the daily look at every entry, the year's snapshot, mails to followers."""

from __future__ import annotations

from smtplib import SMTPException

from celery import shared_task

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.tasks import beat, day_is_done, hand_over

from . import news, report_mail, snapshots, subscriptions
from .daily import refresh_slice

REGISTER = "register"


@shared_task
def refresh_register(after: int = 0, failed: int = 0, day: str = "") -> dict[str, int]:
    """Bring one slice of the entries up to the day; the next slice is a task of its own, behind what waits meanwhile.

    Rung every hour from 01:15: the first run that gets through whole does the day's work. How far it is stands in the
    message (`after`: the last key looked at; `failed` so far; `day` in ISO), so a worker that ends gives it back; a run
    that is lost starts again with the next hour, and what it wrote costs nothing then.

    Returns how many entries of the slice changed and how many failed so far; nothing when the day was done before.
    """
    today = today_here().isoformat()
    if day_is_done(REGISTER) or (day or today) != today:
        return {}
    tally, last = refresh_slice(after)
    failed += tally.failed
    if last:
        hand_over(refresh_register, last, failed, today)
    elif not failed:
        beat(REGISTER)
    return {"refreshed": tally.done, "failed": failed}


@shared_task
def keep_snapshot(year: int | None = None) -> int:
    """Keep the open data of this year when it is not kept yet; returns the files made."""
    return snapshots.keep_snapshot(year=year or today_here().year)


@shared_task
def send_news() -> int:
    """Mail followers what is new; returns the mails sent."""
    return news.send_news()


@shared_task(autoretry_for=(SMTPException, OSError), retry_backoff=30, max_retries=5)
def send_confirmation(subscription_id: int) -> bool:
    """Mail the link that confirms a subscription."""
    return news.send_confirmation(subscription_id=subscription_id)


@shared_task
def purge_subscriptions() -> int:
    """Delete subscriptions that were not confirmed in time; returns how many."""
    return subscriptions.purge_unconfirmed()


@shared_task(autoretry_for=(SMTPException, OSError), retry_backoff=30, max_retries=5)
def send_report_answer(no: str) -> bool:
    """Mail the answer of a report to the address its reporter left."""
    return report_mail.mail_answer(no)
