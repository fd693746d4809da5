"""Hostile texts in every field of the data: no page runs one, no spreadsheet calculates one.

KRATOM_EVIDENCE_LONG=1 renders and opens the page of every subject, in three arrangements of texts and fields.
"""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import papermill  # type: ignore[import-untyped]
import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from kratom_evidence.cli import main
from kratom_evidence.presentation import inline
from kratom_evidence.reports.warm_engine import ENGINE_NAME
from tests.hostile.hostile_data import Attack
from tests.hostile.hostile_site import (
    FOLLOW_PROGRAMS,
    LISTEN,
    POLICY,
    Visited,
    careless_page,
    hostile_site,
    visited,
)
from tests.hostile.payloads import FORMULAS, HOSTILE_TEXTS, PAYLOADS, Payload, Place

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.notebook]

LONG = os.environ.get("KRATOM_EVIDENCE_LONG") == "1"
# LibreOffice stops without a word after some 250 files.
FILES_AT_ONCE = 200
CHOSEN = {"claims": ("C13",), "cases": ("brooks2023",), "substances": ("venlafaxine",), "classes": ("ssri",)}


@dataclass(frozen=True, kw_only=True)
class Site:
    root: Path
    attack: Attack

    @property
    def reports(self) -> Path:
        return self.root / "reports"

    @property
    def pages(self) -> dict[str, Path]:
        return {path.relative_to(self.reports).as_posix(): path for path in sorted(self.reports.rglob("*.html"))}


@pytest.fixture(scope="module", params=range(3) if LONG else range(1))
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, project_root: Path) -> Site:
    root = tmp_path_factory.mktemp("hostile")
    turn = int(request.param) * 31
    return Site(root=root, attack=hostile_site(root, project_root, None if LONG else CHOSEN, turn))


@pytest.fixture(scope="module")
def opened(site: Site, browser: Browser) -> dict[str, Visited]:
    """Every page, opened as it is."""
    return {name: visited(browser, path) for name, path in site.pages.items()}


@pytest.fixture(scope="module")
def opened_without_policy(site: Site, browser: Browser) -> dict[str, Visited]:
    """Every page without its Content-Security-Policy: what escaping alone is worth."""
    found = {}
    for name, path in site.pages.items():
        bare = path.with_name(f"bare-{path.name}")
        bare.write_text(POLICY.sub("", path.read_text(encoding="utf-8"), count=1), encoding="utf-8")
        found[name] = visited(browser, bare)
        bare.unlink()
    return found


def test_the_figures(site: Site, opened: dict[str, Visited], capsys: pytest.CaptureFixture[str]) -> None:
    attack = site.attack
    assert attack.fields > 90 and attack.count(attack.accepted) > 4000
    hit = {text for texts in attack.accepted.values() for text in texts}
    assert hit >= set(HOSTILE_TEXTS) - {text for text in HOSTILE_TEXTS if re.search(r"[\x00-\x08\x1b]", text)}
    assert len(opened) >= 7
    with capsys.disabled():
        print(
            f"\nhostile text: {len(HOSTILE_TEXTS)} texts in {attack.fields} fields: {attack.count(attack.accepted)} "
            f"pairs let in, {attack.count(attack.refused)} refused; {len(opened)} pages attacked, "
            f"{sum(page.pressed for page in opened.values())} links and buttons pressed, "
            f"{sum(len(page.called) for page in opened.values())} texts ran."
        )


def test_hostile_text_is_on_every_page_and_no_warning_of_the_programs(site: Site, project_root: Path) -> None:
    for name, path in site.pages.items():
        shown = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").get_text()
        assert re.search(r"ran\(\d+\)", shown), name
        # A warning of Python begins with the path of the module.
        assert str(project_root) not in shown, name


def test_no_page_runs_any_of_it(opened: dict[str, Visited], site: Site) -> None:
    for name, seen in opened.items():
        # An attempt that only the policy stopped would be a complaint of Chromium.
        assert (name, list(seen.called), list(seen.complaints), list(seen.dialogs)) == (name, [], [], [])
        assert [address for address in seen.requests if not address.startswith("blob:")] == [site.pages[name].as_uri()]


def test_escaping_alone_holds(opened_without_policy: dict[str, Visited]) -> None:
    for name, seen in opened_without_policy.items():
        assert (name, list(seen.called), list(seen.complaints), list(seen.dialogs)) == (name, [], [], [])
        assert not [address for address in seen.requests if not address.startswith(("blob:", "file:"))]


def test_the_data_add_no_element_no_handler_and_no_dangerous_link(
    opened: dict[str, Visited], site: Site, project_root: Path
) -> None:
    """Compared with the templates and the programs: what stands in no page of honest data comes from the texts."""
    text = "".join(path.read_text(encoding="utf-8") for path in (project_root / "src").rglob("*.*") if _is_ours(path))
    for name, seen in opened.items():
        census = seen.census
        policy = policy_of(site.pages[name])
        assert set(census["protocols"]) <= {"http:", "https:", "file:"}, name
        assert set(census["sources"]) <= {"data:image/svg+xml"}, name
        assert census["scripts"] == len(policy.get("script-src", ())), name
        assert not {"iframe", "object", "embed", "base", "form", "link", "frame", "audio", "video"} & set(
            census["elements"]
        ), name
        assert not [attribute for attribute in census["attributes"] if attribute.startswith("on")], name
        assert not [attribute for attribute in census["attributes"] if attribute not in text], name


def _is_ours(path: Path) -> bool:
    return path.suffix in {".py", ".j2", ".js"}


def policy_of(page: Path) -> dict[str, list[str]]:
    """The policy of a page: directive -> sources."""
    (head,) = re.findall(r"<head>(.*?)</head>", page.read_text(encoding="utf-8"), re.DOTALL)
    (content,) = POLICY.findall(head)
    # Before it only the character set is said: nothing of the page comes first.
    assert head.index("Content-Security-Policy") < head.index("<style>") < head.index("</style>")
    words = [directive.replace("&#39;", "'").split() for directive in content.split(";")]
    return {name: sources for name, *sources in words}


def test_every_page_has_a_strict_policy(site: Site) -> None:
    for name, path in site.pages.items():
        policy = policy_of(path)
        scripts = policy.pop("script-src", [])
        assert policy == {
            "default-src": ["'none'"],
            "style-src": ["'unsafe-inline'"],
            "img-src": ["data:"],
            "base-uri": ["'none'"],
            "form-action": ["'none'"],
        }, name
        assert all(re.fullmatch(r"'sha256-[A-Za-z0-9+/]{43}='", source) for source in scripts), name


def test_the_texts_do_run_where_nothing_is_escaped_and_the_policy_stops_them(browser: Browser, site: Site) -> None:
    """The teeth of the tests above: each text runs in a careless page, and in none that has our policy."""
    (policy,) = POLICY.findall(site.pages["index.html"].read_text(encoding="utf-8"))
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    running = [payload for payload in PAYLOADS if payload.place is not Place.NOWHERE]
    assert _called(browser, careless_page(running, meta)) == set()
    called = _called(browser, careless_page(running), at_least=len({payload.number for payload in running}))
    assert [payload for payload in running if payload.number not in called] == []


def _called(browser: Browser, document: str, at_least: int = 0) -> set[int]:
    """The numbers of the texts that ran: after a while, or as soon as so many have."""
    context = browser.new_context(offline=True)
    context.add_init_script(LISTEN)
    page = context.new_page()
    page.set_content(document)
    page.evaluate(FOLLOW_PROGRAMS)
    if at_least:
        with suppress(PlaywrightTimeoutError):  # who did not run is said by the caller
            page.wait_for_function("number => new Set(called).size >= number", arg=at_least)
    else:
        page.wait_for_timeout(500)
    called = set(page.evaluate("window.called"))
    context.close()
    return called


def test_a_script_slipped_into_a_page_is_stopped_by_its_policy(browser: Browser, site: Site) -> None:
    for name in ("index.html", "browse.html", "claims/C13.html"):
        page = site.pages[name]
        spoilt = page.with_name("spoilt.html")
        extra = "<script>ran(1)</script><img src=x onerror=ran(2)><a href=javascript:ran(3)>x</a>"
        spoilt.write_text(page.read_text(encoding="utf-8").replace("</main>", f"{extra}</main>"), encoding="utf-8")
        seen = visited(browser, spoilt)
        spoilt.unlink()
        assert list(seen.called) == [], name
        assert sum("Content Security Policy" in complaint for complaint in seen.complaints) >= 3, name


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: str(payload.number))
def test_no_link_leads_to_a_program(payload: Payload) -> None:
    for href in (payload.text, payload.text.strip(), f"https://x.invalid/{payload.text}", f"../{payload.text}"):
        made = BeautifulSoup(inline.Link(text="text", href=href).html(), "html.parser")
        assert [tag.name for tag in made.find_all()] in ([], ["a"])
        for link in made.find_all("a"):
            assert set(link.attrs) == {"href"}
            assert str(link["href"]).startswith(("https://", "http://", "../"))


def test_files_for_programs_hold_the_texts_as_they_are(site: Site) -> None:
    verdicts = json.loads((site.reports / "verdicts.json").read_text(encoding="utf-8"))
    assert "<script>ran(" in json.dumps(verdicts, ensure_ascii=False)
    manifest = json.loads((site.reports / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["pages"]
    for page in manifest["pages"]:
        # The subject is a name of the data; no path is made of it as it stands.
        assert re.fullmatch(r"(claims|cases|substances|classes)/[A-Za-z0-9._=-]+\.html", page["page"])
        assert (site.reports / page["page"]).is_file()
        del page["subject"]
    assert not re.search(r"ran\(\d", json.dumps(manifest))


def test_outputs_of_a_notebook_run_nothing(site: Site, browser: Browser, tmp_path: Path) -> None:
    """What JupyterLab would show of a notebook that papermill ran: it has no policy of ours."""
    executed = papermill.execute_notebook(
        str(site.root / "notebooks" / "reports" / "case_report.ipynb"),
        str(tmp_path / "out.ipynb"),
        parameters={"case_id": "brooks2023"},
        cwd=str(site.root),
        engine_name=ENGINE_NAME,
        progress_bar=False,
    )
    shown = [output.data for cell in executed.cells for output in cell.get("outputs", []) if "data" in output]
    assert {kind for data in shown for kind in data} <= {"text/html", "text/plain", "image/svg+xml"}
    page = tmp_path / "shown.html"
    joined = "\n".join(data.get("text/html", "") for data in shown)
    assert re.search(r"ran\(\d", joined)
    page.write_text(f"<!DOCTYPE html><meta charset=utf-8><title>x</title>{joined}", encoding="utf-8")
    seen = visited(browser, page)
    assert (list(seen.called), list(seen.complaints)) == ([], [])


# --- spreadsheets


@pytest.fixture(scope="module")
def exported(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables of the hostile data as CSV, in the long form as XLSX too; another test opens the XLSX of all texts."""
    out = tmp_path_factory.mktemp("exported")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(site.root)
        assert main(["export", "csv", *(["xlsx"] if LONG else []), "--out", str(out)]) == 0
    return out


@pytest.fixture(scope="module")
def taken(opened: Mapping[str, Visited], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the CSV buttons give."""
    out = tmp_path_factory.mktemp("taken")
    for name, seen in opened.items():
        for number, text in enumerate(seen.offered):
            (out / f"{name.replace('/', '-')}-{number}.csv").write_text(text, encoding="utf-8", newline="")
    assert len(list(out.iterdir())) >= len(opened)
    return out


def test_no_cell_begins_like_a_formula(exported: Path, taken: Path) -> None:
    number = re.compile(r"[+-]?\d+(\.\d+)?(e[+-]?\d+)?%?", re.IGNORECASE)
    for path in (*exported.rglob("*.csv"), *taken.iterdir()):
        with path.open(encoding="utf-8-sig", newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        running = [cell for cell in cells if re.match(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]", cell)]
        assert [cell for cell in running if not number.fullmatch(cell)] == [], path.name


@pytest.fixture(scope="module")
def in_libreoffice(exported: Path, taken: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """File -> how many formulas LibreOffice made of it; "raw.csv" holds the same texts without our marks."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is missing: install the Debian package libreoffice-calc-nogui (make test does so)")
    work = tmp_path_factory.mktemp("office")
    raw = io.StringIO(newline="")
    csv.writer(raw).writerows([text] for text in FORMULAS)
    (work / "raw.csv").write_text(raw.getvalue(), encoding="utf-8")
    chosen = "*.csv" if LONG else "c*.csv"
    tables = [*sorted(exported.rglob(chosen)), *sorted(taken.glob(chosen)), work / "raw.csv"]
    # Comma, quotation mark, UTF-8, English; special numbers are looked for and formulas evaluated, as a user may ask.
    reading = "--infilter=CSV:44,34,76,1,,1033,false,true,false,false,false,0,true"
    command = [office, f"-env:UserInstallation={(work / 'profile').as_uri()}", "--headless", "--convert-to", "xlsx"]
    books = sorted(exported.glob("*.xlsx"))
    for options, files in (([reading], tables), ([], books)):
        for start in range(0, len(files), FILES_AT_ONCE):
            some = map(str, files[start : start + FILES_AT_ONCE])
            asked = [*command, *options, "--outdir", str(work / "out"), *some]
            subprocess.run(asked, capture_output=True, timeout=300, check=True)
    found = {path.name: _formulas(path) for path in (work / "out").iterdir()}
    assert len(found) == len(tables) + len(books)
    return found


def _formulas(path: Path) -> int:
    """Cells that LibreOffice saved with a formula (element f of SpreadsheetML)."""
    with zipfile.ZipFile(path) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
        return sum(len(re.findall(rb"<f[ >/]", archive.read(name))) for name in sheets)


def test_libreoffice_makes_no_formula_of_what_we_write(
    in_libreoffice: Mapping[str, int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert in_libreoffice["raw.xlsx"] >= 4
    ours = {name: count for name, count in in_libreoffice.items() if name != "raw.xlsx"}
    with capsys.disabled():
        print(
            f"\nspreadsheets: {len(ours)} files opened in LibreOffice, {sum(ours.values())} formulas made; "
            f"{in_libreoffice['raw.xlsx']} of {len(FORMULAS)} without our marks."
        )
    assert set(ours.values()) == {0}
