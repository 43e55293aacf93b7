"""A secret that is shown once, on the page after the form: a page loaded again must not send the form again.

Until it is shown it waits in the session, encrypted.
"""

from __future__ import annotations

import orjson
from django.http import HttpRequest

from yancheng_childcare.crypto import decrypt, encrypt

SLOT = "exchange.secret_shown_once"


def keep(request: HttpRequest, about: str, heading: str, secret: str) -> None:
    """Keep `secret` for the page about `about`."""
    request.session[SLOT] = encrypt(orjson.dumps([about, heading, secret]).decode(), SLOT)


def take(request: HttpRequest, about: str) -> tuple[str, str] | None:
    """(heading, secret) for the page about `about`, this once; None when none waits."""
    if request.method != "GET" or SLOT not in request.session:
        return None
    kept, heading, secret = orjson.loads(str(decrypt(request.session.pop(SLOT), SLOT)))
    return (heading, secret) if kept == about else None
