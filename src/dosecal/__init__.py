"""Dated injections from a dosing schedule as the label states it: the Python API.

What `__all__` lists is public and shown in docs/api.md; everything else is internal. Names are
loaded when first used, so that importing `dosecal` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dosecal.api.asking import advise, doses, upcoming, within
    from dosecal.api.entries import (
        choose,
        decide,
        end_hold,
        hold,
        move,
        record,
        record_extra,
        skip,
        step,
        stop,
        supply,
        void,
        weigh,
        zone,
    )
    from dosecal.api.reading import (
        course_bytes,
        load,
        read_course,
        read_schedule,
        schedule_bytes,
    )
    from dosecal.api.writing import calendar, dose_object, status_object
    from dosecal.errors import (
        ChoicesOpenError,
        CourseFileError,
        DosecalError,
        FileError,
        NoSuchChoiceError,
        Problem,
        QuantityError,
        Refusal,
        RefusedError,
        RequestError,
        ScheduleFileError,
        UnsoundError,
        WeightMissingError,
    )
    from dosecal.formats.course_file import entry_bytes
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
        Stocked,
        Stopped,
        Taken,
        Void,
        Weighed,
        Zoned,
    )
    from dosecal.model.dates import Interval, IntervalRange
    from dosecal.model.quantities import Amount, NumberRange, WeightRange
    from dosecal.model.schedule import (
        Bound,
        Check,
        CheckTime,
        Choice,
        Clock,
        Companion,
        DoseBand,
        EarlyRule,
        Gap,
        Listed,
        MinGap,
        MissedRule,
        Names,
        Note,
        Phase,
        Preparation,
        PrescriberEnds,
        Reload,
        Repeating,
        Schedule,
        SiteRules,
        Source,
        Strength,
        Then,
        WarmUp,
        Window,
    )
    from dosecal.plan.advice import Advice
    from dosecal.plan.assess import Horizon
    from dosecal.plan.walk import AssessedDose, Status

    __version__: str

_NAMES = {
    "api.asking": ("advise", "doses", "upcoming", "within"),
    "api.entries": (
        "choose", "decide", "end_hold", "hold", "move", "record", "record_extra", "skip", "step",
        "stop", "supply", "void", "weigh", "zone",
    ),
    "api.reading": ("course_bytes", "load", "read_course", "read_schedule", "schedule_bytes"),
    "api.writing": ("calendar", "dose_object", "status_object"),
    "errors": (
        "ChoicesOpenError", "CourseFileError", "DosecalError", "FileError", "NoSuchChoiceError",
        "Problem", "QuantityError", "Refusal", "RefusedError", "RequestError",
        "ScheduleFileError", "UnsoundError", "WeightMissingError",
    ),
    "formats.course_file": ("entry_bytes",),
    "model.course": (
        "Avoid", "Chosen", "Course", "Decided", "Entry", "Extra", "Given", "Hold", "HoldEnd",
        "Moved", "Skipped", "Stepped", "Stocked", "Stopped", "Taken", "Void", "Weighed", "Zoned",
    ),
    "model.dates": ("Interval", "IntervalRange"),
    "model.quantities": ("Amount", "NumberRange", "WeightRange"),
    "model.schedule": (
        "Bound", "Check", "CheckTime", "Choice", "Clock", "Companion", "DoseBand", "EarlyRule",
        "Gap", "Listed", "MinGap", "MissedRule", "Names", "Note", "Phase", "Preparation",
        "PrescriberEnds", "Reload", "Repeating", "Schedule", "SiteRules", "Source", "Strength",
        "Then", "WarmUp", "Window",
    ),
    "plan.advice": ("Advice",),
    "plan.assess": ("Horizon",),
    "plan.walk": ("AssessedDose", "Status"),
}  # fmt: skip
_HOME = {name: module for module, names in _NAMES.items() for name in names}

__all__ = [
    "Advice",
    "Amount",
    "AssessedDose",
    "Avoid",
    "Bound",
    "Check",
    "CheckTime",
    "Choice",
    "ChoicesOpenError",
    "Chosen",
    "Clock",
    "Companion",
    "Course",
    "CourseFileError",
    "Decided",
    "DoseBand",
    "DosecalError",
    "EarlyRule",
    "Entry",
    "Extra",
    "FileError",
    "Gap",
    "Given",
    "Hold",
    "HoldEnd",
    "Horizon",
    "Interval",
    "IntervalRange",
    "Listed",
    "MinGap",
    "MissedRule",
    "Moved",
    "Names",
    "NoSuchChoiceError",
    "Note",
    "NumberRange",
    "Phase",
    "Preparation",
    "PrescriberEnds",
    "Problem",
    "QuantityError",
    "Refusal",
    "RefusedError",
    "Reload",
    "Repeating",
    "RequestError",
    "Schedule",
    "ScheduleFileError",
    "SiteRules",
    "Skipped",
    "Source",
    "Status",
    "Stepped",
    "Stocked",
    "Stopped",
    "Strength",
    "Taken",
    "Then",
    "UnsoundError",
    "Void",
    "WarmUp",
    "Weighed",
    "WeightMissingError",
    "WeightRange",
    "Window",
    "Zoned",
    "__version__",
    "advise",
    "calendar",
    "choose",
    "course_bytes",
    "decide",
    "dose_object",
    "doses",
    "end_hold",
    "entry_bytes",
    "hold",
    "load",
    "move",
    "read_course",
    "read_schedule",
    "record",
    "record_extra",
    "schedule_bytes",
    "skip",
    "status_object",
    "step",
    "stop",
    "supply",
    "upcoming",
    "void",
    "weigh",
    "within",
    "zone",
]


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import version

        found: object = version("dosecal")
    elif name in _HOME:
        found = getattr(import_module(f"dosecal.{_HOME[name]}"), name)
    else:
        raise AttributeError(f"module 'dosecal' has no attribute {name!r}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
