"""Key rotation without a stop: both signatures during the overlap, the new one alone afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from push_stage import make_endpoint, make_event, push, sink
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from exchange.models import Endpoint
from exchange.rotation import rotate_secret
from yancheng_childcare.models import Event
from yancheng_childcare.problems import Rejected

pytestmark = pytest.mark.django_db


def test_old_and_new_verify_during_the_overlap_and_only_the_new_after(cast: dict[str, Any]) -> None:
    with sink() as receiver:
        endpoint = make_endpoint(receiver.port)
        old = str(endpoint.secret)
        new = rotate_secret(endpoint=endpoint, actor=cast["admin"], overlap=timedelta(hours=1))
        make_event(1)
        push()
        Endpoint.objects.update(previous_secret_until=timezone.now() - timedelta(seconds=1))
        make_event(2)
        push()
    during, after = receiver.got
    assert len(during.headers["webhook-signature"].split(" ")) == 2
    for secret in (old, new):
        assert Webhook(secret).verify(during.body, during.headers)
    assert Webhook(new).verify(after.body, after.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(after.body, after.headers)


def test_a_leaked_key_is_retired_at_once(cast: dict[str, Any]) -> None:
    with sink() as receiver:
        endpoint = make_endpoint(receiver.port)
        old = str(endpoint.secret)
        rotate_secret(endpoint=endpoint, actor=cast["admin"], overlap=timedelta(0))
        make_event()
        push()
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(receiver.got[0].body, receiver.got[0].headers)


def test_the_secret_is_shown_once_and_stored_encrypted(cast: dict[str, Any]) -> None:
    endpoint = make_endpoint(9)
    secret = rotate_secret(endpoint=endpoint, actor=cast["admin"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret, previous_secret FROM exchange_endpoint WHERE id = %s", [str(endpoint.pk)])
        stored = cursor.fetchone()
    assert secret not in str(stored)
    assert not any(text.startswith("whsec_") for text in stored)
    act = Event.objects.get(action="endpoint.secret_rotated")
    assert secret not in str(act.data) + act.summary


@pytest.mark.parametrize("overlap", [timedelta(seconds=-1), timedelta(days=31)])
def test_the_overlap_has_bounds(cast: dict[str, Any], overlap: timedelta) -> None:
    with pytest.raises(Rejected) as refused:
        rotate_secret(endpoint=make_endpoint(9), actor=cast["admin"], overlap=overlap)
    assert refused.value.code == "EXC-107"


def test_a_second_rotation_does_not_cut_off_a_receiver_that_still_uses_the_old_key(cast: dict[str, Any]) -> None:
    endpoint = make_endpoint(9)
    rotate_secret(endpoint=endpoint, actor=cast["admin"])
    with pytest.raises(Rejected) as refused:
        rotate_secret(endpoint=endpoint, actor=cast["admin"])
    assert (refused.value.status, refused.value.code) == (409, "EXC-108")
    rotate_secret(endpoint=endpoint, actor=cast["admin"], overlap=timedelta(0))
