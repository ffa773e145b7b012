"""What a server may send: nothing of it hangs, ends in a traceback or is written elsewhere."""

import gzip
import tracemalloc
import zlib
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep

import pytest

from dosecal.errors import ServerError
from dosecal.sync import connection as webdav
from dosecal.sync import multistatus
from dosecal.sync.marks import event_uid, said
from dosecal.sync.multistatus import Answer, responses
from dosecal.sync.publish import difference, publish
from dosecal.sync.server import Server, Stored
from faults import Proxy, Reply, Seen
from publishing import connected, outcomes, planned
from raw_servers import Send, Speaker, again_and_again, at, raw, says
from servers import PASSWORD, USER, Running

OK = b"HTTP/1.1 207 Multi-Status\r\nContent-Type: application/xml\r\n"
LOGIN = b64encode(f"{USER}:{PASSWORD}".encode())


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def bomb(packed: bytes, how: bytes) -> Speaker:
    head = b"Content-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (how, len(packed))
    return says(OK + head + packed)


PACKED = gzip.compress(bytes(30 << 20))
HEAD = b"HTTP/1.1 207 OK\r\n"


@pytest.mark.parametrize(
    ("speak", "message"),
    [
        (again_and_again(b"", b"H", 0.05), "no answer within 0.5 seconds"),
        (again_and_again(HEAD, b"X", 0.05), "no answer within 0.5 seconds"),
        (again_and_again(HEAD, b"X-A: b\r\n", 0.05), "no answer within 0.5 seconds"),
        (again_and_again(OK, b"", 0.05), "no answer within 0.5 seconds"),
        (again_and_again(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 999), "larger than 256 kB"),
        (again_and_again(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.05), "no answer within"),
        (again_and_again(b"", b"HTTP/1.1 103 Early\r\nLink: a\r\n\r\n" * 999), "head is larger"),
        (again_and_again(HEAD, b"X-A: " + b"b" * 999 + b"\r\n"), "cannot be read|head is larger"),
        (again_and_again(HEAD + b"X: ", b"b" * 999), "cannot be read|head is larger"),
        (says(b"HTTP/1.1 " + b"2" * 5000 + b" OK\r\n\r\n"), "cannot be read"),
        (says(b"HTTP/1.1 20\xb2 OK\r\n\r\n"), "cannot be read"),
        (says(b"HTTP/1.1 999 OK\r\nContent-Length: 0\r\n\r\n"), "999"),
        (says(b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n"), "101|cannot be read|cut"),
        (says(b"220 smtp.example.com ESMTP\r\n\r\n"), "cannot be read"),
        (says(b"\x00" * 99_999), "cannot be read|head is larger"),
        (says(b"HTTP/1.1 207 OK\nX\rY: z\r\n\r\n"), "cannot be read"),
        (says(OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef"), "cannot be read"),
        (says(OK + b"Content-Length: -5\r\n\r\nabcdef"), "cannot be read"),
        (says(OK + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\nabc"), "cannot be read|cut"),
        (says(OK + b"Content-Length: 99\r\n\r\nabc"), "no connection, or it was cut"),
        (says(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n"), "cannot be read"),
        (says(OK + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nabc\r\n"), "cannot be read"),
        (says(OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 5000), "cannot be read|cut"),
        (says(OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabcdefgh\r\n0\r\n\r\n"), "cannot be"),
        (says(OK + b"Transfer-Encoding: gzip\r\n\r\nabc"), "cannot be read"),
        (says(b""), "no connection, or it was cut"),
        (bomb(PACKED, b"gzip"), "packed"),
        (bomb(gzip.compress(PACKED), b"gzip, gzip"), "packed"),
        (bomb(zlib.compress(bytes(30 << 20)), b"deflate"), "packed"),
        (bomb(b"\xff" * 99, b"br"), "packed"),
        (bomb(b"\xff" * 99, b"zstd"), "packed"),
        (bomb(b"\xff" * 99, b"x\x1b[2J\xe2\x80\xae"), "packed|cannot be read"),
    ],
)  # fmt: skip
def test_no_answer_hangs_or_ends_in_a_traceback(speak: Speaker, message: str) -> None:
    before = monotonic()
    with raw(speak) as server, pytest.raises(ServerError, match=message) as caught:
        Server(at(server, timeout=0.5)).calendar("x")
    assert monotonic() - before < 4
    assert str(caught.value).isprintable()


def test_the_last_wait_ends_with_the_time_that_is_left() -> None:
    """A server that says a little just in time gets no second time of the same length."""

    def speak(request: bytes, send: Send) -> None:
        sleep(0.8)
        send(HEAD)
        sleep(3)

    before = monotonic()
    with raw(speak) as server:
        with pytest.raises(ServerError, match="no answer within 1 seconds"):
            Server(at(server, timeout=1)).calendar("x")
        assert monotonic() - before < 1.6


def test_a_body_is_bounded_in_octets_and_time(monkeypatch: pytest.MonkeyPatch) -> None:
    chunked = OK + b"Transfer-Encoding: chunked\r\n\r\n"
    for begin, part in (
        (chunked, chunk(b"a")),
        (chunked, chunk(b" " * 9999)),
        (OK + b"\r\n", b" "),
    ):
        monkeypatch.setattr(webdav, "LARGEST", 1 << 20)
        with (
            raw(again_and_again(begin, part * 99)) as server,
            pytest.raises(ServerError, match="larger than 1 MB"),
        ):
            Server(at(server)).calendar("x")
        monkeypatch.setattr(webdav, "LONGEST", 0.5)
        before = monotonic()
        with (
            raw(again_and_again(begin, part, 0.05)) as server,
            pytest.raises(ServerError, match=r"is not whole after|larger than"),
        ):
            Server(at(server)).calendar("x")
        assert monotonic() - before < 3
        monkeypatch.undo()


def test_what_is_no_answer_of_webdav_is_said_so(through: Proxy, behind: Running) -> None:
    """A captive portal answers everything, in whatever encoding."""
    for body, kind in (
        ("Пожалуйста, войдите".encode("cp1251"), "text/plain; charset=windows-1251"),
        (b"\xff\xfe\x00", "application/octet-stream"),
        (b"\x80" * 5000, "text/x\xff"),
        (b"<html>\xe9</html>", ""),
    ):
        headers = {"content-type": kind} if kind else {}
        through.fault = lambda seen, to, body=body, headers=headers: Reply(200, headers, body)  # type: ignore[misc]
        with pytest.raises(ServerError, match="answers with something else"):
            connected(behind, through.url).calendar("x")


LAUGHS = b"<!DOCTYPE l [<!ENTITY l0 'ha'>" + b"".join(
    b"<!ENTITY l%d '%s'>" % (level, b"&l%d;" % (level - 1) * 10) for level in range(1, 11)
)


@pytest.mark.parametrize(
    "declared",
    [
        LAUGHS + b"]>",
        b"<!DOCTYPE l [<!ENTITY l10 SYSTEM 'file://%s'>]>",
        b"<!DOCTYPE l [<!ENTITY %% p SYSTEM 'file://%s'> %%p;<!ENTITY l10 'x'>]>",
        b"<!DOCTYPE l SYSTEM 'file://%s'>",
        b"<!DOCTYPE l SYSTEM 'http://127.0.0.1:%d/'>",
        b"<!DOCTYPE multistatus>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_that_declares_anything_is_refused(
    declared: bytes, encoding: str, tmp_path: Path
) -> None:
    """No entity multiplies, and none reads a file or an address."""
    secret = tmp_path / "secret"
    secret.write_text("never shown", "utf-8")
    with raw(says(OK + b"\r\n")) as server:
        declared = declared.replace(b"%s", str(secret).encode())
        declared = declared.replace(b"%d", b"%d" % server.port).replace(b"%%", b"%")
        body = (
            declared + b"<multistatus xmlns='DAV:'><response><href>/&l10;</href></response>"
            b"</multistatus>"
        )
        if b"l10 " not in declared:
            body = body.replace(b"&l10;", b"")
        body = body.decode().encode(encoding)
        before = monotonic()
        tracemalloc.start()
        with pytest.raises(ServerError, match="declares a document type") as caught:
            list(responses(Answer(207, {"Content-Type": "text/xml"}, body), "http://x/"))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert monotonic() - before < 1
        assert peak < 1 << 20
        assert "never shown" not in str(caught.value)
        assert server.heard == []


@pytest.mark.parametrize("xml", [b"<a/>" * 99_000, b"<a>" * 99_000 + b"</a>" * 99_000])
def test_an_answer_of_too_many_elements_is_not_built(
    xml: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In memory an element takes forty times its text."""
    answer = Answer(207, {"Content-Type": "text/xml"}, b"<multistatus xmlns='DAV:'>%s</multistatus>"
                    % xml)  # fmt: skip
    assert list(responses(answer, "http://x/")) == []
    monkeypatch.setattr(multistatus, "MOST_ELEMENTS", 99_000)
    with pytest.raises(ServerError, match="more than 99,000 elements"):
        list(responses(answer, "http://x/"))


def test_a_document_type_within_an_event_is_only_text() -> None:
    """Outlook writes pages into events, and servers such events as CDATA."""
    body = (
        b"<multistatus xmlns='DAV:'><response><href>/x</href><propstat><prop><a><![CDATA["
        b"<!DOCTYPE HTML>]]></a></prop></propstat></response></multistatus>"
    )
    ((href, props),) = responses(Answer(207, {}, body), "http://x/")
    assert (href, props["{DAV:}a"].text) == ("/x", "<!DOCTYPE HTML>")


@pytest.mark.parametrize(
    "status", ["HTTP/1.1 " + "2" * 5000, "HTTP/1.1 ٢٠٠", "OK", "HTTP/1.1 2000"]
)
def test_a_status_that_is_none_is_not_taken_for_200(status: str) -> None:
    response = f"<response><href>/x</href><status>{status}</status></response>"
    body = f"<multistatus xmlns='DAV:'>{response}</multistatus>"
    with pytest.raises(ServerError, match="cannot be read"):
        list(responses(Answer(207, {}, body.encode()), "http://x/"))


def listing(*events: tuple[str, str, bytes]) -> bytes:
    """Return the answer to a REPORT: addresses, ETags and events."""
    found = "".join(
        f"<response><href>{href}</href><propstat><prop><getetag>{etag}</getetag>"
        f"<C:calendar-data><![CDATA[{data.decode()}]]></C:calendar-data></prop></propstat></response>"
        for href, etag, data in events
    )
    spaces = "xmlns='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'"
    return f"<multistatus {spaces}>{found}</multistatus>".encode()


def reported(through: Proxy, body: Callable[[bytes], bytes]) -> None:
    """Answer each REPORT with something else; pass all other requests on."""

    def fault(seen: Seen, to: Callable[[Seen], Reply]) -> Reply:
        reply = to(seen)
        return reply._replace(body=body(reply.body)) if seen.method == "REPORT" else reply

    through.fault = fault


@pytest.mark.parametrize(
    "href",
    [
        "/mallory/other.ics",
        "{}../other.ics",
        "{}%2e%2e/other.ics",
        "{}..%2fother.ics",
        "{}deeper/other.ics",
        "{}",
        "{}?x",
        "{}x.ics?y",
        "{}x.ics#y",
        "{}..%5cother.ics",
        "/\x1b[2J%1b%5b2J%e2%80%ae/x.ics".replace("\x1b", ""),
    ],
)
def test_nothing_is_written_outside_of_the_calendar(
    through: Proxy, behind: Running, href: str
) -> None:
    """A server that names another place as one of our events does not get a PUT there."""
    to, name = connected(behind, through.url), "outside"
    calendar = to.calendar(name) or to.make(name)
    path = calendar.url.removeprefix(through.url.rstrip("/"))
    now = planned(1)
    (event,) = (data for data in now.items.values() if b"dose 1" in data)
    theirs = event.replace(b"T090000", b"T100000")
    reported(through, lambda _: listing((href.format(path), '"1"', theirs)))
    through.seen.clear()
    with pytest.raises(ServerError, match="outside of the calendar") as caught:
        list(publish(to, name, now, overwrite=True))
    assert str(caught.value).isprintable()
    assert not [each for each in through.seen if each.method in ("PUT", "DELETE")]


def test_an_event_may_be_anywhere_in_the_calendar(through: Proxy, behind: Running) -> None:
    """The same path, written in another way, is the same."""
    to, name = connected(behind, through.url), "written otherwise"
    list(publish(to, name, planned(1)))
    reported(through, lambda body: body.replace(f"<href>/{USER}/".encode(), b"<href>/%61nna/"))
    assert outcomes(publish(to, name, planned(1))) == []


def test_an_address_is_shown_unquoted_and_printable(through: Proxy, behind: Running) -> None:
    href = "/%D0%B0%D0%BD%D0%BD%D0%B0/%1b%5b2J%0a%e2%80%ae%c2%9b" + "x" * 9999
    through.fault = lambda seen, to: Reply(301, {"location": href}, b"") if "anna" not in (
        seen.path) and len(seen.path) < 99 else Reply(500, {}, b"")  # fmt: skip
    with pytest.raises(ServerError, match=r"/анна/ \[2J x+") as caught:
        connected(behind, through.url).calendar("x")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    "etag",
    [
        "&quot;1&quot;&#13;&#10;X-Evil: 1",
        "&quot;1&quot;&#10;X-Evil: 1",
        "&quot;\u0661&quot;",
        "a&#9;b",
    ],
)
def test_an_etag_adds_no_line_to_a_request(through: Proxy, behind: Running, etag: str) -> None:
    to, name = connected(behind, through.url), "etags"
    list(publish(to, name, planned(1), overwrite=True))
    (event,) = (data for data in planned(1).items.values() if b"dose 1" in data)
    calendar = to.calendar(name)
    assert calendar
    url = calendar.address(event_uid(event)).removeprefix(through.url.rstrip("/"))
    reported(through, lambda _: listing((url, etag, event.replace(b"T090000", b"T100000"))))
    through.seen.clear()
    with pytest.raises(ServerError, match="ETag that cannot be sent back"):
        list(publish(to, name, planned(1), overwrite=True))
    assert not [
        each for each in through.seen if each.method == "PUT" and "if-match" in each.headers
    ]
    assert not [each for each in through.seen if "x-evil" in each.headers]


@pytest.mark.parametrize(
    "inside",
    [
        b"BEGIN:VEVENT\r\n" * 9_700,
        b"BEGIN:VEVENT\r\n" + b"BEGIN:VALARM\r\n" * 9_700,
        b"BEGIN:VEVENT\r\n" * 5_000 + b"END:VEVENT\r\n" * 5_000,
        b"BEGIN:VEVENT\r\n" + b"BEGIN:VALARM\r\n" * 5_000 + b"END:VALARM\r\n" * 5_000
        + b"END:VEVENT\r\n",
        b"BEGIN:VEVENT\r\n" + b"X-DOSECAL-MARK:0\r\n" * 8_000 + b"END:VEVENT\r\n",
    ],
    ids=["events", "alarms", "events in events", "alarms in alarms", "marks"],
)  # fmt: skip
def test_an_event_with_many_beginnings_takes_no_time(inside: bytes) -> None:
    now = planned(1)
    mark = b"X-DOSECAL-MARK:%s-%s\r\n" % (b"0" * 24, b"0" * 24)
    data = b"BEGIN:VCALENDAR\r\n" + inside + mark + b"END:VCALENDAR\r\n"
    before = monotonic()
    assert event_uid(data) == ""
    difference(now, [Stored("http://x/a.ics", '"1"', data)])
    said(data)
    assert monotonic() - before < 3


@pytest.mark.parametrize(
    ("data", "uid"),
    [
        (b"BEGIN:VEVENT\r\nUID:a\r\nUID:b\r\n", "a"),
        (b"UID:0\nBEGIN:VEVENT\nUID:a\n", "a"),
        (b"BEGIN:VEVENT\r\nBEGIN:VALARM\r\nUID:b\r\nEND:VALARM\r\nUID:a\r\n", "a"),
        (b"BEGIN:VALARM\r\nBEGIN:VEVENT\r\nUID:a\r\n", "a"),
        (b"BEGIN:VEVENT\r\nDESCRIPTION:x\r\n UID:b\r\nUID:\xd0\xb0\xff\r\n", "а\ufffd"),
        (b"BEGIN:VEVENTS\r\nUID:a\r\n", ""),
        (b"", ""),
    ],
)
def test_the_uid_is_that_of_the_first_event(data: bytes, uid: str) -> None:
    assert event_uid(data) == uid
