"""Reports of a Dask cluster: the same bytes as here, whichever worker dies, and a word for whatever goes wrong."""

import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat
import pytest

from kratom_evidence.cli import main
from kratom_evidence.faults import ExplainedError, UsageError
from kratom_evidence.project import ROOT_VARIABLE, Project
from kratom_evidence.reports import cluster
from kratom_evidence.reports.batch import render_all
from kratom_evidence.reports.cluster import render_on_cluster
from kratom_evidence.reports.cluster_address import checked_address
from kratom_evidence.reports.cluster_bundle import packed
from kratom_evidence.reports.cluster_jobs import job_line, job_of_line, received, result_line
from kratom_evidence.reports.inputs import read_inputs
from kratom_evidence.reports.jobs import ReportJob
from kratom_evidence.reports.planning import read_plan
from kratom_evidence.reports.rendering import Failure, RenderResult
from kratom_evidence.reports.request import ReportRequest
from tests.made_notebooks import code, written

HOLD = "HOLD_REPORTS_BY"
# On a worker with this variable, a report tells the process that renders it and then waits to be killed.
HELD = f"""
import os, pathlib, time
if os.environ.get("{HOLD}"):
    pathlib.Path(os.environ["{HOLD}"]).write_text(str(os.getppid()))
    time.sleep(600)
"""
KILLS_ITS_HOST = "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)"
FAILS = "print('so far')\nraise ValueError('no such case')"
STARTED_WITHIN = 300.0  # seconds; a busy machine is not a fault of the code


@pytest.fixture
def project(data_copy: Path, project_root: Path) -> Project:
    """A project with the real data and the template of drug classes, whose reports can be held."""
    folder = data_copy.parent / "notebooks" / "reports"
    shutil.copytree(project_root / "notebooks" / "reports", folder)
    template = folder / "substance.ipynb"
    notebook = nbformat.read(template, as_version=4)  # type: ignore[no-untyped-call]
    notebook.cells.append(nbformat.v4.new_code_cell(HELD, id="held"))  # type: ignore[no-untyped-call]
    nbformat.write(notebook, template)  # type: ignore[no-untyped-call]
    written(folder / "fails.ipynb", code(FAILS))
    written(folder / "kills.ipynb", code(KILLS_ITS_HOST))
    return Project(root=data_copy.parent)


def jobs_of(project: Project, count: int) -> list[ReportJob]:
    """The first pages of drug classes."""
    plan = read_plan(project, project.reports, read_inputs(project))
    request = ReportRequest(kind="classes", subjects={}, assignments=(), out=project.reports)
    return [page.job for page in list(plan.wanted(request).values())[:count]]


def other(job: ReportJob, template: str) -> ReportJob:
    """A job of another template, in place of this one."""
    notebook = job.notebook.with_name(f"{template}.ipynb")
    return replace(job, notebook=notebook, page=f"classes/{template}.html", parameters={})


# --- addresses and options


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:8786", "tls://cluster.example:443", "tcp://[::1]:8786"])
def test_an_address_is_taken_as_it_is(address: str) -> None:
    assert checked_address(address) == address


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("127.0.0.1:8786", "begin with tcp://"),
        ("http://127.0.0.1:8786", "begin with tcp://"),
        ("tcp://127.0.0.1", "lacks a port"),
        ("tcp://:8786", "lacks a host"),
        ("tcp://127.0.0.1:99999", "0-65535"),
        ("tcp://127.0.0.1:8786/status", "nothing may stand beside"),
        ("tcp://[::1:8786", "Invalid IPv6"),
    ],
)
def test_another_address_is_refused_with_what_is_wrong(address: str, told: str) -> None:
    with pytest.raises(UsageError) as refused:
        checked_address(address)
    assert told in str(refused.value)
    assert "such as tcp://127.0.0.1:8786" in str(refused.value)


def test_jobs_are_counted_by_the_workers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--scheduler", "tcp://127.0.0.1:8786", "--jobs", "2"]) == 2
    assert "--nthreads" in capsys.readouterr().err


# --- what is sent, and what comes back


def test_what_is_sent_is_a_project_with_the_same_inputs(project: Project, tmp_path: Path) -> None:
    inputs = read_inputs(project)
    with zipfile.ZipFile(io.BytesIO(packed(project, inputs))) as archive:
        archive.extractall(tmp_path / "elsewhere")
    ask = (
        "import sys; from pathlib import Path; from kratom_evidence.project import Project;"
        "from kratom_evidence.reports.inputs import PACKAGE, read_inputs;"
        "print(PACKAGE, read_inputs(Project(root=Path(sys.argv[1]))).all)"
    )
    elsewhere = tmp_path / "elsewhere"
    environment = {**os.environ, "PYTHONPATH": str(elsewhere / "src")}
    command = [sys.executable, "-c", ask, str(elsewhere)]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert told.split() == [str(elsewhere / "src" / "kratom_evidence"), inputs.all]


def test_a_job_arrives_in_the_folders_of_the_other_machine(project: Project, tmp_path: Path) -> None:
    [job] = jobs_of(project, 1)
    there = Project(root=tmp_path / "there")
    arrived = job_of_line(job_line(job), there, tmp_path / "out")
    assert str(project.root) not in job_line(job)
    assert arrived.notebook == there.root / "notebooks" / "reports" / job.notebook.name
    assert replace(arrived, notebook=job.notebook, root=job.root, out=job.out) == job


def test_a_page_that_comes_back_is_written_and_takes_the_failed_notebook_away(project: Project) -> None:
    [job] = jobs_of(project, 1)
    job.failed_notebook.parent.mkdir(parents=True)
    job.failed_notebook.write_text("{}", encoding="utf-8")
    job.output.parent.mkdir(parents=True)
    job.output.write_text("<p>ä\n", encoding="utf-8")
    line = result_line(RenderResult(job=job))
    job.output.unlink()
    assert received(job, line) == RenderResult(job=job)
    assert job.output.read_bytes() == "<p>ä\n".encode()
    assert not job.failed_notebook.parent.parent.exists()


def test_a_failure_that_comes_back_takes_the_old_page_away_and_leaves_its_notebook(project: Project) -> None:
    [job] = jobs_of(project, 1)
    there = project.root / "there.ipynb"
    there.write_text("{}", encoding="utf-8")
    failure = Failure(reason="no such case", cell=3, source="1 / 0", notebook=there)
    job.output.parent.mkdir(parents=True)
    job.output.write_text("a page of an earlier run", encoding="utf-8")
    result = received(job, result_line(RenderResult(job=job, failure=failure)))
    assert result.failure == replace(failure, notebook=job.failed_notebook)
    assert job.failed_notebook.read_text(encoding="utf-8") == "{}"
    assert not job.output.exists()


# --- what is told when there is no cluster


def test_without_distributed_the_command_says_what_to_install(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(ROOT_VARIABLE, str(project.root))
    monkeypatch.setattr(cluster, "find_spec", lambda _: None)
    assert main(["report", "classes", "--scheduler", "tcp://127.0.0.1:8786"]) == 1
    assert "pip install 'kratom-evidence[cluster]'" in capsys.readouterr().err


def test_a_scheduler_that_does_not_answer_is_told(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason="distributed is missing: the cluster is not tested")
    monkeypatch.setattr(cluster, "_TIME_TO_CONNECT", 1)
    # Bound and not listened to: nobody else can take the port meanwhile.
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{bound.getsockname()[1]}"
        with pytest.raises(ExplainedError, match=f"No Dask scheduler answers at {address}"):
            render_on_cluster(jobs_of(project, 1), project=project, inputs=read_inputs(project), address=address)


# --- what is told of reports of which nothing comes back


@dataclass
class MadeUpClient:
    """Stands in for a client of a cluster: each report ends as it is told, or never."""

    outcomes: list[BaseException | None]
    status: str = "running"
    workers: int = 1

    def map(self, _: object, lines: list[str], **__: Any) -> list[Any]:
        futures: list[Any] = [Future() for _ in lines]
        for number, (future, outcome) in enumerate(zip(futures, self.outcomes, strict=True)):
            future.key = number
            if outcome is not None:
                future.set_exception(outcome)
        return futures

    def nthreads(self) -> dict[str, int]:
        return {str(number): 1 for number in range(self.workers)}

    def cancel(self, futures: list[Any]) -> None:
        self.cancelled = len(futures)


def reasons(project: Project, client: MadeUpClient, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    pytest.importorskip("distributed", reason="distributed is missing: the cluster is not tested")
    from kratom_evidence.reports import cluster_results

    monkeypatch.setattr(cluster_results, "_LOOK_EVERY", 0.01)
    monkeypatch.setattr(cluster_results, "_WITHOUT_WORKERS", 0.05)
    jobs = jobs_of(project, len(client.outcomes))
    with cluster_results.ClusterResults(client, jobs, "plugin", "tcp://there:1") as results:
        told = list(results)
    assert client.cancelled == 0
    return [result.failure.reason for result in told if result.failure is not None]


def test_a_report_that_kills_one_worker_after_the_other_is_told(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    scheduler = pytest.importorskip("distributed.scheduler", reason="distributed is missing")
    last = scheduler.WorkerState.__new__(scheduler.WorkerState)
    last.address = "tcp://there:2"
    killed = scheduler.KilledWorker("report", last, 3)
    outcomes: list[BaseException | None] = [killed, RuntimeError("No module named 'x'"), CancelledError()]
    died, missing, cancelled = reasons(project, MadeUpClient(outcomes), monkeypatch)
    assert died.startswith("4 workers died while they rendered it, the last at tcp://there:2.")
    assert missing == "A worker could not render it: No module named 'x'"
    assert cancelled == "Somebody else cancelled it on the cluster."


@pytest.mark.parametrize(
    ("status", "workers", "told"),
    [("closed", 1, "connection to the scheduler at tcp://there:1 was lost"), ("running", 0, "has no workers any more")],
)
def test_what_never_comes_is_told(
    status: str, workers: int, told: str, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = reasons(project, MadeUpClient([None, None], status=status, workers=workers), monkeypatch)
    assert len(found) == 2
    assert all(told in reason and "Start the command again" in reason for reason in found)


# --- a real cluster


@contextmanager
def running(*arguments: str, folder: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A program of Dask, bound to this machine only, without a page of its own."""
    command = [sys.executable, "-m", "dask", *arguments, "--host", "127.0.0.1", "--no-dashboard"]
    log = folder / "cluster.log"
    with log.open("ab") as stream:
        process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **environment}, stdout=stream, stderr=stream, start_new_session=True
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(STARTED_WITHIN)


def waited_for(path: Path) -> str:
    """The text of a file that another process writes."""
    deadline = time.monotonic() + STARTED_WITHIN
    while not path.is_file() or not path.read_text(encoding="utf-8"):
        assert time.monotonic() < deadline, f"{path.name} was not written"
        time.sleep(0.05)
    return path.read_text(encoding="utf-8")


def is_gone(process: int) -> bool:
    deadline = time.monotonic() + STARTED_WITHIN
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        # One that nobody has waited for has ended.
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


@dataclass
class MadeCluster:
    """A scheduler on this machine. Workers are started by the tests."""

    folder: Path
    address: str

    @contextmanager
    def worker(self, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
        options = ("--nthreads", "1", "--no-nanny", "--local-directory", str(self.folder))
        with running("worker", self.address, *options, folder=self.folder, **environment) as process:
            yield process


@pytest.fixture
def made_cluster(tmp_path: Path) -> Iterator[MadeCluster]:
    pytest.importorskip("distributed", reason="distributed is missing: the cluster is not tested")
    folder = tmp_path / "cluster"
    folder.mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with running("scheduler", "--port", str(port), "--no-show", folder=folder):
        yield MadeCluster(folder=folder, address=f"tcp://127.0.0.1:{port}")
    _end_threads_of_dask()


def _end_threads_of_dask() -> None:
    """Dask leaves a thread for call-backs and one for each client that found no scheduler: no later test could fork."""
    from distributed.client import Future
    from distributed.utils import LoopRunner

    if Future._cb_executor is not None:
        Future._cb_executor.shutdown()
        Future._cb_executor = None
    for _, runner in list(LoopRunner._all_loops.values()):
        if runner is not None:
            runner.stop()  # type: ignore[no-untyped-call]
    assert [thread.name for thread in threading.enumerate()] == ["MainThread"]


@pytest.mark.slow
@pytest.mark.notebook
def test_a_killed_worker_costs_no_page_and_all_pages_are_the_bytes_of_this_machine(
    project: Project, made_cluster: MadeCluster, tmp_path: Path
) -> None:
    good = jobs_of(project, 5)
    # Last, so that no process is started in place of the two that it kills.
    jobs = [*good[:2], other(good[0], "fails"), *good[2:], other(good[0], "kills")]
    held, killed = tmp_path / "held", []

    def kill(worker: subprocess.Popen[bytes]) -> None:
        killed.append(int(waited_for(held)))
        worker.send_signal(signal.SIGKILL)

    with made_cluster.worker(**{HOLD: str(held)}) as doomed, made_cluster.worker():
        killer = threading.Thread(target=kill, args=(doomed,))
        killer.start()
        asked = {"project": project, "inputs": read_inputs(project), "address": made_cluster.address}
        cluster_of_two(made_cluster.address)
        results = render_on_cluster(jobs, **asked)  # type: ignore[arg-type]
        killer.join()
        assert doomed.wait() == -signal.SIGKILL
        another = replace(read_inputs(project), libraries={**read_inputs(project).libraries, "pandas": "0.1"})
        with pytest.raises(ExplainedError, match=r"has pandas .*, this machine has 0\.1"):
            render_on_cluster(jobs, **{**asked, "inputs": another})  # type: ignore[arg-type]

    assert is_gone(killed[0]), "what rendered for the killed worker is still there"
    assert [result.job.page for result in results] == [job.page for job in jobs]
    failures = {result.job.notebook.stem: result.failure for result in results if result.failure is not None}
    assert failures.keys() == {"fails", "kills"}
    assert failures["fails"].reason == "ValueError: no such case"
    assert failures["fails"].notebook == project.reports / "failed" / "classes" / "fails.ipynb"
    assert "so far" in failures["fails"].notebook.read_text(encoding="utf-8")
    assert "died" in failures["kills"].reason
    here = [replace(job, out=project.root / "here") for job in good]
    assert all(result.failure is None for result in render_all(here, workers=1))
    for there, job in zip(good, here, strict=True):
        assert there.output.read_bytes() == job.output.read_bytes(), job.page


def cluster_of_two(address: str) -> None:
    """Wait until both workers are there, so that each of them is given reports."""
    from distributed import Client

    client: Any = Client  # it has no types
    with client(address, timeout=STARTED_WITHIN, set_as_default=False) as connected:
        connected.wait_for_workers(2, timeout=STARTED_WITHIN)
