"""Publishing: against two real servers, through a proxy that fails, and the comparison alone."""

import logging
import re
import threading
import traceback
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from dosecal import Course, Horizon, load, webdav, within
from dosecal.caldav_server import Calendar, Server, Stored
from dosecal.calendar import CalendarOptions, calendar_items
from dosecal.errors import RequestError, ServerError
from dosecal.publish import MARK, Change, Outcome, Plan, difference, plan, publish
from dosecal.revisions import Revision
from dosecal.schedule import Check, Listed
from dosecal.webdav import Connection, checked_url
from faults import Fault, Proxy, Reply, Seen, passed_on, proxy
from servers import USER, Running, radicale, xandikos

COURSE = Course(
    replace(
        load("netakimab-psoriasis"),
        checks=(Check("blood count", Listed("week", (-1, 7)), ("planeta",)),),
    ),
    id="5f0c9a52-6a3e-4f0e-9b43-0e2f6f6d2a11",
    start=date(2026, 12, 1),
    clock=time(9),
    zone="Europe/Berlin",
    log=(),
)
BASE = Revision(0, datetime(2026, 12, 1, 10, tzinfo=UTC))


@pytest.fixture(scope="session", params=[radicale, xandikos])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> (
    Iterator[Running]
):  # fmt: skip
    with request.param(tmp_path_factory.mktemp(request.param.__name__)) as running:
        yield running


@pytest.fixture(scope="session")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server that stands behind the proxy."""
    with radicale(tmp_path_factory.mktemp("behind")) as running:
        yield running


@pytest.fixture
def through(behind: Running) -> Iterator[Proxy]:
    with proxy(behind.url) as running:
        yield running


OPEN: list[Connection] = []


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """Close what a test opened."""
    yield
    while OPEN:
        OPEN.pop().__exit__()


def connection(running: Running, url: str = "", **changes: float) -> Connection:
    made = Connection(
        url or running.url, running.user, running.password, ca_file=running.ca_file, **changes
    )
    OPEN.append(made)
    return made


def connected(running: Running, url: str = "", **changes: float) -> Server:
    return Server(connection(running, url, **changes))


def planned(
    count: int = 4, course: Course = COURSE, base: Revision = BASE, **options: bool
) -> Plan:
    doses = list(within(course, Horizon(count=count)))
    items = calendar_items(
        course, doses, {}, base, until=doses[-1].day, reason_text=str,
        options=CalendarOptions(**options),  # type: ignore[arg-type]
    )  # fmt: skip
    return plan(course, items)


def held(calendar: Calendar | None) -> dict[str, bytes]:
    """Return what a calendar holds by UID; no UID stands in it twice."""
    assert calendar
    found = {}
    for each in calendar.stored():
        (uid,) = re.findall(rb"^UID:(.*?)\r$", each.data, re.MULTILINE)
        assert uid not in found
        found[uid.decode()] = each.data
    return found


def assert_mended(running: Running, name: str, now: Plan) -> None:
    """The next publish brings what is missing, and no event twice."""
    list(publish(connected(running), name, now))
    calendar = connected(running).calendar(name)
    assert held(calendar).keys() == now.items.keys()
    assert difference(now, calendar.stored() if calendar else ()) == []


def outcomes(changes: "Iterator[Change] | list[Change]") -> list[str]:
    return [str(each.outcome) for each in changes]


def test_only_the_difference_is_sent(server: Running) -> None:
    """Created, nothing, changed, created, removed: what the plan says and no more."""
    to, name = connected(server), "difference"
    dry = list(publish(to, name, planned(), dry_run=True))
    assert outcomes(dry) == ["created"] * 5
    assert to.calendar(name) is None
    first = list(publish(to, name, planned()))
    assert [str(each) for each in first] == [
        "created: 2026-11-24 Check before the injections",
        "created: 2026-12-01 Injection, dose 1",
        "created: 2026-12-08 Injection, dose 2",
        "created: 2026-12-15 Injection, dose 3",
        "created: 2027-01-12 Injection, dose 4",
    ]
    assert held(to.calendar(name)).keys() == planned().items.keys()
    assert list(publish(connected(server), name, planned())) == []
    assert outcomes(publish(to, name, planned(5))) == ["created"] * 2
    later = replace(COURSE, clock=time(10))
    assert outcomes(publish(to, name, planned(5, later))) == ["changed"] * 5
    assert outcomes(publish(to, name, planned(2, later))) == ["removed"] * 4
    assert list(publish(to, name, planned(2, later))) == []
    assert held(to.calendar(name)).keys() == planned(2).items.keys()


def test_what_a_server_holds_is_what_was_sent(server: Running) -> None:
    to, name = connected(server), "bytes"
    list(publish(to, name, planned()))
    stored = {each.url.rsplit("/", 1)[1]: each.data for each in to.calendar(name).stored()}  # type: ignore[union-attr]
    assert stored.keys() == {f"{uid}.ics" for uid in planned().items}
    for data in stored.values():
        assert data.count(b"BEGIN:VEVENT") == 1
        assert not re.search(rb"^(NAME|METHOD|X-WR-CALNAME)", data, re.MULTILINE)


def test_events_of_others_are_never_touched(server: Running) -> None:
    """Another course, somebody's own event, and a copy of ours in the same calendar."""
    to, name = connected(server), "shared"
    other = replace(COURSE, id="another")
    list(publish(to, name, planned(3)))
    list(publish(to, name, planned(3, other)))
    calendar = to.calendar(name)
    assert calendar
    copy = next(iter(planned(3).items.values()))
    copy = re.sub(rb"UID:[^\r]+", b"UID:copied-by-a-person", copy)
    own = copy.replace(b"copied-by-a-person", b"own").replace(MARK, b"X-OTHER")
    assert calendar.create("copied-by-a-person", copy)
    assert calendar.create("own", own)
    before = held(calendar)
    assert outcomes(publish(to, name, planned(2))) == ["removed"]
    after = held(calendar)
    assert len(before) - len(after) == 1
    assert {"own", "copied-by-a-person"} <= after.keys()
    assert list(publish(to, name, planned(3, other))) == []


def edited(calendar: Calendar | None, number: int, change: Callable[[bytes], bytes]) -> None:
    """Change an event as a person does in a calendar program."""
    assert calendar
    title = f"SUMMARY:Injection\\, dose {number}\r\n".encode()
    (was,) = (each for each in calendar.stored() if title in each.data)
    assert calendar.change(was, change(was.data))


def test_an_event_that_somebody_moved_is_left_until_told(server: Running) -> None:
    to, name = connected(server), "moved"
    list(publish(to, name, planned()))
    edited(to.calendar(name), 2, lambda data: data.replace(b"20261208T", b"20261209T"))
    moved = list(publish(to, name, planned()))
    assert [str(each) for each in moved] == [
        "changed on the server: 2026-12-08 Injection, dose 2, there 2026-12-09 Injection, dose 2"
    ]
    assert outcomes(publish(to, name, planned(1))) == [
        "changed on the server",
        "removed",
        "removed",
    ]
    assert outcomes(publish(to, name, planned(4), overwrite=True)) == ["changed", *["created"] * 2]
    assert list(publish(to, name, planned())) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.replace(b"TRIGGER:-PT15M", b"TRIGGER:-PT30M"),
        lambda data: data.replace(b"SUMMARY:Inj", b"SUMMARY:My inj"),
        lambda data: data.replace(b"TRANSP:", b"LOCATION:home\r\nTRANSP:"),
        lambda data: data.replace(b"TRANSP:", b"RRULE:FREQ=DAILY\r\nTRANSP:"),
        lambda data: re.sub(rb"BEGIN:VALARM.*END:VALARM\r\n", b"", data, flags=re.DOTALL),
        lambda data: re.sub(MARK + rb"[^\n]*\n", b"", data).replace(b"T090000", b"T100000"),
    ],
)
def test_what_counts_as_changed_by_somebody(change: Callable[[bytes], bytes]) -> None:
    """A change of anything a person sees; without the mark nobody knows who wrote an event."""
    now = planned(1)
    (uid,) = (each for each, data in now.items.items() if b"dose 1" in data)
    theirs = Stored("/x/1.ics", '"1"', change(now.items[uid]))
    assert theirs.data != now.items[uid]
    (left,) = (each for each in difference(now, [theirs]) if each.uid == uid)
    assert left.outcome is Outcome.LEFT
    (put,) = (each for each in difference(now, [theirs], overwrite=True) if each.uid == uid)
    assert put.outcome is Outcome.CHANGED


def in_utc(data: bytes) -> bytes:
    return data.replace(b";TZID=Europe/Berlin:20261201T0900", b":20261201T0800").replace(
        b"00\r\n", b"00Z\r\n"
    )


@pytest.mark.parametrize(
    "written",
    [
        lambda data: data.replace(b"PRODID:-//dosecal//dosecal//EN", b"PRODID:-//server//EN"),
        lambda data: re.sub(rb"(DTSTAMP|LAST-MODIFIED):[^\n]*\n", b"", data),
        lambda data: re.sub(rb"X-[^\n]*\n", b"", data),
        lambda data: re.sub(rb"BEGIN:VTIMEZONE.*END:VTIMEZONE\r\n", b"", data, flags=re.DOTALL),
        lambda data: re.sub(rb"(?s)\n(SUMMARY:[^\n]*\n)(.*)\n(STATUS:)", rb"\n\2\n\1\3", data),
        lambda data: data.replace(b"SEQUENCE:0", b"SEQUENCE:1\r\nCREATED:20261201T000000Z"),
        lambda data: data.replace(b"\r\n ", b"").replace(b"STATUS:CONFIRMED\r\n", b""),
        lambda data: re.sub(rb"DTEND;TZID[^\n]*\n", b"DURATION:PT15M\r\n", data),
        lambda data: data.replace(b"ACTION:DISPLAY", b"UID:a\r\nX-MOZ-LASTACK:20261201T000000Z\r\n"
                                  b"ACKNOWLEDGED:20261201T000000Z\r\nACTION:DISPLAY"),
        lambda data: data.replace(b"\r\n", b"\n"),
    ],
)  # fmt: skip
def test_what_a_server_writes_in_its_own_way_is_no_change(
    written: Callable[[bytes], bytes],
) -> None:
    now = planned(1)
    stored = [Stored(f"/x/{uid}.ics", '"1"', written(data)) for uid, data in now.items.items()]
    assert [each.data for each in stored] != list(now.items.values())
    assert difference(now, stored) == []


def test_older_bytes_of_the_same_event_are_replaced() -> None:
    """New rules for its time zone change no instant that this computer computes."""
    now, before = planned(1), planned(1, base=Revision(3, BASE.changed + timedelta(days=1)))
    stored = [Stored(f"/x/{uid}.ics", '"1"', data) for uid, data in before.items.items()]
    assert outcomes(difference(now, stored)) == ["changed", "changed"]


def test_our_event_elsewhere_in_the_calendar_is_found_by_its_uid(server: Running) -> None:
    """An imported calendar file has the same UIDs at other addresses."""
    to, name = connected(server), "imported"
    calendar = to.make(name)
    for number, data in enumerate(planned().items.values()):
        assert calendar.create(f"imported-{number}", re.sub(MARK + rb"[^\n]*\n", b"", data))
    assert list(publish(to, name, planned())) == []
    assert outcomes(publish(to, name, planned(4, replace(COURSE, clock=time(10))))) == (
        ["changed on the server"] * 4
    )


@pytest.mark.parametrize("below", ["", "{user}/", "{user}", "{calendar}"])
def test_the_url_may_be_anything_above_the_calendar(server: Running, below: str) -> None:
    made = connected(server).calendar("urls") or connected(server).make("urls")
    url = made.url if below == "{calendar}" else server.url + below.format(user=server.user)
    found = connected(server, url).calendar("urls")
    assert found
    assert found.url == made.url


def test_a_calendar_is_found_by_its_name(server: Running) -> None:
    """One that a person made; of two with one name none is guessed."""
    to = connected(server)
    home = to.make("elsewhere").url.rsplit("/", 2)[0]
    body = (
        '<C:mkcalendar xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><set><prop>'
        "<displayname>Mine &amp; yours</displayname></prop></set></C:mkcalendar>"
    )
    by_hand = connection(server)
    by_hand.ask("MKCALENDAR", f"{home}/one/", body, allowed=(201,))
    found = to.calendar("Mine & yours")
    assert found
    assert found.url == f"{home}/one/"
    by_hand.ask("MKCALENDAR", f"{home}/two/", body, allowed=(201,))
    with pytest.raises(ServerError, match='2 calendars are named "Mine & yours"'):
        to.calendar("Mine & yours")


def test_a_wrong_password_is_refused_and_never_shown(
    server: Running, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "-".join(("never", "shown"))
    wrong = server._replace(password=secret)
    with pytest.raises(ServerError, match="user name and password \\(401\\)") as caught:
        connected(wrong).calendar("x")
    said = [repr(OPEN), "".join(traceback.format_exception(caught.value)), caplog.text,
            *capfd.readouterr()]  # fmt: skip
    for hidden in (secret, b64encode(f"{USER}:{secret}".encode()).decode()):
        assert not [text for text in said if hidden in text]


# --- through the proxy -----------------------------------------------------------------------


def on(method: str, fault: Fault) -> Fault:
    """Fail on the requests of one method that carry a login."""
    return lambda seen, to: (
        fault(seen, to) if seen.method == method and "authorization" in seen.headers else to(seen)
    )


def with_status(status: int, body: bytes = b"") -> Fault:
    return lambda seen, to: Reply(status, {"content-type": "text/plain"}, body)


def with_body(body: bytes, kind: str = "application/xml", status: int = 207) -> Fault:
    return lambda seen, to: Reply(status, {"content-type": kind}, body)


def nothing(seen: Seen, to: Callable[[Seen], Reply]) -> None:
    """Close the connection without an answer."""


def cut(seen: Seen, to: Callable[[Seen], Reply]) -> Reply:
    reply = to(seen)
    return reply._replace(cut=len(reply.body) // 2)


PAGE = b"<!DOCTYPE html><html><head><title>Hello</title></head><body><p>Log in</body></html>"


STATUSES = [
    (with_status(401), "user name and password"),
    (with_status(403), "does not allow"),
    (with_status(404), "no such address|refused by the server"),
    (with_status(409), "conflict"),
    (with_status(412), "changed meanwhile|refused by the server"),
    (with_status(418), "no calendar server"),
    (with_status(500), "the server failed"),
    (with_status(503), "out of service"),
    (with_status(507), "no room left"),
    (with_body(PAGE, "text/html", 200), "answers with a page"),
    (nothing, "no connection"),
    (cut, "no connection, or it was cut"),
]
ANSWERS = [
    (with_status(302), "no calendar server|no such address|redirects|points to"),
    (with_body(b""), "answers with nothing"),
    (with_body(b"", "text/html", 200), "answers with a page"),
    (with_body(b"OK", "text/plain", 200), "answers with something else"),
    (with_body(b"<a/>"), "answers with nothing"),
    (with_body(b"<multistatus xmlns='DAV:'><resp"), "cannot be read"),
    (with_body(b"\x00\xff\xfe" * 99, "text/xml"), "cannot be read"),
    (with_body(b"<multistatus xmlns='DAV:'/>"), "says nothing|changed on the server"),
    (
        with_body(
            b"<multistatus xmlns='DAV:'><response><href>/</href>"
            b"<status>HTTP/1.1 507 Insufficient Storage</status></response></multistatus>"
        ),
        "the answer is not whole",
    ),
]


@pytest.mark.parametrize(
    ("method", "fault", "message"),
    [
        *((method, *each) for method in ("PROPFIND", "REPORT") for each in STATUSES + ANSWERS),
        *((method, *each) for method in ("MKCALENDAR", "PUT", "DELETE") for each in STATUSES[:-1]),
    ],
)
def test_every_fault_has_a_message_and_is_mended_by_the_next_publish(
    through: Proxy, behind: Running, method: str, fault: Fault, message: str
) -> None:
    before, now, name = (
        planned(2),
        planned(1, replace(COURSE, clock=time(7))),
        f"{method} {id(fault)}",
    )
    if method != "MKCALENDAR":
        list(publish(connected(behind), name, before))
    through.fault = on(method, fault)
    try:
        said = " ".join(map(str, publish(connected(behind, through.url), name, now)))
    except ServerError as error:
        said = str(error)
    assert re.search(message, said), said
    assert behind.password not in said
    assert_mended(behind, name, now)


def writes(through: Proxy) -> list[str]:
    return [each.method for each in through.logged_in("MKCALENDAR", "PUT", "DELETE")]


@pytest.mark.parametrize("applied", [False, True], ids=["before", "after"])
def test_killed_at_any_request_the_next_publish_finishes(
    through: Proxy, behind: Running, applied: bool
) -> None:
    """From nothing, and over an older plan: before the server heard a request, and after."""
    earlier, now = planned(3), planned(2, replace(COURSE, clock=time(7)))

    def dying_at(last: int) -> Fault:
        left = iter(range(last))

        def fault(seen: Seen, to: Callable[[Seen], Reply]) -> Reply | None:
            if next(left, None) is not None:
                return to(seen)
            if applied:
                to(seen)
            return None

        return fault

    for begun in (False, True):
        for last in range(100):
            name = f"killed {applied} {begun} {last}"
            through.fault = passed_on
            if begun:
                list(publish(connected(behind), name, earlier))
            through.fault = dying_at(last)
            try:
                done = outcomes(publish(connected(behind, through.url), name, now))
            except ServerError:
                assert_mended(behind, name, now)
            else:
                assert len(done) == 3
                break
        assert last > 6


def test_each_change_has_its_condition(through: Proxy, behind: Running) -> None:
    to, name = connected(behind, through.url), "conditions"
    list(publish(to, name, planned(2)))
    etags = {each.url: each.etag for each in to.calendar(name).stored()}  # type: ignore[union-attr]
    list(publish(to, name, planned(1, replace(COURSE, clock=time(8)))))
    create, change, remove = (
        [each for each in through.logged_in(method) if condition in each.headers]
        for method, condition in (
            ("PUT", "if-none-match"), ("PUT", "if-match"), ("DELETE", "if-match"),
        )
    )  # fmt: skip
    assert (len(create), len(change), len(remove)) == (3, 1, 1)
    assert len(writes(through)) == 1 + 3 + 1 + 1
    assert {each.headers["if-none-match"] for each in create} == {"*"}
    for each in change + remove:
        assert each.headers["if-match"] == etags[through.url.rstrip("/") + each.path]
    for each in create:
        assert each.body.startswith(b"BEGIN:VCALENDAR\r\n")
        assert b"\n" not in each.body.replace(b"\r\n", b"")
        assert each.headers["content-type"] == "text/calendar; charset=utf-8"


def test_weak_etags_are_compared_by_what_they_hold(through: Proxy, behind: Running) -> None:
    to, name = connected(behind, through.url), "weak"
    list(publish(to, name, planned(1)))

    def weaken(seen: Seen, server: Callable[[Seen], Reply]) -> Reply:
        reply = server(seen)
        return reply._replace(body=reply.body.replace(b"getetag>&quot;", b"getetag>W/&quot;")
                              .replace(b'getetag>"', b'getetag>W/"'))  # fmt: skip

    through.fault = on("REPORT", weaken)
    assert outcomes(publish(to, name, planned(1, replace(COURSE, clock=time(8))))) == ["changed"]


def test_without_an_etag_nothing_is_changed(through: Proxy, behind: Running) -> None:
    to, name = connected(behind, through.url), "no etag"
    list(publish(to, name, planned(1)))

    def strip(seen: Seen, server: Callable[[Seen], Reply]) -> Reply:
        reply = server(seen)
        return reply._replace(body=re.sub(rb"<getetag>.*?</getetag>", b"<getetag/>", reply.body))

    through.fault = on("REPORT", strip)
    with pytest.raises(ServerError, match="no ETag"):
        list(publish(to, name, planned(1, replace(COURSE, clock=time(8)))))


@pytest.mark.parametrize(
    ("now", "raced", "outcome"),
    [
        (2, planned(2, replace(COURSE, clock=time(6))), ["changed on the server"]),
        (2, planned(2, replace(COURSE, clock=time(8))), []),
        (1, planned(2, replace(COURSE, clock=time(6))), ["changed on the server"]),
    ],
    ids=["other", "the same", "removal"],
)
def test_what_is_changed_meanwhile_is_read_again_and_not_overwritten(
    through: Proxy, behind: Running, now: int, raced: Plan, outcome: list[str]
) -> None:
    """Somebody changes dose 2 between our reading and our writing."""
    name = f"raced {now} {id(raced)}"
    uid = next(key for key, data in raced.items.items() if b"dose 2" in data)
    list(publish(connected(behind), name, planned(2)))
    to = connected(behind, through.url)
    once = iter([True])

    def race(seen: Seen, server: Callable[[Seen], Reply]) -> Reply:
        if uid in seen.path and next(once, False):
            calendar = connected(behind).calendar(name)
            assert calendar
            (was,) = (each for each in calendar.stored() if uid in each.url)
            assert calendar.change(was, raced.items[uid])
        return server(seen)

    through.fault = lambda seen, server: (
        race(seen, server) if seen.method in ("PUT", "DELETE") else server(seen)
    )
    course = replace(COURSE, clock=time(8)) if now == 2 else COURSE
    done = [each for each in publish(to, name, planned(now, course)) if each.uid == uid]
    assert outcomes(done) == outcome
    assert uid in held(connected(behind).calendar(name))


def test_what_is_created_meanwhile_is_not_overwritten(through: Proxy, behind: Running) -> None:
    """The same UID elsewhere in the calendar, or our address taken."""
    to, name = connected(behind, through.url), "created meanwhile"
    calendar = to.make(name)
    uid, data = next(iter(planned(1).items.items()))
    theirs = data.replace(b"SUMMARY:", b"SUMMARY:Not ")
    through.fault = on("REPORT", with_body(b"<multistatus xmlns='DAV:'/>"))
    assert calendar.create("elsewhere", theirs)
    assert outcomes(publish(to, name, planned(1)))[0] == "refused by the server"
    (was,) = (each for each in connected(behind).calendar(name).stored() if b"Not " in each.data)  # type: ignore[union-attr]
    assert calendar.remove(was)
    assert calendar.create(uid, theirs)
    assert outcomes(publish(to, name, planned(1)))[0] == "changed on the server"
    assert b"Not " in held(connected(behind).calendar(name))[uid]


def rewriting(change: Callable[[bytes], bytes]) -> Fault:
    """Be a server that stores what it gets in its own way."""
    return on("PUT", lambda seen, to: to(seen._replace(body=change(seen.body))))


@pytest.mark.parametrize(
    ("change", "later"),
    [
        (lambda data: re.sub(rb"(DTSTAMP|LAST-MODIFIED|CREATED):[^\n]*\n", b"", data).replace(
            b"SEQUENCE", b"DTSTAMP:20200101T000000Z\r\nSEQUENCE"), ["changed"]),
        (lambda data: data.replace(b"PRODID:-//dosecal", b"PRODID:-//other"), ["changed"]),
        (lambda data: re.sub(rb"X-[^\n]*\n", b"", data), ["changed on the server"]),
        (lambda data: re.sub(rb"BEGIN:VALARM.*END:VALARM\r\n", b"", data, flags=re.DOTALL),
         ["changed on the server"]),
    ],
    ids=["own times", "own name", "no extensions", "no alarms"],
)  # fmt: skip
def test_a_server_with_its_own_way_gets_no_endless_updates(
    through: Proxy, behind: Running, change: Callable[[bytes], bytes], later: list[str]
) -> None:
    """Whatever a server makes of an event it gets it once; without the mark it keeps its own."""
    to, name = connected(behind, through.url), f"own way {id(change)}"
    through.fault = rewriting(change)
    list(publish(to, name, planned(1)))
    through.seen.clear()
    list(publish(to, name, planned(1)))
    assert writes(through) == []
    doses = [each for each in publish(to, name, planned(1, replace(COURSE, clock=time(8))))
             if "dose" in str(each)]  # fmt: skip
    assert outcomes(doses) == later


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("https://elsewhere.example/dav/", "points to https://elsewhere.example/dav/"),
        ("http://127.0.0.2:1/", "points to http://127.0.0.2/"),
        ("//user:word@elsewhere.example/", "points to http://elsewhere.example/"),
        ("/loop/", "redirects without end"),
        ("", "redirects without end"),
    ],
)
def test_a_redirect_never_leads_elsewhere(
    through: Proxy, behind: Running, where: str, message: str
) -> None:
    through.fault = lambda seen, to: Reply(301, {"location": where}, PAGE)
    with pytest.raises(ServerError, match=re.escape(message)) as caught:
        connected(behind, through.url).calendar("x")
    assert "user:" not in str(caught.value)
    assert len(through.seen) <= 6


def test_the_address_that_a_server_names_is_found(through: Proxy, behind: Running) -> None:
    """RFC 6764: /.well-known/caldav leads to the path, within the server."""

    def named(seen: Seen, to: Callable[[Seen], Reply]) -> Reply:
        if seen.path == "/.well-known/caldav":
            return Reply(301, {"location": f"/{USER}/"}, b"")
        return Reply(404, {}, b"") if seen.path == "/" else to(seen)

    made = connected(behind).make("well-known")
    through.fault = named
    found = connected(behind, through.url).calendar("well-known")
    assert found
    assert found.url.endswith(made.url.split("/", 3)[3])


def test_homes_on_another_server_are_not_asked(through: Proxy, behind: Running) -> None:
    def elsewhere(seen: Seen, to: Callable[[Seen], Reply]) -> Reply:
        reply = to(seen)
        return reply._replace(body=reply.body.replace(
            f"<href>/{USER}/".encode(), b"<href>https://p01.example/anna/"))  # fmt: skip

    through.fault = elsewhere
    with pytest.raises(ServerError, match=r"points to https://p01\.example/anna/"):
        connected(behind, through.url).calendar("x")


def test_a_slow_and_an_absent_server(through: Proxy, behind: Running) -> None:
    pause = threading.Event()
    through.fault = on("PROPFIND", lambda seen, to: Reply(200, {}, b"") if pause.wait(20) else None)
    try:
        with pytest.raises(ServerError, match=r"no answer within 0\.2 seconds"):
            connected(behind, through.url, timeout=0.2).calendar("x")
    finally:
        pause.set()
    with pytest.raises(ServerError, match="no connection"):
        connected(behind, "http://127.0.0.1:1/").calendar("x")
    with pytest.raises(ServerError, match="no connection"):
        connected(behind, "https://nowhere.invalid/").calendar("x")


def test_an_answer_without_end_is_not_read(
    through: Proxy, behind: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webdav, "LARGEST", 1 << 20)
    through.fault = on("PROPFIND", with_body(b" " * (2 << 20)))
    with pytest.raises(ServerError, match="larger than 1 MB"):
        connected(behind, through.url).calendar("x")
    monkeypatch.setattr(webdav, "LONGEST", -1)
    with pytest.raises(ServerError, match="not whole after"):
        connected(behind, through.url).calendar("x")


def test_only_basic_and_digest_are_answered(through: Proxy, behind: Running) -> None:
    for offer in ("Negotiate", "Bearer realm=x", ""):
        through.fault = lambda seen, to, offer=offer: Reply(  # type: ignore[misc]
            401, {"www-authenticate": offer} if offer else {}, b""
        )
        with pytest.raises(ServerError, match=r"neither Basic nor Digest|401"):
            connected(behind, through.url).calendar("x")
    through.fault = lambda seen, to: Reply(
        401, {"www-authenticate": 'Digest realm="r", nonce="n", qop="auth"'}, b""
    )
    with pytest.raises(ServerError, match="401"):
        connected(behind, through.url).calendar("x")
    login = through.seen[-1].headers["authorization"]
    assert login.startswith("Digest ")
    assert behind.password not in login


def test_the_login_is_ours_and_no_file_of_the_system_adds_one(
    through: Proxy, behind: Running, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login mallory password x\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1/")
    connected(behind, through.url).calendar("x")
    assert "authorization" not in through.seen[0].headers
    assert {each.headers["authorization"] for each in through.logged_in()} == {
        "Basic " + b64encode(f"{USER}:{behind.password}".encode()).decode()
    }


def test_a_certificate_is_verified(server: Running) -> None:
    if server.ca_file:
        with pytest.raises(ServerError, match="certificate cannot be verified, nothing was sent"):
            connected(server._replace(ca_file="")).calendar("x")
        with pytest.raises(ServerError, match=r"certificate|no connection"):
            connected(server, server.url.replace("localhost", "127.0.0.1")).calendar("x")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://calendar.example.com/", "use https"),
        ("http://localhost.example.com/", "use https"),
        ("http://128.0.0.1/", "use https"),
        ("https://anna:word@calendar.example.com/", "holds a user name or a password"),
        ("https://anna@calendar.example.com/", "holds a user name or a password"),
        ("calendar.example.com", "no address of a server"),
        ("ftp://calendar.example.com/", "no address of a server"),
        ("https:///x", "no address of a server"),
        ("https://[::1/", "no address"),
        ("https://x:99999/", "no address"),
        ("https://x/?token=word", "more than a server and a path"),
        ("https://x/#word", "more than a server and a path"),
        ("https://x/a b", "more than a server and a path"),
        ("https://x/\n", "more than a server and a path|no address"),
        ("", "no address of a server"),
    ],
)
def test_a_wrong_url_is_refused(url: str, message: str) -> None:
    with pytest.raises(RequestError, match=message) as caught:
        checked_url(url)
    assert "word@" not in str(caught.value)
    assert "token" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://x", "https://x/"),
        ("https://x:8443/dav", "https://x:8443/dav/"),
        ("http://localhost:5232", "http://localhost:5232/"),
        ("http://127.8.0.1/", "http://127.8.0.1/"),
        ("http://[::1]:5232/", "http://[::1]:5232/"),
        ("https://x/анна%20b/", "https://x/%D0%B0%D0%BD%D0%BD%D0%B0%20b/"),
    ],
)
def test_an_address_ends_in_a_slash(url: str, address: str) -> None:
    assert checked_url(url) == address
