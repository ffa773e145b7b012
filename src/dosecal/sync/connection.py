"""One connection to a WebDAV server: what may be asked, where, and what went wrong in words.

The only module that imports the HTTP library (docs/decisions/0003-caldav.md). No redirect is
followed by itself, and no answer is read without end, neither in octets nor in time; without TLS
nothing but this computer is spoken to, and the password goes to one server alone.
"""

import re
import ssl
from collections.abc import Generator, Iterable, Iterator
from time import monotonic
from typing import Any, Final, Self
from urllib.parse import unquote, urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass
from xml.etree.ElementTree import Element

import httpcore2
import httpx2

from dosecal.errors import CertificateError, ElsewhereError, RequestError, ServerError
from dosecal.sync.multistatus import Answer, refusal, responses
from dosecal.sync.server_addresses import PORTS, checked_url, is_loopback, origin, printable, shown

TIMEOUT: Final = 30.0
"""Seconds in which the head of an answer is whole, and in which more of its body comes."""
LONGEST: Final = 300.0
"""Seconds in which a body is whole."""
LARGEST: Final = 64 * 1024 * 1024
"""Octets of a body, as they come over the network."""
LARGEST_HEAD: Final = 256 * 1024
"""Octets before a body: its head, and whatever a server says before its head."""

_OFFERS_BASIC: Final = re.compile(r"(?:^|,)\s*basic(?:[\s,]|$)", re.IGNORECASE)


class Connection:
    """One user's connection to one server."""

    def __init__(
        self, url: str, user: str, password: str, *, ca_file: str = "", timeout: float = TIMEOUT
    ) -> None:
        self.url = checked_url(url)
        self._bounds = _Bounds(timeout)
        self._client = httpx2.Client(
            auth=_Login(user, password),
            # asked for as it is: what is packed could unpack to more than any bound
            headers={"User-Agent": "dosecal", "Accept-Encoding": "identity"},
            timeout=timeout,
            transport=_Transport(self.url, ca_file, self._bounds),
            follow_redirects=False,
            trust_env=False,  # no login of the system is added to ours
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def ask(
        self,
        method: str,
        url: str,
        body: bytes | str = "",
        *,
        allowed: tuple[int, ...] = (200, 207),
        **headers: str,
    ) -> Answer:
        """Send one request.

        Raises:
            ServerError: The server is not there, or its status is none of those allowed.
        """
        self.within(self.url, url)
        at = shown(url)
        if body:
            headers = {"Content-Type": "application/xml; charset=utf-8"} | headers
        came = self._send(self._client.build_request(method, url, content=body, headers=headers))
        answer = Answer(came.status_code, came.headers, came.content)
        if answer.status not in allowed:
            raise ServerError(f"{at}: {refusal(answer.status)}")
        if answer.status < 300 and "html" in answer.headers.get("Content-Type", ""):
            raise ServerError(f"{at}: this is no CalDAV address: it answers with a page")
        return answer

    def _send(self, request: httpx2.Request) -> httpx2.Response:
        at = shown(str(request.url))
        try:
            return self._client.send(request)
        except _UnusableError as unusable:
            raise ServerError(f"{at}: {unusable}") from None
        except httpcore2.TimeoutException:
            raise ServerError(f"{at}: {self._bounds.too_late()}") from None
        except httpcore2.ProxyError as failed:
            raise ServerError(f"{at}: this system's proxy refuses ({_why(failed)})") from None
        except Exception as failed:  # whatever a hostile answer makes of the library
            if any(isinstance(each, ssl.SSLCertVerificationError) for each in _causes(failed)):
                raise CertificateError(at, _why(failed)) from None
            cut = self._bounds.is_cut or isinstance(failed, (httpcore2.NetworkError, OSError))
            what = "no connection, or it was cut" if cut else "the answer cannot be read"
            raise ServerError(f"{at}: {what} ({_why(failed)})") from None

    def responses(self, answer: Answer, url: str) -> Iterator[tuple[str, dict[str, Element]]]:
        """Yield each full address of a multistatus answer and the properties that it has.

        Raises:
            ServerError: It is no such answer, or not the whole of it, or names another server.
        """
        for href, props in responses(answer, url):
            yield self.within(url, href), props

    def within(self, base: str, href: str) -> str:
        """Return the full address that a server gave, which must be its own."""
        try:
            at = urljoin(base, href)
            parts, is_own = urlsplit(at), origin(at) == origin(self.url)
        except ValueError:
            raise ServerError(f"{shown(base)}: the server points to what is no address") from None
        if not is_own or "@" in parts.netloc:
            server = parts.netloc.rpartition("@")[2]  # without what would log in there
            where = shown(f"{parts.scheme}://{server}{parts.path}")
            raise ElsewhereError(shown(base), where)
        return at


class _UnusableError(Exception):
    """What came is not read on; says why."""


class _Bounds:
    """How long and how much a server may still speak in answer to one request."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self.await_head()

    def await_head(self) -> None:
        """Begin to count, for a new request."""
        self._end = monotonic() + self._timeout
        self._octets = LARGEST_HEAD
        self._in_body = False
        self.is_cut = False

    def await_body(self) -> None:
        """Go on with the bounds of a body; the head is there."""
        self._end = monotonic() + LONGEST
        self._octets += LARGEST
        self._in_body = True

    def patience(self, timeout: float | None) -> float:
        """Return for how many seconds to wait for what comes next."""
        left = self._end - monotonic()
        if left <= 0:
            raise _UnusableError(self.too_late())
        return left if timeout is None else min(left, timeout)

    def count(self, octets: int) -> None:
        """Count what came; nothing at all is the end of the connection."""
        self.is_cut = not octets
        self._octets -= octets
        if self._octets < 0 and self._in_body:
            raise _UnusableError(f"the answer is larger than {LARGEST >> 20} MB")
        if self._octets < 0:
            raise _UnusableError(f"the answer's head is larger than {LARGEST_HEAD >> 10} kB")

    def too_late(self) -> str:
        """Say which time has run out."""
        if self._in_body and monotonic() >= self._end:
            return f"the answer is not whole after {LONGEST:.0f} seconds"
        return f"no answer within {self._timeout:g} seconds"


class _Stream(httpcore2.NetworkStream):
    """One network connection within bounds.

    The library bounds each wait by itself. A server that sends one octet a second, or `100
    Continue` again and again, would so be listened to for ever.
    """

    def __init__(self, inner: httpcore2.NetworkStream, bounds: _Bounds) -> None:
        self._inner = inner
        self._bounds = bounds

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._inner.read(max_bytes, self._bounds.patience(timeout))
        self._bounds.count(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._bounds.patience(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        patience = self._bounds.patience(timeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, patience), self._bounds)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Network(httpcore2.NetworkBackend):
    """The network, each connection of it within bounds."""

    def __init__(self, bounds: _Bounds) -> None:
        self._inner = httpcore2.SyncBackend()
        self._bounds = bounds

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        stream = self._inner.connect_tcp(
            host, port, self._bounds.patience(timeout), local_address, socket_options
        )
        return _Stream(stream, self._bounds)


class _Transport(httpx2.BaseTransport):
    """What carries a request to the server and brings its whole answer back, within bounds."""

    def __init__(self, url: str, ca_file: str, bounds: _Bounds) -> None:
        self._bounds = bounds
        self._pool = _pool(url, ca_file, _Network(bounds))

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self._bounds.await_head()
        answer = self._pool.handle_request(
            httpcore2.Request(
                request.method,
                httpcore2.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.content,
                extensions=request.extensions,
            )
        )
        try:
            self._bounds.await_body()
            # no cookie is kept: each request logs in by itself
            headers = httpx2.Headers(
                [(name, value) for name, value in answer.headers if name.lower() != b"set-cookie"]
            )
            packed = headers.get("Content-Encoding", "identity").strip().lower()
            if packed not in ("identity", ""):
                raise _UnusableError(f"the answer is packed ({printable(packed)[:40]}), unasked")
            body = b"".join(answer.iter_stream())
        finally:
            answer.close()
        return httpx2.Response(answer.status, headers=headers, content=body)

    def close(self) -> None:
        self._pool.close()


class _Login(httpx2.Auth):
    """The user's login, once the server has said how: by Digest, else by Basic, else not at all."""

    def __init__(self, user: str, password: str) -> None:
        self._basic = httpx2.BasicAuth(user, password)
        self._digest = httpx2.DigestAuth(user, password)
        self._way: httpx2.Auth | None = None

    def auth_flow(
        self, request: httpx2.Request
    ) -> Generator[httpx2.Request, httpx2.Response, None]:
        if self._way is not None:
            yield from self._way.auth_flow(request)
            return
        answer = yield request
        if answer.status_code != 401:
            return
        offers = answer.headers.get_list("WWW-Authenticate")
        if any(offer.lower().startswith("digest ") for offer in offers):
            self._way = self._digest
        elif any(_OFFERS_BASIC.search(offer) for offer in offers):
            self._way = self._basic
        else:
            raise _UnusableError("the server offers neither Basic nor Digest login")
        login = self._way.auth_flow(request)
        next(login)
        yield login.send(answer) if self._way is self._digest else request


def _pool(url: str, ca_file: str, network: _Network) -> httpcore2.ConnectionPool:
    """Return the way to a server: directly, or for one elsewhere by the system's proxy."""
    try:
        context = (
            ssl.create_default_context(cafile=ca_file) if ca_file else httpx2.create_ssl_context()
        )
    except (OSError, ValueError) as failed:
        raise RequestError(
            f"{printable(ca_file)}: no certificates can be read there ({_why(failed)})"
        ) from None
    proxy = _proxy(url)
    if not proxy:
        return httpcore2.ConnectionPool(ssl_context=context, network_backend=network)
    try:
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not host or parts.scheme not in PORTS:
        raise ServerError(f"{shown(url)}: this system's proxy is none that is spoken to by HTTP")
    login = (unquote(parts.username or "").encode(), unquote(parts.password or "").encode())
    return httpcore2.HTTPProxy(
        httpcore2.URL(scheme=parts.scheme, host=host, port=port, target="/"),
        proxy_auth=login if parts.username else None,
        ssl_context=context,
        proxy_ssl_context=context if parts.scheme == "https" else None,
        network_backend=network,
    )


def _proxy(url: str) -> str:
    """Return the system's proxy for a server, or "": none for what lies on this computer."""
    host = urlsplit(url).hostname or ""
    if is_loopback(host) or proxy_bypass(host):
        return ""
    proxies = getproxies()
    return proxies.get("https", proxies.get("all", ""))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it came of, the innermost last."""
    inner: BaseException | None = error
    while inner is not None:
        yield inner
        inner = inner.__context__


def _why(error: BaseException) -> str:
    """Return why a request failed, in one line."""
    *_, inner = _causes(error)
    return printable(str(inner))[:120] or type(inner).__name__
