from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """The one door through which data leaves the portal."""

    name = "exchange"
    verbose_name = "数据交换"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from yancheng_childcare.permissions import add_routes

        from . import sweep  # noqa: F401  # listens for the start of worker processes
        from .desks import add_cards
        from .permissions import ROUTES

        add_routes(ROUTES)
        add_cards()
