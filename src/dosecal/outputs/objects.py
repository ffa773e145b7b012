"""Doses and schedules as JSON (docs and keys: the README, "For developers")."""

import re
from collections.abc import Iterator
from typing import Any, Final

from dosecal.model.course import Course
from dosecal.model.dates import at_wall_time
from dosecal.outputs.formats import Listing, Report, Screen
from dosecal.plan.walk import AssessedDose
from dosecal.words.language import ENGLISH, Language
from dosecal.words.reasons import reasons_text
from dosecal.words.text import BIDI_CONTROLS

_UNSEEN: Final = f"[\x7f-\x9f\u2028\u2029{BIDI_CONTROLS}]"
"""What JSON may hold as it is, and what could still move a cursor or turn a line round."""


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
    """Return indented JSON: control characters as escapes, lone surrogates as "?"."""
    import json

    text = json.dumps(value, indent=2, ensure_ascii=False)
    text = re.sub(_UNSEEN, lambda found: f"\\u{ord(found[0]):04x}", text)
    return text.encode("utf-8", "replace").decode()


def write_listing(listing: Listing, screen: Screen) -> Iterator[str]:
    """Yield a list as a JSON array of objects."""
    yield to_json(listing.objects())


def write_report(report: Report, screen: Screen) -> Iterator[str]:
    """Yield a report as a JSON object."""
    yield to_json(report.object())
