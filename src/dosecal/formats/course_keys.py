"""The keys of a course file, each declared once: the head, and the entries of the log.

The reader, the writer, the check of a course built by hand and the tables of
docs/course-file.md all go by these declarations.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple

from dosecal.errors import QuantityError, RequestError, described
from dosecal.formats.fields import read_zone
from dosecal.formats.keys import (
    Key,
    Kind,
    boolean_kind,
    choice_kind,
    date_kind,
    instant_kind,
    integer_kind,
    list_kind,
    parsed_kind,
    text_kind,
    time_kind,
)
from dosecal.model.course import (
    VOIDED_BY_KIND,
    Chosen,
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
    name_of,
    voided_words,
)
from dosecal.model.dates import MAX_DAYS, MAX_DOSE, WEEKDAYS, parse_interval
from dosecal.model.hints import nearest
from dosecal.model.languages import known_code
from dosecal.model.quantities import Amount, parse_amount, parse_surface, parse_weight
from dosecal.model.schedule import (
    ALL_SITES,
    ANSWERS,
    DECISIONS,
    MOST_INJECTIONS,
    STAY_OR_MOVE,
    Then,
)

LONGEST_NAME: Final = 80
"""The most characters of a label, a place without a name here or a batch number, inclusive."""
MOST_STOCK: Final = 10_000
"""The most injections in a house, inclusive."""
_AS_A_SITE: Final = 0.72
"""How like a site's name a word with hyphens is, from 0 to 1, that is asked about: `left-arm` may
be `left-upper-arm`, while `right-forearm`, or "left arm" in words, is a place of its own."""
LISTED_CHOICE: Final = r"(?:weeks|days|months)\[[1-9]\d{0,3}\]"
"""How the choice of one listed offset is called: `weeks[2]`, counted from 1."""


def _parse_language(text: str) -> str:
    try:
        return known_code(text)
    except RequestError as error:
        raise QuantityError(str(error), "") from error


def _size_kind(unit: str, what: str, example: str, parse: Callable[[str], Decimal]) -> Kind:
    """Return the kind of a body weight or surface: a TOML number, read as options and tables do."""

    def read(value: object) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            allowed = f"a number in {unit} without quotes: {example}"
            raise QuantityError(f"{what} is no number", allowed)
        return parse(described(value))

    return Kind(f"number of {unit}", {"type": "number", "exclusiveMinimum": 0}, read)


def _short_text(most: int = LONGEST_NAME) -> Kind:
    """Return the kind of a text of at most so many characters."""
    plain_text = text_kind()

    def read(value: object) -> str:
        text: str = plain_text.read(value)
        if len(text) > most:
            what = f"a text of {len(text)} characters is too long"
            raise QuantityError(what, f"at most {most} characters")
        return text

    return Kind(f"text, at most {most} characters", plain_text.schema | {"maxLength": most}, read)


def _decision_kind(words: tuple[Then, ...]) -> Kind:
    word = choice_kind(words)
    return word._replace(read=lambda value: Then(word.read(value)))


def _parse_given_amount(text: str) -> Amount:
    amount = parse_amount(text)
    if amount.per:
        what = f'"{text}" is an amount per {amount.per}'
        raise QuantityError(what, 'the whole amount that was given: "60 mg"')
    return amount


def _read_place(value: object) -> str:
    """Read a site, or a place that has no name here as it was written."""
    if isinstance(value, str) and value in ALL_SITES:
        return value
    place: str = _PLACE.read(value)
    if re.fullmatch("[a-z-]+", place) and (site := nearest(place, ALL_SITES, _AS_A_SITE)):
        allowed = f"one of: {', '.join(ALL_SITES)}; a place without a name here in words"
        raise QuantityError(f'unknown site "{place}"', allowed, f'did you mean "{site}"?')
    return place


def _read_places(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise QuantityError("the sites are no list", 'a list: ["left-thigh", "right-thigh"]')
    if len(value) > MOST_INJECTIONS:
        raise QuantityError(f"there are {len(value)} sites", f"at most {MOST_INJECTIONS}")
    return tuple(_read_place(each) for each in value)


def _read_weekdays(value: object) -> str:
    """Read weekdays, a list or "Mon,Wed,Fri", as the latter."""
    days = [day.strip() for day in value.split(",")] if isinstance(value, str) else value
    return ",".join(_WEEKDAYS.read(days))


def _as_written(parse: Callable[[str], object]) -> Callable[[str], str]:
    """Return what hands a text on as it stands, if `parse` takes it."""

    def read(text: str) -> str:
        parse(text)
        return text

    return read


_DAY: Final = date_kind()
_DOSE: Final = integer_kind(1, MAX_DOSE)
_TEXT: Final = text_kind()
_YES: Final = boolean_kind()
_ZONE: Final = parsed_kind("IANA time zone", read_zone)
_WEIGHT: Final = _size_kind("kg", "the weight", "72.5", parse_weight)
_PLACE: Final = _short_text()
_SITE: Final = choice_kind(ALL_SITES)
_SITES: Final = Kind(
    "list of sites, one an injection",
    {"type": "array", "maxItems": MOST_INJECTIONS, "items": _PLACE.schema},
    _read_places,
)
_AMOUNT: Final = parsed_kind('amount and unit such as "60 mg"', _parse_given_amount)
_WEEKDAYS: Final = list_kind(choice_kind(WEEKDAYS))
_LISTED: Final = integer_kind(0, MAX_DAYS)

_NUMBER: Final = Key("dose", _DOSE, "number of the dose", "4", required=True)
_WHEN: Final = Key("recorded", instant_kind(), "when it was recorded, UTC", "2026-12-01T08:30:00Z")
_WHO: Final = Key("by", _TEXT, "who recorded it", '"ward 3"')
_MADE: Final = (_WHEN, _WHO)
_NOTE: Final = Key("note", _TEXT, "anything", '"sore arm"')
_LOT: Final = Key("lot", _PLACE, "batch number on the pack", '"A1234"')
_EXPIRY: Final = Key("expiry", _DAY, "last day on which the pack is usable", "2027-06-30")
_AGREED: Final = Key(
    "decided", _YES, "whether the prescriber agreed to what a rule or the window speaks against",
    "true", default="false",
)  # fmt: skip
_ON: Final = Key("on", _DAY, "the day from which it holds", "2027-01-05", required=True)
_CHOICES: Final = (
    Key("every", parsed_kind('interval such as "12 weeks"', _as_written(parse_interval)),
        "the interval that was chosen", '"12 weeks"'),
    Key("dose", parsed_kind('amount such as "150 mg"', _as_written(parse_amount)),
        "the dose that was chosen", '"150 mg"'),
    Key("on", Kind("list of weekdays", {"type": ["array", "string"]}, _read_weekdays),
        "the weekdays that were chosen", '["Mon", "Wed", "Fri"]'),
    Key("weeks[N]", Kind(_LISTED.words, _LISTED.schema, lambda value: str(_LISTED.read(value))),
        "the Nth listed offset, counted from 1 (also days[N], months[N]), in quotes: "
        '`"weeks[2]" = 6`', "6", pattern=LISTED_CHOICE),
)  # fmt: skip
KINDS_OF_VOID: Final = tuple(VOIDED_BY_KIND.values())
"""What a void can name in place of a dose."""


class Form(NamedTuple):
    """How an entry stands in a file.

    Attributes:
        kind: Its class.
        keys: In the order in which they are written.
        meaning: One line for the documentation.
        fields: From a key to the field that holds it, where their names differ.
    """

    kind: type[Any]
    keys: tuple[Key, ...]
    meaning: str
    fields: Mapping[str, str] = {}


_FORMS: Final = (
    Form(Taken, (
        Key("until", _DAY, "doses with a target up to this day, inclusive, were given as planned",
            "2026-12-01", required=True),
        *_MADE,
    ), "doses that were given before this record began"),
    Form(Given, (
        Key("extra", _YES, "whether it was given outside the plan, without a number", "true",
            default="false"),
        _NUMBER._replace(required=False, default="required, but not of an extra dose"),
        Key("date", _DAY, "the day it was given", "2026-12-01", required=True),
        Key("at", time_kind(), "the hour, where the patient lives", "21:40:00"),
        Key("amount", _AMOUNT, "what was given", '"60 mg"',
            default="the planned dose; required of an extra dose"),
        Key("injections", integer_kind(1, MOST_INJECTIONS), "needles that made it up", "1",
            default="as planned; 1 of an extra dose"),
        Key("sites", _SITES, "where, one an injection", '["left-thigh"]'),
        _LOT, _EXPIRY,
        Key("then", _decision_kind(DECISIONS), "what was decided about the doses after it",
            '"shift"'),
        _NOTE, *_MADE,
    ), "an administration"),
    Form(Skipped, (_NUMBER, _NOTE._replace(meaning="why", example='"fever"'), *_MADE),
        "a dose that the person chose not to take"),
    Form(Moved, (
        _NUMBER,
        Key("to", _DAY, "the day that was agreed", "2027-01-14", required=True),
        Key("then", _decision_kind(STAY_OR_MOVE),
            "whether later doses stay or are counted from it", '"shift"', default="keep"),
        _NOTE._replace(meaning="why", example='"journey"'), _AGREED, *_MADE,
    ), "a dose agreed for another day"),
    Form(Hold, (
        Key("from", _DAY, "first day, inclusive", "2026-12-01", required=True),
        Key("until", _DAY, "last day, inclusive", "2026-12-31", default="until it is ended"),
        Key("reason", _TEXT, "why", '"infection"'),
        *_MADE,
    ), "a pause", {"from": "first", "until": "last"}),
    Form(HoldEnd, (
        _ON._replace(meaning="last day, inclusive, of the hold that was entered last"), *_MADE,
    ), "the end of a pause"),
    Form(Decided, (
        _NUMBER,
        Key("then", _decision_kind(ANSWERS), "what was decided", '"keep"',
            required=True),
        Key("on", _DAY, "of a repeat: when the dose is due again", "2026-12-05",
            default="required of a repeat"),
        _AGREED, *_MADE,
    ), "a decision about a recorded dose"),
    Form(Chosen, (
        Key("phase", _TEXT, "the phase that leaves it open", '"maintenance"', required=True),
        *_CHOICES,
        Key("from", _DAY, "the day from which it holds", "2027-03-01", default="from the start"),
        *_MADE,
    ), "what was chosen, of what the schedule leaves open", {"from": "first"}),
    Form(Weighed, (
        Key("kg", _WEIGHT, "body weight", "104", required=True), _ON, *_MADE,
    ), "the body weight from a day on"),
    Form(Stepped, (
        Key("to", _TEXT, "the phase that goes on", '"maintenance"', required=True),
        _ON._replace(meaning="when its first dose is due"),
        Key("schedule", _TEXT, "another schedule that the phase is of, as in the head",
            '"adalimumab-psoriasis"', default="the same"),
        Key("phase_dose", _DOSE, "which dose of its phase that is", "2", default="1"),
        _AGREED, *_MADE,
    ), "the prescriber's move to a phase"),
    Form(Stocked, (
        Key("add", integer_kind(-MOST_STOCK, MOST_STOCK),
            "so many injections more in the house; below 0, fewer", "6"),
        Key("count", integer_kind(0, MOST_STOCK), "so many injections are there now", "4"),
        _ON._replace(meaning="the day of it"), _LOT, _EXPIRY, *_MADE,
    ), "injections in the house"),
    Form(Stopped, (
        _ON._replace(meaning="the day from which nothing is planned"),
        Key("reason", _TEXT, "why", '"pregnancy"'), *_MADE,
    ), "the end of the treatment"),
    Form(Zoned, (
        Key("timezone", _ZONE, "where the patient lives then", '"Asia/Tokyo"', required=True),
        Key("time", time_kind(), "time of day there", "20:00:00", default="as before"),
        _ON, *_MADE,
    ), "another time zone or hour", {"timezone": "zone", "time": "clock"}),
    Form(Void, (
        Key("dose", _DOSE, "the dose whose latest entry no longer counts", "4"),
        *(Key(of, _YES, f"whether it is the latest {voided_words(of)} instead", "true")
          for of in KINDS_OF_VOID),
        *_MADE,
    ), "an entry taken back"),
)  # fmt: skip
FORMS: Final[Mapping[str, Form]] = {name_of(form.kind): form for form in _FORMS}
"""The entries of a log by the name of their tables."""

AVOIDED: Final = (
    Key("site", _SITE, "a site not to use", '"left-thigh"', required=True),
    Key("from", _DAY, "first day, inclusive", "2026-12-01"),
    Key("until", _DAY, "last day, inclusive", "2026-12-31"),
    Key("reason", _TEXT, "why", '"bruise"'),
)
PERSON: Final = (
    Key("id", _TEXT, "random, made once; calendar UIDs derive from it", '"5f0c..."',
        required=True),
    Key("start", _DAY, "the day of the label's week 0", "2026-12-01", required=True),
    Key("time", time_kind(), "time of day where the patient lives", "09:00:00",
        default="all-day"),
    Key("timezone", _ZONE, "where the patient lives", '"Europe/Moscow"'),
    Key("weight_kg", _WEIGHT, "body weight", "72.5"),
    Key("bsa_m2", _size_kind("m2", "the body surface", "1.73", parse_surface),
        "body surface", "1.73"),
    Key("caregiver", _YES, "whether somebody else injects", "true", default="false"),
    Key("language", parsed_kind('code of a language such as "ru"', _parse_language),
        "language of the texts", '"ru"'),
    Key("label", _PLACE, "a discreet word of your own for titles", '"Tuesday pen"'),
    Key("sites", list_kind(_SITE), "your own order of sites, of those that the schedule allows",
        '["left-thigh", "right-thigh"]', default="the schedule's"),
    Key("beside", list_kind(_TEXT), "other course files of the same person", '["mtx.toml"]'),
    Key("choices", _CHOICES, "what was chosen at the start, of what the schedule leaves open",
        "[choices.PHASE]", many="by id"),
    Key("avoid", AVOIDED, "a site that the person avoids", "[[avoid]]", many="list"),
)  # fmt: skip
"""The head of a course file but for its format and schedule."""

COURSE: Final = (
    Key("format", integer_kind(1, 1), "version of this format", "1", required=True),
    Key("schedule", _TEXT, "id of the catalogue, or a path relative to this file",
        '"netakimab-psoriasis"', required=True),
    *PERSON,
    *(Key(name, form.keys, form.meaning, f"[[{name}]]", many="list")
      for name, form in FORMS.items()),
)  # fmt: skip

_DEFAULTS: Final[Mapping[type, tuple[str, object]]] = {
    Moved: ("then", Then.KEEP), Stepped: ("phase_dose", 1),
}  # fmt: skip
"""What is not written, because it holds without it; other keys say it by their absence."""


def entry_of(header: str, table: Mapping[str, Any]) -> Entry:
    """Return the entry that a table says, once it was read and found whole."""
    form = FORMS[header]
    values = {form.fields.get(key, key): value for key, value in table.items()}
    kind = form.kind
    if header == "given" and values.pop("extra", False):
        kind = Extra
    elif header == "chosen":
        (key,) = chosen_keys(values)
        values |= {"key": key, "text": values.pop(key)}
    elif header == "void":
        named = [of for of in KINDS_OF_VOID if values.pop(of, False)]
        values = {"dose": None, **values} | ({"of": named[0]} if named else {})
    entry: Entry = kind(**values)
    return entry


def chosen_keys(table: Mapping[str, Any]) -> list[str]:
    """Return the keys of a table that are choices: "every", "dose", "on", "weeks[2]"."""
    named = {key.name for key in _CHOICES}
    return [key for key in table if key in named or re.fullmatch(LISTED_CHOICE, key)]


def chosen_value(key: str, text: str) -> object:
    """Return the value of a choice as it stands in a file."""
    if re.fullmatch(LISTED_CHOICE, key) and re.fullmatch("[0-9]{1,9}", text):
        return int(text)
    return text.split(",") if key == "on" and "," in text else text


def entry_values(entry: Entry) -> dict[str, object]:
    """Return the keys of an entry's table that say something, in order."""
    form = FORMS[name_of(type(entry))]
    values = entry._asdict()
    match entry:
        case Chosen():
            values[entry.key] = chosen_value(entry.key, entry.text)
        case Void(dose=None):
            values[entry.of] = True
        case Extra():
            values["extra"] = True
    names = [key.name for key in form.keys]
    if isinstance(entry, Chosen) and entry.key not in names:
        names.insert(names.index("weeks[N]"), entry.key)
    found = {name: values.get(form.fields.get(name, name)) for name in names}
    key, default = _DEFAULTS.get(type(entry), ("", None))
    if key and found[key] == default:
        del found[key]
    return {
        name: str(value) if isinstance(value, Amount) else value
        for name, value in found.items()
        if value is not None and value is not False and value not in ("", ())
    }
