"""Servers on loopback that speak octets: HTTP as no library would send it, and TLS of their own."""

import datetime
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from time import monotonic, sleep
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from dosecal.sync.connection import Connection
from publishing import OPEN
from servers import PASSWORD, USER

Send = Callable[[bytes], bool]
"""Sends octets; False once the other end has gone, or the test is over."""
Speaker = Callable[[bytes, Send], None]
"""Given a request as it came, sends what the server says before it closes the connection."""


@dataclass
class Raw:
    """What a server has heard: whole requests, and whether each came through TLS."""

    port: int = 0
    heard: list[bytes] = field(default_factory=list)
    plain: list[bytes] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    @property
    def tls_url(self) -> str:
        return f"https://localhost:{self.port}/"


@contextmanager
def raw(speak: Speaker, certificate: Path | None = None) -> Iterator[Raw]:
    """Run a server; with a certificate it speaks TLS, and keeps apart what comes without."""
    state = Raw()
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)

    def serve(plain: socket.socket) -> None:
        with plain, suppress(OSError):
            plain.settimeout(20)
            if context and plain.recv(1, socket.MSG_PEEK) != b"\x16":  # no TLS handshake
                state.plain.append(plain.recv(65_536))
                return
            with context.wrap_socket(plain, server_side=True) if context else plain as end:
                request = _whole(end)
                state.heard.append(request)

                def send(data: bytes) -> bool:
                    with suppress(OSError):
                        end.sendall(data)
                        return not state.over.is_set()
                    return False

                speak(request, send)

    def accept(listening: socket.socket) -> None:
        while not state.over.is_set():
            with suppress(TimeoutError):
                end, _ = listening.accept()
                threads.append(threading.Thread(target=serve, args=(end,)))
                threads[-1].start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.05)
        state.port = listening.getsockname()[1]
        threads = [threading.Thread(target=accept, args=(listening,))]
        threads[0].start()
        try:
            yield state
        finally:
            state.over.set()
            for thread in threads:
                thread.join()


def _whole(end: socket.socket) -> bytes:
    """Read one request with its body."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = end.recv(65_536)
        if not part:
            return data
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    found = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
    wanted = int(found[1]) if found else 0
    while len(body) < wanted:
        part = end.recv(65_536)
        if not part:
            break
        body += part
    return head + b"\r\n\r\n" + body


class Certificate(NamedTuple):
    """A certificate with its key, and what to trust so that it is accepted."""

    path: Path
    ca_file: str


def certificate(folder: Path) -> Certificate:
    """Make a certificate of localhost that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "localhost.pem"
    pem = serialization.Encoding.PEM
    path.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(pem)
    )
    only = folder / "ca.pem"
    only.write_bytes(made.public_bytes(pem))
    return Certificate(path, str(only))


def at(server: Raw, timeout: float = 5.0, **more: str) -> Connection:
    made = Connection(more.pop("url", server.url), USER, PASSWORD, timeout=timeout, **more)
    OPEN.append(made)
    return made


def says(data: bytes) -> Speaker:
    def speak(request: bytes, send: Send) -> None:
        send(data)

    return speak


def again_and_again(first: bytes, part: bytes, pause: float = 0.0) -> Speaker:
    """Speak for as long as somebody listens: ten seconds here, so that a test ends that fails."""

    def speak(request: bytes, send: Send) -> None:
        end = monotonic() + 10
        alive = send(first)
        while alive and monotonic() < end:
            alive = send(part)
            sleep(pause)

    return speak
