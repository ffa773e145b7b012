"""What the pages show of the catalogue, made from its files.

The index by medicine, illness and country of docs/catalogue.md, and the table of rules of
docs/late-doses.md. `python tools/generate.py` writes docs/catalogue.md anew, and
`python tools/course_pages.py` the other pages.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from dosecal.formats.schedule_keys import EARLY_THEN, THEN
from dosecal.model.choices import open_choices
from dosecal.model.schedule import Bound, Clock, EarlyRule, MissedRule, Schedule, Then
from dosecal.store import catalogue

PAGE = Path(__file__).parents[1] / "docs" / "catalogue.md"
_MADE = re.compile(r"<!-- made: ([^>]+) -->\n.*?<!-- end -->", re.DOTALL)
_COUNTRIES = {
    "AU": "Australia", "CA": "Canada", "CH": "Switzerland", "EU": "European Union",
    "MY": "Malaysia", "PH": "Philippines", "RU": "Russia", "SA": "Saudi Arabia", "TH": "Thailand",
    "UK": "United Kingdom", "US": "United States",
}  # fmt: skip
_CLOCKS = {
    Clock.LATE: "late",
    Clock.UNTIL_NEXT: "until the next dose",
    Clock.SINCE_LAST: "since the last dose",
    Clock.SINCE_START: "since the start",
    Clock.MISSED_IN_A_ROW: "missed in a row",
    Clock.EARLY: "before the target",
}


class Sources:
    """The sources of a table, numbered as they first stand in it."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.lines: list[str] = []

    def cite(self, schedule: Schedule, ids: tuple[str, ...]) -> str:
        """Return the numbers of sources, "1, 2"."""
        known = {each.id: each for each in schedule.sources}
        numbers = []
        for id in ids:
            source = known[id]
            kind = "; ".join(filter(None, (source.basis, source.remark)))
            line = f"{source.title} ({kind}){f' <{source.url}>' if source.url else ''}"
            if line not in self.lines:
                self.lines.append(line)
            numbers.append(f"{self.prefix}{self.lines.index(line) + 1}")
        return ", ".join(numbers)

    def listed(self) -> Iterator[str]:
        """Yield the lines of the list under the table."""
        yield ""
        for number, line in enumerate(self.lines, 1):
            yield f"- {self.prefix}{number}: {line}"


def documents(schedule: Schedule) -> int:
    """Return how many documents a schedule rests on: its own readings are none."""
    return sum(each.basis != "inference" for each in schedule.sources)


def by_medicine() -> str:
    """Return the index by medicine: every schedule with country, route and number of sources."""
    lines = [
        "| medicine | class | schedule | for | country | route | sources |",
        "|---|---|---|---|---|---|---|",
    ]
    found = sorted(catalogue.schedules(), key=lambda each: (each.medicine.casefold(), each.id))
    past = ""
    for each in found:
        named = each.medicine != past
        past = each.medicine
        cells = (
            f"{each.medicine}{f' ({each.brand})' if each.brand else ''}" if named else "",
            each.medicine_class if named else "",
            f"`{each.id}`",
            each.indication,
            each.jurisdiction,
            each.route,
            str(documents(each)),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def by_illness() -> str:
    """Return the index by illness, by the words that `list` searches with."""
    every = tuple(catalogue.schedules())
    lines = ["| illness | schedules |", "|---|---|"]
    for word in sorted(catalogue.words(), key=lambda each: each.english.casefold()):
        if word.kind == "illness":
            ids = [each.id for each in every if catalogue.speaks_of(word, each)]
            lines.append(f"| {word.english} | {', '.join(f'`{id}`' for id in ids)} |")
    return "\n".join(lines)


def by_country() -> str:
    """Return the index by country: whose label or text a schedule follows."""
    every = tuple(catalogue.schedules())
    lines = ["| country | schedules | which |", "|---|---|---|"]
    for code, name in _COUNTRIES.items():
        ids = [each.id for each in every if code in each.jurisdiction.replace(",", " ").split()]
        lines.append(f"| {name} ({code}) | {len(ids)} | {', '.join(f'`{id}`' for id in ids)} |")
    return "\n".join(lines)


def left_open() -> str:
    """Return what schedules leave to choose, and the steps that a prescriber decides."""
    lines = ["| schedule | phase | left open |", "|---|---|---|"]
    for each in catalogue.schedules():
        for name, choice in open_choices(each.phases):
            lines.append(f"| `{each.id}` | {name} | `{choice.key}`: {choice} |")
        for phase in each.phases:
            if phase.ends:
                least = f", after {phase.ends.at_least} at least" if phase.ends.at_least else ""
                lines.append(f"| `{each.id}` | {phase.name} | its end{least} |")
    return "\n".join(lines)


def count() -> str:
    """Return how much the catalogue holds, in a sentence."""
    every = tuple(catalogue.schedules())
    medicines = {each.medicine for each in every}
    sources = sum(map(documents, every))
    return (
        f"{len(every)} regimens of {len(medicines)} medicines, resting on {sources} citations of "
        "documents."
    )


def rules() -> str:
    """Return the table of the catalogue's rules for late and early doses."""
    sources = Sources("R")
    lines = ["| schedule | for | when | then | what else | source |", "|---|---|---|---|---|---|"]
    for schedule in catalogue.schedules():
        said: list[MissedRule | EarlyRule] = [*schedule.missed, *schedule.early]
        for rule in said:
            cited = sources.cite(schedule, rule.sources)
            cells = (f"`{schedule.id}`", *_rule_cells(rule), cited)
            lines.append(f"| {' | '.join(cells)} |".replace("|  |", "| |").replace("|  |", "| |"))
        if not said:
            lines.append(f"| `{schedule.id}` | | late | ask your prescriber | no rule stated | |")
    return "\n".join([*lines, *sources.listed()])


def _rule_cells(rule: MissedRule | EarlyRule) -> tuple[str, str, str, str]:
    """Return for which doses a rule holds, when, what it says to do, and what else is said."""
    clocks = ", ".join(map(_bound, rule.clocks))
    if isinstance(rule, EarlyRule):
        return "", f"given early, {clocks}", EARLY_THEN[rule.then.value], rule.say
    places = [f'phase "{each}"' for each in rule.phases]
    if rule.doses:
        places.append(f"dose {rule.doses}")
    return ", ".join(places), clocks or "late", _then(rule), rule.say


def _bound(bound: Bound) -> str:
    return f"{bound} {_CLOCKS[bound.clock]}"


def _then(rule: MissedRule) -> str:
    """Say what a late-dose rule says to do."""
    if rule.then is Then.STEP:
        return f'give it now as the first dose of phase "{rule.to}", and go on from there'
    if reload := rule.reload:
        days = ", ".join(map(str, reload.days))
        dose = f" of {reload.bands[0].amount}" if reload.bands else ""
        return f"doses{dose} on days {days} from now, then the schedule {reload.resume} later"
    return THEN[rule.then.value]


MADE: dict[str, Callable[[], str]] = {
    "count": count,
    "by medicine": by_medicine,
    "by illness": by_illness,
    "by country": by_country,
    "left open": left_open,
}


def filled(page: str) -> str:
    """Return the page of the catalogue as it should be."""
    return _MADE.sub(
        lambda match: f"<!-- made: {match[1]} -->\n{MADE[match[1]]()}\n<!-- end -->", page
    )
