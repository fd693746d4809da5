"""Pages of every kind as they are printed."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.sample import SAMPLE, bad_pages, in_parts, looked_at
from tests.browser.visits import PAPER, opened

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# What is wrong in print -> a script that is true when it is not so.
IN_PRINT = {
    "is cut off": (
        "[...document.querySelectorAll('main *')].every(e => !e.checkVisibility() || "
        "e.getBoundingClientRect().right <= window.innerWidth + 1)"
    ),
    "does not repeat the heads of its tables": (
        "[...document.querySelectorAll('thead')].every(h => getComputedStyle(h).display === 'table-header-group')"
    ),
    "leaves out a table": (
        "[...document.querySelectorAll('main table')].every(t => t.checkVisibility({contentVisibilityAuto: true}))"
    ),
    "prints what is of use on a screen only": (
        "[...document.querySelectorAll('.take, details.code, header nav')].every(e => !e.checkVisibility())"
    ),
    "does not write out a link": (
        "[...document.querySelectorAll('main a[href^=http]')]"
        ".every(a => getComputedStyle(a, '::after').content.includes(' <'))"
    ),
}


def print_problems(page: Page) -> list[str]:
    page.emulate_media(media="print")
    return [problem for problem, script in IN_PRINT.items() if not page.evaluate(script)]


@in_parts
def test_in_print_nothing_is_cut_off_or_folded_and_links_are_written_out(
    site: Path, browser: Browser, part: int
) -> None:
    assert not bad_pages(browser, looked_at(site, part, SAMPLE), print_problems, PAPER)


SPOILED_IN_PRINT = {
    "is cut off": "main { width: 200vw }",
    "does not repeat the heads of its tables": "thead { display: table-row-group !important }",
    "leaves out a table": "main table { display: none !important }",
    "prints what is of use on a screen only": "details.code { display: block !important }",
    "does not write out a link": "a::after { content: none !important }",
}


@pytest.mark.parametrize("problem", SPOILED_IN_PRINT)
def test_the_check_of_print_sees_what_it_should_see(site: Path, browser: Browser, problem: str) -> None:
    visited = opened(browser, site / "claims" / "C13.html", window=PAPER)
    visited.page.add_style_tag(content=SPOILED_IN_PRINT[problem])
    assert problem in print_problems(visited.page)
    visited.page.context.close()


def test_printed_links_exist_in_the_sample(site: Path, browser: Browser) -> None:
    visited = opened(browser, site / "claims" / "C13.html")
    script = "[...document.querySelectorAll('main a[href^=http]')].map(a => new URL(a.href).hostname)"
    assert "doi.org" in visited.page.evaluate(script)
    visited.page.context.close()
