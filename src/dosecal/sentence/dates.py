"""The dates of a phase in a typed sentence: listed offsets, spacing, where it begins and ends."""

import re
from dataclasses import dataclass, field
from typing import Final, Literal

from dosecal.model.dates import Interval
from dosecal.model.languages import joined
from dosecal.model.schedule import Window
from dosecal.sentence.doses import DOSE_UNITS
from dosecal.sentence.tokens import UNIT_WORDS, Cursor, Edit, Token
from dosecal.sentence.write import DAY_NAMES

Part = Literal["every", "listed", "weekdays", "begins", "ends", "window"]

_LONGEST_RANGE: Final = 60
_ORDINALS: Final = {"other": 2, "second": 2, "third": 3, "fourth": 4, "sixth": 6, "eighth": 8}
_ADVERBS: Final = {
    "daily": Interval(1, "day"), "weekly": Interval(1, "week"), "fortnightly": Interval(2, "week"),
    "monthly": Interval(1, "month"), "quarterly": Interval(3, "month"),
    "yearly": Interval(1, "year"), "annually": Interval(1, "year"),
}  # fmt: skip
_TWO_WAYS: Final = {
    "biweekly": (("every 2 weeks", ""),
                 ("twice weekly on Monday and Thursday", "name the days that are meant")),
    "bimonthly": (("every 2 months", ""), ("every 2 weeks", "")),
    "biannually": (("every 6 months", ""), ("every 2 years", "")),
}  # fmt: skip
WEEKDAYS: Final = {
    form: number
    for number, name in enumerate(name.lower() for name in DAY_NAMES)
    for form in (name, f"{name}s", name[:3])
}
_ENDS: Final = ("until", "till", "through", "to")
_PARTS: Final[dict[str, Part]] = {
    **dict.fromkeys(("every", "each", "once", "twice", *_ADVERBS, *_TWO_WAYS), "every"),
    **dict.fromkeys(("from", "starting", "beginning", "start", "begin", "after"), "begins"),
    **dict.fromkeys((*_ENDS, "for"), "ends"),
    **dict.fromkeys(("at", "on", "in", *UNIT_WORDS), "listed"),
    **dict.fromkeys(("(", "\u00b1", "+/-", "within", "up", "give"), "window"),
}
KNOWN_WORDS: Final = (*_PARTS, *WEEKDAYS, "doses", "either way")


@dataclass
class SaidDates:
    """When the doses of one phase are due, as it is said; None and empty: it does not say.

    Attributes:
        every_end: Where its spacing ends, weekdays included: where an offset could be put.
        begin_places: From where to where its first offset, or its list, stands in the text.
        on_days: The days of each interval.
        day_numbers: Their numbers in the text, where they are not said with "into".
        after: Whether its first offset is said with "after".
        after_start: Whether its first offset is said to be counted from the start.
        lasts: How long it is said to last, and from where to where that stands.
        until: The offset at which it is said to end, and from where to where that stands.
    """

    unit: str = ""
    counts: tuple[int, ...] = ()
    every: Interval | None = None
    times: int = 0
    every_end: int = 0
    weekdays: tuple[int, ...] = ()
    on_days: tuple[int, ...] = ()
    day_numbers: list[Token] = field(default_factory=list)
    begins: Interval | None = None
    follows: bool = False
    begin_places: tuple[int, int] = (0, 0)
    after: bool = False
    after_start: bool = False
    doses: int | None = None
    lasts: tuple[Interval, int, int] | None = None
    until: tuple[Interval, int, int] | None = None
    window: Window | None = None
    offsets: list[tuple[str, Token]] = field(default_factory=list)

    @property
    def dated(self) -> bool:
        """Whether it says when doses are due."""
        return bool(self.every or self.counts)


def part(cursor: Cursor, ahead: int = 0) -> Part | None:
    """Say which part of the dates begins here."""
    token, follower = cursor.peek(ahead), cursor.peek(ahead + 1)
    if token.whole is not None:
        return "every" if follower.word == "times" else None
    if token.word == "on" and follower.word in WEEKDAYS:
        return "weekdays"
    if token.word == "up" and cursor.peek(ahead + 2).word in UNIT_WORDS:
        return "ends"
    return _PARTS.get(token.word)


def read_part(cursor: Cursor, said: SaidDates, which: Part) -> None:
    """Read one part of the dates."""
    match which:
        case "every":
            _every(cursor, said)
        case "listed":
            _listed(cursor, said)
        case "weekdays":
            cursor.next()
            said.weekdays = _weekdays(cursor)
            said.every_end = max(said.every_end, cursor.past)
        case "begins":
            _begins(cursor, said)
        case "ends":
            _ends(cursor, said)
        case "window":
            said.window = _window(cursor)


def _every(cursor: Cursor, said: SaidDates) -> None:
    first = cursor.next()
    if said.every:
        cursor.fail(first, "a second spacing", "one for each phase")
    if ways := _TWO_WAYS.get(first.word):
        readings = [((Edit(first.start, first.end, way),), meaning) for way, meaning in ways]
        cursor.ambiguous(first.start, first.end, "is read in two ways", readings)
    if first.word in ("once", "twice") or cursor.take("times"):
        said.times = {"once": 1, "twice": 2}.get(first.word, first.whole or 0)
        if said.times == 1 and part(cursor) == "listed":
            _listed(cursor, said)
            return
        first = cursor.next()
        if first.word not in ("a", "per", "every", "each", *_ADVERBS):
            cursor.fail(
                first, "no spacing", '"once at week 0", "once every 4 weeks", "twice weekly on ..."'
            )
    token, follower = cursor.peek(), cursor.peek(1)
    if first.word in _ADVERBS:
        said.every = _ADVERBS[first.word]
    elif token.word in WEEKDAYS:
        said.every = Interval(1, "week")
        said.weekdays = _weekdays(cursor)
    elif token.word in UNIT_WORDS.values():
        said.every = Interval(1, cursor.next().word)
    elif token.word in _ORDINALS and follower.word in UNIT_WORDS.values():
        said.every = Interval(_ORDINALS[cursor.next().word], cursor.next().word)
    else:
        said.every = cursor.take_interval()
    said.every_end = max(said.every_end, cursor.past)
    if said.times > 1 and said.every != Interval(1, "week"):
        cursor.fail(first, f"{said.times} doses in one spacing",
                    'a spacing for each dose ("every 2 weeks"), or weekdays; at most one dose '
                    "a day is planned")  # fmt: skip


def _weekdays(cursor: Cursor) -> tuple[int, ...]:
    days = []
    while True:
        days.append(WEEKDAYS[cursor.next().word])
        mark = cursor.index
        cursor.take(",")
        cursor.take("and", "&")
        if cursor.index == mark or cursor.peek().word not in WEEKDAYS:
            cursor.index = mark
            return tuple(days)


def _listed(cursor: Cursor, said: SaidDates) -> None:
    """Read "at weeks 0, 1 and 2", "at week 0 and week 4" or "at 0 and 4 weeks".

    Or days of an interval: "on days 0 and 3 of every week", "at 1 and 8 days into every 4 weeks".
    """
    head = cursor.peek()
    cursor.take("at", "on", "in")
    begin = cursor.peek()
    if unit := UNIT_WORDS.get(begin.word, ""):
        cursor.next()
    numbers = [_offset(cursor)]
    while _goes_on(cursor, unit):
        numbers.append(_offset(cursor))
    if not unit:
        token = cursor.next()
        unit = UNIT_WORDS.get(token.word, "")
        if not unit:
            cursor.fail(token, "no unit of time", 'for example "at weeks 0, 1 and 2"')
    said.begin_places = head.start, cursor.past
    into = cursor.take("of", "into") if unit == "day" and part(cursor, 1) == "every" else None
    if into:
        said.on_days = tuple(each.whole or 0 for each in numbers)
        said.day_numbers = numbers if into.word == "of" else []
        _every(cursor, said)
        return
    said.after_start = _take_start(cursor)
    if unit == "year":
        cursor.fail(begin, "offsets are listed in days, weeks or months", '"at month 12"')
    said.unit, said.counts = unit, tuple(each.whole or 0 for each in numbers)
    said.begin_places = head.start, cursor.past
    if not said.after_start:
        said.offsets += [(unit, each) for each in numbers]


def _goes_on(cursor: Cursor, unit: str) -> bool:
    """Go to the next number of a list, if there is one and it is no dose."""
    mark = cursor.index
    cursor.take(",")
    cursor.take("and", "&")
    moved = cursor.index > mark
    cursor.take("at", "on")
    token = cursor.peek()
    other = UNIT_WORDS.get(token.word) if unit else None
    if other:
        cursor.next()
    number = cursor.peek()
    dose = cursor.peek(1).word.partition("/")[0] in (*DOSE_UNITS, "injections", "times")
    if not moved or (not number.text[:1].isdigit() and number.whole is None) or dose:
        cursor.index = mark
        return False
    if other and other != unit:
        hint = f'did you mean "then at {other} {number.text}"?'
        cursor.fail(token, f"a list that began in {unit}s", f"{unit}s throughout", hint)
    return True


def _offset(cursor: Cursor) -> Token:
    """Read the number of an offset."""
    token, low, high = cursor.next(), "", ""
    if match := re.fullmatch(r"(\d{1,4})-(\d{1,4})", token.text, re.ASCII):
        low, high = match[1], match[2]
    elif cursor.peek().word in ("to", "through", "-") and cursor.peek(1).text.isdigit():
        low, high = token.text, cursor.peek(1).text
    if low:
        hint = ""
        if low.isdigit() and 0 < int(high[:9]) - int(low[:9]) < _LONGEST_RANGE:
            hint = f'did you mean "{joined([str(n) for n in range(int(low), int(high) + 1)])}"?'
        cursor.fail(token, "a range does not say which of them", "each number", hint)
    if re.fullmatch(r"\d+\.\d+", token.text, re.ASCII):
        cursor.fail(token, "not whole", "whole numbers; parts of a week in days")
    if token.whole is None:
        cursor.fail(token, "no offset", 'for example "week 6"')
    return token


def _take_start(cursor: Cursor) -> bool:
    return cursor.take_all("after start") or cursor.take_all("after the start")


def _take_dose_before(cursor: Cursor) -> bool:
    phrases = ("after the dose before", "after the last dose", "after the previous dose")
    return any(cursor.take_all(phrase) for phrase in phrases)


def _begins(cursor: Cursor, said: SaidDates) -> None:
    """Read "from week 6", "starting 4 weeks after the dose before", "after week 2"."""
    head = cursor.next()
    if head.word not in ("from", "after"):
        cursor.take("at", "on", "from", "in", "with")
    begin = cursor.peek()
    if unit := UNIT_WORDS.get(begin.word):
        cursor.next()
        number = _offset(cursor)
        said.begins = Interval(number.whole or 0, unit)
        said.after_start = _take_start(cursor)
        if not said.after_start:
            said.offsets.append((unit, number))
        if cursor.peek(1).word not in WEEKDAYS:
            cursor.take("on", "onward", "onwards")
    elif begin.in_digits or begin.whole is not None:
        said.begins = cursor.take_interval(zero=True)
        said.after_start = _take_start(cursor)
        said.follows = not said.after_start and _take_dose_before(cursor)
        if not said.after_start and not said.follows:
            cursor.fail(cursor.peek(), "not said from when",
                        '"after start" or "after the dose before"')  # fmt: skip
    else:
        cursor.fail(begin, "no offset", 'for example "week 6"')
    said.after = head.word == "after"
    said.begin_places = (head if said.after else begin).start, cursor.past


def _ends(cursor: Cursor, said: SaidDates) -> None:
    """Read "for 4 doses"; "for 4 weeks" and "until week 12" are kept to be refused."""
    head = cursor.next()
    if head.word == "for":
        number, unit = cursor.peek(), cursor.peek(1)
        if number.whole is not None and unit.word in UNIT_WORDS:
            said.lasts = cursor.take_interval(), head.start, cursor.past
            return
        said.doses = cursor.take_count("doses")
        if not cursor.take("dose", "doses"):
            cursor.fail(cursor.peek(), 'not "doses"', '"for 4 doses"')
        if said.doses == 0:
            cursor.fail(number, "no dose", "1 dose or more")
        return
    if head.word == "up":
        cursor.next()
    unit = cursor.next()
    if unit.word not in UNIT_WORDS:
        cursor.fail(unit, "no offset", 'say how many doses: "for 4 doses"')
    number = _offset(cursor)
    said.until = Interval(number.whole or 0, UNIT_WORDS[unit.word]), head.start, cursor.past


def _window(cursor: Cursor) -> Window:
    """Read "(up to 3 days late)", "(2 days either way)" or "+/- 2 days"."""
    opened = cursor.take("(")
    begin = cursor.peek()
    ends = {"early": Interval(0, "day"), "late": Interval(0, "day")}
    if cursor.take("within"):
        most = cursor.take_interval()
        ways = (f"up to {most} late", f"{most} either way")
        readings = [
            ((Edit(begin.start, cursor.past, way if opened else f"({way})"),), "") for way in ways
        ]
        cursor.ambiguous(begin.start, cursor.past, "does not say on which side", readings)
    if cursor.take("\u00b1", "+/-") or cursor.take_all("give or take"):
        most = cursor.take_interval()
        ends = {"early": most, "late": most}
    elif begin.whole is not None:
        most = cursor.take_interval()
        ends = {"early": most, "late": most}
        if not cursor.take_all("either way"):
            cursor.fail(cursor.peek(), 'not "either way"', '"3 days either way"')
    else:
        while cursor.take_all("up to"):
            most = cursor.take_interval()
            side = cursor.next()
            if side.word not in ends or ends[side.word].count:
                cursor.fail(side, "no side", '"up to 2 days early, up to 3 days late"')
            ends[side.word] = most
            if cursor.peek(1).word == "up":
                cursor.take(",", "and")
        if not (ends["early"].count or ends["late"].count):
            cursor.fail(cursor.peek(), "not read here", '"(up to 3 days late)"')
    if opened and not cursor.take(")"):
        cursor.fail(cursor.peek(), 'no ")"')
    return Window(ends["early"], ends["late"])
