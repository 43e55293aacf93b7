"""Templates are laid out in lines for people; pages leave without that. Done once a process and template, not once a page."""

from __future__ import annotations

import re
from typing import Any

from django.template.loaders import filesystem

# An indented line goes on with the one before it; the end of a tag that stands on a line of its own belongs to the tag.
_END_OF_TAG, _INDENT = re.compile(r"\n[ \t]*(/?>)"), re.compile(r"\n[ \t]+")


class Joined(filesystem.Loader):
    """A break and twelve blanks mean as much to a browser as one blank, and are a quarter of a long page. HTML only.

    What is not indented keeps its line: the content of `<pre>`.
    """

    def get_contents(self, origin: Any) -> str:
        """The template with its indented lines joined."""
        contents = super().get_contents(origin)
        return _INDENT.sub(" ", _END_OF_TAG.sub(r"\1", contents)) if str(origin.name).endswith(".html") else contents
