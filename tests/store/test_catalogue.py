"""Every shipped schedule gives the twelve first doses that the facts state."""

import json
from datetime import date
from itertools import islice
from pathlib import Path

import pytest

from dosecal.model.schedule import Listed
from dosecal.plan.timeline import targets
from dosecal.sentence.write import sentence
from dosecal.store import catalogue

FIRST = json.loads((Path(__file__).parents[1] / "cases" / "first_twelve.json").read_text("utf-8"))


def test_the_index_says_what_the_files_say() -> None:
    """After a change of a schedule, write what `catalogue.index_text()` returns to the index."""
    index = Path(catalogue.folder()) / catalogue.INDEX
    assert index.read_text(encoding="utf-8") == catalogue.index_text()


def test_the_catalogue_is_what_the_facts_hold() -> None:
    assert list(catalogue.ids()) == sorted(FIRST)


@pytest.mark.parametrize("id", sorted(FIRST))
@pytest.mark.parametrize("start", ["2026-12-01", "2027-01-31", "2028-02-29"])
def test_first_twelve_doses(id: str, start: str) -> None:
    wanted = FIRST[id]
    schedule = catalogue.load(id)
    if "days" in wanted:
        day = date.fromisoformat(start)
        found = [(each - day).days for each in islice(targets(schedule.phases, day), 12)]
        assert found == wanted["days"]
    else:
        day = date.fromisoformat(wanted["start"])
        dates = [each.isoformat() for each in islice(targets(schedule.phases, day), 12)]
        assert dates == wanted["dates"]


@pytest.mark.parametrize("id", sorted(FIRST))
def test_every_number_has_a_source_of_its_own_basis(id: str) -> None:
    schedule = catalogue.load(id)
    basis = {source.id: source.basis for source in schedule.sources}
    for phase in schedule.phases:
        assert any(basis[each] != "inference" for each in phase.sources)
    for rule in schedule.missed:
        assert any(basis[each] != "inference" for each in rule.sources)


@pytest.mark.parametrize("id", sorted(FIRST))
def test_the_sentence_names_every_listed_offset(id: str) -> None:
    schedule = catalogue.load(id)
    words = sentence(schedule).replace(",", "").replace(";", "").split()
    for phase in schedule.phases:
        if isinstance(phase.timing, Listed):
            assert all(str(each) in words for each in phase.timing.counts)


def test_the_three_of_netakimab() -> None:
    regimens = {
        "netakimab-psoriasis": "120 mg at weeks 0, 1 and 2, then every 4 weeks from week 6",
        "netakimab-ankylosing-spondylitis": (
            "120 mg at weeks 0, 1 and 2, then every 2 weeks from week 4"
        ),
        "netakimab-psoriatic-arthritis": (
            "120 mg at weeks 0, 1 and 2, then at weeks 4, 6, 8 and 10, "
            "then every 4 weeks from week 14"
        ),
    }
    for id, regimen in regimens.items():
        assert sentence(catalogue.load(id)) == f"{regimen}; each dose as 2 injections"
