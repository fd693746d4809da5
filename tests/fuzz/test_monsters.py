"""Files made to break a program: each is refused in time, with an explanation, and leaves nothing behind."""

import errno
import json
import os
import time
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from kratom_evidence.adding.case_file import read_case_file
from kratom_evidence.claims.ledger import read_ledger
from kratom_evidence.codebook import Field, cell_reader, read_codebook, read_csv_text
from kratom_evidence.codebook.patterns import pattern_problem
from kratom_evidence.curation import validate
from kratom_evidence.dataset import load
from kratom_evidence.dataset.bibliography import read_csl_json
from kratom_evidence.dataset.reading import read_table
from kratom_evidence.faults import ExplainedError, UsageError
from kratom_evidence.plain_files import DEEPEST_NESTING, parse_json, read_plain_file
from kratom_evidence.project import find_project
from kratom_evidence.reports.parameters import Parameter, read_assignments, read_parameters
from kratom_evidence.screening.strategy import SEARCH_FILE, read_search
from tests.conftest import PROJECT_ROOT
from tests.fuzz.oracle import TookTooLong, explained, in_time

CASES = read_codebook(PROJECT_ROOT / "data").table("case_reports")
GIGABYTE = 1_000_000_000
LAUGHS = "a: &a [x, x]\n" + "".join(
    f"{name}: &{name} [*{before}, *{before}, *{before}]\n"
    for before, name in zip("abcdefghi", "bcdefghij", strict=True)
)


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


def _broken_link(path: Path) -> None:
    path.symlink_to("nowhere")


def _sparse(path: Path) -> None:
    with path.open("wb") as stream:
        stream.truncate(GIGABYTE)


NO_FILES: tuple[Callable[[Path], None], ...] = (_pipe, _device, _loop, _broken_link, _sparse, Path.mkdir)


class TestTheLimits:
    """What the other tests rely on: a hang is stopped, whether it works or waits."""

    def test_work_is_stopped(self) -> None:
        with pytest.raises(TookTooLong, match="of the processor"), in_time(work=0.05):
            sum(1 for _ in count())

    def test_waiting_is_stopped(self) -> None:
        with pytest.raises(TookTooLong, match="by the clock"), in_time(wait=0.05):
            time.sleep(60)

    def test_waiting_is_no_work(self) -> None:
        with in_time(work=0.05):
            time.sleep(0.2)


class TestWhatIsNoFile:
    @pytest.mark.parametrize("make", NO_FILES)
    @pytest.mark.parametrize("path", ["case_reports.csv", "sources.json", "datapackage.json"])
    def test_validate_names_it(self, make: Callable[[Path], None], path: str, data_copy: Path) -> None:
        (data_copy / path).unlink()
        make(data_copy / path)
        with in_time():
            report = validate(data_copy)
        assert ("F001", path) in {(fault.code, fault.file) for fault in report.faults}

    @pytest.mark.parametrize("make", NO_FILES)
    def test_the_ledger_and_the_search_are_refused(self, make: Callable[[Path], None], tmp_path: Path) -> None:
        (tmp_path / "screening").mkdir()
        make(tmp_path / "claims.yaml")
        make(tmp_path / SEARCH_FILE)
        for read, file in ((read_ledger, "claims.yaml"), (read_search, SEARCH_FILE)):
            with in_time(), pytest.raises(ExplainedError) as caught:
                read(tmp_path)
            explained(caught.value.faults, file)

    @pytest.mark.parametrize("make", NO_FILES)
    def test_a_template_is_refused(self, make: Callable[[Path], None], tmp_path: Path) -> None:
        make(tmp_path / "x.ipynb")
        with in_time(), pytest.raises(ExplainedError, match="cannot be used"):
            read_parameters(tmp_path / "x.ipynb")

    @pytest.mark.parametrize("make", NO_FILES)
    def test_an_error_of_the_system_says_why(self, make: Callable[[Path], None], tmp_path: Path) -> None:
        make(tmp_path / "x")
        with in_time(), pytest.raises(OSError) as caught:  # noqa: PT011
            read_plain_file(tmp_path / "x")
        assert caught.value.strerror

    def test_a_file_at_the_limit_is_read_and_one_beyond_it_is_not(self, tmp_path: Path) -> None:
        (tmp_path / "x").write_bytes(b"12345")
        assert read_plain_file(tmp_path / "x", 5) == b"12345"
        with pytest.raises(OSError, match="larger") as caught:
            read_plain_file(tmp_path / "x", 4)
        assert caught.value.errno == errno.EFBIG

    @pytest.mark.parametrize("root", ["~nobody-of-this-name", "x" * 300, "/dev/null", "loop"])
    def test_a_root_that_cannot_be_is_explained(
        self, root: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _loop(tmp_path / "loop")
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("KRATOM_EVIDENCE_ROOT", root)
        with pytest.raises(ExplainedError, match="KRATOM_EVIDENCE_ROOT"):
            find_project()


class TestJson:
    @pytest.mark.parametrize(
        "text",
        [
            "[" * 100_000,
            '{"a":' * 100_000,
            "[" * (DEEPEST_NESTING + 1) + "]" * (DEEPEST_NESTING + 1),
            "[" + "9" * 5_000 + "]",
            "[NaN]",
            "[-Infinity]",
            "[1e999]",
            '[{"id": "a", "id": "b"}]',
            '[{"id": "a", "\\u0069d": "b"}]',
            '["\\ud800"]',
            '["\ud800"]',
            "\x00",
            "",
        ],
    )
    def test_what_is_not_read_in_one_way_is_refused(self, text: str, tmp_path: Path) -> None:
        path = tmp_path / "sources.json"
        path.write_bytes(text.encode(errors="surrogatepass"))
        with in_time():
            _, faults = read_csl_json(path, "sources.json")
        explained(faults, "sources.json")
        (tmp_path / "datapackage.json").write_bytes(path.read_bytes())
        with in_time(), pytest.raises(ExplainedError) as caught:
            read_codebook(tmp_path)
        explained(caught.value.faults, "datapackage.json")

    def test_brackets_inside_texts_are_no_nesting(self) -> None:
        text = json.dumps(['"[' * 100, "\\", "{" * 100])
        assert parse_json(text.encode()) == ['"[' * 100, "\\", "{" * 100]

    @pytest.mark.parametrize("document", [{}, [[]], "x", 1, None, [1], [None], [["id", "a"]], [{"id": ["a"]}]])
    def test_a_bibliography_of_another_shape_is_refused(self, document: Any, tmp_path: Path) -> None:
        path = tmp_path / "sources.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        _, faults = read_csl_json(path, "sources.json")
        explained(faults, "sources.json")

    @pytest.mark.parametrize(
        "change",
        [
            {"id": "../../x"},
            {"id": "br\u043eoks"},
            {"title": "\u202egnp"},
            {"author": [{"family": ""}]},
            {"DOI": "javascript:alert(1)"},
            {"URL": "javascript:alert(1)"},
            {"x\u200b": 1},
            {"note": [["a\x00"]]},
        ],
    )
    def test_an_entry_that_is_not_what_it_seems_is_refused(self, change: dict[str, Any], tmp_path: Path) -> None:
        path = tmp_path / "sources.json"
        path.write_text(json.dumps([{"id": "a", "type": "book", **change}]), encoding="utf-8")
        _, faults = read_csl_json(path, "sources.json")
        explained(faults, "sources.json")
        assert {fault.row for fault in faults} == {1}

    def test_line_breaks_in_a_text_are_no_fault(self, tmp_path: Path) -> None:
        path = tmp_path / "sources.json"
        path.write_text(json.dumps([{"id": "a", "type": "book", "note": "one\r\ntwo\tthree"}]), encoding="utf-8")
        assert read_csl_json(path, "sources.json")[1] == ()


class TestPatterns:
    @pytest.mark.parametrize(
        "pattern", ["(a+)+b", "(a|a)*b", "(a?){50}b", "((a)*)*b", "(?:a|ab)+", ".*.*.*.*b", "(a)\\1", "("]
    )
    def test_a_pattern_that_could_run_for_ever_is_refused(self, pattern: str, tmp_path: Path) -> None:
        package = json.loads((PROJECT_ROOT / "data" / "datapackage.json").read_text(encoding="utf-8"))
        package["resources"][0]["schema"]["fields"][0]["constraints"]["pattern"] = pattern
        (tmp_path / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
        with pytest.raises(ExplainedError, match="pattern"):
            read_codebook(tmp_path)

    @pytest.mark.parametrize(
        "pattern", ["[a-z][a-z0-9_]*(-[0-9]+)?", "10\\.[0-9]{4,9}/\\S+", "(a|b)c", "[)(+*]+", "\\(a+\\)+", "(ab){3}"]
    )
    def test_a_pattern_that_cannot_is_taken(self, pattern: str) -> None:
        assert pattern_problem(pattern) is None

    def test_the_slowest_allowed_pattern_is_quick_on_the_longest_text(self) -> None:
        read = cell_reader(Field(name="x", title="X", description="X.", pattern=".*.*.*b"))
        with in_time():
            assert read("a" * 200).problems
            assert read("a" * 9_999).problems


class TestCodebook:
    @pytest.mark.parametrize(
        ("column", "change"),
        [
            ("co_exposures", {"list": None, "itemForm": None, "itemCategories": None, "vocabulary": None}),
            ("findings_present", {"list": "plain"}),
            ("confounders", {"list": None, "vocabulary": None}),
            ("temp_max_c", {"type": "string", "constraints": None}),
        ],
    )
    def test_a_column_that_became_something_else_is_not_counted(
        self, column: str, change: dict[str, Any], data_copy: Path
    ) -> None:
        path = data_copy / "datapackage.json"
        package = json.loads(path.read_text(encoding="utf-8"))
        field = next(field for field in package["resources"][0]["schema"]["fields"] if field["name"] == column)
        for key, value in change.items():
            if value is None:
                field.pop(key, None)
            else:
                field[key] = value
        path.write_text(json.dumps(package), encoding="utf-8")
        with pytest.raises(ExplainedError, match=f"case_reports, {column}"):
            load(data_copy)

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ('"required": true', '"required": "true"'),
            ('"required": true', '"requried": true'),
            ('"constraints":', '"constraint":'),
            ('"maxLength": 40', '"maxLength": "40"'),
            ('"minimum": ', '"minimum": null, "x": '),
            ('"list": "three_state"', '"lists": "three_state"'),
            ('"path": "case_reports.csv"', '"path": "../case_reports.csv"'),
            ('"path": "case_reports.csv"', '"path": "a\\u0000.csv"'),
            ('"path": "case_reports.csv"', '"path": "sources.json"'),
        ],
    )
    def test_a_rule_that_would_be_lost_is_refused(self, old: str, new: str, tmp_path: Path) -> None:
        text = (PROJECT_ROOT / "data" / "datapackage.json").read_text(encoding="utf-8")
        assert old in text
        (tmp_path / "datapackage.json").write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(ExplainedError) as caught:
            read_codebook(tmp_path)
        explained(caught.value.faults, "datapackage.json")


class TestYaml:
    @pytest.mark.parametrize(
        "text",
        [
            LAUGHS,
            "[" * 100_000,
            "{a: " * 100_000,
            "- " * 50_000,
            "claims: &a [*a]",
            "claims: !!python/object/apply:os.system [ls]",
            "!!set {a}",
            "claims:\n\t- id: C01",
            "? [a, b]\n: x",
            "claims: 1\nclaims: 2",
            "claims:\n  - {id: C01, id: C02}",
            "<<: {claims: [a]}",
            "claims: [" + "9" * 5_000 + "]",
            "claims: [.nan]",
            "claims: ['\\0']\n---\nclaims: []",
            "\x00",
            'claims: ["\\ud800"]',
            "",
        ],
    )
    def test_a_bomb_is_refused(self, text: str, tmp_path: Path) -> None:
        (tmp_path / "screening").mkdir()
        for file in ("claims.yaml", SEARCH_FILE):
            (tmp_path / file).write_bytes(text.encode(errors="surrogatepass"))
        for read, file in ((read_ledger, "claims.yaml"), (read_search, SEARCH_FILE)):
            with in_time(), pytest.raises(ExplainedError) as caught:
                read(tmp_path)
            explained(caught.value.faults, file)
        with in_time(), pytest.raises(ExplainedError) as caught:
            read_case_file(text.encode(errors="surrogatepass"), "case.yaml")
        explained(caught.value.faults, "case.yaml")

    @pytest.mark.parametrize("written", ["010", "0x1F", "1:30", "1_000", "1.0e+2", ".inf", "+3"])
    def test_a_number_that_yaml_reads_as_another_is_refused(self, written: str, tmp_path: Path) -> None:
        whole = (PROJECT_ROOT / "data" / "claims.yaml").read_text(encoding="utf-8")
        assert "at_most: 0.1\n" in whole
        (tmp_path / "claims.yaml").write_text(
            whole.replace("at_most: 0.1\n", f"at_most: {written}\n"), encoding="utf-8"
        )
        with pytest.raises(ExplainedError) as caught:
            read_ledger(tmp_path)
        explained(caught.value.faults, "claims.yaml")
        line = whole[: whole.index("at_most: 0.1\n")].count("\n") + 1
        assert [fault.row for fault in caught.value.faults] == [line]


class TestTables:
    @pytest.mark.parametrize(
        "content",
        [
            b"case_id\n" + b"x" * 10_000_000,
            b'case_id\n"' + b"a,b\n" * 2_000_000,
            b"case_id," * 100_000 + b"\n",
            (",".join(f"column{number}" for number in range(100_000)) + "\n").encode(),
            b"case_id\n" + b"\n" * 1_000_000,
            b"case_id\n" + b"\n" * 200_000 + b'a,b"\n' + b"\n" * 100_000,
            b"case_id\n" + b"a\x00b\n" * 1_000,
            "case_id\nb\u0440ooks\n".encode(),
            b"case_id\n\xff\xfe",
            b"\x00" * 1_000_000,
            b'"' * 5_000_001,
            b"," * 5_000_000,
            b"case_id\n" + b"a," * 2_000_000,
            b"\xef\xbb\xbf" * 3,
            b"",
        ],
        ids=range(15),
    )
    def test_a_monster_is_refused_in_time(self, content: bytes) -> None:
        with in_time():
            reading = read_table(CASES, read_csv_text(content, CASES.path), lambda _: None)
        explained(reading.faults, CASES.path)

    @pytest.mark.parametrize(
        "case_id",
        ["../../x", "CON", "a/b", ".", "a" * 300, "br\u043eoks2023", "brooks2023\u200bx", "\u202ex", "a\x00", "<b>"],
    )
    def test_an_id_that_looks_like_another_or_leads_elsewhere_is_refused(self, case_id: str) -> None:
        read = cell_reader(CASES.field("case_id"))
        assert read("brooks2023").problems == ()
        assert read(case_id).problems


class TestParameters:
    DECLARED: Mapping[str, Parameter] = {
        "whole": Parameter(name="whole", default=1),
        "number": Parameter(name="number", default=0.5),
        "text": Parameter(name="text", default="x"),
        "flag": Parameter(name="flag", default=True),
    }

    @pytest.mark.parametrize(
        "text",
        [
            "whole=1_000",
            "whole= 1",
            "whole=\u0661",
            "whole=\uff11",
            "whole=" + "9" * 5_000,
            "whole=1.0",
            "whole=1e3",
            "whole=",
            "number=nan",
            "number=inf",
            "number=1e400",
            "number=1_0",
            "number=0x1",
            "number=\u0661",
            "number= 1",
            "number=.",
            "number=" + "9" * 5_000,
            "flag=1",
            "flag=",
            "text=a\x00",
            "text=\u202ex",
            "text=\ud800",
            "text=a\nb",
            "\x00=1",
            "=",
            "",
            "x" * 100_000,
            "Whole=1",
            "whole\u200b=1",
        ],
    )
    def test_a_value_that_is_not_what_it_seems_is_refused(self, text: str) -> None:
        with pytest.raises(UsageError) as caught:
            read_assignments([text], self.DECLARED, reserved={}, choices={})
        assert len(str(caught.value)) < 1_000

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("whole=-7", -7),
            ("number=.5", 0.5),
            ("number=1e-3", 0.001),
            ("number=2", 2.0),
            ("text=a b", "a b"),
            ("text=", ""),
        ],
    )
    def test_a_plain_value_is_taken(self, text: str, value: Any) -> None:
        assert list(read_assignments([text], self.DECLARED, reserved={}, choices={}).values()) == [value]

    @pytest.mark.parametrize(
        "source",
        [
            "x = " + "(" * 5_000,
            "x = " + "-" * 50_000 + "1",
            "x = '\x00'",
            "x = {[]: 1}",
            "x = 1e999",
            ["x = ", 1],
            5,
            "x = '\ud800'",
            "x = 9" + "9" * 5_000,
        ],
        ids=range(9),
    )
    def test_a_parameters_cell_that_is_none_is_refused(self, source: Any, tmp_path: Path) -> None:
        notebook = {"cells": [{"metadata": {"tags": ["parameters"]}, "source": source}]}
        (tmp_path / "x.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
        with in_time(), pytest.raises(ExplainedError, match="cannot be used"):
            read_parameters(tmp_path / "x.ipynb")

    def test_a_notebook_nested_without_end_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "x.ipynb").write_text('{"cells": ' + "[" * 100_000, encoding="utf-8")
        with pytest.raises(ExplainedError, match="cannot be used"):
            read_parameters(tmp_path / "x.ipynb")
