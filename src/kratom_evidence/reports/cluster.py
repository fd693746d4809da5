"""Rendering many reports on the machines of a Dask cluster.

Each worker is sent the package, the templates and the data once; pages come back and are written here. A Dask
scheduler runs any code that it is sent, and so do its workers: for trusted networks only.
"""

import logging
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from typing import Any

from kratom_evidence.faults import ExplainedError
from kratom_evidence.project import Project
from kratom_evidence.reports.batch import progress_bar
from kratom_evidence.reports.cluster_bundle import packed
from kratom_evidence.reports.engines import WARM
from kratom_evidence.reports.inputs import Inputs
from kratom_evidence.reports.jobs import ReportJob
from kratom_evidence.reports.rendering import RenderResult

_TIME_TO_CONNECT = 10  # seconds
_LOGGERS = ("distributed", "distributed.client", "distributed.core", "distributed.comm")


def render_on_cluster(
    jobs: Sequence[ReportJob], *, project: Project, inputs: Inputs, address: str, engine: str = WARM
) -> tuple[RenderResult, ...]:
    """Render every job on the workers of the scheduler at `address`; results in the order of the jobs.

    A report whose worker is lost is rendered by another one. A failing report stops no other.

    Args:
        jobs: their pages differ; their notebooks are templates of the project.
        project: the project that the jobs belong to.
        inputs: the hashes of the project as it is now: workers render from exactly these files.
        address: such as tcp://127.0.0.1:8786.
        engine: one of `ENGINES`.

    Raises:
        ExplainedError: `distributed` is missing here, the scheduler cannot be reached, it has no workers, or one of
            them has other versions of what pages are made with.
    """
    if find_spec("distributed") is None:
        raise ExplainedError("--scheduler needs distributed. Install it: pip install 'kratom-evidence[cluster]'")
    from kratom_evidence.reports.cluster_results import ClusterResults

    bundle = packed(project, inputs)
    done: dict[str, RenderResult] = {}
    with _quiet(), _connected(address) as client:
        _check_workers(client, address, inputs.libraries)
        with (
            _plugin(client, bundle, engine, inputs) as plugin,
            ClusterResults(client, jobs, plugin, address) as results,
            progress_bar(len(jobs), f"Rendering at {address}") as bar,
        ):
            for result in results:
                done[result.job.page] = result
                bar.set_postfix_str(result.job.page, refresh=False)
                bar.update()
    return tuple(done[job.page] for job in jobs)


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    import cloudpickle  # type: ignore[import-untyped]
    from distributed import Client

    from kratom_evidence.reports import cluster_worker

    # Workers need not have this package: what they run is sent as code, not as the name of a module.
    cloudpickle.register_pickle_by_value(cluster_worker)
    try:
        connect: Any = Client  # it has no types
        client = connect(address, timeout=_TIME_TO_CONNECT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ExplainedError(
            f"No Dask scheduler answers at {address}: {type(error).__name__}. "
            "See that `dask scheduler` runs there, and that this machine may connect to it."
        ) from None
    try:
        yield client
    finally:
        # What it had asked for is cancelled by that.
        client.close(timeout=_TIME_TO_CONNECT)


def _check_workers(client: Any, address: str, libraries: Mapping[str, str]) -> None:
    from kratom_evidence.reports.cluster_worker import library_versions

    try:
        client.wait_for_workers(1, timeout=_TIME_TO_CONNECT)
    except TimeoutError:
        raise ExplainedError(
            f"The scheduler at {address} has no workers. Start some: dask worker {address} --nthreads 1"
        ) from None
    _check_python(client, libraries["python"])
    names = sorted(libraries.keys() - {"python"})
    faults = [
        f"{worker} has {name} {found[name]}, this machine has {libraries[name]}"
        for worker, found in sorted(client.run(library_versions, names, on_error="ignore").items())
        for name in names
        if found[name] != libraries[name]
    ]
    if faults:
        raise ExplainedError(
            f"A worker would make other pages than this machine: {'; '.join(faults)}. "
            "Install there what requirements.lock names: pip install -r requirements.lock"
        )


def _check_python(client: Any, ours: str) -> None:
    """Before anything is sent as code, which another Python may not understand."""
    for worker, told in sorted(client.get_versions()["workers"].items()):
        theirs = ".".join(str(told["host"]["python"]).split(".")[:2])
        if theirs != ours:
            raise ExplainedError(f"The worker {worker} runs Python {theirs}, this machine Python {ours}. Use the same.")


@contextmanager
def _plugin(client: Any, bundle: bytes, engine: str, inputs: Inputs) -> Iterator[str]:
    """The name of a plugin that all workers have meanwhile, those too that join later."""
    from kratom_evidence.reports.cluster_worker import RenderingPlugin

    # A name of its own: two runs on one cluster do not end each other's processes.
    name = f"kratom-evidence-{uuid.uuid4().hex}"
    client.register_plugin(RenderingPlugin(name, bundle, engine, inputs.all), name=name)
    try:
        yield name
    finally:
        # Whatever the reason is for which it cannot be taken back: the scheduler is gone, or the workers are.
        with suppress(Exception):
            client.unregister_worker_plugin(name)


@contextmanager
def _quiet() -> Iterator[None]:
    """Dask's log is silent: what it has to say is told as a failure or an error."""
    levels = {name: logging.getLogger(name).level for name in _LOGGERS}
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
