import time, pytest
from django.core.management import call_command
@pytest.mark.django_db
def test_try(settings):
    settings.LOGGING_CONFIG=None
    t=time.time(); call_command("seed_demo"); print("first", time.time()-t)
    t=time.time(); call_command("seed_demo"); print("second", time.time()-t)
    from registry.models import Institution
    from exchange.models import Receipt, Delivery
    from django.db.models import Count
    print(Institution.objects.count(), list(Institution.objects.values_list("status").annotate(n=Count("id"))), Institution.objects.unfiled().count())
    print(list(Institution.objects.values_list("region_id").annotate(n=Count("id"))))
    print(list(Institution.objects.values_list("nature").annotate(n=Count("id"))))
    print("warned", Institution.objects.irregular_scope().count(), "v2", Institution.objects.filter(record_version__gt=1).count(), "former", Institution.objects.exclude(former_names=[]).count())
    from collections import Counter
    print(Counter(Receipt.objects.values_list("department_id","handled")))
    print(Counter(Delivery.objects.values_list("endpoint__department_id","status")))
    t=time.time(); call_command("seed_demo", institutions=20300); print("20k", time.time()-t)
    t=time.time(); call_command("seed_demo", institutions=20300); print("20k again", time.time()-t)
    t=time.time(); call_command("seed_demo", institutions=100300); print("100k", time.time()-t)
