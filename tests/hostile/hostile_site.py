"""Pages made from hostile data, and what is looked at in them in Chromium."""

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Dialog

from kratom_evidence.project import Project
from kratom_evidence.reports.building import build_site
from kratom_evidence.reports.inputs import read_inputs
from kratom_evidence.reports.planning import read_plan
from kratom_evidence.reports.request import ReportRequest
from tests.hostile.hostile_data import Attack, attacked
from tests.hostile.payloads import Payload

POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')
# In every frame, before any text of the page is read: who calls `ran` is written down.
# What the CSV buttons offer is kept instead of saved.
LISTEN = """
window.called = [];
window.created = 0;
window.offered = [];
window.ran = number => top.called.push(number);
URL.createObjectURL = blob => { created += 1; blob.text().then(text => offered.push(text)); return "#offered"; };
"""
# Follows every link and presses every button, and stops what leads away. A program as an address is not stopped.
CLICK_EVERYTHING = """
() => {
  addEventListener("click", event => {
    const link = event.target.closest?.("a");
    if (link && link.protocol !== "javascript:") event.preventDefault();
  }, true);
  const found = [...document.querySelectorAll("a, button")];
  for (const element of found) element.click();
  return found.length;
}
"""
FOLLOW_PROGRAMS = """
() => [...document.querySelectorAll("iframe")].forEach(frame =>
  [...frame.contentDocument.querySelectorAll("a")].filter(a => a.protocol === "javascript:").forEach(a => a.click()))
"""
CENSUS = """
() => {
  const all = [...document.querySelectorAll("*")];
  const attributes = all.flatMap(element => [...element.attributes].map(({ name }) => name));
  const links = [...document.querySelectorAll("a")].map(link => link.protocol);
  return {
    elements: [...new Set(all.map(element => element.localName))],
    attributes: [...new Set(attributes)],
    protocols: [...new Set(links)],
    scripts: document.scripts.length,
    sources: [...new Set([...document.images].map(image => image.src.split(/[;,]/)[0]))],
  };
}
"""


@dataclass(frozen=True, kw_only=True)
class Visited:
    """What a page did while it was open and everything on it was pressed."""

    called: Sequence[int]
    requests: Sequence[str]
    complaints: Sequence[str]
    dialogs: Sequence[str]
    pressed: int
    offered: Sequence[str]
    census: Mapping[str, Any]


def visited(browser: Browser, path: Path) -> Visited:
    """Open the page offline and press everything."""
    context = browser.new_context(offline=True)
    try:
        page = context.new_page()
        requests: list[str] = []
        complaints: list[str] = []
        dialogs: list[str] = []

        def dismissed(dialog: Dialog) -> None:
            dialogs.append(dialog.message)
            dialog.dismiss()

        page.add_init_script(LISTEN)
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", dismissed)
        page.goto(path.as_uri())
        census = page.evaluate(CENSUS)
        pressed = page.evaluate(CLICK_EVERYTHING)
        page.wait_for_timeout(100)
        page.wait_for_function("offered.length === created")
        return Visited(
            called=page.evaluate("window.called"),
            requests=requests,
            complaints=complaints,
            dialogs=dialogs,
            pressed=pressed,
            offered=page.evaluate("window.offered"),
            census=census,
        )
    finally:
        context.close()


def hostile_site(root: Path, source: Path, subjects: Mapping[str, Sequence[str]] | None, turn: int) -> Attack:
    """Make the pages of hostile data below `root`/reports: of the chosen subjects of each kind, or of all."""
    shutil.copytree(source / "data", root / "data")
    shutil.copytree(source / "notebooks" / "reports", root / "notebooks" / "reports")
    attack = attacked(root / "data", turn)
    make_pages(root, subjects)
    return attack


def make_pages(root: Path, subjects: Mapping[str, Sequence[str]] | None) -> None:
    """Make the pages of the project in this folder, with two workers when it is all of them."""
    project = Project(root=root)
    plan = read_plan(project, project.reports, read_inputs(project))
    asked = [
        ReportRequest(kind=kind, subjects={kind: chosen}, assignments=(), out=project.reports, workers=1)
        for kind, chosen in (subjects or {}).items()
    ] or [ReportRequest(kind="all", subjects={}, assignments=(), out=project.reports, workers=2)]
    wanted = {name: page for request in asked for name, page in plan.wanted(request).items()}
    failed = [outcome for outcome in build_site(plan, wanted, asked[0]).pages if outcome.failure]
    assert {outcome.page: outcome.failure for outcome in failed} == {}


def careless_page(payloads: Sequence[Payload], meta: str = "") -> str:
    """A document with a frame for each text, which shows it in every place without escaping it.

    `meta` stands in the head of each frame.
    """
    frames = (
        f'<!DOCTYPE html>{meta}<title>x</title><a href="{payload.text}">link</a><script>var said = "{payload.text}";'
        f'</script><input value="{payload.text}"><img alt="{payload.text}"><p>{payload.text}</p>'
        for payload in payloads
    )
    return "\n".join(f'<iframe srcdoc="{escape(frame, quote=True)}"></iframe>' for frame in frames)
