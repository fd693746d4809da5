"""The command `kratom-evidence diff`, against a git repository and against folders, with changes made by hand."""

import contextlib
import csv
import io
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from nbconvert.filters import markdown2html

from kratom_evidence.cli import main
from kratom_evidence.cli.diff import json_form
from kratom_evidence.cli.diff_markdown import escaped, markdown_form
from kratom_evidence.cli.diff_sides import Place, Role, compare
from kratom_evidence.cli.diff_text import text_form
from kratom_evidence.cli.diff_words import differing_parts
from kratom_evidence.project import data_fingerprint
from tests.editing import Csv, edit_json
from tests.test_claims_verdicts import CLEAN_CASE, append_case
from tests.test_curation_changes import without_column

CASES = "case_reports.csv"
ROLES: tuple[Role, Role] = ("base", "working")
NOTHING = "No case changed. No verdict moved. No number moved. No other table changed."
HOSTILE = "a | b <script>alert(1)</script> `code` ``more`` **bold** _it_ [x](https://e.example) @user #1 ~no~ \\| &amp;"


def git(folder: Path, *arguments: str) -> None:
    nobody = {f"GIT_{role}_{what}": "x@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(
        ["git", "-C", str(folder), *arguments], check=True, capture_output=True, env={**os.environ, **nobody, **quiet}
    )


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory, project_root: Path) -> Path:
    """A repository: a first commit without data, tagged `empty`; then the data, on the branches main and curation."""
    root = tmp_path_factory.mktemp("checkout")
    git(root, "init", "-q", "-b", "main")
    git(root, "commit", "-q", "--allow-empty", "-m", "Begin")
    git(root, "tag", "empty")
    shutil.copytree(project_root / "data", root / "data")
    git(root, "add", "data")
    git(root, "commit", "-q", "-m", "Add the data")
    git(root, "branch", "curation/new_cases")
    return root


@pytest.fixture
def working(checkout: Path, project_root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The data of the checkout, to be changed; put right again afterwards. The checkout is the current folder."""
    monkeypatch.delenv("KRATOM_EVIDENCE_ROOT", raising=False)
    monkeypatch.chdir(checkout)
    yield checkout / "data"
    shutil.rmtree(checkout / "data")
    shutil.copytree(project_root / "data", checkout / "data")


def answer(*arguments: str) -> str:
    """What the command prints when it ends with 0."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        assert main(["diff", *arguments]) == 0
    return printed.getvalue()


def one_line(text: str) -> str:
    """The text without its line breaks."""
    return " ".join(text.split())


def json_answer(*arguments: str) -> Any:
    return json.loads(answer(*arguments, "--format", "json"))


def row_of(table: Csv, case_id: str) -> int:
    return table.row_where(lambda row: row["case_id"] == case_id)


class TestGit:
    @pytest.mark.usefixtures("working")
    def test_nothing_changed_is_said(self) -> None:
        printed = one_line(answer())
        assert f"{NOTHING} The ledger (claims.yaml) says the same." in printed
        assert "The files differ" not in printed
        assert printed.startswith("Base: HEAD (") and "Working: data," in printed

    @pytest.mark.usefixtures("working")
    def test_it_works_inside_a_hook(self, checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GIT_DIR", str(checkout / ".git"))
        assert NOTHING in one_line(answer())

    def test_a_clean_case_moves_two_verdicts_and_its_removal_moves_them_back(self, working: Path) -> None:
        before = (working / CASES).read_bytes()
        append_case(working, **CLEAN_CASE)
        there = json_answer("HEAD")
        moved = {change["claim"]: change for change in there["claims"]["changes"] if change["verdict_moved"]}
        assert {claim: (c["old"]["verdict"], c["new"]["verdict"]) for claim, c in moved.items()} == {
            "C13": ("not_supported", "contradicted"),
            "C21": ("supported", "not_supported"),
        }
        assert moved["C13"]["cases_added"] == [CLEAN_CASE["case_id"]]
        assert moved["C21"]["old"]["summary"] != moved["C21"]["new"]["summary"]
        assert [record["case_id"] for record in there["cases"]["added"]] == [CLEAN_CASE["case_id"]]
        table = Csv(working / CASES)
        table.rows.remove(table.rows[row_of(table, CLEAN_CASE["case_id"]) - 2])
        table.save()
        assert (working / CASES).read_bytes() == before
        back = json_answer("HEAD")
        assert back["same_files"] is True
        assert back["cases"] == {"added": [], "removed": [], "changed": []}
        assert back["claims"]["changes"] == back["tables"] == []

    def test_the_checkout_and_its_index_are_left_alone(self, working: Path, checkout: Path) -> None:
        append_case(working, **CLEAN_CASE)
        before = {path: path.read_bytes() for path in checkout.rglob("*") if path.is_file()}
        answer("curation/new_cases")
        assert {path: path.read_bytes() for path in checkout.rglob("*") if path.is_file()} == before

    @pytest.mark.parametrize(
        ("revision", "near"), [("mian", "main"), ("curation/new_case", "curation/new_cases"), ("emtpy", "empty")]
    )
    @pytest.mark.usefixtures("working")
    def test_unknown_revision_names_the_nearest(
        self, capsys: pytest.CaptureFixture[str], revision: str, near: str
    ) -> None:
        assert main(["diff", revision]) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert f"{revision!r} is neither a revision" in printed.err and f"Did you mean {near!r}?" in printed.err

    @pytest.mark.parametrize("revision", ["--output=stolen", "HEAD:data", "", "nothing like it at all", "a\nb"])
    def test_what_is_no_commit_is_refused_and_does_nothing(
        self, working: Path, capsys: pytest.CaptureFixture[str], revision: str
    ) -> None:
        assert main(["diff", "--", revision]) == 2
        assert "neither a revision" in capsys.readouterr().err
        assert not list(working.parent.rglob("stolen"))

    @pytest.mark.usefixtures("working")
    def test_revision_without_data_is_explained(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["diff", "empty"]) == 1
        error = capsys.readouterr().err
        assert "Revision empty (" in error and "has no folder data/" in error

    def test_links_of_a_revision_are_not_followed(
        self, working: Path, checkout: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        elsewhere = tmp_path / "secret.csv"
        shutil.copy(working / CASES, elsewhere)
        (working / CASES).unlink()
        (working / CASES).symlink_to(elsewhere)
        git(checkout, "checkout", "-q", "-b", "linked")
        git(checkout, "commit", "-q", "-a", "-m", "Link")
        git(checkout, "checkout", "-q", "main")
        assert main(["diff", "linked"]) == 1
        error = capsys.readouterr().err
        assert "The base, linked (" in error and "F001 case_reports.csv: The file is missing." in error

    def test_outside_git_a_folder_is_asked_for(
        self, data_copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(data_copy.parent.parent))
        assert main(["diff", "--data", str(data_copy)]) == 2
        error = capsys.readouterr().err
        assert "does not lie in a git checkout" in error and "Name another data folder as BASE" in error

    def test_repository_without_a_commit(self, data_copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
        git(data_copy.parent, "init", "-q")
        assert main(["diff", "--data", str(data_copy)]) == 2
        assert "has no commit yet" in capsys.readouterr().err

    @pytest.mark.usefixtures("working")
    def test_without_git_it_says_so(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        monkeypatch.setenv("PATH", "")
        assert main(["diff"]) == 1
        assert "git was not found" in capsys.readouterr().err


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory, project_root: Path) -> tuple[Path, dict[str, str]]:
    """A base and a changed copy beside it, and the answers about them in every form."""
    root = tmp_path_factory.mktemp("rich")
    base, changed = (shutil.copytree(project_root / "data", root / name) for name in ("base", "changed"))
    table = Csv(changed / CASES)
    for case_id, column, text in (
        ("abdullah2019", "age_years", ""),
        ("abdullah2019", "co_exposures", ""),
        ("afzal2020", "co_exposures", "none"),
        ("afzal2020", "notes", HOSTILE),
        ("aggarwal2018", "age_text", "none"),
    ):
        table.set(row_of(table, case_id), column, text)
    row = row_of(table, "allison2022")
    first, *others = table.get(row, "findings_present").split("; ")
    table.set(row, "findings_present", "; ".join(sorted(["clonus", *others])))
    gone = table.rows.pop()[0]
    table.save()
    for name in ("first", "second", "adjudication"):
        extraction = Csv(changed / "extraction" / f"{name}.csv")
        extraction.rows = [cells for cells in extraction.rows if cells[extraction.column("case_id")] != gone]
        extraction.save()
    edit_json(changed / "sources.json", lambda entries: entries.append({"id": "zz2026", "type": "report"}))
    arguments = (str(base), "--data", str(changed))
    forms = {form: answer(*arguments, "--format", form) for form in ("text", "json", "markdown")}
    return root, {**forms, "first": first, "gone": gone}


class TestForms:
    def test_each_state_of_a_cell_is_written_as_such(self, rich: tuple[Path, dict[str, str]]) -> None:
        lines = [line.strip() for line in rich[1]["text"].splitlines()]
        assert "age_years: 35 → not stated" in lines
        assert "co_exposures: none → not stated" in lines
        assert any(line.startswith("co_exposures: hypnotic") and line.endswith("→ none") for line in lines)
        assert "age_text: not stated → “none”" in lines, "a text that reads like a state is quoted"
        assert f"findings_present: − {rich[1]['first']}; + clonus" in lines
        assert f"{rich[1]['gone']} (removed)" in lines

    def test_json_has_the_documented_form(self, rich: tuple[Path, dict[str, str]]) -> None:
        report = json.loads(rich[1]["json"])
        assert set(report) == {"base", "working", "summary", "same_files", "cases", "tables", "claims"}
        side_keys = {"name", "commit", "data_version", "fingerprint", "columns_put_in"}
        assert set(report["base"]) == set(report["working"]) == side_keys
        assert report["base"]["commit"] is None and report["same_files"] is False
        assert report["working"]["fingerprint"] == data_fingerprint(rich[0] / "changed")
        assert set(report["cases"]) == {"added", "removed", "changed"}
        changed = {case["case_id"]: {f["field"]: f for f in case["fields"]} for case in report["cases"]["changed"]}
        assert set(changed) == {"abdullah2019", "afzal2020", "aggarwal2018", "allison2022"}
        field = changed["abdullah2019"]["co_exposures"]
        assert set(field) == {"field", "old", "new", "added", "removed"}
        assert field["old"] == {"state": "none", "value": None}
        assert field["new"] == {"state": "not_stated", "value": None}
        assert field["added"] is None
        assert changed["abdullah2019"]["age_years"]["old"] == {"state": "stated", "value": 35}
        assert changed["afzal2020"]["notes"]["new"]["value"] == HOSTILE
        assert changed["allison2022"]["findings_present"]["added"] == ["clonus"]
        (table,) = [entry for entry in report["tables"] if entry["name"] == "sources"]
        assert table["added"] == ["zz2026"] and table["changed"] == []
        assert set(table) == {
            "name", "file", "rows_old", "rows_new", "columns_added", "columns_removed", "described_anew", "rows_added",
            "rows_removed", "added", "removed", "changed",
        }  # fmt: skip
        claims = report["claims"]
        assert set(claims) == {"compared", "verdicts_moved", "only_numbers_moved", "ledger_changed", "changes"}
        for change in claims["changes"]:
            assert set(change) == {
                "claim", "change", "statement", "old", "new", "verdict_moved", "numbers_moved", "ledger_fields",
                "cases_added", "cases_removed", "tests",
            }  # fmt: skip
            for test in change["tests"]:
                assert set(test) == {"test", "decides", "old", "new"}
                assert set(test["old"]) == {"verdict", "sentence", "counts"}

    def test_numbers_that_moved_are_those_of_the_csv(self, rich: tuple[Path, dict[str, str]]) -> None:
        report = json.loads(rich[1]["json"])
        (change,) = [change for change in report["claims"]["changes"] if change["claim"] == "C17"]
        (test,) = [test for test in change["tests"] if test["decides"]]
        for side, folder in (("old", "base"), ("new", "changed")):
            with (rich[0] / folder / CASES).open(encoding="utf-8", newline="") as file:
                stated = [row["ss_assessment"] for row in csv.DictReader(file)]
            (counts,) = test[side]["counts"].values()
            assert counts["not_stated"] == stated.count("not_mentioned")
            assert counts["yes"] == stated.count("diagnosed") + stated.count("suspected")

    def test_markdown_shows_hostile_text_as_it_is(self, rich: tuple[Path, dict[str, str]]) -> None:
        document = rich[1]["markdown"]
        assert "<script>" not in document
        page = BeautifulSoup(markdown2html(document), "html.parser")
        (heading,) = [heading for heading in page.find_all("h3") if heading.get_text().startswith("Cases changed")]
        table = heading.find_next("table")
        assert table is not None
        assert not table.find_all(["script", "a", "code", "strong", "del"])
        rows = [[cell.get_text() for cell in row.find_all("td")] for row in table.find_all("tr")]
        assert {len(row) for row in rows[1:]} == {3}, "no text of the data opens another cell"
        (notes,) = [row[2] for row in rows[1:] if row[:2] == ["afzal2020", "notes"]]
        assert HOSTILE in notes
        assert ["abdullah2019", "co_exposures", "none → not stated"] in rows
        states = [mark.get_text() for row in table.find_all("tr") for mark in row.find_all("em")]
        assert sorted(states) == ["none", "none", "not stated", "not stated", "not stated"]

    def test_the_same_question_gets_the_same_answer(self, rich: tuple[Path, dict[str, str]]) -> None:
        again = answer(str(rich[0] / "base"), "--data", str(rich[0] / "changed"), "--format", "json")
        assert again == rich[1]["json"]

    def test_every_form_says_what_did_not_change(self, project_root: Path) -> None:
        same = [Place(role=role, name="data", data=project_root / "data") for role in ROLES]
        comparison = compare(same[0], same[1])
        assert NOTHING in one_line(text_form(comparison))
        assert NOTHING in markdown_form(comparison)
        assert NOTHING in " ".join(json.loads(json_form(comparison))["summary"])


@pytest.mark.parametrize(
    "text", [HOSTILE, "| --- |", "<!-- -->", "&lt;b&gt;", "www.example.org", "ss_assessment", "$x$", "*" * 5, "# h"]
)
def test_escaped_text_comes_out_of_markdown_unchanged(text: str) -> None:
    page = BeautifulSoup(markdown2html(f"| a | b |\n| --- | --- |\n| {escaped(text)} | z |\n"), "html.parser")
    cells = page.find_all("td")
    assert [cell.get_text() for cell in cells] == [text, "z"]
    assert cells[0].find(True) is None, "no element was made of the text"


def test_mentions_and_references_do_not_reach_github_whole() -> None:
    assert "@user" not in escaped("@user") and "#1" not in escaped("#1") and "://" not in escaped("https://e.example")


def test_long_texts_are_shown_where_they_differ() -> None:
    old, new = "x" * 200 + "old" + "y" * 200, "x" * 200 + "newer" + "y" * 200
    for part, core in zip(differing_parts(old, new), ("old", "newer"), strict=True):
        assert part == f"…{'x' * 30}{core}{'y' * 30}…"
    assert differing_parts("aa", "a") == ("aa", "a")


class TestLedger:
    def test_changed_added_and_removed_statements_are_told(self, data_copy: Path, project_root: Path) -> None:
        path = data_copy / "claims.yaml"
        text = path.read_text(encoding="utf-8")
        head, last = text[: text.index("  - id: C24")], text[text.index("  - id: C24") :]
        changed = head.replace("upper_bound_at_most: 0.05", "upper_bound_at_most: 0.06")
        assert changed != head
        path.write_text("# A comment moves every line.\n" + changed + last.replace("C24", "C25"), encoding="utf-8")
        arguments = (str(project_root / "data"), "--data", str(data_copy))
        claims = json_answer(*arguments)["claims"]
        assert [(c["claim"], c["change"], c["ledger_fields"]) for c in claims["changes"]] == [
            ("C23", "changed", ["tests"]),
            ("C25", "added", []),
            ("C24", "removed", []),
        ]
        assert claims["verdicts_moved"] == [] and claims["compared"] == text.count("- id: C") - 1
        printed = one_line(answer(*arguments))
        assert "No case changed. No verdict moved." in printed
        assert "The ledger (claims.yaml) changed for C23, C25 and C24." in printed

    def test_each_side_is_judged_by_its_own_ledger(self, data_copy: Path, project_root: Path) -> None:
        path = data_copy / "claims.yaml"
        text = path.read_text(encoding="utf-8")
        block = text[text.index("  - id: C19") : text.index("  - id: C20")]
        strict = block.replace("at_most: 5", "at_most: 1")
        assert strict != block
        path.write_text(text.replace(block, strict), encoding="utf-8")
        (change,) = json_answer(str(project_root / "data"), "--data", str(data_copy))["claims"]["changes"]
        assert (change["claim"], change["ledger_fields"], change["numbers_moved"]) == ("C19", ["tests"], False)
        assert (change["old"]["verdict"], change["new"]["verdict"]) == ("supported_with_limits", "contradicted")


class TestOtherCodebooks:
    def test_a_column_that_the_base_lacks_is_not_stated_there(self, data_copy: Path, project_root: Path) -> None:
        without_column(data_copy, "case_reports", "mitragynine_detected_in")
        report = json_answer(str(data_copy), "--data", str(project_root / "data"))
        assert report["base"]["columns_put_in"] == [{"file": CASES, "column": "mitragynine_detected_in"}]
        with (project_root / "data" / CASES).open(encoding="utf-8", newline="") as file:
            stated = [row["case_id"] for row in csv.DictReader(file) if row["mitragynine_detected_in"]]
        assert [case["case_id"] for case in report["cases"]["changed"]] == stated
        assert all(case["fields"][0]["old"]["state"] == "no_column" for case in report["cases"]["changed"])
        (table,) = report["tables"]
        assert table["columns_added"] == ["mitragynine_detected_in"]
        printed = one_line(answer(str(data_copy), "--data", str(project_root / "data")))
        assert "no such column → " in printed
        assert "has no column mitragynine_detected_in (case_reports.csv)" in printed

    def test_a_base_that_cannot_be_judged_without_its_column_is_explained(
        self, data_copy: Path, project_root: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        without_column(data_copy, "substances", "serotonergic")
        assert main(["diff", str(data_copy), "--data", str(project_root / "data")]) == 1
        printed = capsys.readouterr()
        assert printed.out == ""
        assert "The base," in printed.err and "serotonergic (vocabulary/substances.csv)" in printed.err


class TestFaults:
    def test_both_sides_and_all_their_faults_are_named(
        self, tmp_path: Path, project_root: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        base, changed = (shutil.copytree(project_root / "data", tmp_path / name) for name in ("base", "changed"))
        for folder, text in ((base, "diagnosd"), (changed, "\x1b[31msuspekted")):
            table = Csv(folder / CASES)
            table.set(9, "ss_assessment", text)
            table.set(10, "sex", "mael")
            table.save()
        (changed / "claims.yaml").write_text("claims: [", encoding="utf-8")
        assert main(["diff", str(base), "--data", str(changed)]) == 1
        printed = capsys.readouterr()
        assert printed.out == "" and "\x1b" not in printed.err and "Traceback" not in printed.err
        of_base, of_working = printed.err.split("The working side, ")
        assert f"The base, {base}, cannot be loaded: 2 faults." in of_base
        assert "diagnosd" in of_base and "mael" in of_base
        assert of_working.startswith(f"{changed}, cannot be loaded: 3 faults.")
        assert "suspekted" in of_working and "mael" in of_working and "claims.yaml" in of_working

    def test_a_key_that_stands_twice_is_explained(
        self, data_copy: Path, project_root: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        table = Csv(data_copy / CASES)
        table.rows.append(table.rows[0])
        table.save()
        assert main(["diff", str(project_root / "data"), "--data", str(data_copy)]) == 1
        assert "The working side," in (error := capsys.readouterr().err) and table.rows[0][0] in error

    def test_what_carries_no_data_is_still_told(self, data_copy: Path, project_root: Path) -> None:
        path = data_copy / "claims.yaml"
        path.write_text(path.read_text(encoding="utf-8") + "# A last word.\n", encoding="utf-8")
        printed = one_line(answer(str(project_root / "data"), "--data", str(data_copy)))
        assert NOTHING in printed and "The files differ only in what carries no data" in printed


class TestUsage:
    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["data", "--data", "dat"], "Did you mean 'data'?"),
            (["data", "--data", "."], "one folder further down. Did you mean 'data'?"),
            (["."], "BASE .: the data are one folder further down"),
            (["data", "--data", "data/claims.yaml"], "is a file"),
        ],
    )
    @pytest.mark.usefixtures("working")
    def test_folders_that_are_none(
        self, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
    ) -> None:
        assert main(["diff", *arguments]) == 2
        printed = capsys.readouterr()
        assert message in printed.err and printed.out == ""

    def test_unknown_format(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as caught:
            main(["diff", "--format", "xml"])
        assert caught.value.code == 2
        assert "markdown" in capsys.readouterr().err
