"""A course built by hand is told what a file of it would be told."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from dosecal.formats.course_checks import course_problems
from dosecal.model.course import (
    Avoid,
    Chosen,
    Course,
    Decided,
    Extra,
    Given,
    Hold,
    Moved,
    Skipped,
    Stepped,
    Stocked,
    Taken,
    Void,
    Weighed,
)
from dosecal.model.quantities import Amount
from dosecal.model.schedule import Then
from dosecal.store.catalogue import load

START = date(2026, 12, 1)
COURSE = Course(load("netakimab-psoriasis"), "5f0c", START)
MG_60 = Amount(Decimal(60), "mg")

ENTRIES = (
    "Taken or Given or Extra or Skipped or Moved or Hold or HoldEnd or Decided or Chosen or "
    "Weighed or Stepped or Stocked or Stopped or Zoned or Void"
)

RIGHT: tuple[dict[str, Any], ...] = (
    {},
    {"log": ()},
    {"clock": time(9), "zone": "Europe/Moscow", "weight_kg": Decimal("72.5"), "language": "ru"},
    {"sites": ("left-thigh",), "beside": ("a.toml",), "label": "pen", "bsa_m2": Decimal("1.73")},
    {"avoid": (Avoid("left-thigh", START, START, "bruise"),)},
    {"choices": (Chosen("maintenance", "every", "12 weeks"),)},
    {"log": (Given(1, START, ("left-thigh", "lower left leg"), amount=MG_60, injections=1),)},
    {"log": (Extra(START, MG_60), Taken(START), Hold(START), Void(None, "hold"))},
    {"others": (("x", load("adalimumab-psoriasis")),),
     "log": (Stepped("maintenance", START, "x"),)},
    {"id": "netakimab\n2026-12-01\n"},
)  # fmt: skip

WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"start": "2026-12-01"},
     'start: "2026-12-01" is not allowed (type date)'),
    ({"start": datetime(2026, 12, 1, tzinfo=UTC)},
     "start: the time 2026-12-01T00:00:00+00:00 is not allowed (type date)"),
    ({"start": None}, "start: None is not allowed (type date)"),
    ({"id": ""}, "id: the text is empty (text in quotes)"),
    ({"schedule": "netakimab-psoriasis"},
     'schedule: "netakimab-psoriasis" is not allowed (type Schedule)'),
    ({"clock": time(9)}, "timezone: missing (a time of day needs the zone of the patient)"),
    ({"clock": time(9, tzinfo=UTC), "zone": "UTC"},
     "time: 09:00:00+00:00 is not allowed (hours and minutes: 09:00:00)"),
    ({"zone": "right/UTC"},
     ('timezone: no time zone "right/UTC" (a zone is named by a place such as Europe/Moscow); did '
     'you mean "UTC"?')),
    ({"weight_kg": Decimal("0.1")},
     "weight_kg: a weight of 0.1 kg: weights are from 0.2 to 650 kg"),
    ({"weight_kg": 72}, "weight_kg: 72 is not allowed (type Decimal or None)"),
    ({"weight_kg": 72.5},
     "weight_kg: 72.5 is not allowed (type Decimal or None)"),
    ({"caregiver": 1}, "caregiver: 1 is not allowed (type bool)"),
    ({"log": [Given(1, START)]}, f"log: a list is not allowed (type tuple of {ENTRIES} or None)"),
    ({"log": (("given", 1),)}, f"log[1]: ('given', 1) is not allowed (type {ENTRIES})"),
    ({"avoid": ("left-thigh",)}, 'avoid[1]: "left-thigh" is not allowed (type Avoid)'),
    ({"avoid": (Avoid("left-thigh", START, date(2026, 11, 1)),)},
     "avoid[1].until: 2026-11-01 lies before 2026-12-01 (later)"),
    ({"choices": (Chosen("maintainance", "every", "12 weeks"),)},
     ('choices.maintainance: no phase "maintainance" (one of: loading, maintenance); did you mean '
     '"maintenance"?')),
    ({"choices": (Chosen("loading", "dose", "1 mg"), Chosen("loading", "dose", "2 mg"))},
     "choices.loading: dose stands twice (once)"),
    ({"choices": (Chosen("loading", "every", 3),)},  # type: ignore[arg-type]
     "choices[1].text: 3 is not allowed (type str)"),
    ({"log": (Given(1, START, amount="60 mg"),)},  # type: ignore[arg-type]
     'log[1].amount: "60 mg" is not allowed (type Amount or None)'),
    ({"log": (Given(1, START, then="keep"),)},  # type: ignore[arg-type]
     'log[1].then: "keep" is not allowed (type Then or None)'),
    ({"log": (Given(1, START, None),)},
     "given[1].sites: None is not as a file has it (a tuple)"),
    ({"log": (Given(0, START),)},
     "given[1].dose: 0 is not allowed (a whole number from 1 to 36525)"),
    ({"log": (Given(True, START),)},
     "log[1].dose: true is not allowed (type int)"),
    ({"log": (Given(1, START, note=None),)},  # type: ignore[arg-type]
     "log[1].note: None is not allowed (type str)"),
    ({"log": (Given(1, date(2026, 11, 30)),)},
     "given[1].date: dose 1 was given on 2026-11-30 (on or after the start, 2026-12-01)"),
    ({"log": (Decided(1, Then.KEEP),)},
     "decided[1]: dose 1 is not recorded as given (its [[given]] stands before its [[decided]])"),
    ({"log": (Moved(1, START, Then.RESTART),)},
     'moved[1].then: unknown value "restart" (one of: keep, shift)'),
    ({"log": (Stocked(START),)}, "supply[1]: says no number (one of add and count)"),
    ({"log": (Weighed(Decimal("1e2"), START),)},
     'weighed[1].kg: "1E+2" is no weight in kg (a number: 72.5)'),
    ({"log": (Void(None, "taken"),)},
     ("void[1]: names no entry (dose, or one of hold, hold_end, moved, extra, step, stop, supply, "
     "zone, choose, weigh = true)")),
    ({"log": (Stepped("maintenance", START, "x"),)},
     'stepped[1].schedule: no schedule "x" (one of the course\'s others)'),
    ({"others": ("x",)}, 'others[1]: "x" is not allowed (type tuple of 2)'),
    ({"others": (("x", "y"),)}, 'others[1][2]: "y" is not allowed (type Schedule)'),
)  # fmt: skip


def test_a_dose_beyond_the_last_is_refused_whatever_is_said_of_it() -> None:
    schedule = COURSE.schedule
    loading = schedule._replace(phases=schedule.phases[:1])  # 3 doses
    for entry in (Skipped(4), Moved(4, START), Given(4, START)):
        course = COURSE._replace(schedule=loading, log=(entry,))
        assert list(map(str, course_problems(course))) == ["log: there is no dose 4 (doses 1 to 3)"]
        assert course_problems(course._replace(log=(entry._replace(dose=3),))) == ()


def test_a_region_that_is_one_site_is_avoided_as_one() -> None:
    schedule = COURSE.schedule
    rules = schedule.sites._replace(one_area=("abdomen",))
    phases = tuple(each._replace(sites=rules) for each in schedule.phases)
    course = COURSE._replace(schedule=schedule._replace(sites=rules, phases=phases))
    assert course_problems(course._replace(avoid=(Avoid("abdomen"), Avoid("left-eye")))) == ()
    (problem,) = course_problems(course._replace(avoid=(Avoid("left-abdomen"),)))
    assert str(problem) == (
        "avoid[1].site: the schedule does not tell left-abdomen apart (one [[avoid]] for each of: "
        "abdomen)"
    )


@pytest.mark.parametrize("values", RIGHT, ids=str)
def test_a_right_course_has_no_problem(values: dict[str, Any]) -> None:
    assert course_problems(COURSE._replace(**values)) == ()


@pytest.mark.parametrize(("values", "problem"), WRONG, ids=lambda each: str(each)[:60])
def test_a_wrong_course_is_told_what_a_file_is_told(values: dict[str, Any], problem: str) -> None:
    assert list(map(str, course_problems(COURSE._replace(**values)))) == [problem]
