"""Files encrypted on the disk: each content under a random name and a key of its own, found again by a keyed hash."""

import base64
import hashlib
import uuid
from pathlib import Path

from django.conf import settings
from django.db import migrations, models, transaction
from django.utils import timezone

import yancheng_childcare.crypto


def seal_contents(apps, schema_editor):
    """Contents that lie in the clear under their hash are sealed; the old ones go once this is committed."""
    from yancheng_childcare.files import storage
    from yancheng_childcare.files.keeping import fingerprint_of
    from yancheng_childcare.files.sealing import new_key, sealed

    old, tables = set(), set()
    for row in apps.get_model("yancheng_childcare", "StoredFile").objects.order_by("pk").iterator(chunk_size=100):
        row.content = uuid.uuid4()
        path = Path(settings.FILE_ROOT) / row.fingerprint[:2] / row.fingerprint
        if path.is_file():
            data, key = path.read_bytes(), new_key()
            storage.write(row.content, sealed(data, key, row.content))
            row.content_key = base64.b64encode(key).decode()
            row.fingerprint = fingerprint_of(data)
            old.add(path)
        else:
            # Nothing to seal: the plain hash must not stay all the same.
            row.fingerprint = yancheng_childcare.crypto.blind_index(
                row.fingerprint or hashlib.sha256(b"").hexdigest(), "file.content"
            )
        if row.purpose == "person-import":
            if (row.uscc, row.fingerprint) in tables:  # handed in twice: one is enough, and one alone is allowed
                row.content_key, row.deleted_at = "", timezone.now()
            tables.add((row.uscc, row.fingerprint))
        row.save(update_fields=["content", "content_key", "fingerprint", "deleted_at"])
    transaction.on_commit(lambda: [path.unlink(missing_ok=True) for path in old])


class Migration(migrations.Migration):
    dependencies = [("yancheng_childcare", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="StorageMark",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ("mark", models.CharField(max_length=32, verbose_name="存储标记")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="写入时间")),
            ],
            options={"verbose_name": "文件存储标记", "verbose_name_plural": "文件存储标记"},
        ),
        migrations.AddConstraint(
            model_name="storagemark",
            constraint=models.CheckConstraint(condition=models.Q(("id", 1)), name="storage_mark_one"),
        ),
        migrations.RenameField("storedfile", "sha256", "fingerprint"),
        migrations.AlterField(
            model_name="storedfile",
            name="fingerprint",
            field=models.CharField(db_index=True, max_length=64, verbose_name="内容指纹"),
        ),
        migrations.AddField(
            model_name="storedfile",
            name="content",
            field=models.UUIDField(null=True, editable=False, verbose_name="存放位置"),
        ),
        migrations.AddField(
            model_name="storedfile",
            name="content_key",
            field=yancheng_childcare.crypto.EncryptedTextField(
                blank=True,
                default="",
                editable=False,
                purpose="yancheng_childcare.stored_file.content_key",
                verbose_name="文件密钥",
            ),
        ),
        migrations.AddField(
            model_name="storedfile",
            name="deleted_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="内容删除时间"),
        ),
        migrations.RunPython(seal_contents, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="storedfile",
            name="content",
            field=models.UUIDField(db_index=True, default=uuid.uuid4, editable=False, verbose_name="存放位置"),
        ),
        migrations.AddConstraint(
            model_name="storedfile",
            constraint=models.UniqueConstraint(
                condition=models.Q(("deleted_at__isnull", True), ("purpose", "person-import")),
                fields=("uscc", "fingerprint"),
                name="person_import_once",
            ),
        ),
    ]
