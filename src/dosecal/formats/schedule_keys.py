"""The keys of a schedule file, declared once: for the reader, the JSON Schema and the docs."""

from typing import Final

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
    AFTER,
    AMOUNT,
    AS_PRESCRIBED,
    BAND_DOSE,
    BOUND,
    DOSE,
    DOSE_PAIR,
    EVERY,
    INTERVAL,
    INTERVAL_OR_0,
    NEEDLES,
    NUMBERS,
    PLACE,
    RELOAD_DAYS,
    SOURCE,
    STRENGTH,
    TEXT,
    URL,
    VOLUME,
    WARM_UP,
    WEIGHT_BAND,
    WHOLE_AMOUNT,
    WINDOW_LENGTH,
    offsets_kind,
)
from dosecal.model.dates import MAX_DAYS, WEEKDAYS
from dosecal.model.schedule import (
    BASES,
    GIVERS,
    MOST_INJECTIONS,
    REGIONS,
    ROUTES,
    CheckTime,
)

FORMAT: Final = 1
MAX_TABLES: Final = 100
"""The most tables of one name, and bands of a dose, inclusive: a regimen has a few of each."""
THEN: Final = {
    "keep": "give it now; later targets stay",
    "shift": "give it now; later doses are counted from the day it is given",
    "skip": "do not give it; wait for the next target",
    "restart": "begin the schedule again",
    "step": "give it now as the first dose of the phase `to`, and go on from there",
    "reload": "give the doses of `reload` from today, then go on",
    "keep-or-shift": "give it now; the person chooses whether later doses stay or are counted "
    "from today",
    "give-ask": "give it now, and ask when the next dose is due",
    "ask": "ask the prescriber; also for what no rule covers",
}
"""What each `then` says of a late dose."""
EARLY_THEN: Final = {
    "keep": "it counts; later targets stay",
    "shift": "it counts; later doses are counted from the day it is given",
    "ask": "ask the prescriber; also for what no rule covers",
}
"""What each `then` says of an early dose."""
_ENDS: Final = "a phase ends where the next begins, after its doses, or after the time in for"
_DOSAGE_CYCLE: Final = (
    "write every for its length, on_days for the days in it, and doses for all of them"
)
_OF_A_COURSE: Final = "what was given and left out stands in a course file"
FOREIGN: Final = {
    "until": _ENDS,
    "end": _ENDS,
    "duration": _ENDS,
    "lasts": _ENDS,
    "years": "write months, 12 a year",
    "hours": "at most one dose a day is planned",
    "times_per_day": "at most one dose a day is planned",
    "times_per_week": 'write every = "1 week" and on = ["Mon", "Thu"], or leave the days to '
    'choose: on = { days = 2, apart = "3 days" }',
    "start": "a schedule holds for everybody; a person's start stands in a course file",
    "schedule": "this file is the schedule; a course file names one",
    "id": "a schedule's id is its file's name, without .toml",
    "given": _OF_A_COURSE,
    "skipped": _OF_A_COURSE,
    "dates": "a schedule holds for everybody; its doses stand as offsets from the start",
    "round": 'write round_to = "10 mg"',
    "rounding": 'write round_to = "10 mg"',
    "min_dose": "write weight bands: below some weight the dose is fixed",
    "age": "one file for each age group",
    "cycle": _DOSAGE_CYCLE,
    "cycles": _DOSAGE_CYCLE,
    "time": "a schedule knows no time of day; a person's stands in a course file",
    "choose": "what was chosen stands in a course file",
    "choices": "what was chosen stands in a course file",
}
"""Keys that people write and the format does not have: what to write in their place."""

BANDS: Final = (
    Key("weight", WEIGHT_BAND,
        "body weights that this dose is for", '"<= 100 kg"', required=True),
    Key("dose", BAND_DOSE,
        'the dose; "ask" where the source states none for these weights', '"45 mg"',
        required=True),
    Key("injections", NEEDLES, "needles that make up one dose, or what each holds",
        "1", default="the phase's"),
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
    Key("one_area", _REGION_LIST,
        "regions that are one site each, without left and right", '["abdomen"]', default="none"),
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
    return value if isinstance(value, list | dict) else DOSE.read(value)


def _read_every(value: object) -> object:
    return value if isinstance(value, dict) else EVERY.read(value)


def _read_weekdays(value: object) -> object:
    return value if isinstance(value, dict) else _WEEKDAY_LIST.read(value)


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


def _range(kind: Kind, low: str, high: str) -> tuple[Key, ...]:
    """Return the keys of a table from which the prescriber chooses."""
    either = f"[{low}, {high}]"
    return (
        Key("from", kind, "the least, inclusive", low, default="with to, or one_of"),
        Key("to", kind, "the most, inclusive", high, default="with from, or one_of"),
        Key("one_of", list_kind(kind, least=2), "the values there are to choose from", either,
            default="from and to"),
    )  # fmt: skip


EVERY_RANGE: Final = _range(INTERVAL, '"10 weeks"', '"14 weeks"')
DOSE_RANGE: Final = _range(AMOUNT, '"150 mg"', '"300 mg"')
_ONE_CHOICE: Final[Schema] = {
    "oneOf": [{"required": ["from", "to"]}, {"required": ["one_of"]}],
    "dependencies": {"one_of": {"not": {"anyOf": [{"required": ["from"]}, {"required": ["to"]}]}}},
}
ON_CHOICE: Final = (
    Key("days", integer_kind(1, 7), "how many days of the week", "3", required=True),
    Key("apart", INTERVAL, "at least so long between two of them, round the week", '"2 days"',
        required=True),
)  # fmt: skip
_WEEKDAY_LIST: Final = list_kind(choice_kind(WEEKDAYS))
_DOSE: Final = Kind(
    f'dose such as "120 mg", "3 mg/kg" or "75 mg/m2", a table to choose from, "{AS_PRESCRIBED}", '
    "or a list of weight bands",
    {"anyOf": [DOSE.schema, _DOSES_BY_WEIGHT, schema_of(DOSE_RANGE) | _ONE_CHOICE]},
    _read_dose,
)
_EVERY: Final = Kind(
    'interval such as "4 weeks", or a table to choose from',
    {"anyOf": [INTERVAL.schema, schema_of(EVERY_RANGE) | _ONE_CHOICE]},
    _read_every,
)
_ON: Final = Kind(
    f"{_WEEKDAY_LIST.words}; or a table of days and apart",
    {"anyOf": [_WEEKDAY_LIST.schema, schema_of(ON_CHOICE)]},
    _read_weekdays,
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
_ONE_TIME: Final = "each check has one of when, weeks, days, months, every"

MIN_GAP: Final = (
    Key("gap", INTERVAL, "shortest time between two administrations", '"26 days"', required=True),
    Key("grace", INTERVAL, "by how much less an administration still counts; no date uses it",
        '"4 days"', default="none"),
    Key("source", SOURCE, "who states it", '"label"', required=True),
)  # fmt: skip

WITH: Final = (
    Key("medicine", TEXT, "its international nonproprietary name", '"hyaluronidase"',
        required=True),
    Key("dose", AMOUNT, "its dose", '"5 mg"', required=True),
    Key("injections", integer_kind(1, MOST_INJECTIONS), "needles that make it up", "1",
        default="1"),
    Key("sites", _OWN_SITES, "where it is injected", '["upper arm"]', default="as in the phase"),
    Key("source", SOURCE, "who states it", '"label"', required=True),
)  # fmt: skip

PHASE: Final = (
    Key("name", TEXT, "name, unlike any other phase's", '"loading"', required=True),
    Key("dose", _DOSE,
        "dose amount: number, space, unit (also per kg or m2), what there is to choose, or weight "
        "bands", '"120 mg"', required=True),
    Key("injections", NEEDLES, "needles that make up one dose, or what each holds", "2",
        default="1"),
    Key("weeks", offsets_kind("weeks", ranges=True), "doses at these weeks from start",
        "[0, 1, 2]", default=_ONE_TIMING),
    Key("days", offsets_kind("days", ranges=True), "doses at these days from start",
        "[0, 7, 14]", default=_ONE_TIMING),
    Key("months", offsets_kind("months", ranges=True),
        "doses at these calendar months from start", "[0, 3]", default=_ONE_TIMING),
    Key("every", _EVERY, "spacing of a phase that repeats", '"4 weeks"',
        default=_ONE_TIMING),
    Key("from", PLACE,
        "offset of the first dose of a phase that repeats", '"week 6"',
        default="day 0, only for the first phase"),
    Key("after", AFTER, "in place of from: so long after the last dose of the phase before, or "
        'one spacing ("every")', '"3 months"', default="from"),
    Key("doses", integer_kind(1, MAX_DAYS), "the phase ends after so many doses", "4",
        default="until the next phase begins; the last one for ever"),
    Key("for", INTERVAL, "in place of doses: how long the phase lasts from its first dose, that "
        "day excluded", '"3 months"', default="doses"),
    Key("ends", choice_kind(("prescriber",)), "who ends the phase: it goes on until a step is "
        "recorded", '"prescriber"', default="nobody: see doses"),
    Key("at_least", INTERVAL, "with ends: how long the phase lasts at least", '"4 weeks"',
        default="no time stated"),
    Key("counted_from", choice_kind(("target", "given")), "from what the next dose is counted: "
        "the target of the one before, or the day it was given", '"given"', default='"target"'),
    Key("on", _ON, 'weekdays, or how many to choose, with every = "1 week"',
        '["Mon", "Wed", "Fri"]', default="the weekday that the interval gives"),
    Key("on_days", offsets_kind("days", origin="the interval's first day"),
        "days of each interval with a dose",
        "[0, 3, 7, 10]", default="its first day alone"),
    Key("window", _WINDOW, "how far from the target a dose is still in time, both ends inclusive",
        '"3 days"', default="none: on the target only"),
    Key("min_gap", MIN_GAP, "shortest time between two administrations of this phase",
        '{ gap = "26 days", source = "label" }', default="the schedule's"),
    Key("weight", WEIGHT_BAND, "body weights that the phase is for", '"< 40 kg"', default="all"),
    Key("max_dose", WHOLE_AMOUNT, "the most of a dose per kg or m2", '"320 mg"', default="none"),
    Key("round_to", WHOLE_AMOUNT, "a dose per kg or m2 is rounded to the nearest multiple, half "
        "up", '"10 mg"', default="exact"),
    Key("strength", STRENGTH, "how much a mL holds, with max_injection", '"150 mg/mL"',
        default="injections"),
    Key("max_injection", VOLUME, "the most of one injection, with strength", '"2 mL"',
        default="injections"),
    Key("given_by", choice_kind(GIVERS), "who injects", '"professional"',
        default="the schedule's"),
    Key("route", choice_kind(ROUTES), "route of this phase", '"intravenous"',
        default="the schedule's"),
    Key("sites", _OWN_SITES, "sites of this phase", '["upper arm"]',
        default="as in [sites]; none for an intravenous phase"),
    Key("with", WITH, "another medicine at the same visit", "[[phase.with]]", default="none",
        many="list"),
    Key("source", SOURCE, "who states it", '"label"', required=True),
)  # fmt: skip

_SAY: Final = Key("say", TEXT, "what else the source says, in your words",
                  '"14 days of tablets first"', default="nothing")  # fmt: skip

RELOAD: Final = (
    Key("days", RELOAD_DAYS, "doses on these days from the day the late one is given, itself "
        "the first", "[0, 7]", required=True),
    Key("dose", AMOUNT, "their dose", '"156 mg"', default="the phase's"),
    Key("injections", NEEDLES, "needles that make up one of them, with dose", "1", default="1"),
    Key("resume", INTERVAL, "so long after the last of them the schedule goes on", '"1 month"',
        required=True),
)  # fmt: skip

MISSED: Final = (
    Key("late", BOUND,
        "time after the target date", '"<= 7 days"', default=_NO_CLOCK),
    Key("until_next", BOUND,
        "time left to the next target date", '">= 3 days"', default=_NO_CLOCK),
    Key("since_last", BOUND,
        "time since the last administration", '"<= 6 weeks"', default=_NO_CLOCK),
    Key("since_start", BOUND,
        "time since the start, or the latest restart", '"<= 8 weeks"', default=_NO_CLOCK),
    Key("missed_in_a_row", NUMBERS,
        "how many doses are missed in a row, this one included", '">= 2"', default=_NO_CLOCK),
    Key("then", choice_kind(tuple(THEN), THEN), "what the source says to do", '"keep"',
        required=True),
    Key("to", TEXT, 'with then = "step": the name of the phase', '"25 mg"', default="no step"),
    Key("reload", RELOAD, 'with then = "reload": the doses to give before going on',
        '{ days = [0, 7], resume = "1 month" }', default="no reload",
        also={"dependencies": {"injections": ["dose"]}}),
    _SAY,
    Key("phases", list_kind(TEXT), "names of the phases that it is for", '["maintenance"]',
        default="all"),
    Key("doses", NUMBERS,
        "doses of the schedule, counted from 1, that it is for", '"2-3"', default="all"),
    Key("source", SOURCE, "who states it", '"label"', required=True),
)  # fmt: skip

EARLY: Final = (
    Key("early", BOUND, "time before the target date", '"<= 3 days"',
        default="however early"),
    Key("since_last", BOUND, "time since the last administration", '">= 3 days"',
        default="however long"),
    Key("then", choice_kind(tuple(EARLY_THEN), EARLY_THEN), "what the source says to do",
        '"keep"', required=True),
    _SAY,
    Key("source", SOURCE, "who states it", '"label"', required=True),
)  # fmt: skip

GAP: Final = (
    Key("between", DOSE_PAIR, "two doses of the schedule, counted from 1", "[1, 3]",
        required=True),
    Key("gap", INTERVAL, "least time between them", '"16 weeks"', required=True),
    Key("grace", INTERVAL, "by how much less an administration still counts; no date uses it",
        '"4 days"', default="none"),
    Key("source", SOURCE, "who states it", '"label"', required=True),
)  # fmt: skip

TRACEABILITY: Final = (
    Key("text", TEXT, "what the source asks to be recorded", '"name and batch number"',
        required=True),
    Key("source", SOURCE, "who states it", '"label"', required=True),
)  # fmt: skip

PREPARATION: Final = (
    Key("warm_up", WARM_UP,
        'out of the fridge before injecting: minutes, a range, or "none"', '"15 to 30 minutes"',
        default="none stated"),
    Key("storage", TEXT, "how it is kept", '"2 to 8 C"', default="none stated"),
    Key("source", SOURCE, "who states it", '"label"', required=True),
)  # fmt: skip

_CHECK_DATES: Final = (
    "a check on dates has weeks, days or months, or every with from: weeks = [12, 24]"
)
CHECK: Final = (
    Key("name", TEXT, "what is to be done", '"screening for tuberculosis"', required=True),
    Key("when", choice_kind(tuple(CheckTime), otherwise=_CHECK_DATES),
        "when, if no date is stated", '"before start"', default=_ONE_TIME),
    Key("lead", INTERVAL, 'with when = "before each dose": how long before it', '"7 days"',
        default="no time stated"),
    Key("weeks", offsets_kind("weeks", before_start=True), "at these weeks from start", "[-4]",
        default=_ONE_TIME),
    Key("days", offsets_kind("days", before_start=True), "at these days from start", "[-7, 28]",
        default=_ONE_TIME),
    Key("months", offsets_kind("months", before_start=True), "at these months from start", "[3]",
        default=_ONE_TIME),
    Key("every", INTERVAL, "spacing of a check that repeats, with from", '"3 months"',
        default=_ONE_TIME),
    Key("from", PLACE, "offset of the first of them", '"month 3"', default="needed with every"),
    Key("times", integer_kind(1, MAX_DAYS), "how many of them", "4",
        default="until the last dose"),
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

_ONE_WAY: Final = [{"required": [each]} for each in ("weeks", "days", "months", "every")]
_EVERY_WEEK: Final[Schema] = {"every": {"type": "string", "pattern": r"^\s*0*1\s+weeks?\s*$"}}
_PHASE_ALSO: Final[Schema] = {
    "oneOf": _ONE_WAY,
    "dependencies": {
        **{each: ["every"] for each in ("from", "counted_from", "on_days")},
        "after": {"required": ["every"], "not": {"required": ["from"]}},
        "doses": {
            "required": ["every"],
            "not": {"anyOf": [{"required": ["for"]}, {"required": ["ends"]}]},
        },
        "for": {"required": ["every"], "not": {"required": ["ends"]}},
        "ends": ["every"],
        "at_least": ["ends"],
        "on": {
            "required": ["every"],
            "properties": _EVERY_WEEK,
            "not": {"required": ["on_days"]},
        },
        "strength": {"required": ["max_injection"], "not": {"required": ["injections"]}},
        "max_injection": ["strength"],
    },
}


def _with_its_key(then: str, key: str) -> Schema:
    """Return the schema of a rule in which a `then` and its own key stand together."""
    return {
        "if": {"properties": {"then": {"const": then}}, "required": ["then"]},
        "then": {"required": [key]},
        "else": {"not": {"required": [key]}},
    }


_MISSED_ALSO: Final[Schema] = {
    "allOf": [_with_its_key("step", "to"), _with_its_key("reload", "reload")]
}
_CHECK_ALSO: Final[Schema] = {
    "oneOf": [{"required": [each]} for each in ("when", "weeks", "days", "months", "every")],
    "dependencies": {
        "every": ["from"],
        "from": ["every"],
        "times": ["every"],
        "lead": {"properties": {"when": {"const": "before each dose"}}, "required": ["when"]},
    },
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
    Key("class", TEXT, "class of medicines that it belongs to", '"IL-17A inhibitor"',
        default="none"),
    Key("class_source", SOURCE, "who states the class", '"label"', default="with class"),
    Key("jurisdiction", TEXT, "whose label it is", '"RU"', default="none"),
    Key("route", choice_kind(ROUTES), "route", '"subcutaneous"', default='"subcutaneous"'),
    Key("given_by", choice_kind(GIVERS), "who injects", '"professional"',
        default="no source says"),
    Key("traceability", TRACEABILITY, "the source asks for the batch number to be recorded",
        '{ text = "name and batch number", source = "label" }', default="no source asks"),
    Key("min_gap", MIN_GAP, "shortest time between administrations",
        '{ gap = "26 days", source = "label" }', default="none stated"),
    Key("phase", PHASE, "a phase of the schedule", "[[phase]]", required=True, many="list",
        also=_PHASE_ALSO),
    Key("sites", SITES, "where to inject", "[sites]", default="the schedule names none"),
    Key("missed", MISSED, "a missed-dose rule; the first that matches wins", "[[missed]]",
        default='"ask"', many="list", also=_MISSED_ALSO),
    Key("early", EARLY, "a rule for a dose given before its window; the first that matches wins",
        "[[early]]", default='"ask"', many="list"),
    Key("gap", GAP, "the least time between two numbered doses", "[[gap]]",
        default="none stated", many="list"),
    Key("preparation", PREPARATION, "storage and warm-up", "[preparation]", default="none stated",
        also=_PREPARATION_ALSO),
    Key("check", CHECK, "a check", "[[check]]", default="none stated", many="list",
        also=_CHECK_ALSO),
    Key("note", NOTE, "a note", "[[note]]", default="none", many="list"),
    Key("sources", ONE_SOURCE, "a source, by its id", "[sources.label]", required=True,
        many="by id"),
)  # fmt: skip

_TOP: Final = tuple(key.name for key in SCHEDULE if isinstance(key.kind, Kind))


_OF_A_PHASE: Final = {key.name for key in PHASE} - {"name", "source"}


def misplaced(path: str, name: str) -> str:
    """Say where a key belongs that a table does not have, or "" where nothing is known of it."""
    if path.startswith("check[") and name in ("after", "doses", "on", "on_days"):
        return "a check repeats with every, from and times"
    if path and name in _TOP:
        return f"{name} belongs above the first [table]"
    if not path and name in _OF_A_PHASE:
        return f"{name} belongs in a [[phase]]"
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
        "dependencies": {"class": ["class_source"], "class_source": ["class"]},
    }
