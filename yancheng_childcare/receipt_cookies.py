"""What a page after a form shows once: number and code, in a signed cookie of that one page. It survives a reload, and stands
in no address and no log."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, unquote

from django.conf import settings
from django.http import HttpRequest, HttpResponse

SECONDS = 600


@dataclass(frozen=True, slots=True)
class ReceiptCookie:
    """`path` is the one page that reads it; it lasts ten minutes."""

    name: str
    path: str

    def keep(self, response: HttpResponse, *parts: object) -> HttpResponse:
        """The response with the parts in its cookie."""
        response.set_signed_cookie(
            self.name,
            "|".join(quote(str(part), safe="") for part in parts),
            salt=self.path,
            max_age=SECONDS,
            path=self.path,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
        return response

    def parts(self, request: HttpRequest, number: int) -> list[str]:
        """The parts as they were kept; [] when there is no such cookie of ours any more."""
        raw = str(request.get_signed_cookie(self.name, default="", salt=self.path, max_age=SECONDS))
        found = [unquote(part) for part in raw.split("|")]
        return found if len(found) == number else []
