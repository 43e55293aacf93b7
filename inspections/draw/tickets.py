"""The seed of a batch and the ticket of a row: SM3 and whole numbers only, so that anyone computes the same.

The idea is RFC 3797's; the weights are those of Efraimidis and Spirakis in integers (a row of weight w holds w tickets,
its smallest counts); domain-2.md "Settled here": weights 1, 2, 4, 8 for risk A, B, C, D.
"""

from __future__ import annotations

import struct

from yancheng_childcare.crypto import sm3

WEIGHTS = (1, 2, 4, 8)
_WORDS = {weight: struct.Struct(f">{weight}I").unpack_from for weight in WEIGHTS}


def seed(fingerprint: str, source: str, no: str) -> str:
    """SM3(fingerprint LF source LF batch number) in 64 hex digits; neither text holds a line feed."""
    return sm3(f"{fingerprint}\n{source}\n{no}".encode()).hex()


def digest(seed: str, row: str) -> bytes:
    """SM3 of the seed's hex digits followed by the id of the row, 32 bytes."""
    return sm3((seed + row).encode())


def ticket(digest: bytes, weight: int) -> int:
    """The smallest of the first `weight` four-byte words (big-endian) of the digest; the smallest tickets win."""
    return min(_WORDS[weight](digest))
