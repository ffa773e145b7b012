"""Courses as data: start, schedule and log to dates, statuses, sites, reasons and advice.

The files of cases/courses hold them, worked out by hand from docs/date-rules.md and
docs/late-doses.md; a case that fails shows every one of its mismatches.
"""

import re
import tomllib
from collections.abc import Callable, Iterator
from datetime import date, time, timedelta
from decimal import Decimal
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from dosecal.cli.ways import Typed
from dosecal.formats.schedule_file import read_schedule
from dosecal.model.course import (
    Avoid,
    Chosen,
    Course,
    Decided,
    Entry,
    Extra,
    Given,
    Hold,
    HoldEnd,
    Moved,
    Skipped,
    Stepped,
    Stopped,
    Taken,
    Void,
    Weighed,
)
from dosecal.model.quantities import parse_amount
from dosecal.model.schedule import Schedule, Then
from dosecal.outputs.status import status_text
from dosecal.plan.advice import advise
from dosecal.plan.assess import doses
from dosecal.plan.upcoming import upcoming
from dosecal.plan.walk import AssessedDose, Status
from dosecal.store.catalogue import load
from dosecal.words.reasons import reasons_text

FILES = sorted((Path(__file__).parents[1] / "cases" / "courses").glob("*.toml"))
START = date(2026, 1, 5)
PHASE = {"name": "only", "dose": "10 mg"}
LEAFLET = {"s": {"title": "Leaflet", "basis": "label"}}


def inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{key}" = {inline(each)}' for key, each in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(inline, value))}]"
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


def sourced(value: Any, **defaults: str) -> Any:
    if isinstance(value, list):
        return [sourced(each, **defaults) for each in value]
    return {**defaults, **value, "source": "s"}


@cache
def schedule(file: Path, name: str) -> Schedule:
    with file.open("rb") as stream:
        short = tomllib.load(stream).get("schedule", {}).get(name)
    if short is None:
        return load(name)
    whole = {"format": 1, "medicine": "testumab", "sources": LEAFLET}
    whole["phase"] = sourced(short.pop("phase"), **PHASE)
    whole |= {key: sourced(value) for key, value in short.items()}
    text = "\n".join(f"{key} = {inline(value)}" for key, value in whole.items())
    return read_schedule(text.encode(), "x", "x.toml")


def entry(line: str) -> Entry:
    """Return the entry that a line of a case is short for: kind, dose, day, then `key=value`."""
    kind, *words = line.split()
    said = dict(word.split("=") for word in words if "=" in word)
    words = [word for word in words if "=" not in word]
    days = [date.fromisoformat(word) for word in words if re.fullmatch(r"\d{4}-\d\d-\d\d", word)]
    first = days[0] if days else date.min
    rest = " ".join(word for word in words if not re.fullmatch(r"\d{4}-\d\d-\d\d", word))
    match kind:
        case "hold":
            return Hold(first, days[1] if len(days) > 1 else None, rest)
        case "hold_end":
            return HoldEnd(first)
        case "void":
            return Void(None, words[0]) if not words[0].isdigit() else Void(int(words[0]))
        case "skipped":
            return Skipped(int(words[0]), " ".join(words[1:]))
        case "decided":
            return Decided(int(words[0]), Then(words[1]), on=first if days else None)
        case "moved":
            return Moved(int(words[0]), first, Then(words[2]) if words[2:] else Then.KEEP)
        case "taken":
            return Taken(first)
        case "weighed":
            return Weighed(Decimal(words[0]), first)
        case "stepped":
            return Stepped(words[0], first)
        case "stopped":
            return Stopped(first, rest)
        case "chosen":
            (key, text), phase = next(iter(said.items())), words[0]
            return Chosen(phase, key, text.replace("_", " "), first)
    at = time.fromisoformat(said["at"]) if "at" in said else None
    amount = parse_amount(said["amount"].replace("_", " ")) if "amount" in said else None
    injections = int(said["injections"]) if "injections" in said else None
    if kind == "extra":
        assert amount is not None
        return Extra(first, amount, injections or 1, tuple(words[1:]), at)
    assert kind == "given"
    then = next((Then(word) for word in words if word in set(Then)), None)
    sites = tuple(word for word in words[2:] if word not in set(Then))
    return Given(
        int(words[0]), first, sites, then, at=at, amount=amount, injections=injections
    )  # fmt: skip


def course(file: Path, case: dict[str, Any], *more: Entry) -> Course:
    weight = case.get("weight")
    return Course(
        schedule(file, case["schedule"]),
        "c",
        case.get("start", START),
        case.get("time"),
        "Europe/Berlin" if "time" in case else "",
        weight_kg=None if weight is None else Decimal(weight),
        caregiver=case.get("caregiver", False),
        avoid=tuple(
            Avoid(each["site"], each.get("from"), each.get("until"))
            for each in case.get("avoid", [])
        ),
        log=(*map(entry, case.get("log", [])), *more),
        choices=tuple(Chosen(phase, key, text) for phase, key, text in case.get("choices", [])),
    )


def stands(dose: AssessedDose) -> str:
    return f"late {dose.then}" if dose.status is Status.LATE else dose.status.value


def mismatches(file: Path, case: dict[str, Any]) -> Iterator[str]:
    """Yield what of a case is not as expected."""
    of, today = course(file, case), case.get("today")

    def differ(what: str, found: object, expected: object) -> Iterator[str]:
        if found != expected:
            yield f"{what}: {found!r}, expected {expected!r}"

    for day, expected in case.get("judged", {}).items():
        on, _, at = day.partition(" ")
        hour = time.fromisoformat(at) if at else None
        given = Given(case["dose"], date.fromisoformat(on), (), at=hour)
        then = list(islice(doses(of._replace(log=(*(of.log or ()), given))), given.dose))[-1].then
        yield from differ(f"recorded on {day}", then.value if then else "in time", expected)
    for day, expected in case.get("advised", {}).items():
        dose = list(islice(doses(of, date.fromisoformat(day)), case["dose"]))[-1]
        yield from differ(f"on {day}", stands(dose), expected)
    plan = {each.number: each for each in islice(doses(of, today), 40)}
    for line in case.get("doses", []):
        number = int(line.split()[0])
        dose = plan[number]
        yield from differ("dose", f"{number} {dose.target} {dose.status}", line)
    if "last" in case:
        yield from differ("last dose", max(plan), case["last"])
    shown: dict[str, Callable[[AssessedDose], object]] = {
        "date": lambda dose: dose.day,
        "window": lambda dose: [dose.earliest, dose.latest],
        "then": lambda dose: dose.then is not None and dose.then.value,
        "phase": lambda dose: dose.phase.name,
        "amount": lambda dose: str(dose.amount),
        "injections": lambda dose: dose.injections,
        "sites": lambda dose: list(dose.sites),
    }
    for key, show in shown.items():
        for number, expected in case.get(key, {}).items():
            yield from differ(f"{key} of dose {number}", show(plan[int(number)]), expected)
    for number, part in case.get("why", {}).items():
        why = reasons_text(of.schedule, plan[int(number)])
        if part not in why or (why and not part):
            yield f"why of dose {number}: {why!r}, expected {part!r}"
    for number, part in case.get("why_not", {}).items():
        why = reasons_text(of.schedule, plan[int(number)])
        if part in why:
            yield f"why of dose {number}: {why!r}, not expected {part!r}"
    if today is None:
        return
    advice = advise(of, today)
    said = status_text(of, advice, Typed("x.toml"))
    unsaid = [part for part in case.get("says", []) if part not in said]
    yield from (f"status does not say {part!r}:\n{said}" for part in unsaid)
    yield from (f"status says {part!r}:\n{said}" for part in case.get("unsaid", []) if part in said)
    if "exit" in case:
        yield from differ("exit", 12 if advice.decision_missing else 0, case["exit"])
    if "acts" in case:
        yield from differ("to act on", advice.dose.number if advice.dose else 0, case["acts"])
    if "changes" in case:
        yield from differ("changes", advice.changes and advice.changes[0], case["changes"])


def cases() -> Iterator[Any]:
    for file in FILES:
        with file.open("rb") as stream:
            for case in tomllib.load(stream)["case"]:
                yield pytest.param(file, case, id=f"{file.stem}: {case['name']}")


KEYS = {
    "name", "schedule", "start", "log", "today", "dose", "judged", "advised", "doses", "last",
    "date", "window", "then", "phase", "amount", "sites", "why", "says", "unsaid", "exit", "acts",
    "changes", "caregiver", "avoid", "why_not", "time", "weight", "choices", "injections",
}  # fmt: skip


@pytest.mark.parametrize(("file", "case"), list(cases()))
def test_a_course_stands_as_its_case_says(file: Path, case: dict[str, Any]) -> None:
    assert case.keys() <= KEYS
    assert list(mismatches(file, case)) == []


@pytest.mark.parametrize(
    ("today", "expected"),
    [(date(2026, 1, 11), "given upcoming upcoming"), (date(2026, 1, 12), "given due upcoming"),
     (date(2026, 1, 13), "given given upcoming")],
)  # fmt: skip
def test_without_a_course_file_the_doses_before_today_are_taken_as_given(
    today: date, expected: str
) -> None:
    plan = islice(doses(Course(load("netakimab-psoriasis"), "c", START), today), 3)
    assert " ".join(each.status for each in plan) == expected


def test_the_list_holds_the_dose_due_today_before_missed_ones_of_later_dates() -> None:
    """Dose 8, given months before its target, begins the schedule again: dose 9 comes first."""
    log = (Given(8, START, (), Then.RESTART),)
    of = Course(load("netakimab-psoriasis"), "c", START, log=log)
    today = START + timedelta(weeks=1)
    listed = upcoming(of, today, today, 6, None)
    assert [each.number for each in listed] == [2, 9, 3, 10, 4, 11]
