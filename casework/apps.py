from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    """Cases of every type move by its steps."""

    name = "casework"
    verbose_name = "办件"
