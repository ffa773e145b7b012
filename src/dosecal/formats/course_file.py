"""Course files: one person's course in TOML, and the entries that commands append to it.

The caller opens the file; docs/course-file.md describes the format. An entry only adds bytes at
the end, so what stands is never rewritten.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from itertools import chain, islice
from operator import itemgetter
from typing import Any, Final

from dosecal.errors import (
    CourseFileError,
    DosecalError,
    Problem,
    QuantityError,
    RequestError,
)
from dosecal.formats.keys import (
    Key,
    Kind,
    Reader,
    boolean_kind,
    choice_kind,
    date_kind,
    instant_kind,
    integer_kind,
    parsed_kind,
    text_kind,
    time_kind,
)
from dosecal.formats.toml import parse_toml, toml_value
from dosecal.formats.zones import read_zone
from dosecal.model.course import Avoid, Course, Decided, Entry, Given, Hold, Skipped, Void
from dosecal.model.languages import known_code
from dosecal.model.quantities import check_weight
from dosecal.model.schedule import ALL_SITES, Schedule, Then
from dosecal.plan.assess import doses
from dosecal.plan.timeline import Timeline

DECISIONS: Final = (Then.KEEP, Then.SHIFT, Then.RESTART)
"""What a person can decide about a dose that was given."""
MAX_DOSE: Final = 36_525
"""The highest dose number taken, inclusive: 100 years of daily doses."""


def _parse_language(text: str) -> str:
    try:
        return known_code(text)
    except RequestError as error:
        raise QuantityError(str(error), "") from error


def _read_weight(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise QuantityError("the weight is no number", "a number in kg without quotes: 72.5")
    try:
        return check_weight(Decimal(value))
    except RequestError as error:
        raise QuantityError(str(error), "") from error


_DOSE: Final = integer_kind(1, MAX_DOSE)
_TEXT: Final = text_kind()
_SITE: Final = choice_kind(ALL_SITES)
_THEN: Final = choice_kind(DECISIONS)
_RECORDED: Final = Key(
    "recorded", instant_kind(), "when it was recorded, UTC", "2026-12-01T08:30:00Z"
)
_NUMBER: Final = Key("dose", _DOSE, "number of the dose", "4", required=True)
_SITES: Final = Kind(
    "list of sites, one an injection",
    {"type": "array", "items": {"enum": list(ALL_SITES)}},
    lambda value: _read_sites(value),
)


def _read_sites(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise QuantityError("the sites are no list", 'a list: ["left-thigh", "right-thigh"]')
    return tuple(_SITE.read(each) for each in value)


COURSE: Final = (
    Key("format", integer_kind(1, 1), "version of this format", "1", required=True),
    Key("schedule", _TEXT, "id of the catalogue, or a path relative to this file",
        '"netakimab-psoriasis"', required=True),
    Key("id", _TEXT, "random, made once; calendar UIDs derive from it", '"5f0c..."',
        required=True),
    Key("start", date_kind(), "the day of the label's week 0", "2026-12-01", required=True),
    Key("time", time_kind(), "time of day where the patient lives", "09:00:00",
        default="all-day"),
    Key("timezone", parsed_kind("IANA time zone", read_zone), "where the patient lives",
        '"Europe/Moscow"'),
    Key("weight_kg", Kind("number of kg", {"type": "number", "exclusiveMinimum": 0}, _read_weight),
        "body weight", "72.5"),
    Key("caregiver", boolean_kind(), "whether somebody else injects", "true", default="false"),
    Key("language", parsed_kind('code of a language such as "ru"', _parse_language),
        "language of the texts", '"ru"'),
    Key("avoid", (
        Key("site", _SITE, "a site not to use", '"left-thigh"', required=True),
        Key("from", date_kind(), "first day, inclusive", "2026-12-01"),
        Key("until", date_kind(), "last day, inclusive", "2026-12-31"),
        Key("reason", _TEXT, "why", '"bruise"'),
    ), "a site that the person avoids", "[[avoid]]", many="list"),
    Key("given", (
        _NUMBER,
        Key("date", date_kind(), "the day it was given", "2026-12-01", required=True),
        Key("sites", _SITES, "where, one an injection", '["left-thigh"]'),
        Key("then", _THEN, "what was decided about the doses after it", '"shift"'),
        Key("note", _TEXT, "anything", '"sore arm"'),
        _RECORDED,
    ), "an administration", "[[given]]", many="list"),
    Key("skipped", (_NUMBER, Key("note", _TEXT, "why", '"fever"'), _RECORDED),
        "a dose that the person chose not to take", "[[skipped]]", many="list"),
    Key("hold", (
        Key("from", date_kind(), "first day, inclusive", "2026-12-01", required=True),
        Key("until", date_kind(), "last day, inclusive", "2026-12-31"),
        Key("reason", _TEXT, "why", '"infection"'),
        _RECORDED,
    ), "a pause", "[[hold]]", many="list"),
    Key("decided", (
        _NUMBER, Key("then", _THEN, "what was decided", '"keep"', required=True), _RECORDED,
    ), "a decision about a recorded dose", "[[decided]]", many="list"),
    Key("void", (
        Key("dose", _DOSE, "the dose whose latest entry no longer counts", "4"),
        Key("hold", boolean_kind(), "whether it is the latest hold instead", "true"),
        _RECORDED,
    ), "an entry taken back", "[[void]]", many="list"),
)  # fmt: skip
_LOG: Final = ("given", "skipped", "hold", "decided", "void")
_TABLE: Final = re.compile(rb"^[ \t]*\[", re.MULTILINE)
_SCHEDULE: Final = re.compile(rb"^[ \t]*[\"']?schedule[\"']?[ \t]*=", re.MULTILINE)
_START: Final = re.compile(rb"^[ \t]*[\"']?start[\"']?[ \t]*=", re.MULTILINE)
_MEDICINE: Final = re.compile(rb"^[ \t]*[\"']?medicine[\"']?[ \t]*=", re.MULTILINE)


def _headers(*names: str) -> re.Pattern[str]:
    """Return what tells the headers of tables from the same characters in a comment or a text."""
    return re.compile(
        rf"""^[ \t]*\[\[[ \t]*["']?({"|".join(names)})["']?[ \t]*\]\]"""
        r"""|\#[^\n]*|\"{3}(?:\\.|[^\\])*?\"{3}|'{3}.*?'{3}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'""",
        re.MULTILINE | re.DOTALL,
    )


_ENTRIES: Final = _headers(*_LOG)
_PHASES: Final = _headers("phase")


def is_course(data: bytes) -> bool:
    """Say whether the bytes are those of a course file and of no schedule file.

    A file with a phase is a schedule, whatever of a course's stands in it.
    """
    head = _TABLE.split(data, maxsplit=1)[0]
    if not _SCHEDULE.search(head) and (not _START.search(head) or _MEDICINE.search(head)):
        return False
    text = data.decode("utf-8", "replace") if b"phase" in data else ""
    return not any(match[1] for match in _PHASES.finditer(text))


def read_course(data: bytes, file: str, find: Callable[[str], Schedule]) -> Course:
    """Read a course file.

    Args:
        data: The bytes of the file.
        file: How messages name it.
        find: Returns the schedule that the file names, by id or path.

    Raises:
        CourseFileError: With every problem found.
        ScheduleFileError: The schedule that it names is wrong.
    """
    reader = Reader()
    try:
        table = parse_toml(data)
    except QuantityError as error:
        problem = Problem("", error.what, error.allowed, error.hint)
        raise CourseFileError(file, (problem,)) from error
    if "phase" in table:
        problem = Problem("", "this is a schedule, no course", "`dosecal new` begins a course")
        raise CourseFileError(file, (problem,))
    found = reader.table(COURSE, dict(table))
    if "time" in found and "timezone" not in found:
        reader.problem("timezone", "missing", "a time of day needs the zone of the patient")
    for number, each in enumerate(found.get("void", []), 1):
        if (each.get("dose") is None) == (not each.get("hold")):
            reader.problem(f"void[{number}]", "names no entry", "either dose or hold = true")
    for name in ("hold", "avoid"):
        for number, each in enumerate(found.get(name, []), 1):
            first, last = each.get("from"), each.get("until")
            if first and last and last < first:
                reader.problem(f"{name}[{number}].until", f"{last} lies before {first}", "later")
    schedule = None
    if found.get("schedule"):
        try:
            schedule = find(found["schedule"])
        except RequestError as error:
            reader.problem("schedule", error.in_one_line)
    if reader.problems or schedule is None:
        raise CourseFileError(file, tuple(reader.problems))
    course = Course(
        schedule,
        id=found["id"],
        start=found["start"],
        clock=found.get("time"),
        zone=found.get("timezone", ""),
        weight_kg=found.get("weight_kg"),
        caregiver=found.get("caregiver", False),
        language=found.get("language", ""),
        avoid=tuple(
            Avoid(each["site"], each.get("from"), each.get("until"), each.get("reason", ""))
            for each in found.get("avoid", [])
        ),
        log=_log(data.decode("utf-8-sig"), found),
    )
    problems = tuple(log_problems(course))
    if problems:
        raise CourseFileError(file, problems)
    return course


def _log(text: str, found: dict[str, Any]) -> tuple[Entry, ...]:
    """Return the entries in order of entry: as they stand in the file, whatever their kind."""
    lists = {name: [_entry(name, each) for each in found.get(name, [])] for name in _LOG}
    order = [match[1] for match in _ENTRIES.finditer(text) if match[1]]
    if all(order.count(name) == len(lists[name]) for name in _LOG):
        following = {name: iter(entries) for name, entries in lists.items()}
        return tuple(next(following[name]) for name in order)
    entries = [entry for name in _LOG for entry in lists[name]]  # `given = [{...}]` by hand
    times = [entry.recorded for entry in entries if entry.recorded]
    if len(times) < len(entries):
        return tuple(entries)
    return tuple(entry for _, entry in sorted(zip(times, entries, strict=True), key=itemgetter(0)))


def _entry(name: str, each: dict[str, Any]) -> Entry:
    recorded: datetime | None = each.get("recorded")
    match name:
        case "given":
            then = Then(each["then"]) if "then" in each else None
            return Given(
                each["dose"], each["date"], each.get("sites", ()), then, each.get("note", ""),
                recorded,
            )  # fmt: skip
        case "skipped":
            return Skipped(each["dose"], each.get("note", ""), recorded)
        case "hold":
            return Hold(each["from"], each.get("until"), each.get("reason", ""), recorded)
        case "decided":
            return Decided(each["dose"], Then(each["then"]), recorded)
        case _:
            return Void(each.get("dose"), "hold", recorded)


def log_problems(course: Course) -> list[Problem]:
    """Say what of a log cannot be: a dose twice, before the start, or one that there is not."""
    problems = []
    standing: dict[int | None, list[Entry]] = {}
    counts = Counter[str]()
    for entry in course.log or ():
        number = None if isinstance(entry, Hold) else getattr(entry, "dose", None)
        earlier = standing.setdefault(number, [])
        kind = type(entry).__name__.lower()
        counts[kind] += 1
        where = f"{kind}[{counts[kind]}]"
        if isinstance(entry, Void):
            if earlier:
                earlier.pop()
                continue
            what = "hold" if number is None else f"entry about dose {number}"
            problems.append(Problem(where, f"there is no {what} to take back"))
            continue
        given = any(isinstance(each, Given) for each in earlier)
        if isinstance(entry, Given | Skipped) and any(
            isinstance(each, Given | Skipped) for each in earlier
        ):
            allowed = f"once; a [[void]] of dose {number} between them takes the first back"
            problems.append(Problem(where, f"dose {number} is recorded twice", allowed))
        elif isinstance(entry, Decided) and not given:
            what = f"dose {number} is not recorded as given"
            problems.append(Problem(where, what, "its [[given]] stands before its [[decided]]"))
        earlier.append(entry)
    for each in chain.from_iterable(standing.values()):
        if isinstance(each, Given) and each.date < course.start:
            what = f"dose {each.dose} was given on {each.date}"
            problems.append(Problem("given", what, f"on or after the start, {course.start}"))
    highest = max((number for number in standing if number and standing[number]), default=0)
    if highest and (last := _last_number(course, highest)) < highest:
        problems.append(Problem("log", f"there is no dose {highest}", f"doses 1 to {last}"))
    return problems


def _last_number(course: Course, highest: int) -> int:
    """Return the last dose number up to `highest` that the course has."""
    if course.log is not None and any(isinstance(each, Given) for each in course.log):
        try:
            return max((each.number for each in islice(doses(course), highest)), default=0)
        except DosecalError:
            return highest  # what is wrong is reported by whoever asks for the doses
    timeline = Timeline.begin(course.schedule.phases, course.start)
    return next(number for number in range(highest, -1, -1) if not number or timeline.slot(number))


def table_bytes(header: str, values: Mapping[str, object]) -> bytes:
    """Return a table of a list as it is appended: a blank line, its header and its keys."""
    lines = [
        f"{key} = {toml_value(value)}"
        for key, value in values.items()
        if value not in (None, "", ())
    ]
    return "\n".join(["", f"[[{header}]]", *lines, ""]).encode("utf-8")


def entry_bytes(entry: Entry) -> bytes:
    """Return an entry as it is appended to a course file."""
    values = entry._asdict()
    match entry:
        case Given():
            header = "given"
        case Skipped():
            header = "skipped"
        case Hold():
            header = "hold"
            values = {"from": entry.first, "until": entry.last, **values}
            del values["first"], values["last"]
        case Decided():
            header = "decided"
        case Void():
            header = "void"
            values = {"hold": None if entry.dose else True, **values}
    return table_bytes(header, values)


def new_bytes(values: Mapping[str, object], avoid: tuple[str, ...]) -> bytes:
    """Return a new course file."""
    lines = [f"{key} = {toml_value(value)}" for key, value in values.items() if value is not None]
    head = ["format = 1", *lines, ""]
    return "\n".join(head).encode("utf-8") + b"".join(
        table_bytes("avoid", {"site": site}) for site in avoid
    )
