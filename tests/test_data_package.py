"""Spec: the committed data keep the rules of their own format, checked without the code that reads them.

Everything here reads the files with the standard library only, so that a fault of the project's reader cannot hide
a fault of the data.
"""

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).resolve().parents[1] / "data"
PACKAGE: dict[str, Any] = json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))
RESOURCES: dict[str, dict[str, Any]] = {resource["name"]: resource for resource in PACKAGE["resources"]}
CSV_NAMES = [name for name, resource in RESOURCES.items() if resource["format"] == "csv"]
LISTED = {resource["path"] for resource in RESOURCES.values()}
# In the order of a vocabulary's author, not of its key.
UNSORTED = {"findings", "confounders", "events", "studies", "pharmacology"}
CO_EXPOSURE = re.compile(r"(?P<substance>[^\[\];]+) \[(?P<evidence>\w+), (?P<timing>\w+)(: [^\[\]]+)?\]")


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / RESOURCES[name]["path"]).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def fields(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = RESOURCES[name]["schema"]["fields"]
    return found


def key_of(name: str) -> list[str]:
    key = RESOURCES[name]["schema"].get("primaryKey", [])
    return [key] if isinstance(key, str) else list(key)


def bibliography(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((DATA / RESOURCES[name]["path"]).read_text(encoding="utf-8"))
    return found


def split_list(cell: str) -> list[str]:
    """The entries between the semicolons outside brackets."""
    return [entry.removeprefix(" ") for entry in re.findall(r"(?:[^;\[]|\[[^\]]*\])+", cell)]


def single_valued() -> set[str]:
    in_cases = {field["name"] for field in fields("case_reports") if "list" not in field}
    return in_cases & {field["name"] for field in fields("first_extraction")} - {"case_id"}


class TestFiles:
    def test_every_data_file_is_in_the_codebook(self) -> None:
        found = {
            path.relative_to(DATA).as_posix() for path in DATA.rglob("*") if path.suffix in {".csv", ".json", ".yaml"}
        }
        assert found - {"datapackage.json"} == LISTED

    @pytest.mark.parametrize("path", sorted({*LISTED, "datapackage.json"}))
    def test_bytes_are_utf8_without_mark_with_plain_line_ends(self, path: str) -> None:
        content = (DATA / path).read_bytes()
        content.decode("utf-8")
        assert not content.startswith(b"\xef\xbb\xbf")
        assert b"\r" not in content
        assert content.endswith(b"\n")
        assert not content.endswith(b"\n\n")
        assert not re.search(rb"[ \t]\n", content)

    @pytest.mark.parametrize("name", CSV_NAMES)
    def test_table_is_written_as_the_csv_module_writes_it(self, name: str) -> None:
        """So that a change by a program or a spreadsheet shows the changed cells only."""
        import io

        path = DATA / RESOURCES[name]["path"]
        with path.open(encoding="utf-8", newline="") as file:
            table = list(csv.reader(file, strict=True))
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\n").writerows(table)
        assert buffer.getvalue() == path.read_text(encoding="utf-8")

    @pytest.mark.parametrize("name", CSV_NAMES)
    def test_columns_are_those_of_the_codebook_in_its_order(self, name: str) -> None:
        with (DATA / RESOURCES[name]["path"]).open(encoding="utf-8", newline="") as file:
            assert next(csv.reader(file)) == [field["name"] for field in fields(name)]

    @pytest.mark.parametrize("name", CSV_NAMES)
    def test_no_cell_has_stray_spaces_or_line_breaks(self, name: str) -> None:
        for row in rows(name):
            for column, cell in row.items():
                assert cell == cell.strip(), (column, cell)
                assert "\n" not in cell
                assert "  " not in cell, (column, cell)


class TestKeys:
    @pytest.mark.parametrize("name", [name for name in CSV_NAMES if key_of(name)])
    def test_key_is_given_and_unique(self, name: str) -> None:
        keys = [tuple(row[column] for column in key_of(name)) for row in rows(name)]
        assert all(all(key) for key in keys)
        assert len(set(keys)) == len(keys)

    @pytest.mark.parametrize("name", [name for name in CSV_NAMES if key_of(name) and name not in UNSORTED])
    def test_rows_are_sorted_by_key(self, name: str) -> None:
        keys = [tuple(row[column] for column in key_of(name)) for row in rows(name)]
        assert keys == sorted(keys)

    @pytest.mark.parametrize("name", ["sources", "context_sources"])
    def test_publications_are_sorted_and_unique(self, name: str) -> None:
        keys = [entry["id"] for entry in bibliography(name)]
        assert keys == sorted(set(keys))


class TestCells:
    @pytest.mark.parametrize("name", CSV_NAMES)
    def test_constraints_and_categories_hold(self, name: str) -> None:
        for field in fields(name):
            constraints = field.get("constraints", {})
            categories = {category["value"] for category in field.get("categories", [])}
            for row in rows(name):
                cell = row[field["name"]]
                assert cell or not constraints.get("required"), (field["name"], row)
                for text in [] if cell == "" else split_list(cell) if "list" in field else [cell]:
                    if field.get("list") == "three_state" and text == "none":
                        continue
                    assert not categories or text in categories, (field["name"], text)
                    assert "pattern" not in constraints or re.fullmatch(constraints["pattern"], text), text
                    if field["type"] != "string":
                        assert constraints.get("minimum", -1e9) <= float(text) <= constraints.get("maximum", 1e9), text
                    if field["type"] == "integer":
                        assert re.fullmatch(r"-?\d+", text), text

    @pytest.mark.parametrize("name", CSV_NAMES)
    def test_three_state_lists_hold_none_only_alone(self, name: str) -> None:
        for field in fields(name):
            if field.get("list") != "three_state":
                continue
            for row in rows(name):
                entries = split_list(row[field["name"]])
                assert "none" not in [entry.casefold() for entry in entries] or entries == ["none"], row
                assert len(set(entries)) == len(entries), entries
                assert "; ".join(entries) == row[field["name"]], "entries are separated by a semicolon and a space"

    @pytest.mark.parametrize("name", CSV_NAMES)
    def test_terms_stand_in_their_vocabulary(self, name: str) -> None:
        for field in fields(name):
            if "vocabulary" not in field:
                continue
            resource, column = field["vocabulary"]["resource"], field["vocabulary"]["field"]
            known = (
                {entry["id"] for entry in bibliography(resource)}
                if RESOURCES[resource]["format"] == "json"
                else {row[column] for row in rows(resource)}
            )
            for row in rows(name):
                cell = row[field["name"]]
                for text in [] if cell in {"", "none"} else split_list(cell) if "list" in field else [cell]:
                    exposure = CO_EXPOSURE.fullmatch(text) if field.get("itemForm") else None
                    assert (exposure["substance"] if exposure else text) in known, (field["name"], text)

    def test_co_exposures_have_their_form(self) -> None:
        (field,) = [field for field in fields("case_reports") if field["name"] == "co_exposures"]
        allowed = {part: {entry["value"] for entry in entries} for part, entries in field["itemCategories"].items()}
        for row in rows("case_reports"):
            cell = row["co_exposures"]
            for text in [] if cell in {"", "none"} else split_list(cell):
                exposure = CO_EXPOSURE.fullmatch(text)
                assert exposure, text
                assert exposure["evidence"] in allowed["evidence"]
                assert exposure["timing"] in allowed["timing"]


class TestAcrossFiles:
    def test_every_case_has_a_source_and_every_source_a_case(self) -> None:
        assert {row["citekey"] for row in rows("case_reports")} == {entry["id"] for entry in bibliography("sources")}

    def test_what_was_extracted_twice_are_cases_in_their_order(self) -> None:
        """A case that was added later may be extracted once, until somebody extracts it again."""
        twice = [row["case_id"] for row in rows("first_extraction")]
        assert [row["case_id"] for row in rows("second_extraction")] == twice != []
        assert [row["case_id"] for row in rows("case_reports") if row["case_id"] in set(twice)] == twice

    def test_screened_records_are_not_included(self) -> None:
        included = {entry["id"] for entry in bibliography("sources")}
        excluded, unread = ({row["citekey"] for row in rows(name)} for name in ("excluded", "unread"))
        assert not included & excluded
        assert not included & unread
        assert not excluded & unread

    def test_adjudicated_fields_are_extracted_columns(self) -> None:
        columns = {field["name"] for field in fields("first_extraction")}
        assert {row["field"] for row in rows("adjudication")} <= columns

    def test_decisions_on_single_values_are_what_the_cases_hold(self) -> None:
        """Lists were adjudicated in the readers' words, before their terms were mapped to the vocabularies."""
        cases = {row["case_id"]: row for row in rows("case_reports")}
        decided = [row for row in rows("adjudication") if row["field"] in single_valued()]
        assert len({row["field"] for row in decided}) > 5
        for row in decided:
            held = cases[row["case_id"]][row["field"]]
            assert same(held, row["decision"]), (row["case_id"], row["field"], held, row["decision"])

    def test_findings_and_confounders_are_what_was_decided(self) -> None:
        cases = {row["case_id"]: row for row in rows("case_reports")}
        for row in rows("adjudication"):
            if row["field"] in {"findings_present", "findings_absent", "confounders", "kratom_forms"}:
                assert cases[row["case_id"]][row["field"]] == row["decision"], (row["case_id"], row["field"])

    def test_what_both_readers_found_is_what_the_cases_hold(self) -> None:
        cases = {row["case_id"]: row for row in rows("case_reports")}
        second = {row["case_id"]: row for row in rows("second_extraction")}
        adjudicated = {(row["case_id"], row["field"]) for row in rows("adjudication")}
        compared = 0
        for first in rows("first_extraction"):
            case_id = first["case_id"]
            for column in single_valued():
                if (case_id, column) not in adjudicated and same(first[column], second[case_id][column]):
                    assert same(cases[case_id][column], first[column]), (case_id, column)
                    compared += 1
        assert compared > 15 * len(cases)

    def test_single_values_in_which_the_readers_differ_were_adjudicated(self) -> None:
        second = {row["case_id"]: row for row in rows("second_extraction")}
        adjudicated = {(row["case_id"], row["field"]) for row in rows("adjudication")}
        differing = {
            (first["case_id"], column)
            for first in rows("first_extraction")
            for column in single_valued()
            if not same(first[column], second[first["case_id"]][column])
        }
        assert differing - adjudicated == set()


def same(one: str, other: str) -> bool:
    """Equal as text or as numbers; nothing stated equals only nothing stated."""
    if one == other:
        return True
    try:
        return float(one) == float(other)
    except ValueError:
        return False


class TestPackage:
    """What the Frictionless Data Package and Table Schema standards ask of a descriptor."""

    def test_package_names_itself(self) -> None:
        assert re.fullmatch(r"[a-z0-9._/-]+", PACKAGE["name"])
        assert all(PACKAGE[key] for key in ("title", "description", "version"))
        assert PACKAGE["licenses"]
        assert all("name" in entry or "path" in entry for entry in PACKAGE["licenses"])

    @pytest.mark.parametrize("resource", PACKAGE["resources"], ids=lambda resource: str(resource["name"]))
    def test_resource_names_a_file_inside_the_package(self, resource: dict[str, Any]) -> None:
        assert re.fullmatch(r"[a-z0-9._-]+", resource["name"])
        assert not resource["path"].startswith("/")
        assert ".." not in resource["path"].split("/")
        assert (DATA / resource["path"]).is_file()
        assert resource["encoding"] == "utf-8"
        assert resource["title"]
        assert resource["description"]

    def test_names_are_unique(self) -> None:
        assert len(RESOURCES) == len(PACKAGE["resources"])
        for name in CSV_NAMES:
            names = [field["name"] for field in fields(name)]
            assert len(set(names)) == len(names)

    @pytest.mark.parametrize("name", CSV_NAMES)
    def test_fields_are_described_and_constrained_as_the_standard_allows(self, name: str) -> None:
        assert RESOURCES[name]["schema"]["missingValues"] == [""]
        standard = {"required", "unique", "minLength", "maxLength", "minimum", "maximum", "pattern", "enum"}
        for field in fields(name):
            assert field["title"]
            assert field["description"]
            assert field["type"] in {"string", "integer", "number"}
            assert set(field.get("constraints", {})) <= standard
            # The standard allows further properties: a unit has the limits of its numbers.
            limits = {"minimum", "maximum"} if field["name"] == "unit" else set()
            for entry in field.get("categories", ()):
                assert {"value", "label"} <= set(entry) <= {"value", "label", *limits}
            if "pattern" in field.get("constraints", {}):
                re.compile(field["constraints"]["pattern"])

    @pytest.mark.parametrize("name", CSV_NAMES)
    def test_numbers_say_their_unit(self, name: str) -> None:
        """Unless the unit stands in a column of its own, or the number counts something or is a year."""
        without = {field["name"] for field in fields(name) if field["type"] != "string" and "unit" not in field}
        assert without <= {"year", "n", "value", "ci_low", "ci_high"}

    @pytest.mark.parametrize("name", CSV_NAMES)
    def test_keys_and_vocabularies_name_columns_that_exist(self, name: str) -> None:
        assert set(key_of(name)) <= {field["name"] for field in fields(name)}
        for field in fields(name):
            if "vocabulary" in field:
                resource = RESOURCES[field["vocabulary"]["resource"]]
                columns = {entry["name"] for entry in resource.get("schema", {}).get("fields", [])}
                assert field["vocabulary"]["field"] in (columns or {"id"})
