"""The verdicts on the committed data: against counts made by hand from the CSV, and what a new case would do."""

import csv
from pathlib import Path

import pytest

from kratom_evidence.claims import Claim, Judgement, Verdict, judge_all, read_claims
from kratom_evidence.dataset import Dataset, load
from kratom_evidence.evidence.definitions import OPTIONS, Definitions
from kratom_evidence.faults import UsageError

CAUSAL_OR_ADVISING = [
    "proves", "proven", "caused by", "is the cause", "safe to", "you should", "consult", "definitely", "always",
    "risk of", "incidence of", "no risk",
]  # fmt: skip


@pytest.fixture(scope="module")
def claims(project_root: Path) -> tuple[Claim, ...]:
    return read_claims(project_root / "data")


@pytest.fixture(scope="module")
def judgements(dataset: Dataset, claims: tuple[Claim, ...]) -> dict[str, Judgement]:
    return {judgement.claim.id: judgement for judgement in judge_all(dataset, claims)}


@pytest.fixture(scope="module")
def rows(project_root: Path) -> list[dict[str, str]]:
    """The CSV as text, read without the package: the oracle of the counts."""
    with (project_root / "data" / "case_reports.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_cases_of_serotonin_syndrome_are_those_that_the_csv_labels(
    judgements: dict[str, Judgement], rows: list[dict[str, str]]
) -> None:
    labelled = [row["case_id"] for row in rows if row["ss_assessment"] in {"diagnosed", "suspected"}]
    for claim in ("C13", "C17", "C19"):
        assert list(judgements[claim].cases) == labelled
    silent = sum(row["ss_assessment"] == "not_mentioned" for row in rows)
    tally = next(iter(judgements["C19"].results[0].outcome.tallies.values()))
    assert (tally.yes, tally.no, tally.unknown) == (len(labelled), 0, silent)


def test_form_counts_are_those_of_the_csv(judgements: dict[str, Judgement], rows: list[dict[str, str]]) -> None:
    stated = [set(row["kratom_forms"].split("; ")) for row in rows if row["kratom_forms"]]
    tally = next(iter(judgements["C11"].results[0].outcome.tallies.values()))
    assert tally.yes == sum(bool(forms & {"powder", "capsule", "tablet"}) for forms in stated)
    assert tally.known == len(stated) and tally.unknown == len(rows) - len(stated)


def test_every_judgement_follows_from_its_deciding_test(judgements: dict[str, Judgement]) -> None:
    for judgement in judgements.values():
        if judgement.claim.kind == "not_testable":
            assert judgement.verdict is Verdict.NOT_TESTABLE and judgement.decided_by is None
        else:
            assert judgement.deciding is not None and judgement.verdict is judgement.deciding.verdict
            assert judgement.decided_by is not None and judgement.decided_by.value == judgement.claim.kind


def test_the_words_stay_within_what_the_data_can_bear(judgements: dict[str, Judgement]) -> None:
    for judgement in judgements.values():
        sentences = [judgement.summary, *(r.outcome.sentence for r in judgement.results)]
        sentences += [r.outcome.branch for r in judgement.results]
        for text in sentences:
            for phrase in CAUSAL_OR_ADVISING:
                assert phrase not in text.lower(), f"{judgement.claim.id}: {phrase}"


def append_case(data: Path, **values: str) -> None:
    """Append a made-up case of an existing publication to a copy of the data."""
    path = data / "case_reports.csv"
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        header, rows = list(reader.fieldnames or ()), list(reader)
    row = dict.fromkeys(header, "") | {"source_access": "full_text", "ss_assessment": "not_mentioned"} | values
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted([*rows, row], key=lambda entry: entry["case_id"]))


def verdicts(data: Path) -> dict[str, Verdict]:
    return {j.claim.id: j.verdict for j in judge_all(load(data), read_claims(data))}


CLEAN_CASE = {
    "case_id": "brooks2023-2",
    "citekey": "brooks2023",
    "co_exposures": "none",
    "mitragynine_detected_in": "blood",
    "primary_event": "serotonin_syndrome",
    "ss_assessment": "diagnosed",
    "findings_present": "hyperreflexia; tremor",
}


def test_one_clean_case_changes_the_two_statements_on_cause_and_no_other(data_copy: Path) -> None:
    before = verdicts(data_copy)
    append_case(data_copy, **CLEAN_CASE)
    after = verdicts(data_copy)
    changed = {claim: (before[claim], after[claim]) for claim in before if before[claim] is not after[claim]}
    assert changed == {
        "C13": (Verdict.NOT_SUPPORTED, Verdict.CONTRADICTED),
        "C21": (Verdict.SUPPORTED, Verdict.NOT_SUPPORTED),
    }


@pytest.mark.parametrize("missing", ["co_exposures", "mitragynine_detected_in"])
def test_the_same_case_with_one_thing_not_stated_contradicts_nothing(data_copy: Path, missing: str) -> None:
    """Silence about other drugs, or about the laboratory, is not the statement that there was nothing."""
    append_case(data_copy, **(CLEAN_CASE | {missing: ""}))
    after = verdicts(data_copy)
    assert after["C13"] is Verdict.NOT_SUPPORTED
    assert after["C21"] is Verdict.SUPPORTED_WITH_LIMITS


def test_six_labelled_cases_are_more_than_a_handful(data_copy: Path) -> None:
    for number in range(2, 5):
        append_case(data_copy, **(CLEAN_CASE | {"case_id": f"brooks2023-{number}", "co_exposures": ""}))
    assert verdicts(data_copy)["C19"] is Verdict.CONTRADICTED


@pytest.mark.parametrize("name", list(OPTIONS))
def test_every_definition_gives_verdicts(dataset: Dataset, claims: tuple[Claim, ...], name: str) -> None:
    for option in OPTIONS[name]:
        judged = judge_all(dataset, claims, Definitions(**{name: option}))
        assert len(judged) == len(claims)


def test_source_access_lets_in_only_what_was_read_that_way(dataset: Dataset, claims: tuple[Claim, ...]) -> None:
    full_text = set(dataset.cases.index[dataset.cases["source_access"] == "full_text"])
    for judgement in judge_all(dataset, claims, Definitions(source_access="full_text")):
        assert set(judgement.cases) <= full_text


def test_an_unknown_option_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="hunter_strict"):
        Definitions(ss_definition="hunter_strct")


@pytest.mark.parametrize(
    ("co_exposures", "expected"),
    [
        ("ethanol [reported, past: abstinent for more than 25 years]", Verdict.NOT_SUPPORTED),
        ("ethanol [reported, past: stopped 25 years before]", Verdict.CONTRADICTED),
        ("ethanol [reported, concurrent]", Verdict.NOT_SUPPORTED),
        ("none", Verdict.CONTRADICTED),
    ],
)
def test_only_a_drug_surely_gone_leaves_kratom_alone(data_copy: Path, co_exposures: str, expected: Verdict) -> None:
    """A stop that is dated long before counts as gone; one without a date might still act."""
    append_case(data_copy, **(CLEAN_CASE | {"co_exposures": co_exposures}))
    assert verdicts(data_copy)["C13"] is expected


def test_silence_is_no_disagreement_of_the_two_kinds_of_evidence(
    judgements: dict[str, Judgement], rows: list[dict[str, str]]
) -> None:
    """As long as no case of serotonin syndrome speaks of a seizure, the case reports differ from no series."""
    labelled = [row for row in rows if row["ss_assessment"] in {"diagnosed", "suspected"}]
    silent = not any("seizure" in row["findings_present"] + row["findings_absent"] for row in labelled)
    assert (judgements["C05"].disagreement is None) is silent
    assert judgements["C11"].disagreement is not None


def test_the_strict_comparison_counts_only_an_explicit_none(
    judgements: dict[str, Judgement], rows: list[dict[str, str]]
) -> None:
    strict = judgements["C15"].results[2].outcome
    explicit = sum(row["co_exposures"] == "none" for row in rows)
    assert f"0 of {explicit} cases whose publication says that nothing else was taken" in strict.sentence
