"""A secret that is shown once, on the page after the form: a page loaded again must not send the form again.

Until it is shown it waits in the session, encrypted. One waits at a time: it is made by a form and read by the next page.
"""

from __future__ import annotations

import orjson
from django.http import HttpRequest

from .crypto import decrypt, encrypt

SLOT = "secret_shown_once"


def keep(request: HttpRequest, about: str, secret: str, heading: str = "") -> None:
    """Keep `secret` for the page about `about`, which may be told a heading of its own."""
    request.session[SLOT] = encrypt(orjson.dumps([about, heading, secret]).decode(), SLOT)


def take(request: HttpRequest, about: str) -> tuple[str, str] | None:
    """(secret, heading) for the page about `about`, this once; None when none waits for it. Any other page leaves it."""
    if request.method != "GET" or SLOT not in request.session:
        return None
    kept, heading, secret = orjson.loads(str(decrypt(request.session[SLOT], SLOT)))
    if kept != about:
        return None
    del request.session[SLOT]
    return secret, heading
