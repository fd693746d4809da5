"""Fixtures that the tests of pages with a listing share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ViewportSize, sync_playwright

from tests.browser.visits import WIDE, Scheme, Visit, Visits


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

    def opened(
        path: Path = landing,
        fragment: str = "",
        window: ViewportSize = WIDE,
        scheme: Scheme = "light",
        scripts: bool = True,
    ) -> Visit:
        context = browser.new_context(viewport=window, color_scheme=scheme, offline=True, java_script_enabled=scripts)
        contexts.append(context)
        made = Visit(page=context.new_page())
        made.page.on("request", lambda request: made.requests.append(request.url))
        made.page.on("console", lambda message: made.complaints.append(message.text))
        made.page.on("pageerror", lambda error: made.complaints.append(str(error)))
        made.page.goto(path.as_uri() + fragment)
        return made

    yield opened
    for context in contexts:
        context.close()
