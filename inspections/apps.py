from django.apps import AppConfig


class InspectionsConfig(AppConfig):
    """Checklists, plans, draws, visits, findings, rectification and graded evaluation."""

    name = "inspections"
    verbose_name = "监督检查"
    default_auto_field = "django.db.models.BigAutoField"
