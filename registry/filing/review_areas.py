"""片区分工: which reviewer takes the cases of which town; a chief divides the own county (product.md C4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from yancheng_childcare.choices import Role
from yancheng_childcare.models import Duty, Region
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.records import log_event

from ..codes import filing as codes
from ..models import ReviewArea


def towns_led_by(actor: Any) -> list[Region]:
    """The towns of the counties the actor leads, county by county. One query."""
    prefixes = tuple(duty.region.prefix for duty in actor.duties_as(Role.CHIEF) if duty.region)
    towns = Region.objects.filter(level="TOWN").select_related("parent").order_by("parent_id", "code")
    return [town for town in towns if town.prefix.startswith(prefixes)] if prefixes else []


def reviewers_of(prefixes: Iterable[str]) -> dict[str, list[Any]]:
    """Per region path: the active users whose reviewing duty covers it. One query."""
    duties = list(
        Duty.objects.in_force()
        .filter(role=Role.REVIEWER, user__is_active=True)
        .select_related("user", "region")
        .order_by("user__username")
    )
    return {
        prefix: list({duty.user_id: duty.user for duty in duties if duty.covers(prefix)}.values())
        for prefix in set(prefixes)
    }


def divide_areas(*, wanted: Mapping[str, str], actor: Any) -> int:
    """Give towns to reviewers: {town code: user key, "" = nobody}. Returns how many changed.

    Raises Rejected 403 for a town the actor does not lead, 422 (FIL-111) for a person who does not review it.
    """
    towns = {town.code: town for town in towns_led_by(actor)}
    if strange := set(wanted) - towns.keys():
        words = f"有 {len(strange)} 个镇（街道）不在您负责的辖区。"
        raise Rejected(Problem("GEN-403", "", words), status=403)
    able = reviewers_of(towns[code].prefix for code in wanted)
    chosen: dict[str, Any] = {}
    found: list[Problem] = []
    for code, key in wanted.items():
        person = next((user for user in able[towns[code].prefix] if str(user.pk) == key), None)
        if key and person is None:
            words = f"{towns[code].name}：所选人员没有本辖区的受理职责。"
            found.append(Problem(codes.SECOND_PERSON, f"town-{code}", words))
        chosen[code] = person
    if found:
        raise Rejected(found)
    changed = []
    with transaction.atomic():
        now = dict(ReviewArea.objects.select_for_update().filter(town__in=chosen).values_list("town_id", "reviewer_id"))
        for code, person in chosen.items():
            if now.get(code) == (person.pk if person else None):
                continue
            changed.append(f"{towns[code].name}：{person.display_name if person else '不指定'}")
            if person is None:
                ReviewArea.objects.filter(town=code).delete()
            else:
                ReviewArea.objects.update_or_create(town_id=code, defaults={"reviewer": person})
        if changed:
            log_event(
                "filing.areas_divided",
                subject=f"registry.review_area:{towns[next(iter(chosen))].parent_id}",
                summary=f"调整片区分工 {len(changed)} 处",
                actor=actor,
                region_prefix=towns[next(iter(chosen))].prefix,
                data={"changed": changed},
            )
    return len(changed)
