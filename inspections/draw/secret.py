"""Ids that let everyone check every row while only those who hold a row's salt know whose row it is.

Risk is never public and an unannounced visit stays one (domain-2.md A1 row 11): published rows carry SM3(salt‖key).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from yancheng_childcare.crypto import sm3

from . import canonical

MAP_HEADING = ("kind", "id", "salt", "key")
PLACE, OFFICER = "PLACE", "OFFICER"


def new_salt() -> str:
    """256 random bits as 64 hex digits. A new one for each row of each batch: a salt that is used twice ties the rows
    of two batches together, and a change of weight would tell a change of risk."""
    return secrets.token_hex(32)


def row_id(salt: str, key: str) -> str:
    """SM3 of the salt's hex digits followed by the key (unified code, certificate number): 64 hex digits."""
    return sm3((salt + key).encode()).hex()


def id_map(entries: Iterable[tuple[str, str, str]]) -> bytes:
    """Who is who: of (kind, salt, key) the secret file kind, id, salt, key, by kind and id. Its SM3 is published with
    the pool; a row goes to its institution, all go to witnesses, justice supervisor and auditor."""
    return canonical.write(MAP_HEADING, sorted((kind, row_id(salt, key), salt, key) for kind, salt, key in entries))


def telling(rows: Iterable[tuple[str, int]]) -> list[str]:
    """Of (county, weight): the counties in which all rows have one weight above 1, so that the weight of each place there
    would be known to everyone. Ask it of a pool before it is frozen: in such a county draw all with weight 1."""
    weights: dict[str, set[int]] = {}
    for county, weight in rows:
        weights.setdefault(county, set()).add(weight)
    return sorted(county for county, found in weights.items() if len(found) == 1 and found != {1})
