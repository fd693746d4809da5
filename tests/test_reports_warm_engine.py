"""The warm engine gives what a Jupyter kernel gives, keeps reports apart, and survives what a report does to it.

Each template is rendered with both engines once; KRATOM_EVIDENCE_LONG=1 adds its other kinds of subjects.
"""

import os
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import nbformat
import papermill  # type: ignore[import-untyped]
import pytest
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError  # type: ignore[import-untyped]

from kratom_evidence.claims import read_claims
from kratom_evidence.claims.verdict import EvidenceKind
from kratom_evidence.computed_once import computed_once, forget, remember
from kratom_evidence.dataset import load
from kratom_evidence.dataset.loading import read_dataset
from kratom_evidence.read_ahead import kept_or_read, read_ahead
from kratom_evidence.reports.batch import render_all
from kratom_evidence.reports.cell_process import FORK, SPAWN, start_method
from kratom_evidence.reports.cell_shell import CellRunner
from kratom_evidence.reports.engines import ENGINES, PLAIN, WARM
from kratom_evidence.reports.jobs import ReportJob
from kratom_evidence.reports.page import Provenance
from kratom_evidence.reports.papermill_entry import WarmEngineEntry
from kratom_evidence.reports.rendering import render
from kratom_evidence.reports.warm_engine import ENGINE_NAME
from kratom_evidence.reports.warm_process import PRELOADED, load_modules, warm_up
from tests.made_notebooks import code, markdown, notebook, written

pytestmark = [pytest.mark.notebook, pytest.mark.slow]

LONG = os.environ.get("KRATOM_EVIDENCE_LONG") == "1"
PROVENANCE = Provenance(data_version="1", data_fingerprint="a", package_version="1", command="command")
METHODS = [pytest.param(FORK, marks=pytest.mark.skipif(start_method() != FORK, reason="no safe fork here")), SPAWN]


def run(*cells: dict[str, Any], folder: Path, engine: str | None = ENGINE_NAME, **settings: Any) -> NotebookNode:
    """The notebook of these cells as an engine runs it."""
    executed: NotebookNode = papermill.execute_notebook(
        notebook(*cells), folder / "executed.ipynb", engine_name=engine, progress_bar=False, cwd=folder, **settings
    )
    return executed


def printed(executed: NotebookNode, name: str = "stdout") -> str:
    outputs = [output for cell in executed.cells for output in cell.get("outputs", [])]
    return "".join(output.text for output in outputs if output.output_type == "stream" and output.name == name)


class TestLikeAKernel:
    """What cells show is what they show in a kernel."""

    CELLS = (
        markdown("# Title"),
        code("parameter = 1", tags=("parameters",)),
        code("1 + parameter"),
        code("2;"),
        code("print('to stdout')\nimport sys\nsys.stderr.write('to stderr')\nNone"),
        code("from IPython.display import HTML, clear_output, display, update_display\ndisplay(HTML('<b>ä</b>'))"),
        code("display('first', display_id='changed')\n_"),
        code("update_display('second', display_id='changed')"),
        code("print('gone')\nclear_output()\nprint('stays')"),
        code("print('gone too')\nclear_output(wait=True)\nprint('comes')"),
        code("class Shown:\n    def _ipython_display_(self):\n        print('shown by itself')\nShown()"),
        code(""),
        code("import os\nprint(__name__, os.getcwd())"),
        code("%%capture held\nprint('captured')"),
        code("held.stdout, {(1, 2): float('1.5')}"),
        code("import matplotlib.pyplot as plt\nfigure, axes = plt.subplots()\naxes.plot([1, 2])\nplt.get_backend()"),
        code("await __import__('asyncio').sleep(0, 'awaited')"),
        code("try:\n    input('?')\nexcept Exception as error:\n    print(type(error).__name__)"),
    )

    def test_all_kinds_of_outputs_are_the_same(self, tmp_path: Path) -> None:
        warm, plain = (run(*self.CELLS, folder=tmp_path, engine=engine) for engine in (ENGINE_NAME, None))
        for ours, theirs in zip(warm.cells, plain.cells, strict=True):
            assert ours.get("execution_count") == theirs.get("execution_count"), theirs.source
            assert _comparable(ours) == _comparable(theirs), theirs.source
        assert {kind for cell in warm.cells for kind, *_ in _comparable(cell)} == {
            "stream", "execute_result", "display_data",
        }  # fmt: skip
        assert warm.metadata.language_info == plain.metadata.language_info

    def test_papermill_keeps_the_same_records(self, tmp_path: Path) -> None:
        cells = (code("parameter = 1", tags=("parameters",)), code("parameter"))
        warm, plain = (
            run(*cells, folder=tmp_path, engine=engine, parameters={"parameter": 2}) for engine in (ENGINE_NAME, None)
        )
        assert warm.metadata.papermill.parameters == plain.metadata.papermill.parameters == {"parameter": 2}
        assert set(warm.metadata.papermill) == set(plain.metadata.papermill)
        for ours, theirs in zip(warm.cells, plain.cells, strict=True):
            assert set(ours.metadata.papermill) == set(theirs.metadata.papermill)
            assert ours.metadata.papermill.status == theirs.metadata.papermill.status == "completed"
            assert ours.metadata.papermill.duration >= 0
        assert warm.cells[-1].outputs[0].data["text/plain"] == "2"

    @pytest.mark.parametrize("source", ["1 / 0", "def f(:", "import sys\nsys.exit(3)", "raise KeyError('x')"])
    def test_an_error_is_told_in_the_same_words(self, source: str, tmp_path: Path) -> None:
        told = []
        for engine in (ENGINE_NAME, None):
            with pytest.raises(PapermillExecutionError) as raised:
                run(code("fine = 1"), code(source), code("never = 1"), folder=tmp_path, engine=engine)
            error = raised.value
            told.append((error.cell_index, error.exec_count, error.ename, error.evalue, error.source))
        assert told[0] == told[1]

    def test_papermill_runs_it_by_its_entry_point(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        # What papermill does with an entry point, which an older installation of this package may lack.
        monkeypatch.setitem(papermill.engines.papermill_engines._engines, "by_entry_point", WarmEngineEntry)
        executed = run(code("6 * 7"), folder=tmp_path, engine="by_entry_point", parameters={"parameter": 2})
        assert executed.cells[-1].outputs[0].data["text/plain"] == "42"

    def test_an_orderly_exit_is_no_error(self, tmp_path: Path) -> None:
        assert run(code("import sys\nsys.exit(0)"), folder=tmp_path).cells[0].outputs


def _comparable(cell: NotebookNode) -> list[tuple[str, Any, Any]]:
    """The outputs of a cell. A kernel sends what is printed in pieces, and the two streams in either order."""
    streams: dict[str, str] = {}
    others = []
    for output in cell.get("outputs", []):
        if output.output_type == "stream":
            streams[output.name] = streams.get(output.name, "") + output.text
        else:
            others.append((output.output_type, output.data, output.metadata))
    return [*(("stream", *item) for item in sorted(streams.items())), *others]


def template_jobs(root: Path, out: Path) -> Iterator[ReportJob]:
    """One report of every kind; of the statements one that cases decide and one that context studies decide."""
    claims = read_claims(root / "data")
    deciding = {kind: next(claim.id for claim in claims if claim.kind == kind.value) for kind in EvidenceKind}
    subjects = [
        *(("claim.ipynb", {"claim_id": claim}) for claim in deciding.values()),
        ("case_report.ipynb", {"case_id": "brooks2023"}),
        ("substance.ipynb", {"substance": "venlafaxine"}),
        ("substance.ipynb", {"drug_class": "ssri"}),
    ]
    for number, (template, parameters) in enumerate(subjects):
        yield ReportJob(
            notebook=root / "notebooks" / "reports" / template,
            parameters=parameters,
            out=out,
            page=f"pages/{number}.html",
            title="A page",
            root=root,
            provenance=PROVENANCE,
        )


def test_every_template_gives_the_same_page_with_both_engines(project_root: Path, tmp_path: Path) -> None:
    pages = {}
    for engine in ENGINES:
        jobs = list(template_jobs(project_root, tmp_path / engine))
        if not LONG:
            jobs = list({job.notebook: job for job in jobs}.values())
        results = render_all(jobs, workers=2, engine=engine)
        assert [str(result.failure) for result in results if result.failure] == []
        pages[engine] = [job.output.read_bytes() for job in jobs]
    assert (
        len(set(pages[WARM])) == len(pages[WARM]) >= len(list((project_root / "notebooks" / "reports").glob("*.ipynb")))
    )
    assert pages[WARM] == pages[PLAIN]


class TestWhatAReportMayDo:
    """A report that ends its process, hangs or floods is told like that of a kernel."""

    @pytest.mark.parametrize("method", METHODS)
    @pytest.mark.parametrize("source", ["import os\nos._exit(0)", "import os, signal\nos.kill(os.getpid(), 9)"])
    def test_the_end_of_the_process_is_told_with_its_cell(self, source: str, method: str, tmp_path: Path) -> None:
        stopped = tmp_path / "stopped.ipynb"
        with pytest.raises(DeadKernelError):
            run(
                code("print('before')"), code(source), code("never"),
                folder=tmp_path, start_method=method, stopped_notebook=str(stopped),
            )  # fmt: skip
        kept = papermill.iorw.load_notebook_node(str(stopped))
        assert printed(kept) == "before\n"
        started = [bool(cell.metadata.papermill["start_time"]) for cell in kept.cells]
        assert started == [True, True, False]

    @pytest.mark.parametrize("method", METHODS)
    def test_a_cell_that_takes_too_long_leaves_no_process(self, method: str, tmp_path: Path) -> None:
        # The cell starts a process of its own, too.
        source = (
            "import os, subprocess, sys, time, pathlib\n"
            "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
            "pathlib.Path('ids').write_text(f'{os.getpid()} {child.pid}')\n"
            "time.sleep(600)"
        )
        with pytest.raises(CellTimeoutError):
            run(code("import time"), code(source), folder=tmp_path, execution_timeout=3, start_method=method)
        for process in (tmp_path / "ids").read_text().split():
            _until(partial(_is_gone, int(process)))

    @pytest.mark.parametrize("method", METHODS[:1])
    def test_the_start_of_a_process_takes_no_time_from_its_first_cell(
        self, method: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        begin = CellRunner.__init__

        def begin_slowly(runner: CellRunner, pipe: Any) -> None:
            time.sleep(3.5)
            begin(runner, pipe)

        monkeypatch.setattr(CellRunner, "__init__", begin_slowly)
        executed = run(code("print(6 * 7)"), folder=tmp_path, execution_timeout=3, start_method=method)
        assert printed(executed) == "42\n"

    def test_a_flood_of_output_comes_through_whole(self, tmp_path: Path) -> None:
        executed = run(code("for _ in range(50):\n    print('x' * 99_999)"), folder=tmp_path)
        assert printed(executed) == ("x" * 99_999 + "\n") * 50
        assert len(executed.cells[0].outputs) == 1

    def test_text_that_is_no_utf_8_does_not_break_the_report(self, tmp_path: Path) -> None:
        source = "import os\nos.write(1, b'\\xff!')\nprint(os.fsdecode(b'\\xfe?'))"
        assert {"!", "?"} <= set(printed(run(code(source), code("1"), folder=tmp_path)))

    def test_nothing_is_written_to_the_terminal(self, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
        source = "import os, subprocess, sys\nos.write(2, b'one ')\nsubprocess.run(['echo', 'two'], check=True)"
        executed = run(code(source), folder=tmp_path)
        assert (printed(executed, "stderr").strip(), printed(executed).strip()) == ("one", "two")
        assert capfd.readouterr() == ("", "")

    def test_a_report_ends_when_its_host_is_killed(self, tmp_path: Path) -> None:
        source = "import os, pathlib, time\npathlib.Path('id').write_text(str(os.getpid()))\ntime.sleep(600)"
        context = __import__("multiprocessing").get_context("spawn")
        host = context.Process(target=run, args=(code(source),), kwargs={"folder": tmp_path})
        host.start()
        _until(lambda: (tmp_path / "id").is_file() and (tmp_path / "id").read_text())
        host.kill()
        host.join()
        child = int((tmp_path / "id").read_text())
        _until(lambda: _is_gone(child))


def _until(true: Any) -> None:
    deadline = time.monotonic() + 300
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _is_gone(process: int) -> bool:
    """Whether the process has ended; one that nobody has waited for counts."""
    status = Path(f"/proc/{process}/stat")
    try:
        if status.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
    except (FileNotFoundError, ProcessLookupError):
        pass
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


class TestApart:
    """No report sees what another one did, nor does the process that they were forked from."""

    CHANGES = (
        "import builtins, os, sys, warnings\nimport matplotlib as mpl\nimport pandas as pd\nimport kratom_evidence\n"
        "builtins.seen = kratom_evidence.seen = pd.seen = True\nos.environ['SEEN'] = '1'\n"
        "mpl.rcParams['font.size'] = 99\n"
        "sys.modules['seen'] = builtins\npd.set_option('display.max_rows', 7)\nos.chdir('/')\nmpl.use('svg')"
    )
    LOOKS = (
        "import builtins, os, sys\nimport matplotlib as mpl\nimport pandas as pd\nimport kratom_evidence\n"
        "seen = [hasattr(place, 'seen') for place in (builtins, kratom_evidence, pd)]\n"
        "print(seen, 'SEEN' in os.environ, mpl.rcParams['font.size'] == 99, 'seen' in sys.modules,\n"
        "      pd.get_option('display.max_rows') == 7, os.getcwd() == '/', mpl.get_backend() == 'svg')"
    )
    NOTHING = "[False, False, False] False False False False False False\n"

    def test_a_report_sees_nothing_of_the_one_before(self, tmp_path: Path) -> None:
        load_modules()
        first = run(code(self.CHANGES), code(self.LOOKS), folder=tmp_path)
        assert printed(first) == self.NOTHING.replace("False", "True")
        assert printed(run(code(self.LOOKS), folder=tmp_path)) == self.NOTHING

    @pytest.mark.skipif(start_method() != FORK, reason="no safe fork here")
    def test_a_report_sees_nothing_of_those_that_its_worker_made_before(
        self, project_root: Path, tmp_path: Path
    ) -> None:
        """All are forked from one process with a shell that is ready: it must be as new for each."""
        lines = (
            "import builtins, sys",
            "import matplotlib.pyplot as plt",
            "fresh = 'seen' not in globals() and not hasattr(builtins, 'seen') and not plt.get_fignums()",
            "assert fresh and len(In) == 4 and not Out and sys.modules['__main__'].__dict__ is globals(), In",
            "seen = builtins.seen = True",
            "_ = plt.figure()",
            "1 + 1",
        )
        template = tmp_path / "template.ipynb"
        nbformat.write(notebook(code("claim_id = ''", tags=("parameters",)), code("\n".join(lines))), template)  # type: ignore[no-untyped-call]
        job = next(template_jobs(project_root, tmp_path))
        jobs = [
            replace(job, notebook=template, page=f"claims/{number}.html", parameters={"claim_id": f"C0{number}"})
            for number in range(1, 6)
        ]
        assert [str(result.failure) for result in render_all(jobs, workers=2) if result.failure] == []
        # Figures that this process has open are not shown in a report either.
        figure = plt.figure()
        try:
            executed = run(code("import matplotlib.pyplot as plt\nplt.get_fignums()"), folder=tmp_path)
        finally:
            plt.close(figure)
        assert [output.data["text/plain"] for output in executed.cells[0].outputs] == ["[]"]

    def test_random_numbers_differ(self, tmp_path: Path) -> None:
        source = code("import random\nimport numpy as np\nprint(random.random(), np.random.random())")
        first, second = (printed(run(source, folder=tmp_path)).split() for _ in range(2))
        assert not {*first} & {*second}


class TestReadAhead:
    """Data read ahead are those of the folder as it is, and what is computed from them is computed once."""

    def test_a_changed_file_is_read_again(self, data_copy: Path) -> None:
        ahead = read_ahead(read_dataset, data_copy)
        assert load(data_copy) is ahead
        changelog = data_copy / "screening" / "excluded.csv"
        lines = changelog.read_text(encoding="utf-8").splitlines(keepends=True)
        changelog.write_text("".join(lines[:-1]), encoding="utf-8", newline="")
        assert len(load(data_copy).excluded) == len(ahead.excluded) - 1
        assert kept_or_read(read_dataset, data_copy) is not ahead

    def test_nothing_is_kept_that_was_not_asked_for(self, data_copy: Path) -> None:
        assert load(data_copy) is not load(data_copy)

    def test_a_result_is_computed_once_and_given_as_a_copy(self) -> None:
        calls = []

        @computed_once
        def listed(data: dict[str, int], *, least: int = 0) -> list[int]:
            calls.append(least)
            return [value for value in data.values() if value >= least]

        data = {"a": 1, "b": 2}
        assert [listed(data), listed(data)] == [[1, 2], [1, 2]]
        assert calls == [0, 0]
        remember(data)
        try:
            listed(data).clear()
            assert [listed(data), listed(data, least=2), listed(data, least=2)] == [[1, 2], [2], [2]]
            assert calls == [0, 0, 0, 2]
        finally:
            forget(data)


class TestStarting:
    def test_every_preloaded_module_exists(self) -> None:
        load_modules()
        assert set(PRELOADED) <= set(sys.modules)

    def test_a_module_that_cannot_be_preloaded_is_told(self) -> None:
        with pytest.raises(ModuleNotFoundError, match="no_such_module"):
            load_modules((*PRELOADED, "kratom_evidence.no_such_module"))

    def test_a_report_fails_when_the_preload_does(self, project_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(_root: Path) -> None:
            raise ModuleNotFoundError("No module named 'pandas'")

        monkeypatch.setattr("kratom_evidence.reports.warm_process.warm_up", broken)
        job = next(template_jobs(project_root, project_root / "nowhere"))
        assert "No module named 'pandas'" in str(render(job).failure)

    def test_to_warm_up_again_draws_and_computes_nothing(
        self, project_root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        warm_up(project_root)

        def too_late(*_: object, **__: object) -> None:
            raise AssertionError("It is done already.")

        monkeypatch.setattr("matplotlib.backends.backend_svg.FigureCanvasSVG.print_svg", too_late)
        monkeypatch.setattr("pandas.DataFrame.__init__", too_late)
        warm_up(project_root)

    def test_a_process_with_threads_is_not_forked(self) -> None:
        asked = threading.Event()
        thread = threading.Thread(target=asked.wait)
        thread.start()
        try:
            assert start_method() == SPAWN
        finally:
            asked.set()
            thread.join()

    def test_a_spawned_process_gives_the_same(self, tmp_path: Path) -> None:
        executed = run(code("value = 2"), code("value * 21"), folder=tmp_path, start_method=SPAWN)
        assert executed.cells[1].outputs[0].data["text/plain"] == "42"


def test_results_are_told_as_they_come(project_root: Path, tmp_path: Path) -> None:
    told: list[str] = []
    empty = written(tmp_path / "empty.ipynb", code("1"))
    jobs = [replace(job, notebook=empty, parameters={}) for job in template_jobs(project_root, tmp_path)]
    results = render_all(jobs, workers=2, finished=lambda result: told.append(result.job.page))
    assert sorted(told) == sorted(result.job.page for result in results) == sorted(job.page for job in jobs)
