"""Publishing through a proxy that fails, and what is never sent anywhere."""

import re
import threading
from base64 import b64encode
from collections.abc import Callable
from datetime import time
from pathlib import Path

import pytest

from dosecal.errors import ServerError
from dosecal.sync import connection as webdav
from dosecal.sync.publish import Plan, publish
from dosecal.sync.server import Calendar, Server
from faults import Fault, Proxy, Reply, Seen, passed_on
from publishing import COURSE, assert_mended, connected, connection, held, outcomes, planned
from servers import USER, Running


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
    (with_body(b"<a/>"), "answers with something else"),
    (with_body(b"<multistatus xmlns='DAV:'><resp"), "cannot be read"),
    (with_body(b"\x00\xff\xfe" * 99, "text/xml"), "cannot be read"),
    (
        with_body(
            b"<multistatus xmlns='DAV:'><response><href>/</href>"
            b"<status>HTTP/1.1 507 Insufficient Storage</status></response></multistatus>"
        ),
        "the answer is not whole",
    ),
]


@pytest.fixture(scope="module")
def read_alone(behind: Running) -> str:
    """Name a calendar that nothing may change."""
    with connection(behind) as made:
        list(publish(Server(made), "read alone", planned(2)))
    return "read alone"


@pytest.mark.parametrize("method", ["PROPFIND", "REPORT"])
@pytest.mark.parametrize(("fault", "message"), STATUSES + ANSWERS)
def test_without_a_whole_answer_nothing_is_sent(
    through: Proxy, behind: Running, read_alone: str, method: str, fault: Fault, message: str
) -> None:
    through.fault = on(method, fault)
    with pytest.raises(ServerError, match=message) as caught:
        list(publish(connected(behind, through.url), read_alone, planned(1)))
    assert behind.password not in str(caught.value)
    assert writes(through) == []


@pytest.mark.parametrize("method", ["MKCALENDAR", "PUT", "DELETE"])
@pytest.mark.parametrize(("fault", "message"), STATUSES[:-1])
def test_a_change_that_fails_is_mended_by_the_next_publish(
    through: Proxy, behind: Running, method: str, fault: Fault, message: str
) -> None:
    now, name = planned(1, COURSE._replace(clock=time(7))), f"{method} {id(fault)}"
    if method != "MKCALENDAR":
        list(publish(connected(behind), name, planned(2)))
    through.fault = on(method, fault)
    try:
        said = " ".join(map(str, publish(connected(behind, through.url), name, now)))
    except ServerError as error:
        said = str(error)
    assert re.search(message, said)
    assert behind.password not in said
    assert_mended(behind, name, now)


def test_an_empty_list_of_events_makes_no_event_twice(through: Proxy, behind: Running) -> None:
    """What is not told of is met again by the condition of its creation."""
    to, name = connected(behind, through.url), "not told of"
    list(publish(to, name, planned(2)))
    through.fault = on("REPORT", with_body(b"<multistatus xmlns='DAV:'/>"))
    assert list(publish(to, name, planned(2))) == []
    through.fault = passed_on
    assert_mended(behind, name, planned(2))


def writes(through: Proxy) -> list[str]:
    return [each.method for each in through.logged_in("MKCALENDAR", "PUT", "DELETE")]


@pytest.mark.parametrize("applied", [False, True], ids=["before", "after"])
def test_killed_at_any_request_the_next_publish_finishes(
    through: Proxy, behind: Running, applied: bool
) -> None:
    """From nothing, and over an older plan: before the server heard a request, and after."""
    earlier, now = planned(2), planned(1, COURSE._replace(clock=time(7)))

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
        for last in range(3, 100):  # until then nothing is written
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
                assert len(done) == 2
                break
        assert last > 6


def test_each_change_has_its_condition(through: Proxy, behind: Running) -> None:
    to, name = connected(behind, through.url), "conditions"
    list(publish(to, name, planned(2)))
    etags = {each.url: each.etag for each in to.calendar(name).stored()}  # type: ignore[union-attr]
    list(publish(to, name, planned(1, COURSE._replace(clock=time(8)))))
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
    assert outcomes(publish(to, name, planned(1, COURSE._replace(clock=time(8))))) == ["changed"]


def test_without_an_etag_nothing_is_changed(through: Proxy, behind: Running) -> None:
    to, name = connected(behind, through.url), "no etag"
    list(publish(to, name, planned(1)))

    def strip(seen: Seen, server: Callable[[Seen], Reply]) -> Reply:
        reply = server(seen)
        return reply._replace(body=re.sub(rb"<getetag>.*?</getetag>", b"<getetag/>", reply.body))

    through.fault = on("REPORT", strip)
    with pytest.raises(ServerError, match="no ETag"):
        list(publish(to, name, planned(1, COURSE._replace(clock=time(8)))))


@pytest.mark.parametrize(
    ("now", "raced", "outcome"),
    [
        (2, planned(2, COURSE._replace(clock=time(6))), ["changed on the server"]),
        (2, planned(2, COURSE._replace(clock=time(8))), []),
        (1, planned(2, COURSE._replace(clock=time(6))), ["changed on the server"]),
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
    course = COURSE._replace(clock=time(8)) if now == 2 else COURSE
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
    directly = connected(behind).calendar(name)
    assert directly
    (was,) = (each for each in directly.stored() if b"Not " in each.data)
    assert directly.remove(was)
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
    doses = [each for each in publish(to, name, planned(1, COURSE._replace(clock=time(8))))
             if "dose" in str(each)]  # fmt: skip
    assert outcomes(doses) == later


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("https://elsewhere.example/dav/", "points to https://elsewhere.example/dav/"),
        ("http://127.0.0.2:1/", "points to http://127.0.0.2:1/"),
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


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_gone_by_now_is_refused_or_removed(
    through: Proxy, behind: Running, status: int
) -> None:
    to, name = connected(behind, through.url), f"gone {status}"
    list(publish(to, name, planned(2)))
    later = planned(2, COURSE._replace(clock=time(8)))
    through.fault = lambda seen, server: (
        Reply(status, {}, b"") if seen.method in ("PUT", "DELETE", "GET") else server(seen)
    )
    assert set(outcomes(publish(to, name, later))) == {"refused by the server"}
    assert "removed" in outcomes(publish(to, name, planned(1)))
    calendar = Calendar(connection(behind, through.url), through.url)
    assert calendar.read(f"{through.url}x") is None
