import io, csv, pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from registry.imports.jobs import create_import, check_import, take_import
from registry.fields import ENTERED, LABELS
from registry.services import registry_department
from registry.models import *
from exchange.models import OutboxEvent
from yancheng_childcare.models import Event, Deadline
pytestmark = pytest.mark.django_db
def test_x(cast, registration):
    a=cast["registrar_tinghu"]; dep=registry_department(a)
    rows=[registration() for _ in range(5)]
    b=io.StringIO(); w=csv.writer(b); w.writerow([LABELS[n] for n in ENTERED])
    for r in rows: w.writerow([r[n] or "" for n in ENTERED])
    job=create_import(uploaded=SimpleUploadedFile("a.csv", b.getvalue().encode()), actor=a, department=dep)
    job=check_import(job.pk); print(job.__dict__, list(job.rows.values()))
    job=take_import(job.pk, actor=a); print(job.__dict__)
    print(Institution.objects.count(), OutboxEvent.objects.values()[0], Event.objects.filter(action="registration.recorded").values()[0], Deadline.objects.values()[0])
