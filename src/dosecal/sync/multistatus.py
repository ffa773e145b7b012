"""What a WebDAV server answers: its status in words, and its XML as a tree that is safe to read."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple
from xml.etree import ElementTree

from dosecal.errors import ServerError
from dosecal.sync.server_addresses import printable, shown

DAV: Final = "{DAV:}"
"""The namespace of WebDAV, as the XML library writes it."""

MOST_ELEMENTS: Final = 2_000_000
"""Elements of an answer: 200,000 events have as many, and in memory they take 300 MB."""
_PIECE: Final = 1024 * 1024
_STATUS: Final = re.compile(r"\S+\s+([1-9][0-9]{2})(?!\S)")
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


class Answer(NamedTuple):
    """What a server answered, whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body, which a calendar server writes in UTF-8."""
        return self.body.decode("utf-8", "replace")


class _Tree(ElementTree.TreeBuilder):
    """Builds a tree of XML that declares nothing.

    Without a document type there are no entities but XML's own five: none that multiply, and none
    that name a file or an address.
    """

    def __init__(self) -> None:
        super().__init__()
        self._elements = 0

    def start(self, tag: Any, attrs: dict[Any, Any], /) -> ElementTree.Element:
        """Begin an element, if there are not too many."""
        self._elements += 1
        if self._elements > MOST_ELEMENTS:
            raise ValueError(f"it has more than {MOST_ELEMENTS:,} elements")
        return super().start(tag, attrs)

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        """Refuse whatever is declared."""
        raise ValueError("it declares a document type")


def responses(answer: Answer, url: str) -> Iterator[tuple[str, dict[str, ElementTree.Element]]]:
    """Yield each address of a multistatus answer, as it stands there, and the properties it has.

    Raises:
        ServerError: It is no such answer, or not the whole of it.
    """
    at = shown(url)
    for response in _multistatus(answer, at).iterfind(f"{DAV}response"):
        status = _status(response, at)
        if status >= 500:
            raise ServerError(f"{at}: the answer is not whole: {refusal(status)}")
        props = {
            child.tag: child
            for propstat in response.iterfind(f"{DAV}propstat")
            if _status(propstat, at) == 200
            for prop in propstat.iterfind(f"{DAV}prop")
            for child in prop
        }
        href = response.findtext(f"{DAV}href", "").strip()
        if href and status == 200:
            yield href, props


def _multistatus(answer: Answer, at: str) -> ElementTree.Element:
    """Return the tree of an answer that lists addresses."""
    no_dav = f"{at}: this is no CalDAV address: asked for WebDAV it answers with"
    if not answer.body.strip():
        raise ServerError(f"{no_dav} nothing")
    parser = ElementTree.XMLParser(target=_Tree())  # noqa: S314  # see _Tree
    try:
        # piece by piece: what is refused is not read on to the end of all there is
        for at_octet in range(0, len(answer.body), _PIECE):
            parser.feed(answer.body[at_octet : at_octet + _PIECE])
        tree = parser.close()
    except (SyntaxError, ValueError, LookupError) as failed:
        if "xml" in answer.headers.get("Content-Type", ""):
            why = printable(str(failed))
            raise ServerError(f"{at}: the answer cannot be read ({why})") from None
        raise ServerError(f"{no_dav} something else") from None
    if tree.tag != f"{DAV}multistatus":
        raise ServerError(f"{no_dav} something else")
    return tree


def _status(element: ElementTree.Element, at: str) -> int:
    """Return the status that an element of a multistatus has, 200 where it has none."""
    text = element.findtext(f"{DAV}status", "").strip()
    if not text:
        return 200
    found = _STATUS.match(text)
    if not found:
        raise ServerError(f"{at}: the answer cannot be read (a status that is none)")
    return int(found[1])


def refusal(status: int) -> str:
    """Say what a status that was not hoped for means."""
    fallback = "the server failed" if status >= 500 else "an answer that no calendar server gives"
    return f"{_REFUSALS.get(status, fallback)} ({status})"
