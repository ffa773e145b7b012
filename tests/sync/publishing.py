"""What the tests of publishing share: servers, connections and plans."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time

import pytest

from dosecal import Course, Horizon, load, within
from dosecal.ical.calendar_file import calendar_items
from dosecal.ical.events import CalendarOptions
from dosecal.ical.revisions import CalendarPlan, Revision
from dosecal.model.schedule import Check, Listed
from dosecal.sync.connection import Connection
from dosecal.sync.publish import Change, Plan, difference, plan, publish
from dosecal.sync.server import Calendar, Server
from faults import Proxy, proxy
from servers import Running, radicale, xandikos

COURSE = Course(
    load("netakimab-psoriasis")._replace(
        checks=(Check("blood count", Listed("week", (-1, 7)), ("planeta-54",)),),
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
        course, CalendarPlan(tuple(doses), {}, base, doses[-1].day), reason_text=str,
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


def outcomes(changes: Iterable[Change]) -> list[str]:
    return [str(each.outcome) for each in changes]
