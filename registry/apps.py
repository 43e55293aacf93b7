from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """Institutions: their registration today; filing, people and the public register build on it."""

    name = "registry"
    verbose_name = "登记与备案"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import receipts  # noqa: F401  (connects what a receipt does to a clock)
        from .desks import add_cards

        add_cards()
