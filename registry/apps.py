from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """Institutions: registration, filing, people; the public register builds on them."""

    name = "registry"
    verbose_name = "登记与备案"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import receipts  # noqa: F401  (connects what a receipt does to a clock)
        from .desks import add_cards
        from .file_purposes import add_purposes
        from .filing.desks import add_cards as add_filing_cards
        from .public.desks import add_cards as add_public_cards

        add_purposes()
        add_cards()
        add_filing_cards()
        add_public_cards()
