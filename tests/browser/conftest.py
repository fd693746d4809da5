"""Fixtures that the tests in Chromium share."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from playwright.sync_api import Browser, sync_playwright

from tests.browser.sample import make_site
from tests.browser.visits import ALL_PAGES, Visit, Visits, opened


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    """One headless Chromium for all tests of a file."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.fixture
def visit(browser: Browser, landing: Path) -> Iterator[Visits]:
    """Opens a page offline, `landing` unless another is named; its windows are closed after the test."""
    contexts = []

    def visited(path: Path = landing, fragment: str = "", **look: Any) -> Visit:
        made = opened(browser, path, fragment, **look)
        contexts.append(made.page.context)
        return made

    yield visited
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, project_root: Path, worker_id: str) -> Path:
    """The folder of pages, made from the project's own data once for all processes that run tests."""
    if ALL_PAGES not in {"", "1"}:
        return Path(ALL_PAGES).resolve()
    own = tmp_path_factory.getbasetemp()
    shared = own if worker_id == "master" else own.parent
    made, folder = shared / "site.made", shared / "site"
    with FileLock(shared / "site.lock"):
        if not made.exists():
            make_site(folder, project_root)
            made.touch()
    return folder
