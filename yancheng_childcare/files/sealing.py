"""Content as it lies on the disk: pieces under SM4-GCM (GB/T 32907), each bound to its file, place and being the last.

Every content has a random key of its own, so the pieces may simply be counted as nonces. The key is kept in the row of
the file, encrypted with the field keys: changing those never touches a file. A missing, moved or changed piece, or a
content under another file's name, does not open.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import IO
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

MAGIC = b"YCF1"
PIECE_BYTES = 256 * 1024
KEY_BYTES, TAG_BYTES = 16, 16


class ContentDamaged(Exception):
    """The content on the disk is not what was written, or its key is another's. Never carries content."""


def new_key() -> bytes:
    """A key for one content."""
    return os.urandom(KEY_BYTES)


def sealed(data: bytes, key: bytes, content: UUID) -> Iterator[bytes]:
    """The bytes to write for `data`. The key must never have been used before."""
    yield MAGIC
    whole = memoryview(data)
    count = max(1, -(-len(data) // PIECE_BYTES))
    for number in range(count):
        cipher = Cipher(algorithms.SM4(key), modes.GCM(_nonce(number, number == count - 1))).encryptor()
        cipher.authenticate_additional_data(MAGIC + content.bytes)
        yield cipher.update(whole[number * PIECE_BYTES : (number + 1) * PIECE_BYTES]) + cipher.finalize() + cipher.tag


def opened(file: IO[bytes], key: bytes, content: UUID) -> Iterator[bytes]:
    """The content piece by piece; nothing is given before its piece was found unchanged. Raises ContentDamaged."""
    if file.read(len(MAGIC)) != MAGIC:
        raise ContentDamaged(f"{content}: no sealed content")
    number, piece = 0, file.read(PIECE_BYTES + TAG_BYTES)
    while True:
        after = file.read(PIECE_BYTES + TAG_BYTES)
        yield _open_piece(piece, key, content, number, not after)
        if not after:
            return
        number, piece = number + 1, after


def _open_piece(piece: bytes, key: bytes, content: UUID, number: int, last: bool) -> bytes:
    if len(piece) < TAG_BYTES:
        raise ContentDamaged(f"{content}: cut off")
    nonce = modes.GCM(_nonce(number, last), piece[-TAG_BYTES:])
    cipher = Cipher(algorithms.SM4(key), nonce).decryptor()
    cipher.authenticate_additional_data(MAGIC + content.bytes)
    try:
        return cipher.update(piece[:-TAG_BYTES]) + cipher.finalize()
    except InvalidTag:
        raise ContentDamaged(f"{content}: piece {number} was changed, moved or cut off") from None


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
