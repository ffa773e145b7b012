"""Course files: one person's course in TOML, and the entries that commands append to it.

The caller opens the file; docs/course-file.md describes the format. An entry only adds bytes at
the end, so what stands is never rewritten.
"""

import re
from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any, Final

from dosecal.consistency.log import contradictions
from dosecal.errors import CourseFileError, Problem, QuantityError, RequestError
from dosecal.formats.course_checks import check_entry, check_head
from dosecal.formats.course_keys import (
    COURSE,
    FORMS,
    chosen_keys,
    chosen_value,
    entry_of,
    entry_values,
)
from dosecal.formats.keys import Reader
from dosecal.formats.toml import parse_toml, table_order, toml_text, toml_value
from dosecal.model.course import Avoid, Chosen, Course, Entry, name_of
from dosecal.model.schedule import Schedule

_TABLE: Final = re.compile(rb"^[ \t]*\[", re.MULTILINE)
_SCHEDULE: Final = re.compile(rb"^[ \t]*[\"']?schedule[\"']?[ \t]*=", re.MULTILINE)
_START: Final = re.compile(rb"^[ \t]*[\"']?start[\"']?[ \t]*=", re.MULTILINE)
_MEDICINE: Final = re.compile(rb"^[ \t]*[\"']?medicine[\"']?[ \t]*=", re.MULTILINE)


def is_course(data: bytes) -> bool:
    """Say whether the bytes are those of a course file and of no schedule file.

    A file with a phase is a schedule, whatever of a course's stands in it.
    """
    head = _TABLE.split(data, maxsplit=1)[0]
    if not _SCHEDULE.search(head) and (not _START.search(head) or _MEDICINE.search(head)):
        return False
    text = data.decode("utf-8", "replace") if b"phase" in data else ""
    return not table_order(text, ("phase",))


def read_course(data: bytes, file: str, find: Callable[[str], Schedule]) -> Course:
    """Read a course file.

    Args:
        data: The bytes of the file.
        file: How messages name it.
        find: Returns the schedule that the file names, by id or path.

    Raises:
        CourseFileError: With every problem found.
        ScheduleFileError: A schedule that it names is wrong.
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
    check_head(reader, found)
    for header in FORMS:
        for number, each in enumerate(found.get(header, []), 1):
            check_entry(reader, header, each, f"{header}[{number}]")
    schedules = _schedules(reader, found, find)
    if reader.problems:
        raise CourseFileError(file, tuple(reader.problems))
    course = _course(found, schedules, _log(data.decode("utf-8-sig"), found))
    if problems := contradictions(course):
        raise CourseFileError(file, problems)
    return course


def _schedules(
    reader: Reader, found: Mapping[str, Any], find: Callable[[str], Schedule]
) -> dict[str, Schedule]:
    """Return the schedules that a file names, each by its name there: that of the head first."""
    schedules: dict[str, Schedule] = {}
    steps = enumerate(found.get("stepped", []), 1)
    named = [
        ("schedule", found.get("schedule")),
        *((f"stepped[{number}].schedule", each.get("schedule")) for number, each in steps),
    ]
    sought: set[str] = set()
    for where, name in named:
        if not name or name in sought:
            continue
        sought.add(name)
        try:
            schedules[name] = find(name)
        except RequestError as error:
            reader.problem(where, error.in_one_line)
    return schedules


def _course(
    found: Mapping[str, Any], schedules: Mapping[str, Schedule], log: tuple[Entry, ...]
) -> Course:
    """Return the course of a file in which every key is right."""
    stepped = {each["schedule"] for each in found.get("stepped", []) if "schedule" in each}
    return Course(
        schedules[found["schedule"]],
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
        log=log,
        bsa_m2=found.get("bsa_m2"),
        label=found.get("label", ""),
        sites=found.get("sites", ()),
        beside=found.get("beside", ()),
        choices=tuple(
            Chosen(phase, key, table[key])
            for phase, table in found.get("choices", {}).items()
            for key in chosen_keys(table)
        ),
        others=tuple((name, each) for name, each in schedules.items() if name in stepped),
    )


def _log(text: str, found: Mapping[str, Any]) -> tuple[Entry, ...]:
    """Return the entries in order of entry: as they stand in the file, whatever their kind."""
    lists = {name: [entry_of(name, each) for each in found.get(name, [])] for name in FORMS}
    order = table_order(text, FORMS)
    if all(order.count(name) == len(lists[name]) for name in FORMS):
        following = {name: iter(entries) for name, entries in lists.items()}
        return tuple(next(following[name]) for name in order)
    entries = [entry for name in FORMS for entry in lists[name]]  # `given = [{...}]` by hand
    times = [entry.recorded for entry in entries if entry.recorded]
    if len(times) < len(entries):
        return tuple(entries)
    return tuple(entry for _, entry in sorted(zip(times, entries, strict=True), key=itemgetter(0)))


def table_bytes(header: str, values: Mapping[str, object]) -> bytes:
    """Return a table of a list as it is appended: a blank line, its header and its keys."""
    return "\n".join(["", f"[[{header}]]", *_lines(values), ""]).encode("utf-8")


def _lines(values: Mapping[str, object]) -> list[str]:
    return [
        f"{_key(key)} = {toml_value(value)}"
        for key, value in values.items()
        if value is not None and value not in ("", ())
    ]


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else toml_text(name)


def entry_bytes(entry: Entry) -> bytes:
    """Return an entry as it is appended to a course file."""
    return table_bytes(name_of(type(entry)), entry_values(entry))


def course_bytes(course: Course, schedule: str = "") -> bytes:
    """Return a course as a new file.

    Args:
        course: Whose.
        schedule: How the file names its schedule: an id, or a path relative to the file; "": by
            the schedule's id.
    """
    head = {
        "format": 1,
        "schedule": schedule or course.schedule.id,
        "id": course.id,
        "start": course.start,
        "time": course.clock,
        "timezone": course.zone,
        "weight_kg": course.weight_kg,
        "bsa_m2": course.bsa_m2,
        "caregiver": course.caregiver or None,
        "language": course.language,
        "label": course.label,
        "sites": course.sites,
        "beside": course.beside,
    }
    lines = [*_lines(head), ""]
    tables: dict[str, dict[str, object]] = {}
    for each in course.choices:
        tables.setdefault(each.phase, {})[each.key] = chosen_value(each.key, each.text)
    for phase, chosen in tables.items():
        lines += ["", f"[choices.{_key(phase)}]", *_lines(chosen)]
    if tables:
        lines.append("")
    avoided = (
        {"site": each.site, "from": each.first, "until": each.last, "reason": each.reason}
        for each in course.avoid
    )
    return b"".join([
        "\n".join(lines).encode("utf-8"),
        *(table_bytes("avoid", each) for each in avoided),
        *map(entry_bytes, course.log or ()),
    ])  # fmt: skip
