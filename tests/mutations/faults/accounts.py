"""Faults of who may enter: sign-in, second factor, sessions, approvals, scope, callers and limits."""

from __future__ import annotations

from .fault import Fault

_K = "yancheng_childcare/"
_APPROVALS = ("tests/kernel/test_admin.py", "tests/security/test_no_one_alone.py")
_ACCOUNTS = ("tests/kernel/test_accounts.py",)
_LIMITS = ("tests/kernel/test_signin_limits.py", "tests/kernel/test_account_security.py")
_SEEDS = ("tests/kernel/test_second_factor_at_rest.py",)
_CALLERS = ("tests/security/test_callers.py",)
_STAFF_TABLE = ("tests/registry/accounts/test_staff_table.py",)
_STAFF_LINKS = (f"{_STAFF_TABLE[0]}::test_a_part_of_a_link_is_for_its_own_administrator_alone",)

FAULTS = (
    # --- two persons
    Fault(
        31, "who granted may approve", f"{_K}approvals.py",
        "if row.granted_by_id == actor.pk:", "if row.granted_by_id == row.approved_by_id == actor.pk:", _APPROVALS,
    ),
    Fault(
        32, "the fingerprint of what was shown is not compared", f"{_K}approvals.py",
        "if fingerprint(row) != seen:", "if not seen:", _APPROVALS,
    ),
    Fault(
        33, "who gains may approve", f"{_K}approvals.py",
        "if row.gained_by(actor):", "if row.for_whom() == row.granted_by_id:", _APPROVALS,
    ),
    Fault(
        34, "the last administrator but one can be switched off", f"{_K}accounts/requests.py",
        "if after < before and after < ADMINISTRATORS:", "if after < before and after < 1:",
        ("tests/kernel/test_admin.py",),
    ),
    Fault(
        35, "a link bears one wrong code more", f"{_K}accounts/requests.py",
        "if request.wrong_codes >= WRONG_CODES:", "if request.wrong_codes > WRONG_CODES:", _ACCOUNTS,
    ),
    # --- sign-in
    Fault(
        36, "a limit lets one time more through", f"{_K}limits.py",
        "return self.number > self.limit.most\n", "return self.number > self.limit.most + 1\n", _LIMITS,
    ),
    Fault(
        37, "a browser known for one account counts as known for all", f"{_K}accounts/signin_limits.py",
        "if _short(account) in accounts:", "if accounts:", _LIMITS,
    ),
    Fault(
        38, "guessing the present password is not counted", f"{_K}accounts/signin_forms.py",
        "        with one_try(context.request, account=self.user.username):\n", "        if True:\n", _LIMITS,
    ),
    Fault(
        39, "an address nobody confirmed gets the reset link", f"{_K}accounts/signin_forms.py",
        "EmailAddress.objects.filter(email=email, verified=True, user__is_active=True)",
        "EmailAddress.objects.filter(email=email, user__is_active=True)", _LIMITS,
    ),
    Fault(
        40, "single sign-on goes by the name the person chose", f"{_K}accounts/single_sign_on.py",
        "        index = subject_index(provider, subject)\n        if provider",
        '        names = [part["preferred_username"] for part in told.values() if "preferred_username" in (part or {})]\n'
        "        index = subject_index(provider, str((names or [subject])[0]))\n        if provider",
        ("tests/kernel/test_single_sign_on.py",),
    ),
    Fault(
        41, "an idle session goes on", f"{_K}accounts/sessions.py",
        "if now - seen > settings.SESSION_IDLE_MINUTES * 60 or now - since > settings.SESSION_COOKIE_AGE:",
        "if now - since > settings.SESSION_COOKIE_AGE:", ("tests/kernel/test_session_clock.py",),
    ),
    # --- second factor
    Fault(
        42, "seeds of the second factor are stored in clear", f"{_K}accounts/second_factor.py",
        "changed[name] = encrypt(plain, new)", "changed[name] = plain", _SEEDS,
    ),
    Fault(
        43, "a seed is not bound to its person", f"{_K}accounts/second_factor.py",
        'return f"mfa.authenticator:{user_id}:{kind}"', 'return f"mfa.authenticator:{kind}"', _SEEDS,
    ),
    Fault(
        44, "one role without second factor frees the others from it", f"{_K}permissions.py",
        "bool(user.roles & SECOND_FACTOR_ROLES)", "bool(user.roles and user.roles <= SECOND_FACTOR_ROLES)",
        ("tests/security/test_second_factor.py", "tests/kernel/test_signin.py"),
    ),
    # --- scope and callers
    Fault(
        45, "the area of one duty serves the role of another", f"{_K}querysets.py",
        "for duty in user.duties_as(*roles):", "for duty in user.active_duties:", ("tests/security/test_two_duties.py",),
    ),
    Fault(
        46, "a duty ends one day early", f"{_K}querysets.py",
        "Q(valid_to__isnull=True) | Q(valid_to__gte=day)", "Q(valid_to__isnull=True) | Q(valid_to__gt=day)", _ACCOUNTS,
    ),
    Fault(
        47, "the proxies are counted from the wrong end", f"{_K}callers.py",
        "_read(entries[-proxies])", "_read(entries[proxies - 1])", _CALLERS,
    ),
    Fault(
        48, "a forwarded request counts as local", f"{_K}callers.py",
        "    if any(name in _FORWARDED or name.startswith(\"HTTP_X_FORWARDED\") for name in request.META):\n"
        "        return False\n", "", _CALLERS,
    ),
    Fault(
        49, "looks at full numbers are told one too early", f"{_K}unmasking.py",
        "if looks <= settings.REVEALS_PER_HOUR or", "if looks < settings.REVEALS_PER_HOUR or",
        ("tests/kernel/test_unmasking.py",),
    ),
    # --- people and duties by table
    Fault(
        650, "who gains by a row of a table may approve it", "registry/models/staff_tables.py",
        'any(row["username"] == person.username for row in self.rows)', "False", _STAFF_TABLE,
    ),
    Fault(
        651, "a table is refused without a word", "registry/models/staff_tables.py",
        "REFUSED_WITH_REASON = True", "REFUSED_WITH_REASON = False", _STAFF_TABLE,
    ),
    Fault(
        652, "a user name that became another person's gets the duty", "registry/accounts/staff_table/taking.py",
        'elif user.display_name != row["display_name"]:', 'elif user.display_name == "":', _STAFF_TABLE,
    ),
    Fault(
        653, "who has no part in a table gets the codes of its links", f"{_K}accounts/requests.py",
        "        elif actor.pk == found.approved_by_id:\n            part = new_code",
        "        elif True:\n            part = new_code", _STAFF_LINKS,
    ),
    Fault(
        654, "a duty without an area opens no file", f"{_K}file_purposes.py",
        "covered = ~Q(pk__in=[]) if duty.region is None", "covered = Q() if duty.region is None",
        ("tests/registry/registration/test_file_scope.py",),
    ),
)  # fmt: skip
