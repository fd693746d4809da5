"""Unit and generative: CSV text as a spreadsheet reads it; nothing is lost, and what is broken is named."""

import csv
import io

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kratom_evidence.codebook import read_csv_text

HEADER = "case,drug,notes\n"


def codes(text: str) -> list[tuple[str, int | None, str | None]]:
    return [(fault.code, fault.row, fault.column) for fault in read_csv_text(text.encode(), "t.csv").faults]


class TestQuoting:
    @pytest.mark.parametrize(
        ("row", "column", "value", "nearest"),
        [
            ('a,b,"never closed', "notes", '"never closed', '"never closed"'),
            ('a,"b,c', "drug", '"b', '"b"'),
            ('a,"one, two" and more,c', "drug", '"one, two" and more', '"""one, two"" and more"'),
            ('a,b,"he said "no", and left"', "notes", '"he said "no", and left"', '"he said ""no"", and left"'),
            ('"a"x,b,c', "case", '"a"x', '"""a""x"'),
        ],
    )
    def test_broken_cell_is_named_with_its_mended_form(self, row: str, column: str, value: str, nearest: str) -> None:
        (fault,) = read_csv_text(f"{HEADER}1,2,3\n{row}\n4,5,6\n".encode(), "t.csv").faults
        assert (fault.code, fault.row, fault.column) == ("F004", 3, column)
        assert (fault.value, fault.nearest) == (value, nearest)

    def test_the_other_cells_of_the_row_and_all_other_rows_are_read(self) -> None:
        text = read_csv_text(f'{HEADER}1,2,3\n"p,q","he said "no"",r\n4,5,6\n'.encode(), "t.csv")
        assert text.rows == ((2, ("1", "2", "3")), (3, ("p,q", 'he said "no"', "r")), (4, ("4", "5", "6")))
        assert text.complete
        assert text.guessed == {(3, "drug")}

    def test_row_with_two_broken_cells_is_left_out_and_said_to_be(self) -> None:
        text = read_csv_text(f'{HEADER}1,"b" x,"c" y\n4,5,6\n'.encode(), "t.csv")
        assert [row for row, _ in text.rows] == [3]
        assert not text.complete

    def test_two_broken_rows_are_two_faults(self) -> None:
        assert codes(f'{HEADER}a,"b,c\n1,2,3\nd,"e,f\n') == [("F004", 2, "drug"), ("F004", 4, "drug")]

    def test_mark_inside_an_unquoted_cell_is_text(self) -> None:
        assert codes(f'{HEADER}a,5" needle,c\n') == []


class TestWidth:
    def test_comma_in_an_unquoted_cell(self) -> None:
        text = read_csv_text(f"{HEADER}a,b, and more,c\n".encode(), "t.csv")
        (fault,) = text.faults
        assert (fault.code, fault.row, fault.column, fault.nearest) == ("F008", 2, "drug", '"b, and more"')
        assert text.rows == ((2, ("a", "b, and more", "c")),)

    def test_row_whose_extra_cell_fits_nowhere_is_left_out(self) -> None:
        text = read_csv_text(f"{HEADER}a,b,c,d\n".encode(), "t.csv")
        assert [(fault.code, fault.column, fault.value) for fault in text.faults] == [("F008", "notes", "d")]
        assert (text.rows, text.complete) == ((), False)

    def test_short_row_names_the_first_column_without_a_cell(self) -> None:
        assert codes(f"{HEADER}a\n") == [("F008", 2, "drug")]

    def test_empty_cells_beyond_the_header_do_no_harm(self) -> None:
        assert codes("case,drug,notes,,\na,b,c,,\n") == []

    def test_empty_row_between_others_is_named_and_at_the_end_ignored(self) -> None:
        assert codes(f"{HEADER}a,b,c\n,,\nd,e,f\n,,\n\n") == [("F012", 3, None)]


class TestLineBreaks:
    def test_cell_with_a_line_break_is_named_and_not_lost(self) -> None:
        text = read_csv_text(f'{HEADER}a,"first\nsecond",c\nd,e,f\n'.encode(), "t.csv")
        assert [(fault.code, fault.row, fault.column) for fault in text.faults] == [("F009", 2, "drug")]
        assert text.rows == ((2, ("a", "first second", "c")), (3, ("d", "e", "f")))

    def test_line_break_and_a_broken_row_in_one_file(self) -> None:
        found = codes(f'{HEADER}a,"first\nsecond",c\nd,"e,f\ng,h,i\n')
        assert found == [("F009", 2, "drug"), ("F004", 3, "drug")]

    @pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
    def test_every_kind_of_line_end(self, line_end: str) -> None:
        text = read_csv_text(f"case,drug{line_end}a,b{line_end}".encode(), "t.csv")
        assert (text.rows, text.faults) == (((2, ("a", "b")),), ())


class TestHeader:
    @pytest.mark.parametrize("content", [b"", b"\n\n", b",,\na,b,c\n", b"\xef\xbb\xbf"])
    def test_no_header(self, content: bytes) -> None:
        text = read_csv_text(content, "t.csv")
        assert [fault.code for fault in text.faults] == ["F011"]
        assert not text.complete


class TestOtherPrograms:
    @pytest.mark.parametrize("mark", [";", "\t", "|", ","])
    @pytest.mark.parametrize("first_line", ["", "sep={}\r\n", '"sep={}"\n', "SEP={}\n"])
    def test_every_separator_with_and_without_the_line_of_excel(self, mark: str, first_line: str) -> None:
        content = (
            first_line.format(mark) + mark.join(("case", "drug", "notes")) + "\n" + mark.join(("a", "b", "c")) + "\n"
        )
        text = read_csv_text(content.encode(), "t.csv")
        assert (text.header, text.rows) == (("case", "drug", "notes"), ((2, ("a", "b", "c")),))
        assert (text.faults, text.separator) == ((), mark)

    def test_the_line_of_excel_after_libreoffice_saved_it_as_a_row(self) -> None:
        text = read_csv_text(b"sep=;;;\ncase;drug;notes\na;b;c\n", "t.csv")
        assert (text.rows, text.faults) == (((2, ("a", "b", "c")),), ())

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"PK\x03\x04\x14\x00", "a workbook"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1", "an old workbook"),
            (b"<html><table>", "a web page"),
            (b"{\\rtf1", "a text document"),
        ],
    )
    def test_other_formats_are_refused_by_name(self, content: bytes, words: str) -> None:
        (fault,) = read_csv_text(content, "t.csv").faults
        assert fault.code == "F014"
        assert words in fault.why
        assert "save it as CSV" in fault.mend

    def test_typographic_quotation_marks_around_cells(self) -> None:
        faults = read_csv_text("“case”,“drug”,“notes”\n“a”,“b, c”,“d”\n".encode(), "t.csv").faults
        assert (faults[0].code, faults[0].row) == ("F004", 1)
        assert "typographic" in faults[0].why

    def test_blank_rows_and_columns_at_the_ends_do_no_harm(self) -> None:
        text = read_csv_text("case,drug,notes, ,\na,b,c,\u00a0,\n , ,,,\n,,,,\n".encode(), "t.csv")
        assert (text.header, text.rows, text.faults) == (("case", "drug", "notes"), ((2, ("a", "b", "c")),), ())

    def test_a_line_break_at_the_end_of_a_cell_is_a_blank(self) -> None:
        assert codes(f'{HEADER}a,"b\n",c\n') == []


# Cells as people write them: separators, marks, line breaks and non-ASCII letters included.
CELL = st.text(st.sampled_from("ab ä,;\t\"'\n|[]°"), max_size=8)
NAME = st.text(st.sampled_from("abcdef_"), min_size=1, max_size=6)


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    header = draw(st.lists(NAME, min_size=2, max_size=5, unique=True))
    rows = draw(st.lists(st.lists(CELL, min_size=len(header), max_size=len(header)), max_size=8))
    return [header, *rows]


def written(table: list[list[str]], line_end: str) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator=line_end).writerows(table)
    return buffer.getvalue().encode()


@given(tables(), st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=400)
def test_what_the_csv_module_wrote_is_read_as_it_was(table: list[list[str]], line_end: str) -> None:
    text = read_csv_text(written(table, line_end), "t.csv")
    rows = table[1:]
    while rows and not "".join(rows[-1]).strip():
        rows.pop()
    # Empty rows between others are named and left out; all other rows are there, on the row a spreadsheet shows.
    expected = [(number, row) for number, row in enumerate(rows, start=2) if "".join(row).strip()]
    read = [(number, cells) for number, cells in text.rows if "".join(cells).strip()]
    assert text.header == tuple(table[0])
    assert [(number, [cell.replace("\n", " ") for cell in row]) for number, row in expected] == [
        (number, list(cells)) for number, cells in read
    ]
    broken = {
        (number, name)
        for number, row in expected
        for name, cell in zip(table[0], row, strict=True)
        if "\n" in cell.strip()
    }
    assert {(fault.row, fault.column) for fault in text.faults if fault.code == "F009"} == broken
    assert {fault.code for fault in text.faults} <= {"F009", "F012"}
    assert text.complete


@given(st.binary(max_size=300) | st.text(st.sampled_from('a,;\t"\n\r\0ä '), max_size=120).map(str.encode))
@example(b'"')
@example(b"a,b\n" + b'"' * 131_073 + b",c\n")
@example(b"a,b\n" + b"x" * 200_000 + b",c\n")
@example(b'a,b\n"' + b"x\n" * 500)
@settings(max_examples=500)
def test_no_bytes_make_reading_fail(content: bytes) -> None:
    text = read_csv_text(content, "t.csv")
    assert all(len(cells) == len(text.header) for _, cells in text.rows)
    assert all(fault.why and fault.mend for fault in text.faults)
    assert text.complete or text.faults


@given(st.text(st.sampled_from('a,"\n'), max_size=60), tables())
def test_broken_text_between_sound_rows_hides_neither_of_them_silently(broken: str, table: list[list[str]]) -> None:
    """Rows may become unreadable by what stands between them, but then there is a fault."""
    sound = written([table[0], ["first"] * len(table[0])], "\n") + broken.encode() + b"\n"
    text = read_csv_text(sound + written([["last"] * len(table[0])], "\n"), "t.csv")
    assert text.faults or [cells for _, cells in text.rows][-1] == ("last",) * len(table[0])
