"""The report of a substance or class: complete for all, hand-worked for two, never a risk, silence kept apart."""

import csv
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint  # type: ignore[import-untyped]

from kratom_evidence.appraisal.three_valued import Truth
from kratom_evidence.claims import judge_all, read_claims
from kratom_evidence.cli import main
from kratom_evidence.dataset import Dataset, load
from kratom_evidence.evidence.figures.substance import bars_figure, groups_alt
from kratom_evidence.evidence.substance_tables import COMPARED_FROM, membership, property_rows, sign_rows, subject
from kratom_evidence.faults import ExplainedError, UsageError
from kratom_evidence.reports.cross_links import NO_LINKS
from kratom_evidence.reports.data_read import Evidence
from kratom_evidence.reports.jobs import page_name
from kratom_evidence.reports.kinds import KINDS, ReportKind, kinds_named
from kratom_evidence.reports.slugs import slug, slugs
from kratom_evidence.reports.substance_page import SubstancePage, substance_page
from tests.drawings import box_widths
from tests.template_cells import calls, shown

HOSTILE = "<script>alert('x')</script>"
LONG = os.environ.get("KRATOM_EVIDENCE_LONG") == "1"
# Both ways to name what the page is about; one takes plain papermill seconds.
GIVEN = [("substance", "venlafaxine"), ("drug_class", "ssri")]


@pytest.fixture(scope="module")
def template(project_root: Path) -> Path:
    return project_root / "notebooks" / "reports" / "substance.ipynb"


@pytest.fixture(scope="module")
def listed(project_root: Path) -> Mapping[str, tuple[set[str], str]]:
    """Case -> its substances and the raw cell, read from the file without the package."""
    with (project_root / "data" / "case_reports.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return {
        row["case_id"]: (set(re.findall(r"(?:^|; )([^;\[\]]+) \[", row["co_exposures"])), row["co_exposures"])
        for row in rows
    }


def text_of(page: SubstancePage, template: Path, form: str = "text/plain", *, figures: bool = False) -> str:
    return shown(template, {"page": page}, form, figures=figures)


@pytest.mark.slow
def test_every_listed_substance_and_class_has_a_complete_page(remembered_dataset: Dataset, template: Path) -> None:
    dataset = remembered_dataset
    for name in sorted(set(dataset.co_exposures["substance"])):
        text = text_of(substance_page(substance=name, dataset=dataset), template)
        assert text.startswith(f"# {name}: ") and f"Complete: {name}, " in text
    for name in sorted(set(dataset.co_exposures["drug_class"])):
        assert "Complete: " in text_of(substance_page(drug_class=name, dataset=dataset), template)


def test_the_template_ends_with_its_check_and_holds_no_outputs(template: Path) -> None:
    assert calls(template)[-1] == ("page", "check")
    assert ("page", "figure") in calls(template)
    cells = json.loads(template.read_text(encoding="utf-8"))["cells"]
    assert all(not cell.get("outputs") for cell in cells)


def test_groups_follow_the_file(dataset: Dataset, listed: Mapping[str, tuple[set[str], str]]) -> None:
    for name in ("venlafaxine", "ethanol", "cocaine"):
        groups = membership(dataset, subject(dataset, substance=name))
        for case_id, (names, cell) in listed.items():
            if name in names:
                assert groups[case_id] == Truth.YES
            elif cell == "":
                assert groups[case_id] == Truth.UNKNOWN
            elif cell == "none":
                assert groups[case_id] == Truth.NO
            else:
                assert groups[case_id] in ((Truth.NO, Truth.UNKNOWN) if "(unspecified)" in cell else (Truth.NO,))


@pytest.mark.parametrize(
    ("case_id", "substance", "expected"),
    [
        # bowe2020 lists an unnamed antidepressant, anxiolytic and opioid; anons3058 an unnamed benzodiazepine only.
        ("bowe2020", "venlafaxine", Truth.UNKNOWN),
        ("bowe2020", "cocaine", Truth.UNKNOWN),
        ("anons3058", "venlafaxine", Truth.NO),
        ("anons3058", "alprazolam", Truth.UNKNOWN),
        ("anons3058", "benzodiazepine (unspecified)", Truth.YES),
        ("anonkavakratom", "tramadol", Truth.UNKNOWN),
        ("anonkavakratom", "opioid (unspecified)", Truth.YES),
        ("anonkavakratom", "fluoxetine", Truth.NO),
    ],
)
def test_an_unnamed_drug_may_be_a_named_one_of_its_classes(
    dataset: Dataset, case_id: str, substance: str, expected: Truth
) -> None:
    if substance in {"venlafaxine", "fluoxetine"}:
        assert dataset.substances.loc[substance, "drug_class"] in {"ssri", "snri"}
    assert membership(dataset, subject(dataset, substance=substance))[case_id] == expected


def test_every_count_of_a_group_adds_up_to_it_and_its_words_hold_the_numbers(dataset: Dataset) -> None:
    chosen = subject(dataset, drug_class="ssri")
    groups = membership(dataset, chosen)
    sizes = {"with_it": (groups == 1).sum(), "without_it": (groups == -1).sum(), "cannot_tell": (groups == 0).sum()}
    for table in (property_rows(dataset, chosen), sign_rows(dataset, chosen)):
        for row in table.to_dict("records"):
            assert row["yes"] + row["no"] + row["not_stated"] == sizes[row["group"]]
            if row["yes"] + row["no"] and row["not_stated"]:
                assert row["says"] == f"{row['yes']} of {row['yes'] + row['no']} that say; {row['not_stated']} silent"


def test_a_finding_that_is_not_stated_counts_as_neither(dataset: Dataset) -> None:
    """Tremor among the cases with an SSRI, counted from the stated lists."""
    chosen = subject(dataset, drug_class="ssri")
    with_it = membership(dataset, chosen)[lambda states: states == Truth.YES].index
    stated = dataset.cases.loc[with_it]
    present = sum("tremor" in (items or ()) for items in stated["findings_present"])
    absent = sum("tremor" in (items or ()) for items in stated["findings_absent"])
    rows = sign_rows(dataset, chosen)
    (row,) = rows[(rows["property"] == "Tremor") & (rows["group"] == "with_it")].to_dict("records")
    assert (row["yes"], row["no"], row["not_stated"]) == (present, absent, len(with_it) - present - absent)


class TestHandWorked:
    def test_venlafaxine(self, dataset: Dataset, template: Path) -> None:
        text = text_of(substance_page(substance="venlafaxine", dataset=dataset), template)
        assert "- 3 cases list it." in text
        assert "- In 1 case with it the authors diagnose or suspect serotonin syndrome." in text
        assert re.search(r"Serotonergic grade +established", text)
        assert re.search(r"ATC codes +N06AX16", text)
        assert re.search(r"Broken down by CYP +2D6; 3A4", text)
        assert "Blocks serotonin reuptake; its class is marked as confirmed in wang2016" in text
        for case_id, timing in (("anonjat2015", "concurrent"), ("anonlivertox8332", "unclear")):
            assert re.search(rf"^{case_id} +{timing} ", text, flags=re.M)
        brogdon = next(line for line in text.splitlines() if line.startswith("brogdon2022"))
        assert "diagnosed" in brogdon and "undetermined" in brogdon and "quetiapine" in brogdon
        # Three are too few to be set beside the others.
        row = next(line for line in text.splitlines() if line.startswith("Authors name serotonin syndrome"))
        assert row.endswith("1 of 1 that say; 2 silent")
        assert "ithout it" not in text.partition("Grades, mechanisms")[0].replace("Cases without it are set", "")

    def test_ssri(self, dataset: Dataset, template: Path) -> None:
        page = substance_page(drug_class="ssri", dataset=dataset)
        with_it = page.membership[page.membership == Truth.YES].index
        assert set(with_it) == {
            "anonchest2020", "anonshmvf", "castillond", "galbisreignd", "kucharik2019", "lai2021",
        }  # fmt: skip
        text = text_of(page, template)
        assert text.startswith("# SSRI (drug class): ")
        assert re.search(r"^anonchest2020 +sertraline +recently stopped ", text, flags=re.M)
        assert re.search(r"^galbisreignd +sertraline +past ", text, flags=re.M)
        assert re.search(r"^paroxetine +SSRI +established .* 0$", text, flags=re.M)

    def test_a_substance_that_no_case_lists(self, dataset: Dataset, template: Path) -> None:
        text = text_of(substance_page(substance="linezolid", dataset=dataset), template, figures=True)
        assert "- No case lists it." in text
        assert "No published case that was read lists it." in text


def test_counts_are_no_rate_and_the_page_says_that_they_are_no_risk(dataset: Dataset) -> None:
    page = substance_page(substance="ethanol", dataset=dataset)
    counts = "\n".join([page.in_short().plain, page.properties().plain(), page.events().plain(), page.signs().plain()])
    assert "%" not in counts
    assert "no count here is a risk" in page.limits().plain


def test_groups_are_compared_from_where_none_of_them_is_known_to_be_less_than_half() -> None:
    """Wilson's interval from statsmodels, for a sign that no case has."""
    ends = [proportion_confint(0, cases, method="wilson")[1] for cases in range(1, 10)]
    assert next(cases for cases, end in enumerate(ends, start=1) if end < 0.5) == COMPARED_FROM


def test_a_page_without_comparison_counts_its_own_cases_as_a_page_with_one_does(dataset: Dataset) -> None:
    """Judged alone or among all others, the cases with it give the same counts."""
    for name in ("venlafaxine", "quetiapine", "naloxone"):
        page = substance_page(substance=name, dataset=dataset)
        assert not page.is_compared
        among_all = replace(page, dataset=dataset, is_compared=True)
        for alone, beside in (
            (page.property_rows, among_all.property_rows),
            (sign_rows(page.dataset, page.subject), sign_rows(dataset, page.subject)),
        ):
            of_alone, of_beside = (rows[rows["group"] == "with_it"] for rows in (alone, beside))
            pd.testing.assert_frame_equal(of_alone, of_beside)
        pd.testing.assert_frame_equal(page.case_rows, among_all.case_rows)


def test_drawn_bars_are_as_long_as_the_counts(dataset: Dataset) -> None:
    rows = property_rows(dataset, subject(dataset, drug_class="ssri"))
    figure = bars_figure(rows)
    for group in ("with_it", "without_it"):
        of_group = rows[rows["group"] == group]
        for name, style in (("yes", "present"), ("no", "absent"), ("not_stated", "not_stated")):
            assert box_widths(figure, group, style, rows=len(of_group)) == of_group[name].tolist(), (group, name)
    assert "Death, with it: 0 yes, 2 no, 4 not stated." in groups_alt(rows)


def test_a_page_links_to_the_sheets_and_the_sources(dataset: Dataset, template: Path) -> None:
    html = text_of(substance_page(drug_class="snri", dataset=dataset), template, "text/html", figures=True)
    assert 'href="../cases/brogdon2022.html"' in html and 'href="../substances/venlafaxine.html"' in html
    link = dataset.context_sources.loc["wang2016", "link"]
    assert f'href="{link!s}"' in html


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "neither was given"),
        ({"substance": "venlafaxine", "drug_class": "snri"}, "both were given"),
        ({"substance": "venlafaxin"}, "Did you mean 'venlafaxine'"),
        ({"substance": "Venlafaxine"}, "Did you mean 'venlafaxine'"),
        ({"substance": "effexor"}, "Did you mean 'venlafaxine'"),
        ({"drug_class": "SSRI"}, "Did you mean 'ssri'"),
        ({"drug_class": "antipsychotics"}, "Did you mean 'antipsychotic'"),
        ({"substance": "../../etc/passwd"}, "no substance"),
    ],
)
def test_what_does_not_exist_is_refused(dataset: Dataset, given: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        substance_page(**given, dataset=dataset)


def test_hostile_text_in_the_lexicon_is_shown_as_text(data_copy: Path, template: Path) -> None:
    lexicon = data_copy / "vocabulary" / "substances.csv"
    text = lexicon.read_text(encoding="utf-8")
    lexicon.write_text(text.replace("Blocks serotonin reuptake;", f"{HOSTILE} blocks;"), encoding="utf-8", newline="\n")
    cases = data_copy / "case_reports.csv"
    raw = cases.read_text(encoding="utf-8")
    cases.write_text(raw.replace("level called therapeutic", HOSTILE), encoding="utf-8", newline="\n")
    html = text_of(substance_page(substance="venlafaxine", dataset=load(data_copy)), template, "text/html")
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 2


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("venlafaxine", "venlafaxine"),
        ("opioid (unspecified)", "opioid-unspecified"),
        ("anxiolytic_5ht1a", "anxiolytic-5ht1a"),
        ("../../etc/passwd", "etc-passwd"),
        ("<b>St John's wort</b>", "b-st-john-s-wort-b"),
        ("x" * 500, "x" * 60),
    ],
)
def test_a_file_name_holds_letters_digits_and_hyphens_only(name: str, expected: str) -> None:
    assert slug(name) == expected


def test_names_without_a_file_name_or_with_one_file_name_are_refused() -> None:
    with pytest.raises(ExplainedError, match="no letter"):
        slug("–/–")
    with pytest.raises(ExplainedError, match=r"'a b' and 'a-b' would both have the page a-b\.html"):
        slugs(["a b", "a-b"])


def test_every_sheet_has_a_page_of_its_own_and_links_lead_there(dataset: Dataset, project_root: Path) -> None:
    judgements = judge_all(dataset, read_claims(project_root / "data"))
    evidence = Evidence(dataset=dataset, judgements=judgements, links=NO_LINKS, files={})
    names = [page_name(kind, subject, {}) for kind in kinds_named("all") for subject in kind.subjects(evidence)]
    assert len(names) == len(set(names))
    assert page_name(KINDS["substances"], "opioid (unspecified)", {}) == "substances/opioid-unspecified.html"
    assert page_name(KINDS["classes"], "anxiolytic_5ht1a", {}) == "classes/anxiolytic-5ht1a.html"
    assert page_name(KINDS["cases"], "bazer2021-1", {}) == "cases/bazer2021-1.html"


def test_the_command_offers_the_option_of_every_kind(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["report", "--help"])
    offered = capsys.readouterr().out
    assert all(kind.option in offered and kind.name in offered for kind in kinds_named("all"))


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if kind.name != "claims"], ids=lambda kind: kind.name)
def test_an_option_of_another_kind_is_refused_with_the_right_command(
    kind: ReportKind, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", "claims", kind.option, "x"]) == 2
    assert f"kratom-evidence report {kind.name} {kind.option}" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.notebook
@pytest.mark.parametrize("given", GIVEN if LONG else GIVEN[:1])
def test_plain_papermill_runs_the_template_from_elsewhere(
    template: Path, tmp_path: Path, given: tuple[str, str]
) -> None:
    output = tmp_path / "page.ipynb"
    command = [sys.executable, "-m", "papermill", str(template), str(output), "-p", *given]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=300)
    assert "Complete: " in output.read_text(encoding="utf-8")
