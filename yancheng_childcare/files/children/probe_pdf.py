"""Child process on one hostile PDF: reads it from stdin, answers one frame of JSON.

{"error": code} or {"pages": n, "active": [names]}.
"""

from __future__ import annotations

import io
import re
import sys
import zlib

from frames import send_json

MAX_OBJECTS = 200_000
MAX_DEPTH = 60
# An A3 colour page at 300 dpi unpacks to 52 MB, an A0 plan at 600 dpi in black and white to 70 MB.
MAX_STREAM = 150_000_000
MAX_STREAMS = 1_000_000_000
MAX_IMAGE_PIXELS = 600_000_000

# Keys that make a viewer act, or carry another file (reliability.md T22).
ACTIVE_KEYS = {
    "/JS",
    "/JavaScript",
    "/AA",
    "/EmbeddedFiles",
    "/EF",
    "/RichMedia",
    "/RichMediaContent",
    "/XFA",
    "/OnInstantiate",
    "/SpiderInfo",
    "/OPI",
}
# Where an action stands (ISO 32000-1, 12.6). /A and /Next also name other things, which have no /S.
ACTION_KEYS = {"/A", "/PA", "/Next", "/OpenAction"}
# What a viewer may do on a click. Everything else is refused, also what a later edition of the standard invents.
ALLOWED_ACTIONS = {"/GoTo", "/URI"}
# Actions that are refused wherever they stand: a viewer may find one by a way not known here.
KNOWN_ACTIONS = {
    "/GoToR",
    "/GoToE",
    "/GoToDp",
    "/Launch",
    "/Thread",
    "/Sound",
    "/Movie",
    "/Hide",
    "/Named",
    "/SubmitForm",
    "/ResetForm",
    "/ImportData",
    "/JavaScript",
    "/SetOCGState",
    "/Rendition",
    "/Trans",
    "/GoTo3DView",
    "/RichMediaExecute",
}
# A file elsewhere, named in an action, a thread, a reference or a file specification (7.11): a share named so leaks the
# password hash of whoever opens the page.
FILE_KEYS = {"/F", "/UF", "/DOS", "/Mac", "/Unix"}
ACTIVE_TYPES = {"/EmbeddedFile"}
ACTIVE_SUBTYPES = {"/RichMedia", "/FileAttachment", "/Movie", "/Sound", "/Screen", "/3D"}
HARMLESS_LINK = re.compile(r"(?:https?://[^/\\]|mailto:|tel:)[^\\\x00-\x1f\x7f]*", re.IGNORECASE)
FLATE = {"/FlateDecode", "/Fl"}
PACKING = FLATE | {"/LZWDecode", "/LZW", "/RunLengthDecode", "/RL"}


def probe(data: bytes) -> dict[str, object]:
    """Open strictly (no repair: what we repair, a viewer may read differently), count pages, look for actions."""
    import pikepdf

    try:
        pdf = pikepdf.open(io.BytesIO(data), attempt_recovery=False, suppress_warnings=True)
    except pikepdf.PasswordError:
        return {"error": "encrypted"}
    except (pikepdf.PdfError, ValueError, RuntimeError, RecursionError):
        return {"error": "broken"}
    # What opens without a password is taken: a note like "no printing" hinders no reader, and is looked into like any.
    with pdf:
        try:
            # /Count is a claim: the list of pages is walked
            pages = len(pdf.pages)
            if pages == 0:
                return {"error": "broken"}
            active = sorted(active_content(pdf))
            # two entries of one name: which one counts differs from viewer to viewer
            if any("duplicated key" in warning for warning in pdf.get_warnings()):
                return {"error": "broken"}
            return {"pages": pages, "active": active}
        except (pikepdf.PdfError, ValueError, RuntimeError, RecursionError):
            return {"error": "broken"}


def active_content(pdf) -> set[str]:  # type: ignore[no-untyped-def]  # pikepdf is imported only under the limits
    """Names of what would act: scripts, launches, embedded files, automatic actions."""
    import pikepdf

    found: set[str] = set()
    seen = unpacked = 0
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
            if isinstance(obj, pikepdf.Stream):
                if "/F" in obj:
                    found.add("外部文件")  # the content lies at an address elsewhere
                unpacked += unpacked_size(obj)
                if unpacked > MAX_STREAMS:
                    raise MemoryError("too large")
            for key, child in obj.items():
                found |= judge(key, child)
                if isinstance(child, (pikepdf.Dictionary, pikepdf.Array)):
                    children.append(child)
        else:
            continue
        # indirect objects are visited by the outer list, which also stops cycles
        stack.extend((child, depth + 1) for child in children if not child.is_indirect)
    return found


def unpacked_size(stream) -> int:  # type: ignore[no-untyped-def]
    """Bytes a viewer gets when it opens this stream; measured in pieces, nothing is kept.

    Raises MemoryError over MAX_STREAM, for a picture over MAX_IMAGE_PIXELS, and for packing within packing.
    """
    import pikepdf

    width, height = stream.get("/Width"), stream.get("/Height")
    if isinstance(width, int) and isinstance(height, int) and width * height > MAX_IMAGE_PIXELS:
        raise MemoryError("too many pixels")
    filters = stream.get("/Filter")
    names = [str(f) for f in filters] if isinstance(filters, pikepdf.Array) else [str(filters)]
    packing = [name for name in names if name in PACKING]
    if not packing:
        return 0
    if len(packing) > 1:
        raise MemoryError("packed twice")
    if names[0] in FLATE:
        return inflated_size(stream.read_raw_bytes())
    # old packings and ASCII wrappings: the memory limit of this process stands guard
    size = len(stream.read_bytes(pikepdf.StreamDecodeLevel.specialized))
    if size > MAX_STREAM:
        raise MemoryError("too large")
    return size


def inflated_size(packed: bytes) -> int:
    """The size of a zlib stream; a damaged one counts as far as it can be read. Raises MemoryError over MAX_STREAM."""
    inflate, size = zlib.decompressobj(), 0
    try:
        for start in range(0, len(packed), 65_536):
            piece = packed[start : start + 65_536]
            while piece and not inflate.eof:
                size += len(inflate.decompress(piece, 1_048_576))
                piece = inflate.unconsumed_tail
                if size > MAX_STREAM:
                    raise MemoryError("too large")
    except zlib.error:
        return size
    return size


def judge(key: str, child) -> set[str]:  # type: ignore[no-untyped-def]
    """What one entry of a dictionary says. /OpenAction that only names a page to start on is a destination, not an
    action.
    """
    import pikepdf

    if key in ACTIVE_KEYS:
        return {key[1:]}
    if key in FILE_KEYS and isinstance(child, pikepdf.String):
        return {"外部文件"}
    if key == "/FS" and isinstance(child, pikepdf.Name):
        return {"外部文件"}
    if key == "/Base" and isinstance(child, pikepdf.String):
        return {"URI"}  # turns every relative link into another
    if key == "/URI" and not isinstance(child, pikepdf.Dictionary):
        harmless = isinstance(child, pikepdf.String) and HARMLESS_LINK.fullmatch(str(child))
        return set() if harmless else {"URI"}
    if key in {"/Type", "/Subtype"} and isinstance(child, pikepdf.Name):
        active = ACTIVE_TYPES if key == "/Type" else ACTIVE_SUBTYPES
        return {str(child)[1:]} if str(child) in active else set()
    if key == "/S" and isinstance(child, pikepdf.Name) and str(child) in KNOWN_ACTIONS:
        return {str(child)[1:]}
    return judge_action(key, child) if key in ACTION_KEYS else set()


def judge_action(key: str, child) -> set[str]:  # type: ignore[no-untyped-def]
    """What an action, or each of a list of them, would do. Chains are walked: each /Next is an entry of its own."""
    import pikepdf

    if key == "/OpenAction":
        harmless = isinstance(child, pikepdf.Array) or (
            isinstance(child, pikepdf.Dictionary) and child.get("/S") == "/GoTo" and "/Next" not in child
        )
        return set() if harmless else {"OpenAction"}
    found: set[str] = set()
    for action in child if isinstance(child, pikepdf.Array) else [child]:
        if isinstance(action, pikepdf.Dictionary) and "/S" in action:
            kind = action.get("/S")
            if not (isinstance(kind, pikepdf.Name) and str(kind) in ALLOWED_ACTIONS):
                found.add(str(kind).lstrip("/")[:40] or "A")
    return found


def main() -> int:
    """Read, probe, answer."""
    try:
        answer = probe(sys.stdin.buffer.read())
    except (MemoryError, RecursionError):
        answer = {"error": "complex"}
    send_json(answer)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
