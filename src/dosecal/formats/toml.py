"""TOML read, with limits, exact decimals and a hint at what commonly goes wrong; and written."""

import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

from dosecal.errors import QuantityError

MAX_BYTES: Final = 1_000_000
"""The largest file read, inclusive: a schedule has a few kB."""
_PARTS: Final = 40
_DEEP: Final = rf"""(?a)(?<![\w-])(?:(?:[\w-]+|"[^"]*"|'[^']*')[ \t]*\.[ \t]*){{{_PARTS}}}"""
"""A dotted key of more than 40 parts, on which the TOML reader of Python would take hours."""
_LONG_NUMBER: Final = r"[0-9a-fA-F_]{1000}"
_MOST_BITS: Final = 3_000
"""The longest whole number handed on, inclusive: about 900 digits, which Python can still show."""
_SHOWN: Final = 200
"""How much of a line or of an error is looked at for a hint, and shown, in characters."""
_CURLY: Final = "[\u2018-\u201f\u00ab\u00bb\u2039\u203a]"
"""The quotes of word processors, which are no quotes in TOML."""
_BY_MESSAGE: Final = (
    (
        r"(?:Illegal|invalid) character '\\n'|Unterminated string|Expected \"'\"",
        'text ends on its line, with the quotes that it began with: "..."',
    ),
    ("Cannot overwrite a value", "a key stands once in a table"),
)
"""What Python's TOML reader says, and what to write."""

_HEADER: Final = r"""^[ \t]*\[\[[ \t]*(?:"([^"\\\n]*)"|'([^'\n]*)'|([\w-]+))[ \t]*\]\]"""
_DIVIDED: Final = r"(?<![\w.+-])[+-]?\d[\d.]*_[\d_.]*(?![\w-])"
_PIECE: Final = re.compile(
    rf"""{_HEADER}|({_DIVIDED})|\"\"\"|'''|["'#\[\]{{}}]""", re.MULTILINE | re.ASCII
)
"""What tells tables from the same characters elsewhere: headers, quotes, comments, brackets."""
_ENDS: Final = {
    '"""': re.compile(r'\\.|"{3,5}', re.DOTALL),
    "'''": re.compile(r"'{3,5}"),
    '"': re.compile(r'\\.|["\n]'),
    "'": re.compile(r"['\n]"),
    "#": re.compile(r"\n"),
}
"""How what a piece begins ends, or, with a backslash, what is passed over before that."""
_SINGLE_HEADER: Final = re.compile(r"^[ \t]*(\[{1,2})([\w-]+)\]", re.MULTILINE)


def parse_toml(data: bytes) -> Mapping[str, Any]:
    """Read TOML 1.0; numbers with a decimal point are exact decimals.

    Digits divided by `_` are refused: `7_2` in place of `72` is a slip of a key.

    Raises:
        QuantityError: The file is too large, not UTF-8, nested beyond reason or no TOML.
    """
    if len(data) > MAX_BYTES:
        raise QuantityError(f"the file has {len(data)} bytes", f"at most {MAX_BYTES}")
    if _in_utf_16(data):
        raise QuantityError(
            "this is UTF-16, as PowerShell writes it with >", "text in UTF-8",
            "in Notepad: Save As, Encoding UTF-8; in PowerShell: | Out-File -Encoding utf8",
        )  # fmt: skip
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise QuantityError(f"not UTF-8 at byte {error.start}", "text in UTF-8") from error
    try:
        if any(line.count(".") >= _PARTS and re.search(_DEEP, line) for line in text.split("\n")):
            raise RecursionError
        table = tomllib.loads(text, parse_float=Decimal)
    except RecursionError as error:
        raise QuantityError("nested beyond reason", "tables as the format has them") from error
    except (ValueError, ArithmeticError) as error:
        what = f"not TOML: {_short(str(error))}"
        raise QuantityError(what, "TOML 1.0", _toml_hint(text, error)) from error
    if re.search(r"\d_", text) and (number := _divided(text)):
        what = f"{number} is not allowed"
        raise QuantityError(what, f"digits in one piece: {number.replace('_', '')}")
    if re.search(_LONG_NUMBER, text):
        _check_numbers(table)
    return table


def _in_utf_16(data: bytes) -> bool:
    """Say whether a file is UTF-16: it begins with its mark, or with a NUL beside a letter."""
    return data[:2] in (b"\xff\xfe", b"\xfe\xff") or (
        len(data) > 1 and (data[0] == 0) is not (data[1] == 0)
    )


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


def _pieces(text: str) -> Iterator[re.Match[str]]:
    """Yield the headers of lists and the divided numbers, wherever no text or comment holds them.

    Each step goes on behind what it looked at, so the work grows as the text does.
    """
    at = depth = 0
    while piece := _PIECE.search(text, at):
        at = piece.end()
        if end := _ENDS.get(piece[0]):
            while (closed := end.search(text, at)) and closed[0][0] == "\\":
                at = closed.end()
            if closed is None:
                return
            at = closed.end()
        elif piece[0] in "[{":
            depth += 1
        elif piece[0] in "]}":
            depth -= 1
        elif piece[4] or depth == 0:  # `[["a"]]` may also stand in a list of lists
            yield piece


def table_order(text: str, names: Collection[str]) -> list[str]:
    """Return the headers `[[name]]` of a file in their order, which the values do not tell.

    Args:
        text: The file. What stands in comments and in texts of every kind is no header.
        names: Which headers are asked for.
    """
    found = (piece[1] or piece[2] or piece[3] for piece in _pieces(text))
    return [name for name in found if name in names]


def _divided(text: str) -> str:
    """Return the first number whose digits are divided by `_`, cut short, or ""."""
    return next((piece[4][:40] for piece in _pieces(text) if piece[4]), "")


def _check_numbers(table: Mapping[str, Any]) -> None:
    """Refuse a whole number so long that Python would not show it in a message.

    Raises:
        QuantityError: There is one.
    """
    left: list[Any] = [table]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            left += value.values()
        elif isinstance(value, list):
            left += value
        elif isinstance(value, int) and value.bit_length() > _MOST_BITS:
            raise QuantityError("a number of more than 900 digits", "numbers as the format has")


def _toml_hint(text: str, error: Exception) -> str:
    """Return what to write where a common slip makes a file no TOML, or ""."""
    headers = [(found[1], found[2]) for found in _SINGLE_HEADER.finditer(text)]
    times = Counter(name for _, name in headers)
    lists = {name for bracket, name in headers if bracket == "[["}
    for bracket, name in headers:
        if bracket == "[" and times[name] > 1:
            return f"each {_short(name)} begins with [[{_short(name)}]]" if name in lists else ""
    at = re.search(r"at line (\d+)", str(error))
    line = text.split("\n")[int(at[1]) - 1][:_SHOWN] if at else ""
    if re.search(_CURLY, line):
        return 'text stands in straight quotes: "..."'
    for pattern, hint in _BY_MESSAGE:
        if re.search(pattern, str(error)[:_SHOWN]):
            return hint
    bare = re.fullmatch(r"\s*[\w-]+\s*=\s*([^\s\"'\[{#][^\"'#]{0,60})", line)
    if bare and re.search("[A-Za-z<>]", bare[1]):
        return f'text stands in quotes: "{bare[1].strip()}"'
    return ""


def toml_text(text: str) -> str:
    """Return a TOML basic string; JSON's escapes are among TOML's, and DEL is escaped too."""
    import json

    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def toml_value(value: object) -> str:
    """Return a value in TOML."""
    match value:
        case bool():
            return str(value).lower()
        case datetime():
            return value.strftime("%Y-%m-%dT%H:%M:%SZ")
        case date() | time():
            return value.isoformat()
        case tuple() | list():
            return f"[{', '.join(toml_value(each) for each in value)}]"
        case dict():
            pairs = [f"{key} = {toml_value(each)}" for key, each in value.items()]
            return f"{{ {', '.join(pairs)} }}"
        case str():
            return toml_text(value)
        case Decimal():
            return format(value, "f")
        case _:
            return str(value)
