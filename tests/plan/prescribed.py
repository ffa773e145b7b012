"""Courses of the catalogue's schedules, with what each needs before it can be planned."""

import json
from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from dosecal.errors import NoStatedDoseError
from dosecal.model.choices import parse_choose
from dosecal.model.course import Chosen, Course
from dosecal.model.schedule import Schedule
from dosecal.plan.assess import doses

FIRST: Final[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "cases" / "first_twelve.json").read_text("utf-8")
)
WEIGHTS: Final = (Decimal(80), Decimal(40), Decimal(8))


def prescribed(schedule: Schedule, start: date, **more: Any) -> Course:
    """Return a course with a weight for which a dose is stated, a body surface and the choices."""
    wanted = FIRST[schedule.id].get("choose", {})
    chosen = [parse_choose(f"{name}={text}") for name, text in wanted.items()]
    made = Course(
        schedule, f"{schedule.id}-1", start, bsa_m2=Decimal("1.8"),
        choices=tuple(Chosen(each.phase, each.key, each.text) for each in chosen), **more,
    )  # fmt: skip
    for weight in WEIGHTS:
        made = made._replace(weight_kg=weight)
        with suppress(NoStatedDoseError):
            next(doses(made))
            return made
    raise AssertionError(f"{schedule.id} states a dose for none of these weights")


__all__ = ["FIRST", "WEIGHTS", "prescribed"]
