import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = [("casework", "0001_initial")]
    operations = [
        migrations.CreateModel(
            "Talk",
            [
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name="%(class)s",
                        serialize=False, to="casework.case",
                    ),
                ),
                ("matter", models.CharField(max_length=300, verbose_name="事项")),
                ("came", models.CharField(blank=True, max_length=300, verbose_name="说明")),
            ],
            options={"abstract": False},
        )
    ]
