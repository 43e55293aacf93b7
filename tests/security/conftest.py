"""The objects every test of the authorization matrix asks for."""

from __future__ import annotations

from typing import Any

import pytest

from .scene import Targets, build


@pytest.fixture
def targets(cast: dict[str, Any], registration: Any, institution: Any, elsewhere: Any) -> Targets:
    """Every kind of object in every position."""
    return build(cast, registration, institution, elsewhere)
