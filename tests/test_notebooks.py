"""What every notebook of the project keeps to, as it is committed; nbval runs the numbered ones and compares.

Plain papermill, from a folder outside the project, runs one of them here; KRATOM_EVIDENCE_LONG=1 runs every one.
"""

import ast
import configparser
import itertools
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (ROOT / "notebooks").rglob("*.ipynb")
    if ".ipynb_checkpoints" not in path.parts
)
# Folders of one machine: of Unix, of Windows, and of a shared drive.
ABSOLUTE_PATH = re.compile(
    r"(?<![\w:/.<])/(?:home|Users|root|tmp|work|usr|opt|var|mnt|srv)/\w|\b[A-Za-z]:\\\\?\w|file://"
)
# Bytes of a notebook with its outputs: GitHub shows no notebook of more than a few megabytes.
LARGEST = 1_500_000
# Characters of one output: the largest is a grid of all cases.
LARGEST_OUTPUT = 400_000
LONG = os.environ.get("KRATOM_EVIDENCE_LONG") == "1"
# The form for new cases does something in JupyterLab only.
BY_PAPERMILL = [name for name in NOTEBOOKS if re.match(r"notebooks/(\d\d_|reports/)", name)]
SHORT = ["notebooks/07_screening.ipynb"]
# It asks for one of two parameters, so that it has no default.
# A substance of enough cases for a drawing.
GIVEN = {"notebooks/reports/substance.ipynb": ["-p", "substance", "ethanol"]}
# What would make nbval pass over an output or a failure.
LENIENT = re.compile(r"nbval|raises-exception|skip", re.IGNORECASE)
FIGURES = ("image/svg+xml", "image/png", "image/jpeg")
WIDGETS = "application/vnd.jupyter.widget"
# A count or a share typed into prose goes stale with the data. Identifiers (CYP2D6, 5-HT2A, a year of a publication)
# and definitions (2 g, five weeks) are no results; they are allowed by their form.
TYPED_RESULT = re.compile(r"\b\d+(?:\.\d+)?\s*(?:%|per cent|cases\b|patients\b|publications\b|of \d+\b)")


def read(name: str) -> NotebookNode:
    node: NotebookNode = nbformat.read(ROOT / name, as_version=nbformat.NO_CONVERT)  # type: ignore[no-untyped-call]
    return node


@pytest.fixture(params=NOTEBOOKS)
def notebook(request: pytest.FixtureRequest) -> NotebookNode:
    return read(request.param)


@pytest.fixture(params=[name for name in NOTEBOOKS if re.fullmatch(r"notebooks/\d\d_\w+\.ipynb", name)])
def analysis(request: pytest.FixtureRequest) -> NotebookNode:
    """A numbered notebook: one of the analysis, committed with its outputs."""
    return read(request.param)


@pytest.fixture(params=[name for name in NOTEBOOKS if name.startswith("notebooks/reports/")])
def template(request: pytest.FixtureRequest) -> NotebookNode:
    """A template that papermill fills in: committed without outputs."""
    return read(request.param)


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def outputs(notebook: NotebookNode) -> Iterator[NotebookNode]:
    return itertools.chain.from_iterable(cell.outputs for cell in code_cells(notebook))


def strings(value: Any) -> Iterator[str]:
    """Every text in a notebook or a part of it."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, entry in value.items():
            yield from strings(key)
            yield from strings(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from strings(entry)


def python(cell: NotebookNode) -> ast.Module:
    """The cell's code without the lines that IPython reads itself."""
    lines = ["" if line.lstrip().startswith(("%", "!")) else line for line in cell.source.split("\n")]
    return ast.parse("\n".join(lines))


def test_there_are_notebooks_to_test() -> None:
    assert {"notebooks/01_case_reports.ipynb", "notebooks/02_co_exposures.ipynb"} <= set(NOTEBOOKS)


def test_the_file_is_a_valid_notebook_with_cell_ids(notebook: NotebookNode) -> None:
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) >= (4, 5)
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)


def test_it_runs_on_the_kernel_that_every_installation_has(notebook: NotebookNode) -> None:
    assert notebook.metadata.kernelspec.name == "python3"
    assert notebook.metadata.kernelspec.language == "python"


def test_no_state_of_a_machine_or_of_widgets_is_kept(notebook: NotebookNode) -> None:
    assert set(notebook.metadata) <= {"kernelspec", "language_info", "title"}
    assert not {key for cell in notebook.cells for key in cell.metadata} - {"tags", "editable", "slideshow"}
    assert not [text for text in strings(notebook) if text.startswith(WIDGETS)]


def test_one_cell_holds_the_parameters(notebook: NotebookNode) -> None:
    tagged = [cell for cell in code_cells(notebook) if "parameters" in cell.metadata.get("tags", [])]
    assert len(tagged) == 1
    for statement in python(tagged[0]).body:
        assert isinstance(statement, ast.Assign | ast.AnnAssign), "the parameters cell does more than assign"
        assert statement.value is not None
        ast.literal_eval(statement.value)


def test_the_parameters_come_first(notebook: NotebookNode) -> None:
    """Before anything is computed: papermill puts the values that it is given below this cell."""
    assert "parameters" in code_cells(notebook)[0].metadata.get("tags", [])


def test_every_line_is_python(notebook: NotebookNode) -> None:
    """What IPython or a shell reads itself is seen by no other check here, and would differ between machines."""
    for cell in code_cells(notebook):
        ast.parse(cell.source)


def test_every_parameter_is_used(notebook: NotebookNode) -> None:
    cells = code_cells(notebook)
    tagged = next(cell for cell in cells if "parameters" in cell.metadata.get("tags", []))
    assigned = {
        node.id for node in ast.walk(python(tagged)) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    used = {
        node.id
        for cell in cells
        if cell is not tagged
        for node in ast.walk(python(cell))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    assert assigned
    assert assigned <= used


def test_nothing_is_defined_in_a_notebook(notebook: NotebookNode) -> None:
    """Functions live in the package, where they are typed and tested."""
    for cell in code_cells(notebook):
        for node in ast.walk(python(cell)):
            assert not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef), cell.source
            named_lambda = isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and isinstance(
                node.value, ast.Lambda
            )
            assert not named_lambda, cell.source


def test_the_last_code_cell_checks_that_the_notebook_is_complete(notebook: NotebookNode) -> None:
    """By assertions of its own, or by calling the check of the package."""
    nodes = list(ast.walk(python(code_cells(notebook)[-1])))
    assertions = [node for node in nodes if isinstance(node, ast.Assert)]
    calls = [node.func for node in nodes if isinstance(node, ast.Call)]
    called = [func.attr for func in calls if isinstance(func, ast.Attribute)]
    assert assertions or any(name.startswith("check") for name in called)
    for assertion in assertions:
        assert not isinstance(assertion.test, ast.Constant), "an assertion that cannot fail"


def test_nothing_comes_after_the_check(notebook: NotebookNode) -> None:
    assert notebook.cells[-1] is code_cells(notebook)[-1]


def lenient_marks(notebook: NotebookNode) -> list[str]:
    """Tags and comments by which nbval would compare less than everything."""
    tags = [tag for cell in code_cells(notebook) for tag in cell.metadata.get("tags", [])]
    comments = [line for cell in code_cells(notebook) for line in cell.source.splitlines() if "#" in line]
    return [mark for mark in (*tags, *(line.partition("#")[2] for line in comments)) if LENIENT.search(mark)]


def test_nbval_compares_every_output_of_an_analysis(analysis: NotebookNode) -> None:
    assert lenient_marks(analysis) == []


@pytest.mark.parametrize("source", ["# NBVAL_IGNORE_OUTPUT\n1", "1  # nbval_skip", "#PYTEST_VALIDATE_SKIP"])
def test_lenient_marks_are_recognised(source: str) -> None:
    cell = nbformat.v4.new_code_cell(source)  # type: ignore[no-untyped-call]
    assert lenient_marks(nbformat.v4.new_notebook(cells=[cell]))  # type: ignore[no-untyped-call]


def test_only_drawings_are_not_compared(analysis: NotebookNode) -> None:
    rules = configparser.ConfigParser(interpolation=None)
    rules.read(ROOT / "tests" / "nbval_sanitize.cfg")
    assert rules.sections() == ["drawing"]
    passed_over = re.compile(rules["drawing"]["regex"])
    for output in outputs(analysis):
        compared = [text for kind, text in output.get("data", {}).items() if kind != "image/svg+xml"]
        assert not any(passed_over.search(text) for text in compared)


def test_cells_are_short(notebook: NotebookNode) -> None:
    for cell in code_cells(notebook):
        assert len(cell.source.splitlines()) <= 30, cell.source


def test_there_is_one_title_and_no_level_is_left_out(notebook: NotebookNode) -> None:
    prose = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    levels = [len(marks) for text in prose for marks in re.findall(r"^(#{1,6}) ", text, flags=re.MULTILINE)]
    assert levels.count(1) <= 1
    for level, following in itertools.pairwise(levels):
        assert following <= level + 1


def test_no_result_is_typed_into_the_prose(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            assert not TYPED_RESULT.search(cell.source), cell.source


def test_no_path_of_a_machine_is_kept(notebook: NotebookNode) -> None:
    found = [match.group() for text in strings(notebook) for match in [ABSOLUTE_PATH.search(text)] if match]
    assert found == []


@pytest.mark.parametrize("text", ["see /" + "home/anna/data", "C:\\Users\\anna", '"/tmp/x.csv"', "file:///etc/hosts"])
def test_paths_of_machines_are_recognised(text: str) -> None:
    assert ABSOLUTE_PATH.search(text)


@pytest.mark.parametrize("text", ["https://doi.org/10.1000/var/x", "<svg/>", "and/or", "../data/case_reports.csv"])
def test_links_are_no_paths_of_machines(text: str) -> None:
    assert not ABSOLUTE_PATH.search(text)


def test_no_error_is_kept(notebook: NotebookNode) -> None:
    for output in outputs(notebook):
        assert output.output_type != "error"
        assert output.get("name") != "stderr", f"a warning was kept: {output.get('text')}"


def test_the_outputs_are_those_of_one_run_from_top_to_bottom(analysis: NotebookNode) -> None:
    counts = [cell.execution_count for cell in code_cells(analysis)]
    assert counts == list(range(1, len(counts) + 1))
    assert sum(bool(cell.outputs) for cell in code_cells(analysis)) >= 3


def test_a_template_keeps_no_output(template: NotebookNode) -> None:
    assert not list(outputs(template))
    assert {cell.execution_count for cell in code_cells(template)} == {None}


def test_the_form_keeps_no_output_and_is_run_without_comparing_widgets() -> None:
    """Widgets have another identity on every run, and their state is that of one session."""
    form = read("notebooks/add_case_report.ipynb")
    assert not list(outputs(form))
    assert {cell.execution_count for cell in code_cells(form)} == {None}
    (shown,) = [cell for cell in code_cells(form) if "form.box" in cell.source]
    assert "nbval-ignore-output" in shown.metadata.tags


def test_every_output_has_text_that_can_be_compared(analysis: NotebookNode) -> None:
    for output in outputs(analysis):
        if output.output_type in {"display_data", "execute_result"}:
            assert output.data["text/plain"].strip()


def check_alternative_texts(notebook: NotebookNode) -> int:
    """Each figure has a text of some words, whether it is an output of its own or part of one; how many there are."""
    figures = 0
    for output in outputs(notebook):
        if any(kind in output.get("data", {}) for kind in FIGURES):
            alt = output.metadata.get("kratom_evidence", {}).get("alt", "")
            assert len(alt.split()) >= 5, f"a figure without alternative text: {output.data['text/plain']}"
            figures += 1
        for drawing in BeautifulSoup(output.get("data", {}).get("text/html", ""), "html.parser").find_all(
            ("img", "svg")
        ):
            alt = str(drawing.get("alt") or drawing.get("aria-label") or "")
            assert len(alt.split()) >= 5 or drawing.get("aria-hidden") == "true", (
                f"without a text: {str(drawing)[:200]}"
            )
    return figures


def test_every_figure_has_an_alternative_text(notebook: NotebookNode) -> None:
    check_alternative_texts(notebook)


def test_a_figure_is_kept_in_one_form(notebook: NotebookNode) -> None:
    for output in outputs(notebook):
        assert sum(kind in output.get("data", {}) for kind in FIGURES) <= 1


def test_no_output_is_larger_than_needed(notebook: NotebookNode) -> None:
    for output in outputs(notebook):
        size = sum(len(text) for text in strings(output))
        assert size <= LARGEST_OUTPUT, f"{size} characters: {str(output)[:200]}"


@pytest.mark.slow
@pytest.mark.notebook
@pytest.mark.parametrize("name", BY_PAPERMILL if LONG else SHORT)
def test_plain_papermill_runs_it_from_any_folder(name: str, tmp_path: Path) -> None:
    """With nothing set: defaults for parameters, no engine, no variable; in a folder whose name is not ASCII."""
    elsewhere = tmp_path / "über all"
    elsewhere.mkdir()
    unset = {key: value for key, value in os.environ.items() if not key.startswith("KRATOM_EVIDENCE_")}
    command = [
        sys.executable,
        "-m",
        "papermill",
        str(ROOT / name),
        "executed.ipynb",
        "--no-progress-bar",
        *GIVEN.get(name, []),
    ]
    done = subprocess.run(command, cwd=elsewhere, env=unset, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert [path.name for path in elsewhere.iterdir()] == ["executed.ipynb"], "it wrote beside itself"
    executed: NotebookNode = nbformat.read(elsewhere / "executed.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    cells = code_cells(executed)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert [output.get("name") for output in outputs(executed) if output.get("name") == "stderr"] == []
    assert check_alternative_texts(executed) >= 1


def test_outputs_are_small(notebook: NotebookNode) -> None:
    size = len(nbformat.writes(notebook).encode())  # type: ignore[no-untyped-call]
    assert size <= LARGEST
