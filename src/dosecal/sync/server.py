"""A calendar on a CalDAV server (RFC 4791): find it, make it, read it, change one event of it.

Every change carries `If-None-Match` or `If-Match`, so that nothing is written over unseen.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple
from urllib.parse import unquote, urljoin, urlsplit
from uuid import uuid5
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from dosecal.errors import NoHomeError, NotMadeError, RequestError, SameNameError, ServerError
from dosecal.ical.calendar_file import UID_NAMESPACE
from dosecal.sync.connection import Connection
from dosecal.sync.multistatus import DAV, Answer, refusal
from dosecal.sync.server_addresses import shown

_CALDAV: Final = "{urn:ietf:params:xml:ns:caldav}"
_XML: Final = '<?xml version="1.0" encoding="utf-8"?>'
_SPACES: Final = 'xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'
_ABOUT: Final = (
    f"{_XML}<propfind {_SPACES}><prop><resourcetype/><displayname/><current-user-principal/>"
    "<C:calendar-home-set/><C:supported-calendar-component-set/></prop></propfind>"
)
_EVENTS: Final = (
    f"{_XML}<C:calendar-query {_SPACES}><prop><getetag/><C:calendar-data/></prop>"
    '<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"/></C:comp-filter>'
    "</C:filter></C:calendar-query>"
)
_MADE: Final = (
    f"{_XML}<C:mkcalendar {_SPACES}><set><prop><displayname>%s</displayname>"
    '<C:supported-calendar-component-set><C:comp name="VEVENT"/>'
    "</C:supported-calendar-component-set></prop></set></C:mkcalendar>"
)
_ITEM: Final = {"Content-Type": "text/calendar; charset=utf-8"}
_DONE: Final = (200, 201, 204)
_MOVED: Final = (301, 302, 303, 307, 308)
_REDIRECTS: Final = 5


class Stored(NamedTuple):
    """One calendar object as the server holds it."""

    url: str
    etag: str
    data: bytes


class _About(NamedTuple):
    """What a server says of one address."""

    url: str
    is_calendar: bool
    takes_events: bool
    name: str
    principal: str
    homes: tuple[str, ...]


class Calendar:
    """One calendar on the server."""

    def __init__(self, connection: Connection, url: str) -> None:
        self._connection = connection
        self.url = url

    def stored(self) -> list[Stored]:
        """Return every object with an event that the calendar holds."""
        answer = self._connection.ask("REPORT", self.url, _EVENTS, Depth="1")
        found = []
        for url, props in self._connection.responses(answer, self.url):
            if data := _text(props, f"{_CALDAV}calendar-data"):
                if not _is_directly_in(self.url, url):
                    raise ServerError(
                        f"{shown(self.url)}: the server lists an event that lies outside of the "
                        f"calendar, {shown(url)}; nothing is written there"
                    )
                found.append(Stored(url, _text(props, f"{DAV}getetag"), _lines(data)))
        return found

    def read(self, url: str) -> Stored | None:
        """Return one object as it is now, or None where there is none."""
        answer = self._connection.ask("GET", url, allowed=(200, 404, 410))
        if answer.status != 200:
            return None
        return Stored(url, answer.headers.get("ETag", ""), _lines(answer.text))

    def address(self, uid: str) -> str:
        """Return where the event of this UID is created."""
        return f"{self.url}{uid}.ics"

    def create(self, uid: str, data: bytes) -> bool:
        """Create an event; False where something is there, or the UID elsewhere."""
        headers = _ITEM | {"If-None-Match": "*"}
        return self._change("PUT", self.address(uid), data, headers, (409, 412))

    def change(self, was: Stored, data: bytes) -> bool:
        """Replace an event; False where it is no longer what was read."""
        return self._change("PUT", was.url, data, _ITEM | _if_match(was), (404, 410, 412))

    def remove(self, was: Stored) -> bool:
        """Remove an event; False where it is no longer what was read."""
        return self._change("DELETE", was.url, "", _if_match(was), (404, 410, 412))

    def _change(
        self,
        method: str,
        url: str,
        data: bytes | str,
        headers: Mapping[str, str],
        unmet: tuple[int, ...],
    ) -> bool:
        answer = self._connection.ask(method, url, data, allowed=(*_DONE, *unmet), **headers)
        return answer.status in _DONE


class Server:
    """The calendars that a connection leads to; its address may be any above or of a calendar."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._homes: tuple[str, ...] = ()
        self.url = connection.url

    def calendar(self, name: str) -> Calendar | None:
        """Return the calendar at the server's address, or the one of that name; None for none.

        Raises:
            ServerError: The server cannot be asked, or has several of that name.
        """
        here = self._about(self.url)
        if here.is_calendar:
            return Calendar(self._connection, here.url)
        found = []
        self._homes = self._homes_of(here)
        for home in self._homes:
            for each in self._list(home):
                if each.is_calendar and each.url.endswith(_made_at("/", name)):
                    return Calendar(self._connection, each.url)
                if each.is_calendar and each.takes_events and each.name == name:
                    found.append(each.url)
        if len(found) > 1:
            raise SameNameError(shown(self.url), name, tuple(map(shown, found)))
        return Calendar(self._connection, found[0]) if found else None

    def make(self, name: str) -> Calendar:
        """Make a calendar of that name where the user's calendars are."""
        if not name.isprintable() or not name.strip():
            raise RequestError("a calendar's name is one line of text that can be seen")
        url = _made_at((self._homes or self._homes_of(self._about(self.url)))[0], name)
        try:
            self._connection.ask("MKCALENDAR", url, _MADE % escape(name), allowed=_DONE)
        except ServerError as error:
            raise NotMadeError(name, str(error)) from None
        return Calendar(self._connection, url)

    def _homes_of(self, here: _About) -> tuple[str, ...]:
        """Return where calendars lie: the user's homes, or the address itself if it is another."""
        if here.homes:
            return here.homes
        homes = self._about(here.principal).homes if here.principal else ()
        if not homes:
            raise NoHomeError(shown(here.url))
        lies_above = any(unquote(home).startswith(unquote(here.url)) for home in homes)
        return homes if lies_above else (here.url,)

    def _about(self, url: str) -> _About:
        """Ask about one address, following redirects within the server."""
        asked = url
        for _ in range(_REDIRECTS):
            answer = self._connection.ask(
                "PROPFIND", asked, _ABOUT, allowed=(200, 207, 404, 405, *_MOVED), Depth="0"
            )
            if answer.status in _MOVED:
                asked = self._connection.within(asked, answer.headers.get("Location", ""))
            elif answer.status in (404, 405) and asked == url and urlsplit(url).path == "/":
                asked = urljoin(url, "/.well-known/caldav")  # RFC 6764
            elif answer.status in (404, 405):
                raise ServerError(
                    f"{shown(asked)}: {refusal(answer.status)}; it is no CalDAV address"
                )
            else:
                return next(self._abouts(answer, asked))
        raise ServerError(f"{shown(url)}: the server redirects without end")

    def _list(self, home: str) -> Iterator[_About]:
        return self._abouts(self._connection.ask("PROPFIND", home, _ABOUT, Depth="1"), home)

    def _abouts(self, answer: Answer, url: str) -> Iterator[_About]:
        none = True
        for at, props in self._connection.responses(answer, url):
            none = False
            kind = props.get(f"{DAV}resourcetype")
            takes = props.get(f"{_CALDAV}supported-calendar-component-set")
            yield _About(
                _folder(at),
                is_calendar=kind is not None and kind.find(f"{_CALDAV}calendar") is not None,
                takes_events=takes is None or any(one.get("name") == "VEVENT" for one in takes),
                name=_text(props, f"{DAV}displayname"),
                principal=next(self._hrefs(props, f"{DAV}current-user-principal", url), ""),
                homes=tuple(self._hrefs(props, f"{_CALDAV}calendar-home-set", url)),
            )
        if none:
            raise ServerError(f"{shown(url)}: the server says nothing of this address")

    def _hrefs(self, props: Mapping[str, Element], name: str, url: str) -> Iterator[str]:
        for each in props[name].iterfind(f"{DAV}href") if name in props else ():
            yield _folder(self._connection.within(url, (each.text or "").strip()))


def _made_at(home: str, name: str) -> str:
    """Return where a calendar of that name is made: always the same, so never made twice."""
    return f"{home}{uuid5(UID_NAMESPACE, f'calendar/{name}')}/"


def _folder(url: str) -> str:
    return url if url.endswith("/") else f"{url}/"


def _is_directly_in(calendar: str, url: str) -> bool:
    """Say whether an address names an object of a calendar, and of nothing above or below it."""
    name = unquote(url).removeprefix(unquote(calendar))
    return name != unquote(url) and name not in ("", ".", "..") and not set(name) & set("/\\?#")


def _if_match(was: Stored) -> dict[str, str]:
    """Return the condition of a change: the event is still the one that was read."""
    tag = was.etag.removeprefix("W/")
    if not tag:
        raise ServerError(
            f"{shown(was.url)}: the server gives no ETag, without which nothing is changed"
        )
    if not (tag.isascii() and tag.isprintable()):
        raise ServerError(
            f"{shown(was.url)}: the server gives an ETag that cannot be sent back, without which "
            "nothing is changed"
        )
    return {"If-Match": tag}


def _text(props: Mapping[str, Element], name: str) -> str:
    return (props[name].text or "").strip() if name in props else ""


def _lines(text: str) -> bytes:
    """Return calendar text as it was sent: XML and the library leave LF of CRLF."""
    return text.replace("\r\n", "\n").replace("\n", "\r\n").encode("utf-8", "replace")
