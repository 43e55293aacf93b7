"""Pictures are encoded anew in a child process: a picture of 25 million pixels takes hundreds of megabytes."""

from __future__ import annotations

import json

from .codes import refuse
from .confined import ChildFailed, Limits, ask

LIMITS = Limits(memory=1024 * 1024 * 1024, cpu_seconds=30, seconds=60, answer=64 * 1024 * 1024)


def reencode(data: bytes, kind: str, *, field: str = "file") -> bytes:
    """The picture encoded again, turned upright. `kind` is "jpeg" or "png".

    A large JPEG comes back scaled down. Raises Rejected: FILE-008 for a PNG over 25 million pixels or a JPEG over 200
    million (refused from the header, before decoding), FILE-009 damaged,
    FILE-022 so many scans or chunks, or so much of both, that reading it takes too long.
    """
    try:
        answer = ask("reencode_picture", [data], LIMITS, field=field, kind=kind)
    except ChildFailed:
        raise refuse("FILE-022", field, found="处理超时或超出内存") from None
    if answer[:1] != b"{":  # no picture starts so
        return answer
    refused = json.loads(answer)
    raise refuse(refused["refuse"], field, **refused["values"])
