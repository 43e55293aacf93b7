from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    """Cases of every type move by its steps."""

    name = "casework"
    verbose_name = "办件"

    def ready(self) -> None:
        from yancheng_childcare.permissions import add_routes

        from .permissions import ROUTES

        add_routes(ROUTES)
