"""Answers match the OpenAPI description and no generated request is a fault: a short run, one role per seed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from exchange.clients import issue_key
from exchange.fan_out import fan_out

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("who", "seed"), [("registrar_tinghu", 1), ("integrator_health", 2), ("admin", 3)])
def test_generated_requests(live_server, cast, endpoint, institution, settings, who, seed):
    settings.API_RATE_ANONYMOUS = settings.API_RATE_CLIENT = "1000000/min"
    endpoint()
    institution()
    fan_out()
    _, key = issue_key(user=cast[who], name="fuzz", actor=None)
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "run", f"{live_server.url}/api/v1/schema/?format=json",
        "-H", f"Authorization: Bearer {key}", "-w", "1", "-n", "5", "--phases", "fuzzing", "--seed", str(seed),
        "--checks", CHECKS, "--request-timeout", "60", "--suppress-health-check", "all", "--generation-database", "none",
    ]  # fmt: skip
    run = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
