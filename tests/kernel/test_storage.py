"""Where files end up, what they are called, and the scanner before it."""

from __future__ import annotations

import hashlib
import io
import os
import socket
import stat
import struct
import threading
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from yancheng_childcare.files import intake, is_intact, open_stored, path_of, store
from yancheng_childcare.files.intake import IntakeResult, clean_name
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


def test_content_is_stored_once_under_its_hash(root: Path) -> None:
    sha256 = store(b"content")
    path = path_of(sha256)
    assert path == root / sha256[:2] / sha256
    assert path.read_bytes() == b"content"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.stat()
    assert store(b"content") == sha256
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert [p.name for p in path.parent.iterdir()] == [sha256]
    with open_stored(sha256) as content:
        assert content.read() == b"content"
    with open_stored(sha256, root=root) as content:
        assert content.read() == b"content"


def test_concurrent_writers_make_one_file(root: Path) -> None:
    data, barrier = os.urandom(200_000), threading.Barrier(8)

    def write() -> None:
        barrier.wait()
        store(data)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [p.name for p in root.rglob("*") if p.is_file()] == [hashlib.sha256(data).hexdigest()]


def test_a_full_disk_leaves_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        store(b"content")
    assert not [p for p in root.rglob("*") if p.is_file()]


def test_damage_and_loss_are_found(root: Path) -> None:
    sha256 = store(b"content")
    assert is_intact(sha256)
    path_of(sha256).write_bytes(b"c0ntent")
    assert not is_intact(sha256)
    path_of(sha256).unlink()
    assert not is_intact(sha256)


@pytest.mark.parametrize("text", ["../../etc/passwd", "A" * 64, "a" * 63, "", "a" * 64 + "\n"])
def test_only_a_hash_is_a_place(root: Path, text: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        path_of(text)


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
