"""The tables of a page, taken away as CSV."""

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from kratom_evidence.dataset import Dataset
from kratom_evidence.presentation import ReportTable
from kratom_evidence.reports.case_page import case_page
from tests.browser.visits import Visit, opened

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def taken(visited: Visit, caption: str) -> tuple[str, list[list[str]]]:
    """The name of the file that the button of a table gives, and what a CSV reader makes of it."""
    visited.page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    with visited.page.expect_download() as waiting:
        visited.page.get_by_role("button", name=f"CSV of the table: {caption}", exact=True).click()
    content = waiting.value.path().read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.endswith(b"\r\n")
    text = content.decode("utf-8-sig")
    return waiting.value.suggested_filename, list(csv.reader(io.StringIO(text, newline=""), strict=True))


def test_tables_are_taken_as_csv(site: Path, browser: Browser, dataset: Dataset) -> None:
    page = case_page("brooks2023", dataset)
    visited = opened(browser, site / "cases" / "brooks2023.html")
    tables: list[ReportTable] = [page.at_a_glance(), page.co_exposures(), page.judged.naranjo()]
    for table in tables:
        name, rows = taken(visited, table.caption)
        columns = [[column.heading, *(cell.plain for cell in column.cells)] for column in table.columns]
        assert rows == [list(row) for row in zip(*columns, strict=True)]
        assert re.fullmatch(r"brooks2023-[\w.=-]+\.csv", name)
    assert any(cell == "-1" for row in rows for cell in row)
    assert visited.complaints == []
    assert {url.partition(":")[0] for url in visited.requests} <= {"file", "data", "blob"}
    visited.page.context.close()


def test_no_cell_of_a_taken_table_is_a_formula_or_breaks_a_row(site: Path, browser: Browser, tmp_path: Path) -> None:
    cells = ["=1+1", "-1", "-0.5", "+5", "12%", "-cmd|x", "@SUM(A1)", 'a "b", c', "\t=2", "Größe"]
    expected = ["'=1+1", "-1", "-0.5", "+5", "12%", "'-cmd|x", "'@SUM(A1)", 'a "b", c', "'=2", "Größe"]
    row = "".join(f"<td>{cell}</td>" for cell in cells)
    made = f"<table><caption>Made, up</caption><tbody><tr>{row}</tr><tr hidden><td>x</td></tr></tbody></table></main>"
    path = tmp_path / "C13--a=b.html"
    html = (site / "claims" / "C13.html").read_text(encoding="utf-8")
    path.write_text(html.replace("</main>", made), encoding="utf-8")
    visited = opened(browser, path)
    assert taken(visited, "Made, up") == ("C13-a=b-Made-up.csv", [expected])
    visited.page.context.close()


def test_without_scripts_no_table_has_a_button(site: Path, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto((site / "cases" / "brooks2023.html").as_uri())
    assert page.locator("table").count() > 5
    assert page.locator("button").count() == 0
    context.close()
