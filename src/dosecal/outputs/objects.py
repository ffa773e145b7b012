"""Doses and schedules as JSON (docs and keys: the README, "For developers")."""

from typing import Any

from dosecal.model.course import Course
from dosecal.model.dates import at_wall_time
from dosecal.plan.walk import AssessedDose
from dosecal.words.language import ENGLISH, Language
from dosecal.words.reasons import reasons_text


def instant(course: Course, dose: AssessedDose) -> str | None:
    """Return when a dose is, in ISO 8601 with its offset; None without a time of day (DATE-4)."""
    if course.clock is None or not course.zone:
        return None
    from zoneinfo import ZoneInfo

    return at_wall_time(dose.day, course.clock, ZoneInfo(course.zone)).isoformat()


def dose_object(course: Course, dose: AssessedDose, language: Language = ENGLISH) -> dict[str, Any]:
    """Return a dose with the keys of the contract; only the reason is in the reader's language."""
    return {
        "number": dose.number,
        "phase": dose.phase.name,
        "target_date": dose.target.isoformat(),
        "date": dose.day.isoformat(),
        "earliest_date": dose.earliest.isoformat(),
        "latest_date": dose.latest.isoformat(),
        "at": instant(course, dose),
        "dose": str(dose.amount),
        "injections": dose.injections,
        "sites": list(dose.sites),
        "status": dose.status.value,
        "reason": reasons_text(course.schedule, dose, language) or None,
    }


def to_json(value: object) -> str:
    """Return indented JSON; text that no encoding can carry is written as escapes."""
    import json

    return json.dumps(value, indent=2, ensure_ascii=False).encode("utf-8", "replace").decode()
