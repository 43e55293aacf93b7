"""What tests of the decision pages share: addresses, posts, and the words of a letter."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.test import Client
from django.utils import timezone

from casework.documents.render import render_html
from registry.filing import letters, previews
from registry.models import Filing, Notice


def text_of(html: str) -> str:
    """The words of a page without markup and blanks."""
    return re.sub(r"\s+", "", unescape(re.sub(r"<[^>]+>", "", html)))


def page(client: Client, filing: Filing, name: str) -> str:
    """The address of a decision page."""
    return f"/desk/review/{filing.no}/{name}/"


def send(client: Client, filing: Filing, name: str, **data: Any) -> Any:
    """Post a decision on the version the case has now."""
    seen = {"record_version": str(Filing.objects.get(pk=filing.pk).record_version)}
    return client.post(page(client, filing, name), {**seen, **data})


def twin_of(notice: Notice, approved_by: str = "") -> str:
    """The HTML twin of a letter that went out, built as the letter itself is."""
    return render_html(
        letters.notice(
            notice.filing,
            notice.kind,
            number=notice.number,
            items=notice.items,
            issued_on=timezone.localdate(notice.issued_at),
            due_on=notice.due_on,
            round=notice.round,
            cause=notice.cause,
            approved_by=approved_by,
        )
    )


def same_words(preview: Any, sent: str, number: str) -> bool:
    """Whether a preview and the letter sent say the same, but for the number and the words that it is a preview."""
    sent_words = text_of(sent).replace(number, "")
    shown = text_of(preview).replace(previews.NUMBER_LATER, "").replace("预览，未发出", "")
    return shown == sent_words
