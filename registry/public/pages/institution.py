"""In the making."""

from ...pages.public import institution

__all__ = ["institution"]
