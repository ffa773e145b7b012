"""Publishing against two real servers, and the comparison alone."""

import logging
import re
import traceback
from base64 import b64encode
from collections.abc import Callable
from datetime import time, timedelta

import pytest

from dosecal.errors import ServerError
from dosecal.ical.revisions import Revision
from dosecal.sync.marks import MARK
from dosecal.sync.publish import Outcome, difference, publish
from dosecal.sync.server import Calendar, Stored
from publishing import (
    BASE,
    COURSE,
    OPEN,
    connected,
    connection,
    held,
    outcomes,
    planned,
)
from servers import USER, Running


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
    later = COURSE._replace(clock=time(10))
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
    other = COURSE._replace(id="another")
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
        # what Apple's calendar leaves in an event whose alarm it must not ring by default
        lambda data: data.replace(b"END:VEVENT", b"BEGIN:VALARM\r\nACTION:NONE\r\n"
                                  b"TRIGGER;VALUE=DATE-TIME:19760401T005545Z\r\nEND:VALARM\r\n"
                                  b"END:VEVENT"),
        # against RFC 5545, and the end is the one that counts
        lambda data: data.replace(b"END:VEVENT", b"DURATION:PT7H\r\nEND:VEVENT"),
    ],
)  # fmt: skip
def test_what_a_server_writes_in_its_own_way_is_no_change(
    written: Callable[[bytes], bytes],
) -> None:
    now = planned(1)
    stored = [Stored(f"/x/{uid}.ics", '"1"', written(data)) for uid, data in now.items.items()]
    assert [each.data for each in stored] != list(now.items.values())
    assert difference(now, stored) == []


@pytest.mark.parametrize("copy_first", [False, True])
def test_of_two_copies_the_one_at_our_address_is_kept_right(copy_first: bool) -> None:
    """A server may hold a UID twice; what we write to is where we would create it."""
    now, later = planned(1), planned(1, COURSE._replace(clock=time(10)))
    (uid,) = (key for key, data in now.items.items() if b"dose 1" in data)
    ours = Stored(f"http://x/c/{uid}.ics", '"1"', now.items[uid])
    copy = Stored("http://x/c/copy.ics", '"2"', now.items[uid])
    stored = [copy, ours] if copy_first else [ours, copy]
    (change,) = (each for each in difference(later, stored) if each.uid == uid)
    assert (change.outcome, change.was) == (Outcome.CHANGED, ours)
    (alone,) = (each for each in difference(later, [copy]) if each.uid == uid)
    assert alone.was == copy


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
    assert outcomes(publish(to, name, planned(4, COURSE._replace(clock=time(10))))) == (
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


def test_what_a_server_says_does_nothing_on_a_terminal() -> None:
    now = planned(1)
    (uid,) = (each for each, data in now.items.items() if b"dose 1" in data)
    theirs = now.items[uid].replace(b"SUMMARY:", b"SUMMARY:\x1b[2J\xc2\x9b31m\xe2\x80\xae", 1)
    (left,) = (each for each in difference(now, [Stored("/x", '"1"', theirs)]) if each.uid == uid)
    assert left.outcome is Outcome.LEFT
    assert str(left).isprintable()
