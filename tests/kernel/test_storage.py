"""Where files end up, what they are called, and the scanner before it."""

from __future__ import annotations

import base64
import errno
import hashlib
import io
import os
import shutil
import socket
import stat
import struct
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from yancheng_childcare.celery import refuse_foreign_storage
from yancheng_childcare.crypto import is_token, rotate_keys
from yancheng_childcare.files import delete_content, intake, is_intact, keep_content, open_stored, read_stored
from yancheng_childcare.files.intake import IntakeResult, clean_name
from yancheng_childcare.files.marking import MARK_NAME, WrongStorage, check_mark, remove_orphans
from yancheng_childcare.files.sealing import PIECE_BYTES
from yancheng_childcare.files.storage import path_of, storage_state
from yancheng_childcare.models import StoredFile
from yancheng_childcare.problems import Rejected


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "JPEG")
    return out.getvalue()


def take(data: bytes) -> IntakeResult:
    return intake(SimpleUploadedFile("a.jpg", data), purpose="test")


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\用户\\照片.JPG", "照片.JPG"),
        ("a\u202egpj.pdf", "agpj.pdf"),
        ("a\x00\r\nb\u200b.pdf", "ab.pdf"),
        ('a<b>:"|?*.pdf', "a_b______.pdf"),
        ("", "未命名"),
        (".pdf", "pdf"),
        ("x" * 300 + ".jpeg", "x" * 95 + ".jpeg"),
    ],
)
def test_names_are_cleaned(given_name: str, kept: str) -> None:
    assert clean_name(given_name) == kept


@given(st.text(max_size=300))
def test_no_name_escapes(name: str) -> None:
    kept = clean_name(name)
    assert 0 < len(kept) <= 100
    assert not set(kept) & set('/\\\0\r\n"<>:|?*\u202e\u200f')
    assert not kept.startswith(".")


@pytest.fixture
def root(tmp_path: Path, settings: Any) -> Path:
    settings.FILE_ROOT = tmp_path / "files"
    return settings.FILE_ROOT


@pytest.fixture
def uploader(cast: dict[str, Any]) -> Any:
    return cast["registrar_tinghu"]


@pytest.fixture
def kept(root: Path, uploader: Any) -> Any:
    """A content kept as an upload would be."""

    def keep(data: bytes = b"content", **fields: Any) -> StoredFile:
        values = {"kind": "csv", "name": "a.csv", "purpose": "registration.import", "uploaded_by": uploader, **fields}
        return keep_content(data, **values)

    return keep


def contents(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


@pytest.mark.django_db
@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES])
def test_what_is_kept_is_read_again(kept: Any, size: int) -> None:
    data = os.urandom(size)
    file = kept(data)
    assert b"".join(read_stored(file)) == data
    with open_stored(file) as content:
        assert content.read() == data
    assert is_intact(file)
    assert stat.S_IMODE(path_of(file.content).stat().st_mode) == 0o600


@pytest.mark.django_db
def test_nothing_of_the_content_lies_in_the_folder_or_its_names(kept: Any, root: Path) -> None:
    """security.md M3: uploaded tables lay in clear under their hash, with every ID number in them."""
    data = "姓名,身份证号\n张三,320902198506010011\n".encode()
    first, again = kept(data), kept(data)
    for path in contents(root):
        assert b"320902198506010011" not in path.read_bytes()
        assert hashlib.sha256(data).hexdigest()[:8] not in str(path)
    assert first.content != again.content  # the same table twice looks like two
    assert path_of(first.content).read_bytes() != path_of(again.content).read_bytes()
    assert first.fingerprint == again.fingerprint != hashlib.sha256(data).hexdigest()


@pytest.mark.django_db
def test_the_key_of_a_content_is_encrypted_in_the_database(kept: Any) -> None:
    file = kept()
    with connection.cursor() as cursor:
        cursor.execute("SELECT content_key FROM yancheng_childcare_storedfile WHERE id = %s", [file.pk])
        [stored] = cursor.fetchone()
    assert is_token(stored) and file.content_key not in stored


@pytest.mark.django_db
def test_new_field_keys_open_what_the_old_ones_sealed(kept: Any, settings: Any) -> None:
    """`rotate_keys` seals the content's key anew; the content itself is not touched."""
    file = kept()
    before = path_of(file.content).read_bytes()
    new = base64.b64encode(os.urandom(16)).decode()
    old = settings.FIELD_KEYS if isinstance(settings.FIELD_KEYS, str) else ",".join(settings.FIELD_KEYS)
    settings.FIELD_KEYS = f"next:{new},{old}"
    rotate_keys(only=[StoredFile])
    settings.FIELD_KEYS = f"next:{new}"
    assert is_intact(StoredFile.objects.get(pk=file.pk))
    assert path_of(file.content).read_bytes() == before


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["flipped", "cut", "cut at a piece", "pieces swapped", "of another file", "gone"])
def test_damage_and_loss_are_found(kept: Any, change: str) -> None:
    file, other = kept(os.urandom(2 * PIECE_BYTES + 5)), kept(os.urandom(2 * PIECE_BYTES + 5))
    path = path_of(file.content)
    data, size = bytearray(path.read_bytes()), PIECE_BYTES + 16
    if change == "flipped":
        data[len(data) // 2] ^= 1
    elif change == "cut":
        data = data[:-9]
    elif change == "cut at a piece":
        data = data[: 4 + 2 * size]
    elif change == "pieces swapped":
        data = data[:4] + data[4 + size : 4 + 2 * size] + data[4 : 4 + size] + data[4 + 2 * size :]
    elif change == "of another file":
        data = bytearray(path_of(other.content).read_bytes())
    path.write_bytes(data)
    if change == "gone":
        path.unlink()
    assert not is_intact(file)
    with pytest.raises(Rejected) as refused:
        b"".join(read_stored(file))
    assert (refused.value.code, refused.value.status) == ("FILE-028", 503)
    assert is_intact(other)


@pytest.mark.django_db
def test_a_purpose_nobody_registered_keeps_nothing(kept: Any, root: Path) -> None:
    with pytest.raises(KeyError):
        kept(purpose="whatever")
    assert not contents(root) and not StoredFile.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_deleted_content_is_gone_with_its_key_and_the_row_says_when(kept: Any, root: Path) -> None:
    file = kept()
    delete_content(file)
    assert not contents(root)
    row = StoredFile.objects.get(pk=file.pk)
    assert row.deleted_at and not row.content_key
    with pytest.raises(Rejected) as refused:
        open_stored(row)
    assert (refused.value.code, refused.value.status) == ("FILE-027", 410)


@pytest.mark.django_db(transaction=True)
def test_a_content_that_another_row_needs_stays(kept: Any) -> None:
    file = kept()
    twin = StoredFile.objects.get(pk=file.pk)
    twin.pk = None
    twin.save(force_insert=True)
    delete_content(file)
    assert is_intact(StoredFile.objects.get(pk=twin.pk))


# ---- a full disk --------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """One megabyte of a file system of its own as FILE_ROOT."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", str(disk)], check=False, capture_output=True
    )
    if not mounted or mounted.returncode:
        pytest.skip("NOT TESTED: a really full disk. Mounting a tmpfs needs root; the error itself is tested below.")
    settings.FILE_ROOT = disk
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.django_db
def test_on_a_really_full_disk_nothing_is_half_saved(small_disk: Path, uploader: Any, settings: Any) -> None:
    settings.FILE_FREE_PERCENT = 0
    with pytest.raises(Rejected) as refused:
        keep_content(os.urandom(3 << 20), kind="csv", name="a.csv", purpose="registration.import", uploaded_by=uploader)
    assert (refused.value.code, refused.value.status) == ("FILE-026", 507)
    assert contents(small_disk) == [] and not StoredFile.objects.exists()
    small = keep_content(b"fits", kind="csv", name="a", purpose="registration.import", uploaded_by=uploader)
    assert is_intact(small)


@pytest.mark.django_db
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_leaves_nothing_and_says_so(
    kept: Any, root: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """operations.md 11: it was “系统出了问题” without a word about the cause."""

    def full(_handle: int) -> None:
        raise OSError(number, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Rejected) as refused:
        kept()
    assert (refused.value.code, refused.value.status) == ("FILE-026", 507)
    assert not contents(root) and not StoredFile.objects.exists()


@pytest.mark.django_db
def test_another_error_of_the_disk_stays_what_it_is(kept: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_handle: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="Input/output"):
        kept()


@pytest.mark.django_db
def test_a_nearly_full_disk_takes_nothing_in_and_the_page_says_what_to_do(
    as_user: Any, root: Path, settings: Any
) -> None:
    settings.FILE_FREE_PERCENT = 101
    assert not storage_state().enough
    answer = as_user("registrar_tinghu").post(
        "/desk/imports/", {"file": SimpleUploadedFile("a.csv", "名称\n甲\n".encode())}
    )
    html = answer.content.decode()
    assert "FILE-026" in html and "存储空间不足" in html and "重新上传" in html
    assert not StoredFile.objects.exists()
    settings.FILE_FREE_PERCENT = 0
    assert storage_state().enough


# ---- one storage for all machines ---------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_worker_with_a_folder_of_its_own_is_told_at_its_start(kept: Any, tmp_path: Path, settings: Any) -> None:
    """operations.md 12: it failed at every import with "try again later", for ever."""
    check_mark()
    kept()
    check_mark()
    shared = settings.FILE_ROOT
    settings.FILE_ROOT = tmp_path / "another machine"
    with pytest.raises(WrongStorage, match="FILE_ROOT"):
        check_mark()
    settings.LOCAL = False
    with pytest.raises(SystemExit, match="FILE_ROOT"):
        refuse_foreign_storage()
    settings.FILE_ROOT = shared
    refuse_foreign_storage()
    (shared / MARK_NAME).write_text("of another portal")
    with pytest.raises(WrongStorage, match="of another portal"):
        check_mark()


@pytest.mark.django_db
def test_what_a_crash_left_is_removed_and_nothing_else(kept: Any, root: Path) -> None:
    check_mark()
    file = kept()
    left = path_of(uuid4())
    left.parent.mkdir(exist_ok=True)
    for path in (left, left.with_name(".draft.1")):
        path.write_bytes(b"x")
    assert remove_orphans() == 0  # a file of this moment may be one whose row comes with the next commit
    assert remove_orphans(older_than_seconds=-1) == 2
    assert is_intact(file)


@pytest.mark.django_db
def test_in_a_folder_without_our_mark_nothing_is_removed(kept: Any, root: Path) -> None:
    path_of(kept().content)
    StoredFile.objects.all().delete()
    assert remove_orphans(older_than_seconds=-1) == 0
    assert len(contents(root)) == 1


EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@pytest.fixture
def scanner(tmp_path: Path, settings: Any) -> Any:
    """A stand-in for clamd that speaks INSTREAM and knows one signature."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(tmp_path / "clamd"))
    server.listen()
    settings.CLAMD_SOCKET = str(tmp_path / "clamd")
    seen: list[bytes] = []

    def answer() -> None:
        while True:
            try:
                link, _ = server.accept()
            except OSError:
                return
            with link, link.makefile("rb") as lines:
                assert lines.read(10) == b"zINSTREAM\0"
                body = b""
                while size := struct.unpack("!I", lines.read(4))[0]:
                    body += lines.read(size)
                seen.append(body)
                link.sendall(b"stream: Eicar FOUND\0" if EICAR in body else b"stream: OK\0")

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    yield seen
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join(5)


def test_a_virus_is_refused_and_a_clean_file_is_clean(scanner: list[bytes]) -> None:
    assert take(picture()).scan_state == "CLEAN"
    assert scanner[0] == picture()
    with pytest.raises(Rejected) as caught:
        take(picture() + EICAR)  # scanned as it came, not as re-encoded
    assert caught.value.code == "FILE-021"


def test_without_an_answer_the_file_waits(settings: Any, tmp_path: Path) -> None:
    settings.CLAMD_SOCKET = str(tmp_path / "nobody")
    assert take(picture()).scan_state == "WAITING"


@pytest.mark.django_db
def test_a_disk_that_fills_while_django_takes_the_upload_in_is_said_too(
    as_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large upload goes to a temporary file before a line of ours runs: that was "系统出现故障" (operations.md 11)."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(TemporaryFileUploadHandler, "receive_data_chunk", full)
    client = as_user("registrar_tinghu")
    client.raise_request_exception = False
    answer = client.post("/desk/imports/", {"file": SimpleUploadedFile("a.csv", b"x" * (3 << 20))})
    assert answer.status_code == 507
    assert "FILE-026" in answer.content.decode() and not StoredFile.objects.exists()
