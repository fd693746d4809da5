"""What two versions of the data have in common and what not: made-up tables, and copies of the real ones."""

from collections.abc import Mapping, Sequence
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kratom_evidence.codebook import Field, Table, Value
from kratom_evidence.curation.alignment import with_columns_of
from kratom_evidence.curation.changes import (
    CASES,
    NO_COLUMN,
    NOT_STATED,
    Cell,
    CellState,
    TableChange,
    cell_of,
    compare_cases,
    compare_tables,
)
from kratom_evidence.dataset import Readings, TableReading, read_tables
from kratom_evidence.dataset.loading import dataset_from
from tests.editing import Csv, edit_json

KEY = Field(name="case_id", title="Case", description="Key.", required=True)
SIGNS = Field(name="signs", title="Signs", description="Signs.", list_kind="three_state")
AGE = Field(name="age", title="Age", description="Age.", type="integer")


def reading(rows: Mapping[str, Mapping[str, Value]], fields: Sequence[Field] = (KEY, SIGNS, AGE)) -> TableReading:
    """Case reports of the given columns; a column that a row does not name is not stated in it."""
    table = Table(
        name=CASES,
        path="case_reports.csv",
        title="Cases",
        description="Cases.",
        format="csv",
        fields=tuple(fields),
        primary_key=("case_id",),
    )
    full = [{"case_id": case_id, **values} for case_id, values in rows.items()]
    return TableReading(
        table=table,
        header=tuple(table.by_name),
        row_numbers=tuple(range(2, len(full) + 2)),
        columns={field.name: [row.get(field.name) for row in full] for field in fields},
    )


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("three_state", None, NOT_STATED),
        ("three_state", (), Cell(state=CellState.NONE)),
        ("three_state", ("fever",), Cell(state=CellState.STATED, value=("fever",))),
        ("plain", (), NOT_STATED),
        (None, None, NOT_STATED),
        (None, "none", Cell(state=CellState.STATED, value="none")),
    ],
)
def test_states_of_cells(kind: str | None, value: Value, expected: Cell) -> None:
    field = Field(name="x", title="X", description="X.", list_kind=kind)  # type: ignore[arg-type]
    assert cell_of(field, value) == expected


def test_zero_is_a_value_and_not_silence() -> None:
    assert cell_of(AGE, 0) == Cell(state=CellState.STATED, value=0)


STATES: dict[CellState, Value] = {
    CellState.STATED: ("fever",),
    CellState.NONE: (),
    CellState.NOT_STATED: None,
}


@pytest.mark.parametrize(("old", "new"), list(permutations(STATES, 2)))
def test_every_transition_between_states_is_a_change(old: CellState, new: CellState) -> None:
    changes = compare_cases(reading({"a": {"signs": STATES[old]}}), reading({"a": {"signs": STATES[new]}}))
    (field,) = changes.changed[0].fields
    assert (field.field, field.old.state, field.new.state) == ("signs", old, new)
    assert field.added == field.removed == (), "entries are told only where both sides list some"


def test_entries_of_a_list_are_told_one_by_one() -> None:
    old, new = reading({"a": {"signs": ("fever", "rash")}}), reading({"a": {"signs": ("clonus", "rash")}})
    (field,) = compare_cases(old, new).changed[0].fields
    assert (field.added, field.removed) == (("clonus",), ("fever",))


def test_the_same_entries_in_another_order_are_a_change_without_entries() -> None:
    old, new = reading({"a": {"signs": ("fever", "rash")}}), reading({"a": {"signs": ("rash", "fever")}})
    (field,) = compare_cases(old, new).changed[0].fields
    assert field.both_lists and field.added == field.removed == ()


def test_a_new_column_changes_only_the_cases_that_state_something_in_it() -> None:
    old = reading({"a": {}, "b": {}, "c": {}}, fields=(KEY, SIGNS))
    new = reading({"a": {"age": 35}, "b": {}, "c": {}})
    (case,) = compare_cases(old, new).changed
    assert case.case_id == "a"
    assert [(f.field, f.old, f.new.value) for f in case.fields] == [("age", NO_COLUMN, 35)]
    (back,) = compare_cases(new, old).changed
    assert [(f.field, f.old.value, f.new) for f in back.fields] == [("age", 35, NO_COLUMN)]


values = st.fixed_dictionaries(
    {},
    optional={
        "age": st.none() | st.integers(0, 2),
        "signs": st.none() | st.lists(st.sampled_from("pqr"), max_size=2).map(tuple),
    },
)
tables = st.dictionaries(st.sampled_from("abcd"), values)


@given(tables, tables)
def test_each_case_is_in_one_place_and_the_way_back_is_the_mirror(
    old: dict[str, dict[str, Value]], new: dict[str, dict[str, Value]]
) -> None:
    there, back = compare_cases(reading(old), reading(new)), compare_cases(reading(new), reading(old))
    assert {record.case_id for record in there.added} == set(new) - set(old)
    assert {record.case_id for record in there.removed} == set(old) - set(new)
    differing = {
        (case, name)
        for case in old.keys() & new.keys()
        for name in ("age", "signs")
        if old[case].get(name) != new[case].get(name)
    }
    assert {(case.case_id, field.field) for case in there.changed for field in case.fields} == differing
    assert (back.added, back.removed) == (there.removed, there.added)
    mirrored = [[(f.field, f.new, f.old) for f in case.fields] for case in back.changed]
    assert mirrored == [[(f.field, f.old, f.new) for f in case.fields] for case in there.changed]


@given(tables)
def test_the_order_of_rows_is_no_change(rows: dict[str, dict[str, Value]]) -> None:
    assert compare_cases(reading(rows), reading(dict(reversed(rows.items())))).count == 0


@pytest.fixture(scope="module")
def committed(project_root: Path) -> Readings:
    return read_tables(project_root / "data")


def only_change(old: Readings, new: Path) -> TableChange:
    (change,) = compare_tables(old, read_tables(new))
    return change


class TestTables:
    def test_the_same_data_differ_in_nothing(self, committed: Readings, data_copy: Path) -> None:
        assert compare_tables(committed, read_tables(data_copy)) == ()

    def test_publications_are_told_by_key_and_by_what_differs(self, committed: Readings, data_copy: Path) -> None:
        def edit(entries: list[dict[str, object]]) -> None:
            names = [entry["id"] for entry in entries]
            entries[names.index("brooks2023")]["title"] = "Another title"
            entries.append({"id": "zz2026", "type": "report"})

        edit_json(data_copy / "sources.json", edit)
        change = only_change(committed, data_copy)
        assert (change.file, change.added, change.removed) == ("sources.json", ("zz2026",), ())
        assert change.changed == (("brooks2023", ("title",)),)
        assert change.rows_new == (change.rows_old or 0) + 1

    def test_rows_of_a_csv_are_told_by_key(self, committed: Readings, data_copy: Path) -> None:
        table = Csv(data_copy / "vocabulary" / "findings.csv")
        gone = table.rows.pop()[table.column("finding")]
        table.set(2, "label", "Another label")
        first = table.get(2, "finding")
        table.save()
        changes = {change.name: change for change in compare_tables(committed, read_tables(data_copy))}
        assert changes["findings"].removed == (gone,)
        assert changes["findings"].changed == ((first, ("label",)),)
        assert (changes["findings"].rows_added, changes["findings"].rows_removed) == (0, 1)

    def test_keys_of_two_columns_are_joined(self, committed: Readings, data_copy: Path) -> None:
        table = Csv(data_copy / "extraction" / "adjudication.csv")
        cells = table.rows.pop(0)
        table.save()
        key = " / ".join(cells[table.column(name)] for name in ("case_id", "field"))
        assert only_change(committed, data_copy).removed == (key,)

    def test_rows_without_a_key_are_counted(self, committed: Readings, data_copy: Path) -> None:
        table = Csv(data_copy / "context" / "pharmacology.csv")
        table.set(2, "note", "another note")
        table.rows.append(table.rows[3])
        table.save()
        change = only_change(committed, data_copy)
        assert (change.rows_added, change.rows_removed) == (2, 1)
        assert not (change.added or change.removed or change.changed)

    def test_a_column_that_came_and_one_described_anew(self, committed: Readings, data_copy: Path) -> None:
        def edit(package: dict[str, list[dict[str, dict[str, list[dict[str, str]]]]]]) -> None:
            fields = package["resources"][0]["schema"]["fields"]
            fields.append({"name": "extra", "title": "Extra", "description": "Made up.", "type": "string"})
            fields[1]["description"] += " Said in another way."

        edit_json(data_copy / "datapackage.json", edit)
        table = Csv(data_copy / "case_reports.csv")
        table.header.append("extra")
        for cells in table.rows:
            cells.append("")
        table.save()
        change = only_change(committed, data_copy)
        assert (change.name, change.columns_added, change.columns_removed) == (CASES, ("extra",), ())
        assert change.described_anew and change.definition_changed
        assert change.changed == (), "nothing is stated in the new column"

    def test_a_table_that_came(self, committed: Readings, data_copy: Path) -> None:
        (data_copy / "more.csv").write_text("name\none\ntwo\n", encoding="utf-8")
        field = {"name": "name", "title": "Name", "description": "Name.", "type": "string"}
        resource = {
            "name": "more", "path": "more.csv", "title": "More", "description": "Made up.", "format": "csv",
            "schema": {"fields": [field]},
        }  # fmt: skip
        edit_json(data_copy / "datapackage.json", lambda package: package["resources"].append(resource))
        there = only_change(committed, data_copy)
        assert (there.file, there.rows_old, there.rows_new, there.rows_added) == ("more.csv", None, 2, 2)
        (back,) = compare_tables(read_tables(data_copy), committed)
        assert (back.file, back.rows_old, back.rows_new, back.rows_removed) == ("more.csv", 2, None, 2)


class TestAlignment:
    def test_a_missing_column_is_put_in_with_nothing_stated(self, committed: Readings, data_copy: Path) -> None:
        without_column(data_copy, "case_reports", "findings_absent")
        aligned = with_columns_of(read_tables(data_copy), committed)
        assert aligned.put_in == (("case_reports.csv", "findings_absent"),)
        dataset = dataset_from(aligned.readings)
        assert len(dataset.cases) == len(committed.tables[CASES].row_numbers)
        assert dataset.cases["findings_absent"].isna().all()
        assert set(dataset.findings["state"]) == {"present"}

    def test_nothing_is_put_in_where_the_columns_are_the_same(self, committed: Readings) -> None:
        aligned = with_columns_of(committed, committed)
        assert aligned.put_in == () and aligned.readings == committed


def without_column(data: Path, resource: str, column: str) -> None:
    """Take a column out of a table and of the codebook."""
    paths: list[str] = []

    def edit(package: dict[str, list[dict[str, object]]]) -> None:
        entry = next(entry for entry in package["resources"] if entry["name"] == resource)
        schema = entry["schema"]
        assert isinstance(schema, dict)
        schema["fields"] = [field for field in schema["fields"] if field["name"] != column]
        paths.append(str(entry["path"]))

    edit_json(data / "datapackage.json", edit)
    table = Csv(data / paths[0])
    position = table.column(column)
    table.header.pop(position)
    for cells in table.rows:
        cells.pop(position)
    table.save()
