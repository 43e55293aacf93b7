"""Encrypted model fields and blind indexes in Chinese standard algorithms (SM4-GCM, HMAC-SM3; GB/T 39786 level 3, 8.4
e and g).

A stored value is text, `version.keyid.base64(nonce‖ciphertext‖tag)`: the key id is readable so that rotation finds
old rows with one index-free prefix test, and it is authenticated together with the field's purpose
("app.model.field"), so a value moved to another column, or given another key id, is refused. Keys live outside the
database (`FIELD_KEYS`, `BLIND_INDEX_KEY`).

The algorithms come from OpenSSL through `cryptography`. An assessed production site puts certified hardware behind
`encrypt` and `decrypt` (reliability.md C3).
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from functools import lru_cache
from typing import Any

import pgtrigger
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.apps import apps
from django.conf import settings
from django.core import checks
from django.core.exceptions import FieldError, ImproperlyConfigured, ValidationError
from django.db import models, transaction
from django.db.models.functions import Cast

VERSION = "1"
KEY_BYTES, NONCE_BYTES, TAG_BYTES = 16, 12, 16
_TOKEN = re.compile(r"1\.[A-Za-z0-9_-]{1,16}\.[A-Za-z0-9+/]{38,}={0,2}")


class DecryptionFailed(Exception):
    """A stored value cannot be read: tampered with, of another field, or its key is missing. Never carries content."""


class Secret(str):
    """A decrypted value: an ordinary string whose `repr` shows nothing, so dumps of objects, locals and logs stay
    clean.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "<encrypted>"


@lru_cache(maxsize=8)
def _parse_keys(entries: tuple[str, ...]) -> dict[str, bytes]:
    keys: dict[str, bytes] = {}
    for entry in entries:
        kid, _, encoded = entry.partition(":")
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,16}", kid) or kid in keys:
            raise ImproperlyConfigured(
                "FIELD_KEYS: each entry is `id:base64key`, ids of 1–16 letters or digits, each once"
            )
        keys[kid] = decode_key(encoded, f"FIELD_KEYS[{kid}]", KEY_BYTES)
    if not keys:
        raise ImproperlyConfigured("FIELD_KEYS is empty: give at least one `id:base64key`")
    return keys


def decode_key(encoded: str, name: str, exact: int = 0) -> bytes:
    """Decode a key; errors name the setting and never the key."""
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise ImproperlyConfigured(f"{name} is not base64") from None
    if (exact and len(key) != exact) or len(key) < KEY_BYTES:
        raise ImproperlyConfigured(f"{name} must be {exact or 'at least 16'} bytes, base64-encoded")
    return key


def field_keys() -> dict[str, bytes]:
    """Key by id, the current one first. Raises ImproperlyConfigured."""
    entries: str | Sequence[str] = settings.FIELD_KEYS
    parts = entries.split(",") if isinstance(entries, str) else entries
    return _parse_keys(tuple(part.strip() for part in parts if part.strip()))


def current_key_id() -> str:
    """The id of the key that new values are written with: the first of `FIELD_KEYS`."""
    return next(iter(field_keys()))


def current_prefix() -> str:
    """What every value written with the current key starts with."""
    return f"{VERSION}.{current_key_id()}."


def encrypt(plain: str, label: str) -> str:
    """SM4-GCM token of a text under the current key, bound to `label`. Empty text stays empty: there is nothing to
    hide.
    """
    return sealer(label)(plain)


def sealer(label: str) -> Callable[[str], str]:
    """`encrypt` for many texts of one label: key and bound data are made ready once."""
    kid, key = next(iter(field_keys().items()))
    return _sealer(label, kid, key)


@lru_cache(maxsize=64)
def _sealer(label: str, kid: str, key: bytes) -> Callable[[str], str]:
    algorithm, bound, start = algorithms.SM4(key), _bound(label, kid), f"{VERSION}.{kid}."

    def seal(plain: str) -> str:
        if not plain:
            return ""
        nonce = os.urandom(NONCE_BYTES)
        cipher = Cipher(algorithm, modes.GCM(nonce)).encryptor()
        cipher.authenticate_additional_data(bound)
        body = cipher.update(plain.encode()) + cipher.finalize()
        return start + base64.b64encode(nonce + body + cipher.tag).decode()

    return seal


def decrypt(token: str, label: str) -> Secret:
    """The text behind a token. Raises DecryptionFailed when it was altered, belongs to another label or its key is
    unknown.
    """
    if not token:
        return Secret("")
    version, _, rest = token.partition(".")
    kid, _, encoded = rest.partition(".")
    key = field_keys().get(kid)
    if version != VERSION or key is None:
        raise DecryptionFailed(f"{label}: no key for this value")
    try:
        raw = base64.b64decode(encoded, validate=True)
        if len(raw) < NONCE_BYTES + TAG_BYTES:
            raise DecryptionFailed(f"{label}: value is too short")
        nonce, body, tag = raw[:NONCE_BYTES], raw[NONCE_BYTES:-TAG_BYTES], raw[-TAG_BYTES:]
        cipher = Cipher(algorithms.SM4(key), modes.GCM(nonce, tag)).decryptor()
        cipher.authenticate_additional_data(_bound(label, kid))
        # finalize() checks the tag; nothing is returned before it has passed
        return Secret((cipher.update(body) + cipher.finalize()).decode())
    except (InvalidTag, binascii.Error, ValueError):
        raise DecryptionFailed(f"{label}: value was altered or belongs to another field") from None


def _bound(label: str, kid: str) -> bytes:
    return f"{label}|{VERSION}|{kid}".encode()


def is_token(text: str) -> bool:
    """Whether a text has the shape of a stored value."""
    return _TOKEN.fullmatch(text) is not None


@lru_cache(maxsize=64)
def _index_key(encoded: str, purpose: str) -> bytes:
    master = decode_key(encoded, "BLIND_INDEX_KEY")
    return HKDF(hashes.SM3(), 32, salt=None, info=f"yancheng-childcare blind index: {purpose}".encode()).derive(master)


def normalise(value: str) -> str:
    """The form that is indexed: full-width folded (NFKC), blanks and hyphens out, capital letters."""
    return re.sub(r"[\s\-\u2010-\u2015\u2212]", "", unicodedata.normalize("NFKC", value)).upper()


def blind_index(value: str, purpose: str) -> str:
    """HMAC-SM3 (64 hex digits) to find equal values without reading them; each purpose has its own derived key
    (HKDF-SM3).

    Raises ValueError for an empty value: all rows without a value would look like one person.
    """
    plain = normalise(value)
    if not plain:
        raise ValueError("an empty value has no blind index")
    return hmac_sm3(_index_key(settings.BLIND_INDEX_KEY, purpose), plain.encode()).hex()


def exact_index(value: str, purpose: str) -> str:
    """`blind_index` of the value as it stands: for identifiers in which case and hyphens tell two persons apart.

    Raises ValueError for an empty value.
    """
    if not value:
        raise ValueError("an empty value has no blind index")
    return hmac_sm3(_index_key(settings.BLIND_INDEX_KEY, purpose), value.encode()).hex()


def sm3(data: bytes) -> bytes:
    """SM3 digest (GB/T 32905), 32 bytes."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize()


def hmac_sm3(key: bytes, data: bytes) -> bytes:
    """HMAC with SM3, 32 bytes."""
    mac = hmac.HMAC(key, hashes.SM3())
    mac.update(data)
    return mac.finalize()


class EncryptedTextField(models.TextField):
    """Text that is SM4-GCM in the database and plain in Python (a `Secret` when it comes from the database).

    Only `isnull` can be looked up: keep a `blind_index` column beside it to find values. The purpose defaults to
    "app.model.field" of the first model and is written into migrations, so history tables and renames can still read
    what was stored.
    """

    description = "SM4-GCM encrypted text"

    def __init__(self, *args: Any, purpose: str = "", **kwargs: Any):
        self.purpose = purpose
        super().__init__(*args, **kwargs)

    def contribute_to_class(self, cls: Any, name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only=private_only)
        if not self.purpose and not cls._meta.abstract:
            self.purpose = f"{cls._meta.label_lower}.{name}"

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        if self.purpose:
            kwargs["purpose"] = self.purpose
        return name, path, args, kwargs

    def check(self, **kwargs: Any) -> list[Any]:
        """Refuse what cannot work on ciphertext that differs each time."""
        problems = super().check(**kwargs)
        if self.unique or getattr(self, "db_index", False) or self.primary_key:
            problems.append(
                checks.Error(
                    "An encrypted field cannot be unique, indexed or a primary key.",
                    hint="Put the constraint on a blind_index() column.",
                    obj=self,
                    id="yancheng_childcare.E001",
                )
            )
        return problems

    def to_python(self, value: Any) -> Any:
        """Refuse a stored token where plain text is meant (a fixture of ciphertext would be encrypted twice)."""
        text = super().to_python(value)
        if isinstance(text, str) and is_token(text):
            raise ValidationError("这是加密后的内容，不能作为原文填写。", code="encrypted")
        return text

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        plain = super().get_db_prep_value(value, connection, prepared)
        return encrypt(plain, self.purpose) if isinstance(plain, str) else plain

    def from_db_value(self, value: str | None, _expression: Any, _connection: Any) -> Secret | None:
        return None if value is None else decrypt(value, self.purpose)

    def value_to_string(self, obj: Any) -> str:
        """What `dumpdata` writes: ciphertext, never the plain value."""
        value = self.value_from_object(obj)
        return "" if value is None else encrypt(str(value), self.purpose)

    def get_lookup(self, lookup_name: str) -> Any:
        # df and ndf: how database triggers compare OLD with NEW, ciphertext against ciphertext.
        if lookup_name not in {"isnull", "df", "ndf"}:
            raise FieldError(
                f"{self.purpose}: encrypted, `{lookup_name}` cannot be looked up (only isnull); use its blind_index() column"
            )
        return super().get_lookup(lookup_name)

    def get_transform(self, lookup_name: str) -> Any:
        raise FieldError(f"{self.purpose}: encrypted, `{lookup_name}` cannot be computed in the database")


@dataclass(slots=True)
class Rotation:
    """What `rotate_keys` did to one field: rows re-encrypted, and keys of rows that no known key opens."""

    label: str
    rotated: int = 0
    unreadable: list[Any] = dataclass_field(default_factory=list)


def encrypted_fields(model: type[models.Model]) -> list[EncryptedTextField]:
    """The encrypted fields of a model that have a column of their own in its table."""
    return [field for field in model._meta.local_concrete_fields if isinstance(field, EncryptedTextField)]


def rotate_keys(*, batch: int = 500, only: Iterable[type[models.Model]] | None = None) -> list[Rotation]:
    """Re-encrypt every value that is not under the current key, in batches of locked rows, one transaction each.

    Can be stopped and started again at any time. Rows that cannot be read are left alone and listed. Triggers rest
    meanwhile: the meaning of a row does not change, so no history row is due, and append-only history may be
    re-encrypted as well.
    """
    return [_rotate_field(model, field, batch) for model, field in stored_encrypted(only)]


def stored_encrypted(
    only: Iterable[type[models.Model]] | None = None,
) -> Iterator[tuple[type[models.Model], EncryptedTextField]]:
    """Every encrypted field that has a column of its own, of `only` these models or of all."""
    for model in apps.get_models(include_auto_created=True) if only is None else only:
        if not model._meta.proxy and model._meta.managed:
            for field in encrypted_fields(model):
                yield model, field


def unreadable_values(
    model: type[models.Model], field: EncryptedTextField, batch: int = 2_000
) -> tuple[int, list[Any]]:
    """(how many values were read, keys of rows whose value no known key opens). Changes nothing."""
    stored = Cast(models.F(field.name), models.TextField())
    rows = model._base_manager.filter(**{f"{field.name}__isnull": False}).annotate(_stored=stored).exclude(_stored="")
    read, unreadable = 0, []
    last: Any = None
    while True:
        some = rows if last is None else rows.filter(pk__gt=last)
        found = list(some.order_by("pk").values_list("pk", "_stored")[:batch])
        for pk, token in found:
            try:
                decrypt(token, field.purpose)
                read += 1
            except DecryptionFailed:
                unreadable.append(pk)
        if len(found) < batch:
            return read, unreadable
        last = found[-1][0]


def _rotate_field(model: type[models.Model], field: EncryptedTextField, batch: int) -> Rotation:
    result, last = Rotation(field.purpose), None
    while True:
        with transaction.atomic(), pgtrigger.ignore():
            stored = Cast(models.F(field.name), models.TextField())
            rows = model._base_manager.filter(**{f"{field.name}__isnull": False}).annotate(_stored=stored)
            rows = rows.exclude(_stored="").exclude(_stored__startswith=current_prefix())
            if last is not None:
                rows = rows.filter(pk__gt=last)
            found = list(rows.order_by("pk").select_for_update(of=("self",)).values_list("pk", "_stored")[:batch])
            changed = []
            for pk, token in found:
                try:
                    changed.append(model(pk=pk, **{field.attname: decrypt(token, field.purpose)}))
                except DecryptionFailed:
                    result.unreadable.append(pk)
            model._base_manager.bulk_update(changed, [field.name], batch_size=batch)
            result.rotated += len(changed)
        if len(found) < batch:
            return result
        last = found[-1][0]
