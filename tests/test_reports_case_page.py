"""The sheet of a patient: complete for every case, hand-worked for four, silent where the publication is silent."""

import csv
import itertools
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from matplotlib.patches import PathPatch

from kratom_evidence.claims import Judgement, judge_all, read_claims
from kratom_evidence.dataset import Dataset, load
from kratom_evidence.evidence.case_sheet import agent_table, co_exposure_table, one_case
from kratom_evidence.evidence.case_signs import sign_table
from kratom_evidence.evidence.figures.case_sheet import cells_figure, signs_alt
from kratom_evidence.faults import UsageError
from kratom_evidence.presentation import STATES
from kratom_evidence.reports.case_page import CasePage, case_page
from kratom_evidence.reports.timeline import timeline
from tests.template_cells import calls, shown

HOSTILE = "<script>alert('x')</script>"


@pytest.fixture(scope="module")
def template(project_root: Path) -> Path:
    return project_root / "notebooks" / "reports" / "case_report.ipynb"


@pytest.fixture(scope="module")
def judgements(remembered_dataset: Dataset, project_root: Path) -> Sequence[Judgement]:
    return judge_all(remembered_dataset, read_claims(project_root / "data"))


@pytest.fixture(scope="module")
def raw_cases(project_root: Path) -> Mapping[str, Mapping[str, str]]:
    """The file itself, read without the package."""
    with (project_root / "data" / "case_reports.csv").open(encoding="utf-8", newline="") as stream:
        return {row["case_id"]: row for row in csv.DictReader(stream)}


@pytest.fixture(scope="module")
def pages(remembered_dataset: Dataset, judgements: Sequence[Judgement]) -> Mapping[str, CasePage]:
    """Every case, ready to be shown."""
    cases = (str(case_id) for case_id in remembered_dataset.cases.index)
    return {case_id: case_page(case_id, remembered_dataset, judgements) for case_id in cases}


@pytest.fixture(scope="module")
def sheets(pages: Mapping[str, CasePage], template: Path) -> Mapping[str, str]:
    """Every sheet as plain text, without drawings."""
    return {case_id: text_of(page, template) for case_id, page in pages.items()}


def text_of(page: CasePage, template: Path, form: str = "text/plain", *, figures: bool = False) -> str:
    return shown(template, {"page": page, "judged": page.judged}, form, figures=figures)


def line_of(text: str, *beginnings: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(beginnings))


def table_of(text: str, caption: str) -> list[str]:
    """The lines of the table with that caption."""
    lines = text.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(caption))
    end = next((number for number in range(start + 2, len(lines)) if not lines[number]), len(lines))
    return lines[start + 2 : end]


@pytest.mark.slow
def test_every_case_has_a_complete_sheet(dataset: Dataset, sheets: Mapping[str, str]) -> None:
    assert list(sheets) == list(dataset.cases.index)
    for case_id, text in sheets.items():
        assert text.startswith(f"# {case_id}: ")
        assert f"Complete: {case_id}" in text


def test_every_cell_of_the_template_is_one_call_and_the_last_checks(template: Path) -> None:
    found = calls(template)
    assert found[-1] == ("page", "check")
    assert ("judged", "signs_figure") in found and ("judged", "signs") in found
    cells = json.loads(template.read_text(encoding="utf-8"))["cells"]
    assert cells[-1]["metadata"]["tags"] == ["completeness"]
    assert all(not cell.get("outputs") for cell in cells)


def test_a_sign_is_absent_only_where_the_file_denies_something(
    pages: Mapping[str, CasePage], raw_cases: Mapping[str, Mapping[str, str]]
) -> None:
    denied_somewhere = 0
    for case_id, raw in raw_cases.items():
        table = pages[case_id].judged.sign_rows
        absent = (table[["strict", "lenient"]] == "absent").any(axis=1)
        cool = raw["temp_max_c"] and float(raw["temp_max_c"]) <= 38
        if raw["findings_absent"] in {"", "none"} and not cool:
            assert not absent.any(), case_id
        denied_somewhere += int(absent.any())
        assert (table.loc[absent, "read_from"].map(lambda words: "absent" in "; ".join(words))).all(), case_id
    assert denied_somewhere


def test_silence_on_other_substances_is_never_none(
    raw_cases: Mapping[str, Mapping[str, str]], dataset: Dataset, sheets: Mapping[str, str]
) -> None:
    silent = [case_id for case_id, raw in raw_cases.items() if raw["co_exposures"] == ""]
    denied = [case_id for case_id, raw in raw_cases.items() if raw["co_exposures"] == "none"]
    assert silent and denied
    for case_id in silent:
        table = agent_table(one_case(dataset, case_id))
        assert set(table["answer"]) == {"not known"} and table[["agents", "uncertain"]].isna().all(axis=None)
        assert table_of(sheets[case_id], "Other substances")[-1] == "Not stated in what was read."
        assert "Other substances: not stated in what was read." in sheets[case_id]
    for case_id in denied:
        assert table_of(sheets[case_id], "Other substances")[-1] == "The publication says: none."
        assert set(agent_table(one_case(dataset, case_id))["answer"]) == {"no"}


def test_every_empty_measurement_reads_not_stated(
    raw_cases: Mapping[str, Mapping[str, str]], sheets: Mapping[str, str]
) -> None:
    for case_id, raw in raw_cases.items():
        line = next(line for line in table_of(sheets[case_id], "Vital signs") if line.startswith("Highest temperature"))
        words = "not stated" if raw["temp_max_c"] == "" else f"{float(raw['temp_max_c']):g} °C"
        assert line.endswith(words), case_id


class TestHandWorked:
    def test_man_of_63_on_five_psychotropic_drugs(self, sheets: Mapping[str, str]) -> None:
        text = sheets["brooks2023"]
        assert line_of(text, "#") == "# brooks2023: 63 years, male. Serotonin syndrome"
        assert "The authors suspect serotonin syndrome" in line_of(text, "What the authors call it")
        assert (
            "At the same time as kratom: bupropion (prescribed; dose not stated); buspirone (prescribed; dose not "
            "stated); desvenlafaxine (prescribed; dose not stated); trazodone (prescribed; dose not stated); "
            "ziprasidone (prescribed; dose not stated)." in text
        )
        assert "Done or given after onset: alteplase, antibiotics, benzodiazepine, cooling, cyproheptadine." in text
        strict, lenient = [line for line in table_of(text, "Criteria for serotonin") if line.startswith("Hunter")]
        assert "met" in strict and "arm 4: tremor + hyperreflexia" in strict and "arm 2" not in strict
        assert "arm 2: inducible clonus (lenient: clonus of unstated type) + diaphoresis" in lenient
        established = line_of(text, "Established agent, taken at the time")
        assert "yes" in established and "desvenlafaxine" in established and "trazodone" not in established
        # Item 5 is answered yes (-1). If known, the nine others could take away 3 (items 2, 4, 6) or add 11.
        assert "Naranjo -1 (doubtful; -4 to 10 attainable, 1 of 10 items answered)" in text
        assert line_of(text, "Ceiling").endswith('on board, so not above "possible"')
        for claim in ("C13: ", "C19: ", "C20: "):
            assert f"- {claim}" in text

    def test_man_known_from_a_lay_summary(self, sheets: Mapping[str, str]) -> None:
        text = sheets["brogdon2022"]
        assert line_of(text, "#") == "# brogdon2022: age not stated, male. Serotonin syndrome"
        assert "What was read: Another publication's description of the case." in text
        assert "dose: described only as a lot of kratom" in text
        rows = [line for line in table_of(text, "Criteria for serotonin") if "reading" not in line.lower()][1:]
        assert rows and all("undetermined" in row for row in rows)
        # No Hunter sign is stated, so that the one arm of one sign is the shortest way to "met".
        assert "Hunter (strict) – met if present: spontaneous clonus;" in text
        assert "venlafaxine stopped" in line_of(text, "- Done or given after onset")
        assert line_of(text, "Causality by the authors").endswith("Attributed to kratom together with another drug")

    def test_chest_case_of_2020(self, sheets: Mapping[str, str], dataset: Dataset) -> None:
        text = sheets["anonchest2020"]
        assert (
            "Recently stopped before the event: bupropion (prescribed; recently discontinued); sertraline "
            "(prescribed; recently discontinued)." in text
        )
        assert text.index("Recently stopped before") < text.index("- Kratom –") < text.index("At the same time as")
        assert "Authors not seen (2020)" in text and "(no address known)" in text
        states = sign_table(one_case(dataset, "anonchest2020")).set_index(["system", "sign"])
        assert states.loc[("sternbach", "fever"), "strict"] == "absent"
        assert states.loc[("hunter", "temperature above 38 °C"), "strict"] == "not stated"
        assert states.loc[("hunter", "temperature above 38 °C"), "lenient"] == "absent"
        assert states.loc[("hunter", "agitation"), "lenient"] == "not stated"
        assert "Sternbach (strict) – met if present: one of mental status change" in text

    def test_newborn(self, sheets: Mapping[str, str]) -> None:
        text = sheets["nellhaus2018"]
        assert line_of(text, "# nellhaus2018").startswith("# nellhaus2018: newborn, male. ")
        assert "route: through the placenta" in text
        assert "caffeine (taken, by history; mother: heavy use)" in text
        hunter = [line for line in table_of(text, "Criteria for serotonin") if line.startswith("Hunter")]
        assert len(hunter) == 2 and all("undetermined" in row for row in hunter)
        assert "The authors do not claim an interaction" in text
        assert "Serotonin syndrome is not mentioned in the part that was read" in text
        assert "No statement of the article names this case" in text


def test_steps_stand_in_the_order_of_time(dataset: Dataset) -> None:
    order = ["Patient", "Country", "Stopped", "Recently stopped", "Kratom", "At the same time", "At a time", "Given by"]
    order += ["Other substances", "Event", "Done or given", "After kratom was stopped", "After kratom was taken"]
    order += ["Outcome"]
    for case_id in dataset.cases.index:
        steps = timeline(one_case(dataset, str(case_id)))
        places = [next(n for n, start in enumerate(order) if step.startswith(start)) for step in steps]
        assert places == sorted(places) and len(set(places)) == len(places), case_id


def test_every_co_exposure_stands_in_the_timeline(dataset: Dataset) -> None:
    for case_id in dataset.cases.index:
        case = one_case(dataset, str(case_id))
        told = " ".join(timeline(case))
        assert all(f"{name} (" in told for name in co_exposure_table(case)["substance"]), case_id


def test_drawn_cells_are_the_states_of_the_table(dataset: Dataset) -> None:
    table = sign_table(one_case(dataset, "anonchest2020"))
    colours = {STATES[style].colour.lower(): state for style, state in _STATE_OF_STYLE.items()}
    patches = cells_figure(table).findobj(PathPatch)
    for system, readings in _PANELS.items():
        rows = table[table["system"] == system]
        shapes = [patch for patch in patches if patch.get_gid() == system]
        drawn = [
            [colours[_hex(shape.get_facecolor())] for shape in shapes if shape.get_path().contains_point(cell)]
            for cell in itertools.product(range(len(readings)), range(len(rows)))
        ]
        assert drawn == [[state] for reading in readings for state in rows[reading]]


_STATE_OF_STYLE = {"present": "present", "absent": "absent", "not_stated": "not stated"}
_PANELS = {"hunter": ("strict", "lenient"), "sternbach": ("strict", "lenient"), "radomski": ("strict",)}


def _hex(colour: object) -> str:
    from matplotlib.colors import to_hex

    return to_hex(colour)  # type: ignore[arg-type]


def test_the_alternative_text_tells_what_is_drawn_and_how_much_is_silent(dataset: Dataset) -> None:
    alt = signs_alt(sign_table(one_case(dataset, "brogdon2022")))
    assert "Hunter: reported present none; reported absent none; not stated 10 of 10." in alt
    assert "Radomski: reported present tachycardia; reported absent none; not stated 18 of 19." in alt


def test_a_sheet_with_its_drawing_has_caption_text_and_title(
    dataset: Dataset, judgements: Sequence[Judgement], template: Path
) -> None:
    html = text_of(case_page("brooks2023", dataset, judgements), template, "text/html", figures=True)
    assert html.startswith("<h1>brooks2023: ")
    assert "Grid of signs" in html
    assert 'href="../substances/desvenlafaxine.html"' in html and 'href="../claims/C13.html"' in html
    assert 'href="https://doi.org/10.1177/08971900221116009"' in html


def test_hostile_text_in_the_data_is_shown_as_text(
    data_copy: Path, judgements: Sequence[Judgement], template: Path
) -> None:
    cases = data_copy / "case_reports.csv"
    text = cases.read_text(encoding="utf-8")
    marked = text.replace("Five psychotropic drugs", f"{HOSTILE} Five psychotropic drugs", 1)
    marked = marked.replace(
        "desvenlafaxine [prescribed, concurrent]", f"desvenlafaxine [prescribed, concurrent: {HOSTILE}]"
    )
    assert marked.count(HOSTILE) == 2
    cases.write_text(marked, encoding="utf-8", newline="\n")
    sources = json.loads((data_copy / "sources.json").read_text(encoding="utf-8"))
    entry = next(source for source in sources if source["id"] == "brooks2023")
    entry["title"], entry["note"] = f"{HOSTILE} title", f'" onmouseover="{HOSTILE}'
    (data_copy / "sources.json").write_text(json.dumps(sources), encoding="utf-8")
    html = text_of(case_page("brooks2023", load(data_copy), judgements), template, "text/html")
    assert "<script" not in html and 'onmouseover="<' not in html
    assert html.count("&lt;script&gt;") >= 5


@pytest.mark.parametrize("wrong", ["brooks2032", "Brooks2023", "BROGDON2022"])
def test_an_unknown_case_is_refused_with_the_nearest(dataset: Dataset, wrong: str) -> None:
    with pytest.raises(UsageError, match=f"no case '{wrong}'.*Did you mean '(brooks2023|brogdon2022)'"):
        case_page(wrong, dataset, ())


def test_a_case_that_resembles_none_is_refused_without_a_guess(dataset: Dataset) -> None:
    with pytest.raises(UsageError) as refusal:
        case_page("../../etc/passwd", dataset, ())
    assert "Did you mean" not in str(refusal.value)


@pytest.mark.slow
@pytest.mark.notebook
def test_plain_papermill_runs_the_template_from_elsewhere(template: Path, tmp_path: Path) -> None:
    output = tmp_path / "sheet.ipynb"
    command = [sys.executable, "-m", "papermill", str(template), str(output), "-p", "case_id", "brogdon2022"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=300)
    assert "Complete: brogdon2022" in output.read_text(encoding="utf-8")
