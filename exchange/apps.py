from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """The one door through which data leaves the portal."""

    name = "exchange"
    verbose_name = "数据交换"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from yancheng_childcare.celery import add_timers
        from yancheng_childcare.codes import add_areas
        from yancheng_childcare.permissions import add_routes

        from . import sweep  # noqa: F401  # listens for the start of worker processes
        from .desks import add_cards
        from .error_codes import EXCHANGE_CODES
        from .permissions import ROUTES
        from .timers import TIMERS

        add_routes(ROUTES)
        add_areas(("数据交换", EXCHANGE_CODES))
        add_timers(TIMERS)
        add_cards()
