"""The answers in docs/worked-example.md, computed from the data and by hand-read rules."""

import re
from pathlib import Path

import pytest

from kratom_evidence.claims import judge_all, read_claims
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence.case_sheet import one_case
from kratom_evidence.reports.case_judged import CaseJudged

CASE = "brooks2023"


@pytest.fixture(scope="module")
def example(project_root: Path) -> str:
    """The text of the worked example on one line."""
    return " ".join((project_root / "docs" / "worked-example.md").read_text(encoding="utf-8").split())


@pytest.fixture(scope="module")
def judged(dataset: Dataset) -> CaseJudged:
    return CaseJudged(case=one_case(dataset, CASE))


def test_row_is_as_described(example: str, project_root: Path, dataset: Dataset) -> None:
    case = dataset.cases.loc[CASE]
    assert "a man of 63 years" in example and (case["age_years"], case["sex"]) == (63, "male")
    assert "Only its abstract was read" in example and case["source_access"] == "abstract"
    assert "Twelve findings are reported as present" in example and len(case["findings_present"]) == 12
    assert "None is reported as absent, so `findings_absent` stays empty" in example
    silent = dataset.cases.loc[[CASE], ["findings_absent", "mitragynine_detected_in", "mitragynine_blood_ng_ml"]]
    assert silent.isna().to_numpy().all()
    assert case["ss_assessment"] == "suspected"
    (entry,) = re.findall(r"```text (.*?) ```", example)
    assert f",{entry}," in (project_root / "data" / "case_reports.csv").read_text(encoding="utf-8").replace('"', "")


def test_drugs_have_the_grades_that_are_told(example: str, dataset: Dataset) -> None:
    drugs = dataset.co_exposures[dataset.co_exposures["case_id"] == CASE].set_index("substance")
    assert "Desvenlafaxine, which blocks the uptake of serotonin, is `established`; trazodone is `possible`" in example
    assert "bupropion, buspirone and ziprasidone are `disputed`" in example
    assert dict(drugs["serotonergic"]) == {
        "desvenlafaxine": "established",
        "trazodone": "possible",
        "bupropion": "disputed",
        "buspirone": "disputed",
        "ziprasidone": "disputed",
    }
    assert "Trazodone and ziprasidone also block the 5-HT2A receptor" in example
    assert set(drugs.index[drugs["blocks_5ht2a"] == "yes"]) == {"trazodone", "ziprasidone"}


def test_criteria_are_met_for_the_reasons_that_are_told(judged: CaseJudged) -> None:
    rows = judged.criteria_rows
    assert set(rows["answer"]) == {"met"}
    decided = {
        (row["criteria"], row["reading"]): str(row["decided_by"])
        for row in rows[["criteria", "reading", "decided_by"]].to_dict("records")
    }
    assert decided["Hunter", "strict"] == "arm 4: tremor + hyperreflexia"
    assert "lenient: clonus of unstated type" in decided["Hunter", "lenient"]
    assert decided["Sternbach", "strict"].count(" + ") == 4
    assert decided["Radomski", "only one"].count(" + ") == 4


def test_causality_is_what_is_told(example: str, judged: CaseJudged) -> None:
    causality = judged.causality
    assert "**WHO-UMC: conditional.**" in example and causality["who_umc"] == "conditional"
    assert causality["ceiling"] == 1
    assert "**Naranjo: −1, doubtful, by one answered item of ten.**" in example
    assert (causality["naranjo_total"], causality["naranjo_band"], causality["naranjo_answered"]) == (-1, "doubtful", 1)
    assert "anything from −4 to 10" in example
    assert (causality["naranjo_lowest"], causality["naranjo_highest"]) == (-4, 10)


@pytest.mark.parametrize(("claim", "verdict"), [("C13", "not supported"), ("C15", "supported, with limits")])
def test_verdicts_are_those_of_the_ledger(
    example: str, dataset: Dataset, data_copy: Path, claim: str, verdict: str
) -> None:
    judged = {judgement.claim.id: judgement.verdict.label for judgement in judge_all(dataset, read_claims(data_copy))}
    assert judged[claim].casefold() == verdict
    assert f"**{verdict}**" in re.split(rf"For {claim}, ", example)[1].split(" For C")[0]
