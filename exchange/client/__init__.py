"""The one outgoing HTTP client: address pinned and checked, no redirects, no proxies, small bounded answers."""

from .addresses import is_never_allowed, touches_never_allowed
from .answers import Answer, Failure
from .sender import Sender
from .targets import Allowed, Target, TargetRefused, addresses_of, check_url, parse, resolve

__all__ = [
    "Allowed",
    "Answer",
    "Failure",
    "Sender",
    "Target",
    "TargetRefused",
    "addresses_of",
    "check_url",
    "is_never_allowed",
    "parse",
    "resolve",
    "touches_never_allowed",
]
