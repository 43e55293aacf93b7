"""The people of the institution operator_xiaotaiyang runs, taken on by the real services."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from people_cases import typed

from registry.models import Institution, Post
from registry.people.services import add_credential, add_post
from yancheng_childcare.deadlines import today_here

OWN_USCC = "91320902MA1TYC011T"
PLENTY = timedelta(days=100)


@pytest.fixture
def files(settings: Any, tmp_path: Any) -> Any:
    """A folder of its own for uploaded files."""
    settings.FILE_ROOT = tmp_path / "files"
    return settings.FILE_ROOT


@pytest.fixture
def own(institution: Callable[..., Institution], files: Any) -> Institution:
    """The institution of operator_xiaotaiyang in 亭湖区."""
    return institution(uscc=OWN_USCC, name="盐城市小太阳托育服务有限公司")


@pytest.fixture
def operator(cast: dict[str, Any]) -> Any:
    """Who acts for it."""
    return cast["operator_xiaotaiyang"]


@pytest.fixture
def operator_of(cast: dict[str, Any]) -> Callable[..., Any]:
    """An operator of any institution: a new person with that one duty."""
    from yancheng_childcare.choices import Role
    from yancheng_childcare.models import Duty, User

    def make(institution: Institution, username: str = "operator_other") -> Any:
        user = User.objects.create_user(username=username, password="yancheng-demo-2026", display_name=username)
        give(user, institution)
        return user

    def give(user: Any, institution: Institution) -> None:
        pair = cast["admin"], cast["health_city"]
        Duty.objects.create(
            user=user, role=Role.OPERATOR, uscc=institution.uscc, granted_by=pair[0], approved_by=pair[1],
            valid_from=date(2024, 1, 1),
        )  # fmt: skip

    make.give = give  # type: ignore[attr-defined]  # a second institution for the same person
    return make


@pytest.fixture
def hire(own: Institution, operator: Any) -> Callable[..., Post]:
    """Somebody in post; `papers` gives the last day of certificate and record check."""

    def add(name: str = "钱保育", number: int = 7, *, papers: date | None = None, **more: Any) -> Post:
        at, by = more.pop("at", own), more.pop("by", operator)
        post = add_post(at, data=typed(name, number, **more), actor=by)
        for kind in ("HEALTH", "CRIMINAL_CHECK") if papers else ():
            days = {"issued_on": str(today_here() - PLENTY), "valid_to": str(papers)}
            add_credential(post, data={"kind": kind, "record_found": "no", **days}, actor=by)
        return post

    return add
