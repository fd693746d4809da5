"""The ledger page in Chromium: filters, sorting, keyboard, a phone, no scripts, and the width of the index table."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ViewportSize

from kratom_evidence.claims import judge_all, read_claims
from kratom_evidence.claims.records import statement_results
from kratom_evidence.dataset import Dataset
from kratom_evidence.reports.found_pages import FoundPage
from kratom_evidence.reports.index import index_html
from kratom_evidence.reports.ledger_page import COLUMNS, LEDGER_PAGE, write_ledger
from kratom_evidence.reports.listing import listing_script
from kratom_evidence.reports.navigation import navigation
from kratom_evidence.reports.page import Provenance
from tests.browser.visits import LOOKS, PAPER, PHONE, WIDE, Scheme, Visits, violations

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HEADINGS = [column.heading for column in COLUMNS]
Record = dict[str, Any]


@pytest.fixture(scope="module")
def listings(tmp_path_factory: pytest.TempPathFactory, dataset: Dataset, project_root: Path) -> Path:
    """The ledger and the index as the report command writes them, without the pages that they link to."""
    out = tmp_path_factory.mktemp("listings")
    provenance = Provenance(
        data_version=dataset.version, data_fingerprint=dataset.fingerprint, package_version="0", command="none"
    )
    judgements = judge_all(dataset, read_claims(project_root / "data"))
    names = [*(judgement.claim.id for judgement in judgements), "index"]
    pages = {name: (FoundPage(address=f"claims/{name}.html", variant=""),) for name in names}
    write_ledger(out, dataset, statement_results(dataset, judgements), pages, provenance)
    (out / "index.html").write_text(index_html(dataset, judgements, pages, provenance), encoding="utf-8")
    return out


@pytest.fixture(scope="module")
def statements(listings: Path) -> list[Record]:
    """What verdicts.json says of the statements: what the table is compared with."""
    found: list[Record] = json.loads((listings / "verdicts.json").read_text(encoding="utf-8"))["statements"]
    return found


@pytest.fixture(scope="module")
def landing(listings: Path) -> Path:
    return listings / "claims" / "index.html"


def ids(statements: list[Record]) -> list[str]:
    return [record["id"] for record in statements]


# --- filters and search


def test_the_page_asks_for_nothing_and_complains_of_nothing(visit: Visits, listings: Path) -> None:
    visited = visit()
    assert visited.requests == [(listings / "claims" / "index.html").as_uri()]
    assert visited.complaints == []


def test_every_verdict_shows_its_statements_and_says_how_many(visit: Visits, statements: list[Record]) -> None:
    visited = visit()
    assert visited.status == f"{len(statements)} of {len(statements)} statements shown."
    for label in {record["verdict_label"] for record in statements}:
        visited.page.get_by_label("Verdict").select_option(label)
        expected = [record["id"] for record in statements if record["verdict_label"] == label]
        assert visited.shown == expected
        assert visited.status == f"{len(expected)} of {len(statements)} statements shown."


def test_filters_and_search_work_together_and_are_undone_at_once(visit: Visits, statements: list[Record]) -> None:
    visited = visit()
    decided = visited.page.get_by_label("Decided by")
    decided.select_option("case reports")
    by_cases = [record for record in statements if record["decided_by"] == "case_reports"]
    assert visited.shown == ids(by_cases)
    visited.page.get_by_label("Words in any column").fill("  CAUSE kratom ")
    found = visited.shown
    assert "C13" in found and set(found) < set(ids(by_cases))
    visited.page.get_by_label("Words in any column").fill("no such words")
    assert visited.shown == []
    assert visited.status.startswith("0 of ")
    visited.page.get_by_role("button", name="Clear filters").click()
    assert visited.shown == ids(statements)
    assert decided.input_value() == ""


# --- sorting


def test_every_column_can_be_sorted_both_ways(visit: Visits, statements: list[Record]) -> None:
    visited = visit()
    for heading in HEADINGS:
        for direction in ("ascending", "descending"):
            visited.page.get_by_role("button", name=heading, exact=True).click()
            assert visited.sorted_by == [[heading, direction]]
            assert visited.status.endswith(f"sorted by “{heading}”, {direction}.")
            assert sorted(visited.shown) == ids(statements)


def test_robustness_is_sorted_by_the_share_and_the_untested_stand_last(visit: Visits, statements: list[Record]) -> None:
    visited = visit()
    by_cases = [record for record in statements if record["decided_by"] == "case_reports"]
    shares = {record["id"]: record["robustness"]["share"] for record in by_cases}
    button = visited.page.get_by_role("button", name="Robustness")
    button.click()
    rising = [shares.get(name) for name in visited.shown]
    button.click()
    falling = [shares.get(name) for name in visited.shown]
    untested = [None] * (len(statements) - len(shares))
    assert untested
    assert rising == sorted(shares.values()) + untested
    assert falling == sorted(shares.values(), reverse=True) + untested


def test_fragility_is_sorted_by_the_number_of_cases(visit: Visits, statements: list[Record]) -> None:
    visited = visit()
    visited.page.get_by_role("button", name="Fragility").click()
    numbers = {record["id"]: record["fragility"]["further_cases"] for record in statements}
    found = [numbers[name] for name in visited.shown if numbers[name] is not None]
    assert found == sorted(found) == [numbers[name] for name in visited.shown[: len(found)]]


def test_sorting_keeps_what_is_filtered_out_hidden(visit: Visits, statements: list[Record]) -> None:
    visited = visit()
    visited.page.get_by_label("Decided by").select_option("not tested")
    visited.page.get_by_role("button", name="Id", exact=True).click()
    visited.page.get_by_role("button", name="Id", exact=True).click()
    untested = [record["id"] for record in statements if record["decided_by"] is None]
    assert visited.shown == sorted(untested, reverse=True)


# --- keyboard, and without scripts


@pytest.mark.parametrize("window", [WIDE, PHONE])
def test_everything_is_done_by_keyboard_with_the_focus_in_sight(
    visit: Visits, statements: list[Record], window: ViewportSize
) -> None:
    visited = visit(window=window)
    reached = []
    places = [place.label for place in navigation(LEDGER_PAGE)]
    controls = ["Words in any column", "Verdict", "Decided by", "Clear filters", "Skip the table", *HEADINGS]
    expected = ["Skip to the content", *places, *controls]
    for _ in expected:
        visited.page.keyboard.press("Tab")
        name, outline, width = visited.page.evaluate(
            "(() => { const e = document.activeElement, s = getComputedStyle(e);"
            "return [e.labels?.[0]?.textContent ?? e.textContent, s.outlineStyle, parseFloat(s.outlineWidth)] })()"
        )
        assert outline == "solid" and width >= 2, name
        reached.append(name)
        if name == "Robustness":
            visited.page.keyboard.press("Enter")
    assert visited.shown != ids(statements)


def test_without_scripts_it_is_a_whole_table_and_no_control(
    listings: Path, browser: Browser, statements: list[Record]
) -> None:
    context = browser.new_context(viewport=WIDE, offline=True, java_script_enabled=False)
    page = context.new_page()
    page.goto((listings / "claims" / "index.html").as_uri())
    assert page.locator("button, select, input, [role=status]").count() == 0
    visible = page.locator(".ledger tbody tr:visible")
    assert visible.count() == len(statements)
    for heading in HEADINGS:
        assert page.get_by_role("columnheader", name=heading, exact=True).is_visible()
    context.close()


def test_a_changed_script_does_not_run(visit: Visits, listings: Path) -> None:
    changed = listings / "claims" / "changed.html"
    html = (listings / "claims" / "index.html").read_text(encoding="utf-8")
    script = listing_script()
    changed.write_text(html.replace(script, f"{script} "), encoding="utf-8")
    visited = visit(changed)
    changed.unlink()
    assert visited.page.locator(".filters, thead button").count() == 0
    assert any("Content Security Policy" in complaint for complaint in visited.complaints)


# --- widths


@pytest.mark.parametrize("width", [320, 375, 700, 1152, 1153, 1920])
@pytest.mark.parametrize("scripts", [True, False])
def test_no_width_needs_scrolling_or_cuts_anything_off(visit: Visits, width: int, scripts: bool) -> None:
    visited = visit(window={"width": width, "height": 800}, scripts=scripts)
    for box in (cell.bounding_box() for cell in visited.page.locator(".ledger tbody tr:nth-child(-n+3) > *").all()):
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width
        assert box["width"] >= 40
    assert visited.page.evaluate("document.documentElement.scrollWidth") <= width
    spilling = (
        "[...document.querySelectorAll('.ledger tbody *, .filters *')].filter(e => e.scrollWidth > e.clientWidth + 1"
    )
    spilling += " && getComputedStyle(e).display !== 'inline').map(e => e.outerHTML.slice(0, 60))"
    assert visited.page.evaluate(spilling) == []


def test_on_a_phone_each_statement_is_a_block_with_its_headings(visit: Visits) -> None:
    visited = visit(window=PHONE)
    cell = visited.page.locator(".ledger tbody tr").first.locator("td").nth(3)
    box = cell.bounding_box()
    assert box is not None and box["width"] > 300
    label = visited.page.evaluate(
        "getComputedStyle(document.querySelector('.ledger tbody tr').cells[4], '::before').content"
    )
    assert label == '"Deciding numbers: " / ""'


def test_a_wide_window_is_used(visit: Visits) -> None:
    box = visit().page.locator("table.ledger").bounding_box()
    assert box is not None and box["width"] > 0.95 * WIDE["width"]


@pytest.mark.parametrize("width", [1000, 1200, 1920])
def test_the_tables_of_the_index_wrap_instead_of_scrolling(visit: Visits, listings: Path, width: int) -> None:
    visited = visit(listings / "index.html", window={"width": width, "height": 800})
    regions = visited.page.evaluate("[...document.querySelectorAll('.wide')].map(e => [e.scrollWidth, e.clientWidth])")
    assert regions
    assert all(needed <= given for needed, given in regions)


def test_in_print_the_table_is_whole_and_the_controls_are_left_out(visit: Visits) -> None:
    visited = visit(window=PAPER)
    visited.page.emulate_media(media="print")
    assert not visited.page.locator(".filters").is_visible()
    cut = "[...document.querySelectorAll('main *')].filter(e => e.checkVisibility() && "
    cut += "e.getBoundingClientRect().right > window.innerWidth + 1).map(e => e.outerHTML.slice(0, 80))"
    assert visited.page.evaluate(cut) == []
    assert visited.page.evaluate("getComputedStyle(document.querySelector('thead')).display") == "table-header-group"


# --- accessibility


@pytest.mark.parametrize(("window", "scheme"), LOOKS)
def test_axe_finds_no_violation(visit: Visits, window: ViewportSize, scheme: Scheme) -> None:
    visited = visit(window=window, scheme=scheme)
    visited.page.get_by_role("button", name="Robustness").click()
    assert violations(visited.page) == []


def test_axe_sees_what_it_should_see(visit: Visits) -> None:
    visited = visit()
    visited.page.evaluate("document.querySelector('.filters label').remove()")
    assert [found.partition(":")[0] for found in violations(visited.page)] == ["label"]


def test_on_a_phone_it_is_still_a_table_for_a_screen_reader(visit: Visits, statements: list[Record]) -> None:
    visited = visit(window=PHONE)
    assert visited.page.get_by_role("table").get_by_role("row").count() == len(statements) + 1
    assert visited.page.get_by_role("rowheader", name="C13").count() == 1
