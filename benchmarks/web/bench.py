"""`manage.py benchmark web`: what pages and the API of the staff cost beside what they are made of.

- the page of the search against the JSON search: the same 400 different questions to the same worker, no page kept;
- list and entry of registrations with a key, against `bare.py`: Django and DRF that write the same rows.

One worker with one thread each, whole middleware, three clients; the sides take turns within a round. Judged is the
median of the ratios.
"""

from __future__ import annotations

import random
import statistics
from base64 import b64encode

import orjson

from benchmarks import harness
from benchmarks.harness import Goal, Options, Result, Row
from benchmarks.search import mix, web
from benchmarks.search.web import Ask
from registry.demo.sample_registration import sample_registration

NAME = "web"
INSTITUTIONS = 1_000
QUESTIONS, LISTS, ENTRIES = 400, 150, 150  # a round and side
PAGE_OF_JSON, OF_BARE = 1 / 3, 0.9
REGISTRAR = "registrar_tinghu"


def run(options: Options) -> Result:
    """About two minutes; `quick` one."""
    result = Result(NAME)
    with harness.throwaway_database() as environment:
        environment |= {
            "API_RATE_ANONYMOUS": "100000000/min", "API_RATE_CLIENT": "100000000/min", "ALLOWED_HOSTS": "127.0.0.1",
            "LOG_LEVEL": "ERROR", "DEBUG": "1",
        }  # fmt: skip
        questions, key, places = prepare()
        bare_environment = {**environment, "DJANGO_SETTINGS_MODULE": "benchmarks.web.bare_settings"}
        with (
            web.server("yancheng_childcare.wsgi:application", environment) as ours,
            web.server("benchmarks.web.bare:application", bare_environment) as bare,
        ):
            sides = Sides(ours, bare, questions, key, places)
            result.facts["list: both give the same institutions in the same order"] = sides.agree()
            result.facts["entry: both write as many rows of each kind"] = sides.rows(ours) == sides.rows(bare)
            sides.round(0)
            rounds = [
                sides.round(number + 1) for number in range(options.rounds if options.quick else 2 * options.rounds)
            ]
    for name, note in (
        ("json", "JSON search"), ("page", "its page"), ("list", "list of 50 registrations"),
        ("bare_list", "(a) bare Django + DRF"), ("entry", "entry of a registration"), ("bare_entry", "(a) bare Django + DRF"),
    ):  # fmt: skip
        result.rows.append(
            Row(f"{name.removeprefix('bare_')}: {note}", statistics.median(r[name] for r in rounds), "req/s")
        )
    for text, side, other, limit in (
        ("page of the search against the JSON search", "page", "json", PAGE_OF_JSON),
        ("staff list against bare Django + DRF", "list", "bare_list", OF_BARE),
        ("staff entry against bare Django + DRF", "entry", "bare_entry", OF_BARE),
    ):
        value = harness.ratio([r[side] for r in rounds], [r[other] for r in rounds])
        result.goals.append(Goal(text, value, round(limit * options.slack, 2)))
    return result


def prepare() -> tuple[list[dict[str, str]], str, list[int]]:
    """The city; returns the questions, a registrar's key, and places in its list (primary keys) to turn pages from."""
    from django.utils import timezone

    from exchange.clients import issue_key
    from registry.demo.accounts import create_accounts
    from registry.demo.city import read_places
    from registry.demo.mass import load_mass
    from registry.demo.mass_entries import load_entries
    from registry.models import Institution, PublicEntry

    load_mass(0, INSTITUTIONS, today=timezone.localdate(), places=read_places(), progress=lambda text: None)
    load_entries()
    names = list(PublicEntry.objects.order_by("institution_id").values_list("words", "region_id"))
    asked = {tuple(question.items()): question for question in mix.questions(names, 2 * QUESTIONS)}
    person = create_accounts(password="yancheng-demo-2026")[REGISTRAR]  # noqa: S106  # the demo's own
    _, key = issue_key(user=person, name="benchmark", actor=None)
    seen = Institution.objects.visible_to(person, frozenset({"REGISTRAR"})).order_by("-pk").values_list("pk", flat=True)
    return list(asked.values())[:QUESTIONS], key, list(seen[: len(seen) // 2])


class Sides:
    """Both servers and what they are asked."""

    def __init__(self, ours: int, bare: int, questions: list[dict[str, str]], key: str, places: list[int]):
        self.ours, self.bare, self.questions, self.places = ours, bare, questions, places
        self.headers = (f"Authorization: Bearer {key}",)
        self.serial = 0

    def round(self, number: int) -> dict[str, float]:
        """Requests per second of each side, one after the other."""
        harness.quiet_gate()
        rng = random.Random(number)
        questions = rng.sample(self.questions, len(self.questions))
        places = rng.choices(self.places, k=LISTS)
        return {
            "json": web.through(self.ours, [Ask(mix.ours(question)) for question in questions]),
            "page": web.through(self.ours, [Ask(mix.page(question)) for question in questions]),
            "list": web.through(self.ours, [self.list(place) for place in places]),
            "bare_list": web.through(self.bare, [self.bare_list(place) for place in places]),
            "entry": web.through(self.ours, [self.entry() for _ in range(ENTRIES)]),
            "bare_entry": web.through(self.bare, [self.entry() for _ in range(ENTRIES)]),
        }

    def list(self, place: int) -> Ask:
        """Fifty registrations older than this one."""
        return Ask(f"/api/v1/registrations/?cursor=b{place}", headers=self.headers)

    def bare_list(self, place: int) -> Ask:
        """The same of the baseline."""
        return Ask(f"/api/v1/registrations/?cursor={b64encode(f'p={place}'.encode()).decode()}", headers=self.headers)

    def entry(self) -> Ask:
        """A registration nobody has entered yet."""
        self.serial += 1
        return Ask("/api/v1/registrations/", orjson.dumps(sample_registration(self.serial)), self.headers)

    def agree(self) -> bool:
        """Whether both lists hold the same institutions."""
        place = self.places[0]
        mine = orjson.loads(web.Client(self.ours).send(self.list(place))[1])["results"]
        theirs = orjson.loads(web.Client(self.bare).send(self.bare_list(place))[1])["results"]
        return len(mine) == len(theirs) == 50 and [row["uscc"] for row in mine] == [row["uscc"] for row in theirs]

    def rows(self, port: int) -> dict[str, int]:
        """How many rows of each kind one entry writes."""
        before = counted()
        web.through(port, [self.entry()], clients=1)
        return {name: number - before[name] for name, number in counted().items()}


def counted() -> dict[str, int]:
    """Rows by model of what an entry consists of."""
    from django.apps import apps

    models = (
        "registry.Institution", "registry.InstitutionEvent", "exchange.OutboxEvent", "yancheng_childcare.Event",
        "yancheng_childcare.Deadline", "pghistory.Context",
    )  # fmt: skip
    return {model: apps.get_model(model)._default_manager.count() for model in models}
