"""A page in a window of Chromium, with what it asked for and complained about."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, ViewportSize

WIDE: ViewportSize = {"width": 1200, "height": 900}
PHONE: ViewportSize = {"width": 375, "height": 812}
PAPER: ViewportSize = {"width": 673, "height": 987}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
Scheme: TypeAlias = Literal["light", "dark"]
# Set to 1, every page of the whole site is made and looked at; set to a folder of reports, the pages that lie there.
ALL_PAGES = os.environ.get("KRATOM_EVIDENCE_ALL_PAGES", "")
# How axe looks at a page: at each width and in each colour scheme once; with all pages at all combinations.
LOOKS: tuple[tuple[ViewportSize, Scheme], ...] = ((WIDE, "light"), (PHONE, "dark"))
if ALL_PAGES:
    LOOKS += ((WIDE, "dark"), (PHONE, "light"))


@dataclass(kw_only=True)
class Visit:
    """A page in a window, with what it asked for and complained about."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def shown(self) -> list[str]:
        """The headings of the rows of the listing that can be seen, from top to bottom."""
        script = "[...document.querySelectorAll('.listing tbody tr')].filter(r => r.checkVisibility())"
        found: list[str] = self.page.evaluate(f"{script}.map(r => r.cells[0].textContent)")
        return found

    @property
    def status(self) -> str:
        return self.page.get_by_role("status").inner_text()

    @property
    def sorted_by(self) -> list[list[str]]:
        """Heading and direction of every column that says it is sorted."""
        script = "[...document.querySelectorAll('[aria-sort]')].map(h => [h.innerText, h.ariaSort])"
        found: list[list[str]] = self.page.evaluate(script)
        return found


Visits: TypeAlias = Callable[..., Visit]


def opened(
    browser: Browser,
    path: Path,
    fragment: str = "",
    *,
    window: ViewportSize = WIDE,
    scheme: Scheme = "light",
    scripts: bool = True,
) -> Visit:
    """Open a page from its file, without a network. The caller closes its window (`page.context`)."""
    context = browser.new_context(viewport=window, color_scheme=scheme, offline=True, java_script_enabled=scripts)
    made = Visit(page=context.new_page())
    made.page.on("request", lambda request: made.requests.append(request.url))
    made.page.on("console", lambda message: made.complaints.append(message.text))
    made.page.on("pageerror", lambda error: made.complaints.append(str(error)))
    made.page.goto(path.as_uri() + fragment)
    return made


def violations(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 A and AA and best practice: each rule, with the first element at fault."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found.response["violations"]]
