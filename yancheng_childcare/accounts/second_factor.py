"""Seeds of the second factor at rest: SM4-GCM, bound to the person and the kind of authenticator.

allauth encrypts a seed before it knows whose row it becomes, so the work is done in two layers. In memory a seed is a
token under `MEMORY`, which `MFAAdapter` opens; in the table it is a token whose authenticated label names the row's
user and type. The change of layer happens in the model's signals: a row copied to another person does not open.
"""

from __future__ import annotations

from typing import Any

import structlog
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models.signals import post_init, post_save, pre_save

from ..crypto import DecryptionFailed, Rotation, current_prefix, decrypt, encrypt, is_token
from ..problems import Problem, Rejected

logger = structlog.get_logger("portal.security")

MEMORY = "mfa.authenticator.memory"
SEEDS = ("secret", "seed")
UNREADABLE = Problem("ACC-500", "", "您的两步验证信息无法读取，不能用于登录。请联系本单位管理员重新设置两步验证。")


def label(user_id: int, kind: str) -> str:
    """What a stored seed is bound to."""
    return f"mfa.authenticator:{user_id}:{kind}"


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """allauth's door to the seeds; sees tokens under `MEMORY` only."""

    def encrypt(self, text: str) -> str:
        return encrypt(text, MEMORY)

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return str(decrypt(encrypted_text, MEMORY))
        except DecryptionFailed:
            logger.error("second_factor_unreadable")
            raise Rejected(UNREADABLE, status=409, title="两步验证信息无法读取") from None


def _relabel(row: Authenticator, old: str, new: str, *, plain_too: bool) -> None:
    """Every seed of the row from one label to another; what does not open stays as it is, and so opens nowhere."""
    changed = dict(row.data)
    for name in SEEDS:
        text = changed.get(name)
        if not isinstance(text, str) or not text or not (is_token(text) or plain_too):
            continue
        try:
            plain = str(decrypt(text, old)) if is_token(text) else text
        except DecryptionFailed:
            continue
        changed[name] = encrypt(plain, new)
    row.data = changed


def _seal(sender: Any, instance: Authenticator, update_fields: Any = None, **kwargs: Any) -> None:
    if update_fields is None or "data" in update_fields:
        _relabel(instance, MEMORY, label(instance.user_id, instance.type), plain_too=True)


def _open(sender: Any, instance: Authenticator, update_fields: Any = None, **kwargs: Any) -> None:
    """After loading and after saving: back to the layer allauth works with. A seed in clear is not taken: whoever can
    write to the table could else set a factor of his own.
    """
    if instance.pk is None or {"data", "user_id", "type"} & instance.get_deferred_fields():
        return
    if update_fields is None or "data" in update_fields:
        _relabel(instance, label(instance.user_id, instance.type), MEMORY, plain_too=False)


def connect() -> None:
    """Put both layers in force (`KernelConfig.ready`)."""
    pre_save.connect(_seal, sender=Authenticator, dispatch_uid="second_factor_seal")
    post_save.connect(_open, sender=Authenticator, dispatch_uid="second_factor_open_saved")
    post_init.connect(_open, sender=Authenticator, dispatch_uid="second_factor_open_loaded")


def rotate_second_factors(*, batch: int = 500) -> Rotation:
    """Seal every seed that is not under the current key with it, also seeds stored in clear by an older release.

    Rows that no known key opens are left alone and listed, as `crypto.rotate_keys` does.
    """
    result, last = Rotation("mfa.authenticator.data"), 0
    while True:
        with transaction.atomic():
            rows = Authenticator.objects.filter(pk__gt=last).order_by("pk")
            # `values`: as stored, without the signals above.
            stored = list(rows.select_for_update().values("pk", "user_id", "type", "data")[:batch])
            for values in stored:
                _rotate(values, result)
        if len(stored) < batch:
            return result
        last = stored[-1]["pk"]


def unreadable_second_factors() -> tuple[int, list[int]]:
    """(how many seeds were read, keys of rows with one that no known key opens). Changes nothing."""
    read, unreadable = 0, []
    for values in Authenticator.objects.order_by("pk").values("pk", "user_id", "type", "data").iterator():
        for text in filter(is_token, (values["data"].get(name) or "" for name in SEEDS)):
            try:
                decrypt(text, label(values["user_id"], values["type"]))
                read += 1
            except DecryptionFailed:
                unreadable.append(values["pk"])
    return read, unreadable


def _rotate(values: dict[str, Any], result: Rotation) -> None:
    bound, data, changed = label(values["user_id"], values["type"]), dict(values["data"]), False
    for name in SEEDS:
        text = data.get(name)
        if not text or text.startswith(current_prefix()):
            continue
        try:
            plain = str(decrypt(text, bound)) if is_token(text) else text
        except DecryptionFailed:
            result.unreadable.append(values["pk"])
            return
        data[name], changed = encrypt(plain, bound), True
    if changed:
        Authenticator.objects.filter(pk=values["pk"]).update(data=data)
        result.rotated += 1
