"""The people of the institution operator_xiaotaiyang runs, taken on by the real services."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from registry.models import Institution, Post
from registry.people.services import add_credential, add_post
from registry.rules.identity import make_id_number
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
def operator_of() -> Callable[..., Any]:
    """An operator of any institution: a new person with that one duty."""
    from yancheng_childcare.choices import Role
    from yancheng_childcare.models import Duty, User

    def make(institution: Institution, username: str = "operator_other") -> Any:
        user = User.objects.create_user(username=username, password="yancheng-demo-2026")
        Duty.objects.create(user=user, role=Role.OPERATOR, uscc=institution.uscc)
        return user

    return make


def typed(name: str = "钱保育", number: int = 7, **more: Any) -> dict[str, Any]:
    """What somebody types into the form of a new person."""
    return {
        "name": name,
        "id_no": make_id_number("320902", date(1992, 3, 4), number),
        "phone": "13900001111",
        "education": "COLLEGE",
        "experience_years": "3",
        "role": "CARER",
        "full_time": "yes",
        "started_on": "2026-03-02",
        "no_mental_illness": "on",
        **more,
    }


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
