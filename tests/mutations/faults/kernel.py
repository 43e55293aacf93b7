"""Faults of the kernel: workflow, text, encryption, seals, files, outages."""

from __future__ import annotations

from .fault import Fault

_K = "yancheng_childcare/"
_ENGINE = ("tests/casework/test_steps.py",)
_TEXT = ("tests/kernel/test_id_numbers.py", "tests/casework/test_steps.py")
_CRYPTO = ("tests/kernel/test_crypto.py",)
_KEYS = ("tests/kernel/test_keys.py",)
_SEALS = ("tests/kernel/test_sealing.py", "tests/security/test_tampering.py")
_FILES = ("tests/registry/registration/test_file_scope.py", "tests/kernel/test_storage.py")
_DOORS = ("tests/security/test_bodies.py", "tests/security/test_long_address.py", "tests/kernel/test_kernel_pages.py")

FAULTS = (
    # --- steps of a case
    Fault(
        1, "what follows a step runs inside its transaction", "casework/steps.py",
        "transaction.on_commit(lambda: after(locked, step, actor))", "after(locked, step, actor)", _ENGINE,
    ),
    Fault(
        2, "an older version of a record is accepted", "casework/steps.py",
        "if expected_version is not None and locked.record_version != expected_version:",
        "if expected_version is not None and locked.record_version < expected_version:", _ENGINE,
    ),
    Fault(
        3, "identity numbers in a step's words are let by", "casework/steps.py",
        "found = refuse_id_numbers(data)", "found: list[Problem] = []", _TEXT,
    ),
    Fault(
        4, "who may take a step is asked by role alone", "casework/steps.py",
        "if not actor.has_role(*step.by) or not step.may(actor, locked):",
        "if not actor.has_role(*step.by):", _ENGINE,
    ),
    # --- text that holds personal data
    Fault(
        5, "a problem repeats an identity number", f"{_K}problems.py",
        'object.__setattr__(self, "message", hide_id_numbers(self.message))',
        'object.__setattr__(self, "message", str(self.message))', _TEXT,
    ),
    Fault(
        6, "an act keeps an identity number in its data", f"{_K}records.py",
        "data=hide_in(data or {}),", "data=data or {},", _TEXT,
    ),
    Fault(
        7, "a file keeps the identity number in its name", f"{_K}files/intake.py",
        'name = hide_id_numbers(name).replace("*", "_")', 'name = name.replace("*", "_")',
        ("tests/kernel/test_intake.py",),
    ),
    Fault(
        8, "telephone numbers stand in logs", f"{_K}masking.py",
        "    text = _PHONE.sub(lambda found: mask_phone(found[2]), text)\n", "", ("tests/kernel/test_masking.py",),
    ),
    # --- encryption and keys
    Fault(
        9, "a stored value is not bound to its field", f"{_K}crypto.py",
        'return f"{label}|{VERSION}|{kid}".encode()', 'return f"{VERSION}|{kid}".encode()', _CRYPTO,
    ),
    Fault(
        10, "all blind indexes share one key", f"{_K}crypto.py",
        'info=f"yancheng-childcare blind index: {purpose}".encode()', 'info=b"yancheng-childcare blind index"', _CRYPTO,
    ),
    Fault(
        11, "a decrypted value shows itself in dumps", f"{_K}crypto.py",
        'return "<encrypted>"', "return str.__repr__(self)", _CRYPTO,
    ),
    Fault(
        12, "another key under a known name is accepted", f"{_K}keys.py",
        "other = sorted(name for name, value in ours.items() if name in known and known[name][0] != value)",
        "other: list[str] = []", _KEYS,
    ),
    Fault(
        13, "the connection of a process with wrong keys stays open", f"{_K}keys.py",
        "        connection.close()\n        raise\n", "        raise\n", _KEYS,
    ),
    # --- seals
    Fault(
        14, "the head of a seal is not compared", f"{_K}seals/chain.py",
        "return hmac.compare_digest(self.head, self.right_head()) and self.is_sound()",
        "return bool(self.head) and self.is_sound()", _SEALS,
    ),
    Fault(
        15, "the digest of a row is not compared", f"{_K}seals/verifying.py",
        "elif sealed != digest:", "elif not digest:", _SEALS,
    ),
    Fault(
        16, "the copy outside is compared by number alone", f"{_K}seals/sealing.py",
        "Seal.objects.filter(number=kept.number, head=kept.head).exists()",
        "Seal.objects.filter(number=kept.number).exists()", _SEALS,
    ),
    Fault(
        17, "rows of a transaction still open are passed by", f"{_K}seals/sealing.py",
        "settled = [name for name, who in waiting.items() if not who]", "settled = list(waiting)", _SEALS,
    ),
    Fault(
        18, "rows numbered by hand beyond the counter are not named", f"{_K}seals/verifying.py",
        "if number > highest.get(name, number - 1):", "if name not in highest:", _SEALS,
    ),
    # --- files
    Fault(
        19, "a file stays open to its uploader after a case refers to it", f"{_K}querysets.py",
        "(opened | fresh & self._without_case(purpose))", "(opened | fresh)", _FILES,
    ),
    Fault(
        20, "an upload stays open for days", f"{_K}querysets.py",
        "timedelta(minutes=settings.UPLOAD_MINUTES)", "timedelta(days=settings.UPLOAD_MINUTES)", _FILES,
    ),
    Fault(
        21, "the key of a deleted file stays", f"{_K}files/keeping.py",
        'row.content_key, row.deleted_at, row.original_name = "", timezone.now(), "（已删除）"',
        'row.deleted_at, row.original_name = timezone.now(), "（已删除）"', _FILES,
    ),
    Fault(
        22, "the upload that goes beyond the quota is taken", f"{_K}files/quota.py",
        "if used + size > limit:", "if used > limit:", ("tests/registry/registration/test_upload_quota.py",),
    ),
    # --- doors
    Fault(
        23, "a body that does not tell its length is read", f"{_K}bodies.py",
        'if "HTTP_TRANSFER_ENCODING" in request.META:', 'if "TRANSFER_ENCODING" in request.META:', _DOORS,
    ),
    Fault(
        24, "the limit of bodies is by-passed by a form", f"{_K}bodies.py",
        "if length <= MAX_BODY:", 'if length <= MAX_BODY or request.content_type == "multipart/form-data":', _DOORS,
    ),
    Fault(
        25, "endless queries are read", f"{_K}middleware.py",
        "if len(query) > MAX_QUERY:", "if len(query) > MAX_QUERY * 100:", _DOORS,
    ),
    Fault(
        26, "scripts in the page are allowed", f"{_K}settings.py",
        '"script-src": [SELF],', '"script-src": [SELF, "\'unsafe-inline\'"],', _DOORS,
    ),
    # --- outages and clocks
    Fault(
        27, "a failed replica is not replaced by the primary", f"{_K}replica.py",
        "if error is None or read.alias != REPLICA or not _may_help(error):",
        "if error is None or read.alias != REPLICA or _may_help(error):", ("tests/faults/test_read_replica.py",),
    ),
    Fault(
        28, "every question waits for a Redis that is away", f"{_K}cache.py",
        "_rest_until = time.monotonic() + REST_SECONDS", "_rest_until = 0.0", ("tests/faults/test_redis_away.py",),
    ),
    Fault(
        29, "a pause under a clock set back shortens the term", f"{_K}deadlines.py",
        "deadline.paused_days += max(gone, 0)", "deadline.paused_days += gone", ("tests/kernel/test_deadlines.py",),
    ),
    Fault(
        30, "production makes up keys that are missing", f"{_K}configuration.py",
        "if not is_local():", "if not is_local() and name not in KEYS:", ("tests/faults/test_production_start.py",),
    ),
)  # fmt: skip
