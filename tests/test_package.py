"""What is published holds what it should, and the changelog names what it should."""

import email
import re
import tarfile
import zipfile
from pathlib import Path

import pytest
from hatchling import build

import hatch_build
from dosecal.store import catalogue
from release import differences

ROOT = Path(__file__).parents[1]
SCHEDULES = {path.name for path in (ROOT / "schedules").iterdir()}


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Return the names of the files in the sdist."""
    folder = tmp_path_factory.mktemp("sdist")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        name = build.build_sdist(str(folder))
    with tarfile.open(folder / name) as archive:
        return {each.name.partition("/")[2] for each in archive}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.Path:
    """Return the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        return zipfile.Path(folder / build.build_wheel(str(folder)))


def names(wheel: zipfile.Path) -> set[str]:
    return set(wheel.root.namelist())


def test_the_sdist_holds_all_that_builds_tests_and_explains(sdist: set[str]) -> None:
    kept = {"LICENSE", "SECURITY.md", "README.md", "CHANGELOG.md", "CONTRIBUTING.md"}
    kept |= {"pyproject.toml", "hatch_build.py", "tools/release.py", "tests/conftest.py", ".ci/run"}
    kept |= {f"schedules/{name}" for name in SCHEDULES}
    kept |= {str(path.relative_to(ROOT)) for path in hatch_build.catalogues(ROOT)}
    assert kept - sdist == set()
    assert {name for name in sdist if name.endswith((".mo", ".pyc"))} == set()


def test_the_wheel_holds_the_package_the_schedules_and_the_licence(wheel: zipfile.Path) -> None:
    source = ROOT / "src"
    modules = {path.relative_to(source).as_posix() for path in source.rglob("*.py")}
    found = names(wheel)
    assert modules - found == set()
    assert {f"dosecal/schedules/{name}" for name in SCHEDULES} - found == set()
    (licence,) = (name for name in found if name.endswith(".dist-info/licenses/LICENSE"))
    assert wheel.joinpath(licence).read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_the_wheel_holds_the_languages_compiled_and_alone(wheel: zipfile.Path) -> None:
    """With no text beside it, what is compiled is taken as it is: `language.py` says why."""
    found = names(wheel)
    texts = list(hatch_build.catalogues(ROOT))
    for path in texts:
        made = path.with_suffix(".mo").relative_to(ROOT / "src").as_posix()
        assert wheel.joinpath(made).read_bytes() == hatch_build.compiled(path)
    assert len([name for name in found if name.endswith(".mo")]) == len(texts)
    assert [name for name in found if name.endswith(".po")] == []


def test_the_wheel_states_the_licence(wheel: zipfile.Path) -> None:
    (path,) = (name for name in names(wheel) if name.endswith(".dist-info/METADATA"))
    stated = email.message_from_bytes(wheel.joinpath(path).read_bytes())
    assert stated["License-Expression"] == "Apache-2.0"
    assert stated["Author"] == "dosecal authors"


def test_the_licence_is_whole() -> None:
    text = (ROOT / "LICENSE").read_text("utf-8")
    for number in range(1, 10):
        assert re.search(rf"^ {{3}}{number}\. [A-Z]", text, re.MULTILINE)
    assert "END OF TERMS AND CONDITIONS" in text


def packed(folder: Path, *, modes: int = 0o644, **members: str) -> Path:
    """Write an sdist and a wheel of these members, without any time in them."""
    folder.mkdir()
    with zipfile.ZipFile(folder / "x.whl", "w") as made:
        for name, text in members.items():
            made.writestr(zipfile.ZipInfo(name), text)
    with tarfile.open(folder / "x.tar.gz", "w") as archive:
        for name, text in members.items():
            (folder / "member").write_text(text)
            info = archive.gettarinfo(folder / "member", name)
            info.mtime, info.mode = 0, modes
            with (folder / "member").open("rb") as file:
                archive.addfile(info, file)
    (folder / "member").unlink()
    return folder


def test_two_equal_builds_do_not_differ(tmp_path: Path) -> None:
    assert differences(packed(tmp_path / "a", x="1"), packed(tmp_path / "b", x="1")) == []


def test_builds_that_differ_are_named_with_what_differs(tmp_path: Path) -> None:
    first = packed(tmp_path / "a", same="0", x="1", left="2")
    second = packed(tmp_path / "b", same="0", x="2")
    assert differences(first, second) == ["x.tar.gz: left, x", "x.whl: left, x"]
    (second / "x.whl").unlink()
    assert differences(first, second)[1:] == ["x.whl: only one of the two builds made it"]


def test_a_difference_of_modes_alone_is_one_too(tmp_path: Path) -> None:
    first, second = packed(tmp_path / "a", x="1"), packed(tmp_path / "b", modes=0o600, x="1")
    assert differences(first, second) == ["x.tar.gz: the archive itself (order, times or modes)"]


def test_the_changelog_and_its_catalogue_name_every_schedule_and_every_date_rule() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    rules = (ROOT / "docs" / "date-rules.md").read_text("utf-8")
    listed = text + (ROOT / "docs" / "catalogue.md").read_text("utf-8")
    assert "(docs/catalogue.md)" in text
    missing = [id for id in catalogue.ids() if f"`{id}`" not in listed]
    missing += [each for each in re.findall(r"\*\*(DATE-\d+)\*\*", rules)
                if not re.search(rf"{each}\b", text)]  # fmt: skip
    assert missing == []


def test_the_changelog_is_in_its_form() -> None:
    """Unreleased changes first, each version newer than the next, each change under its kind."""
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    heads = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert heads[0] == "Unreleased"
    versions = [re.fullmatch(r"(\d+)\.(\d+)\.(\d+) - \d{4}-\d\d-\d\d", head) for head in heads[1:]]
    assert all(versions)
    numbers = [tuple(map(int, each.groups())) for each in versions if each]
    assert numbers == sorted(numbers, reverse=True)
    kinds = re.findall(r"^### (.*)$", text, re.MULTILINE)
    assert set(kinds) <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
