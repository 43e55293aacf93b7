"""One answer to one question: is the database away?"""

from __future__ import annotations

from django.db import DatabaseError, InterfaceError, OperationalError


def database_is_away(error: BaseException) -> bool:
    """Whether an error says that the database is gone, starting, stopping or too busy: worth trying again later.

    When a backend dies in the middle of a statement, psycopg2 sometimes has no SQLSTATE to go by and raises its bare
    DatabaseError ("server closed the connection unexpectedly"); no error of ours has exactly that class.
    """
    return isinstance(error, (OperationalError, InterfaceError)) or type(error) is DatabaseError
