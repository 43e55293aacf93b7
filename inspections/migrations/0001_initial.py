import django.db.models.deletion
import yancheng_childcare.whole_models
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('casework', '0001_initial'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        yancheng_childcare.whole_models.CreateModels(
            models=[migrations.CreateModel(
                name='Clue',
                fields=[
                    ('case', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='%(class)s', serialize=False, to='casework.case')),
                    ('place', models.CharField(max_length=200, verbose_name='地点')),
                    ('seen', models.CharField(max_length=1000, verbose_name='看到的情况')),
                ],
                options={
                    'verbose_name': '网格线索',
                    'verbose_name_plural': '网格线索',
                    'indexes': [],
                    'constraints': [],
                },
            ), migrations.CreateModel(
                name='ClueEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='inspections.clue')),
                    ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ('case', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', serialize=False, to='casework.case')),
                    ('place', models.CharField(max_length=200, verbose_name='地点')),
                    ('seen', models.CharField(max_length=1000, verbose_name='看到的情况')),
                ],
                options={
                    'abstract': False,
                    'indexes': [],
                    'constraints': [],
                },
            )],
        ),
    ]
