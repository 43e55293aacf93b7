from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class KernelConfig(AppConfig):
    """The project itself as an app: users, places, time, records."""

    name = "yancheng_childcare"
    verbose_name = "平台基础"
    default_auto_field = "django.db.models.BigAutoField"
    default = True

    def ready(self) -> None:
        # The Celery app must be loaded before any @shared_task is called, or tasks go to a default broker.
        from . import checks, keys, owner, signals  # noqa: F401
        from .accounts import changes, second_factor, sessions
        from .celery import app  # noqa: F401
        from .pages.staff.card import add_cards

        add_cards()
        for module in (changes, second_factor, sessions):
            module.connect()


class PortalAdminConfig(admin_apps.AdminConfig):
    """Django's administration with our site, and without what other packages register for themselves."""

    default = False
    default_site = "yancheng_childcare.administration.PortalSite"

    def ready(self) -> None:
        super().ready()
        from django.contrib.admin import site

        site.forget_foreign()  # type: ignore[attr-defined]  # `default_site`
