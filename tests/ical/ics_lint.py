"""What every calendar of ours keeps, read as bytes: lines, folds, escapes, properties, order."""

import re
import unicodedata
from collections.abc import Generator, Iterator

_DATE, _UTC = r"\d{8}", r"\d{8}T\d{6}Z"
_ZONE = r"[A-Za-z0-9_+\-]+(?:/[A-Za-z0-9_+\-]+)*"
_WHEN = rf"(?:;VALUE=DATE:{_DATE}|;TZID={_ZONE}:\d{{8}}T\d{{6}}|:{_UTC})"
_TEXT = r"(?:[^\\;,]|\\[\\;,n])+"
_LINE = r"(?:[^\\;,]|\\[\\;,])+"
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"

# each component: its lines in their order; ? once or not at all, + or * a component within it
GRAMMAR: dict[str, tuple[str, ...]] = {
    "VCALENDAR": (
        "VERSION:2[.]0", "PRODID:-//dosecal//dosecal//EN", "CALSCALE:GREGORIAN",
        f"?NAME:{_LINE}", f"?X-WR-CALNAME:{_LINE}", "*VTIMEZONE", "+VEVENT",
    ),
    "VTIMEZONE": (f"TZID:{_ZONE}", "*DAYLIGHT", "+STANDARD"),
    "VEVENT": (
        f"UID:{_UUID}", f"DTSTAMP:{_UTC}", f"LAST-MODIFIED:{_UTC}", r"SEQUENCE:\d+",
        f"DTSTART{_WHEN}", f"DTEND{_WHEN}", f"SUMMARY:{_LINE}", f"?DESCRIPTION:{_TEXT}",
        "STATUS:(?:CONFIRMED|TENTATIVE|CANCELLED)", "TRANSP:TRANSPARENT", "CLASS:PRIVATE",
        "X-MICROSOFT-CDO-BUSYSTATUS:FREE", "?X-DOSECAL-MARK:[0-9a-f]{24}-[0-9a-f]{24}", "*VALARM",
    ),
    "VALARM": (
        "ACTION:DISPLAY", r"TRIGGER:(?:PT0S|-P(?:\d+D|T\d+[HMS]))", f"DESCRIPTION:{_LINE}",
    ),
}  # fmt: skip
_ONSET = (
    r"DTSTART:\d{8}T\d{6}", r"?RRULE:FREQ=YEARLY;BYMONTH=\d+;BYDAY=-?\d(?:SU|MO|TU|WE|TH|FR|SA)",
    r"TZOFFSETFROM:[+-]\d{4}(?:\d\d)?", r"TZOFFSETTO:[+-]\d{4}(?:\d\d)?", r"?TZNAME:[A-Z]+",
)  # fmt: skip
GRAMMAR |= {"DAYLIGHT": _ONSET, "STANDARD": _ONSET}


def lint(data: bytes) -> list[str]:
    """Return everything that is wrong with a calendar; what is not allowed is wrong."""
    return [*_line_faults(data), *_property_faults(data)]


def _line_faults(data: bytes) -> Iterator[str]:
    if not data.endswith(b"\r\n"):
        yield "the last line has no end"
    lines = data.split(b"\r\n")[:-1]
    for number, line in enumerate(lines, 1):
        try:
            text = line.decode()
        except UnicodeDecodeError:
            yield f"line {number}: no UTF-8, or a character cut in two"
            continue
        if len(line) > 75:
            yield f"line {number}: {len(line)} octets"
        if not text.strip(" "):
            yield f"line {number}: empty"
        for each in text:
            if (
                unicodedata.category(each) in ("Cc", "Zl", "Zp", "Cs")
                or each == "\ufeff" == text[0]
            ):
                yield f"line {number}: control character {each!r}"
        folded = number < len(lines) and lines[number][:1] in (b" ", b"\t")
        if folded and (len(text) - len(text.rstrip("\\"))) % 2:
            yield f"line {number}: an escape is cut in two"


def _property_faults(data: bytes) -> Iterator[str]:
    lines = data.decode("utf-8", "replace").replace("\r\n ", "").split("\r\n")[:-1]
    rest = yield from _component("VCALENDAR", lines)
    if rest:
        yield f"after the calendar: {rest[0]!r}"


def _component(name: str, lines: list[str]) -> Generator[str, None, list[str]]:
    """Yield what is wrong with the component that begins the lines; return what follows it."""
    if not lines or lines[0] != f"BEGIN:{name}":
        yield f"{lines[:1]} where {name} begins"
        return []
    lines = lines[1:]
    for rule in GRAMMAR[name]:
        if rule[0] in "*+":
            needed = rule[0] == "+"
            while lines and lines[0] == f"BEGIN:{rule[1:]}":
                lines = yield from _component(rule[1:], lines)
                needed = False
            if needed:
                yield f"{name}: no {rule[1:]}"
        elif lines and re.fullmatch(rule.removeprefix("?"), lines[0], re.DOTALL):
            lines = lines[1:]
        elif rule[0] != "?":
            yield f"{name}: {lines[:1]} where {rule} is due"
            return []
    if not lines or lines[0] != f"END:{name}":
        yield f"{name}: {lines[:1]} where it ends"
        return []
    return lines[1:]
