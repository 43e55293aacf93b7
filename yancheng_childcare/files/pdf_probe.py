"""Runs as a child process on one hostile PDF: reads it from stdin, prints one line of JSON.

Started by `pdfs.py` as a plain script, so it must import nothing of the portal. The limits are set before pikepdf is
loaded; a file that exhausts them kills only this process. Output: {"error": code} or {"pages": n, "active": [names]}.
"""

from __future__ import annotations

import io
import json
import resource
import sys

MEMORY_BYTES = 768 * 1024 * 1024
CPU_SECONDS = 10
MAX_OBJECTS = 200_000
MAX_DEPTH = 60

# Keys that make a viewer act, or carry another file (reliability.md T22).
ACTIVE_KEYS = {"/JS", "/JavaScript", "/AA", "/EmbeddedFiles", "/EF", "/RichMedia", "/RichMediaContent", "/XFA"}
ACTIVE_ACTIONS = {
    "/JavaScript",
    "/Launch",
    "/SubmitForm",
    "/ImportData",
    "/GoToE",
    "/GoToR",
    "/Rendition",
    "/Movie",
    "/Sound",
}
ACTIVE_TYPES = {"/EmbeddedFile"}


def limit() -> None:
    """Cap memory, processor time and written files of this process."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def probe(data: bytes) -> dict[str, object]:
    """Open strictly (no repair: what we repair, a viewer may read differently), count pages, look for actions."""
    import pikepdf

    try:
        pdf = pikepdf.open(io.BytesIO(data), attempt_recovery=False, suppress_warnings=True)
    except pikepdf.PasswordError:
        return {"error": "encrypted"}
    except (pikepdf.PdfError, ValueError, RuntimeError, RecursionError):
        return {"error": "broken"}
    with pdf:
        if pdf.is_encrypted:
            return {"error": "encrypted"}
        try:
            # /Count is a claim: the list of pages is walked
            pages = len(pdf.pages)
            if pages == 0:
                return {"error": "broken"}
            return {"pages": pages, "active": sorted(active_content(pdf))}
        except (pikepdf.PdfError, ValueError, RuntimeError, RecursionError):
            return {"error": "broken"}


def active_content(pdf) -> set[str]:  # type: ignore[no-untyped-def]  # pikepdf is imported only under the limits
    """Names of what would act: scripts, launches, embedded files, automatic actions."""
    import pikepdf

    found: set[str] = set()
    seen = 0
    stack = [(obj, 0) for obj in pdf.objects]
    stack.append((pdf.trailer, 0))
    while stack:
        obj, depth = stack.pop()
        seen += 1
        if seen > MAX_OBJECTS or depth > MAX_DEPTH:
            raise MemoryError("too complex")
        if isinstance(obj, pikepdf.Array):
            children = [child for child in obj if isinstance(child, (pikepdf.Dictionary, pikepdf.Array))]
        elif isinstance(obj, (pikepdf.Dictionary, pikepdf.Stream)):
            children = []
            for key, child in obj.items():
                found |= judge(key, child)
                if isinstance(child, (pikepdf.Dictionary, pikepdf.Array)):
                    children.append(child)
        else:
            continue
        # indirect objects are visited by the outer list, which also stops cycles
        stack.extend((child, depth + 1) for child in children if not child.is_indirect)
    return found


def judge(key: str, child) -> set[str]:  # type: ignore[no-untyped-def]
    """What one entry of a dictionary says. /OpenAction that only names a page to start on is a destination, not an
    action.
    """
    import pikepdf

    if key in ACTIVE_KEYS:
        return {key[1:]}
    if key == "/OpenAction":
        harmless = isinstance(child, pikepdf.Array) or (
            isinstance(child, pikepdf.Dictionary) and child.get("/S") == "/GoTo" and "/Next" not in child
        )
        return set() if harmless else {"OpenAction"}
    if key in {"/S", "/Type", "/Subtype"} and isinstance(child, pikepdf.Name):
        name = str(child)
        if (
            name in ACTIVE_TYPES
            or (key == "/S" and name in ACTIVE_ACTIONS)
            or name in {"/RichMedia", "/FileAttachment"}
        ):
            return {name[1:]}
    return set()


def main() -> int:
    """Read, probe, answer."""
    data = sys.stdin.buffer.read()
    limit()
    try:
        answer = probe(data)
    except (MemoryError, RecursionError):
        answer = {"error": "complex"}
    sys.stdout.write(json.dumps(answer))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
