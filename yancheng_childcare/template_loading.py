"""Templates are indented for people; pages leave without it. Done once a process and template, not once a page."""

from __future__ import annotations

import re
from typing import Any

from django.template.loaders import filesystem

_INDENT = re.compile(r"\n[ \t]+")


class Dedented(filesystem.Loader):
    """A line break means as much to a browser as a line break and twelve blanks: a quarter of a long page. HTML only."""

    def get_contents(self, origin: Any) -> str:
        """The template without its indentation; lines keep their numbers."""
        contents = super().get_contents(origin)
        return _INDENT.sub("\n", contents) if str(origin.name).endswith(".html") else contents
