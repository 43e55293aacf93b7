"""Two ways to write a registration and be sure of it: the services in this process, and the web API over HTTP.

Each call goes on until it knows what became of the write, as a careful client does: the same request again after a lost
connection. What comes back otherwise than a client may expect is counted as a surprise.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

import requests

PAUSE_SECONDS = 0.25
# A write whose fate is unknown for this long is given up and counted.
PATIENCE_SECONDS = 90.0


class Unresolved(Exception):
    """Nobody could tell within the patience whether the write was committed."""


class Writer:
    """What both ways share: patience, and the count of surprises by what they were."""

    def __init__(self) -> None:
        self.surprises: dict[str, int] = {}
        self.repeats = 0

    def surprise(self, what: str) -> None:
        """Something a client should never see."""
        self.surprises[what] = self.surprises.get(what, 0) + 1

    def until_known(self, attempt: Callable[[bool], int | None]) -> int:
        """Call `attempt(again)` until it returns the committed version. Raises Unresolved."""
        until = time.monotonic() + PATIENCE_SECONDS
        again = False
        while time.monotonic() < until:
            version = attempt(again)
            if version is not None:
                return version
            again = True
            self.repeats += 1
            time.sleep(PAUSE_SECONDS)
        raise Unresolved


class DirectWriter(Writer):
    """`registry.registration.services` in this process; needs django.setup()."""

    def __init__(self, username: str):
        """`username` is the registrar who acts."""
        super().__init__()
        from yancheng_childcare.models import User

        self._actor = User.objects.get(username=username)
        from registry.registration.services import registry_department

        self._authority = registry_department(self._actor)

    def register(self, data: dict[str, Any]) -> int:
        """Register; returns the committed version (1)."""
        from registry.registration.services import register_institution

        def attempt(again: bool) -> int:
            return register_institution(data=data, actor=self._actor, registry_org=self._authority).record_version

        # The code is ours alone: if it is taken, the lost answer was a yes.
        return self.until_known(lambda again: self._safely(lambda: attempt(again), lambda status: 1 if again else None))

    def change(self, uscc: str, version: int, changes: dict[str, Any]) -> int:
        """Change the record that stands at `version`; returns the new version."""
        from registry.registration.services import change_institution

        return self._step(
            uscc,
            version,
            lambda institution: change_institution(
                institution, changes=changes, actor=self._actor, expected_version=version
            ),
        )

    def end(self, uscc: str, version: int, step: str, reason: str) -> int:
        """Cancel, revoke or rescind; returns the new version."""
        from registry.registration.services import end_registration

        return self._step(
            uscc,
            version,
            lambda institution: end_registration(
                institution,
                step=step,
                reason=reason,
                terminated_on=date(2026, 1, 5),
                actor=self._actor,
                expected_version=version,
            ),
        )

    def _step(self, uscc: str, version: int, act: Callable[[Any], Any]) -> int:
        from registry.models import Institution

        def attempt(again: bool) -> int:
            institution = Institution.objects.get(uscc=uscc)
            if again and institution.record_version == version + 1:
                return version + 1  # the answer was lost, not the write
            return int(act(institution).record_version)

        return self.until_known(lambda again: self._safely(lambda: attempt(again), lambda status: None))

    def _safely(self, act: Callable[[], int], taken: Callable[[int], int | None]) -> int | None:
        from django.db import connection

        from yancheng_childcare.outages import database_is_away
        from yancheng_childcare.problems import Rejected

        try:
            return act()
        except Rejected as rejected:
            known = taken(rejected.status) if rejected.status == 409 else None
            if known is None:
                self.surprise(f"rejected {rejected.status} {rejected.code}")
            return known
        except Exception as error:  # noqa: BLE001  # whatever it is, the run goes on and reports it
            connection.close()
            if not database_is_away(error):
                self.surprise(f"{type(error).__name__}: {str(error)[:120]}")
            return None


class ApiWriter(Writer):
    """The REST API with an API key, `Idempotency-Key` and `If-Match`, as another office's system would use it."""

    def __init__(self, base: str, key: str):
        """`base` is the address of the portal without a slash at the end."""
        super().__init__()
        self._base = f"{base}/api/v1/registrations/"
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {key}"

    def register(self, data: dict[str, Any]) -> int:
        """POST with one key until it is answered."""
        key = str(uuid.uuid4())

        def attempt(again: bool) -> int | None:
            answer = self._call("POST", self._base, json=data, headers={"Idempotency-Key": key})
            if answer is None or self._is_running(answer):
                return None
            if answer.status_code in (200, 201):
                if answer.status_code == 200 and not again:
                    self.surprise("200 for a first request")
                return int(answer.json()["record_version"])
            self._unexpected(answer)
            return None

        return self.until_known(attempt)

    def change(self, uscc: str, version: int, changes: dict[str, Any]) -> int:
        """PATCH against one version."""
        return self._step("PATCH", f"{self._base}{uscc}/", version, changes)

    def end(self, uscc: str, version: int, step: str, reason: str) -> int:
        """POST to the step's address."""
        body = {"reason": reason, "terminated_on": "2026-01-05"}
        return self._step("POST", f"{self._base}{uscc}/{step}/", version, body)

    def _step(self, method: str, url: str, version: int, body: dict[str, Any]) -> int:
        def attempt(again: bool) -> int | None:
            answer = self._call(method, url, json=body, headers={"If-Match": f'"{version}"'})
            if answer is None:
                return None
            if answer.status_code == 200:
                return int(answer.json()["record_version"])
            if again and answer.status_code in (409, 412):
                # Either the lost answer was a yes, or somebody else wrote: reading tells.
                return self._version_after(version, url)
            self._unexpected(answer)
            return None

        return self.until_known(attempt)

    def _version_after(self, version: int, url: str) -> int | None:
        uscc = url.removeprefix(self._base).partition("/")[0]
        answer = self._call("GET", f"{self._base}{uscc}/")
        if answer is None or answer.status_code != 200:
            return None
        found = int(answer.json()["record_version"])
        if found != version + 1:
            self.surprise(f"stale but at v{found} instead of v{version + 1}")
            return None
        return found

    def _call(self, method: str, url: str, **more: Any) -> requests.Response | None:
        """None when the request must be sent again: no connection, or 503."""
        try:
            answer = self._session.request(method, url, timeout=10, **more)
        except requests.RequestException:
            return None
        return None if answer.status_code in (429, 503) else answer

    def _is_running(self, answer: requests.Response) -> bool:
        return answer.status_code == 409 and answer.json().get("code", "").startswith("EXC-")

    def _unexpected(self, answer: requests.Response) -> None:
        kind = answer.headers.get("Content-Type", "")
        code = answer.json().get("code", "") if "json" in kind else ""
        self.surprise(f"HTTP {answer.status_code} {code}".strip())
