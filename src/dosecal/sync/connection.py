"""One connection to a WebDAV server: what may be asked, where, and what went wrong in words.

The only module that imports `caldav`, and only what lies beneath its objects: connection, login
and XML (docs/decisions). No redirect is followed by itself and no answer read without end; without
TLS nothing but this computer is spoken to, and the password goes to one server alone.
"""

import logging
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from time import monotonic
from typing import Any, Final, NamedTuple, Self
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

from caldav.davclient import DAVClient
from caldav.lib import error as caldav_error
from caldav.lib.http_sync import requests

from dosecal.errors import RequestError, ServerError

TIMEOUT: Final = 30.0
"""Seconds in which a server begins to answer, and goes on answering."""
LONGEST: Final = 300.0
"""Seconds in which an answer is whole."""
LARGEST: Final = 64 * 1024 * 1024
"""Octets of an answer."""
DAV: Final = "{DAV:}"
"""The namespace of WebDAV, as the XML library writes it."""

_REFUSALS: Final = {
    401: "the server does not accept this user name and password",
    403: "the server does not allow this user to do that",
    404: "the server knows no such address",
    405: "the server does not support this here",
    409: "the server refuses it as a conflict",
    412: "the server refuses it as changed meanwhile",
    413: "the server takes nothing of this size",
    429: "the server asks for fewer requests; try again later",
    501: "the server does not support this here",
    503: "the server is out of service for now",
    507: "the server has no room left",
}
_NO_LOGIN: Final = "the server offers neither Basic nor Digest login"


class Answer(NamedTuple):
    """What a server answered: its XML as a tree, or anything else as text."""

    status: int
    headers: Mapping[str, str]
    tree: Any
    text: str


class _Whole(NamedTuple):
    """An answer, read whole: what of a response `caldav` looks at."""

    status_code: int
    reason: str
    headers: Mapping[str, str]
    content: bytes
    text: str
    url: str


class _Session(requests.Session):
    """A connection that follows no redirect and reads no answer without end."""

    def request(self, method: Any, url: Any, **options: Any) -> Any:  # type: ignore[override]
        """Send a request and return its whole answer."""
        options |= {"allow_redirects": False, "stream": True}
        answer = super().request(method, url, **options)
        body, end = bytearray(), monotonic() + LONGEST
        with answer:
            for part in answer.iter_content(65_536):
                body += part
                if len(body) > LARGEST:
                    raise ServerError(f"{url}: the answer is larger than {LARGEST >> 20} MB")
                if monotonic() > end:
                    raise ServerError(f"{url}: the answer is not whole after {LONGEST:.0f} seconds")
        text = body.decode("utf-8", "replace")
        status, reason = answer.status_code or 0, answer.reason or ""
        return _Whole(status, reason, answer.headers, bytes(body), text, str(answer.url))


class Connection:
    """One user's connection to one server."""

    def __init__(
        self, url: str, user: str, password: str, *, ca_file: str = "", timeout: float = TIMEOUT
    ) -> None:
        self.url = checked_url(url)
        self._timeout = timeout
        # the library's own messages hold what was sent, and would stand among ours
        logging.getLogger("caldav").setLevel(logging.CRITICAL)
        caldav_error.debug_dump_communication = False
        self._client = DAVClient(
            self.url,
            username=user,
            password=password,
            timeout=timeout,  # type: ignore[arg-type]  # a float is passed on as it is
            ssl_verify_cert=ca_file or True,
            enable_rfc6764=False,
        )
        session = _Session()
        # the system's proxies and certificates count for a server elsewhere, its .netrc never
        session.trust_env = self.url.startswith("https:")
        session.auth = lambda request: request
        self._client.session.close()
        self._client.session = session

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
        try:
            answer = self._client.request(url, method, body, headers)  # type: ignore[arg-type]
        except caldav_error.DAVError as refused:  # 401, 403, 429, 503
            if refused.status not in allowed:
                why = refusal(refused.status) if refused.status else _NO_LOGIN
                raise ServerError(f"{url}: {why}") from None
            return Answer(refused.status, {}, None, "")
        except NotImplementedError:
            raise ServerError(f"{url}: {_NO_LOGIN}") from None
        except requests.exceptions.SSLError as failed:
            raise ServerError(
                f"{url}: its certificate cannot be verified, nothing was sent ({_why(failed)}); "
                "name the certificates of a clinic's own authority with --ca-file"
            ) from None
        except requests.exceptions.Timeout:
            raise ServerError(f"{url}: no answer within {self._timeout:g} seconds") from None
        except (requests.exceptions.RequestException, OSError) as failed:
            raise ServerError(f"{url}: no connection, or it was cut ({_why(failed)})") from None
        except (SyntaxError, ValueError) as failed:  # lxml's errors are syntax errors
            raise ServerError(f"{url}: the answer cannot be read ({_why(failed)})") from None
        if answer.status not in allowed:
            raise ServerError(f"{url}: {refusal(answer.status)}")
        if answer.status < 300 and "html" in answer.headers.get("Content-Type", ""):
            raise ServerError(f"{url}: this is no CalDAV address: it answers with a page")
        text = "" if answer.tree is not None else str(answer.raw)
        return Answer(answer.status, answer.headers, answer.tree, text)

    def responses(self, answer: Answer, url: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield each address of a multistatus answer and the properties that it has.

        Raises:
            ServerError: It is no such answer, or not the whole of it.
        """
        if answer.tree is None or answer.tree.tag != f"{DAV}multistatus":
            what = "something else" if answer.text else "nothing"
            raise ServerError(
                f"{url}: this is no CalDAV address: asked for WebDAV it answers with {what}"
            )
        for response in answer.tree.iterfind(f"{DAV}response"):
            status = _status(response)
            if status >= 500:
                raise ServerError(f"{url}: the answer is not whole: {refusal(status)}")
            props: dict[str, Any] = {}
            for propstat in response.iterfind(f"{DAV}propstat"):
                if _status(propstat) == 200:
                    for prop in propstat.iterfind(f"{DAV}prop"):
                        props |= {child.tag: child for child in prop}
            href = response.findtext(f"{DAV}href", "").strip()
            if href and status == 200:
                yield self.within(url, href), props

    def within(self, base: str, href: str) -> str:
        """Return the full address that a server gave, which must be its own."""
        try:
            at = urljoin(base, href)
            there = urlsplit(at)
        except ValueError:
            raise ServerError(f"{base}: the server points to what is no address") from None
        if there[:2] != urlsplit(self.url)[:2]:
            where = printable(f"{there.scheme}://{there.hostname}{there.path}")
            raise ServerError(
                f"{base}: the server points to {where}; the password goes to no other server by "
                "itself: give that address with --url if you trust it"
            )
        return at


def checked_url(url: str) -> str:
    """Return the address of a server, its path ending in a slash.

    Raises:
        RequestError: It is no such address, holds a password, or lacks the TLS that all but this
            computer needs.
    """
    right = "write it as https://calendar.example.com/"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise RequestError(f"--url is no address; {right}") from None
    if "@" in parts.netloc:
        raise RequestError(
            "--url holds a user name or a password; give the user with --user, and the password "
            "in DOSECAL_PASSWORD, a keyring or at the prompt"
        )
    if parts.scheme not in ("http", "https") or not host or port == 0:
        raise RequestError(f"--url is no address of a server; {right}")
    if parts.query or parts.fragment or " " in url or not url.isprintable():
        raise RequestError(f"--url holds more than a server and a path; {right}")
    if parts.scheme == "http" and not _is_loopback(host):
        raise RequestError(
            f"--url: the password and the events would cross the network to {host} unencrypted; "
            "use https (http is for localhost alone)"
        )
    path = quote(unquote(parts.path), safe="/@:+,;=~!$&'()*")
    return urlunsplit((parts.scheme, parts.netloc, f"{path.removesuffix('/')}/", "", ""))


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def refusal(status: int) -> str:
    """Say what a status that was not hoped for means."""
    fallback = "the server failed" if status >= 500 else "an answer that no calendar server gives"
    return f"{_REFUSALS.get(status, fallback)} ({status})"


def _status(element: Any) -> int:
    words = element.findtext(f"{DAV}status", "").split()
    return int(words[1]) if len(words) > 1 and words[1].isdecimal() else 200


def _why(error: BaseException) -> str:
    """Return why a request failed, in one line."""
    inner = error
    while inner.__context__ is not None:
        inner = inner.__context__
    return printable(str(inner))[:120] or type(inner).__name__


def printable(text: str) -> str:
    """Return what a server said as one line that does nothing on a terminal."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())
