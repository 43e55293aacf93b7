"""Encrypted fields: known answers, nothing readable in the database, nothing readable after tampering, rotation."""

from __future__ import annotations

import base64
import pickle
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.core import serializers
from django.core.exceptions import FieldError, ImproperlyConfigured, ValidationError
from django.db import connection, models
from django.db.migrations.writer import MigrationWriter
from django.test.utils import isolate_apps
from hypothesis import given
from hypothesis import strategies as st

from yancheng_childcare.crypto import (
    DecryptionFailed,
    EncryptedTextField,
    Secret,
    blind_index,
    current_prefix,
    decrypt,
    encrypt,
    hmac_sm3,
    rotate_keys,
    sm3,
)

ID = "11010519491231002X"
K1 = "k1:" + base64.b64encode(b"1" * 16).decode()
K2 = "k2:" + base64.b64encode(b"2" * 16).decode()


@pytest.fixture(autouse=True)
def keys(settings: Any) -> Any:
    settings.FIELD_KEYS = [K1]
    settings.BLIND_INDEX_KEY = base64.b64encode(b"b" * 32).decode()
    return settings


def test_known_answers() -> None:
    """GB/T 32905 and 32907 examples; product.md D3."""
    assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    block = bytes.fromhex("0123456789abcdeffedcba9876543210")
    sm4 = Cipher(algorithms.SM4(block), modes.ECB()).encryptor()  # noqa: S305  # one block against the standard's example
    assert (sm4.update(block) + sm4.finalize()).hex() == "681edf34d206965e86b3e94f536e4246"
    mac = hmac_sm3(b"key", b"The quick brown fox jumps over the lazy dog")
    assert mac.hex() == "bd4a34077888162b210645b8ebf74b9af357303789357a27c7fc457244ebd398"


def test_sm4_gcm_known_answer() -> None:
    """RFC 8998, appendix A.1."""
    key = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
    cipher = Cipher(algorithms.SM4(key), modes.GCM(bytes.fromhex("00001234567800000000ABCD"))).encryptor()
    cipher.authenticate_additional_data(bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2"))
    plain = "".join(c * 16 for c in ("A", "B", "C", "D", "E", "F", "E", "A"))
    body = cipher.update(bytes.fromhex(plain)) + cipher.finalize()
    assert body.hex().upper().startswith("17F399F08C67D5EE19D0DC9969C4BB7D")
    assert cipher.tag.hex().upper() == "83DE3541E4C2B58177E065A9BF7B62EC"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=300))
def test_round_trip(text: str) -> None:
    assert decrypt(encrypt(text, "a.b.c"), "a.b.c") == text


def test_same_text_never_looks_the_same() -> None:
    tokens = {encrypt(ID, "a.b.c") for _ in range(200)}
    assert len(tokens) == 200
    assert all(token.startswith("1.k1.") and ID not in token for token in tokens)


def test_every_altered_bit_and_other_field_is_refused() -> None:
    token = encrypt(ID, "a.b.c")
    raw = bytearray(base64.b64decode(token.rpartition(".")[2]))
    for bit in range(len(raw) * 8):
        altered = bytearray(raw)
        altered[bit // 8] ^= 1 << (bit % 8)
        with pytest.raises(DecryptionFailed) as caught:
            decrypt("1.k1." + base64.b64encode(altered).decode(), "a.b.c")
        assert ID not in str(caught.value)
    with pytest.raises(DecryptionFailed):
        decrypt(token, "a.b.other")


@pytest.mark.parametrize(
    "token", ["plain text", "1.k1.", "1.k1.AAAA", "1.k1.***", "2.k1.AAAA", "1.k9.AAAA", "1.k1", "."]
)
def test_nonsense_is_refused(token: str) -> None:
    with pytest.raises(DecryptionFailed):
        decrypt(token, "a.b.c")


def test_key_id_is_authenticated(keys: Any) -> None:
    token = encrypt(ID, "a.b.c")
    keys.FIELD_KEYS = [K1, "k2:" + K1.partition(":")[2]]  # the same key under another id
    with pytest.raises(DecryptionFailed):
        decrypt(token.replace("1.k1.", "1.k2."), "a.b.c")


def test_old_keys_still_open(keys: Any) -> None:
    token = encrypt(ID, "a.b.c")
    keys.FIELD_KEYS = [K2, K1]
    assert decrypt(token, "a.b.c") == ID
    assert encrypt(ID, "a.b.c").startswith("1.k2.")
    keys.FIELD_KEYS = [K2]
    with pytest.raises(DecryptionFailed, match="no key"):
        decrypt(token, "a.b.c")


@pytest.mark.parametrize("entries", [[], ["k1"], ["k1:%%%"], ["k1:c2hvcnQ="], ["k 1:" + "A" * 22 + "=="], [K1, K1]])
def test_bad_key_settings_are_named_without_the_key(keys: Any, entries: list[str]) -> None:
    keys.FIELD_KEYS = entries
    with pytest.raises(ImproperlyConfigured, match="FIELD_KEYS") as caught:
        encrypt("x", "a.b.c")
    assert not any(entry.partition(":")[2] and entry.partition(":")[2] in str(caught.value) for entry in entries)


def test_repr_shows_nothing() -> None:
    secret = decrypt(encrypt(ID, "a.b.c"), "a.b.c")
    assert secret == ID
    assert isinstance(secret, Secret)
    assert ID not in repr(secret) + repr({"id": [secret]}) + f"{secret!r}"
    assert pickle.loads(pickle.dumps(secret)) == ID  # noqa: S301  # our own bytes: it must pass through task arguments


def test_blind_index_normalises_and_separates(keys: Any) -> None:
    index = blind_index(ID, "person")
    assert len(index) == 64
    assert index == blind_index(" 110105 19491231 002x ", "person")
    assert index == blind_index("１１０１０５-19491231-００２Ｘ", "person")
    assert index != blind_index(ID, "phone")
    assert index != sm3(ID.encode()).hex()
    keys.BLIND_INDEX_KEY = base64.b64encode(b"c" * 32).decode()
    assert index != blind_index(ID, "person")
    for empty in ("", " ", "- -"):
        with pytest.raises(ValueError, match="empty"):
            blind_index(empty, "person")
    keys.BLIND_INDEX_KEY = "c2hvcnQ="
    with pytest.raises(ImproperlyConfigured, match="BLIND_INDEX_KEY"):
        blind_index(ID, "person")


@pytest.fixture
def person(db: None) -> Iterator[Any]:
    with isolate_apps():

        class Person(models.Model):
            name = models.CharField(max_length=20)
            id_no = EncryptedTextField("证件号", null=True, blank=True)  # noqa: DJ001  # null is one of the cases

            class Meta:
                app_label = "yancheng_childcare"

            def __str__(self) -> str:
                return self.name

        with connection.schema_editor() as editor:
            editor.create_model(Person)
        yield Person


def raw(model: Any) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f'select id_no from "{model._meta.db_table}" order by id')  # noqa: S608  # a table of this test
        return [row[0] for row in cursor.fetchall()]


def test_field_is_plain_in_python_and_sealed_in_the_database(person: Any) -> None:
    person.objects.create(name="甲", id_no=ID)
    person.objects.bulk_create(
        [person(name="乙", id_no=ID), person(name="丙", id_no=None), person(name="丁", id_no="")]
    )
    assert [p.id_no for p in person.objects.order_by("id")] == [ID, ID, None, ""]
    stored = raw(person)
    assert stored[0] != stored[1]
    assert stored[2] is None
    assert stored[3] == ""
    assert all(token.startswith(current_prefix()) and ID not in token for token in stored[:2])
    person.objects.filter(name="乙").update(id_no="32090219900101123X")
    assert person.objects.values_list("id_no", flat=True).get(name="乙") == "32090219900101123X"
    assert list(person.objects.filter(id_no__isnull=True).values_list("name", flat=True)) == ["丙"]
    assert ID not in repr(person.objects.values("id_no"))


def test_dump_contains_no_plaintext_and_ciphertext_is_not_taken_for_text(person: Any) -> None:
    row = person.objects.create(name="甲", id_no=ID)
    for form in ("json", "xml"):
        assert ID not in serializers.serialize(form, [row])
    row.id_no = raw(person)[0]
    with pytest.raises(ValidationError, match="加密"):
        row.full_clean()


@pytest.mark.parametrize("lookup", ["id_no", "id_no__exact", "id_no__contains", "id_no__in", "id_no__lower"])
def test_lookups_are_refused(person: Any, lookup: str) -> None:
    with pytest.raises(FieldError, match="encrypted"):
        list(person.objects.filter(**{lookup: [ID] if lookup.endswith("in") else ID}))


def test_a_moved_or_altered_value_is_refused_on_read(person: Any) -> None:
    person.objects.create(name="甲", id_no=ID)
    with connection.cursor() as cursor:
        cursor.execute(
            f'update "{person._meta.db_table}" set id_no = %s',  # noqa: S608  # a table of this test
            [encrypt(ID, "yancheng_childcare.other.id_no")],
        )
    with pytest.raises(DecryptionFailed) as caught:
        person.objects.get()
    assert ID not in str(caught.value)


def test_migrations_carry_the_purpose(person: Any) -> None:
    field = person._meta.get_field("id_no")
    text, _ = MigrationWriter.serialize(field)
    assert "purpose='yancheng_childcare.person.id_no'" in text
    assert field.clone().purpose == field.purpose
    assert connection.data_types["TextField"] == field.db_type(connection)


def test_constraints_on_ciphertext_are_refused_by_the_check() -> None:
    field = EncryptedTextField(unique=True)
    field.set_attributes_from_name("id_no")
    field.model = None
    assert "yancheng_childcare.E001" in {problem.id for problem in field.check()}


def test_rotation_reseals_all_rows_in_batches(person: Any, keys: Any) -> None:
    texts = [f"{n:018d}" for n in range(23)]
    person.objects.bulk_create([person(name="甲", id_no=text) for text in texts])
    person.objects.bulk_create([person(name="空", id_no=""), person(name="无", id_no=None)])
    keys.FIELD_KEYS = [K2, K1]
    [done] = rotate_keys(batch=5, only=[person])
    assert (done.rotated, done.unreadable) == (23, [])
    assert all(token.startswith("1.k2.") for token in raw(person) if token)
    keys.FIELD_KEYS = [K2]  # the old key can go now
    assert [p.id_no for p in person.objects.order_by("id")][:23] == texts
    [again] = rotate_keys(batch=5, only=[person])
    assert again.rotated == 0


def test_rotation_leaves_unreadable_rows_and_lists_them(person: Any, keys: Any) -> None:
    rows = person.objects.bulk_create([person(name="甲", id_no=ID) for _ in range(7)])
    broken = rows[3].pk
    with connection.cursor() as cursor:
        cursor.execute(f'update "{person._meta.db_table}" set id_no = %s where id = %s', ["1.k1.AAAA", broken])  # noqa: S608
    keys.FIELD_KEYS = [K2, K1]
    [done] = rotate_keys(batch=2, only=[person])
    assert (done.rotated, done.unreadable) == (6, [broken])
    assert raw(person)[3] == "1.k1.AAAA"
