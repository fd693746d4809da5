"""The ledger claims.yaml: what it must hold, and how a fault in it is told."""

import contextlib
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kratom_evidence.claims import TEST_KINDS, Claim, judge_all, read_claims, reference_faults
from kratom_evidence.dataset import Dataset
from kratom_evidence.faults import ExplainedError

LEAST_SYMPTOMS = 11


@pytest.fixture(scope="module")
def claims(project_root: Path) -> tuple[Claim, ...]:
    return read_claims(project_root / "data")


def test_ids_run_without_gap_and_every_claim_is_complete(claims: tuple[Claim, ...]) -> None:
    assert [claim.id for claim in claims] == [f"C{number:02d}" for number in range(1, len(claims) + 1)]
    for claim in claims:
        assert claim.statement.endswith(".") and claim.section and claim.would_change
        if claim.kind == "not_testable":
            assert claim.not_testable_because and claim.could_be_tested_by
        else:
            assert [planned.decides for planned in claim.tests].count(True) == 1
        for planned in claim.tests:
            assert len(planned.reason.split()) > 5, f"{claim.id}: the reason for the threshold"
            assert (planned.ceiling is None) == (planned.ceiling_reason is None)


def test_the_eleven_symptoms_of_the_article_are_all_tested(claims: tuple[Claim, ...]) -> None:
    signs = next(claim for claim in claims if claim.id == "C08").tests[0].test.signs  # type: ignore[attr-defined]
    assert len(signs) == LEAST_SYMPTOMS


def test_every_name_in_the_ledger_exists_in_the_data(claims: tuple[Claim, ...], dataset: Dataset) -> None:
    assert reference_faults(claims, dataset) == ()


def change(data: Path, pattern: str, replacement: str) -> str:
    """Change the first match in claims.yaml of a copy and return the explanation of the refusal."""
    path = data / "claims.yaml"
    text = path.read_text(encoding="utf-8")
    changed, count = re.subn(pattern, replacement, text, count=1)
    assert count == 1, pattern
    path.write_text(changed, encoding="utf-8")
    with pytest.raises(ExplainedError) as refusal:
        read_claims(data)
    return str(refusal.value)


@pytest.mark.parametrize(
    ("pattern", "replacement", "expected"),
    [
        ("test: no_counter_example", "test: no_counter_exampel", ["C104", "no_counter_example"]),
        ("stratum: kratom_alone_confirmed", "stratum: kratom_alone", ["C105", "kratom_alone_confirmed"]),
        ("stratum: kratom_alone_confirmed", "stratumm: kratom_alone_confirmed", ["F005", "stratum"]),
        ("at_most: 5\n", "at_most: five\n", ["C108", "at_most", "a whole number"]),
        ("at_most: 5\n", "at_most: true\n", ["C108", "a whole number"]),
        ("kind: case_reports", "kind: case_report", ["C104", "case_reports"]),
        ("would_change: More published cases than a handful.", "would_chnage: x", ["F005", "would_change", "C101"]),
        ("id: C05", "id: C04", ["X201", "C04"]),
        ("id: C05", "id: ../C05", ["C108"]),
        ("decides: true\n        of: serotonin_syndrome\n        at_most: 5", "of: serotonin_syndrome\n        at_most: 5",  # noqa: E501
         ["X301", "decides"]),
        ("claims:\n", "claims:\n  - 7\n", ["F010"]),
        ("claims:\n", "clams:\n", ["F010"]),
        ("section: Introduction", "section: [Introduction", ["F010", "not YAML"]),
        ("section: Introduction", "section: &a Introduction\n    kindd: *a", ["F010", "aliases"]),
        ("section: Introduction", "section: Introduction\n    section: Twice", ["F010", "twice"]),
        ("section: Introduction", "section: !!python/object/apply:os.system [ls]", ["F010", "Tags"]),
        ("at_best: supported_with_limits", "at_best: suported", ["C104", "supported"]),
        ("date: 2026-11-22", "date: 22.11.2026", ["C108", "22.11.2026", "year-month-day"]),
        ("date: 2026-11-22", "dat: 2026-11-22", ["F005", "dat", "C101"]),
        ("verdict_before: supported_with_limits", "verdict_before: suported", ["C104", "supported"]),
        (r"revised:\n      - date", "revised:\n      - 7\n      - date", ["F010", "revised"]),
        (r"    revised:\n(      .*\n)+", "    revised: 7\n", ["C108", "revised must be a list"]),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_line_and_the_nearest_name(
    data_copy: Path, pattern: str, replacement: str, expected: list[str]
) -> None:
    text = (data_copy / "claims.yaml").read_text(encoding="utf-8")
    match = re.search(pattern, text)
    assert match is not None
    explanation = change(data_copy, pattern, replacement)
    for words in expected:
        assert words in explanation
    line = text[: match.start()].count("\n") + 1
    rows = [int(row) for row in re.findall(r"row (\d+)", explanation)]
    assert rows and min(abs(row - line) for row in rows) <= 12, f"line {line}, told {rows}"


def test_changes_of_a_rule_are_read_with_the_verdict_before(data_copy: Path) -> None:
    path = data_copy / "claims.yaml"
    text, count = re.subn(
        r"    revised:\n(      .*\n)+", "", path.read_text(encoding="utf-8").partition("  - id: C24")[0]
    )
    assert count > 1
    entry = """    revised:
      - date: 2027-01-31
        change: It asks
          for two.
        because: One is few.
        verdict_before: contradicted
      - {date: "2027-02-01", change: Words., because: Plainer.}
"""
    path.write_text(text + entry, encoding="utf-8")
    *others, last = read_claims(data_copy)
    assert {claim.revised for claim in others} == {()}
    first, second = (revision.sentence for revision in last.revised)
    assert first.startswith(
        "Changed on 2027-01-31, after the first results had been seen: It asks for two. Reason: One is few. "
    )
    assert first.endswith("The verdict before it was “Contradicted”.")
    assert second.endswith("Words. Reason: Plainer. This did not move the verdict.")


def test_all_faults_are_told_at_once(data_copy: Path) -> None:
    path = data_copy / "claims.yaml"
    text = path.read_text(encoding="utf-8").replace("test: zero_events", "test: zero_event")
    path.write_text(text.replace("at_most: 5\n", "at_most: x\n").replace("id: C24", "id: C2x"), encoding="utf-8")
    with pytest.raises(ExplainedError) as refusal:
        read_claims(data_copy)
    assert len(refusal.value.faults) >= 3


def test_a_missing_or_badly_saved_ledger_is_explained(data_copy: Path) -> None:
    path = data_copy / "claims.yaml"
    path.write_bytes("section: Müller".encode("cp1252"))
    with pytest.raises(ExplainedError, match="UTF-8"):
        read_claims(data_copy)
    path.unlink()
    with pytest.raises(ExplainedError, match="missing"):
        read_claims(data_copy)
    path.write_text("", encoding="utf-8")
    with pytest.raises(ExplainedError, match="empty"):
        read_claims(data_copy)


def test_a_figure_that_does_not_exist_is_told_with_the_nearest(data_copy: Path, dataset: Dataset) -> None:
    path = data_copy / "claims.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("prakash2021_fatal_cases", "prakash2021_fatal_case"), encoding="utf-8")
    changed = read_claims(data_copy)
    with pytest.raises(ExplainedError, match="prakash2021_fatal_cases") as refusal:
        judge_all(dataset, changed)
    fault = refusal.value.faults[0]
    assert (fault.code, fault.value, fault.nearest) == ("C105", "prakash2021_fatal_case", "prakash2021_fatal_cases")
    naming = {(claim.id, test.line) for claim in changed for test in claim.tests if str(fault.value) in str(test)}
    assert (fault.column, fault.row) in naming
    assert "no such figure" in fault.why
    assert "Correct the name" in fault.mend


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(position=st.integers(0, 20_000), insertion=st.text(max_size=6))
def test_no_text_in_the_ledger_raises_anything_but_an_explanation(
    data_copy: Path, project_root: Path, position: int, insertion: str
) -> None:
    text = (project_root / "data" / "claims.yaml").read_text(encoding="utf-8")
    mutant = text[:position] + insertion.encode("utf-8", "replace").decode() + text[position:]
    (data_copy / "claims.yaml").write_text(mutant, encoding="utf-8")
    with contextlib.suppress(ExplainedError):
        assert read_claims(data_copy)


def test_every_kind_of_test_states_its_rule() -> None:
    for name, kind in TEST_KINDS.items():
        assert kind.__doc__ and "upported" in kind.__doc__, name
