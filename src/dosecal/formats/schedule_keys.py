"""The keys of a schedule file, declared once: for the reader, the JSON Schema and the docs."""

import itertools
from typing import Final

from dosecal.errors import QuantityError
from dosecal.formats.keys import (
    Key,
    Kind,
    Schema,
    choice_kind,
    date_kind,
    integer_kind,
    list_kind,
    schema_of,
)
from dosecal.formats.schedule_kinds import (
    BAND_DOSE,
    BOUND,
    DOSE,
    INTERVAL,
    INTERVAL_OR_0,
    NUMBERS,
    PLACE,
    SOURCE,
    TEXT,
    URL,
    WARM_UP,
    WEIGHT_BAND,
    WINDOW_LENGTH,
    offsets_kind,
)
from dosecal.model.dates import MAX_DAYS, WEEKDAYS
from dosecal.model.schedule import BASES, REGIONS, ROUTES, CheckTime, Then

FORMAT: Final = 1
MAX_INJECTIONS: Final = 20
MAX_TABLES: Final = 100
"""The most tables of one name, and bands of a dose, inclusive: a regimen has a few of each."""
THEN: Final = {
    "keep": "give it now; later targets stay",
    "shift": "give it now; later doses are counted from the day it is given",
    "skip": "do not give it; wait for the next target",
    "restart": "begin the schedule again",
    "give-ask": "give it now, and ask when the next dose is due",
    "ask": "ask the prescriber; also for what no rule covers",
}
"""What each `then` says."""
FOREIGN: Final = {
    "until": "a phase ends where the next begins, or after its doses",
    "end": "a phase ends where the next begins, or after its doses",
    "duration": "a phase ends where the next begins, or after its doses",
    "years": "write months, 12 a year",
    "hours": "at most one dose a day is planned",
    "times_per_day": "at most one dose a day is planned",
    "times_per_week": 'write every = "1 week" and on = ["Mon", "Thu"]',
    "start": "a schedule holds for everybody; a person's start is --start or in a course file",
    "schedule": "this file is the schedule; a course file names one",
    "id": "a schedule's id is its file's name, without .toml",
    "given": "what was given stands in a course file: `dosecal new` begins one",
    "skipped": "what was left out stands in a course file: `dosecal new` begins one",
    "dates": "a schedule holds for everybody; its doses stand as offsets from the start",
    "weight": "weight bands stand in dose, each with its own weight",
    "max_dose": "write weight bands: above some weight the dose is fixed",
    "round": "doses are exact: write a dose for each weight band",
    "rounding": "doses are exact: write a dose for each weight band",
    "age": "one file for each age group",
    "cycle": "write every for its length, on_days for the days in it, and doses for all of them",
    "cycles": "write every for its length, on_days for the days in it, and doses for all of them",
    "time": "a schedule knows no time of day; a person's is --time or in a course file",
}
"""Keys that people write and the format does not have: what to write in their place."""

BANDS: Final = (
    Key("weight", WEIGHT_BAND,
        "body weights that this dose is for", '"<= 100 kg"', required=True),
    Key("dose", BAND_DOSE,
        'the dose; "ask" where the source states none for these weights', '"45 mg"',
        required=True),
    Key("injections", integer_kind(1, MAX_INJECTIONS), "needles that make up one dose", "1",
        default="the phase's"),
)  # fmt: skip

_REGION_LIST: Final = list_kind(choice_kind(REGIONS), least=0)
_ONE_OR_MORE: Final = list_kind(
    choice_kind(REGIONS), if_empty="where the source names no region, leave the table out"
)

SITES: Final = (
    Key("regions", _ONE_OR_MORE,
        "where to inject, in order of preference", '["thigh", "abdomen"]', required=True),
    Key("caregiver_only", _REGION_LIST,
        "regions not offered for self-injection", '["upper arm"]', default="none"),
    Key("rest", INTERVAL, "how long a site is left alone before it is used again", '"14 days"',
        default="no time stated"),
    Key("injections_at", choice_kind(("different sites", "one site")),
        "where the injections of one dose go", '"different sites"', default='"different sites"'),
    Key("source", SOURCE, "who states it", '"label"', required=True),
)  # fmt: skip

PHASE_SITES: Final = (
    *(
        Key(key.name, key.kind, key.meaning, key.example, default="as in [sites]")
        for key in SITES[:-1]
    ),
    Key("source", SOURCE, "who states it", '"label"', default="the phase's"),
)


def _read_dose(value: object) -> object:
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        raise QuantityError("a table is no dose", f"{DOSE.words}, or a list of weight bands")
    return DOSE.read(value)


def _read_window(value: object) -> object:
    return value if isinstance(value, dict) else WINDOW_LENGTH.read(value)


def _read_phase_sites(value: object) -> object:
    if isinstance(value, dict):
        return value
    return _REGION_LIST.read(value)


WINDOW: Final = (
    Key("early", INTERVAL_OR_0,
        "how long before the target", '"7 days"', default="0 days"),
    Key("late", INTERVAL_OR_0,
        "how long after the target", '"7 days"', default="0 days"),
)  # fmt: skip

_DOSES_BY_WEIGHT: Final[Schema] = {
    "type": "array",
    "minItems": 1,
    "items": schema_of(BANDS),
    "contains": {"properties": {"dose": {"not": {"const": "ask"}}}},
}
_DOSE: Final = Kind(
    'dose such as "120 mg" or "3 mg/kg", or a list of weight bands',
    {"anyOf": [DOSE.schema, _DOSES_BY_WEIGHT]},
    _read_dose,
)
_WINDOW: Final = Kind(
    'interval such as "3 days" (either way), or a table of early and late',
    {"anyOf": [WINDOW_LENGTH.schema, schema_of(WINDOW) | {"minProperties": 1}]},
    _read_window,
)
_OWN_SITES: Final = Kind(
    "list of regions, or a table like [sites]",
    {"anyOf": [_REGION_LIST.schema, schema_of(PHASE_SITES)]},
    _read_phase_sites,
)

_ONE_TIMING: Final = "each phase has one of weeks, days, months, every"
_NO_CLOCK: Final = "without a clock: any lateness"
_ONE_TIME: Final = "each check has one of when, weeks, days, months"

PHASE: Final = (
    Key("name", TEXT, "name, unlike any other phase's", '"loading"', required=True),
    Key("dose", _DOSE, "dose amount: number, space, unit (also per kg), or weight bands",
        '"120 mg"', required=True),
    Key("injections", integer_kind(1, MAX_INJECTIONS), "needles that make up one dose", "2",
        default="1"),
    Key("weeks", offsets_kind("weeks"), "doses at these weeks from start", "[0, 1, 2]",
        default=_ONE_TIMING),
    Key("days", offsets_kind("days"), "doses at these days from start", "[0, 7, 14]",
        default=_ONE_TIMING),
    Key("months", offsets_kind("months"), "doses at these calendar months from start", "[0, 3]",
        default=_ONE_TIMING),
    Key("every", INTERVAL, "spacing of a phase that repeats", '"4 weeks"',
        default=_ONE_TIMING),
    Key("from", PLACE,
        "offset of the first dose of a phase that repeats", '"week 6"',
        default="day 0, only for the first phase"),
    Key("after", INTERVAL, "in place of from: so long after the last dose of the phase before",
        '"3 months"', default="from"),
    Key("doses", integer_kind(1, MAX_DAYS), "the phase ends after so many doses", "4",
        default="until the next phase begins; the last one for ever"),
    Key("on", list_kind(choice_kind(WEEKDAYS)), 'weekdays, with every = "1 week"',
        '["Mon", "Wed", "Fri"]', default="the weekday that the interval gives"),
    Key("on_days", offsets_kind("days", origin="the interval's first day"),
        "days of each interval with a dose",
        "[0, 3, 7, 10]", default="its first day alone"),
    Key("window", _WINDOW, "how far from the target a dose is still in time, both ends inclusive",
        '"3 days"', default="none: on the target only"),
    Key("route", choice_kind(ROUTES), "route of this phase", '"intravenous"',
        default="the schedule's"),
    Key("sites", _OWN_SITES, "sites of this phase", '["upper arm"]',
        default="as in [sites]; none for an intravenous phase"),
    Key("source", SOURCE, "who states it", '"label"', required=True),
)  # fmt: skip

MISSED: Final = (
    Key("late", BOUND,
        "time after the target date", '"<= 7 days"', default=_NO_CLOCK),
    Key("until_next", BOUND,
        "time left to the next target date", '">= 3 days"', default=_NO_CLOCK),
    Key("since_last", BOUND,
        "time since the last administration", '"<= 6 weeks"', default=_NO_CLOCK),
    Key("then", choice_kind(tuple(Then), THEN), "what the source says to do", '"keep"',
        required=True),
    Key("phases", list_kind(TEXT), "names of the phases that it is for", '["maintenance"]',
        default="all"),
    Key("doses", NUMBERS,
        "doses of the schedule, counted from 1, that it is for", '"2-3"', default="all"),
    Key("source", SOURCE, "who states it", '"label"', required=True),
)  # fmt: skip

PREPARATION: Final = (
    Key("warm_up", WARM_UP,
        'out of the fridge before injecting: minutes, a range, or "none"', '"15 to 30 minutes"',
        default="none stated"),
    Key("storage", TEXT, "how it is kept", '"2 to 8 C"', default="none stated"),
    Key("source", SOURCE, "who states it", '"label"', required=True),
)  # fmt: skip

_CHECK_DATES: Final = "a check on dates has weeks, days or months: weeks = [12, 24]"
CHECK: Final = (
    Key("name", TEXT, "what is to be done", '"screening for tuberculosis"', required=True),
    Key("when", choice_kind(tuple(CheckTime), otherwise=_CHECK_DATES),
        "when, if no date is stated", '"before start"', default=_ONE_TIME),
    Key("weeks", offsets_kind("weeks", before_start=True), "at these weeks from start", "[-4]",
        default=_ONE_TIME),
    Key("days", offsets_kind("days", before_start=True), "at these days from start", "[-7, 28]",
        default=_ONE_TIME),
    Key("months", offsets_kind("months", before_start=True), "at these months from start", "[3]",
        default=_ONE_TIME),
    Key("source", SOURCE, "who states it", '"label"', required=True),
)  # fmt: skip

NOTE: Final = (
    Key("about", TEXT, "subject: navel, live vaccines, storage, latex, ...", '"live vaccines"',
        required=True),
    Key("text", TEXT, "what is to be shown; never computed with", '"avoid during treatment"',
        required=True),
    Key("source", SOURCE, "who states it", '"label"', required=True),
)  # fmt: skip

ONE_SOURCE: Final = (
    Key("title", TEXT, "document, section, date", '"Leaflet, section 3, 2025-04"', required=True),
    Key("remark", TEXT, "how far it goes: a copy, a digest, an unknown date", '"date not given"',
        default="none"),
    Key("url", URL, "where to find it",
        '"https://example.org/leaflet"', default="none"),
    Key("retrieved", date_kind(), "when it was read", "2026-11-22", default="none"),
    Key("basis", choice_kind(BASES), "what kind of source it is", '"label"', required=True),
)  # fmt: skip

NAMES: Final = (
    Key("medicine", TEXT, "name of the medicine in that language", '"нетакимаб"',
        default="as at the top"),
    Key("brand", TEXT, "brand name in that language", '"Эфлейра"', default="as at the top"),
    Key("indication", TEXT, "indication in that language", '"бляшечный псориаз"',
        default="as at the top"),
)  # fmt: skip

MIN_GAP: Final = (
    Key("gap", INTERVAL, "shortest time between two administrations", '"26 days"', required=True),
    Key("source", SOURCE, "who states it", '"label"', required=True),
)  # fmt: skip

_ONE_WAY: Final = [{"required": [each]} for each in ("weeks", "days", "months", "every")]
_CLOCKS: Final = ("late", "until_next", "since_last")
_PHASE_ALSO: Final[Schema] = {
    "oneOf": _ONE_WAY,
    "dependencies": {
        **{each: ["every"] for each in ("from", "doses")},
        "after": {"required": ["every"], "not": {"required": ["from"]}},
        "on": {
            "required": ["every"],
            "properties": {"every": {"pattern": r"^\s*0*1\s+weeks?\s*$"}},
            "not": {"required": ["on_days"]},
        },
        "on_days": ["every"],
    },
}
_MISSED_ALSO: Final[Schema] = {
    "not": {"anyOf": [{"required": list(pair)} for pair in itertools.combinations(_CLOCKS, 2)]}
}
_CHECK_ALSO: Final[Schema] = {
    "oneOf": [{"required": [each]} for each in ("when", "weeks", "days", "months")]
}
_PREPARATION_ALSO: Final[Schema] = {"anyOf": [{"required": ["warm_up"]}, {"required": ["storage"]}]}

SCHEDULE: Final = (
    Key("format", integer_kind(FORMAT, FORMAT), "version of this format", "1", required=True),
    Key("medicine", TEXT, "international nonproprietary name", '"netakimab"', required=True),
    Key("brand", TEXT, "brand name", '"Efleira"', default="none"),
    Key("indication", TEXT, "what it is for, and for whom", '"plaque psoriasis, adults"',
        default="none"),
    Key("names", NAMES, "the names in another language, by its code", "[names.ru]",
        default="none", many="by id"),
    Key("jurisdiction", TEXT, "whose label it is", '"RU"', default="none"),
    Key("route", choice_kind(ROUTES), "route", '"subcutaneous"', default='"subcutaneous"'),
    Key("min_gap", MIN_GAP, "shortest time between administrations",
        '{ gap = "26 days", source = "label" }', default="none stated"),
    Key("phase", PHASE, "a phase of the schedule", "[[phase]]", required=True, many="list",
        also=_PHASE_ALSO),
    Key("sites", SITES, "where to inject", "[sites]", default="the schedule names none"),
    Key("missed", MISSED, "a missed-dose rule; the first that matches wins", "[[missed]]",
        default='"ask"', many="list", also=_MISSED_ALSO),
    Key("preparation", PREPARATION, "storage and warm-up", "[preparation]", default="none stated",
        also=_PREPARATION_ALSO),
    Key("check", CHECK, "a check", "[[check]]", default="none stated", many="list",
        also=_CHECK_ALSO),
    Key("note", NOTE, "a note", "[[note]]", default="none", many="list"),
    Key("sources", ONE_SOURCE, "a source, by its id", "[sources.label]", required=True,
        many="by id"),
)  # fmt: skip

_TOP: Final = tuple(key.name for key in SCHEDULE if isinstance(key.kind, Kind))


def misplaced(path: str, name: str) -> str:
    """Say where a key belongs that a table does not have, or "" where nothing is known of it."""
    if path.startswith("check[") and name in ("every", "from", "after", "doses", "on", "on_days"):
        return 'a check does not repeat: list its offsets, or when = "before each dose"'
    if path and name in _TOP:
        return f"{name} belongs above the first [table]"
    return ""


def schedule_schema() -> Schema:
    """Return the JSON Schema of a schedule file, for editors.

    It finds less than the reader: not what depends on several tables, such as an overlap of
    phases or a source that does not exist.
    """
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "dosecal schedule",
        "description": "A dosing schedule as the medicine's label states it, format 1.",
        **schema_of(SCHEDULE),
    }
