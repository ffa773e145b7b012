"""The commands on a course file as a user types them."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dosecal.cli import main


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


@pytest.fixture
def course(tmp_path: Path) -> Path:
    path = tmp_path / "anna.toml"
    found = run("new", path, "--schedule", "netakimab-psoriasis", "--start", "2026-12-01",
                "--time", "09:00", "--tz", "Europe/Moscow")  # fmt: skip
    assert (found.exit_code, found.stdout) == (0, "")
    return path


def record(course: Path, on: str, *more: str) -> Result:
    return run("record", course, "--on", on, "--today", "2027-03-01", *more)


def doses(course: Path, today: str) -> list[dict[str, object]]:
    found = run("upcoming", course, "--today", today, "--format", "json")
    assert found.exit_code == 0, found.stderr
    value: list[dict[str, object]] = json.loads(found.stdout)
    return value


def test_a_new_course_is_private_and_replaces_nothing(course: Path) -> None:
    assert course.stat().st_mode & 0o777 == 0o600
    before = course.read_bytes()
    again = run("new", course, "--schedule", "netakimab-psoriasis", "--start", "2026-12-02")
    assert (again.exit_code, course.read_bytes()) == (2, before)
    assert "exists already; it stays as it is" in again.stderr
    assert [each.name for each in course.parent.iterdir()] == ["anna.toml"]


def test_a_schedule_of_ones_own_is_found_from_the_course_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "courses").mkdir()
    source = Path(__file__).parents[2] / "schedules" / "netakimab-psoriasis.toml"
    (tmp_path / "mine.toml").write_bytes(source.read_bytes())
    monkeypatch.chdir(tmp_path)
    run("new", "courses/anna.toml", "--schedule", "mine.toml", "--start", "2026-12-01")
    monkeypatch.chdir("/")
    course = tmp_path / "courses" / "anna.toml"
    assert 'schedule = "../mine.toml"' in course.read_text(encoding="utf-8")
    assert run("status", course, "--today", "2026-12-01").exit_code == 0


def test_without_a_rule_status_asks_until_the_decision_is_recorded(course: Path) -> None:
    for day in ("2026-12-01", "2026-12-08"):
        assert record(course, day).exit_code == 0
    late = run("status", course, "--today", "2026-12-20")
    assert late.exit_code == 12
    assert "Dose 3 is LATE: it was due 2026-12-15 Tue, 5 days ago" in late.stdout
    assert "states no rule for this; ask your prescriber" in late.stdout
    given = record(course, "2026-12-20")
    assert (given.exit_code, "dosecal decide" in given.stderr) == (0, True)
    assert run("status", course, "--today", "2026-12-20").exit_code == 12
    assert str(doses(course, "2026-12-21")[0]["reason"]).startswith("provisional: dose 3")
    assert run("decide", course, "--dose", "3", "--then", "shift").exit_code == 0
    assert run("status", course, "--today", "2026-12-20").exit_code == 0
    first = doses(course, "2026-12-21")[0]
    assert (first["number"], first["date"]) == (4, "2027-01-17")
    assert first["reason"] == "moved by 5 days after dose 3 (your recorded decision)"


def test_an_entry_only_adds_bytes_and_keeps_the_permissions(course: Path) -> None:
    course.chmod(0o640)
    stands = course.read_bytes()
    for command in (
        ("record", course, "--on", "2026-12-01", "--today", "2026-12-01", "--note", 'a "b" \\'),
        ("skip", course, "--dose", "2"),
        ("hold", course, "--from", "2027-01-01"),
        ("void", course, "--hold"),
        ("void", course, "--dose", "2"),
    ):
        assert run(*command).exit_code == 0
        now = course.read_bytes()
        assert now.startswith(stands)
        assert len(now) > len(stands)
        stands = now
    assert course.stat().st_mode & 0o777 == 0o640
    assert run("check", course).stdout == f"{course}: ok\n"
    assert [each.name for each in course.parent.iterdir()] == ["anna.toml"]


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("record --on 2026-12-01", "dose 1 is recorded as given on 2026-12-01"),
        ("record --on 2026-12-02 --dose 1", "dose 1 is recorded already: given on 2026-12-01"),
        ("record --on 2026-11-30", "2026-11-30 lies before the start of the course, 2026-12-01"),
        ("record --on 2027-03-02", "2027-03-02 lies after today, 2027-03-01"),
        ("record --on 2026-12-08 --site left-thigh",
         "dose 2 is 2 injections: a site for each, not 1; give one --site for each"),
        ("record --on 2026-12-08 --site left-thig --site left-thigh", 'no site "left-thig"'),
        ("record --on 2026-12-08 --site left-thigh --site left-buttock",
         ("left-buttock is not among the sites of phase loading (allowed on 2026-12-08: "
         "left-abdomen, right-abdomen, left-thigh, right-thigh); "
         "--any-site records it all the same")),
        ("record --on 2026-12-08 --site left-thigh --site left-thigh", "a site of its own"),
        ("record --on 2026-12-08 --then shift", "dose 2 was given in time on 2026-12-08"),
        ("record --on 2026-12-08 --dose 0", "\"0\" is not a whole number from 1"),
        ("skip --dose 1", "dose 1 is recorded already: given on 2026-12-01"),
        ("decide --dose 1 --then shift", "dose 1 was given in time"),
        ("decide --dose 2 --then shift", "dose 2 is not recorded as given: record it first"),
        ("void --dose 2", "there is no entry about dose 2 to take back"),
        ("void --hold", "there is no hold to take back"),
        ("void", "name what to take back: either --dose N or one of --hold, --hold-end"),
        ("void --dose 1 --hold", "name what to take back: either --dose N or one of --hold"),
        ("hold --from 2027-01-02 --until 2027-01-01",
         "a hold until 2027-01-01 would end before it begins, 2027-01-02"),
    ],
)  # fmt: skip
def test_what_contradicts_the_course_is_refused(course: Path, command: str, message: str) -> None:
    record(course, "2026-12-01")
    before = course.read_bytes()
    name, *options = command.split()
    today = ("--today", "2027-03-01") if name == "record" else ()
    found = run(name, course, *options, *today)
    assert (found.exit_code, found.stdout) == (2, "")
    assert message in found.stderr
    assert course.read_bytes() == before


def test_record_says_of_the_next_dose_how_it_stands_that_day(course: Path) -> None:
    assert (
        "next: dose 2 on 2026-12-08 Tue (upcoming)\n"
        in record(course, "2026-12-01", "--today", "2026-12-01").stdout
    )
    for today, stands in (("2026-12-15", "due"), ("2026-12-16", "late")):
        given = record(course, "2026-12-14", "--dose", "2", "--today", today, "--then", "keep")
        said = f"next: dose 3 on 2026-12-15 Tue ({stands}); `dosecal status {course}` says what to"
        assert said in given.stdout
        run("void", course, "--dose", "2")


def test_long_sources_stand_below_by_their_ids_and_whole_for_programs(course: Path) -> None:
    record(course, "2026-12-01")
    listed = run("upcoming", course, "--today", "2026-12-10").stdout
    assert "(source: Puig L." in str(doses(course, "2026-12-10")[0]["reason"])
    given = record(course, "2026-12-11").stdout
    for found in (given, listed):
        body, _, sources = found.partition("\nSources\n")
        assert "ask your prescriber (source: planeta-54; planeta-12)" in body
        assert [each.split(":")[0].strip() for each in sources.splitlines()] == [
            "planeta-54", "planeta-12",
        ]  # fmt: skip
        assert "PLANETA" not in body.partition("Before the start")[0]
    on_time = run(
        "upcoming", "netakimab-psoriasis", "--start", "2026-12-01", "--today", "2026-12-01"
    )
    assert "Sources" not in on_time.stdout


def test_a_skip_names_the_day_of_the_dose(course: Path) -> None:
    skipped = run("skip", course, "--dose", "4", "--today", "2026-12-02")
    assert "dose 4, due 2027-01-12 Tue, recorded as skipped" in skipped.stdout


@pytest.mark.parametrize(("number", "code"), [("15", 0), ("16", 2)])
def test_a_skip_more_than_a_year_ahead_is_asked_about(course: Path, number: str, code: int) -> None:
    """Dose 15 is due on 2027-11-16, dose 16 on 2027-12-14: a year after 2026-12-02 lies between."""
    skipped = run("skip", course, "--dose", number, "--today", "2026-12-02")
    assert skipped.exit_code == code
    if code:
        assert "dose 16 is due on 2027-12-14, more than a year after" in skipped.stderr
        assert "is the number right?" in skipped.stderr


def test_a_dose_moved_past_until_is_named_and_left_out(course: Path, tmp_path: Path) -> None:
    record(course, "2026-12-01")
    record(course, "2026-12-11", "--then", "shift")
    whole, cut = tmp_path / "whole.ics", tmp_path / "cut.ics"
    assert (
        run("ics", course, "-o", whole).stderr == f"{whole}: 15 doses, 2026-12-01 to 2027-11-19\n"
    )
    found = run("ics", course, "-o", cut, "--until", "2027-11-18")
    assert (found.exit_code, "14 doses, 2026-12-01 to 2027-10-22\n" in found.stderr) == (0, True)
    assert "dose 15 has moved to 2027-11-19, after --until: a calendar" in found.stderr
    assert "after --until" not in run("ics", course, "-o", cut, "--until", "2027-11-15").stderr


def test_a_dose_that_there_is_not(tmp_path: Path) -> None:
    course = tmp_path / "x.toml"
    run("new", course, "--schedule", "netakimab-psoriasis", "--start", "2026-12-01")
    found = record(course, "2026-12-01", "--dose", "99999")
    assert (found.exit_code, "not a whole number from 1 to 36525" in found.stderr) == (2, True)
    found = record(course, "2026-12-01", "--dose", "40")
    assert "dose 40 is due on 2029-10-16, more than a year after 2026-12-01" in found.stderr


def test_a_calendar_of_a_course_follows_the_log_alone(course: Path, tmp_path: Path) -> None:
    record(course, "2026-12-01")
    record(course, "2026-12-11", "--then", "keep")
    found = []
    for today in ("2026-12-01", "2027-03-01"):
        path = tmp_path / f"{today}.ics"
        assert run("ics", course, "-o", path, "--today", today).exit_code == 0
        found.append(path.read_bytes())
    assert found[0] == found[1]
    assert found[0].count(b"(given)") == 2
    assert found[0].count(b"SEQUENCE:1") == 2
    assert found[0].count(b"SEQUENCE:0") == 13


ANSWERS = (
    # command, and the Russian words of its answer
    (("record", "--on", "2026-12-01"), "доза 1 введена 2026-12-01 вт: 120 мг, 2 инъекции"),
    (("record", "--on", "2026-12-17", "--dose", "3"), "введена с опозданием на 2 дня"),
    (("record", "--on", "2027-01-12", "--dose", "4"), "доза 5, 2027-02-09 вт (опаздывает); `dose"),
    (("record", "--on", "2027-03-01", "--dose", "6"), "теперь считается пропущенной"),
    (("void", "--dose", "6"), "больше не учитывается: доза 6, введена 2027-03-01"),
    (("decide", "--dose", "3", "--then", "shift"), "(ваше записанное решение)"),
    (("void", "--dose", "3"), "больше не учитывается: решение о дозе 3: shift"),
    (("skip", "--dose", "5"), "доза 5, срок 2027-02-09 вт, записана как пропущенная по решению"),
    (("void", "--dose", "5"), "больше не учитывается: доза 5, пропущена по решению"),
    (("hold", "--from", "2027-04-01", "--until", "2027-04-02"), "пауза с 2027-04-01 по 2027-04-02"),
    (("void", "--hold"), "больше не учитывается: пауза с 2027-04-01"),
    (("hold", "--from", "2027-04-01"), "пауза с 2027-04-01; закончить паузу: dosecal hold "),
)  # fmt: skip


def answers(course: Path, *begun: str) -> list[str]:
    """Begin a course and give every command of `ANSWERS`; return what each says."""
    found = [run("new", course, "--schedule", "netakimab-psoriasis", "--start", "2026-12-01",
                 *begun)]  # fmt: skip
    for (name, *more), _ in ANSWERS:
        today = ("--today", "2027-03-01") if name in ("record", "decide") else ()
        found.append(run(name, course, *more, *today))
    assert [each.exit_code for each in found] == [0] * len(found)
    return [each.output for each in found]


def test_each_command_answers_in_the_language_of_the_course(tmp_path: Path) -> None:
    begun, *found = answers(tmp_path / "anna.toml", "--lang", "ru")
    assert "курс начат; что дальше, скажет `dosecal status " in begun
    for (_, words), answer in zip(ANSWERS, found, strict=True):
        assert words in answer
    assert "спросите лечащего врача, затем: dosecal decide " in found[1]


@pytest.mark.parametrize("code", ["de", "es", "fr", "zh"])
def test_no_answer_is_left_in_english(tmp_path: Path, code: str) -> None:
    english, other = (answers(tmp_path / f"{lang}.toml", "--lang", lang) for lang in ("en", code))
    assert not set(english) & set(other)
    for answer in other:
        assert not re.search(
            r"\b(dose \d+ (given|on|recorded)|next|hold from|counts|begun)\b", answer
        )


def test_without_a_language_of_its_own_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    assert "Dosis 1 gegeben 2026-12-01 Di" in answers(tmp_path / "anna.toml")[1]
    assert "доза 1 введена 2026-12-01 вт" in answers(tmp_path / "boris.toml", "--lang", "ru")[1]


def test_a_private_page_holds_nothing_that_was_typed(course: Path, tmp_path: Path) -> None:
    typed = ("Zoster", "Fieber", "Hautausschlag", "Eisbeutel")
    course.write_bytes(
        course.read_bytes() + b'\n[[avoid]]\nsite = "left-thigh"\nreason = "Hautausschlag"\n'
    )
    record(course, "2026-12-01", "--note", "Eisbeutel", "--site", "right-thigh",
           "--site", "right-abdomen")  # fmt: skip
    assert run("skip", course, "--dose", "2", "--note", "Fieber").exit_code == 0
    held = ("hold", course, "--from", "2026-12-10", "--until", "2026-12-20", "--reason", "Zoster")
    assert run(*held).exit_code == 0
    for private in ((), ("--private",)):
        out = tmp_path / "a.html"
        asked = ("print", course, "--today", "2026-12-02", "--from", "2026-12-01", "-o", out)
        assert run(*asked, *private).exit_code == 0
        shown = [word for word in typed if word in out.read_text("utf-8")]
        assert shown == ([] if private else list(typed))


def test_what_is_to_come_is_not_taken(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    plan = ("new", file, "--schedule", "secukinumab-psoriasis-eu", "--today", "2027-01-25")
    found = run(*plan, "--start", "2026-03-02", "--taken-until", "2027-02-20")
    assert (found.exit_code, file.exists()) == (2, False)
    assert "--taken-until 2027-02-20 lies after today, 2027-01-25" in found.stderr
    found = run(*plan, "--phase", "maintenance", "--last", "2027-02-10")
    assert (found.exit_code, file.exists()) == (2, False)
    assert "--last 2027-02-10 lies after today" in found.stderr


def test_a_phase_that_ends_asks_which_of_its_doses_was_the_last(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    plan = ("new", file, "--schedule", "secukinumab-psoriasis-eu", "--today", "2027-01-25",
            "--last", "2027-01-10")  # fmt: skip
    found = run(*plan, "--phase", "loading")
    assert (found.exit_code, file.exists()) == (2, False)
    assert 'phase "loading" ends: add --phase-dose N' in found.stderr
    assert run(*plan, "--phase", "maintenance").exit_code == 0


def test_what_was_taken_before_the_record_is_not_skipped(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    run("new", file, "--schedule", "secukinumab-psoriasis-eu", "--start", "2026-03-02",
        "--taken-until", "2027-01-20", "--today", "2027-01-25")  # fmt: skip
    found = run("skip", file, "--dose", "12", "--today", "2027-01-25")
    assert found.exit_code == 2
    assert "dose 12 was given before this record began, due 2026-10-30" in found.stderr
    moved = run("move", file, "--dose", "12", "--to", "2027-02-01", "--today", "2027-01-25")
    assert (moved.exit_code, moved.stderr) == (2, found.stderr)


def test_a_step_to_another_medicine_is_told_by_its_name_and_its_sources(tmp_path: Path) -> None:
    file, page = tmp_path / "c.toml", tmp_path / "c.html"
    run("new", file, "--schedule", "tirzepatide-weight-us", "--start", "2027-01-04",
        "--today", "2027-01-04")  # fmt: skip
    run("record", file, "--on", "2027-01-04", "--today", "2027-01-04")
    found = run("step", file, "--to", "maintenance", "--schedule", "semaglutide-weight-eu",
                "--on", "2027-01-11", "--today", "2027-01-05")  # fmt: skip
    assert (found.exit_code, found.stderr) == (0, "")
    assert "next: dose 2 on 2027-01-11 Mon" in found.stdout
    late = run("record", file, "--on", "2027-01-12", "--today", "2027-01-12", "--dry-run").stdout
    assert "\n  wegovy-eu: Wegovy, EU package leaflet" in late
    for today in ("2027-01-11", "2027-01-12"):
        status = run("status", file, "--today", today).stdout
        assert status.startswith("semaglutide: ")
        assert "source: wegovy-eu" in status
        assert " semaglutide  2 " in run("due", file, "--today", today).stdout
    assert run("print", file, "--today", "2027-01-12", "-o", page).exit_code == 0
    assert "<bdi>semaglutide (Wegovy)</bdi>" in page.read_text("utf-8")
    private = ("print", file, "--today", "2027-01-12", "--private", "-o", page)
    assert run(*private).exit_code == 0
    text = page.read_text("utf-8").lower()
    assert not any(each in text for each in ("semaglutide", "wegovy", "tirzepatide", "zepbound"))


def test_the_page_and_the_work_list_go_by_the_hour_where_the_person_is(tmp_path: Path) -> None:
    file, page = tmp_path / "c.toml", tmp_path / "c.html"
    run("new", file, "--schedule", "denosumab-osteoporosis", "--start", "2027-01-04",
        "--time", "08:00", "--tz", "Europe/Berlin", "--today", "2027-01-04")  # fmt: skip
    run("record", file, "--on", "2027-01-04", "--today", "2027-01-04")
    run("zone", file, "--tz", "Asia/Tokyo", "--time", "21:00", "--on", "2027-04-01",
        "--today", "2027-03-20")  # fmt: skip
    assert "  21:00  c " in run("due", file, "--today", "2027-07-04").stdout
    run("print", file, "--today", "2027-07-04", "-o", page)
    assert "21:00 (Asia/Tokyo)" in page.read_text("utf-8")


def test_who_injects_is_what_the_schedule_says(tmp_path: Path) -> None:
    page = tmp_path / "p.html"
    plan = ("print", "elranatamab-myeloma-step-up", "--start", "2027-01-04", "-o", page)
    run(*plan, "--today", "2027-01-04")
    assert "<dt>Who injects</dt><dd>given by a professional</dd>" in page.read_text("utf-8")


def test_an_answer_is_asked_for_only_where_the_entry_takes_one(tmp_path: Path) -> None:
    """A dose in time moves nothing, whatever of an older one stands open."""
    file = tmp_path / "c.toml"
    run("new", file, "--schedule", "netakimab-psoriasis", "--start", "2026-12-01",
        "--today", "2026-12-01")  # fmt: skip
    run("record", file, "--on", "2026-12-01", "--today", "2026-12-01")
    assert "--then keep|shift|restart" in run("status", file, "--today", "2026-12-10").stdout
    status = run("status", file, "--today", "2026-12-15").stdout
    assert "dose 2 was left open" in status
    assert "--then" not in status


def test_the_batch_is_asked_for_where_the_schedule_of_that_day_asks(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    run("new", file, "--schedule", "netakimab-psoriasis", "--start", "2027-01-04",
        "--weight", "70", "--today", "2027-01-04")  # fmt: skip
    assert "asks for the batch number" not in record_on(file, "2027-01-04")
    run("step", file, "--to", "weekly", "--schedule", "dupilumab-eosinophilic-oesophagitis",
        "--on", "2027-01-11", "--decided", "--today", "2027-01-05")  # fmt: skip
    assert "asks for the batch number" in record_on(file, "2027-01-11")


def record_on(file: Path, day: str) -> str:
    found = run("record", file, "--on", day, "--today", day)
    assert found.exit_code == 0, found.stderr
    return found.stderr


def test_before_a_stop_the_course_is_not_called_complete(course: Path) -> None:
    run("record", course, "--on", "2026-12-01", "--today", "2026-12-01")
    run("stop", course, "--on", "2026-12-05", "--today", "2026-12-02")
    status = run("status", course, "--today", "2026-12-04").stdout
    assert "to be stopped on 2026-12-05" in status
    assert "No dose is left" not in status
