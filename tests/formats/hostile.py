"""Texts at the limits of what is read, each of a size `n`: the work on them grows as they do."""

from collections.abc import Callable
from typing import Final

HEAD: Final = 'format = 1\nschedule = "netakimab-psoriasis"\nid = "5f0c"\nstart = 2026-12-01\n'

TEXTS: Final[dict[str, Callable[[int], str]]] = {
    "empty lines": lambda n: "\n" * (300 * n) + "=",
    "lines of spaces": lambda n: (" " * 100 + "\n") * (20 * n) + "=",
    "headers": lambda n: "".join(f"[a{each}]\n" for each in range(60 * n)) + "=",
    "a header many times": lambda n: "[a1]\n" * (60 * n) + "=",
    "a list in headers": lambda n: "[[a1]]\n" * (60 * n) + "[a1]\n",
    "quotes behind backslashes": lambda n: '\\"""\n' * (100 * n),
    "texts that do not end": lambda n: "a = '''\n" + '\'\' """\n' * (100 * n),
    "escapes": lambda n: f'id = "{chr(92)}"{chr(92)}"' * (50 * n),
    "spaces in a text that does not end": lambda n: 'on = "1' + " " * (120 * n),
    "spaces before a value": lambda n: "on = " + "\t" * (120 * n) + '"1',
    "a list as a text": lambda n: f'{HEAD}sites = "a{" " * (80 * n)}b"\n',
    "commas in a text": lambda n: f'{HEAD}sites = "{"left-thigh," * (10 * n)}"\n',
    "brackets": lambda n: HEAD + "a = [" + "[]," * (50 * n) + "]\n",
    "deep keys": lambda n: ("a." * 39 + "a = 1\n") * (5 * n),
    "dots": lambda n: HEAD + "# " + "a . " * (60 * n) + "'",
    "quoted dots": lambda n: HEAD + "# " + "'\"." * (60 * n),
    "divided digits": lambda n: HEAD + "note = '" + "1_" * (60 * n) + "'\nx = " + "1" * (60 * n),
    "unknown keys": lambda n: HEAD + "".join(f"statr{each} = 1\n" for each in range(20 * n)),
    "holds": lambda n: HEAD + "[[hold]]\nfrom = 2026-12-10\n" * (30 * n),
    "holds without a day": lambda n: HEAD + "[[hold]]\n" * (30 * n),
    "holds taken back": lambda n: (
        HEAD + "[[hold]]\nfrom = 2026-12-10\n" * (10 * n) + "[[void]]\nhold = true\n" * (10 * n)
    ),
    "decisions about one dose": lambda n: (
        HEAD
        + "[[given]]\ndose = 1\ndate = 2026-12-01\n"
        + '[[decided]]\ndose = 1\nthen = "keep"\n' * (10 * n)
        + "[[void]]\ndose = 1\n" * (10 * n)
    ),
    "a dose given again and again": lambda n: (
        HEAD + "[[given]]\ndose = 1\ndate = 2026-12-01\n" * (10 * n)
    ),
    "steps": lambda n: HEAD + '[[stepped]]\nto = "loading"\non = 2027-01-05\n' * (10 * n),
    "choices": lambda n: HEAD + '[[chosen]]\nphase = "x"\nevery = "9 weeks"\n' * (10 * n),
    "long names": lambda n: HEAD + f"[choices.{'x' * (200 * n)}]\nevery = '1 week'\n",
    "signs": lambda n: f'{HEAD}[choices.loading]\nevery = "{"<=" * (4 * n)}"\n',
    "a number of spaces": lambda n: f'{HEAD}[choices.loading]\ndose = "1{" " * (80 * n)}mg"\n',
}

NUMBERS: Final = {
    f"{key} = {value}": f"{head}{key} = {value}\n"
    for value in (f"0x{'f' * 5000}", "9" * 4000, "0b1" + "0" * 9000)
    for key, head in (
        ("weight_kg", HEAD), ("time", HEAD), ("sites", HEAD),
        ("dose", f"{HEAD}[[given]]\ndate = 2026-12-01\n"),
        ("void", HEAD),
    )
}  # fmt: skip
"""Whole numbers that Python does not turn into text, wherever a message might show them."""
