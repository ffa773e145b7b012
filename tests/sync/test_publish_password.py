"""Where the password goes, and that it goes nowhere else."""

import logging
import re
from base64 import b64encode
from collections.abc import Callable

import pytest

from dosecal.errors import ElsewhereError, ServerError
from dosecal.sync.connection import Connection
from dosecal.sync.publish import publish
from dosecal.sync.server import Server
from faults import Proxy, Reply, Seen
from publishing import connected, connection, planned
from raw_servers import Certificate, Send, again_and_again, at, certificate, raw, says
from servers import PASSWORD, USER, Running

LOGIN = b64encode(f"{USER}:{PASSWORD}".encode())


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificate(tmp_path_factory.mktemp("certificate"))


END = b"Content-Length: 0\r\nConnection: close\r\n\r\n"
ASKS = b'HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm="x"\r\n' + END


def test_a_redirect_from_https_to_http_is_refused(signed: Certificate) -> None:
    """Same host, same port: without TLS the password would cross the network in plain text."""

    def speak(request: bytes, send: Send) -> None:
        port = re.search(rb"\r\nHost: localhost:(\d+)", request, re.IGNORECASE)
        assert port
        there = b"Location: http://localhost:%s/dav/\r\n" % port[1]
        send(b"HTTP/1.1 301 Moved\r\n" + there + END
             if b"\r\nauthorization:" in request.lower() else ASKS)  # fmt: skip

    with raw(speak, signed.path) as server:
        url = server.tls_url
        with pytest.raises(ElsewhereError, match=r"points to http://localhost:\d+/dav/"):
            Server(at(server, url=url, ca_file=signed.ca_file)).calendar("x")
        assert len(server.heard) == 2
        assert server.plain == []


@pytest.mark.parametrize(
    "there",
    ["http://{}", "https://localhost:1/", "https://127.0.0.1:{port}/", "//a:b@{}", "ftp://{}",
     "https://localhost.example/", "http://[::1", "https://localhost:{port}x/"],
)  # fmt: skip
def test_no_request_goes_to_another_server(signed: Certificate, there: str) -> None:
    """Whatever a caller asks for: the connection itself has one server."""
    with raw(says(ASKS), signed.path) as server:
        url = there.format(f"localhost:{server.port}/", port=server.port)
        made = at(server, url=server.tls_url, ca_file=signed.ca_file)
        with pytest.raises(ServerError, match="points to"):
            made.ask("PROPFIND", url)
        assert (server.heard, server.plain) == ([], [])


def test_the_same_server_may_be_written_in_another_way(through: Proxy, behind: Running) -> None:
    made = connection(behind, "https://calendar.example.com/")
    for url in ("https://calendar.example.com:443/x", "HTTPS://Calendar.Example.COM/x", "/x"):
        assert made.within(made.url, url).endswith("/x")


def test_nothing_is_sent_to_a_server_that_is_not_trusted(signed: Certificate) -> None:
    with raw(says(ASKS), signed.path) as server:
        with pytest.raises(ServerError, match="certificate cannot be verified, nothing was sent"):
            Server(at(server, url=server.tls_url)).calendar("x")
        assert (server.heard, server.plain) == ([], [])


def proxies(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    for name in ("NO_PROXY", "no_proxy", "REQUEST_METHOD"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, url)


def test_no_proxy_is_used_on_this_computer(
    signed: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy elsewhere would get the password of a server on loopback, without TLS."""
    with raw(says(ASKS)) as proxy, raw(says(ASKS)) as plain, raw(says(ASKS), signed.path) as tls:
        proxies(monkeypatch, proxy.url)
        for server, url in ((plain, plain.url), (tls, tls.tls_url)):
            with pytest.raises(ServerError, match="401"):
                Server(at(server, url=url, ca_file=signed.ca_file)).calendar("x")
            assert len(server.heard) == 2
        assert proxy.heard == []


def test_the_system_s_proxy_is_used_elsewhere_and_learns_no_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with raw(says(b"HTTP/1.1 403 No\r\n" + END)) as proxy:
        proxies(monkeypatch, proxy.url.replace("//", "//some%20one:word@"))
        with pytest.raises(ServerError, match=r"this system's proxy refuses \(403 No\)"):
            Server(at(proxy, url="https://calendar.example.com/")).calendar("x")
        (heard,) = proxy.heard
        assert heard.startswith(b"CONNECT calendar.example.com:443 HTTP/1.1\r\n")
        assert b"Basic " + b64encode(b"some one:word") in heard
        assert LOGIN not in heard
        monkeypatch.setenv("no_proxy", "calendar.example.com")
        with pytest.raises(ServerError, match="no connection"):
            Server(at(proxy, url="https://calendar.example.com/")).calendar("x")
        assert len(proxy.heard) == 1


@pytest.mark.parametrize(
    "url", ["socks5://127.0.0.1:1", "http://[::1", "http://x:99999", "http://"]
)
def test_a_proxy_that_cannot_be_used_is_said(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    proxies(monkeypatch, url)
    with pytest.raises(ServerError, match="proxy is none that is spoken to by HTTP"):
        Connection("https://calendar.example.com/", USER, PASSWORD)


def test_a_proxy_that_drips_is_not_listened_to_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    with raw(again_and_again(b"HTTP/1.1 200 OK\r\n", b"X", 0.05)) as proxy:
        proxies(monkeypatch, proxy.url.removeprefix("http://"))
        with pytest.raises(ServerError, match="no answer within"):
            Server(at(proxy, url="https://calendar.example.com/", timeout=0.5)).calendar("x")


@pytest.mark.parametrize(
    ("offers", "way"),
    [
        (["Basic realm=x"], b"basic "),
        (["bAsIc"], b"basic "),
        (["Negotiate", 'Bearer realm="a, b", Basic realm="x"'], b"basic "),
        (["Basic realm=x", 'Digest realm="r", nonce="n", qop="auth"'], b"digest "),
        (["Digest realm=r, nonce=n, algorithm=SHA-256"], b"digest "),
        (["Digest realm=r, nonce=n, algorithm=ROT13"], None),
        (["Digest realm=r, nonce=n, qop=auth-int"], None),
        (["Digest x"], None),
        (["Digest "], None),
        (["Basically"], None),
        (["Negotiate"], None),
        ([], None),
    ],
)
def test_a_login_is_sent_once_and_only_as_it_was_offered(
    offers: list[str], way: bytes | None
) -> None:
    head = "".join(f"WWW-Authenticate: {offer}\r\n" for offer in offers).encode()
    with raw(says(b"HTTP/1.1 401 No\r\n" + head + END)) as server:
        with pytest.raises(ServerError, match=r"401|neither Basic nor Digest|cannot be read"):
            Server(at(server)).calendar("x")
        first, *later = server.heard
    assert b"\r\nauthorization:" not in first.lower()
    if way is None:
        assert later == []
    else:
        (second,) = later
        assert b"\r\nauthorization: " + way in second.lower()
        assert (LOGIN in second) is (way == b"basic ")


def test_nothing_that_is_sent_stands_in_a_log(
    server: Running, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Whoever switches every log of the libraries on finds no password and no event there."""
    caplog.set_level(logging.DEBUG)
    for name in ("httpx2", "httpcore2", "httpcore2.http11", "httpcore2.connection"):
        caplog.set_level(logging.DEBUG, logger=name)
    list(publish(connected(server), "logged", planned(2)))
    list(publish(connected(server), "logged", planned(1)))
    said_there = caplog.text + "".join(capfd.readouterr())
    for hidden in (PASSWORD, LOGIN.decode(), "Injection", "netakimab", "BEGIN:"):
        assert hidden not in said_there


def test_no_cookie_is_kept(through: Proxy, behind: Running) -> None:
    def with_cookie(seen: Seen, to: Callable[[Seen], Reply]) -> Reply:
        reply = to(seen)
        return reply._replace(headers=reply.headers | {"set-cookie": "a=b; Path=/"})

    through.fault = with_cookie
    connected(behind, through.url).calendar("x")
    assert len(through.seen) > 2
    assert not [each for each in through.seen if "cookie" in each.headers]
