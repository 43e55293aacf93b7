"""The machine of `test_no_one_alone`: what one person can try, and what may never come into force by it."""

from __future__ import annotations

import re
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from exchange.models import AllowedTarget, ApiClient, Endpoint, EndpointChange
from tests.presence import prove_presence
from yancheng_childcare import approvals
from yancheng_childcare.models import AccountRequest, Duty, User

BACKEND = "yancheng_childcare.accounts.signin.PortalBackend"
PASSWORD, MAILBOX = "a-password-of-mine-9", "mole@example.com"
OWN_USCC = "91320902MA1TYC011T"
# Role, region, department, institution: what one person may happen to hold in one county, and in the city or nowhere.
COUNTY = (
    ("INTEGRATOR", "320902", "320902-POLICE", ""), ("INTEGRATOR", "320902", "320902-HEALTH", ""),
    ("REVIEWER", "320902", "320902-HEALTH", ""), ("CHIEF", "320902", "320902-HEALTH", ""),
    ("REGISTRAR", "320902", "320902-MARKET", ""), ("POLICE", "320902", "320902-POLICE", ""),
    ("OPERATOR", None, None, OWN_USCC),
)  # fmt: skip
CITY = (
    ("LEADER", "320900", "320900-HEALTH", ""), ("HEALTH_CITY", "320900", "320900-HEALTH", ""),
    ("AUDITOR", None, "320900-AUDIT", ""), ("CREDIT", "320900", "320900-CREDIT", ""),
    ("LEGAL", "320900", "320900-LEGAL", ""),
)  # fmt: skip
ADMIN = ("ADMIN", None, None, "")
STAFF = {role for role, *_ in (*COUNTY, *CITY, ADMIN)}
# Who may see a full number at all, written by hand; with the duties above that is 亭湖 and never 东台.
REVEALS = {
    "registration": {"REGISTRAR", "POLICE", "REVIEWER", "CHIEF"},
    "post": {"REVIEWER", "CHIEF", "OPERATOR"},
}
VICTIMS = ("chief_tinghu", "admin2", "operator_xiaotaiyang", "auditor_city", "registrar_civil")
GRANTED = ("ADMIN", "CHIEF", "AUDITOR", "GRID", "POLICE")
# What an administrator could try in tables of other packages.
FOREIGN = ("mfa/authenticator", "account/emailaddress", "socialaccount/socialaccount", "auth/group",
           "django_celery_beat/periodictask")  # fmt: skip
KINDS = {
    "duty": ("yancheng_childcare/duty", Duty), "request": ("yancheng_childcare/accountrequest", AccountRequest),
    "key": ("exchange/apiclient", ApiClient), "host": ("exchange/allowedtarget", AllowedTarget),
}  # fmt: skip


class Undo(Exception):
    """Rolls one run back."""


class OnePerson(RuleBasedStateMachine):
    """Acts of one person; after each nothing may have come into force."""

    cast: dict[str, Any]
    rows: dict[str, Any]  # institutions, posts and endpoints
    numbers: dict[str, tuple[str, str]]  # full number → (kind, where)

    def __init__(self) -> None:
        super().__init__()
        self.run = transaction.atomic()
        self.run.__enter__()
        cache.clear()
        mail.outbox.clear()
        self.mole = User.objects.create_user("mole", email=MAILBOX, password=PASSWORD, display_name="某人")
        self.browser = Client()
        self.tokens: list[str] = []
        self.keys: list[str] = []
        self.honest = Client()
        self.honest.force_login(self.cast["admin2"], backend=BACKEND)
        self.read: tuple[int, dict[str, Any]] | None = None
        self.held: list[tuple[Any, ...]] = []

    def teardown(self) -> None:
        self.run.__exit__(Undo, Undo(), None)

    @initialize(
        county=st.sets(st.sampled_from(COUNTY), max_size=2),
        city=st.sets(st.sampled_from(CITY), max_size=2),
        admin=st.booleans(),
    )
    def one_person_holds_some_duties(self, county, city, admin):
        """Half of all persons are administrators: they can do most."""
        self.held = [*sorted(county, key=str), *sorted(city, key=str), *([ADMIN] if admin else [])]
        for role, region, department, uscc in self.held:
            Duty.objects.create(
                user=self.mole, role=role, region_id=region, department_id=department, uscc=uscc, valid_from="2024-01-01",
                granted_by=self.cast["admin"], approved_by=self.cast["admin2"],
            )  # fmt: skip
        self.browser.force_login(self.mole, backend=BACKEND)
        self.before = self.in_force()

    # --- what is watched
    def in_force(self) -> dict[str, Any]:
        """Everything that takes two persons, as it counts now. Asked without the code under test where that is possible."""
        holders = User.objects.filter(duties__approved_by__isnull=False, duties__role__in=STAFF).distinct()
        return {
            "duties": set(
                Duty.objects.in_force().exclude(role="GRID").values_list("pk", "user", "role", "region", "uscc")
            ),
            "accounts": set(holders.values_list("pk", "username", "password", "email", "is_active")),
            "keys": set(ApiClient.objects.filter(approved_by__isnull=False).values_list("pk", flat=True)),
            "hosts": set(
                AllowedTarget.objects.in_force().values_list("department", "host", "port", "cidr", "plain_http")
            ),
            "endpoints": set(Endpoint.objects.exclude(url="").values_list("pk", "url")),
            "clear": {(e.pk, name) for e in Endpoint.objects.all() for name in e.grants},
            "factors": set(Authenticator.objects.exclude(user=self.mole).values_list("user", "type")),
        }

    @invariant()
    def nothing_came_into_force(self):
        if not hasattr(self, "before"):
            return
        now = self.in_force()
        for name in ("duties", "keys", "hosts", "endpoints", "clear"):
            assert now[name] <= self.before[name], f"{name}: {now[name] - self.before[name]}"
        for pk, username, password, email, active in now["accounts"]:
            known = [row for row in self.before["accounts"] if row[0] == pk]
            if username != "mole":
                assert known, f"{username} got rights"
                assert (username, password, email) == known[0][1:4], f"the account of {username} was changed"
                assert known[0][4] or not active, f"{username} was switched on"
        assert self.before["factors"] <= now["factors"]
        stopped = {row[0] for row in now["accounts"] if not row[4]}
        self.before["accounts"] = {row for row in self.before["accounts"] if row[0] not in stopped} | {
            row for row in now["accounts"] if row[0] in stopped
        }
        mine = EmailAddress.objects.filter(email=MAILBOX, verified=True, user__duties__approved_by__isnull=False)
        assert not mine.exclude(user=self.mole).exclude(user__duties__role="GRID").exists()

    def ask(self, method: str, path: str, data: Any = None, **kwargs: Any) -> str:
        """One request; whatever comes back must show no full number but where a duty allows it."""
        answer = getattr(self.browser, method)(path, data, **kwargs)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        text = body.decode("utf-8", "replace")
        assert answer.status_code < 500 or answer.status_code == 503, f"{path}: {answer.status_code}"
        for number, (kind, where) in self.numbers.items():
            assert number not in text or self.may_see(kind, where), f"{path} shows the full number of {where}"
        if answer.status_code == 302 and method == "post" and "follow" not in kwargs and path.startswith("/admin/"):
            text += self.browser.get(answer["Location"]).content.decode()
        self.tokens += re.findall(r"/accounts/link/([\w-]{43})/", text)
        self.keys += re.findall(r"yck_[\w-]{43}", text)
        return text

    def may_see(self, kind: str, where: str) -> bool:
        return where == "320902" and any(role in REVEALS[kind] for role, *_ in self.held)

    def user(self, who: str) -> User:
        return User.objects.filter(username=who).first() or self.mole

    # --- duties
    @rule(who=st.sampled_from(("mole", "puppet", "grid_tinghu", "chief_tinghu")), role=st.sampled_from(GRANTED))
    def grants(self, who, role):
        data = {
            "user": self.user(who).pk, "role": role, "region": "320902", "department": "", "uscc": "",
            "certificate_no": "", "valid_from": "2024-01-01", "valid_to": "",
        }  # fmt: skip
        self.ask("post", "/admin/yancheng_childcare/duty/add/", data)
        self.approves("duty", True)

    @rule(who=st.sampled_from(("mole", "grid_tinghu", *VICTIMS)), role=st.sampled_from(GRANTED), data=st.data())
    def edits_a_duty(self, who, role, data):
        rows = list(Duty.objects.filter(user=self.user(who)).order_by("-pk")[:3])
        if rows:
            row = data.draw(st.sampled_from(rows))
            form = {
                "user": self.mole.pk, "role": role, "region": "320902", "department": "", "uscc": "", "certificate_no": "",
                "valid_from": "2024-01-01", "valid_to": "", "approved_by": self.cast["admin2"].pk,
            }  # fmt: skip
            self.ask("post", f"/admin/yancheng_childcare/duty/{row.pk}/change/", form)

    @rule(kind=st.sampled_from(sorted(KINDS)), right=st.booleans())
    def approves(self, kind, right):
        path, model = KINDS[kind]
        rows = list(model.objects.filter(approved_by=None).order_by("-pk")[:2])
        form = {"action": "approve", "confirmed": "yes", "_selected_action": [row.pk for row in rows]}
        seen = {f"seen-{row.pk}": approvals.fingerprint(row) if right else "x" * 64 for row in rows}
        self.ask("post", f"/admin/{path}/", {**form, **seen})

    @rule()
    def the_other_administrator_reads(self):
        """He opens the page of one waiting duty; what he sees decides whether he will approve."""
        row = Duty.objects.filter(approved_by=None).order_by("-pk").first()
        if row is not None:
            chosen = {"action": "approve", "_selected_action": [row.pk]}
            html = self.honest.post("/admin/yancheng_childcare/duty/", chosen).content.decode()
            if "<td>镇街网格员</td>" in html:
                form = dict(re.findall(r'name="(seen-\d+)" value="(\w+)"', html))
                self.read = (row.pk, {**chosen, "confirmed": "yes", **form})

    @rule(who=st.sampled_from(("mole", "puppet")), role=st.sampled_from(("ADMIN", "CHIEF", "GRID")))
    def shows_one_thing_and_lets_another_be_approved(self, who, role):
        self.grants(who, "GRID")
        self.the_other_administrator_reads()
        row = Duty.objects.filter(approved_by=None).order_by("-pk").first()
        if row is not None:
            form = {
                "role": role, "region": "320902", "department": "", "uscc": "", "certificate_no": "",
                "valid_from": "2024-01-01", "valid_to": "",
            }  # fmt: skip
            self.ask("post", f"/admin/yancheng_childcare/duty/{row.pk}/change/", form)
        self.the_other_administrator_approves_what_he_read()

    @rule()
    def the_other_administrator_approves_what_he_read(self):
        if self.read is not None:
            self.honest.post("/admin/yancheng_childcare/duty/", self.read[1])
            self.read = None

    # --- accounts
    @rule(email=st.sampled_from(("", MAILBOX)))
    def makes_an_account(self, email):
        data = {
            "username": "puppet",
            "display_name": "傀儡",
            "email": email,
            "password1": PASSWORD,
            "password2": PASSWORD,
        }
        self.ask("post", "/admin/yancheng_childcare/user/add/", data)

    @rule(who=st.sampled_from(("puppet", *VICTIMS)), kind=st.sampled_from(("LINK", "FACTOR", "EMAIL")))
    def asks_for_an_account(self, who, kind):
        data = {"user": self.user(who).pk, "kind": kind, "email": MAILBOX if kind == "EMAIL" else "", "reason": ""}
        self.ask("post", "/admin/yancheng_childcare/accountrequest/add/", data)
        self.approves("request", True)
        self.follows_every_link()

    @rule()
    def follows_every_link(self):
        for token in self.tokens[-3:]:
            for code in ("", "AAAAAAAAAA"):
                form = {"new_password1": PASSWORD, "new_password2": PASSWORD, "code": code}
                Client().post(f"/accounts/link/{token}/", form)

    @rule(who=st.sampled_from(VICTIMS), active=st.booleans())
    def edits_an_account(self, who, active):
        victim = self.user(who)
        data = {
            "username": "mole2", "display_name": victim.display_name, "email": MAILBOX, "password": "x",
            "is_superuser": "on", "is_staff": "on", **({"is_active": "on"} if active else {}),
        }  # fmt: skip
        self.ask("post", f"/admin/yancheng_childcare/user/{victim.pk}/change/", data)
        self.ask(
            "post",
            f"/admin/yancheng_childcare/user/{victim.pk}/password/",
            {"password1": PASSWORD, "password2": PASSWORD},
        )

    @rule(who=st.sampled_from(VICTIMS))
    def forgets_anothers_password(self, who):
        Client().post("/accounts/password/reset/", {"email": MAILBOX})
        for message in mail.outbox:
            if MAILBOX in message.to and self.user(who).display_name in message.body:
                raise AssertionError(f"a mail about {who} went to the one person")

    @rule(path=st.sampled_from(FOREIGN), who=st.sampled_from(VICTIMS))
    def tries_tables_of_other_packages(self, path, who):
        data = {"user": self.user(who).pk, "email": MAILBOX, "verified": "on", "primary": "on", "type": "totp",
                "data": "{}", "provider": "province", "uid": "mole", "extra_data": "{}", "name": "x", "task": "x"}  # fmt: skip
        self.ask("post", f"/admin/{path}/add/", data)
        self.ask("get", f"/admin/{path}/")

    # --- keys, hosts, endpoints
    @rule(who=st.sampled_from(("mole", *VICTIMS)))
    def makes_a_key(self, who):
        self.ask("post", "/admin/exchange/apiclient/add/", {"user": self.user(who).pk, "name": "我的"})
        self.approves("key", True)
        for key in self.keys[-2:]:
            answer = Client(headers={"Authorization": f"Bearer {key}"}).get("/api/v1/registrations/")
            assert answer.status_code == 401, "a key works that nobody else approved"

    @rule(own=st.sampled_from(("320902-HEALTH", "320902-POLICE")))
    def makes_a_key_of_its_department(self, own):
        prove_presence(self.browser, self.mole)
        self.ask("post", "/exchange/keys/new/", {"name": "我的", "department": own})
        self.ask("get", "/exchange/keys/")
        for client in ApiClient.objects.filter(approved_by=None):
            form = {"seen": approvals.fingerprint(client), "to": "approve", "keep": "1"}
            for act in ("approve", "rotate"):
                self.ask("post", f"/exchange/keys/{client.pk}/{act}/", form)
            self.ask("get", "/exchange/keys/")
        for key in self.keys[-3:]:
            answer = Client(headers={"Authorization": f"Bearer {key}"}).get("/api/v1/registrations/")
            assert answer.status_code == 401, "a key works that nobody else approved"

    @rule(own=st.sampled_from(("health", "police")))
    def closes_an_endpoint(self, own):
        endpoint = self.rows[own]
        self.ask("post", f"/exchange/endpoints/{endpoint.pk}/close/", {"reason": "系统已迁移"})
        self.approves_endpoints()
        endpoint.refresh_from_db()
        assert endpoint.status != "CLOSED", "one person ended the pushes to a department"

    @rule(host=st.sampled_from(("10.1.2.3", "169.254.169.254", "127.0.0.1")), edit=st.booleans())
    def allows_a_host(self, host, edit):
        data = {"department": "320902-POLICE", "host": host, "port": 444, "cidr": f"{host}/32", "reason": "x"}
        row = AllowedTarget.objects.order_by("pk").first()
        path = f"{row.pk}/change/" if edit and row is not None else "add/"
        self.ask("post", f"/admin/exchange/allowedtarget/{path}", data)
        self.approves("host", True)

    @rule(
        to=st.sampled_from((9, 10)), own=st.sampled_from(("health", "police")), clear=st.booleans(), face=st.booleans()
    )
    def points_an_endpoint_elsewhere(self, to, own, clear, face):
        endpoint = self.rows[own]
        url = f"https://10.0.0.{to}/in"
        grants = {"grants": ["legal_rep_id_no", "contact_phone"]} if clear else {}
        if face:
            path = f"/api/v1/endpoints/{endpoint.pk}/"
            self.ask("patch", path, {"url": url, **grants}, content_type="application/json")
        else:
            form = {"name": endpoint.name, "url": url, "body_format": "STANDARD", "timeout_seconds": 5, "connections": 4,
                    "quiet_days_alarm": 7, **grants}  # fmt: skip
            self.ask("post", f"/exchange/endpoints/{endpoint.pk}/edit/", form)
        self.approves_endpoints()

    @rule(own=st.sampled_from(("320902-HEALTH", "320902-POLICE")))
    def sets_an_endpoint_up(self, own):
        body = {"department": own, "name": "我的", "url": "https://10.0.0.10/in"}
        self.ask("post", "/api/v1/endpoints/", body, content_type="application/json")
        for endpoint in Endpoint.objects.filter(name="我的"):
            self.ask("post", f"/exchange/endpoints/{endpoint.pk}/switch/", {"to": "resume"})
        self.approves_endpoints()

    @rule()
    def approves_endpoints(self):
        for change in EndpointChange.objects.waiting():
            form = {"seen": approvals.fingerprint(change), "to": "approve"}
            self.ask("post", f"/exchange/endpoints/{change.endpoint_id}/approve/", form)

    # --- looking
    @rule()
    def looks_at_full_numbers(self):
        for where in ("320902", "320981"):
            path = f"/desk/registrations/{self.rows[where].uscc}/reveal/?field=legal_rep_id_no"
            self.ask("post", path, {"field": "legal_rep_id_no", "reason": "核对登记信息"})
            self.ask("post", f"/desk/people/{self.rows[f'post {where}'].pk}/reveal/", {"reason": "核对人员信息"})

    @rule(path=st.sampled_from(("/desk/registrations/export/?format=csv", "/desk/registrations/", "/desk/people/",
                                "/exchange/deliveries/", "/api/v1/registrations/", "/api/v1/events/",
                                "/admin/registry/institution/", "/admin/exchange/outboxevent/")))  # fmt: skip
    def reads(self, path):
        self.ask("get", path)
