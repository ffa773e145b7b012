"""Every shipped schedule gives the twelve first doses that the facts state."""

import json
from datetime import date, timedelta
from itertools import islice
from pathlib import Path

import pytest

import catalogue_pages
from dosecal.model.choices import open_choices, parse_choose, with_choices
from dosecal.model.languages import LANGUAGES
from dosecal.model.schedule import Listed, Phase, Schedule
from dosecal.plan.timeline import targets
from dosecal.sentence.write import sentence
from dosecal.store import catalogue

OTHERS = tuple(code for code in LANGUAGES if code != "en")
MACHINES = ("droracle", "medx.it.com", "bissoy", "musclemediarx", "oladoctor", "healthsplendor")
FIRST = json.loads((Path(__file__).parents[1] / "cases" / "first_twelve.json").read_text("utf-8"))


def test_the_index_says_what_the_files_say() -> None:
    """After a change of a schedule, write what `catalogue.index_text()` returns to the index."""
    index = Path(catalogue.folder()) / catalogue.INDEX
    assert index.read_text(encoding="utf-8") == catalogue.index_text()


def test_the_catalogue_is_what_the_facts_hold() -> None:
    assert list(catalogue.ids()) == sorted(FIRST)
    assert len(FIRST) >= 200


def test_the_page_of_the_catalogue_says_what_the_files_say() -> None:
    """`python tools/generate.py` writes it anew."""
    page = catalogue_pages.PAGE.read_text("utf-8")
    assert catalogue_pages.filled(page) == page


@pytest.mark.parametrize(
    ("words", "some", "none"),
    [
        ("netakimab", "netakimab-psoriasis", "secukinumab-psoriasis-us"),
        ("Эфлейра", "netakimab-psoriasis", "secukinumab-psoriasis-us"),
        ("Cosentyx", "secukinumab-psoriasis-eu", "netakimab-psoriasis"),
        ("Schuppenflechte", "netakimab-psoriasis", "netakimab-ankylosing-spondylitis"),
        ("SCLÉROSE en plaques", "ofatumumab-multiple-sclerosis-us", "netakimab-psoriasis"),
        ("sclerose plaques", "ofatumumab-multiple-sclerosis-us", "netakimab-psoriasis"),
        ("шизофрения", "paliperidone-monthly-schizophrenia-us", "netakimab-psoriasis"),
        ("tipo 2", "semaglutide-type-2-diabetes", "semaglutide-weight-eu"),
        ("偏头痛", "erenumab-migraine-eu", "galcanezumab-cluster-headache-us"),
        ("TNF", "adalimumab-psoriasis", "ustekinumab-psoriasis"),
        ("Impfstoff", "hpv-vaccine-3-dose", "netakimab-psoriasis"),
        ("intravenous crohn", "ustekinumab-crohns-disease-eu", "adalimumab-crohns-disease"),
        ("ustekinumab crohn EU", "ustekinumab-crohns-disease-eu", "ustekinumab-crohns-disease-us"),
        ("migraine US", "erenumab-migraine-us", "erenumab-migraine-eu"),
        ("мигрень США", "erenumab-migraine-us", "erenumab-migraine-eu"),
    ],
)
def test_words_find_and_narrow(words: str, some: str, none: str) -> None:
    """Medicine, brand, illness, class, route and country, in every language; all words hold."""
    found = {each.id for each in catalogue.entries() if each.holds(words.split())}
    assert some in found
    assert none not in found


FINDS = [
    ("netakimab", {"netakimab"}), ("NETAKIMAB", {"netakimab"}), ("Efleira", {"netakimab"}),
    ("нетакимаб", {"netakimab"}), ("semaglutida", {"semaglutide"}),
    ("sémaglutide", {"semaglutide"}), ("Semaglutid", {"semaglutide"}),
    ("Zoledronsäure", {"zoledronic acid"}), ("goserelina", {"goserelin"}),
    ("司美格鲁肽", {"semaglutide"}), ("乌司奴单抗", {"ustekinumab"}),
    ("methotrexate", set()), ("метотрексат", set()), ("akimab", set()),
]  # fmt: skip


@pytest.mark.parametrize(("word", "medicines"), FINDS)
def test_the_name_of_a_medicine_finds_it_alone(word: str, medicines: set[str]) -> None:
    """In every language of dosecal; what is taken beside a medicine does not find it."""
    assert {each.medicine for each in catalogue.found((word,))} == medicines


def test_a_medicine_wins_over_an_indication_that_names_it() -> None:
    own = next(each for each in catalogue.entries() if each.id == "adalimumab-psoriasis")
    beside = own._replace(id="x", medicine="othermab", brand="", indication="after adalimumab")
    assert beside.holds(("adalimumab",))
    assert not beside.is_named("adalimumab")
    assert own.is_named("adalimumab")
    assert not own.is_named("adalimumab-psoriasis")
    assert not own.is_named("and")


@pytest.mark.parametrize(
    ("words", "meant"),
    [("adalimunab", "adalimumab"), ("netakinab psoriasis", "netakimab psoriasis"),
     ("тоцилизумаба", "тоцилизумаб"), ("hidroxocobalamina", "hydroxocobalamin"),
     ("nonsense", ""), ("methotrexate", ""), ("netakimab asthma", "")],
)  # fmt: skip
def test_a_near_name_is_suggested(words: str, meant: str) -> None:
    assert catalogue.near(words.split()) == meant
    assert not meant or catalogue.found(meant.split())


def test_a_word_of_the_table_finds_something() -> None:
    """A word that holds for no schedule is a slip, and so is one of a kind that is none."""
    every = tuple(catalogue.schedules())
    for word in catalogue.words():
        assert word.kind in ("medicine", "illness", "class", "route", "country")
        assert len(word.others) == len(OTHERS)
        assert any(catalogue.speaks_of(word, each) for each in every), word


def test_pages_that_a_machine_wrote_carry_nothing() -> None:
    named = [
        (each.id, source.url)
        for each in catalogue.schedules()
        for source in each.sources
        if any(host in source.url for host in MACHINES)
    ]
    assert named == []


def chosen(id: str) -> Schedule:
    """Return a schedule with the choices made that its case names."""
    made = FIRST[id].get("choose", {})
    return with_choices(
        catalogue.load(id), [parse_choose(f"{name}={value}") for name, value in made.items()]
    )


def planned_without_a_step(schedule: Schedule) -> tuple[Phase, ...]:
    """Return the phases up to the first that a prescriber ends: nothing is planned behind it."""
    phases = schedule.phases
    ends = [number for number, each in enumerate(phases, 1) if each.ends]
    return phases[: ends[0]] if ends else phases


@pytest.mark.parametrize("id", sorted(FIRST))
@pytest.mark.parametrize("start", ["2026-12-01", "2027-01-31", "2028-02-29"])
def test_first_twelve_doses(id: str, start: str) -> None:
    """The offsets are those of the facts; where weekdays are chosen the start is a Monday."""
    wanted = FIRST[id]
    phases = planned_without_a_step(chosen(id))
    assert open_choices(phases) == ()
    if "days" in wanted:
        day = date.fromisoformat(start)
        if any(name.endswith(".on") for name in wanted.get("choose", ())):
            day -= timedelta(day.weekday())
        found = [(each - day).days for each in islice(targets(phases, day), 12)]
        assert found == wanted["days"]
    else:
        day = date.fromisoformat(wanted["start"])
        dates = [each.isoformat() for each in islice(targets(phases, day), 12)]
        assert dates == wanted["dates"]


def test_the_choices_of_the_cases_are_those_that_the_files_leave_open() -> None:
    """A choice of a later phase stays open; one that is not open is refused."""
    for id in catalogue.ids():
        open_now = open_choices(planned_without_a_step(catalogue.load(id)))
        assert {f"{phase}.{choice.key}" for phase, choice in open_now} == set(
            FIRST[id].get("choose", ())
        )


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
