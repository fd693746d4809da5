"""The results on the committed data are the pinned ones, and a change of a pinned number is told in data/CHANGELOG.md.

A pin says only that nothing moved unseen: what the rules should give is proved by the independent oracles of the other
tests. So pins are copied from the output on purpose, and read by people as the difference that git shows.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from kratom_evidence.claims import judge_all, read_claims
from kratom_evidence.dataset import Dataset

Row = tuple[str, ...]
ENTRY = "# Changelog\n\n## 2026.12.0\n\nA dose was corrected: C13\nand `brooks2023`.\n\n## 2026.11.0\n\nFirst. C20.\n"
OLD: dict[str, list[Row]] = {
    "cases.csv": [("case_id", "hunter"), ("bazer2021-2", "met"), ("brooks2023", "undetermined")],
    "claims.csv": [("claim_id", "quantity", "value"), ("C13", "verdict", "supported"), ("C20", "verdict", "supported")],
    "totals.csv": [("notebook", "table", "row", "column", "value"), ("04", "criteria", "Hunter", "met", "1")],
}


@pytest.fixture(scope="module")
def pinning(project_root: Path) -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(project_root / "scripts")
        import pin_results

        yield pin_results
        for name in ("pin_results", "reference_tables"):
            sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def computed(pinning: ModuleType, project_root: Path) -> dict[str, list[Row]]:
    tables, _ = pinning.computed_tables(project_root)
    return dict(tables)


@pytest.mark.slow
def test_the_results_are_the_pinned_ones(
    pinning: ModuleType, computed: dict[str, list[Row]], project_root: Path, dataset: Dataset
) -> None:
    pin, pinned = pinning.pinned_tables(project_root / "tests" / "reference")
    moved = pinning.moved_rows(pinned, computed)
    changelog = (project_root / pinning.CHANGELOG).read_text()
    entry = pinning.entry_of(changelog, dataset.version)
    lacking = pinning.not_named({row.name for row in moved}, entry)
    assert not moved, pinning.told(moved, lacking, dataset.version) + "\nWhen this is right: scripts/pin_results.py."
    assert pinned.keys() == computed.keys() == pin["tables"].keys()


def test_what_moved_at_the_last_pin_is_named_in_the_changelog(pinning: ModuleType, project_root: Path) -> None:
    pin, _ = pinning.pinned_tables(project_root / "tests" / "reference")
    entry = pinning.entry_of((project_root / pinning.CHANGELOG).read_text(), pin["data_version"])
    assert entry is not None, f"data/CHANGELOG.md has no entry for {pin['data_version']}"
    assert pinning.not_named(pin["moved"], entry) == []


@pytest.mark.slow
def test_every_case_behind_a_count_is_in_it_once(
    computed: dict[str, list[Row]], project_root: Path, dataset: Dataset
) -> None:
    """The cases are found anew beside the counting of the tests: both have the same numbers."""
    rows = computed["claim_cases.csv"][1:]
    assert len({row[:3] for row in rows}) == len(rows)
    assert {row[2] for row in rows} <= set(dataset.cases.index)
    counts = Counter((claim, count, answer) for claim, count, _, answer in rows)
    compared = 0
    for judgement in judge_all(dataset, read_claims(project_root / "data")):
        for words, tally in judgement.deciding.outcome.tallies.items() if judgement.deciding else ():
            found = [counts[judgement.claim.id, words, answer] for answer in ("yes", "no", "silent")]
            assert found == [tally.yes, tally.no, tally.unknown], (judgement.claim.id, words)
            compared += 1
    assert compared > 3


@pytest.mark.slow
def test_every_statement_and_every_case_is_pinned(
    computed: dict[str, list[Row]], project_root: Path, dataset: Dataset
) -> None:
    assert [row[0] for row in computed["cases.csv"][1:]] == sorted(dataset.cases.index)
    verdicts = [row[0] for row in computed["claims.csv"] if row[1] == "verdict"]
    assert verdicts == [claim.id for claim in read_claims(project_root / "data")]


def changed(table: str, old: Row, new: Row) -> dict[str, list[Row]]:
    return {**OLD, table: [new if row == old else row for row in OLD[table]]}


def test_a_change_that_the_changelog_names_is_pinned(pinning: ModuleType, tmp_path: Path) -> None:
    pinning.pin_results(tmp_path, OLD, data_version="2026.11.0", changelog=ENTRY)
    new = changed("claims.csv", ("C13", "verdict", "supported"), ("C13", "verdict", "contradicted"))
    moved, lacking = pinning.pin_results(tmp_path, new, data_version="2026.12.0", changelog=ENTRY)
    assert [str(row) for row in moved] == [
        "+ claims.csv: C13, verdict, contradicted",
        "- claims.csv: C13, verdict, supported",
    ]
    assert lacking == []
    pin, tables = pinning.pinned_tables(tmp_path)
    assert tables == new
    assert (pin["data_version"], pin["moved"]) == ("2026.12.0", ["C13"])


@pytest.mark.parametrize(
    ("change", "name"),
    [
        # Named for another version; not named; the id of another case begins like it; a total alone.
        (("claims.csv", ("C20", "verdict", "supported"), ("C20", "verdict", "contradicted")), "C20"),
        (("cases.csv", ("bazer2021-2", "met"), ("bazer2021-2", "not met")), "bazer2021-2"),
        (("cases.csv", ("bazer2021-2", "met"), ("brooks2023-1", "met")), "brooks2023-1"),
        (("totals.csv", OLD["totals.csv"][1], ("04", "criteria", "Hunter", "met", "2")), "notebook 04"),
    ],
)
def test_a_change_that_it_does_not_name_is_refused(
    pinning: ModuleType, tmp_path: Path, change: tuple[str, Row, Row], name: str
) -> None:
    pinning.pin_results(tmp_path, OLD, data_version="2026.11.0", changelog=ENTRY)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    _, lacking = pinning.pin_results(tmp_path, changed(*change), data_version="2026.12.0", changelog=ENTRY)
    assert name in lacking
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_name_is_not_acknowledged_by_a_longer_one(pinning: ModuleType) -> None:
    names = ["C13", "C1", "brooks2023", "brooks2023-1", "notebook 04", "notebook 0"]
    assert pinning.not_named(names, "C13: `brooks2023-1`, notebook\n04.") == ["C1", "brooks2023", "notebook 0"]


def test_a_version_without_an_entry_acknowledges_nothing(pinning: ModuleType, tmp_path: Path) -> None:
    pinning.pin_results(tmp_path, OLD, data_version="2026.11.0", changelog=ENTRY)
    new = changed("claims.csv", ("C13", "verdict", "supported"), ("C13", "verdict", "contradicted"))
    assert pinning.pin_results(tmp_path, new, data_version="2026.12.1", changelog=ENTRY)[1] == ["C13"]


def test_what_was_acknowledged_stays_so_within_a_version(pinning: ModuleType, tmp_path: Path) -> None:
    pinning.pin_results(tmp_path, OLD, data_version="2026.11.0", changelog=ENTRY)
    one = changed("claims.csv", ("C13", "verdict", "supported"), ("C13", "verdict", "contradicted"))
    pinning.pin_results(tmp_path, one, data_version="2026.12.0", changelog=ENTRY)
    two = {**one, "cases.csv": [*OLD["cases.csv"][:-1], ("brooks2023", "met")]}
    pinning.pin_results(tmp_path, two, data_version="2026.12.0", changelog=ENTRY)
    assert pinning.pinned_tables(tmp_path)[0]["moved"] == ["C13", "brooks2023"]


def test_a_table_edited_by_hand_is_not_taken(pinning: ModuleType, tmp_path: Path) -> None:
    pinning.pin_results(tmp_path, OLD, data_version="2026.11.0", changelog=ENTRY)
    claims = tmp_path / "claims.csv"
    claims.write_text(claims.read_text().replace("supported", "contradicted"))
    with pytest.raises(ValueError, match=r"claims\.csv was edited by hand"):
        pinning.pinned_tables(tmp_path)
