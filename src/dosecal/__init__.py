"""Dated injections from a dosing schedule as the label states it: the Python API.

A handful of names; everything else is internal. Names are loaded when first used, so that
importing `dosecal` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dosecal.errors import DosecalError
    from dosecal.formats.schedule_file import read_schedule
    from dosecal.ical.calendar_file import calendar_bytes
    from dosecal.ical.revisions import calendar_plan
    from dosecal.model.course import Avoid, Course
    from dosecal.model.schedule import Schedule
    from dosecal.plan.assess import Horizon, doses, within
    from dosecal.plan.walk import AssessedDose, Status
    from dosecal.store.catalogue import load

_HOME = {
    "AssessedDose": "plan.walk",
    "Avoid": "model.course",
    "Course": "model.course",
    "DosecalError": "errors",
    "Horizon": "plan.assess",
    "Schedule": "model.schedule",
    "Status": "plan.walk",
    "calendar_bytes": "ical.calendar_file",
    "calendar_plan": "ical.revisions",
    "doses": "plan.assess",
    "load": "store.catalogue",
    "read_schedule": "formats.schedule_file",
    "within": "plan.assess",
}

__all__ = [
    "AssessedDose",
    "Avoid",
    "Course",
    "DosecalError",
    "Horizon",
    "Schedule",
    "Status",
    "calendar_bytes",
    "calendar_plan",
    "doses",
    "load",
    "read_schedule",
    "within",
]


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(import_module(f"dosecal.{_HOME[name]}"), name)
    raise AttributeError(f"module 'dosecal' has no attribute {name!r}")
