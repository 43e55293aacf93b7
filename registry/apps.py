from django.apps import AppConfig

from .functions import DATABASE_FUNCTIONS


class RegistryConfig(AppConfig):
    """Institutions: registration, filing, people; the public register builds on them."""

    name = "registry"
    verbose_name = "登记与备案"
    default_auto_field = "django.db.models.BigAutoField"
    database_functions = DATABASE_FUNCTIONS

    def ready(self) -> None:
        from casework.kinds import add_type
        from yancheng_childcare.celery import add_timers
        from yancheng_childcare.codes import add_areas
        from yancheng_childcare.permissions import add_routes

        from . import receivers  # noqa: F401  (connects the signals)
        from .accounts.desks import add_cards as add_account_cards
        from .error_codes import AREAS
        from .file_purposes import add_purposes
        from .filing.desks import add_cards as add_filing_cards
        from .ledgers.desks import add_cards as add_ledger_cards
        from .permissions import ROUTES
        from .register.report_type import REPORT
        from .registration import workflow  # noqa: F401  (its table guards the status)
        from .registration.desks import add_cards
        from .timers import TIMERS

        add_routes(ROUTES)
        add_areas(*AREAS)
        add_timers(TIMERS)
        add_purposes()
        add_cards()
        add_ledger_cards()
        add_filing_cards()
        add_account_cards()
        add_type(REPORT)
