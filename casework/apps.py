from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    """Cases of every type move by its steps."""

    name = "casework"
    verbose_name = "办件"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from yancheng_childcare.celery import add_timers
        from yancheng_childcare.codes import add_areas
        from yancheng_childcare.permissions import add_routes

        from .codes import CODES
        from .desks import add_cards
        from .file_purposes import add_purposes
        from .permissions import ROUTES
        from .timers import TIMERS

        add_routes(ROUTES)
        add_areas(("办件", CODES))
        add_timers(TIMERS)
        add_purposes()
        add_cards()
