"""The one outgoing HTTP client: address pinned and checked, no redirects, no proxies, small bounded answers."""

from .answers import Answer, Failure
from .sender import Sender
from .targets import Allowed, Target, TargetRefused, check_url, parse, resolve

__all__ = ["Allowed", "Answer", "Failure", "Sender", "Target", "TargetRefused", "check_url", "parse", "resolve"]
