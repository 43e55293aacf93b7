"""Background work of the public register: the year's snapshot, mails to followers, addresses nobody confirmed."""

from __future__ import annotations

from smtplib import SMTPException

from celery import shared_task

from yancheng_childcare.deadlines import today_here

from . import news, reporting, snapshots, subscriptions


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
    return reporting.mail_answer(no)
