"""Limits of the API per caller (settings.REST_FRAMEWORK rates); 429 comes with Retry-After."""

from rest_framework.throttling import AnonRateThrottle, UserRateThrottle


class AnonymousThrottle(AnonRateThrottle):
    """Per address for callers without a key."""


class ClientThrottle(UserRateThrottle):
    """Per user for callers with a key or a session."""
