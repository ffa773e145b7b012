"""The page of what was given: for the doctor, from the log alone."""

from pathlib import Path

import html5lib
import pytest
from click.testing import CliRunner, Result

from dosecal.cli import main

LOG = """format = 1
schedule = "netakimab-psoriasis"
id = "x"
start = 2026-12-01
[[given]]
dose = 1
date = 2026-12-01
at = 21:40:00
amount = "120 mg"
injections = 2
sites = ["left-thigh", "right-thigh"]
lot = "7K221"
expiry = 2027-03-01
note = "<script>alert(1)</script>"
[[given]]
extra = true
date = 2026-12-05
amount = "60 mg"
injections = 2
sites = ["left-thigh", "scar on the heel"]
lot = "7K221"
[[given]]
dose = 2
date = 2026-12-10
amount = "120 mg"
injections = 2
[[skipped]]
dose = 3
"""


def written(folder: Path, *more: str) -> Result:
    (folder / "x.toml").write_text(LOG, encoding="utf-8")
    asked = ("history", str(folder / "x.toml"), "--today", "2026-12-20")
    return CliRunner().invoke(main, [*asked, *more])


def seen(folder: Path, *more: str) -> str:
    found = written(folder, "-o", str(folder / "x.html"), *more)
    assert (found.exit_code, found.stdout) == (0, ""), found.output
    parsed = html5lib.parse((folder / "x.html").read_text("utf-8"), namespaceHTMLElements=False)
    return " | ".join(
        " ".join("".join(each.itertext()).split())
        for each in parsed.iter()
        if each.tag in ("p", "td", "th", "li", "h1", "tspan")
    ).replace("\xa0", " ")


def test_the_page_holds_share_days_sites_and_lots(tmp_path: Path) -> None:
    words = seen(tmp_path)
    for each in (
        "What was given", "given in time: 1 of 2 | skipped: 3",
        "1 | Tue 1 Dec 2026 21:40 | on its target date | 120 mg | left thigh and right thigh",
        "7K221, usable until Mon 1 Mar 2027 | <script>alert(1)</script>",
        "– | Sat 5 Dec 2026 extra | – | 60 mg | left thigh and scar on the heel | 7K221 |",
        "2 | Thu 10 Dec 2026 | 2 days late | 120 mg | – | – |",
        "left thigh | 2", "right thigh | 1", "scar on the heel | 1",
        "7K221: Tue 1 Dec 2026, Sat 5 Dec 2026",
    ):  # fmt: skip
        assert each in words
    text = (tmp_path / "x.html").read_text("utf-8")
    assert "<script" not in text
    assert "http" not in text.replace("http-equiv", "")


def test_the_page_is_in_the_language_of_the_reader(tmp_path: Path) -> None:
    words = seen(tmp_path, "--lang", "ru")
    assert "Что было введено" in words
    assert "Серии" not in words  # h2
    assert "введено вовремя: 1 из 2" in words
    assert '<html lang="ru">' in (tmp_path / "x.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("-o", "x.txt"), "x.txt: name the page with .html at its end"),
        (("-o", "x.html", "--lot", "1"), "a page shows one course: name its file, without --lot"),
    ],
)
def test_a_page_is_of_one_course(tmp_path: Path, more: tuple[str, ...], message: str) -> None:
    found = written(tmp_path, *more)
    assert (found.exit_code, found.stderr) == (2, f"dosecal: {message}\n")
