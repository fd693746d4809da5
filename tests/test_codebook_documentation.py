"""Docs: the data dictionary is made from the codebook and can be refreshed any number of times."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kratom_evidence.codebook import Category, Codebook, Field, Table, read_codebook
from kratom_evidence.codebook.documentation import codebook_markdown, data_dictionary, main, replace_generated_section
from kratom_evidence.faults import ExplainedError

BEGIN, END = "<!-- codebook:begin -->", "<!-- codebook:end -->"


@pytest.fixture(scope="module")
def codebook(project_root: Path) -> Codebook:
    return read_codebook(project_root / "data")


def rows(markdown: str) -> list[list[str]]:
    """The cells of all table rows, split at the bars that are not escaped."""
    lines = [line for line in markdown.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def test_every_column_has_a_row_of_four_cells_in_order_of_its_group(codebook: Codebook) -> None:
    for table in codebook.tables:
        found = rows(codebook_markdown(codebook, table.name))
        assert all(len(cells) == 4 for cells in found), table.name
        assert sorted(cells[0] for cells in found) == sorted(f"`{field.name}`" for field in table.fields)


def test_groups_are_headings_in_order(codebook: Codebook) -> None:
    headings = re.findall(r"^\*\*(.+)\*\*$", codebook_markdown(codebook, "case_reports"), flags=re.MULTILINE)
    assert headings == list(dict.fromkeys(field.group for field in codebook.table("case_reports").fields))


def test_meaning_type_unit_limits_and_values_are_shown(codebook: Codebook) -> None:
    found = {cells[0]: cells[1:] for cells in rows(codebook_markdown(codebook, "case_reports"))}
    assert found["`temp_max_c`"] == ["Highest body temperature.", "number, °C", "20 to 46"]
    assert found["`co_exposures`"][1] == "list: entries separated by `; `, or `none`, or empty"
    assert "`name` of vocabulary/substances.csv" in found["`co_exposures`"][2]
    assert "timing: `concurrent` (At the same time as kratom)" in found["`co_exposures`"][2]
    assert found["`sex`"][2] == "`male`, `female`"
    assert found["`citekey`"][1] == "text; must be given"
    dechallenge = next(field for field in codebook.table("case_reports").fields if field.name == "dechallenge")
    for category in dechallenge.categories:
        assert f"`{category.value}` ({category.label})" in found["`dechallenge`"][2]


def test_a_bar_in_a_pattern_does_not_break_the_table() -> None:
    field = Field(name="sign", title="Sign", description="One | two.", pattern="(a|b)", categories=())
    table = Table(name="signs", path="signs.csv", title="Signs", description="Signs.", format="csv", fields=(field,))
    (cells,) = rows(codebook_markdown(Codebook(version="1", title="Book", tables=(table,)), "signs"))
    assert cells == ["`sign`", r"One \| two.", "text", r"of the form `(a\|b)`"]


def test_one_sided_limits_and_repeated_labels() -> None:
    fields = (
        Field(name="low", title="Low", description="Low.", type="integer", minimum=1),
        Field(name="high", title="High", description="High.", type="number", maximum=9, unit="mg"),
        Field(name="kind", title="Kind", description="Kind.", categories=(Category(value="a_b", label="A b"),)),
    )
    table = Table(name="t", path="t.csv", title="T", description="T.", format="csv", fields=fields)
    found = rows(codebook_markdown(Codebook(version="1", title="Book", tables=(table,)), "t"))
    assert [cells[2:] for cells in found] == [
        ["whole number", "1 or more"],
        ["number, mg", "9 or less"],
        ["text", "`a_b`"],
    ]


def test_dictionary_has_every_table_and_describes_the_extractions_once(codebook: Codebook) -> None:
    dictionary = data_dictionary(codebook)
    for table in codebook.tables:
        assert (f"(`{table.path}`)" in dictionary) == bool(table.fields)
    assert dictionary.count("Columns as in case_reports.csv:") == 2
    assert dictionary.count("| `age_years` |") == 1


class TestSection:
    def test_only_what_stands_between_the_markers_changes(self) -> None:
        text = f"before\n{BEGIN}\nold\n{END}\nafter\n"
        assert replace_generated_section(text, "codebook", "new") == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"

    @given(st.text(), st.text(), st.text().filter(lambda text: "<!--" not in text))
    def test_twice_is_the_same_as_once(self, before: str, after: str, content: str) -> None:
        once = replace_generated_section(f"{before}{BEGIN}{END}{after}", "codebook", content)
        assert replace_generated_section(once, "codebook", content) == once
        assert once.startswith(before)
        assert once.endswith(after)
        assert content in once

    @pytest.mark.parametrize("text", ["", BEGIN, END, f"{END}{BEGIN}", f"{BEGIN}{BEGIN}{END}"])
    def test_missing_repeated_or_exchanged_markers_are_explained(self, text: str) -> None:
        with pytest.raises(ExplainedError, match="codebook:begin"):
            replace_generated_section(text, "codebook", "new")


class TestCommand:
    def test_file_is_refreshed_once_and_for_all(
        self, tmp_path: Path, codebook: Codebook, project_root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(project_root)
        readme = tmp_path / "README.md"
        readme.write_text(f"# Title\n\n{BEGIN}\n{END}\n", encoding="utf-8")
        assert main([str(readme)]) == 0
        first = readme.read_bytes()
        assert data_dictionary(codebook).encode() in first
        assert main([str(readme)]) == 0
        assert readme.read_bytes() == first

    def test_wrong_use_and_wrong_files_are_explained(
        self, tmp_path: Path, project_root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.chdir(project_root)
        assert main([]) == 2
        assert main([str(tmp_path / "nowhere.md")]) == 1
        (tmp_path / "plain.md").write_text("no markers", encoding="utf-8")
        assert main([str(tmp_path / "plain.md")]) == 1
        assert (tmp_path / "plain.md").read_text(encoding="utf-8") == "no markers"
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err.count("codebook.documentation: ") == 3
