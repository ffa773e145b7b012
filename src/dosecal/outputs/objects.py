"""Doses and schedules as JSON (docs and keys: the README, "For developers")."""

import re
from collections.abc import Iterator
from typing import Any, Final

from dosecal.model.course import Course
from dosecal.model.dates import at_wall_time
from dosecal.model.reasons import CODES
from dosecal.outputs.formats import Listing, Report, Screen
from dosecal.plan.walk import OPEN, AssessedDose, Status
from dosecal.words.language import ENGLISH, Language
from dosecal.words.reasons import reasons_text
from dosecal.words.text import BIDI_CONTROLS

_UNSEEN: Final = f"[\x7f-\x9f\u2028\u2029{BIDI_CONTROLS}]"
"""What JSON may hold as it is, and what could still move a cursor or turn a line round."""


def instant(dose: AssessedDose) -> str | None:
    """Return when a dose is, in ISO 8601 with its offset; None without a time of day (DATE-4).

    A dose that was given has the hour that was told, or none.
    """
    clock, zone = dose.hour
    if dose.status is Status.GIVEN:
        clock = dose.entry.at if dose.entry else None
    if clock is None or not zone:
        return None
    from zoneinfo import ZoneInfo

    return at_wall_time(dose.day, clock, ZoneInfo(zone)).isoformat()


def dose_object(course: Course, dose: AssessedDose, language: Language = ENGLISH) -> dict[str, Any]:
    """Return a dose with the keys of the contract; only the reason is in the reader's language."""
    entry, phase = dose.entry, dose.phase
    schedule = dose.schedule or course.schedule
    return {
        "number": dose.number,
        "phase": dose.phase.name,
        "target_date": dose.target.isoformat(),
        "date": dose.day.isoformat(),
        "earliest_date": dose.earliest.isoformat(),
        "latest_date": dose.latest.isoformat(),
        "at": instant(dose),
        "dose": str(dose.amount),
        "injections": dose.injections,
        "sites": list(dose.sites),
        "status": dose.status.value,
        "reason": reasons_text(course.citing, dose, language) or None,
        "medicine": schedule.medicine,
        "amounts": [str(each) for each in dose.amounts] or None,
        "with": [
            {
                "medicine": each.medicine,
                "dose": str(each.amount),
                "injections": each.injections,
                "sites": list(dose.beside[place]) if place < len(dose.beside) else [],
            }
            for place, each in enumerate(phase.companions)
        ],
        "given_by": dose.given_by or schedule.given_by or None,
        "then": dose.then.value if dose.then and dose.status in OPEN else None,
        "lot": (entry.lot if entry else "") or None,
        "note": (entry.note if entry else "") or None,
        "reason_codes": [CODES[type(each)] for each in dose.reasons],
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
