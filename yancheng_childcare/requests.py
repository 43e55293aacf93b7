"""The request as it reaches a page behind the policy: somebody is signed in."""

from django.http import HttpRequest

from .models import User


class SignedInRequest(HttpRequest):
    """`PolicyMiddleware` let it through on a route that is not public, so `user` is a person."""

    user: User
    # The person's roles that opened the route with this method (`permissions.opening_roles`).
    roles: frozenset[str]
