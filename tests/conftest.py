"""Fixtures that every room's tests share."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from kratom_evidence.computed_once import forget, remember
from kratom_evidence.dataset import Dataset, load

PROJECT_ROOT = Path(__file__).resolve().parents[1]
# A busy machine is not a fault of the code: no test is timed. Generated inputs are the same in every run, so that a
# change is blamed only for what it did; the long form draws new ones.
LONG = os.environ.get("KRATOM_EVIDENCE_LONG") == "1"
settings.register_profile("untimed", deadline=None, derandomize=not LONG)
settings.load_profile("untimed")

# A shell starts what runs in its background with Ctrl-C ignored. The commands that tests start must not inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="session")
def project_root() -> Path:
    """The root of the checkout that the tests belong to."""
    return PROJECT_ROOT


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    """The repository's own data, loaded once. Shared: do not change its tables."""
    return load(PROJECT_ROOT / "data")


@pytest.fixture(scope="module")
def remembered_dataset(dataset: Dataset) -> Iterator[Dataset]:
    """The same data, of which each table is computed once, as for the reports: for tests of all pages of a kind."""
    remember(dataset)
    yield dataset
    forget(dataset)


@pytest.fixture
def data_copy(tmp_path: Path) -> Path:
    """A writable copy of the data folder, for tests that put faults into it."""
    return shutil.copytree(PROJECT_ROOT / "data", tmp_path / "data")


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The Chromium of the Debian package; tests that open pages in it are skipped, and counted, where it is missing."""
    if not CHROMIUM.is_file():
        pytest.skip(f"{CHROMIUM} is missing: install the Debian package chromium (make test does so as root)")
    return CHROMIUM


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the notebooks and the files that have slow tests.

    Each worker runs whole files in this order (`--dist=loadfile --no-loadscope-reorder`). A long one that begins last
    would leave the other worker idle.
    """
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (item.path.suffix != ".ipynb", item.path not in slow))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests have counted (the property `measured`), so that a run leaves its figures."""
    told = [
        str(value)
        for report in terminalreporter.stats.get("passed", [])
        for name, value in report.user_properties
        if name == "measured"
    ]
    if told:
        terminalreporter.section("measured")
        for line in told:
            terminalreporter.line(line)
