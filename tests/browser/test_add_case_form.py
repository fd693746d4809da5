"""notebooks/add_case_report.ipynb in a real JupyterLab: a case from the empty form to the git diff, and a restart."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from kratom_evidence.curation import validate
from tests.browser.visits import PHONE, WIDE
from tests.new_cases import CITATION

pytestmark = [pytest.mark.browser, pytest.mark.slow]
NOTEBOOK = "add_case_report.ipynb"
PATIENCE = 90_000  # milliseconds; a busy machine is not a fault of the form
RUNS = 3
TOKEN = "made-up-for-the-test"
# JupyterLab asks the network for news unless told not to.
QUIET = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}


@dataclass(frozen=True, kw_only=True)
class Lab:
    """A running JupyterLab on a checkout of its own."""

    root: Path
    address: str

    def git(self, *arguments: str) -> str:
        command = ["git", "-C", str(self.root), "-c", "user.name=Test", "-c", "user.email=test@example.org"]
        return subprocess.run([*command, *arguments], capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def lab(chromium: Path, project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:  # noqa: ARG001
    """JupyterLab with settings, data and kernels of its own; the services are not asked (offline)."""
    folder = tmp_path_factory.mktemp("lab")
    root, private = folder / "project", folder / "private"
    shutil.copytree(project_root / "data", root / "data", ignore=shutil.ignore_patterns(".*"))
    (root / "notebooks").mkdir()
    notebook = (project_root / "notebooks" / NOTEBOOK).read_text(encoding="utf-8")
    assert notebook.count("offline = False") == 1
    (root / "notebooks" / NOTEBOOK).write_text(notebook.replace("offline = False", "offline = True"), encoding="utf-8")
    (private / "config" / "labconfig").mkdir(parents=True)
    (private / "config" / "labconfig" / "page_config.json").write_text(json.dumps(QUIET), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    made = Lab(root=root, address=f"http://127.0.0.1:{port}")
    made.git("init", "--quiet")
    made.git("add", "--all")
    made.git("commit", "--quiet", "--message", "before")
    server = _started(made, port, private)
    try:
        yield made
    finally:
        server.terminate()
        try:
            server.wait(timeout=30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _started(lab: Lab, port: int, private: Path) -> "subprocess.Popen[bytes]":
    folders = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "run"}
    own = {name: str(private / folder) for name, folder in (folders | {"IPYTHONDIR": "ipython"}).items()}
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}"]
    options = ["--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}"]
    with (private / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [*command, *options, f"--ServerApp.root_dir={lab.root / 'notebooks'}"],
            env=os.environ | own | {"KRATOM_EVIDENCE_ROOT": str(lab.root)},
            stdout=log,
            stderr=log,
        )
    give_up = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < give_up and server.poll() is None:
        try:
            urllib.request.urlopen(f"{lab.address}/api?token={TOKEN}", timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return server
    server.kill()
    server.wait()
    raise AssertionError((private / "server.log").read_text(encoding="utf-8", errors="replace")[-3000:])


@pytest.fixture
def page(browser: Browser, lab: Lab) -> Iterator[Page]:
    """The notebook, opened and run from top to bottom with the menu."""
    context = browser.new_context(viewport=WIDE)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    page.goto(f"{lab.address}/doc/tree/{NOTEBOOK}?token={TOKEN}&reset")
    page.locator(".jp-MarkdownOutput h1").wait_for()
    run_all(page, button(page, "Save"))
    yield page
    context.close()


def run_all(page: Page, shown: Locator) -> None:
    """Run the notebook until the form shows it.

    JupyterLab can lose what is run while a kernel starts or restarts (jupyterlab/jupyterlab#13361): the connection to a
    restarted kernel is cut and made anew while the kernel is called idle. A user who sees no form runs it again.
    """
    for _ in range(RUNS):
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
        if shown.is_visible():  # it was late, not lost
            return
        menu(page, "Run", "Run All Cells")
        try:
            shown.wait_for(timeout=PATIENCE / RUNS)
        except PlaywrightTimeoutError:
            continue
        return
    raise AssertionError(f"The form was not shown. The notebook:\n{page.locator('.jp-NotebookPanel').inner_text()}")


def menu(page: Page, name: str, entry: str) -> None:
    page.get_by_role("menuitem", name=name, exact=True).click()
    page.locator(".lm-Menu-itemLabel", has_text=entry).first.click()


def button(page: Page, name: str) -> Locator:
    return page.locator(".ke-form").get_by_role("button", name=name)


def field(page: Page, name: str) -> Locator:
    """A question by its part and name, such as case-sex."""
    return page.locator(f".ke-{name}")


def put(control: Locator, text: str) -> None:
    """Type a text and leave the field with the keyboard."""
    control.fill(text)
    control.press("Tab")


def fill_in(page: Page) -> None:
    """All that must be answered and a little more; the age and one finding are mistyped."""
    for name in ("title", "authors", "year"):
        put(field(page, f"citation-{name}").locator("input, textarea"), CITATION[name])
    for section in ("Record", "Patient", "Other exposures", "Event and findings", "Serotonin syndrome"):
        page.locator(".ke-section-title", has_text=section).press("Enter")
    field(page, "case-source_access").get_by_label("What was read").select_option("Abstract only")
    put(field(page, "case-age_years").get_by_label("Age"), "9O")
    field(page, "case-conditions").get_by_label("none: it says that there were none").check()
    drugs = field(page, "case-co_exposures")
    drugs.get_by_label("these:").check()
    put(drugs.get_by_label("Substance"), "sertraline")
    drugs.get_by_label("How it is known").select_option(index=1)
    drugs.get_by_label("When it was taken").select_option(index=1)
    put(drugs.get_by_label("Dose or detail"), "50 mg/day")
    put(field(page, "case-primary_event").get_by_label("Primary event"), "seizure")
    findings = field(page, "case-findings_present")
    findings.get_by_label("these:").check()
    findings.get_by_label("Add to findings present").fill("tremor")
    findings.get_by_label("Add to findings present").press("Enter")
    findings.get_by_role("button", name="tremor").wait_for()
    field(page, "case-ss_assessment").locator("select").select_option(index=1)


def test_from_the_empty_form_to_the_git_diff(page: Page, lab: Lab) -> None:
    expect(page.locator(".ke-form")).to_contain_text(str(lab.root / "data"))
    fill_in(page)
    age = field(page, "case-age_years")
    expect(age.locator(".ke-fault")).to_contain_text("A letter stands in place of a digit")
    expect(button(page, "Save")).to_be_disabled()
    age.get_by_role("button", name="Use: 90").click()
    expect(age.locator(".ke-fault")).to_have_count(0)
    expect(button(page, "Save")).to_be_enabled()
    assert lab.git("status", "--porcelain", "data/case_reports.csv", "data/sources.json") == ""
    button(page, "Show what moves").click()
    expect(page.locator(".ke-form")).to_contain_text("What would be written: probe2026")
    known = len((lab.root / "data" / "case_reports.csv").read_text(encoding="utf-8").splitlines()) - 1
    expect(page.locator(".ke-form")).to_contain_text(f"→ Of {known + 1} cases")
    assert lab.git("status", "--porcelain", "data/case_reports.csv", "data/sources.json") == ""
    button(page, "Save").click()
    expect(page.get_by_role("heading", name="Saved: probe2026")).to_be_in_viewport()
    added = [line for line in changed_lines(lab, "data/case_reports.csv") if line]
    assert len(added) == 1
    exposure = '"sertraline [prescribed, concurrent: 50 mg/day]"'
    assert added[0].startswith("+probe2026,probe2026,abstract,") and exposure.strip('"') in added[0]
    assert ",90," in added[0] and ",tremor," in added[0] and ",none," in added[0]
    assert all(line.startswith("+") for line in changed_lines(lab, "data/sources.json"))
    before = json.loads(lab.git("show", "HEAD:data/sources.json"))
    after = json.loads((lab.root / "data" / "sources.json").read_text(encoding="utf-8"))
    assert [entry["title"] for entry in after if entry not in before] == [CITATION["title"]]
    assert len(after) == len(before) + 1
    assert validate(lab.root / "data").faults == ()


def changed_lines(lab: Lab, path: str) -> list[str]:
    """The added and removed lines of a file, each with its sign."""
    lines = lab.git("diff", "--unified=0", "--", path).splitlines()
    return [line for line in lines if line[:1] in {"+", "-"} and line[:3] not in {"+++", "---"}]


def test_after_a_restart_of_the_kernel_the_answers_are_offered(page: Page) -> None:
    put(field(page, "citation-title").get_by_label("Title"), "A title that must survive")
    expect(page.locator(".ke-section-title").first).to_contain_text("1 of 16 answered")
    menu(page, "Kernel", "Restart Kernel and Clear Outputs of All Cells")
    page.get_by_role("button", name="Confirm Kernel Restart").click()
    expect(page.locator(".ke-form")).to_have_count(0)
    run_all(page, button(page, "Go on with them"))
    button(page, "Go on with them").click()
    expect(field(page, "citation-title").get_by_label("Title")).to_have_value("A title that must survive")


def test_at_the_width_of_a_telephone_nothing_is_cut_off(page: Page) -> None:
    page.set_viewport_size(PHONE)
    page.locator(".ke-section-title", has_text="Other exposures").click()
    field(page, "case-co_exposures").get_by_label("these:").check()
    field(page, "case-co_exposures").get_by_label("Substance").wait_for()
    wide = page.locator(".ke-form").evaluate(
        """form => {
            const edge = form.closest('.jp-NotebookPanel').getBoundingClientRect().right;
            const parts = [...form.querySelectorAll('*')].filter(part => part.checkVisibility());
            return parts.filter(part => part.getBoundingClientRect().right > edge).map(part => part.className);
        }"""
    )
    assert wide == []
