"""The browse page in Chromium: search, filters, sorting, the view in the address, keyboard, phone, paper."""

import json
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from playwright.sync_api import ViewportSize

from kratom_evidence.appraisal import criteria_table
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence.case_set import restrict
from kratom_evidence.reports.browse_page import write_browse
from kratom_evidence.reports.browse_rows import COLUMNS
from kratom_evidence.reports.navigation import navigation
from kratom_evidence.reports.page import Provenance
from tests.browser.visits import LOOKS, PAPER, PHONE, WIDE, Scheme, Visit, Visits, violations

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LABELS = {
    "event": "Event",
    "taken": "Taken besides kratom",
    "class": "Drug class",
    "ss": "Serotonin syndrome (authors)",
    "hunter": "Hunter",
    "sternbach": "Sternbach",
    "radomski": "Radomski",
    "read": "What was read",
    "type": "Type of source",
}
HOSTILE = [
    "#event=<img src=x onerror=alert(1)>",
    "#event=%3Cimg%20src=x%20onerror=alert(1)%3E&hunter=constructor",
    "#sort=__proto__&order=sideways",
    "#constructor=1&__proto__=2&toString=3",
    "#event=" + "x" * 50_000,
    "#%E0%A4%A=%&=&&event=%00",
]
# Every choice of every filter at once, as a user would make it: what is shown after each.
EVERY_CHOICE = """
() => [...document.querySelectorAll('.filters select')].flatMap(select =>
  [...select.options].slice(1).map(option => {
    select.value = option.value;
    select.dispatchEvent(new Event('input', { bubbles: true }));
    const rows = [...document.querySelectorAll('.listing tbody tr')].filter(row => row.checkVisibility());
    const seen = [select.id, option.value, option.textContent, rows.map(row => row.cells[0].textContent)];
    select.value = '';
    return seen;
  }))
"""


def written(out: Path, dataset: Dataset) -> Path:
    """The browse page beside the sheet of every case, so that it has all its links."""
    provenance = Provenance(
        data_version=dataset.version, data_fingerprint=dataset.fingerprint, package_version="0", command="none"
    )
    return write_browse(
        out, dataset, provenance, addresses=[f"cases/{case_id}.html" for case_id in dataset.cases.index]
    )


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory, dataset: Dataset) -> Path:
    return written(tmp_path_factory.mktemp("all"), dataset)


@pytest.fixture(scope="module")
def shorter(tmp_path_factory: pytest.TempPathFactory, dataset: Dataset) -> Path:
    """The page of the cases that were read in full, for a check that takes time for each cell."""
    return written(tmp_path_factory.mktemp("few"), restrict(dataset, "full_text"))


@pytest.fixture(scope="module")
def expected(project_root: Path, dataset: Dataset) -> pd.DataFrame:
    """Case x filter: the values that it must be found under, from the files and the appraisal alone (tuples)."""
    data = project_root / "data"
    raw = pd.read_csv(data / "case_reports.csv", dtype=str, keep_default_na=False).set_index("case_id").sort_index()
    events = pd.read_csv(data / "vocabulary" / "events.csv", dtype=str).set_index("primary_event")["label"]
    substances = pd.read_csv(data / "vocabulary" / "substances.csv", dtype=str, keep_default_na=False)
    classes = substances.set_index("name")["drug_class"].map(class_labels(data))
    genres = {entry["id"]: entry["genre"] for entry in source_entries(data)}
    judged = criteria_table(dataset).loc[raw.index]
    names = raw["co_exposures"].map(lambda text: tuple(dict.fromkeys(re.findall(r"(?:^|; )([^\[\]]+?) \[", text))))
    silent = raw["co_exposures"].map({"": ("not stated",), "none": ("none",)})
    labelled = raw["ss_assessment"].isin(["diagnosed", "suspected"])
    ss = raw["ss_assessment"].str.replace("_", " ")
    return pd.DataFrame(
        {
            "event": raw["primary_event"].map(events).map(lambda label: (label,)),
            "taken": silent.where(silent.notna(), names),
            "class": silent.where(silent.notna(), names.map(lambda found: tuple({classes[name] for name in found}))),
            "ss": [
                (label, "diagnosed or suspected") if both else (label,)
                for label, both in zip(ss, labelled, strict=True)
            ],
            **{
                name: judged[f"{name}_strict"].str.replace("_", " ").map(lambda word: (word,))
                for name in ("hunter", "sternbach", "radomski")
            },
            "read": raw["source_access"].str.replace("_", " ").map(lambda word: (word,)),
            "type": raw["citekey"].map(genres).str.replace("_", " ").map(lambda word: (word,)),
        }
    )


def class_labels(data: Path) -> Mapping[str, str]:
    package = json.loads((data / "datapackage.json").read_text(encoding="utf-8"))
    (resource,) = [entry for entry in package["resources"] if entry["name"] == "substances"]
    (field,) = [entry for entry in resource["schema"]["fields"] if entry["name"] == "drug_class"]
    return {entry["value"]: entry["label"] for entry in field["categories"]}


def source_entries(data: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((data / "sources.json").read_text(encoding="utf-8"))
    return found


def fitting(expected: pd.DataFrame, **chosen: str) -> list[str]:
    """The cases that have all the chosen values."""
    kept = pd.Series(True, index=expected.index)
    for name, value in chosen.items():
        kept &= expected[name].map(lambda found, value=value: value in found)
    return [str(case_id) for case_id in expected.index[kept]]


def choose(visited: Visit, **chosen: str) -> None:
    for name, value in chosen.items():
        visited.page.get_by_label(LABELS[name], exact=True).select_option(value)


def words_of(visited: Visit) -> Any:
    return visited.page.get_by_label("Words in any column")


def settled_fragment(visited: Visit) -> str:
    """The fragment of the address after the pause in which it is written, by the clock of the page."""
    script = "new Promise(resolve => setTimeout(() => resolve(location.hash), 250))"
    found: str = visited.page.evaluate(script)
    return found


# --- filters and search


def test_the_page_asks_for_nothing_and_complains_of_nothing(visit: Visits, landing: Path) -> None:
    visited = visit()
    assert visited.requests == [landing.as_uri()]
    assert visited.complaints == []


def test_every_choice_of_every_filter_shows_its_cases(visit: Visits, expected: pd.DataFrame) -> None:
    visited = visit()
    seen = visited.page.evaluate(EVERY_CHOICE)
    for control, value, words, shown in seen:
        wanted = fitting(expected, **{control.removeprefix("filter-"): value})
        assert shown == wanted, (control, value)
        assert words == f"{value} ({len(wanted)})"
    offered = {(control.removeprefix("filter-"), value) for control, value, _, _ in seen}
    assert {(name, value) for name in expected for values in expected[name] for value in values} <= offered
    assert {("taken", "none"), ("taken", "not stated"), ("hunter", "met"), ("hunter", "not met")} <= offered


@pytest.mark.parametrize(
    "chosen",
    [
        {"event": "Liver injury", "read": "abstract"},
        {"event": "Death", "taken": "not stated", "type": "forensic report"},
        {"ss": "diagnosed or suspected", "hunter": "undetermined"},
        {"class": "SSRI", "read": "full text"},
        {"taken": "none", "event": "Liver injury"},
    ],
)
def test_filters_work_together(visit: Visits, expected: pd.DataFrame, chosen: dict[str, str]) -> None:
    visited = visit()
    choose(visited, **chosen)
    wanted = fitting(expected, **chosen)
    assert visited.shown == wanted
    assert visited.status == f"{len(wanted)} of {len(expected)} cases shown."


def test_some_of_the_combinations_find_something(expected: pd.DataFrame) -> None:
    assert fitting(expected, event="Liver injury", read="abstract") and fitting(expected, taken="none", read="abstract")


def test_the_search_knows_no_case_and_no_accents_and_wants_every_word(visit: Visits, project_root: Path) -> None:
    visited = visit()
    mullers = [
        entry["id"]
        for entry in source_entries(project_root / "data")
        if entry.get("author", [{}])[0].get("family") == "Müller"
    ]
    assert mullers
    for typed in ("Müller", "MULLER", " müller 20", "20 muller"):
        words_of(visited).fill(typed)
        assert visited.shown == mullers, typed
    words_of(visited).fill("muller nothing-of-the-kind")
    assert visited.shown == []
    assert visited.status.startswith("0 of ")


def test_search_and_filters_are_undone_at_once(visit: Visits, expected: pd.DataFrame) -> None:
    visited = visit()
    choose(visited, event="Seizure", hunter="undetermined")
    words_of(visited).fill("male")
    assert visited.shown != list(expected.index)
    visited.page.get_by_role("button", name="Clear filters").click()
    assert visited.shown == list(expected.index)
    assert visited.page.get_by_label("Event", exact=True).input_value() == words_of(visited).input_value() == ""
    assert settled_fragment(visited) == ""


# --- sorting


def test_ages_are_sorted_as_numbers_and_what_is_no_number_stands_last(visit: Visits, project_root: Path) -> None:
    raw = pd.read_csv(project_root / "data" / "case_reports.csv", dtype=str, keep_default_na=False)
    known = {case: int(age) for case, age in zip(raw["case_id"], raw["age_years"], strict=True) if age}
    visited = visit()
    button = visited.page.get_by_role("button", name="Age in years")
    for falling in (False, True):
        button.click()
        numbers = [known.get(case) for case in visited.shown]
        assert numbers == [*sorted(known.values(), reverse=falling), *[None] * (len(raw) - len(known))]


def test_publications_are_sorted_without_regard_to_accents_and_case(visit: Visits, project_root: Path) -> None:
    entries = {entry["id"]: entry for entry in source_entries(project_root / "data")}
    raw = pd.read_csv(project_root / "data" / "case_reports.csv", dtype=str).sort_values("case_id")
    family = {
        case: entries[key]["author"][0].get("family") or entries[key]["author"][0].get("literal")
        for case, key in zip(raw["case_id"], raw["citekey"], strict=True)
        if entries[key].get("author")
    }
    visited = visit()
    visited.page.get_by_role("button", name="Publication").click()
    found = [family.get(case) for case in visited.shown]
    named = [plain(name) for name in found if name]
    assert named == sorted(named)
    assert found[len(named) :] == [None] * (len(raw) - len(family))
    assert any(name and name != unicodedata.normalize("NFD", name) for name in found)


def plain(name: str) -> str:
    letters = unicodedata.normalize("NFD", name.casefold())
    return "".join(letter for letter in letters if letter.isalpha() or letter == " ")


def test_every_column_is_sorted_both_ways_keeps_equals_in_order_and_says_so(
    visit: Visits, expected: pd.DataFrame
) -> None:
    visited = visit()
    places = {str(case_id): place for place, case_id in enumerate(expected.index)}
    for position, column in enumerate(COLUMNS):
        for direction in ("ascending", "descending"):
            visited.page.get_by_role("button", name=column.heading, exact=True).click()
            assert visited.sorted_by == [[column.heading, direction]]
            assert visited.status.endswith(f"sorted by “{column.heading}”, {direction}.")
            shown = visited.shown
            assert sorted(shown) == sorted(places)
            texts = visited.page.evaluate(
                f"[...document.querySelectorAll('.listing tbody tr')].map(r => r.cells[{position}].textContent)"
            )
            silent = [
                not text.isdigit()
                if column.name == "age"
                else text.startswith(("not stated", "not mentioned", "undetermined"))
                for text in texts
            ]
            assert silent == sorted(silent), column.heading
            equals = [(one, other) for one, other in zip(range(len(texts)), range(1, len(texts)), strict=False)]
            assert all(
                places[shown[one]] < places[shown[other]] for one, other in equals if texts[one] == texts[other]
            ), column.heading


def test_none_is_sorted_before_all_names_and_apart_from_not_stated(visit: Visits, expected: pd.DataFrame) -> None:
    visited = visit()
    visited.page.get_by_role("button", name="Taken besides kratom").click()
    none, silent = fitting(expected, taken="none"), fitting(expected, taken="not stated")
    assert visited.shown[: len(none)] == none
    assert visited.shown[-len(silent) :] == silent


# --- the view in the address


def test_a_view_can_be_kept_and_opened_again(visit: Visits) -> None:
    first = visit()
    choose(first, event="Liver injury", read="abstract")
    words_of(first).fill("male & 20")
    first.page.get_by_role("button", name="Age in years").click()
    first.page.get_by_role("button", name="Age in years").click()
    words_of(first).fill("male 20")
    second = visit(fragment=settled_fragment(first))
    assert second.shown == first.shown != []
    assert second.status == first.status
    assert second.sorted_by == [["Age in years", "descending"]]
    assert words_of(second).input_value() == "male 20"
    assert second.page.get_by_label("Event", exact=True).input_value() == "Liver injury"


def test_another_fragment_in_an_open_page_is_followed_and_an_anchor_is_not(
    visit: Visits, expected: pd.DataFrame
) -> None:
    visited = visit(fragment="#event=Seizure")
    visited.page.evaluate("location.hash = '#content'")
    assert visited.shown == fitting(expected, event="Seizure")
    visited.page.evaluate("location.hash = '#event=Death'")
    visited.page.wait_for_function("document.querySelector('#filter-event').value === 'Death'")
    assert visited.shown == fitting(expected, event="Death")


@pytest.mark.parametrize("fragment", HOSTILE)
def test_a_hostile_address_is_left_out_and_said(visit: Visits, expected: pd.DataFrame, fragment: str) -> None:
    visited = visit(fragment=fragment)
    assert visited.shown == list(expected.index)
    assert "does not have" in visited.status
    assert visited.page.locator("img").count() == 0
    assert visited.complaints == []
    choose(visited, event="Seizure")
    assert settled_fragment(visited) == "#event=Seizure"
    assert "does not have" not in visited.status


def test_hostile_words_in_the_address_are_only_searched_for(visit: Visits) -> None:
    visited = visit(fragment="#words=<img src=x onerror=alert(1)>")
    assert visited.shown == []
    assert words_of(visited).input_value() == "<img src=x onerror=alert(1)>"
    assert visited.page.locator("img").count() == 0
    assert visited.complaints == []


# --- keyboard, and without scripts


@pytest.mark.parametrize("window", [WIDE, PHONE])
def test_it_is_used_by_keyboard_with_the_focus_in_sight(
    visit: Visits, expected: pd.DataFrame, window: ViewportSize
) -> None:
    visited = visit(window=window)
    keyboard = visited.page.keyboard
    places = [place.label for place in navigation("browse.html")]
    controls = ["Words in any column", *LABELS.values(), "Clear filters", "Skip the table"]
    reached = []
    for _ in ["Skip to the content", *places, *controls, *COLUMNS]:
        keyboard.press("Tab")
        name, outline = visited.page.evaluate(
            "(() => { const e = document.activeElement, s = getComputedStyle(e);"
            "return [e.labels?.[0]?.textContent ?? e.textContent, s.outlineStyle + parseFloat(s.outlineWidth)] })()"
        )
        assert outline == "solid3", name
        reached.append(name)
        if name == "Words in any column":
            keyboard.type("male")
        if name == "Hunter":
            keyboard.press("u")
        if name == "Year":
            keyboard.press("Enter")
    assert reached == ["Skip to the content", *places, *controls, *(column.heading for column in COLUMNS)]
    assert visited.sorted_by == [["Year", "ascending"]]
    assert 0 < len(visited.shown) < len(expected)
    assert set(visited.shown) <= set(fitting(expected, hunter="undetermined"))
    visited.page.locator(".skip-table").focus()
    keyboard.press("Enter")
    keyboard.press("Tab")
    assert visited.page.evaluate("document.activeElement.closest('table')") is None


def test_without_scripts_it_is_a_whole_table_with_its_links(visit: Visits, expected: pd.DataFrame) -> None:
    page = visit(scripts=False).page
    assert page.locator("button:visible, select, input, [role=status]").count() == 0
    assert page.locator(".listing tbody tr:visible").count() == len(expected)
    assert page.locator(".listing tbody th a").count() == len(expected)
    assert page.locator(".listing a[href^='https://doi.org/']").first.is_visible()


# --- widths and paper


@pytest.mark.parametrize("width", [320, 375, 768, 1152, 1153, 1920])
def test_no_width_needs_scrolling_or_cuts_anything_off(visit: Visits, width: int) -> None:
    visited = visit(window={"width": width, "height": 800})
    assert visited.page.evaluate("document.documentElement.scrollWidth") <= width
    spilling = (
        "[...document.querySelectorAll('.listing *, .filters *')].filter(e => e.checkVisibility() &&"
        " (e.getBoundingClientRect().right > innerWidth + 1 || e.scrollWidth > e.clientWidth + 1)"
        " && !['inline', 'none'].includes(getComputedStyle(e).display) && e.closest('thead')?.clientHeight !== 1"
        " && !['OPTION', 'SELECT', 'INPUT'].includes(e.tagName)).map(e => e.outerHTML.slice(0, 80))"
    )
    assert visited.page.evaluate(spilling) == []


def test_on_a_phone_it_is_still_a_table_for_a_screen_reader(visit: Visits, expected: pd.DataFrame) -> None:
    visited = visit(window=PHONE)
    assert visited.page.get_by_role("table").get_by_role("row").count() == len(expected) + 1
    assert visited.page.get_by_role("rowheader", name="brooks2023").count() == 1
    assert visited.page.get_by_role("columnheader", name="Taken besides kratom").count() == 1


def test_a_printed_view_says_what_was_left_out(visit: Visits, expected: pd.DataFrame) -> None:
    visited = visit(window=PAPER, fragment="#event=Seizure")
    visited.page.emulate_media(media="print")
    assert not visited.page.locator(".filters").is_visible()
    count = len(fitting(expected, event="Seizure"))
    assert visited.page.get_by_text(f"{count} of {len(expected)} cases shown.").is_visible()
    assert visited.page.get_by_text("Event: Seizure", exact=True).is_visible()
    assert visited.page.evaluate("getComputedStyle(document.querySelector('thead')).display") == "table-header-group"


# --- accessibility


@pytest.mark.parametrize(("window", "scheme"), LOOKS)
def test_axe_finds_no_violation(visit: Visits, shorter: Path, window: ViewportSize, scheme: Scheme) -> None:
    visited = visit(shorter, window=window, scheme=scheme, fragment="#hunter=undetermined&sort=age&order=ascending")
    assert violations(visited.page) == []
