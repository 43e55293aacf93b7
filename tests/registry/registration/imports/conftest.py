"""Uploading in one call, as the registrar of 亭湖区."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from registry.models import ImportJob
from registry.registration.imports.jobs import check_import, create_import, take_import
from registry.registration.services import registry_department


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    """Uploads of a test stay in its own folder."""
    settings.FILE_ROOT = tmp_path / "files"


@pytest.fixture
def upload(cast: dict[str, Any]) -> Callable[..., ImportJob]:
    """A file, taken in and checked (`take=True`: and put in)."""

    def run(file: Any, *, by: str = "registrar_tinghu", take: bool = False) -> ImportJob:
        actor = cast[by]
        job = create_import(uploaded=file, actor=actor, department=registry_department(actor))
        checked = check_import(job.pk)
        return take_import(checked.pk, actor=actor) if take else checked

    return run


def codes_by_line(job: ImportJob) -> dict[int, list[str]]:
    """Line → codes of its problems."""
    return {row.line: [p["code"] for p in row.problems] for row in job.rows.all()}


@pytest.fixture
def found() -> Callable[[ImportJob], dict[int, list[str]]]:
    """The codes that were found, by line."""
    return codes_by_line
