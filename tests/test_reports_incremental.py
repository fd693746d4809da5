"""Nothing is made twice, and nothing that changed is left as it was."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kratom_evidence.locking import locked
from kratom_evidence.project import Project
from kratom_evidence.reports import inputs
from kratom_evidence.reports.case_page import case_page
from kratom_evidence.reports.cross_links import cross_linked, site_links
from kratom_evidence.reports.data_read import Evidence
from kratom_evidence.reports.inputs import read_inputs
from kratom_evidence.reports.kinds import KINDS
from kratom_evidence.reports.manifest import MANIFEST, read_manifest
from kratom_evidence.reports.request import KIND_NAMES, ReportRequest
from kratom_evidence.reports.site import make_site
from kratom_evidence.reports.substance_page import substance_page
from kratom_evidence.reports.summary import PageState, SiteResult
from tests.editing import Csv, edit_json
from tests.made_sites import StandIn, claims_of, files_of, judged, loaded
from tests.template_cells import shown

BAZER = {"bazer2021-1", "bazer2021-2"}


@pytest.fixture
def project(data_copy: Path, project_root: Path) -> Project:
    """A project with the real data and templates, to be changed."""
    templates = data_copy.parent / "notebooks" / "reports"
    shutil.copytree(project_root / "notebooks" / "reports", templates)
    return Project(root=data_copy.parent)


@pytest.fixture(autouse=True)
def stand_in(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    return StandIn(monkeypatch)


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory, project_root: Path) -> Path:
    """The root of a project whose drug classes are made, to be copied."""
    root = tmp_path_factory.mktemp("made") / "project"
    shutil.copytree(project_root / "data", root / "data")
    shutil.copytree(project_root / "notebooks" / "reports", root / "notebooks" / "reports")
    with pytest.MonkeyPatch.context() as monkeypatch:
        StandIn(monkeypatch)
        assert states(run(Project(root=root))) == {"made": 20}
    return root


@pytest.fixture
def made(made_once: Path, tmp_path: Path) -> Project:
    """A project of its own whose drug classes are made."""
    return Project(root=shutil.copytree(made_once, tmp_path / "made"))


def run(project: Project, kind: str = "classes", **asked: object) -> SiteResult:
    """Make the pages of one kind: the drug classes are few."""
    request = ReportRequest(kind=kind, subjects={}, assignments=(), out=project.reports)
    return make_site(project, replace(request, **asked))  # type: ignore[arg-type]


def states(result: SiteResult) -> dict[str, int]:
    return {state.value: count for state, count in result.counts.items() if count}


# --- which data a page reads


def evidence_of(project: Project) -> Evidence:
    dataset = loaded(project.data)
    return Evidence(
        dataset=dataset,
        judgements=judged(dataset, claims_of(project.data)),
        links=site_links(dataset),
        files=read_inputs(project).data,
    )


@pytest.fixture(scope="module")
def before(project_root: Path) -> Evidence:
    """The evidence of the data as they are, before a test changes its copy."""
    return evidence_of(Project(root=project_root))


def touched(before: Evidence, after: Evidence) -> dict[str, set[str]]:
    """Kind -> the subjects that read something else than before."""
    found = {}
    for name, kind in KINDS.items():
        known = kind.subjects(before)
        found[name] = {
            subject
            for subject in kind.subjects(after)
            if subject not in known or kind.reads(before, subject) != kind.reads(after, subject)
        }
    return found


def content(kind: str, subject: str, evidence: Evidence, project: Project) -> str:
    """What the page of a case, a substance or a class shows, with its links but without its drawing."""
    template = project.notebooks / "reports" / KINDS[kind].template
    if kind == "cases":
        sheet = case_page(subject, evidence.dataset, evidence.judgements)
        html = shown(template, {"page": sheet, "judged": sheet.judged}, "text/html")
    else:
        page = substance_page(**{KINDS[kind].parameter: subject}, dataset=evidence.dataset)
        html = shown(template, {"page": page}, "text/html")
    return cross_linked(html, KINDS[kind].reads(evidence, subject).links, address=f"{kind}/x.html")


def add_case(project: Project) -> None:
    """One more patient of a publication that is there, with nothing taken besides kratom."""
    table = Csv(project.data / "case_reports.csv")
    row = table.row_where(lambda cells: cells["case_id"] == "abdullah2019")
    table.rows.append(list(table.rows[row - 2]))
    table.set(len(table.rows) + 1, "case_id", "zz2099")
    table.set(len(table.rows) + 1, "citekey", "bazer2021")
    table.save()


def set_cell(file: str, key: str, named: str, column: str, text: str) -> Callable[[Project], None]:
    def change(project: Project) -> None:
        table = Csv(project.data / file)
        table.set(table.row_where(lambda cells: cells[key] == named), column, text)
        table.save()

    return change


def retitle(project: Project) -> None:
    def change(entries: list[dict[str, str]]) -> None:
        next(entry for entry in entries if entry["id"] == "bazer2021")["title"] = "Another title"

    edit_json(project.data / "sources.json", change)


def reword(project: Project) -> None:
    claims = project.data / "claims.yaml"
    claims.write_text(claims.read_text(encoding="utf-8").replace("is rare.", "is very rare.", 1), encoding="utf-8")


def listing(project: Project, *cases: str) -> tuple[set[str], set[str]]:
    """The substances and the classes that these cases list, read from the file."""
    table = Csv(project.data / "case_reports.csv")
    rows = [dict(zip(table.header, row, strict=True)) for row in table.rows]
    cells = [row["co_exposures"] for row in rows if row["case_id"] in cases]
    lexicon = Csv(project.data / "vocabulary" / "substances.csv")
    classes = {row[lexicon.column("name")]: row[lexicon.column("drug_class")] for row in lexicon.rows}
    taken = {name for name in classes for cell in cells if f"; {name} [" in f"; {cell}"}
    return taken, {classes[name] for name in taken}


def test_a_new_case_touches_what_counts_over_all_cases_and_the_patients_of_its_publication(
    project: Project, before: Evidence
) -> None:
    add_case(project)
    found = touched(before, evidence_of(project))
    assert found["cases"] == BAZER | {"zz2099"}
    assert found["claims"] == set(KINDS["claims"].subjects(before))
    # Substances and classes that are set beside the cases without them: those that four cases list.
    listed = [listing(project, str(case_id)) for case_id in before.dataset.cases.index]
    for kind, position in (("substances", 0), ("classes", 1)):
        counts = Counter(name for names in listed for name in names[position])
        assert found[kind] == {name for name, count in counts.items() if count >= 4}
        assert 0 < len(found[kind]) < len(KINDS[kind].subjects(before))


def test_the_title_of_a_publication_touches_its_cases_and_what_they_list(project: Project, before: Evidence) -> None:
    retitle(project)
    found = touched(before, evidence_of(project))
    assert (found["cases"], (found["substances"], found["classes"])) == (BAZER, listing(project, *BAZER))
    assert found["claims"] == set(KINDS["claims"].subjects(before))


def test_a_row_of_the_lexicon_touches_the_cases_that_list_it(project: Project, before: Evidence) -> None:
    set_cell("vocabulary/substances.csv", "name", "venlafaxine", "grade_basis", "Another basis.")(project)
    found = touched(before, evidence_of(project))
    every = Csv(project.data / "case_reports.csv")
    ids = [row[0] for row in every.rows]
    assert found["cases"] == {name for name in ids if "venlafaxine" in listing(project, name)[0]} != set()
    assert found["substances"] == set(KINDS["substances"].subjects(before))


def test_what_was_not_read_touches_statements_only(project: Project, before: Evidence) -> None:
    table = Csv(project.data / "screening" / "excluded.csv")
    table.rows = table.rows[1:]
    table.save()
    found = touched(before, evidence_of(project))
    assert {kind for kind, subjects in found.items() if subjects} == {"claims"}


OTHER_DATA = {
    "new case": add_case,
    "title": retitle,
    "wording": reword,
    "outcome": set_cell("case_reports.csv", "case_id", "abdullah2019", "outcome", "death"),
    "lexicon": set_cell("vocabulary/substances.csv", "name", "venlafaxine", "grade_basis", "Another basis."),
    "event": set_cell("vocabulary/events.csv", "primary_event", "seizure", "label", "Other words"),
}


@pytest.fixture(scope="module")
def shown_before(before: Evidence, project_root: Path) -> dict[tuple[str, str], str]:
    """(kind, subject) -> what its page shows before a change; of all pages with KRATOM_EVIDENCE_FULL=1."""
    if os.environ.get("KRATOM_EVIDENCE_FULL"):
        pages = [(kind, subject) for kind in KIND_NAMES[1:] for subject in KINDS[kind].subjects(before)]
    else:
        pages = [("cases", "brooks2023"), ("cases", "bazer2021-2"), ("substances", "venlafaxine"), ("classes", "ssri")]
    return {page: content(*page, before, Project(root=project_root)) for page in pages}


@pytest.mark.slow
@pytest.mark.parametrize("change", OTHER_DATA.values(), ids=OTHER_DATA.keys())
def test_a_page_that_reads_nothing_of_a_change_shows_the_same(
    change: Callable[[Project], None],
    project: Project,
    before: Evidence,
    shown_before: dict[tuple[str, str], str],
) -> None:
    change(project)
    after = evidence_of(project)
    moved = touched(before, after)
    untouched = [(kind, subject) for kind, subject in shown_before if subject not in moved[kind]]
    assert [page for page in untouched if content(*page, after, project) != shown_before[page]] == []
    # The test sees a difference where there is one.
    assert moved["claims"] or any(content(*page, after, project) != text for page, text in shown_before.items())


# --- what is made again


def test_a_second_run_makes_nothing_and_loads_nothing(made: Project) -> None:
    before = files_of(made.reports)
    program = (
        "import sys; from kratom_evidence.cli import main; status = main(['report', 'classes'])\n"
        "heavy = {'pandas', 'numpy', 'matplotlib', 'papermill', 'nbconvert', 'nbformat', 'scipy', 'tqdm'}\n"
        "print(sorted(heavy & sys.modules.keys())); sys.exit(status)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=made.root, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[0] == "Reports: 0 made, 20 unchanged, 0 failed."
    assert done.stdout.splitlines()[-1] == "[]"
    assert files_of(made.reports) == before


@pytest.mark.parametrize("harm", ["changed", "cut", "deleted"])
def test_a_page_that_was_touched_by_hand_is_made_again(harm: str, made: Project, stand_in: StandIn) -> None:
    before = files_of(made.reports)
    stand_in.take()
    page = made.reports / "classes" / "ssri.html"
    if harm == "changed":
        page.write_bytes(page.read_bytes().replace(b"SSRI", b"SNRI", 1))
    elif harm == "cut":
        page.write_bytes(page.read_bytes()[:-9])
    else:
        page.unlink()
    assert states(run(made)) == {"made": 1, "unchanged": 19}
    assert stand_in.take() == ["classes/ssri.html"]
    assert files_of(made.reports) == before


def test_an_index_that_was_touched_is_written_again_without_any_report(made: Project) -> None:
    before = files_of(made.reports)
    (made.reports / "index.html").write_text("gone", encoding="utf-8")
    assert states(run(made)) == {"unchanged": 20}
    assert files_of(made.reports) == before


def test_force_makes_everything_again(made: Project) -> None:
    before = files_of(made.reports)
    assert states(run(made, force=True)) == {"made": 20}
    assert files_of(made.reports) == before


def test_a_changed_template_remakes_its_pages_only(project: Project, stand_in: StandIn) -> None:
    run(project, "all")
    stand_in.take()
    edit_json(
        project.notebooks / "reports" / "substance.ipynb",
        lambda book: book["cells"].append({"cell_type": "markdown", "metadata": {}, "source": "More."}),
    )
    run(project, "all")
    assert {page.partition("/")[0] for page in stand_in.take()} == {"substances", "classes"}


@pytest.mark.parametrize("part", ["program", "library", "lock"])
def test_another_program_library_or_lock_remakes_everything(
    part: str, made: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    if part == "program":
        monkeypatch.setattr(inputs, "_program_hash", lambda: "0" * 64)
    elif part == "library":
        monkeypatch.setattr(inputs, "_library_versions", lambda: {"pandas": "0"})
    else:
        (made.root / "requirements.lock").write_text("other", encoding="utf-8")
    assert states(run(made)) == {"made": 20}


def test_a_changed_module_of_the_package_changes_the_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "PACKAGE", tmp_path)
    (tmp_path / "templates").mkdir()
    template = tmp_path / "templates" / "page.css"
    hashes = set()
    for text in ("a", "b"):
        template.write_text(text, encoding="utf-8")
        hashes.add(inputs._program_hash())
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "x.pyc").write_text("", encoding="utf-8")
    hashes.add(inputs._program_hash())
    assert len(hashes) == 2


def test_adding_a_case_and_making_all_anew_give_the_same_folder(project: Project, stand_in: StandIn) -> None:
    run(project, "all")
    add_case(project)
    stand_in.take()
    run(project, "all")
    remade = stand_in.take()
    assert [page for page in remade if page.startswith("cases/")] == [
        f"cases/{name}.html" for name in sorted(BAZER | {"zz2099"})
    ]
    run(project, "all", out=project.root / "anew", force=True)
    assert files_of(project.reports) == files_of(project.root / "anew")


def test_the_page_of_a_case_that_is_gone_is_removed_and_files_of_others_stay(project: Project) -> None:
    clean = shutil.copytree(project.data, project.root / "before")
    add_case(project)
    run(project, "cases")
    page = project.reports / "cases" / "zz2099.html"
    mine = project.reports / "cases" / "mine.html"
    shutil.copy(page, mine)
    shutil.rmtree(project.data)
    clean.rename(project.data)
    assert run(project, "cases").counts[PageState.REMOVED] == 1
    assert not page.exists()
    assert mine.exists()
    assert b"zz2099" not in (project.reports / MANIFEST).read_bytes()


def test_a_page_that_somebody_replaced_is_not_removed(project: Project) -> None:
    clean = shutil.copytree(project.data, project.root / "before")
    add_case(project)
    run(project, "cases")
    page = project.reports / "cases" / "zz2099.html"
    page.write_text("my own notes", encoding="utf-8")
    shutil.rmtree(project.data)
    clean.rename(project.data)
    assert run(project, "cases").counts[PageState.REMOVED] == 0
    assert page.read_text(encoding="utf-8") == "my own notes"


def test_a_run_that_was_stopped_goes_on_where_it_stopped(project: Project, stand_in: StandIn) -> None:
    stand_in.stops_after = 7
    with pytest.raises(KeyboardInterrupt):
        run(project)
    assert not (project.reports / MANIFEST).exists()
    stand_in.stops_after = None
    assert states(run(project)) == {"made": 13, "unchanged": 7}


def test_a_failed_report_is_tried_again_and_not_on_record(project: Project, stand_in: StandIn) -> None:
    stand_in.failing = {"classes/ssri.html"}
    assert states(run(project)) == {"made": 19, "failed": 1}
    manifest = read_manifest(project.reports).manifest
    assert manifest is not None
    assert "classes/ssri.html" not in manifest.outputs
    assert manifest.whole_kinds == ()
    stand_in.failing = set()
    assert states(run(project)) == {"made": 1, "unchanged": 19}


def test_the_index_links_to_current_pages_only(project: Project) -> None:
    run(project, "cases")
    set_cell("case_reports.csv", "case_id", "abdullah2019", "outcome", "death")(project)
    run(project, "cases", subjects={"cases": ("brooks2023",)})
    index = (project.reports / "index.html").read_text(encoding="utf-8")
    assert 'href="cases/brooks2023.html"' in index
    assert 'href="cases/afzal2020.html"' in index
    assert 'href="cases/abdullah2019.html"' not in index


def test_pages_with_other_definitions_stay_on_record_while_they_are_current(
    project: Project, stand_in: StandIn
) -> None:
    variant = "claims/C01--ss_definition=hunter_strict.html"
    run(project, "claims", subjects={"claims": ("C01",)}, assignments=("ss_definition=hunter_strict",))
    run(project, "claims", subjects={"claims": ("C01",)})
    assert stand_in.take() == sorted([variant, "claims/C01.html"])
    index = project.reports / "index.html"
    assert f'href="{variant}"' in index.read_text(encoding="utf-8")
    reword(project)
    run(project, "claims", subjects={"claims": ("C01",)})
    assert f'href="{variant}"' not in index.read_text(encoding="utf-8")
    assert (project.reports / variant).exists()


def test_two_runs_take_turns(made: Project) -> None:
    before = files_of(made.reports)
    program = (
        "import sys; from kratom_evidence.cli import main; from kratom_evidence.reports import site_pages\n"
        "site_pages.statement_results = lambda *_: []\n"
        "sys.exit(main(['report', 'classes']))"
    )
    (made.reports / "index.html").unlink()
    with locked(made.reports / ".lock", busy="The test renders."):
        other = subprocess.Popen(
            [sys.executable, "-c", program], cwd=made.root, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert other.stderr is not None
        told = other.stderr.readline()
        time.sleep(0.2)
        assert other.poll() is None
        assert not (made.reports / "index.html").exists()
    other.communicate(timeout=300)
    assert told == f"kratom-evidence: Another run is rendering into {made.reports}. Waiting for it to end.\n"
    assert other.returncode == 0
    assert files_of(made.reports).keys() == before.keys()


# --- the manifest


def test_the_manifest_holds_no_time_and_no_folder_of_this_machine(made: Project, made_once: Path) -> None:
    text = (made.reports / MANIFEST).read_text(encoding="utf-8")
    assert str(made_once) not in text
    assert str(Path(sys.prefix)) not in text
    document = json.loads(text)
    assert [page["page"] for page in document["pages"]] == sorted(page["page"] for page in document["pages"])
    assert document["program"]["commit"] is None
    assert document["data"]["files"]["case_reports.csv"] == inputs.file_hash(made.data / "case_reports.csv")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"format": "something else"}',
        "[" * 100_000,
        "\ud800",
    ],
    ids=["empty", "half", "list", "null", "foreign", "deep", "not UTF-8"],
)
def test_a_manifest_that_cannot_be_used_is_told_and_written_anew(text: str, made: Project) -> None:
    manifest = made.reports / MANIFEST
    good = manifest.read_bytes()
    manifest.write_bytes(text.encode("utf-8", "surrogatepass"))
    result = run(made)
    assert result.note is not None
    assert "cannot be used" in result.note
    assert states(result) == {"unchanged": 20}
    assert manifest.read_bytes() == good


HOSTILE = [
    ("page", "../outside.html"),
    ("page", "/etc/passwd"),
    ("page", "cases/../../x.html"),
    ("page", 3),
    ("kind", "others"),
    ("subject", None),
    ("parameters", []),
    ("parameters", {"x": [1]}),
    ("input_hash", "short"),
    ("output_hash", None),
]


@pytest.mark.parametrize(("name", "value"), HOSTILE)
def test_an_entry_that_no_run_would_write_spoils_the_manifest(name: str, value: object, made: Project) -> None:
    edit_json(made.reports / MANIFEST, lambda document: document["pages"][0].update({name: value}))
    reading = read_manifest(made.reports)
    assert reading.manifest is None
    assert reading.note is not None


def test_the_names_of_the_kinds_are_those_of_the_light_module() -> None:
    assert tuple(KINDS) == KIND_NAMES
