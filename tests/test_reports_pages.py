"""What a page promises: one title, ordered headings, no script and no address from which anything is loaded."""

import re
import shlex
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kratom_evidence.claims import judge_all, read_claims
from kratom_evidence.dataset import Dataset
from kratom_evidence.faults import ExplainedError, UsageError
from kratom_evidence.files import remove_with_empty_folders, writable_folder, write_atomically
from kratom_evidence.presentation.figures import ReportFigure
from kratom_evidence.presentation.tables import show_table
from kratom_evidence.reports.found_pages import FoundPage, found_pages
from kratom_evidence.reports.html import notebook_page
from kratom_evidence.reports.index import index_html
from kratom_evidence.reports.jobs import page_command, page_name
from kratom_evidence.reports.kinds import KINDS, kind_named, selected_subjects
from kratom_evidence.reports.navigation import navigation
from kratom_evidence.reports.outline import outlined
from kratom_evidence.reports.page import TABLE_SCRIPT, Provenance, page_html, template_text
from tests.made_notebooks import code, markdown, notebook, shown

CLAIMS = KINDS["claims"]
PROVENANCE = Provenance(
    data_version="2026.11.0",
    data_fingerprint="0123456789ab",
    package_version="1.2.3",
    command="kratom-evidence report claims --claim C13 -p 'x=<b>'",
)
HOSTILE = "<script>alert(1)</script>\"'&"
# Elements and attributes by which a page can load something or run something.
LOADING = {"script", "iframe", "object", "embed", "link", "base", "form", "video", "audio", "source"}

VOID = {"meta", "img", "br", "hr", "link", "input"}


class Page(HTMLParser):
    """The elements of a page in their order, with their attributes and their text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.open: list[list[str]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        texts: list[str] = []
        self.elements.append((tag, dict(attrs), texts))
        if tag not in VOID:
            self.open.append(texts)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and self.open:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        for texts in self.open:
            texts.append(data)

    def all(self, *names: str) -> list[tuple[str, dict[str, str | None], str]]:
        return [(tag, attributes, "".join(texts).strip()) for tag, attributes, texts in self.elements if tag in names]

    @property
    def levels(self) -> list[int]:
        return [int(tag[1]) for tag, _, _ in self.all("h1", "h2", "h3", "h4", "h5", "h6")]


def shown_figure(**changed: str) -> list[Any]:
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0L1 1"/></svg>'
    texts = {"svg": svg, "alt": "A line.", "caption": "The line.", **changed}
    figure = ReportFigure(data=show_table(pd.DataFrame({"n": [7]}), caption="Data"), **texts)
    return [shown(data, marks) for data, marks in (figure.drawing(), figure.explanation())]


def html_output(html: str) -> Any:
    return shown({"text/html": html, "text/plain": "plain"})


def page_of(*cells: Any) -> tuple[str, Page]:
    html = notebook_page(notebook(*cells), title="Fallback", provenance=PROVENANCE, address="claims/C13.html")
    return html, Page(html)


# --- the page of a notebook


def test_a_page_loads_nothing_and_runs_only_the_script_for_tables() -> None:
    cells = (code("x = 1", html_output("<h1>Title</h1>"), *shown_figure()), markdown("## A $x^2$ part"))
    html, page = page_of(*cells)
    assert {tag for tag, _, _ in page.elements} & LOADING == {"script"}
    assert [(attributes, text) for _, attributes, text in page.all("script")] == [
        ({}, template_text(TABLE_SCRIPT).strip())
    ]
    assert page.all("img")
    for _, attributes, _ in page.elements:
        assert not [name for name in attributes if name.startswith("on")]
        assert (attributes.get("src") or "data:").startswith("data:")
    assert not re.search(r"@import|url\(", html)
    assert len(html.encode()) < 30_000


def test_a_page_has_what_readers_and_machines_need() -> None:
    _, page = page_of(code("x = 1", html_output("<h1>The title</h1>")))
    assert [attributes["lang"] for _, attributes, _ in page.all("html")] == ["en"]
    metas = {
        attributes.get("name") or attributes.get("http-equiv"): attributes.get("content")
        for _, attributes, _ in page.all("meta")
    }
    assert metas["viewport"] == "width=device-width, initial-scale=1"
    assert (metas["Content-Security-Policy"] or "").startswith("default-src 'none'")
    assert [text for _, _, text in page.all("h1")] == ["The title"]
    assert [text for _, _, text in page.all("title")] == ["The title · kratom-evidence"]
    links = {attributes["href"]: text for _, attributes, text in page.all("a")}
    assert links["#content"] == "Skip to the content"
    assert "../index.html" in links
    assert [attributes["id"] for _, attributes, _ in page.all("main")] == ["content"]


def test_the_footer_tells_the_data_the_version_and_the_exact_command() -> None:
    html, page = page_of(markdown("## A"))
    assert [text for _, _, text in page.all("code")] == ["0123456789ab", PROVENANCE.command]
    assert "2026.11.0" in html
    assert "1.2.3" in html
    assert "<b>" not in html


def test_a_notebook_without_a_title_takes_the_one_of_its_subject() -> None:
    _, page = page_of(markdown("Only prose."))
    assert [text for _, _, text in page.all("h1")] == ["Fallback"]


def test_a_figure_and_its_explanation_become_one_figure_with_true_alternative_text() -> None:
    _, page = page_of(code("draw()", *shown_figure(alt=HOSTILE, caption=HOSTILE)))
    [(_, image, _)] = page.all("img")
    assert image["alt"] == HOSTILE
    assert (image["src"] or "").startswith("data:image/svg+xml,")
    assert [text for _, _, text in page.all("figcaption")] == [HOSTILE]
    assert [text for _, _, text in page.all("summary")] == ["Data of this figure", "Code of part 1"]
    assert [text for _, _, text in page.all("td")] == ["7"]
    assert "figure-caption" not in {attributes.get("class") for _, attributes, _ in page.all("p")}


def test_a_drawing_made_without_show_figure_is_not_left_without_alternative_text() -> None:
    bare = shown({"image/svg+xml": "<svg/>", "text/plain": "x"})
    _, page = page_of(code("draw()", bare))
    assert all(attributes.get("alt") for _, attributes, _ in page.all("img"))


def test_code_is_there_but_folded_and_cells_between_prose_share_a_fold() -> None:
    cells = (
        code("first = 1", html_output("<p>1</p>")),
        code("second = 2 < 3"),
        markdown("Prose."),
        code("third"),
    )
    html, page = page_of(*cells)
    assert len(page.all("summary")) == 2
    assert all("open" not in attributes for _, attributes, _ in page.all("details"))
    text = re.sub(r"<[^>]+>", "", html)
    assert "first = 1\n\nsecond = 2 &lt; 3" in text


def test_the_check_of_completeness_shows_nothing_but_its_code() -> None:
    html, _ = page_of(code("check()", html_output("<p>Complete: all well</p>"), tags=("completeness",)))
    assert "Complete: all well" not in html
    assert "check" in html


def test_printed_text_and_plain_results_are_escaped() -> None:
    printed = {"output_type": "stream", "name": "stdout", "text": HOSTILE}
    plain = shown({"text/plain": HOSTILE})
    html, page = page_of(code("x", printed, plain))
    assert not page.all("script")
    assert html.count("&lt;script&gt;") == 2


# --- headings


@given(st.lists(st.tuples(st.integers(1, 6), st.sampled_from(["A b", "A b", "Ä", "1st", "<i>x</i>", ""])), max_size=12))
def test_headings_are_in_order_whatever_the_notebook_has(headings: list[tuple[int, str]]) -> None:
    fragment = "".join(f"<div><h{level}>{text}</h{level}></div><p>x</p>" for level, text in headings)
    content = outlined(fragment, fallback_title="Fallback")
    page = Page(page_html(content, provenance=PROVENANCE, address="index.html"))
    assert page.levels.count(1) == 1
    assert page.levels[0] == 1
    assert all(deeper <= level + 1 for level, deeper in zip(page.levels, page.levels[1:], strict=False))
    anchors = [attributes["id"] for _, attributes, _ in page.all("h2", "h3", "h4", "h5", "h6")]
    assert len(set(anchors)) == len(anchors)
    assert all(re.fullmatch(r"[a-z][a-z0-9-]*", anchor or "") for anchor in anchors)


def test_nothing_is_lost_between_lead_and_rest() -> None:
    content = outlined("<p>a</p><h1>T</h1><p>b</p><div><p>c</p><h2>S</h2></div><p>d</p>", fallback_title="F")
    assert content.title == "T"
    assert content.lead == "<p>a</p><p>b</p>"
    assert content.rest == '<div><p>c</p><h2 id="s">S</h2></div><p>d</p>'


def test_the_contents_list_every_part_of_a_long_page() -> None:
    _, page = page_of(*(markdown(f"## Part {number}") for number in range(4)))
    targets = [attributes["href"] for _, attributes, text in page.all("a") if text.startswith("Part")]
    assert targets == [f"#part-{number}" for number in range(4)]


# --- names of pages, commands, kinds


def test_the_page_with_the_defaults_has_the_plain_name() -> None:
    assert page_name(CLAIMS, "C13", {}) == "claims/C13.html"


def test_other_definitions_have_names_of_their_own() -> None:
    name = page_name(CLAIMS, "C13", {"ss_definition": "hunter_strict", "rounds": 2})
    assert name == "claims/C13--ss_definition=hunter_strict--rounds=2.html"


@given(st.text(), st.text())
def test_no_value_leads_out_of_the_folder_and_different_values_never_share_a_page(one: str, other: str) -> None:
    names = [page_name(CLAIMS, "C13", {"note": value}) for value in (one, other)]
    for name in names:
        assert re.fullmatch(r"claims/C13--note=[A-Za-z0-9_.+-]*\.html", name)
        assert len(name) < 120
    assert (names[0] == names[1]) == (one == other)


@given(st.text(min_size=1).filter(lambda text: "\x00" not in text))
def test_the_command_of_a_page_is_read_by_a_shell_as_it_was_given(value: str) -> None:
    words = shlex.split(page_command(CLAIMS, "C13", {"note": value}))
    assert words == ["kratom-evidence", "report", "claims", "--claim", "C13", "-p", f"note={value}"]


def test_unknown_kinds_and_subjects_are_refused_with_the_nearest_name() -> None:
    with pytest.raises(UsageError, match="Did you mean 'claims'"):
        kind_named("claim")
    with pytest.raises(UsageError, match="Did you mean 'C13'"):
        selected_subjects(CLAIMS, ["C013"], {"C02": "x", "C13": "y"})


def test_selected_subjects_keep_the_order_of_the_ledger() -> None:
    subjects = {"C01": "a", "C02": "b", "C03": "c"}
    assert list(selected_subjects(CLAIMS, ["C03", "C01", "C03"], subjects)) == ["C01", "C03"]
    assert selected_subjects(CLAIMS, [], subjects) == subjects


# --- files


def test_a_written_file_replaces_the_old_one_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "claims" / "C13.html"
    write_atomically(path, "old")
    write_atomically(path, "new µ")
    assert path.read_text(encoding="utf-8") == "new µ"
    assert list(path.parent.iterdir()) == [path]
    assert path.stat().st_mode & 0o444 == 0o444


def test_a_failed_write_keeps_the_old_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "C13.html"
    write_atomically(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(path, "\ud800")
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_a_file_is_explained(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    with pytest.raises(ExplainedError, match="cannot be written"):
        writable_folder(blocked)
    with pytest.raises(ExplainedError, match="cannot be written"):
        write_atomically(blocked / "x" / "y.html", "")


def test_only_empty_folders_go_with_a_file(tmp_path: Path) -> None:
    kept = tmp_path / "failed" / "claims" / "C01.ipynb"
    gone = tmp_path / "failed" / "claims" / "C02.ipynb"
    for path in (kept, gone):
        write_atomically(path, "")
    remove_with_empty_folders(gone, top=tmp_path)
    assert kept.exists()
    assert not gone.exists()
    remove_with_empty_folders(kept, top=tmp_path)
    assert list(tmp_path.iterdir()) == []


# --- the index


def test_pages_are_found_by_subject_with_the_default_first_and_only_of_their_kind() -> None:
    addresses = ["claims/C01--ss_definition=label--rounds=2.html", "cases/C02.html", "claims/C01.html"]
    assert found_pages(addresses, CLAIMS) == {
        "C01": (
            FoundPage(address="claims/C01.html", variant=""),
            FoundPage(
                address="claims/C01--ss_definition=label--rounds=2.html", variant="ss_definition=label, rounds=2"
            ),
        )
    }


def test_the_index_lists_every_statement_and_links_only_to_pages_that_exist(
    dataset: Dataset, project_root: Path
) -> None:
    claims = read_claims(project_root / "data")
    judgements = judge_all(dataset, claims)
    variant = FoundPage(address="claims/C02--ss_definition=label.html", variant="ss_definition=label")
    pages = {claims[0].id: (FoundPage(address="claims/C01.html", variant=""),), claims[1].id: (variant,)}
    html = index_html(dataset, judgements, pages, PROVENANCE)
    page = Page(html)
    links = {attributes["href"] for _, attributes, _ in page.all("a") if not (attributes["href"] or "").startswith("#")}
    places = {place.href for place in navigation("index.html")}
    assert places <= links
    assert links - places == {"claims/C01.html", "claims/C02--ss_definition=label.html"}
    cells = [text for _, _, text in page.all("th", "td", "a")]
    for judgement in judgements:
        assert judgement.claim.id in cells
        assert judgement.claim.statement in cells
        assert judgement.summary in cells
    assert html.count('<span class="verdict ') == len(judgements) + 5
    assert page.levels.count(1) == 1


def test_the_index_counts_each_verdict_once(dataset: Dataset, project_root: Path) -> None:
    judgements = judge_all(dataset, read_claims(project_root / "data"))
    page = Page(index_html(dataset, judgements, {}, PROVENANCE))
    counts = [int(text) for _, attributes, text in page.all("td") if attributes.get("class") == "number"]
    assert sum(counts) == len(judgements)
