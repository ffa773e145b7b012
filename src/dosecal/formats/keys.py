"""TOML tables as they are declared: what a key may hold, read with every problem of a file.

A declaration is the only place where a key stands: the reader, the JSON Schema and the test of
the documentation all go by it. Nothing has a silent default and nothing unknown is passed over.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from dosecal.errors import Problem, QuantityError, bounded_problem, described
from dosecal.formats.toml import MAX_BYTES
from dosecal.model.dates import FIRST_YEAR, LAST_YEAR, in_other_calendars
from dosecal.model.hints import near_miss

_LONGEST: Final = 1_000
"""The longest text tried as anything but a text, inclusive, in characters."""

_MOST_UNKNOWN: Final = 100
"""The most unknown keys of a table that are each looked at, inclusive."""

Schema = dict[str, Any]


class Kind(NamedTuple):
    """What a value may be.

    Attributes:
        words: How the documentation names it.
        schema: The same in JSON Schema.
        read: From the TOML value to ours; raises `QuantityError`.
    """

    words: str
    schema: Schema
    read: Callable[[Any], Any]


class Key(NamedTuple):
    """One key of a table.

    Attributes:
        name: As it stands in the file.
        kind: What it may hold, or the table (a tuple of keys) that it holds.
        meaning: One line for the documentation and for editors.
        example: A value as it stands in a file.
        required: Whether it must be there.
        default: In words, what holds without it.
        many: Whether the table stands many times (`[[phase]]`), or once for each id
            (`[sources.id]`).
        also: What the JSON Schema of the table holds beyond its keys.
        pattern: What else the key may be called, each at most once, where `name` stands for many.
    """

    name: str
    kind: "Kind | tuple[Key, ...]"
    meaning: str
    example: str = ""
    required: bool = False
    default: str = ""
    many: str = ""
    also: Mapping[str, Any] = MappingProxyType({})
    pattern: str = ""


def text_kind(words: str = "text", schema: Schema | None = None) -> Kind:
    """Return the kind of a text that is not blank."""

    def read(value: object) -> str:
        if not isinstance(value, str):
            raise QuantityError(f"{described(value)} is no text", 'text in quotes: "..."')
        if not value.strip():
            raise QuantityError("the text is empty", "text in quotes")
        return value.strip()

    return Kind(words, schema or {"type": "string", "pattern": r"\S"}, read)


def parsed_kind(
    words: str, parse: Callable[[str], Any], pattern: str = "", if_list: str = ""
) -> Kind:
    """Return the kind of a text that `parse` reads; `if_list` is the hint where a list stands."""
    plain_text = text_kind().read

    def read(value: object) -> Any:
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            raise QuantityError(f"{described(value)} is a bare number", f"{words}, in quotes")
        if not isinstance(value, str):
            hint = if_list if isinstance(value, list) else ""
            raise QuantityError(f"{described(value)} is no text", f"{words}, in quotes", hint)
        text = plain_text(value)
        if len(text) > _LONGEST:
            raise QuantityError(f"a text of {len(text)} characters is too long", words)
        return parse(text)

    schema: Schema = {"type": "string"}
    return Kind(words, schema | ({"pattern": rf"^\s*(?:{pattern})\s*$"} if pattern else {}), read)


def choice_kind(
    known: tuple[str, ...], meanings: Mapping[str, str] | None = None, otherwise: str = ""
) -> Kind:
    """Return the kind of one word of a vocabulary.

    Args:
        known: The words.
        meanings: What each means; a message then says so and offers none, for the nearest in
            spelling may be far in meaning.
        otherwise: The hint where no word is near.
    """

    def read(value: object) -> str:
        if isinstance(value, str) and value in known:
            return value
        allowed = f"one of: {', '.join(known)}"
        if not isinstance(value, str):
            raise QuantityError(f"{described(value)} is not allowed", allowed)
        if meanings:
            allowed = " | ".join(f"{word}: {meanings[word]}" for word in known)
            raise QuantityError(f"unknown value {described(value)}", allowed)
        hint = near_miss(value, known) or otherwise
        raise QuantityError(f"unknown value {described(value)}", allowed, hint)

    return Kind(f"one of {', '.join(known)}", {"enum": list(known)}, read)


def integer_kind(low: int, high: int) -> Kind:
    """Return the kind of a whole number from `low` to `high`, both inclusive."""

    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            allowed = f"a whole number from {low} to {high}" if low < high else f"only {low}"
            quoted = isinstance(value, str) and re.fullmatch(r"\d{1,20}", value.strip())
            hint = "write it without quotes" if quoted else ""
            raise QuantityError(f"{described(value)} is not allowed", allowed, hint)
        return value

    return Kind(
        f"whole number, {low} to {high}" if low < high else f"the number {low}",
        {"type": "integer", "minimum": low, "maximum": high},
        read,
    )


def boolean_kind() -> Kind:
    """Return the kind of true or false."""

    def read(value: object) -> bool:
        if not isinstance(value, bool):
            raise QuantityError(f"{described(value)} is not allowed", "true or false, unquoted")
        return value

    return Kind("true or false", {"type": "boolean"}, read)


def _check_year(value: date) -> None:
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise QuantityError(
            f"{described(value)} is not allowed", f"years from {FIRST_YEAR} to {LAST_YEAR}",
            in_other_calendars(value.year),
        )  # fmt: skip


def date_kind() -> Kind:
    """Return the kind of a TOML date, of a year from `FIRST_YEAR` to `LAST_YEAR`."""

    def read(value: object) -> date:
        if isinstance(value, datetime) or not isinstance(value, date):
            raise QuantityError(
                f"{described(value)} is no date", "a date without quotes: 2026-12-01"
            )
        _check_year(value)
        return value

    return Kind(
        "date, unquoted",
        {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
        read,
    )


def time_kind() -> Kind:
    """Return the kind of a TOML time of day."""

    def read(value: object) -> time:
        if not isinstance(value, time):
            raise QuantityError(f"{described(value)} is no time", "a time without quotes: 09:00:00")
        if value.second or value.microsecond or value.tzinfo:
            raise QuantityError(f"{value} is not allowed", "hours and minutes: 09:00:00")
        return value

    return Kind("time of day, unquoted", {"type": "string", "format": "time"}, read)


def instant_kind() -> Kind:
    """Return the kind of a TOML time with its offset from UTC."""

    def read(value: object) -> datetime:
        if not isinstance(value, datetime) or value.tzinfo is None:
            raise QuantityError(
                f"{described(value)} is no instant", "a time in UTC: 2026-12-01T08:30:00Z"
            )
        _check_year(value)
        return value.astimezone(UTC)

    return Kind("instant in UTC, unquoted", {"type": "string", "format": "date-time"}, read)


def list_kind(item: Kind, *, least: int = 1, single: bool = False, if_empty: str = "") -> Kind:
    """Return the kind of a list of `item`, each once.

    Args:
        item: What each may be.
        least: How many there are at least.
        single: Whether one alone may stand without a list.
        if_empty: The hint where there is none.
    """
    words = f"list of: {item.words}"
    if single:
        words = f"{item.words}, or a list of them"

    def read(value: object) -> tuple[Any, ...]:
        if single and isinstance(value, str):
            value = [value]
        if not isinstance(value, list):
            raise QuantityError(f"{described(value)} is no list", words, _as_list(item, value))
        if len(value) < least:
            what = f"a list of {len(value)}" if value else "the list is empty"
            raise QuantityError(what, f"{words}, {least} or more" if value else words, if_empty)
        items = tuple(item.read(each) for each in value)
        seen: set[Any] = set()
        for each in items:
            if each in seen:
                raise QuantityError(f"{described(each)} stands twice", "each once")
            seen.add(each)
        return items

    schema: Schema = {"type": "array", "items": item.schema, "uniqueItems": True}
    if least:
        schema["minItems"] = least
    return Kind(words, {"anyOf": [item.schema, schema]} if single else schema, read)


def _as_list(item: Kind, value: object) -> str:
    """Return `did you mean ["..."]?` for a text that lists items without brackets, or ""."""
    if not isinstance(value, str) or len(value) > _LONGEST:
        return ""
    try:
        shown = ", ".join(f'"{item.read(part.strip())}"' for part in re.split("[,;]", value))
    except QuantityError:
        return ""
    return f"did you mean [{shown}]?" if shown else ""


class Reader:
    """Read declared tables and collect every problem with its key path.

    Attributes:
        problems: What was found.
        foreign: Keys that people write and no table has: what to write in their place.
        misplaced: From the path of a table and an unknown key in it to where the key belongs, or
            what to write in its place; "" where nothing is known of it.
        most: How many tables of one name are read, inclusive.
    """

    def __init__(
        self,
        foreign: Mapping[str, str] | None = None,
        misplaced: Callable[[str, str], str] = lambda path, name: "",
        most: int = MAX_BYTES,
    ) -> None:
        self.problems: list[Problem] = []
        self.foreign = foreign or {}
        self.misplaced = misplaced
        self.most = most

    def problem(self, where: str, what: str, allowed: str = "", hint: str = "") -> None:
        """Note a problem."""
        self.problems.append(bounded_problem(where, what, allowed, hint))

    def value(self, kind: Kind, value: object, where: str) -> Any:
        """Read one value; a problem is noted and None returned."""
        try:
            return kind.read(value)
        except QuantityError as error:
            self.problem(where, error.what, error.allowed, error.hint)
            return None

    def table(
        self,
        keys: tuple[Key, ...],
        value: object,
        path: str = "",
        example: str = "a table of keys",
    ) -> dict[str, Any]:
        """Read a table by its declaration; `example` is how it stands in a file.

        Returns:
            The values of the keys that are there, None where one is wrong. Tables that stand
            many times are lists of such dicts, or dicts of them by id.
        """
        if not isinstance(value, dict):
            self.problem(path, f"{described(value)} is no table", example)
            return {}
        dot = f"{path}." if path else ""
        known = {key.name: key for key in keys}
        keys = (*(key for key in keys if not key.pattern), *_named_by_pattern(keys, value))
        named = {key.name for key in keys}
        unknown = [name for name in value if name not in named]
        if len(unknown) > min(self.most, _MOST_UNKNOWN):
            allowed = f"known here: {', '.join(known)}"
            self.problem(path, f"{len(unknown)} unknown keys", allowed)
        else:
            for name in unknown:
                self.problem(
                    f"{dot}{name}",
                    "unknown key",
                    f"known here: {', '.join(known)}",
                    self.foreign.get(name) or self.misplaced(path, name) or near_miss(name, known),
                )
        found: dict[str, Any] = {}
        for key in keys:
            where = f"{dot}{key.name}"
            if key.name not in value:
                if key.required:
                    example = f", for example {key.example}" if key.example else ""
                    self.problem(where, "missing", f"{key.meaning}{example}")
                continue
            entry = value[key.name]
            if isinstance(key.kind, Kind):
                found[key.name] = self.value(key.kind, entry, where)
            elif key.many == "list":
                found[key.name] = self._list(key.kind, key.example, entry, where)
            elif key.many == "by id":
                found[key.name] = self._by_id(key.kind, entry, where)
            else:
                example = key.example if "=" in key.example else f"{key.example}, once"
                found[key.name] = self.table(key.kind, entry, where, example)
        return found

    def _list(
        self, keys: tuple[Key, ...], example: str, entry: object, where: str
    ) -> list[dict[str, Any]]:
        if not isinstance(entry, list):
            self.problem(where, f"{described(entry)} is no list of tables", example)
            return []
        if len(entry) > self.most:
            self.problem(where, f"there are {len(entry)}", f"at most {self.most}")
            return []
        return [
            self.table(keys, each, f"{where}[{number}]") for number, each in enumerate(entry, 1)
        ]

    def _by_id(self, keys: tuple[Key, ...], entry: object, where: str) -> dict[str, dict[str, Any]]:
        if not isinstance(entry, dict):
            self.problem(where, f"{described(entry)} is no table", f"[{where}.ID]")
            return {}
        if len(entry) > self.most:
            self.problem(where, f"there are {len(entry)}", f"at most {self.most}")
            return {}
        example = f"[{where}.ID]"
        return {
            name: self.table(keys, each, f"{where}.{name}", example) for name, each in entry.items()
        }


def _named_by_pattern(keys: tuple[Key, ...], value: Mapping[str, Any]) -> list[Key]:
    """Return, for the keys of a table that a declared pattern takes, what they hold."""
    return [
        key._replace(name=name, pattern="", required=False)
        for key in keys
        if key.pattern
        for name in value
        if re.fullmatch(key.pattern, name)
    ]


def schema_of(keys: tuple[Key, ...]) -> Schema:
    """Return the JSON Schema of a declared table."""
    properties: Schema = {}
    patterns: Schema = {}
    for key in keys:
        inner = key.kind.schema if isinstance(key.kind, Kind) else schema_of(key.kind)
        inner = {**inner, **key.also}
        if key.many == "list":
            inner = {"type": "array", "items": inner}
        elif key.many == "by id":
            inner = {"type": "object", "additionalProperties": inner}
        if key.many and key.required:
            inner["minItems" if key.many == "list" else "minProperties"] = 1
        if key.pattern:
            patterns[f"^{key.pattern}$"] = {**inner, "description": key.meaning}
        else:
            properties[key.name] = {**inner, "description": key.meaning}
    schema: Schema = {"type": "object", "additionalProperties": False, "properties": properties}
    if patterns:
        schema["patternProperties"] = patterns
    required = [key.name for key in keys if key.required]
    return schema | ({"required": required} if required else {})
