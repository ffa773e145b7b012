"""What the keys of a course say against each other: of a file, and of a course built by hand."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from dosecal.consistency.field_types import misfits
from dosecal.consistency.log import contradictions
from dosecal.errors import Problem, described
from dosecal.formats.course_keys import (
    AVOIDED,
    FORMS,
    KINDS_OF_VOID,
    PERSON,
    chosen_keys,
    entry_of,
    entry_values,
)
from dosecal.formats.keys import Reader
from dosecal.model.course import Course, Entry, name_of
from dosecal.model.schedule import Then

_CHOICES: Final = 'one of every, dose, on, "weeks[2]"'


def check_head(reader: Reader, found: Mapping[str, Any]) -> None:
    """Note what keys of a head say together and cannot mean."""
    if "time" in found and "timezone" not in found:
        reader.problem("timezone", "missing", "a time of day needs the zone of the patient")
    for number, each in enumerate(found.get("avoid", []), 1):
        _check_order(reader, each, f"avoid[{number}]")
    for phase, chosen in found.get("choices", {}).items():
        if not chosen:
            reader.problem(f"choices.{phase}", "says nothing", _CHOICES)


def _check_order(reader: Reader, table: Mapping[str, Any], where: str) -> None:
    first, last = table.get("from"), table.get("until")
    if first and last and last < first:
        reader.problem(f"{where}.until", f"{last} lies before {first}", "later")


def check_entry(reader: Reader, header: str, table: Mapping[str, Any], where: str) -> None:
    """Note what keys of an entry say together and cannot mean, where each alone is right."""
    if None in table.values():
        return
    match header:
        case "given":
            _check_given(reader, table, where)
        case "hold":
            _check_order(reader, table, where)
        case "decided":
            repeats = table.get("then") is Then.REPEAT
            if repeats and "on" not in table:
                reader.problem(f"{where}.on", "missing", "a repeat says when the dose is due again")
            elif "then" in table and not repeats and "on" in table:
                reader.problem(f"{where}.on", f'stands with then = "{table["then"]}"', "a repeat")
        case "chosen":
            _check_one(reader, chosen_keys(table), where, "chooses nothing", _CHOICES)
        case "supply":
            both = [key for key in ("add", "count") if key in table]
            _check_one(reader, both, where, "says no number", "one of add and count")
            if table.get("add") == 0:
                reader.problem(f"{where}.add", "0 adds nothing", "more, or fewer below 0")
        case "void":
            named = [key for key in ("dose", *KINDS_OF_VOID) if table.get(key)]
            allowed = f"dose, or one of {', '.join(KINDS_OF_VOID)} = true"
            _check_one(reader, named, where, "names no entry", allowed)


def _check_given(reader: Reader, table: Mapping[str, Any], where: str) -> None:
    if not table.get("extra"):
        if "dose" not in table:
            reader.problem(f"{where}.dose", "missing", "number of the dose, for example 4")
        return
    for key, why in (("dose", "has no number"), ("then", "moves nothing")):
        if key in table:
            reader.problem(f"{where}.{key}", "stands with extra", f"an extra dose {why}")
    if "amount" not in table:
        reader.problem(f"{where}.amount", "missing", 'what was given, for example "60 mg"')


def _check_one(reader: Reader, named: list[str], where: str, none: str, allowed: str) -> None:
    """Note that a table names none of some keys, or more than one."""
    if len(named) != 1:
        reader.problem(where, f"{' and '.join(named)} stand together" if named else none, allowed)


def course_problems(course: Course, *, planned: bool = True) -> tuple[Problem, ...]:
    """Say of a course built by hand what a file of it would be told; empty: it can be planned.

    Each value is put as a file has it and read by the same declarations, and must come back as
    what it was.

    Args:
        course: Any; its schedules are held against their files by `schedule_file.problems`.
        planned: Whether those are right, so that its log can be held against its doses.
    """
    if found := tuple(misfits(course, Course)):
        return found
    reader = Reader()
    _check_person(reader, course)
    numbers = Counter[str]()
    for entry in course.log or ():
        header = name_of(type(entry))
        numbers[header] += 1
        _check_value(reader, header, entry, f"{header}[{numbers[header]}]")
    if reader.problems or not planned:
        return tuple(reader.problems)
    return contradictions(course)


def _check_person(reader: Reader, course: Course) -> None:
    """Note what a file would be told of a course's head."""
    sizes = {"time": course.clock, "weight_kg": course.weight_kg, "bsa_m2": course.bsa_m2}
    texts = {"timezone": course.zone, "language": course.language, "label": course.label}
    lists = {"sites": course.sites, "beside": course.beside}
    head: dict[str, Any] = {
        "id": course.id,
        "start": course.start,
        "caregiver": course.caregiver,
        **{key: value for key, value in sizes.items() if value is not None},
        **{key: value for key, value in texts.items() if value != ""},
        **{key: _listed(value) for key, value in lists.items() if value != ()},
    }
    found = reader.table(PERSON, head)
    check_head(reader, found)
    for key, value in head.items():
        if found.get(key) is not None and key not in lists:
            _check_same(reader, key, value, found[key])
    for number, avoid in enumerate(course.avoid, 1):
        where = f"avoid[{number}]"
        values = {"site": avoid.site, "from": avoid.first, "until": avoid.last}
        stated = {key: value for key, value in values.items() if value is not None}
        _check_order(reader, reader.table(AVOIDED, stated, where), where)
    chosen: set[tuple[str, str]] = set()
    for choice in course.choices:
        where = f"choices.{choice.phase}"
        if (choice.phase, choice.key) in chosen:
            reader.problem(where, f"{choice.key} stands twice", "once")
        chosen.add((choice.phase, choice.key))
        _check_value(reader, "chosen", choice, where)


def _listed(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _check_value(reader: Reader, header: str, entry: Entry, where: str) -> None:
    """Note what a file would be told of an entry, and what would not come back as it is."""
    before = len(reader.problems)
    values = {key: _listed(value) for key, value in entry_values(entry).items()}
    table = reader.table(FORMS[header].keys, values, where)
    check_entry(reader, header, table, where)
    if len(reader.problems) > before:
        return
    again = entry_of(header, table)
    for name, value in entry._asdict().items():
        _check_same(reader, f"{where}.{name}", value, getattr(again, name))


def _check_same(reader: Reader, where: str, value: object, again: object) -> None:
    """Note a value of another type, or another value, than what a file of it would be read as."""
    if type(value) is not type(again) or not (isinstance(value, str) or value == again):
        kind = type(again).__name__
        reader.problem(where, f"{described(value)} is not as a file has it", f"a {kind}")
