"""A new key in the place of an approved one: same user, same duties, same last day, so nobody has to approve it again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from yancheng_childcare.problems import Problem, Rejected

from . import error_codes as codes
from .clients import digest, keep_key_act, new_key, tell_others, works
from .models import ApiClient


def refuse_rotation(client: ApiClient, actor: Any) -> None:
    """Raises Rejected: 403 (GEN-403) for anybody but the key's own user, 409 (EXC-109) for a key that does not work."""
    if client.user_id != actor.pk:
        raise Rejected(Problem("GEN-403", "", "只有密钥的使用人本人可以轮换。他人的密钥只能作废。"), status=403)
    if not works(client):
        words = "这把密钥还没有批准，或已经作废、到期，不能轮换。请另建一把。"
        raise Rejected(Problem(codes.KEY_STATE, "", words), status=409)


def rotate_key(client: ApiClient, *, overlap: timedelta, actor: Any) -> tuple[ApiClient, str]:
    """Give the client a new key; returns it with the key, shown this once. The former one works for `overlap` more.

    Only its own user: whoever holds a key acts as its user. Raises Rejected as `refuse_rotation`, and 409 (EXC-108) while a
    former key still works and this one is not to end at once.
    """
    now = timezone.now()
    with transaction.atomic():
        locked = ApiClient.objects.select_for_update(of=("self",)).get(pk=client.pk)
        refuse_rotation(locked, actor)
        if overlap and locked.previous_until is not None and locked.previous_until > now:
            words = "上一次轮换的旧密钥还在使用期内，再次轮换会使它提前失效。请等它停用，或选择立即停用旧密钥。"
            raise Rejected(Problem(codes.ROTATION_RUNNING, "", words), status=409)
        former, key = str(locked), new_key()
        locked.previous_hash = locked.key_hash if overlap else None
        # A key never outlives its last day, whichever of the two.
        locked.previous_until = min(now + overlap, locked.expires_at) if overlap else None
        locked.key_hash, locked.key_hint, locked.rotated_at = digest(key), key[:8], now
        locked.save(update_fields=["previous_hash", "previous_until", "key_hash", "key_hint", "rotated_at"])
        keep_key_act(locked, "rotated", f"轮换接口密钥 {former}", actor)
        until = f"{timezone.localtime(locked.previous_until):%Y-%m-%d %H:%M} 停用" if overlap else "已停用"
        tell_others(locked, "接口密钥已轮换", f"{actor.display_name}轮换了接口密钥“{locked}”，旧密钥{until}。", actor)
    return locked, key
