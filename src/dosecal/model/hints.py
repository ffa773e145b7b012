"""What a person may have meant by a text that is not as the format has it.

A hint is offered and never taken: what was written wrong stays refused.
"""

import re
from collections.abc import Callable, Iterable
from typing import Final

from dosecal.errors import QuantityError

Slip = tuple[str, str | Callable[[re.Match[str]], str]]
"""A pattern of a whole text, in capitals or not, and what to say: advice as it stands, or how the
text is written right."""

LONGEST: Final = 200
"""The longest text tried as a quantity, inclusive, in characters: the longest that says something
has some 60."""
_LONGEST_SLIP: Final = 80
"""The longest text for which a hint is looked for, inclusive, in characters."""
_SIGNS: Final = {
    "≤": "<=", "≥": ">=", "=<": "<=", "=>": ">=", "up to": "<=", "at most": "<=",
    "within": "<=", "at least": ">=", "less than": "<", "more than": ">",
}  # fmt: skip


def bounded(text: str, allowed: str) -> str:
    """Return a text without spaces around it, if it is short enough to be tried as a quantity.

    Args:
        text: What was written.
        allowed: What a message says would be right.

    Raises:
        QuantityError: It has more than `LONGEST` characters.
    """
    text = text.strip()
    if len(text) > LONGEST:
        raise QuantityError(f"a text of {len(text)} characters is too long", allowed)
    return text


def nearest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """Return the known word nearest to `word`, in capitals or not, or "" where none is near.

    Args:
        word: What was written.
        known: What could be meant.
        cutoff: How alike they are at least, from 0 to 1.
    """
    from difflib import get_close_matches  # only a mistake needs it

    if len(word) > _LONGEST_SLIP:
        return ""
    choices = {choice.lower(): choice for choice in known}
    found = get_close_matches(word.lower(), choices, n=1, cutoff=cutoff)
    return choices[found[0]] if found else ""


def near_miss(word: str, known: Iterable[str]) -> str:
    """Return `did you mean "..."?` for the known word nearest to `word`, or ""."""
    found = nearest(word, known)
    return f'did you mean "{found}"?' if found else ""


def suggested(text: str, parse: Callable[[str], object]) -> str:
    """Return `did you mean "..."?` for a text that `parse` takes, or "": no wrong is suggested."""
    try:
        parse(text)
    except QuantityError:
        return ""
    return f'did you mean "{text}"?'


def slip_hint(text: str, slips: Iterable[Slip], parse: Callable[[str], object]) -> str:
    """Return what to write for the first slip that a text is and that leads somewhere, or "".

    Args:
        text: What `parse` refused.
        slips: Tried in order.
        parse: A text that it refuses too is not suggested.
    """
    text = text.strip()
    if len(text) > _LONGEST_SLIP:
        return ""
    for pattern, answer in slips:
        match = re.fullmatch(pattern, text, re.ASCII | re.IGNORECASE)
        if match and isinstance(answer, str):
            return answer
        if match and not isinstance(answer, str) and (right := answer(match)) != text:
            hint = suggested(right, parse)
            if hint:
                return hint
    return ""


def with_signs(match: re.Match[str]) -> str:
    """Return a text with the signs of bounds as they are written here: "≤ 7" is "<= 7"."""
    text = match[0]
    for sign, written in _SIGNS.items():
        text = text.replace(sign, written)
    return text


SIGN_SLIPS: Final[tuple[Slip, ...]] = ((r".*", with_signs),)
"""The slips of a bound."""
