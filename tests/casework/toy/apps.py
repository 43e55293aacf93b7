from django.apps import AppConfig


class ToyConfig(AppConfig):
    """A type of case that nothing else knows: an institution is asked to come and talk."""

    name = "tests.casework.toy"
    label = "toy"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from casework.kinds import add_type

        from .talks import TALK

        add_type(TALK)
