from django.apps import AppConfig


class CreditConfig(AppConfig):
    """Credit archive, listing with due process, measures, repair and employment bans."""

    name = "credit"
    verbose_name = "信用管理"
    default_auto_field = "django.db.models.BigAutoField"
