"""File names from ids: safe on every system, inside their folder, and never shared by two.

An id that is a safe name keeps it; any other is cleaned and marked with a digest of the id, so
that the name of one patient does not hang on which others there are.
"""

import re
import unicodedata
from hashlib import sha256
from typing import Final

_MOST: Final = 100  # bytes of a name without its ending; file systems take 255
_SAFE: Final = re.compile(r"[^\W_]([\w.+ -]*[\w+-])?")
_UNSAFE: Final = re.compile(r"[^\w+-]+")
_DEVICES: Final = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|clock\$|(com|lpt)[0-9\u00b9\u00b2\u00b3])(\s*\..*)?",
    re.IGNORECASE,
)


def safe_name(id: str) -> str:
    """Return the name of an id's file, without an ending.

    >>> safe_name("P-017")
    'P-017'
    >>> safe_name("../P-017")
    'P-017-c45db74375add211'
    """
    id = unicodedata.normalize("NFC", id)
    if _SAFE.fullmatch(id) and len(id.encode()) <= _MOST and not _DEVICES.fullmatch(id):
        return id
    return marked_name(id)


def marked_name(id: str) -> str:
    """Return the cleaned name of an id, marked with a digest of it."""
    mark = sha256(unicodedata.normalize("NFC", id).encode("utf-8", "replace")).hexdigest()[:16]
    clean = _UNSAFE.sub("_", unicodedata.normalize("NFC", id)).strip("._-+ ")
    clean = clean.encode("utf-8", "ignore")[: _MOST - len(mark) - 1].decode("utf-8", "ignore")
    return f"{clean or 'patient'}-{mark}"


def collision_key(name: str) -> str:
    """Return what two names share that some file system takes for one (letter case, accents)."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
