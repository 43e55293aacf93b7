"""The API under schemathesis, several roles and seeds: never a server error.

CI runs the short form. The full form (20,000 cases and more):
    FUZZ_SECONDS=120 FUZZ_SEEDS=1,2 python3 manage.py test tests/security/test_fuzz.py
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SECONDS = os.environ.get("FUZZ_SECONDS", "5" if "CI" in os.environ else "12")
SEEDS = [int(seed) for seed in os.environ.get("FUZZ_SEEDS", "1").split(",")]
ROLES = ("registrar_tinghu", "integrator_health", "health_city", "admin", "")
BUILD = Path(__file__).parents[2] / "build" / "fuzz"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("role", ROLES, ids=lambda r: r or "visitor")
def test_no_server_error(role, seed, live_server, cast, institution, settings, tmp_path):
    from exchange.clients import issue_key

    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_CLASSES": []}
    institution()
    BUILD.mkdir(parents=True, exist_ok=True)
    report = BUILD / f"{role or 'visitor'}-{seed}.json"
    command = [
        str(Path(sys.executable).parent / "st"), "run", f"{live_server.url}/api/v1/schema/", "-w", "1",
        "--seed", str(seed), "--max-time", SECONDS, "--continue-on-failure", "--no-shrink",
        "-c", "not_a_server_error", "--warnings", "off", "--suppress-health-check", "all",
        "--report", "json", "--report-json-path", str(report),
    ]  # fmt: skip
    if role:
        _, key = issue_key(user=cast[role], name="fuzz", actor=None)
        command += ["-H", f"Authorization: Bearer {key}"]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=int(SECONDS) * 3 + 120, check=False
    )
    (BUILD / f"{role or 'visitor'}-{seed}.txt").write_text(done.stdout[-20_000:])
    assert done.returncode == 0, done.stdout[-4000:]
    assert json.loads(report.read_text()), "the run left no report"
