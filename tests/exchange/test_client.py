"""The outgoing client: which places it refuses, and that it holds every bound."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from push_stage import Reply, sink

from exchange.client import Allowed, Sender, TargetRefused, parse, resolve
from exchange.client.targets import matching

GATE = Allowed("gate.example.gov.cn", 443, ipaddress.ip_network("10.32.8.0/24"), False)


def local(port: int) -> tuple[Allowed, ...]:
    return (Allowed("127.0.0.1", port, ipaddress.ip_network("127.0.0.1/32"), True),)


REFUSED = [
    "http://gate.example.gov.cn/", "http://gate.example.gov.cn:443/", "ftp://gate.example.gov.cn/", "file:///etc/passwd",
    "gopher://gate.example.gov.cn/", "javascript:alert(1)", "//gate.example.gov.cn/", "https:/gate.example.gov.cn",
    "https://", "https:///hook", "", "gate.example.gov.cn", "https://127.0.0.1/", "https://127.1/", "https://127.0.1/",
    "https://2130706433/", "https://0x7f000001/", "https://0x7f.1/", "https://0177.0.0.1/", "https://017700000001/",
    "https://0/", "https://0.0.0.0/", "https://127.0.0.1.:443/", "https://[::1]/", "https://[::]/",
    "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://[0:0:0:0:0:ffff:7f00:1]/", "https://[fe80::1%25eth0]/",
    "https://169.254.169.254/latest/meta-data/", "https://[fd00:ec2::254]/", "https://localhost/", "https://localhost:443/",
    "https://LOCALHOST/", "https://gate.example.gov.cn:8443/", "https://gate.example.gov.cn:22/",
    "https://gate.example.gov.cn:0/", "https://gate.example.gov.cn:99999/", "https://gate.example.gov.cn:443443/",
    "https://gate.example.gov.cn@127.0.0.1/", "https://user:pw@gate.example.gov.cn/", "https://user@gate.example.gov.cn/",
    "https://gate.example.gov.cn#@127.0.0.1/", "https://gate.example.gov.cn\\@127.0.0.1/", "https://gate.example.gov.cn%2f@1.1.1.1/",
    "https://gate.example.gov.cn./", "https://gate.example.gov.cn.evil.com/", "https://evil.com/gate.example.gov.cn",
    "https://gate.example.gov.cn \r\nHost: evil/", "https://gate.example.gov.cn/a b", "https://gate.example.gov.cn/\r\nX: y",
    "https://gate。example。gov。cn/", "https://ｇate.example.gov.cn/", "https://gate.example.gov.cn/路径", "https://①②⑦.0.0.1/",
    "https://-gate.example.gov.cn/", "https://gate..example.gov.cn/", "https://[gate.example.gov.cn]/", "https://[::1/",
    "HTTPS://gate.example.gov.cn/", " https://gate.example.gov.cn/", "https://" + "a" * 400 + ".cn/",
]  # fmt: skip


@pytest.mark.parametrize("url", REFUSED)
def test_addresses_that_are_refused_before_any_look_up(url: str) -> None:
    def must_not_be_asked(*args: Any, **kwargs: Any) -> Any:
        pytest.fail("a refused address was looked up")

    with pytest.raises(TargetRefused):
        resolve(parse(url), [GATE], lookup=must_not_be_asked)


def test_there_are_enough_of_them() -> None:
    assert len(set(REFUSED)) >= 60


def answers(*addresses: str) -> Any:
    return lambda *args, **kwargs: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (text, 443)) for text in addresses]


def test_control_the_allowed_host_and_network_is_reached() -> None:
    target = parse("https://gate.example.gov.cn/hook?x=1")
    assert resolve(target, [GATE], lookup=answers("10.32.8.9")) == "10.32.8.9"
    assert (target.path, target.port, target.secure) == ("/hook?x=1", 443, True)


@pytest.mark.parametrize(
    "addresses",
    [
        ("127.0.0.1",), ("169.254.169.254",), ("10.32.9.1",), ("10.32.8.9", "127.0.0.1"), ("10.32.8.9", "8.8.8.8"),
        ("::1",), ("::ffff:10.32.8.9",), ("0.0.0.0",), ("224.0.0.1",), ("fe80::1%eth0",), (),
    ],
)  # fmt: skip
def test_every_address_of_the_name_must_be_allowed(addresses: tuple[str, ...]) -> None:
    with pytest.raises(TargetRefused):
        resolve(parse("https://gate.example.gov.cn/"), [GATE], lookup=answers(*addresses))


def test_a_wide_network_does_not_open_loopback_or_metadata() -> None:
    wide = Allowed("gate.example.gov.cn", 443, ipaddress.ip_network("0.0.0.0/0"), False)
    for address in ("127.0.0.1", "169.254.169.254", "0.0.0.0", "224.0.0.1"):
        with pytest.raises(TargetRefused):
            resolve(parse("https://gate.example.gov.cn/"), [wide], lookup=answers(address))
    assert resolve(parse("https://gate.example.gov.cn/"), [wide], lookup=answers("10.1.1.1")) == "10.1.1.1"


def test_plain_http_only_where_it_was_allowed() -> None:
    plain = Allowed("front.example.gov.cn", 8080, ipaddress.ip_network("10.32.8.0/24"), True)
    assert matching(parse("http://front.example.gov.cn:8080/"), [plain]) == (plain,)
    with pytest.raises(TargetRefused):
        matching(parse("http://front.example.gov.cn/"), [plain])


def test_a_second_dns_answer_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the checked address is the one connected to; the name is not asked again by the socket."""
    asked, real = [], socket.getaddrinfo

    def rebinding(host: str, *args: Any, **kwargs: Any) -> Any:
        if host != "rebind.example":
            return real(host, *args, **kwargs)
        asked.append(host)
        return real("127.0.0.1" if len(asked) == 1 else "127.0.0.9", *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    with sink() as receiver:
        allowed = (Allowed("rebind.example", receiver.port, ipaddress.ip_network("127.0.0.1/32"), True),)
        sender = Sender(parse(f"http://rebind.example:{receiver.port}/"), allowed)
        assert sender.post({}, b"{}", timeout=2).ok
        assert asked == ["rebind.example"]
        sender.close()
        second = sender.post({}, b"{}", timeout=2)
    assert (second.code, second.error, len(receiver.got)) == (None, "target_refused", 1)


def test_the_socket_is_given_the_checked_address_and_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever answers names: what is dialled is the address that was checked."""
    dialled, real = [], socket.create_connection

    def dial(address: tuple[str, int], *args: Any, **kwargs: Any) -> Any:
        dialled.append(address)
        return real(address, *args, **kwargs)

    monkeypatch.setattr(socket, "create_connection", dial)
    with sink() as receiver:
        allowed = (Allowed("localhost.example", receiver.port, ipaddress.ip_network("127.0.0.0/8"), True),)
        names = {"localhost.example": "127.0.0.1"}
        look_up = socket.getaddrinfo
        monkeypatch.setattr(
            socket, "getaddrinfo", lambda host, *args, **kwargs: look_up(names.get(host, host), *args, **kwargs)
        )
        assert Sender(parse(f"http://localhost.example:{receiver.port}/"), allowed).post({}, b"{}", timeout=2).ok
        assert dialled == [("127.0.0.1", receiver.port)]
        assert receiver.got[0].headers["host"] == f"localhost.example:{receiver.port}"


def test_redirects_are_failures_and_not_followed() -> None:
    with sink() as other, sink() as receiver:
        receiver.answer = lambda got: Reply(302, {"Location": f"http://127.0.0.1:{other.port}/"})
        answer = Sender(parse(f"http://127.0.0.1:{receiver.port}/"), local(receiver.port)).post({}, b"{}", timeout=2)
        assert (answer.code, answer.ok, len(receiver.got), other.got) == (302, False, 1, [])


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with sink() as receiver:
        assert Sender(parse(f"http://127.0.0.1:{receiver.port}/"), local(receiver.port)).post({}, b"{}", timeout=2).ok


def test_the_connection_is_kept_and_a_dead_one_replaced() -> None:
    with sink() as receiver:
        sender = Sender(parse(f"http://127.0.0.1:{receiver.port}/"), local(receiver.port))
        assert sender.post({}, b"{}", timeout=2).ok
        kept = sender._connection
        assert sender.post({}, b"{}", timeout=2).ok
        assert sender._connection is kept
        kept._sock.shutdown(socket.SHUT_RDWR)  # as if the receiver had closed the idle connection
        assert sender.post({}, b"{}", timeout=2).ok
        assert sender._connection is not kept


@contextmanager
def raw_server(*parts: bytes, pause: float = 0.0) -> Iterator[int]:
    """Sends these bytes, with a pause before each, to whoever asks."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listener:
            while True:
                try:
                    link, _ = listener.accept()
                except OSError:
                    return
                with link:
                    link.recv(65536)
                    try:
                        for part in parts:
                            time.sleep(pause)
                            link.sendall(part)
                    except OSError:
                        continue

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()


def post(port: int, timeout: float = 2.0) -> Any:
    return Sender(parse(f"http://127.0.0.1:{port}/"), local(port)).post({}, b"{}", timeout=timeout)


@pytest.mark.parametrize(
    ("parts", "code", "excerpt"),
    [
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",), 200, "ok"),
        ((b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n3;x=y\r\nyes\r\n0\r\n\r\n",), 200, "okyes"),
        ((b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 204 No Content\r\n\r\n"), 204, ""),
        ((b"HTTP/1.0 200 OK\r\n\r\n", b"till the end"), 200, "till the end"),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 90000000\r\n\r\n" + b"x" * 70000,), 200, "x" * 4096),
    ],
)
def test_answers_of_every_framing_are_understood(parts: tuple[bytes, ...], code: int, excerpt: str) -> None:
    with raw_server(*parts) as port:
        answer = post(port)
    assert (answer.code, answer.excerpt) == (code, excerpt)


@pytest.mark.parametrize(
    ("parts", "error"),
    [
        ((b"SSH-2.0-OpenSSH\r\n\r\n",), "protocol"),
        ((b"HTTP/1.1 abc\r\n\r\n",), "protocol"),
        ((b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",), "protocol"),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",), "protocol"),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort",), "protocol"),
        ((b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n",), "protocol"),
        ((b"HTTP/1.1 200 OK\r\nX: " + b"y" * 40000,), "protocol"),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n",), "protocol"),
        ((b"HTTP/1.1 200 OK\r\n",) + (b"X: " + b"y" * 3000 + b"\r\n",) * 90 + (b"\r\n",), "protocol"),
        ((b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n" + b"x" * 900_000,), "protocol"),
        ((b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n",), "protocol"),
        ((b"",), "reset"),
    ],
)
def test_nonsense_is_a_failure_and_never_a_success(parts: tuple[bytes, ...], error: str) -> None:
    with raw_server(*parts) as port:
        answer = post(port)
    assert (answer.code, answer.error, answer.ok) == (None, error, False)


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"], ids=["headers", "body"])
def test_a_receiver_that_drips_is_cut_off_at_the_timeout(start: bytes) -> None:
    with raw_server(start + b"H", *[b"H"] * 99, pause=0.1) as port:
        started = time.monotonic()
        answer = post(port, timeout=0.5)
    assert answer.error == "timeout"
    assert time.monotonic() - started < 5  # dripping on it takes ten


def test_nobody_listening_is_a_failed_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert post(port).error == "connect"


def test_tls_is_verified_against_the_name() -> None:
    """A receiver without a certificate we trust gets nothing."""
    with sink() as receiver:
        allowed = (Allowed("127.0.0.1", receiver.port, ipaddress.ip_network("127.0.0.1/32"), True),)
        answer = Sender(parse(f"https://127.0.0.1:{receiver.port}/"), allowed).post({}, b"{}", timeout=2)
    assert (answer.code, answer.error, receiver.got) == (None, "tls", [])


@contextmanager
def tls_server(
    tmp_path: Path, name: str, *parts: bytes, pause: float = 0.0
) -> Iterator[tuple[int, ssl.SSLContext, list[str]]]:
    """The same behind TLS, for whoever asks: its port, a context that trusts it, the server names it was asked for."""
    certificate, key, asked = *certificate_for(name, tmp_path), []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.sni_callback = lambda sock, server_name, _: asked.append(server_name)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listener:
            while True:
                try:
                    link, _ = listener.accept()
                    with context.wrap_socket(link, server_side=True) as secure:
                        while secure.recv(65536):
                            for part in parts:
                                time.sleep(pause)
                                secure.sendall(part)
                except OSError:
                    if listener.fileno() < 0:
                        return

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1], ssl.create_default_context(cafile=certificate), asked
    finally:
        listener.close()


def certificate_for(name: str, folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for a name, and its key, as files."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    today = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.mark.parametrize(
    ("name", "parts", "pause", "code", "error", "asked"),
    [
        ("gate.example", (OK,), 0.0, 200, "", 1),
        ("other.example", (OK,), 0.0, None, "tls", 2),  # a failed handshake leaves nothing to keep
        ("gate.example", tuple(OK[at : at + 1] for at in range(len(OK))), 0.1, None, "timeout", 2),
    ],
    ids=["right certificate", "certificate of another name", "drips"],
)
def test_the_name_is_asked_for_and_proved_at_the_pinned_address(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, parts: tuple[bytes, ...], pause: float, code: int | None,
    error: str, asked: int,
) -> None:  # fmt: skip
    """Two posts over TLS: the second goes over the kept connection, or over a new one after a failure."""
    look_up = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *rest, **more: look_up("127.0.0.1" if host == "gate.example" else host, *rest, **more),
    )
    with tls_server(tmp_path, name, *parts, pause=pause) as (port, trusted, names):
        allowed = (Allowed("gate.example", port, ipaddress.ip_network("127.0.0.1/32"), False),)
        sender = Sender(parse(f"https://gate.example:{port}/"), allowed, tls=trusted)
        started = time.monotonic()
        for _ in range(2):
            answer = sender.post({}, b"{}", timeout=0.5)
            assert (answer.code, answer.error) == (code, error)
        assert time.monotonic() - started < 6  # two that drip to their end take eight
        assert names == ["gate.example"] * asked
        sender.close()


def test_what_is_left_of_too_long_an_answer_is_not_the_next_answer() -> None:
    with sink() as receiver:
        receiver.answer = lambda got: Reply(body=b"x" * 90_000)
        sender = Sender(parse(f"http://127.0.0.1:{receiver.port}/"), local(receiver.port))
        assert [sender.post({}, b"{}", timeout=2).error for _ in range(3)] == ["", "", ""]
