"""Honest content under a hostile name: the name is shown, stored and sent back in a header."""

from __future__ import annotations

from .kinds import HARMLESS, HostileFile, named
from .makers import raw_pdf


def under(name: str, filename: str, tries: str, kept: str) -> HostileFile:
    """A good PDF that gets in under the name `kept`."""
    return HostileFile(name, filename, raw_pdf, tries, HARMLESS, named(kept))


def refused(name: str, filename: str, tries: str) -> HostileFile:
    """A good PDF whose name ends in something else."""
    return HostileFile(name, filename, raw_pdf, tries, "FILE-003")


NAMES = [
    under("name-parent", "../../../etc/cron.d/a.pdf", "folders above", "a.pdf"),
    under("name-backslash", "..\\..\\Windows\\a.pdf", "folders above, Windows", "a.pdf"),
    under("name-absolute", "/etc/passwd/a.pdf", "absolute path", "a.pdf"),
    under("name-right-to-left", "证明\u202egpj.pdf", "writing direction turned", "证明gpj.pdf"),
    under("name-nul", "a.exe\0.pdf", "NUL inside", "a.exe.pdf"),
    under("name-header", "a\r\nSet-Cookie: x=1.pdf", "line break for a header", "aSet-Cookie_ x=1.pdf"),
    under("name-300", "长" * 296 + ".pdf", "300 characters", "长" * 96 + ".pdf"),
    under("name-page", '"><img src=x onerror=alert(1)>.pdf', "markup", "___img src=x onerror=alert(1)_.pdf"),
    under("name-reserved", 'a<b>c:d"e|f?g*.pdf', "characters Windows reserves", "a_b_c_d_e_f_g_.pdf"),
    under("name-device", "CON.pdf", "name of a Windows device", "CON_.pdf"),
    under("name-stream", "a.exe:b.pdf", "alternate data stream", "a.exe_b.pdf"),
    under("name-surrogate", "执照\ud800.pdf", "half a character", "执照.pdf"),
    under("name-invisible", "执\u200b照\ufeff.pdf", "invisible characters", "执照.pdf"),
    under("name-trailing", "a.pdf. . ", "dots and blanks at the end", "a.pdf"),
    refused("name-double", "执照.pdf.exe", "two extensions"),
    refused("name-right-to-left-exe", "执照\u202efdp.exe", "looks like exe.pdf turned round"),
    refused("name-nul-exe", "执照.pdf\0.exe", "NUL before the real extension"),
    refused("name-leading-dot", ".pdf", "nothing but an extension"),
    refused("name-empty", "", "no name"),
    refused("name-long-extension", "a.pdf" + "x" * 300, "extension of 300 characters"),
]
