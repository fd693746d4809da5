"""The case file: what is written is what is read, every trap of YAML is named with its line, and nothing explodes."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from kratom_evidence.adding.case_file import LARGEST_FILE, read_case_file
from kratom_evidence.adding.entry import CaseEntry
from kratom_evidence.adding.template import template_text
from kratom_evidence.curation.new_case import NewCase
from kratom_evidence.faults import ExplainedError, Fault
from tests.new_cases import new_case


def case_of(text: str) -> dict[str, str]:
    return dict(read_case_file(text.encode(), "case.yaml").new.case)


def faults_of(content: str | bytes) -> tuple[Fault, ...]:
    with pytest.raises(ExplainedError) as caught:
        read_case_file(content.encode() if isinstance(content, str) else content, "case.yaml")
    return tuple(caught.value.faults)


class TestTexts:
    @pytest.mark.parametrize(
        ("written", "read"),
        [
            ("no", "no"),
            ("NO", "NO"),
            ("1:30", "1:30"),
            ("2026-01-01", "2026-01-01"),
            ("0x1F", "0x1F"),
            ("010", "010"),
            ("1e3", "1e3"),
            (".5", ".5"),
            ("off", "off"),
            ("none", "none"),
            ('"null"', "null"),
            ("a  long\n    text", "a long text"),
            ("|\n    two\n    lines", "two lines"),
            ("[tremor, clonus]", "tremor; clonus"),
            ("\n    - tremor\n    - clonus", "tremor; clonus"),
            ("tremor; clonus", "tremor; clonus"),
            ('"sertraline [prescribed, past: 5 mg]"', "sertraline [prescribed, past: 5 mg]"),
        ],
    )
    def test_every_scalar_is_the_text_that_was_written(self, written: str, read: str) -> None:
        assert case_of(f"case:\n  notes: {written}\n") == {"notes": read}

    @pytest.mark.parametrize("written", ["", "~", "null", "''"])
    def test_empty_means_not_stated(self, written: str) -> None:
        assert case_of(f"case:\n  conditions: {written}\n") == {}

    @given(text=st.text(st.characters(exclude_categories=("Cs", "Cc", "Cf", "Zl", "Zp")), min_size=1, max_size=40))
    @settings(max_examples=60)
    def test_any_text_survives(self, text: str) -> None:
        content = yaml.safe_dump({"case": {"notes": text}}, allow_unicode=True)
        expected = " ".join(text.split())
        assert case_of(content) == ({"notes": expected} if expected else {})


class TestFaults:
    @pytest.mark.parametrize(
        ("text", "line", "words"),
        [
            ("case:\n  age_years: 4\n  age_years: 5\n", 3, "line 2"),
            ("case:\n  a: &x 1\n  b: *x\n", 2, "aliases"),
            ("case:\n  a: !!python/object/apply:os.system [ls]\n", 2, "Tags"),
            ("case: !x\n  a: 1\n", 1, "Tags"),
            ("case:\n  co_exposures: sertraline [prescribed, past: 5 mg]\n", 2, "quotation marks"),
            ("case:\n  co_exposures:\n    - sertraline [prescribed, past: 5 mg]\n", 3, "quotation marks"),
            ("case:\n  co_exposures: [sertraline [prescribed, past]]\n", 2, "line is not YAML"),
            ("case:\n  conditions: []\n", 2, "none"),
            ("case:\n  conditions: [a, ]\n  notes: [a, '']\n", 3, "empty"),
            ("case:\n  notes: see # 3\n", 2, "comment"),
            ("cases:\n  sex: male\n", 1, "Did you mean 'case'"),
            ("same_publication: perhaps\n", 1, "yes or no"),
            ("case: [1, 2]\n", 1, "mapping"),
            ("- 1\n", 1, "mapping"),
            ("case:\n  ? [a]\n  : b\n", 2, "must be a text"),
            ("case:\n\tsex: male\n", 2, "not YAML"),
            ("a: 1\n---\nb: 2\n", 3, "second document"),
            ("case:\n  a: [[[[[[[1]]]]]]]\n", 2, "too deeply"),
        ],
    )
    def test_each_is_named_with_its_line(self, text: str, line: int, words: str) -> None:
        fault, *_ = faults_of(text)
        assert fault.row == line and fault.file == "case.yaml"
        assert words in str(fault)

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"\xff\xfec\x00a\x00",
            b"case:\n  notes: caf\xe9\n",
            b"case: \x00\n",
            b"{" * 100_000,
            b"x" * (LARGEST_FILE + 1),
        ],
    )
    def test_what_is_no_such_file_is_explained(self, content: bytes) -> None:
        assert faults_of(content)

    def test_a_bomb_of_aliases_is_refused_at_once(self) -> None:
        lines = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40))]
        assert "alias" in str(faults_of("\n".join(lines))[0])

    def test_faults_of_answers_are_placed_in_the_file(self, project_root: Path) -> None:
        file = read_case_file(b"case:\n  source_access: abstract\n  sex: maile\n", "case.yaml")
        faults = [file.located(fault) for fault in CaseEntry(data=project_root / "data").check(file.new)]
        (sex,) = [fault for fault in faults if fault.column == "case: sex"]
        assert (sex.file, sex.row, sex.nearest) == ("case.yaml", 3, "male")

    @given(content=st.binary(max_size=200) | st.text("ab:-[]{}&*!#'\"|>%@` \n\t", max_size=80).map(str.encode))
    @settings(max_examples=150)
    def test_no_content_causes_anything_but_an_explanation(self, content: bytes) -> None:
        with suppress(ExplainedError):
            read_case_file(content, "case.yaml")


class TestTemplate:
    def test_it_names_every_column_and_every_allowed_value(self, project_root: Path) -> None:
        door = CaseEntry(data=project_root / "data")
        text = template_text(door.groups)
        asked = yaml.safe_load(text)
        columns = [field.name for field in door.readings.codebook.table("case_reports").fields]
        assert sorted([*asked["case"], "case_id", "citekey"]) == sorted(columns)
        for field in door.readings.codebook.table("case_reports").fields:
            for category in field.categories:
                assert f"#     {category.value}" in text
        assert all(len(line) <= 120 for line in text.splitlines())

    def test_as_it_is_it_says_nothing(self, project_root: Path) -> None:
        text = template_text(CaseEntry(data=project_root / "data").groups)
        assert read_case_file(text.encode(), "case.yaml").new == NewCase()

    def test_filled_in_it_gives_the_answers_back(self, project_root: Path) -> None:
        door = CaseEntry(data=project_root / "data")
        awkward = new_case(notes='He said "no": see # 3 [and] more; ünïcode — too')
        for new in (awkward, NewCase(case={"conditions": "none"}, same_publication=True)):
            text = template_text(door.groups, new)
            assert read_case_file(text.encode(), "case.yaml").new == new

    def test_a_second_extraction_has_its_own_columns(self, project_root: Path) -> None:
        door = CaseEntry(data=project_root / "data", second_of="afzal2020")
        asked: dict[str, Any] = yaml.safe_load(template_text(door.groups))
        header = (project_root / "data" / "extraction" / "second.csv").read_text(encoding="utf-8").split("\n")[0]
        assert list(asked) == ["case"]
        assert sorted(asked["case"]) == sorted(header.split(",")[1:])
