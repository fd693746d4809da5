"""Pages of every kind with axe-core and with the keyboard alone. The listings have tests of their own beside these."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.sample import bad_pages, in_parts, looked_at
from tests.browser.visits import LOOKS, PHONE, opened, violations

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# One of each kind: axe takes seconds for a page.
ONE_OF_EACH_KIND = (
    "index.html", "claims/C08.html", "cases/brooks2023.html", "substances/venlafaxine.html", "classes/snri.html",
)  # fmt: skip


def violations_in_all_looks(page: Page) -> list[str]:
    page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    found = []
    for window, scheme in LOOKS:
        page.set_viewport_size(window)
        page.emulate_media(color_scheme=scheme)
        found += [f"{window['width']} pixels, {scheme}: {violation}" for violation in violations(page)]
    return found


@in_parts
def test_axe_finds_no_violation(site: Path, browser: Browser, part: int) -> None:
    assert not bad_pages(browser, looked_at(site, part, ONE_OF_EACH_KIND), violations_in_all_looks)


def test_axe_sees_what_it_should_see(site: Path, browser: Browser) -> None:
    """The check itself works: a picture without alternative text is found."""
    visited = opened(browser, site / "claims" / "C13.html")
    visited.page.evaluate("document.images[0].removeAttribute('alt')")
    assert [found.partition(":")[0] for found in violations(visited.page)] == ["image-alt"]
    visited.page.context.close()


# Numbers every element that the Tab key should come to, and gives the numbers.
REACHABLE = """
[...document.querySelectorAll('a[href], button, summary, select, input, [tabindex="0"]')].filter(e =>
e.checkVisibility() && (!e.closest('details:not([open])') || e.matches('details:not([open]) > summary')))
.map((e, n) => e.dataset.n = n)
"""
FOCUSED = """
(() => { const e = document.activeElement, s = getComputedStyle(e), box = e.getBoundingClientRect();
const seen = box.width > 20 && box.height > 10 && box.bottom > 0 && box.top < window.innerHeight;
return [e.dataset.n, s.outlineStyle === 'solid' && parseFloat(s.outlineWidth) >= 2 && seen, e.outerHTML] })()
"""
SCROLLED_WITHOUT_A_NAME = """
[...document.querySelectorAll('main *')].filter(e => e.scrollWidth > e.clientWidth + 1 &&
getComputedStyle(e).overflowX === 'auto' && (e.tabIndex !== 0 || !e.ariaLabel)).length
"""


def keyboard_problems(page: Page) -> list[str]:
    """What the Tab key does not come to, and where it comes without showing it."""
    problems = ["has a scrolled region without a name or a stop"] if page.evaluate(SCROLLED_WITHOUT_A_NAME) else []
    reachable = page.evaluate(REACHABLE)
    reached = []
    for _ in reachable:
        page.keyboard.press("Tab")
        number, in_sight, html = page.evaluate(FOCUSED)
        reached.append(number)
        if not in_sight:
            problems.append(f"does not show the focus on {html[:200]}")
    if sorted(map(int, filter(None, reached))) != reachable:
        problems.append("has elements that the Tab key does not reach")
    return problems


@in_parts
def test_the_keyboard_reaches_everything_with_the_focus_in_sight(site: Path, browser: Browser, part: int) -> None:
    paths = looked_at(site, part, ("claims/C13.html", "cases/brooks2023.html", "classes/snri.html"))
    assert not bad_pages(browser, paths, keyboard_problems, PHONE)


HARD_TO_REACH = {
    "has elements that the Tab key does not reach": "document.querySelector('main a[href]').inert = true",
    "does not show the focus": "document.head.append(Object.assign(document.createElement('style'), "
    "{textContent: ':focus-visible { outline: none !important }'}))",
    "has a scrolled region without a name": "document.querySelector('.wide').removeAttribute('aria-label')",
}


@pytest.mark.parametrize("problem", HARD_TO_REACH)
def test_the_check_of_the_keyboard_sees_what_it_should_see(site: Path, browser: Browser, problem: str) -> None:
    visited = opened(browser, site / "claims" / "C13.html", window=PHONE)
    visited.page.evaluate(HARD_TO_REACH[problem])
    assert any(found.startswith(problem) for found in keyboard_problems(visited.page))
    visited.page.context.close()
