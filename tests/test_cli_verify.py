"""The command verify, on two pages that were really rendered: what is identical, what it finds, what it refuses."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kratom_evidence import cli
from kratom_evidence.cli import verify
from kratom_evidence.project import MARKER, ROOT_VARIABLE
from kratom_evidence.reports import inputs, site_pages
from kratom_evidence.reports.byte_differences import first_differences
from kratom_evidence.reports.manifest import MANIFEST
from tests.made_sites import files_of

CASE, DRUG_CLASS = "cases/brooks2023.html", "classes/ssri.html"
SITE = {
    *("browse.html", "claims/index.html", "index.html", "screening.html"),
    *("verdicts.json", "verdicts.schema.json"),
}


@pytest.fixture(scope="module")
def patched() -> Iterator[pytest.MonkeyPatch]:
    """The command is there; the package is not hashed, and nobody waits for what-if searches, which no page reads."""
    with pytest.MonkeyPatch.context() as patch:
        if verify not in cli.SUBCOMMANDS:
            patch.setattr(cli, "SUBCOMMANDS", (*cli.SUBCOMMANDS, verify))
        patch.setattr(inputs, "program_files", lambda _: [])
        patch.setattr(site_pages, "statement_results", lambda *_: [])
        yield patch


@pytest.fixture(scope="module")
def made(patched: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, with two reports in its folder reports/."""
    source = Path(__file__).resolve().parents[1]
    root = tmp_path_factory.mktemp("project") / "with spaces"
    shutil.copytree(source / "data", root / "data")
    shutil.copytree(source / "notebooks" / "reports", root / "notebooks" / "reports")
    patched.setenv(ROOT_VARIABLE, str(root))
    for option in (["--case", "brooks2023"], ["--drug-class", "ssri"]):
        assert cli.main(["report", *option, "--jobs", "1"]) == 0
    return root


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    """The folder of reports, to do harm to."""
    return shutil.copytree(made / "reports", tmp_path / "copy")


@pytest.fixture
def verified(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, dict[str, Any]]]:
    def run(folder: Path, *options: str) -> tuple[int, dict[str, Any]]:
        before = files_of(folder)
        capsys.readouterr()
        status = cli.main(["verify", str(folder), "--jobs", "1", "--format", "json", *options])
        assert files_of(folder) == before, "the folder was written to"
        return status, json.loads(capsys.readouterr().out)

    return run


@pytest.mark.notebook
def test_what_this_project_makes_is_identical(made: Path, verified: Callable[..., tuple[int, dict[str, Any]]]) -> None:
    status, found = verified(made / "reports")
    assert status == 0 and found["identical"] is True
    assert {page["name"] for page in found["remade"]} == {CASE, DRUG_CLASS} | SITE
    assert {page["remade"] for page in found["remade"]} == {"the same bytes"}
    assert found["inputs"] == found["files"] == []


@pytest.mark.notebook
def test_altered_missing_and_foreign_files_are_named(
    copy: Path, verified: Callable[..., tuple[int, dict[str, Any]]]
) -> None:
    page = copy / CASE
    page.write_bytes(page.read_bytes().replace(b"</h1>", b" \x1b[31mand more</h1>", 1))
    (copy / DRUG_CLASS).unlink()
    (copy / "cases" / "made up.html").write_text("by hand")
    (copy / "secret").symlink_to("/etc")
    status, found = verified(copy, "--kind", "cases")
    assert status == 1
    assert {entry["name"]: entry["lies"] for entry in found["files"]} == {
        CASE: "altered after the run",
        DRUG_CLASS: "missing",
        "cases/made up.html": "not in the manifest",
        "secret": "not in the manifest",
    }
    [remade] = found["remade"]
    assert (remade["name"], remade["remade"], remade["why"]) == (CASE, "differs", None)
    [line] = remade["differences"]
    number = next(n for n, text in enumerate(page.read_bytes().split(b"\n"), start=1) if b"and more" in text)
    assert line["line"] == number
    assert "·[31mand more" in line["lies"] and "and more" not in line["again"]


@pytest.mark.notebook
def test_changed_data_are_named_before_the_pages_that_they_change(
    made: Path, copy: Path, tmp_path: Path, patched: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other"
    for part in ("data", "notebooks"):
        shutil.copytree(made / part, other / part)
    sources = other / "data" / "sources.json"
    sources.write_text(sources.read_text().replace("Brooks", "Brookes"))
    with patched.context() as patch:
        patch.setenv(ROOT_VARIABLE, str(other))
        assert cli.main(["verify", str(copy), "--kind", "cases"]) == 1
    told = capsys.readouterr().out
    assert "differs: data, sources.json: changed since" in told
    assert told.index("sources.json") < told.index(f"differs: {CASE} (what it is made from has changed since)")
    assert "Brookes" in told.partition("made again:")[2]
    assert told.endswith("Not identical.\n")


def test_a_sample_is_drawn_with_its_seed() -> None:
    from kratom_evidence.reports.manifest import PageRecord
    from kratom_evidence.reports.verification import Selection, selected_records

    records = [
        PageRecord(page=f"cases/{n}.html", kind="cases", subject=str(n), parameters={}, input_hash="", output_hash="")
        for n in range(50)
    ]
    drawn = [selected_records(records, Selection(sample=5, seed=seed)) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert len({record.page for record in drawn[0]}) == 5


def hostile_pages() -> dict[str, Callable[[dict[str, Any]], Any]]:
    def page(**changes: Any) -> Callable[[dict[str, Any]], Any]:
        return lambda document: document["pages"][0].update(changes)

    return {
        "'../outside.html'": page(page="../outside.html"),
        "'/etc/passwd'": page(page="/etc/passwd"),
        "'cases/../../outside.html'": page(page="cases/../../outside.html"),
        "'.hidden/page.html'": page(page=".hidden/page.html"),
        "'cases/other.html'": page(page="cases/other.html"),
        "'recipes' is no kind": page(kind="recipes"),
        "'abc' is no hash": page(output_hash="abc"),
        "[1] is no value of a parameter": page(parameters={"source_access": [1]}),
        "the field 'surprise' is not known": page(surprise=1),
        "the field 'greeting' is not known": lambda document: document.update(greeting="hello"),
        "is of another format": lambda document: document.update(format="other"),
        "is listed twice": lambda document: document["pages"].insert(0, document["pages"][0]),
        "'made/up.html' is listed as what it is not": lambda document: document["site"].update(
            {"made/up.html": document["site"]["index.html"]}
        ),
        "'../verdicts.json'": lambda document: document["site"].update({"../verdicts.json": "0" * 64}),
        "it lacks 'pages'": lambda document: document.pop("pages"),
    }


@pytest.mark.parametrize("named", hostile_pages())
def test_a_hostile_manifest_is_refused_by_name(named: str, copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads((copy / MANIFEST).read_text())
    hostile_pages()[named](document)
    (copy / MANIFEST).write_text(json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    before = files_of(copy.parent)
    assert cli.main(["verify", str(copy)]) == 1
    told = capsys.readouterr().err
    assert "is refused" in told and named in told and "Traceback" not in told
    assert files_of(copy.parent) == before


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"\xff\xfe", "not JSON in UTF-8"),
        (b"[" * 100_000, "not JSON in UTF-8"),
        (b"[]", "another format"),
        (b" " * 20_000_001, "too large"),
    ],
)
def test_a_damaged_manifest_is_refused(
    content: bytes, named: str, copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (copy / MANIFEST).write_bytes(content)
    assert cli.main(["verify", str(copy)]) == 1
    assert named in capsys.readouterr().err


def test_no_link_and_no_pipe_is_opened(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    manifest = copy / MANIFEST
    kept = manifest.rename(copy.parent / "elsewhere.json")
    manifest.symlink_to(kept)
    assert cli.main(["verify", str(copy)]) == 1
    assert "manifest.json is a link" in capsys.readouterr().err
    manifest.unlink()
    os.mkfifo(manifest)
    assert cli.main(["verify", str(copy)]) == 1
    assert "no ordinary file" in capsys.readouterr().err


def test_pages_behind_links_are_not_read(made: Path, copy: Path) -> None:
    from kratom_evidence.project import Project
    from kratom_evidence.reports.verification import examine

    shutil.rmtree(copy / "classes")
    (copy / "classes").symlink_to(made / "reports" / "classes")
    (copy / CASE).unlink()
    (copy / CASE).symlink_to(made / "reports" / CASE)
    (copy / "index.html").unlink()
    os.mkfifo(copy / "index.html")
    faults = {finding.name: (finding.lies.value, finding.why) for finding in examine(Project(root=made), copy).faults}
    assert faults == {
        CASE: ("cannot be read", f"{CASE} is a link"),
        DRUG_CLASS: ("cannot be read", "classes is a link"),
        "index.html": ("cannot be read", "it cannot be read (no ordinary file)"),
        "classes": ("not in the manifest", None),
    }


def test_wrong_usage_and_a_folder_without_manifest(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["verify", str(tmp_path / "nowhere")]) == 2
    assert cli.main(["verify", str(copy), "--sample", "0"]) == 2
    assert cli.main(["verify", str(copy), "--kind", "claims"]) == 2
    with pytest.raises(SystemExit, match="2"):
        cli.main(["verify", str(copy), "--kind", "recipes"])
    assert cli.main(["verify", str(tmp_path)]) == 1
    told = capsys.readouterr().err
    assert "no such folder" in told and f"has no {MANIFEST}" in told
    assert MARKER.name not in told


def test_a_missing_line_and_a_long_line_are_shown_in_part() -> None:
    [longer] = first_differences(b"same\n" + b"x" * 500 + b"A" + b"y" * 500, b"same\n" + b"x" * 500 + b"B" + b"y" * 500)
    assert (longer.line, longer.again) == (2, "…" + "x" * 30 + "A" + "y" * 69 + "…")
    [added] = first_differences(b"one", b"one\ntwo")
    assert (added.line, added.again, added.lies) == (2, None, "two")
    assert first_differences(b"one", b"one") == ()
    assert len(first_differences(b"a\n" * 10, b"b\n" * 10)) == 3
