"""The languages that dosecal speaks, by code; words and catalogues stand in `words`."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from dosecal.errors import RequestError
from dosecal.model.hints import near_miss

LANGUAGES: Final = {
    "de": "Deutsch",
    "en": "English",
    "es": "español",
    "fr": "français",
    "ru": "русский",
    "zh": "简体中文",
}
"""The languages, each complete, by code and by its own name."""


@lru_cache(maxsize=64)
def known_code(code: str) -> str:
    """Return the code of a language as `LANGUAGES` has it: "ru" for "ru_RU" or "ru-RU".

    Raises:
        RequestError: There is none.
    """
    base = _base(code)
    if base in LANGUAGES:
        return base
    known = ", ".join(f"{each} ({name})" for each, name in LANGUAGES.items())
    hint = near_miss(code, LANGUAGES)
    raise RequestError(f'no language "{code}"; there are {known}{"; " + hint if hint else ""}')


def of_environment(environ: Mapping[str, str]) -> str:
    """Return the code that the environment asks for; English where dosecal has no such language."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environ.get(name):
            base = _base(value)
            return base if base in LANGUAGES else "en"
    return "en"


def _base(code: str) -> str:
    return code.replace("-", "_").partition(".")[0].partition("_")[0].lower()


def joined(words: Sequence[str], last: str = "and") -> str:
    """Join words as English does: "0, 1 and 2"; `words.language` joins those of others."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"
