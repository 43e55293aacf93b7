from django.apps import AppConfig


class InspectionsConfig(AppConfig):
    """Checklists, plans, draws, visits, findings, rectification and graded evaluation."""

    name = "inspections"
    verbose_name = "监督检查"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from casework.kinds import add_type
        from yancheng_childcare.celery import add_timers
        from yancheng_childcare.codes import add_areas
        from yancheng_childcare.permissions import add_routes

        from . import checklist, demo, demo_incidents  # noqa: F401  (they hear when reference data is loaded, when the demo city stands)
        from .batch import BATCH
        from .clues import CLUE
        from .codes import CODES
        from .desks import add_cards
        from .incident_desk import add_lines
        from .incidents import INCIDENT
        from .inspection import INSPECTION
        from .penalty import PENALTY
        from .permissions import ROUTES
        from .plan import PLAN
        from .rectification import RECTIFICATION
        from .referral import REFERRAL
        from .timers import TIMERS
        from .unlicensed import UNLICENSED

        for kind in (CLUE, PLAN, BATCH, INSPECTION, RECTIFICATION, PENALTY, REFERRAL, UNLICENSED, INCIDENT):
            add_type(kind)
        add_lines()
        add_routes(ROUTES)
        add_timers(TIMERS)
        add_cards()
        add_areas(("监督检查", CODES))
