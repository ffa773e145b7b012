"""TOML read, with limits, exact decimals and a hint at what commonly goes wrong; and written."""

import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

from dosecal.errors import QuantityError

MAX_BYTES: Final = 1_000_000
"""The largest file read, inclusive: a schedule has a few kB."""
_PARTS: Final = 40
_DEEP: Final = rf"""(?a)(?<![\w-])(?:(?:[\w-]+|"[^"]*"|'[^']*')[ \t]*\.[ \t]*){{{_PARTS}}}"""
"""A dotted key of more than 40 parts, on which the TOML reader of Python would take hours."""
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


def parse_toml(data: bytes) -> Mapping[str, Any]:
    """Read TOML 1.0; numbers with a decimal point are exact decimals.

    Raises:
        QuantityError: The file is too large, not UTF-8, nested beyond reason or no TOML.
    """
    if len(data) > MAX_BYTES:
        raise QuantityError(f"the file has {len(data)} bytes", f"at most {MAX_BYTES}")
    try:
        text = data.decode("utf-8-sig")
        if any(line.count(".") >= _PARTS and re.search(_DEEP, line) for line in text.split("\n")):
            raise RecursionError
        return tomllib.loads(text, parse_float=Decimal)
    except UnicodeDecodeError as error:
        raise QuantityError(f"not UTF-8 at byte {error.start}", "text in UTF-8") from error
    except RecursionError as error:
        raise QuantityError("nested beyond reason", "tables as the format has them") from error
    except (ValueError, ArithmeticError) as error:
        raise QuantityError(f"not TOML: {error}", "TOML 1.0", _toml_hint(text, error)) from error


def _toml_hint(text: str, error: Exception) -> str:
    """Return what to write where a common slip makes a file no TOML, or ""."""
    for name in re.findall(r"^\s*\[([\w-]+)\]", text, re.MULTILINE):
        if len(re.findall(rf"^\s*\[{{1,2}}{name}\]", text, re.MULTILINE)) > 1:
            return f"each {name} begins with [[{name}]]" if f"[[{name}]]" in text else ""
    at = re.search(r"at line (\d+)", str(error))
    line = text.splitlines()[int(at[1]) - 1] if at else ""
    if re.search(_CURLY, line):
        return 'text stands in straight quotes: "..."'
    for pattern, hint in _BY_MESSAGE:
        if re.search(pattern, str(error)):
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
        case _:
            return str(value)
