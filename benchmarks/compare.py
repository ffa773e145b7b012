"""Measure dosecal beside what else one could use, in one run: `python benchmarks/compare.py`.

It sets up an environment of its own in a temporary folder: this repository as a user installs it,
the other Python libraries, and the npm packages where Node is present. Every contender works in
its own process, on one core, in turn with the others; the median of several rounds counts.
`--quick` takes the environment as it is, and few patients: it shows that the comparison runs.
README.md says what the figures mean.
"""

import argparse
import csv
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter
from typing import Final, NamedTuple

HERE: Final = Path(__file__).parent
LIBRARIES: Final = ("icalendar", "ics", "vobject", "python-dateutil")
PACKAGES: Final = ("ics", "ical-generator")
MODERATE: Final = 20
"""Libraries write the calendars of a twentieth of the patients: they take so much longer."""
PLAN: Final = ("netakimab-psoriasis", "--start", "2026-12-01", "--today", "2026-12-01")


class Setting(NamedTuple):
    """Where and how much is measured."""

    python: Path
    node: Path | None
    folder: Path
    patients: int
    rounds: int

    @property
    def dosecal(self) -> str:
        """The command as it is installed."""
        return str(self.python.with_name("dosecal"))


class Figure(NamedTuple):
    """One contender: microseconds for each dose, event or file, or None and why there is none."""

    name: str
    each: float | None
    note: str = ""


def main() -> None:
    """Set up, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few patients, nothing installed")
    parser.add_argument("--patients", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--parts", default="abcde", help="which of the tables, such as ce")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dosecal-benchmark-") as name:
        folder = Path(name)
        if asked.quick:
            setting = Setting(Path(sys.executable), None, folder, 40, 1)
        else:
            setting = set_up(folder, asked.patients, asked.rounds)
        say(f"{machine()}; {asked.patients if not asked.quick else 40} patients x 15 doses")
        compare(setting, asked.parts, quick=asked.quick)


def set_up(folder: Path, patients: int, rounds: int) -> Setting:
    """Make the environment."""
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    run([str(python), "-m", "pip", "install", "-q", str(HERE.parent), *LIBRARIES])
    node = None
    if shutil.which("node") and shutil.which("npm"):
        npm = ["npm", "install", "--silent", "--no-fund", "--no-audit", *PACKAGES]
        node = folder / "node"
        node.mkdir()
        if subprocess.run(npm, cwd=node, check=False).returncode:
            node = None
        else:
            shutil.copy(HERE / "calendars.mjs", node)
    return Setting(python, node, folder, patients, rounds)


def compare(setting: Setting, parts: str, *, quick: bool) -> None:
    """Measure the parts asked for and print each as a table."""
    few = max(setting.patients // MODERATE, 2)
    expanding = [("dosecal", part(setting, "expand dosecal", setting.patients))]
    writing = [("dosecal", part(setting, "write dosecal", setting.patients))]
    if "a" in parts:
        others = [
            ("plain datetime loop", part(setting, "expand plain", setting.patients)),
            ("dateutil.rruleset, dates alone", part(setting, "expand rruleset", few)),
        ]
        figures = measured(setting, [*expanding, *others])
        table("(a) Expansion: dose, phase, window and sites", "dose", figures)
    if "b" in parts:
        others = [
            ("dosecal, as `batch` does", part(setting, "write shared", setting.patients)),
            ("lines of whole files joined", part(setting, "write lines", setting.patients)),
            (
                "strings joined, UID and times made",
                part(setting, "write strings", setting.patients),
            ),
            ("icalendar, no VTIMEZONE", part(setting, "write icalendar", few)),
            ("icalendar with its VTIMEZONE", part(setting, "write icalendar zones", few)),
            ("ics (PyPI)", part(setting, "write ics", few)),
            ("vobject", part(setting, "write vobject", few)),
            *npm_contenders(setting, few),
        ]
        table("(b) Calendars in memory", "event", measured(setting, [*writing, *others]))
    if "c" in parts:
        creating = [("dosecal", part(setting, "files", setting.patients))]
        by_clock = [
            [(name, [*command, "wall"]) for name, command in each]
            for each in (expanding, writing, creating)
        ]
        own = [measured(setting, each)[0].each or 0 for each in by_clock]
        batch(setting, 15 * (own[0] + own[1]) / 1e6, own[2] / 1e6)
    if "d" in parts:
        starts(setting, rounds=1 if quick else 15)
    if "e" in parts:
        memory(setting, (10, 20) if quick else (setting.patients, 10 * setting.patients))


def part(setting: Setting, name: str, patients: int) -> list[str]:
    """Return the command of one part."""
    return [str(setting.python), str(HERE / "parts.py"), name, str(patients)]


def npm_contenders(setting: Setting, patients: int) -> list[tuple[str, list[str]]]:
    """Return the npm libraries, or nothing and a word about it."""
    if setting.node is None:
        say("npm libraries: left out, Node or its packages are not there")
        return []
    events = setting.node / "events.json"
    events.write_text(run(part(setting, "events", patients)), encoding="utf-8")
    script = str(setting.node / "calendars.mjs")
    return [(f"{name} (npm)", ["node", script, name, str(events)]) for name in PACKAGES]


def measured(setting: Setting, contenders: Sequence[tuple[str, list[str]]]) -> list[Figure]:
    """Run the contenders in turn, several rounds of it, and return each one's median."""
    seconds: dict[str, list[float]] = {name: [] for name, _ in contenders}
    missing = {}
    for _ in range(setting.rounds):
        for name, command in contenders:
            if name in missing:
                continue
            found = json.loads(run(command, one_core=True))
            if "missing" in found:
                missing[name] = f"left out: {found['missing']} is not installed"
            else:
                seconds[name].append(found["seconds"] / found["made"])
    return [
        Figure(name, 1e6 * statistics.median(each) if each else None, missing.get(name, ""))
        for name, each in seconds.items()
    ]


def write_patients(path: Path, patients: int) -> None:
    """Write a patients file: starts through a year, as in parts.py."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("id", "schedule", "start", "time", "timezone"))
        for number in range(patients):
            start = date(2026, 1, 5) + timedelta(days=number % 365)
            rows.writerow((f"P{number}", PLAN[0], start.isoformat(), "09:00", "Europe/Berlin"))


def batch_command(setting: Setting, patients: int, jobs: int) -> list[str]:
    """Return the command for so many patients, into a folder that is not there yet."""
    table = setting.folder / f"{patients}.csv"
    if not table.exists():
        write_patients(table, patients)
    output = setting.folder / "calendars"
    shutil.rmtree(output, ignore_errors=True)
    return [setting.dosecal, "batch", str(table), "-o", str(output), "--count", "15",
            "--today", "2026-01-05", "--jobs", str(jobs)]  # fmt: skip


def batch(setting: Setting, work: float, creation: float) -> None:
    """Time the batch command from the CSV to the files against the sum of its parts.

    Args:
        setting: Where and how much.
        work: Seconds to expand and write one patient's calendar in memory.
        creation: Seconds to create one file.
    """
    patients = setting.patients
    say("\n(c) The batch command\n\n| what | seconds | times the parts |\n| --- | --- | --- |")
    say(f"| expanding and writing in memory | {patients * work:.2f} | |")
    say(f"| creating the files | {patients * creation:.2f} | |")
    for jobs in (1, 2):
        took = statistics.median(
            timed(batch_command(setting, patients, jobs), one_core=jobs == 1)
            for _ in range(min(setting.rounds, 3))
        )
        parts = patients * (work / jobs + creation)
        say(f"| `batch --jobs {jobs}` | {took:.2f} | {took / parts:.2f} |")


def timed(command: Sequence[str], *, one_core: bool = True) -> float:
    """Return the seconds of a whole process."""
    begin = perf_counter()
    run(command, one_core=one_core)
    return perf_counter() - begin


def starts(setting: Setting, rounds: int) -> None:
    """Time the start of each command against an import of click, in pairs."""
    course = setting.folder / "course.toml"
    run([setting.dosecal, "new", str(course), "--schedule", PLAN[0], "--start", PLAN[2]])
    few = setting.folder / "few.csv"
    write_patients(few, 10)
    commands: dict[str, list[str]] = {
        "list": ["list"],
        "show": ["show", PLAN[0]],
        "upcoming": ["upcoming", *PLAN],
        "status": ["status", str(course), "--today", PLAN[2]],
        "check": ["check", str(course)],
        "due": ["due", str(few), "--today", PLAN[4]],
        "ics": ["ics", PLAN[0], *PLAN[1:3], "-o", str(setting.folder / "one.ics")],
    }
    base = [str(setting.python), "-c", "import click"]
    say("\n(d) Start of each command")
    say("\n| command | ms | times `import click` |\n| --- | --- | --- |")
    for name, arguments in commands.items():
        pairs = [(timed([setting.dosecal, *arguments]), timed(base)) for _ in range(rounds)]
        took = statistics.median(mine for mine, _ in pairs)
        ratio = statistics.median(mine / click for mine, click in pairs)
        say(f"| `{name}` | {1000 * took:.0f} | {ratio:.2f} |")


def memory(setting: Setting, sizes: Iterable[int]) -> None:
    """Show the peak memory of the batch command at several numbers of patients."""
    say("\n(e) Peak memory of `batch`")
    say("\n| patients | MB |\n| --- | --- |")
    for size in sizes:
        command = batch_command(setting, size, 1)
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        unit = 1 if sys.platform == "darwin" else 1024
        say(f"| {size} | {usage.ru_maxrss * unit / 1e6:.0f} |")


def table(title: str, unit: str, figures: Sequence[Figure]) -> None:
    """Print contenders, dosecal first, and how many times its time each takes."""
    say(f"\n{title}\n\n| contender | us a{'n' if unit[0] in 'aeiou' else ''} {unit} "
        "| times dosecal's |\n| --- | --- | --- |")  # fmt: skip
    mine = figures[0].each or 0.0
    for each in figures:
        if each.each is None:
            say(f"| {each.name} | {each.note} | |")
        else:
            say(f"| {each.name} | {each.each:.2f} | {each.each / mine:.2f} |")


def run(command: Sequence[str], *, one_core: bool = False) -> str:
    """Run a command, on one core if asked and possible, and return what it prints."""

    def pin() -> None:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

    can = one_core and hasattr(os, "sched_setaffinity")
    done = subprocess.run(
        command, capture_output=True, text=True, preexec_fn=pin if can else None, check=False
    )
    if done.returncode not in (0, 12):  # 12: a decision is missing, a course that has begun
        raise SystemExit(f"{' '.join(command)}: {done.stderr}")
    return done.stdout


def machine() -> str:
    """Say on what this runs."""
    return f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores"


def say(text: str) -> None:
    """Print at once, so that a long run shows where it is."""
    print(text, flush=True)


if __name__ == "__main__":
    main()
