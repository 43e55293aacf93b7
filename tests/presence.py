"""A browser whose person has just proved to be there, as the pages behind `Rule.confirmed` demand."""

from __future__ import annotations

import time
from typing import Any

from django.test import Client


def prove_presence(client: Client, user: Any) -> Client:
    """The same browser, its person confirmed now; good for ten minutes."""
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return client
