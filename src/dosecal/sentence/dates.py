"""The dates of a phase in a typed sentence: listed offsets, spacing, where it begins and ends."""

import re
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from dosecal.model.choices import spread_weekdays
from dosecal.model.dates import Interval
from dosecal.model.languages import joined
from dosecal.model.schedule import Choice, PrescriberEnds, Window
from dosecal.sentence.doses import DOSE_UNITS
from dosecal.sentence.further import FURTHER, further_word
from dosecal.sentence.tokens import UNIT_WORDS, Cursor, Edit, Token
from dosecal.sentence.write import DAY_NAMES

Part = Literal["every", "listed", "weekdays", "begins", "ends", "window", "counted", "further"]

_LONGEST_RANGE: Final = 60
_EACH: Final = ("a", "per", "each", "every")
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
    **dict.fromkeys(FURTHER, "further"),
    "counted": "counted",
    **dict.fromkeys(("(", "\u00b1", "+/-", "within", "up", "give"), "window"),
}
KNOWN_WORDS: Final = (*_PARTS, *WEEKDAYS, "doses", "either way", "prescriber")


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
        choices: What is left to choose of its dates; they then hold an end of it.
        from_given: Whether each dose counts from the day the one before was given.
        after_every: Whether its first offset is one interval after the phase before.
        ends: Who ends it, if the prescriber does.
        lasts: How long it is said to last.
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
    choices: tuple[Choice, ...] = ()
    from_given: bool = False
    after_every: bool = False
    ends: PrescriberEnds | None = None
    lasts: Interval | None = None
    until: tuple[Interval, int, int] | None = None
    window: Window | None = None
    offsets: list[tuple[str, Token]] = field(default_factory=list)

    @property
    def on_choice(self) -> tuple[int, ...]:
        """The weekdays that stand for those to choose; empty where none are."""
        chosen = (each for each in self.choices if each.days)
        return next((spread_weekdays(each.days, each.apart) for each in chosen), ())

    @property
    def dated(self) -> bool:
        """Whether it says when doses are due."""
        return bool(self.every or self.counts)


def part(cursor: Cursor, ahead: int = 0) -> Part | None:
    """Say which part of the dates begins here."""
    token, follower = cursor.peek(ahead), cursor.peek(ahead + 1)
    if token.whole is not None:
        a_week = follower.word in ("day", "days") and cursor.peek(ahead + 2).word in _EACH
        return "every" if follower.word == "times" or a_week else None
    if token.word == "either":
        return "every" if follower.word == "every" else None
    if further_word(cursor, ahead):
        return "further"
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
        case "counted":
            if not cursor.take_all("counted from the injection given"):
                cursor.fail(cursor.peek(1), "counted from what?",
                            '"counted from the injection given"')  # fmt: skip
            said.from_given = True
        case "further":
            raise AssertionError("read by itself")


def _every(cursor: Cursor, said: SaidDates) -> None:
    first = cursor.next()
    if said.every:
        cursor.fail(first, "a second spacing", "one for each phase")
    if first.word == "either":
        _either(cursor, said)
        return
    if ways := _TWO_WAYS.get(first.word):
        readings = [((Edit(first.start, first.end, way),), meaning) for way, meaning in ways]
        cursor.ambiguous(first.start, first.end, "is read in two ways", readings)
    if first.whole is not None and cursor.peek().word in ("day", "days"):
        _days_a_week(cursor, said, first)
        return
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
    elif not _range(cursor, said, first):
        said.every = cursor.take_interval()
    said.every_end = max(said.every_end, cursor.past)
    if said.times > 1 and said.every != Interval(1, "week"):
        cursor.fail(first, f"{said.times} doses in one spacing",
                    'a spacing for each dose ("every 2 weeks"), or weekdays; at most one dose '
                    "a day is planned")  # fmt: skip


def _range(cursor: Cursor, said: SaidDates, first: Token) -> bool:
    """Read "10 to 14 weeks" after "every", if it stands there; "2 or 3 months" is read two ways."""
    low, middle, high = (cursor.peek(ahead) for ahead in range(3))
    after = 3
    if match := re.fullmatch(r"(\d{1,5})-(\d{1,5})", low.text, re.ASCII):
        counts, word, after = (int(match[1]), int(match[2])), "to", 1
    elif low.whole is None or high.whole is None:
        return False
    else:
        counts, word = (low.whole, high.whole), middle.word
    unit = UNIT_WORDS.get(cursor.peek(after).word)
    if word not in ("to", "-", "or") or unit is None:
        return False
    end = cursor.peek(after).end
    ends = Interval(counts[0], unit), Interval(counts[1], unit)
    if word == "or":
        said_so = f"{counts[0]} to {ends[1]}"
        either = f"either every {ends[0]} or every {ends[1]}"
        cursor.ambiguous(
            first.start, end, "leaves the interval to the prescriber, in one of two ways",
            [((Edit(first.start, end, either),), "one of the two"),
             ((Edit(first.start, end, f"every {said_so}"),), "any between them, too")],
        )  # fmt: skip
    if not 0 < counts[0] < counts[1]:
        cursor.fail(low, f"from {counts[0]} to {ends[1]} is no range", "from below to")
    cursor.index += after + 1
    said.every = ends[0]
    said.choices = (*said.choices, Choice("every", *ends))
    return True


def _either(cursor: Cursor, said: SaidDates) -> None:
    """Read "every 8 weeks or every 12 weeks" after "either"."""
    values = []
    while cursor.take("every"):
        values.append(cursor.take_interval())
        if cursor.peek().word in (",", "or") and cursor.peek(1).word == "every":
            cursor.next()
    if len(values) < 2:
        cursor.fail(cursor.peek(), 'not "or every"', '"either every 8 weeks or every 12 weeks"')
    said.every = values[0]
    said.choices = (*said.choices, Choice("every", one_of=tuple(values)))
    said.every_end = cursor.past


def _days_a_week(cursor: Cursor, said: SaidDates, count: Token) -> None:
    """Read "3 days a week of your choice, at least 2 days apart", from its second word."""
    days = count.whole or 0
    cursor.next()
    if cursor.next().word not in _EACH or not cursor.take("week"):
        cursor.fail(cursor.peek(), "not a week", '"3 days a week of your choice"')
    if not cursor.take_all("of your choice"):
        cursor.fail(count, f"{days} days a week, on which?",
                    f'"{days} days a week of your choice, at least 2 days apart", or name them: '
                    '"every week on Monday and Thursday"')  # fmt: skip
    cursor.take(",")
    if not cursor.take_all("at least"):
        cursor.fail(cursor.peek(), "not how far apart", '"at least 2 days apart"')
    number = cursor.peek()
    apart = cursor.take_interval()
    if apart.unit != "day" or not cursor.take("apart"):
        cursor.fail(number, "not in days", '"at least 2 days apart"')
    if not 0 < days * apart.count <= 7:
        cursor.fail(count, f"{days} days {apart} apart are more than a week",
                    "days times apart at most 7")  # fmt: skip
    said.every = Interval(1, "week")
    said.weekdays = spread_weekdays(days, apart.count)
    said.choices = (*said.choices, Choice("on", days=days, apart=apart.count))
    said.every_end = cursor.past


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
    numbers = [_listed_offset(cursor)]
    while _goes_on(cursor, unit):
        numbers.append(_listed_offset(cursor))
    if not unit:
        token = cursor.next()
        unit = UNIT_WORDS.get(token.word, "")
        if not unit:
            cursor.fail(token, "no unit of time", 'for example "at weeks 0, 1 and 2"')
    said.begin_places = head.start, cursor.past
    into = cursor.take("of", "into") if unit == "day" and part(cursor, 1) == "every" else None
    firsts = [each.low for each in numbers]
    if into:
        if any(each.high for each in numbers):
            cursor.fail(head, "a day of an interval to choose", "each number")
        said.on_days = tuple(each.whole or 0 for each in firsts)
        said.day_numbers = firsts if into.word == "of" else []
        _every(cursor, said)
        return
    said.after_start = _take_start(cursor)
    if unit == "year":
        cursor.fail(begin, "offsets are listed in days, weeks or months", '"at month 12"')
    said.unit, said.counts = unit, tuple(each.whole or 0 for each in firsts)
    said.choices += tuple(
        Choice(f"{unit}s[{place}]", each.low.whole, each.high.whole)
        for place, each in enumerate(numbers, 1)
        if each.high
    )
    said.begin_places = head.start, cursor.past
    if not said.after_start:
        said.offsets += [(unit, each) for each in firsts]


class SaidOffset(NamedTuple):
    """An offset, or the ends of one to choose, both inclusive."""

    low: Token
    high: Token | None = None


def _listed_offset(cursor: Cursor) -> SaidOffset:
    """Read an offset, or one to choose: "between 4 and 8"."""
    if not cursor.take("between"):
        return SaidOffset(_offset(cursor))
    low = _offset(cursor)
    if not cursor.take("and"):
        cursor.fail(cursor.peek(), 'not "and"', '"between 4 and 8"')
    high = _offset(cursor)
    if (low.whole or 0) >= (high.whole or 0):
        cursor.fail(low, f"between {low.text} and {high.text} is no range", "the earlier first")
    return SaidOffset(low, high)


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
    if moved and number.word == "between":
        return True
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
            hint = f'{hint.removesuffix("?")} or "between {low} and {high}"?'
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
    elif cursor.take_all("one interval"):
        said.follows = said.after_every = _take_dose_before(cursor)
        said.begins = Interval(0, "day")
        if not said.follows:
            cursor.fail(cursor.peek(), "not said from when", '"after the dose before"')
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
    """Read "for 4 doses", "for 4 weeks", "until the prescriber says otherwise", "until week 12".

    Where the last can be read in two ways is looked at later.
    """
    head = cursor.next()
    if head.word in ("until", "till") and cursor.take_all("the prescriber says otherwise"):
        mark = cursor.index
        cursor.take(",")
        if cursor.take_all("at least"):
            said.ends = PrescriberEnds(cursor.take_interval())
        else:
            cursor.index = mark
            said.ends = PrescriberEnds()
        return
    if head.word == "for":
        number, unit = cursor.peek(), cursor.peek(1)
        if number.whole is not None and unit.word in UNIT_WORDS:
            said.lasts = cursor.take_interval()
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
