"""Promises of the documents: what they name exists, what they quote is current, and their limits hold in the data."""

import ast
import csv
import json
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from packaging.requirements import Requirement

from kratom_evidence.claims.verdict import Verdict
from kratom_evidence.cli import parser
from kratom_evidence.codebook import cell_reader, read_codebook
from kratom_evidence.dataset import Dataset

DICTIONARY = "docs/data-dictionary.md"
DOCUMENTS = (
    *("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "data/CHANGELOG.md"),
    *("docs/method.md", "docs/worked-example.md", "docs/decisions.md", DICTIONARY),
)
# Made by the commands, so not there in a fresh clone.
GENERATED = ("dist/", "exports/", "reports/", "claims/C", "index.html", ".venv")
ROOMS = ("codebook", "dataset", "appraisal", "evidence", "claims", "reports")


@pytest.fixture(scope="module")
def readme(project_root: Path) -> str:
    """The text of the README."""
    return (project_root / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def contributing(project_root: Path) -> str:
    """The text of CONTRIBUTING."""
    return (project_root / "CONTRIBUTING.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def citation(project_root: Path) -> dict[str, Any]:
    """The contents of CITATION.cff."""
    content: dict[str, Any] = yaml.safe_load((project_root / "CITATION.cff").read_text(encoding="utf-8"))
    return content


@pytest.fixture(scope="module")
def project(project_root: Path) -> dict[str, Any]:
    """The table [project] of pyproject.toml, and its build requirements under `build`."""
    content = tomllib.loads((project_root / "pyproject.toml").read_text(encoding="utf-8"))
    return {**content["project"], "build": content["build-system"]["requires"]}


def section(text: str, heading: str) -> str:
    """The text under a heading of a Markdown document, up to the next heading of the same or a higher level."""
    level = heading.index(" ")
    _, found, after = text.partition(f"\n{heading}\n")
    assert found, f"no heading {heading!r}"
    return re.split(rf"^#{{1,{level}}} ", after, maxsplit=1, flags=re.MULTILINE)[0]


def commands(text: str) -> Iterator[list[str]]:
    """The commands in the sh blocks of a Markdown document, split into words, without their comments."""
    for block in re.findall(r"^```sh\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            words = shlex.split(line, comments=True)
            if words:
                yield words


def table_rows(text: str) -> list[list[str]]:
    """The rows of the Markdown tables in a text, without their header lines and with the cells stripped."""
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in text.splitlines() if "|" in line]
    rules = [number for number, row in enumerate(rows) if all(re.fullmatch(r":?-+:?", cell) for cell in row)]
    return [row for number, row in enumerate(rows) if number not in rules and number + 1 not in rules]


class TestCommands:
    def test_the_first_commands_are_the_two_that_do_everything(self, readme: str) -> None:
        first, second, *_ = commands(readme)
        assert (first, second) == (["make", "report"], ["make", "test"])

    @pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
    def test_every_make_target_exists(self, project_root: Path, document: str) -> None:
        text = (project_root / document).read_text(encoding="utf-8")
        named = {words[1] for words in commands(text) if words[0] == "make"} | set(re.findall(r"`make (\w+)", text))
        makefile = (project_root / "Makefile").read_text(encoding="utf-8")
        assert named
        assert named <= set(re.findall(r"^(\w+):", makefile, flags=re.MULTILINE))

    def test_every_kratom_evidence_command_is_understood(self, readme: str) -> None:
        ours = [words[1:] for words in commands(readme) if words[0].endswith("/kratom-evidence")]
        assert ours
        for arguments in ours:
            assert parser().parse_args(arguments).command == arguments[0]

    def test_papermill_gets_a_notebook_and_a_parameter_that_it_has(self, project_root: Path, readme: str) -> None:
        ((_, notebook, _, _, parameter, _),) = [words for words in commands(readme) if words[0].endswith("/papermill")]
        cells = json.loads((project_root / notebook).read_text(encoding="utf-8"))["cells"]
        (parameters,) = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", [])]
        assert re.search(rf"^{parameter}\b", "".join(parameters["source"]), flags=re.MULTILINE)


class TestReferences:
    @pytest.mark.parametrize("document", DOCUMENTS)
    def test_links_and_pictures_lead_to_files(self, project_root: Path, document: str) -> None:
        text = (project_root / document).read_text(encoding="utf-8")
        targets = [target for target in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in target]
        missing = [target for target in targets if not ((project_root / document).parent / target).is_file()]
        assert missing == []

    @pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "docs/method.md", "docs/decisions.md"])
    def test_paths_that_are_named_exist(self, project_root: Path, document: str) -> None:
        text = re.sub(r"^```.*?^```", "", (project_root / document).read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
        named = [path for path in re.findall(r"`([\w./-]+)`", text) if "/" in path or re.search(r"\.\w{2,5}$", path)]
        places = (project_root, project_root / "data")
        missing = [
            path for path in named if not path.startswith(GENERATED) and not any((at / path).exists() for at in places)
        ]
        assert named
        assert missing == []

    def test_dictionary_is_the_one_made_from_the_codebook(self, project_root: Path, tmp_path: Path) -> None:
        committed = (project_root / DICTIONARY).read_text(encoding="utf-8")
        made = tmp_path / "data-dictionary.md"
        made.write_text(committed, encoding="utf-8")
        command = (sys.executable, "-m", "kratom_evidence.codebook.documentation", str(made))
        subprocess.run(command, cwd=project_root, check=True, capture_output=True)
        assert made.read_text(encoding="utf-8") == committed, (
            f"Run python -m kratom_evidence.codebook.documentation {DICTIONARY}"
        )

    def test_dictionary_names_every_column_of_every_table(self, project_root: Path) -> None:
        text = (project_root / DICTIONARY).read_text(encoding="utf-8")
        dictionary = re.search(r"<!-- codebook:begin -->(.*)<!-- codebook:end -->", text, flags=re.DOTALL)
        assert dictionary is not None
        for table in read_codebook(project_root / "data").tables:
            for column in table.fields:
                assert f"`{column.name}`" in dictionary[1], f"{table.name}.{column.name}"

    def test_verdicts_are_explained_as_the_reports_explain_them(self, readme: str) -> None:
        rows = table_rows(section(readme, "## How to read a report"))
        assert rows == [[verdict.label, verdict.meaning] for verdict in Verdict]

    def test_the_co_exposure_that_serves_as_example_can_be_read(self, project_root: Path, readme: str) -> None:
        (example,) = re.findall(r"for example\s`([^`]+\[[^`]+)`", section(readme, "## How to add a case"))
        (column,) = [
            field
            for table in read_codebook(project_root / "data").tables
            for field in table.fields
            if (table.name, field.name) == ("case_reports", "co_exposures")
        ]
        reading = cell_reader(column)(" ".join(example.split()))
        assert reading.problems == ()
        assert isinstance(reading.value, tuple)
        assert len(reading.value) == len(example.split("; "))


class TestVersions:
    def test_the_version_is_the_same_everywhere(
        self, project_root: Path, project: dict[str, Any], citation: dict[str, Any]
    ) -> None:
        assert citation["version"] == project["version"]
        assert newest_version(project_root / "CHANGELOG.md") == project["version"]

    def test_the_data_version_is_the_same_everywhere(self, project_root: Path) -> None:
        package = json.loads((project_root / "data" / "datapackage.json").read_text(encoding="utf-8"))
        assert newest_version(project_root / "data" / "CHANGELOG.md") == package["version"]

    def test_newest_data_version_counts_the_rows_that_are_there(self, project_root: Path) -> None:
        text = (project_root / "data" / "CHANGELOG.md").read_text(encoding="utf-8")
        newest = re.split(r"^## ", text, flags=re.MULTILINE)[1]
        said = {file.strip("`"): int(number) for file, number in table_rows(newest)}
        assert said == {file: row_count(project_root / "data" / file) for file in said}

    def test_citation_file_has_what_its_format_requires(
        self, citation: dict[str, Any], project: dict[str, Any]
    ) -> None:
        """Citation File Format 1.2.0: the four required keys, and authors that are persons or entities."""
        assert citation["cff-version"] == "1.2.0"
        assert citation["message"]
        assert citation["title"] == project["name"]
        assert citation["authors"] == [{"name": author["name"]} for author in project["authors"]]
        assert citation["license"] == project["license"]
        assert citation["type"] in {"software", "dataset"}


def newest_version(changelog: Path) -> str:
    """The version in the first heading of a changelog that has one."""
    found = re.search(r"^## \[?(\d+\.\d+\.\d+)", changelog.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert found is not None
    return found[1]


def row_count(file: Path) -> int:
    """Rows of a CSV file below its header, or entries of a JSON list."""
    if file.suffix == ".json":
        return len(json.loads(file.read_text(encoding="utf-8")))
    with file.open(encoding="utf-8", newline="") as lines:
        return sum(1 for _ in csv.DictReader(lines))


class TestHouse:
    """CONTRIBUTING draws the house; the imports are built like it."""

    def test_every_room_is_described_in_its_order(self, contributing: str) -> None:
        house = section(contributing, "## The house").split("### Beside the house")[0]
        described = [room.strip("`") for room, _ in table_rows(house)]
        assert tuple(described) == ROOMS

    @pytest.mark.parametrize("room", ROOMS)
    def test_a_room_imports_only_from_the_rooms_before_it(self, project_root: Path, room: str) -> None:
        later = {*ROOMS[ROOMS.index(room) + 1 :], "adding", "cli", "curation", "exports"}
        if room != "reports":
            later |= {"literature", "screening"}
        modules = list((project_root / "src" / "kratom_evidence" / room).rglob("*.py"))
        assert modules
        wrong = [f"{module.name} imports {name}" for module in modules for name in imported(module) if name in later]
        assert wrong == []

    def test_rooms_beside_the_house_use_what_is_said(self, project_root: Path, contributing: str) -> None:
        package = project_root / "src" / "kratom_evidence"
        rooms = {folder.name for folder in package.iterdir() if (folder / "__init__.py").is_file()}
        said = {
            room.strip("`"): set() if used == "nothing" else rooms if used == "all" else set(used.split(", "))
            for room, _, used in table_rows(section(contributing, "### Beside the house"))
        }
        assert said.keys() == rooms - set(ROOMS)
        for room, allowed in said.items():
            modules = list((package / room).rglob("*.py"))
            assert modules
            used = {name for module in modules for name in imported(module)} & rooms - {room}
            assert used <= allowed, room

    def test_every_dependency_has_its_reason(self, contributing: str, project: dict[str, Any]) -> None:
        explained = {
            name.strip()
            for row in table_rows(section(contributing, "## Dependencies, and why each"))
            for name in row[0].split(",")
        }
        needed = [*project["dependencies"], *project["optional-dependencies"]["test"], *project["build"]]
        assert {Requirement(text).name for text in needed} | {"uv"} == explained


def imported(module: Path) -> set[str]:
    """The subpackages of kratom_evidence that a module imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return {name.split(".")[1] for name in names if name.startswith("kratom_evidence.")}


class TestLimits:
    """The sentences under Limits in the README are statements about the data; here they are computed."""

    @pytest.fixture
    def limits(self, readme: str) -> str:
        return " ".join(section(readme, "## Limits").split())

    @pytest.fixture
    def labelled(self, dataset: Dataset) -> pd.DataFrame:
        """The cases that their authors call serotonin syndrome, or suspect to be."""
        return dataset.cases[dataset.cases["ss_assessment"].isin(["diagnosed", "suspected"])]

    def test_most_records_rest_on_abstracts(self, limits: str, dataset: Dataset) -> None:
        assert "Most records rest on abstracts." in limits
        assert (dataset.cases["source_access"] == "abstract").mean() > 1 / 2

    def test_about_two_in_five_publications_lack_author_or_year(self, limits: str, project_root: Path) -> None:
        assert "Of about two in five publications no author or no year could be seen" in limits
        sources = json.loads((project_root / "data" / "sources.json").read_text(encoding="utf-8"))
        lacking = sum(not (source.get("author") and source.get("issued")) for source in sources)
        assert lacking / len(sources) == pytest.approx(2 / 5, abs=1 / 20)

    def test_country_is_stated_for_few(self, limits: str, dataset: Dataset) -> None:
        assert "the country is stated for few" in limits
        assert dataset.cases["country"].notna().mean() < 1 / 4

    def test_each_labelled_case_had_an_established_serotonergic_co_exposure(
        self, limits: str, dataset: Dataset, labelled: pd.DataFrame
    ) -> None:
        assert "In each of the few cases that their authors call serotonin syndrome, or suspect to be" in limits
        assert 0 < len(labelled) < len(dataset.cases) / 10
        drugs = dataset.co_exposures[
            (dataset.co_exposures["serotonergic"] == "established")
            & dataset.co_exposures["timing"].isin(["concurrent", "past"])
        ]
        assert set(labelled.index) <= set(drugs["case_id"])

    def test_no_labelled_case_reports_mitragynine_measured(self, limits: str, labelled: pd.DataFrame) -> None:
        assert "what was read of them does not say that mitragynine was measured" in limits
        assert not labelled[["mitragynine_detected_in", "mitragynine_blood_ng_ml"]].notna().any(axis=None)

    def test_one_labelled_case_is_known_from_another_text_only(self, limits: str, labelled: pd.DataFrame) -> None:
        assert "One is known only from a lay summary." in limits
        assert (labelled["source_access"] == "secondary").sum() == 1

    def test_known_but_unread_reports_are_in_no_count(self, limits: str, dataset: Dataset) -> None:
        assert "`data/screening/unread.csv` lists them" in limits
        assert len(dataset.unread) > 0

    def test_clonus_is_recorded_in_a_third_of_published_cases(self, limits: str, dataset: Dataset) -> None:
        assert "is recorded in a third of published cases" in limits
        assert dataset.studies["unit"]["werneke2016_clonus_pct"] == "percent"
        assert dataset.studies["value"]["werneke2016_clonus_pct"] == pytest.approx(100 / 3, abs=2)


def test_there_are_some_twenty_statements(project_root: Path, readme: str) -> None:
    assert "two dozen statements" in readme
    claims = yaml.safe_load((project_root / "data" / "claims.yaml").read_text(encoding="utf-8"))["claims"]
    assert len(claims) == pytest.approx(20, abs=5)


def test_numbered_notebooks_are_named_in_reading_order(project_root: Path, readme: str) -> None:
    numbered = sorted(file.name for file in (project_root / "notebooks").glob("[0-9]*.ipynb"))
    assert [name[:2] for name in numbered] == [f"{number:02}" for number in range(1, len(numbered) + 1)]
    named = re.findall(r"^\d\. `notebooks/(\d\d_\w+\.ipynb)`", section(readme, "## What you get"), flags=re.MULTILINE)
    assert named == numbered


def test_data_licence_travels_with_the_data(project_root: Path, data_copy: Path) -> None:
    """Whoever takes the folder data/ alone gets its licence and whom to credit."""
    text = (data_copy / "LICENSE").read_text(encoding="utf-8")
    package = json.loads((data_copy / "datapackage.json").read_text(encoding="utf-8"))
    assert [licence["path"] for licence in package["licenses"] if licence["path"] in text]
    assert "WHO Collaborating Centre for Drug Statistics Methodology" in text
    assert "Human Phenotype Ontology, release 2026-06-23" in text
    assert "kratom-evidence maintainers" in (project_root / "LICENSE").read_text(encoding="utf-8")
