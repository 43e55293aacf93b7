"""Signatures: the contract's known answer, and the reference library as the oracle."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook

from exchange.signatures import SignatureRefused, key_of, new_secret, sign, verify

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, STAMP, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
KNOWN = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def headers(signature: str, stamp: int = STAMP, webhook_id: str = ID) -> dict[str, str]:
    return {"webhook-id": webhook_id, "webhook-timestamp": str(stamp), "webhook-signature": signature}


def test_known_answer_of_the_contract() -> None:
    assert sign([key_of(SECRET)], ID, STAMP, BODY) == KNOWN


def test_the_reference_library_agrees_both_ways() -> None:
    secret, now = new_secret(), int(time.time())
    signature = sign([key_of(secret)], ID, now, BODY)
    assert Webhook(secret).verify(BODY, headers(signature, now)) == {"test": 2432232314}
    theirs = Webhook(secret).sign(ID, datetime.fromtimestamp(now, UTC), BODY.decode())
    assert theirs == signature
    assert verify([key_of(secret)], headers(theirs, now), BODY) == ID


def test_a_new_secret_has_256_bits_and_differs() -> None:
    assert len(key_of(new_secret())) == 32
    assert new_secret() != new_secret()


@pytest.mark.parametrize("secret", ["whsec_", "whsec_c2hvcnQ=", "whsec_!!!!", "whsec_" + "A" * 120])
def test_unusable_secrets_are_refused(secret: str) -> None:
    with pytest.raises(ValueError):
        key_of(secret)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"body": BODY + b" "}, "mismatch"),
        ({"id": "msg_other"}, "mismatch"),
        ({"id": "msg.with.dots"}, "malformed"),
        ({"stamp": "1614265331"}, "mismatch"),
        ({"stamp": "abc"}, "malformed"),
        ({"stamp": "１６１４２６５３３０"}, "malformed"),
        ({"signature": KNOWN[:-6]}, "mismatch"),
        ({"signature": "v2," + KNOWN[3:]}, "mismatch"),
        ({"signature": ""}, "mismatch"),
        ({"now": STAMP + 301}, "expired"),
        ({"now": STAMP - 301}, "future"),
    ],
)
def test_forgeries_and_replays_are_refused(change: dict, reason: str) -> None:
    given = headers(change.get("signature", KNOWN), webhook_id=change.get("id", ID))
    given["webhook-timestamp"] = change.get("stamp", str(STAMP))
    with pytest.raises(SignatureRefused) as refused:
        verify([key_of(SECRET)], given, change.get("body", BODY), now=change.get("now", STAMP))
    assert refused.value.reason == reason


def test_control_the_same_request_unchanged_is_believed_up_to_the_tolerance() -> None:
    for age in (-300, 0, 300):
        assert verify([key_of(SECRET)], headers(KNOWN), BODY, now=STAMP + age) == ID


def test_another_endpoints_key_is_refused_and_missing_headers_too() -> None:
    with pytest.raises(SignatureRefused, match="mismatch"):
        verify([key_of(new_secret())], headers(KNOWN), BODY, now=STAMP)
    with pytest.raises(SignatureRefused, match="missing"):
        verify([key_of(SECRET)], {"webhook-id": ID}, BODY, now=STAMP)


def test_any_of_two_keys_matches_any_of_two_signatures() -> None:
    old, new = key_of(SECRET), key_of(new_secret())
    both = sign([new, old], ID, STAMP, BODY)
    assert len(both.split(" ")) == 2
    assert verify([old], headers(both), BODY, now=STAMP) == ID
    assert verify([new], headers(both), BODY, now=STAMP) == ID
