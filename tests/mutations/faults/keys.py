"""Faults of keys that integrators keep themselves, of endpoints that end, and of the exchange's words."""

from __future__ import annotations

from .fault import Fault

_KEYS = "tests/exchange/pages/test_exchange_keys.py"
_CLOSING = "tests/exchange/test_endpoint_closing.py"
_MEMORY = "tests/exchange/test_key_memory.py"
_WORDS = "tests/exchange/pages/test_exchange_words.py"

FAULTS = (
    Fault(
        601, "the key of somebody who left goes on", "exchange/querysets.py",
        "            counts(), there, revoked_at", "            counts(), revoked_at",
        (f"{_KEYS}::test_the_key_of_somebody_who_left_does_not_work",),
    ),
    Fault(
        602, "who moved to another department takes the key along", "exchange/querysets.py",
        'there = Exists(duties.filter(department=OuterRef("department")))', "there = Exists(duties)",
        (f"{_KEYS}::test_the_key_of_somebody_who_left_does_not_work",),
    ),
    Fault(
        603, "an integrator gets the key of another person", "exchange/key_rotation.py",
        "if client.user_id != actor.pk:", "if not actor.pk:", (f"{_KEYS}::test_nobody_gets_the_key_of_another",),
    ),
    Fault(
        604, "a replaced key never ends", "exchange/key_memory.py",
        "former = Q(previous_hash=digest, previous_until__gt=now)", "former = Q(previous_hash=digest)",
        (f"{_KEYS}::test_a_new_key_takes_the_place_of_the_old_which_works_on_for_a_day",),
    ),
    Fault(
        605, "a leaked key works on after it was replaced", "exchange/pages/keys.py",
        'API_KEY_OVERLAP_HOURS if form.cleaned_data["keep"] == "1" else 0', "API_KEY_OVERLAP_HOURS",
        (f"{_KEYS}::test_a_leaked_key_ends_at_once",),
    ),
    Fault(
        606, "a session alone gets a key", "exchange/permissions.py",
        "OWN_KEYS = replace(allow(Role.INTEGRATOR), confirmed=True)", "OWN_KEYS = allow(Role.INTEGRATOR)",
        (f"{_KEYS}::test_a_session_alone_gets_no_key",),
    ),
    Fault(
        607, "keys of other departments are seen and ended", "exchange/querysets.py",
        "return self.filter(department__in=own_departments(user, OWNERS & roles))", "return self",
        (f"{_KEYS}::test_keys_of_other_departments_do_not_exist",),
    ),
    Fault(
        608, "nobody else hears of a new key", "exchange/clients.py",
        '        tell_others(client, "新的接口密钥", words, actor)\n', "",
        (f"{_KEYS}::test_the_other_integrators_and_the_administrators_are_told_of_every_act",),
    ),
    Fault(
        609, "whoever approves a key is told again that it waits", "exchange/clients.py",
        '    settle(_others(client, None), approval_page(client))\n    _tell(client, "接口密钥已批准"',
        '    _tell(client, "接口密钥已批准"',
        (f"{_KEYS}::test_the_other_integrators_and_the_administrators_are_told_of_every_act",),
    ),
    Fault(
        610, "a closed endpoint leaves its pushes open", "exchange/closing.py",
        "    ended = _end_open(endpoint, change)\n    log", "    ended = 0\n    log",
        (f"{_CLOSING}::test_pushes_go_on_until_another_person_approves_and_then_end",),
    ),
    Fault(
        611, "a closed endpoint gets the next event", "exchange/closing.py",
        "    endpoint.subscriptions.all().delete()\n", "",
        (f"{_CLOSING}::test_its_subscriptions_are_gone_and_kept_in_the_record",),
    ),
    Fault(
        612, "closing ends a try that is under way", "exchange/closing.py",
        "free = open_rows.filter(~Q(status=DeliveryStatus.SENDING) | Q(due_at__lte=Now()))", "free = open_rows",
        (f"{_CLOSING}::test_a_push_that_is_under_way_is_left_to_its_try_and_ends_afterwards",),
    ),
    Fault(
        613, "the answer 410 opens a closed endpoint again", "exchange/delivery/settle.py",
        "status NOT IN ('DISABLED', 'CLOSED')", "status <> 'DISABLED'",
        (f"{_CLOSING}::test_the_answer_gone_to_the_last_try_does_not_open_it_again",),
    ),
    Fault(
        614, "a push to a closed endpoint is sent again", "exchange/replay.py",
        "        refuse_closed(locked.endpoint)\n", "", (f"{_CLOSING}::test_a_closed_endpoint_is_only_looked_at",),
    ),
    Fault(
        615, "an endpoint that mostly fails is called well", "exchange/pages/states.py",
        "if health.retrying or (health.undelivered and low):", "if health.retrying:",
        (f"{_WORDS}::test_an_endpoint_that_mostly_fails_is_not_called_well",),
    ),
    Fault(
        616, "a good test changes nothing on the page", "exchange/pages/states.py",
        "    if tested is None:\n        return FRESH\n    return TESTED if tested.succeeded else UNREACHED\n", "    return FRESH\n",
        (f"{_WORDS}::test_before_the_first_push_the_page_says_what_comes_next",),
    ),
    Fault(
        617, "a try settled meanwhile stands below an old state", "exchange/pages/delivery.py",
        "and tries[0].at >= row.attempted_at:", "and tries[0].at < row.attempted_at:",
        (f"{_WORDS}::test_a_try_settled_while_the_page_is_read_is_said_with_its_state",),
    ),
    Fault(
        618, "connectivity tests are in no record", "templates/exchange/endpoint.html",
        "{% if mine and tests %}", "{% if False %}", (f"{_WORDS}::test_every_connectivity_test_is_in_the_record",),
    ),
    Fault(
        641, "a remembered key outlives its revocation", "exchange/key_memory.py",
        "        or known.mark != mark\n", "",
        (f"{_MEMORY}::test_what_ends_a_right_ends_it_at_the_next_call",),
    ),
    Fault(
        642, "a remembered key does not notice that a day began", "exchange/key_memory.py",
        "        or known.day != timezone.localdate(now)\n        or known.good_until <= now\n", "",
        (f"{_MEMORY}::test_what_time_alone_ends_is_looked_at_too",),
    ),
    Fault(
        643, "a visitor's position is kept in memory", "registry/register/pages/cards.py",
        '_card.__wrapped__ if "," in tray.near else _card', "_card",
        ("tests/registry/register/test_cards.py::test_a_visitors_position_is_not_kept",),
    ),
    Fault(
        644, "the header of somebody signed in is that of visitors", "templates/base.html",
        "{% if user.is_authenticated %}", "{% if False %}",
        ("tests/kernel/test_fragments.py::test_a_signed_in_person_meets_no_visitors_header",),
    ),
)  # fmt: skip
