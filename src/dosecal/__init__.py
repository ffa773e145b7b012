"""Dated injections from a dosing schedule as the label states it: the Python API.

A handful of names; everything else is internal. Names are loaded when first used, so that
importing `dosecal` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dosecal.assess import AssessedDose, Horizon, Status, doses, within
    from dosecal.calendar import calendar_bytes
    from dosecal.catalogue import load
    from dosecal.course import Course
    from dosecal.errors import DosecalError
    from dosecal.revisions import calendar_plan
    from dosecal.schedule import Schedule
    from dosecal.schedule_file import read_schedule
    from dosecal.sites import Avoid

_HOME = {
    "AssessedDose": "assess",
    "Avoid": "sites",
    "Course": "course",
    "DosecalError": "errors",
    "Horizon": "assess",
    "Schedule": "schedule",
    "Status": "assess",
    "calendar_bytes": "calendar",
    "calendar_plan": "revisions",
    "doses": "assess",
    "load": "catalogue",
    "read_schedule": "schedule_file",
    "within": "assess",
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
