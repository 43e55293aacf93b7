"""A stored file as an answer: shown only where that is safe, and never able to do anything in the reader's name."""

from __future__ import annotations

from django.http import FileResponse

from .files import open_stored
from .models import StoredFile

PDF = "application/pdf"


def sent(stored: StoredFile, *, download: bool = False, name: str = "") -> FileResponse:
    """The content, decrypted. Only pictures and PDFs are shown; all else is downloaded. Who may read it, the caller asked.

    A PDF that is shown may stand in a frame of our own pages, beside what it proves; nothing else may be framed.
    """
    inline = stored.content_type in {"image/jpeg", "image/png", PDF} and not download
    framed = inline and stored.content_type == PDF
    response = FileResponse(
        open_stored(stored),
        as_attachment=not inline,
        filename=name or stored.original_name,
        content_type=stored.content_type,
    )
    response.headers["Content-Length"] = str(stored.size)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "SAMEORIGIN" if framed else "DENY"
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors " + ("'self'" if framed else "'none'")
    )
    return response
