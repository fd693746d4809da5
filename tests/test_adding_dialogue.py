"""The dialogue, led by a script instead of a terminal: what it asks, keeps, refuses and writes."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from prompt_toolkit.input import DummyInput
from prompt_toolkit.output import DummyOutput

from kratom_evidence.adding.asking import KEYS
from kratom_evidence.adding.completion import completions
from kratom_evidence.adding.dialogue import Dialogue
from kratom_evidence.adding.draft import Draft, drafts, load_draft, new_draft, remove_draft, save_draft
from kratom_evidence.adding.entry import CaseEntry
from kratom_evidence.adding.questions import Question, by_name
from kratom_evidence.adding.terminal import Terminal
from kratom_evidence.curation import validate
from kratom_evidence.faults import ExplainedError, UsageError
from kratom_evidence.literature import Citation
from tests.new_cases import CASE, CITATION, lines_of, new_case

SKIP_ALL = {"Enter to answer": "s"}
MUST = {"Title": CITATION["title"], "What was read": "abstract", "Primary event": "seizure"} | {
    "Serotonin syndrome (authors)": "not_mentioned"
}


@dataclass
class Script:
    """Answers each prompt by the first entry whose beginning fits; a list is used up one by one."""

    replies: dict[str, Any]
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def ask(self, prompt: str, question: Question | None = None) -> str:  # noqa: ARG002
        self.asked.append(prompt)
        if len(self.asked) > 300:
            raise AssertionError(f"asked without end: {self.asked[-5:]}\n{self.said[-3:]}")
        for beginning, reply in self.replies.items():
            if prompt.strip().startswith(beginning):
                if not isinstance(reply, list):
                    return str(reply)
                if reply:
                    return str(reply.pop(0))
        return ""

    def say(self, text: str) -> None:
        self.said.append(text)

    @property
    def heard(self) -> str:
        return "\n".join(self.said)


@dataclass(frozen=True)
class Library:
    """A look-up that knows one publication, or none."""

    title: str | None = None

    def find(self, text: str) -> Citation:
        if self.title is None:
            raise ExplainedError(f"{text} could not be looked up.")
        return Citation(
            service="made up", retrieved_from="nowhere", fetched_on=datetime.now(UTC).date(), title=self.title,
            year=2026, doi="10.9999/made-up.1",
        )  # fmt: skip


def dialogue(
    data: Path, replies: dict[str, Any], *, library: Library | None = None, draft: Draft | None = None
) -> tuple[Dialogue, Script]:
    script = Script(replies)
    made = Dialogue(
        entry=CaseEntry(data=data, second_of=draft.second_of if draft else None),
        console=script,
        finder=library or Library(),
        draft=draft or new_draft(),
        save=lambda kept: None if not kept.answers else _ignored(save_draft(data, kept)),
        impact=lambda addition: f"IMPACT {addition.case_id}",
    )
    return made, script


def _ignored(draft: Draft) -> None:
    assert draft.answers


def row_of(data: Path, case_id: str, file: str = "case_reports.csv") -> dict[str, str]:
    rows: Iterable[dict[str, str]] = csv.DictReader(lines_of(data / file))
    return {name: text for name, text in next(row for row in rows if row["case_id"] == case_id).items() if text}


class TestWholeDialogue:
    def test_every_answer_reaches_the_row(self, data_copy: Path) -> None:
        door = CaseEntry(data=data_copy)
        titles = {question.field.title: question for group in door.groups for question in group.questions}
        replies = {title: CITATION.get(q.name) or CASE.get(q.name, "") for title, q in titles.items()}
        order = dict(sorted(replies.items(), key=lambda item: -len(item[0])))
        lead, script = dialogue(data_copy, {"Write": "yes", "DOI, PMID": ""} | order)
        assert lead.run() == "written"
        assert row_of(data_copy, "probe2026") == {"case_id": "probe2026", "citekey": "probe2026", **CASE}
        assert "IMPACT probe2026" in script.heard and script.said[0].endswith(KEYS)
        assert validate(data_copy).faults == ()
        assert sum("there were none" in prompt for prompt in script.asked) == sum(
            q.can_be_none and q.name not in CASE for q in titles.values()
        )

    def test_skipped_groups_still_ask_what_must_be_given(self, data_copy: Path) -> None:
        lead, script = dialogue(
            data_copy, SKIP_ALL | MUST | {"Name of": ["authors", ""], "Authors": "Probe A"} | {"Write": "yes"}
        )
        assert lead.run() == "written"
        assert row_of(data_copy, "probe") == {
            "case_id": "probe", "citekey": "probe", "source_access": "abstract", "primary_event": "seizure",
            "ss_assessment": "not_mentioned",
        }  # fmt: skip
        assert not any(prompt.startswith("Age") for prompt in script.asked)

    def test_a_wrong_answer_is_explained_and_the_offer_taken(self, data_copy: Path) -> None:
        replies = SKIP_ALL | MUST | {"Primary event": ["seizur", "="], "Name of": ["authors", "sex", ""]}
        replies |= {"Authors": "Probe A", "Sex": ["?", "maile", "=", ""], "Write": "yes"}
        lead, script = dialogue(data_copy, replies)
        assert lead.run() == "written"
        row = row_of(data_copy, "probe")
        assert (row["primary_event"], row["sex"]) == ("seizure", "male")
        assert "Did you mean 'male'?" in script.heard and "Sex of the patient as reported" in script.heard

    @pytest.mark.parametrize(("reply", "text"), [("none", "none"), ("", "")])
    def test_none_and_not_stated_are_asked_apart(self, data_copy: Path, reply: str, text: str) -> None:
        replies = SKIP_ALL | MUST | {"Name of": ["authors", "conditions", ""], "Authors": "Probe A", "Write": "yes"}
        lead, _ = dialogue(data_copy, replies | {"Does it say there were none?": reply})
        assert lead.run() == "written"
        assert row_of(data_copy, "probe").get("conditions", "") == text

    def test_back_leads_to_the_question_before(self, data_copy: Path) -> None:
        replies = MUST | {"Title": [CITATION["title"], "Another title altogether"], "Country": ":quit"}
        lead, script = dialogue(data_copy, replies | {"Authors": ["<", "Probe A"]})
        assert lead.run() == "left"
        assert script.asked.count("Authors: ") == 2
        assert lead.draft.new.citation["title"] == "Another title altogether"

    def test_what_fails_the_rules_cannot_be_written(self, data_copy: Path) -> None:
        replies = SKIP_ALL | MUST | {"Name of": ["authors", "findings_present", "findings_absent", "", ":quit"]}
        replies |= {"Authors": "Probe A", "Findings": "tremor", "Write": "yes"}
        before = (data_copy / "case_reports.csv").read_bytes()
        lead, script = dialogue(data_copy, replies)
        assert lead.run() == "left"
        assert "recorded as absent, but it also stands in findings_present" in script.heard
        assert (data_copy / "case_reports.csv").read_bytes() == before


class TestKindness:
    """What a newcomer types in the wrong place, and how it is met."""

    def test_an_answer_before_the_first_question_is_not_lost_without_a_word(self, data_copy: Path) -> None:
        lead, script = dialogue(data_copy, {"Enter to answer": ["A title", ":quit"]})
        assert lead.run() == "left"
        assert "No question has been asked yet" in script.heard

    def test_a_list_typed_where_only_none_is_asked_leads_back_to_the_list(self, data_copy: Path) -> None:
        replies = SKIP_ALL | MUST | {"Name of": ["authors", "conditions", ""], "Authors": "Probe A", "Write": "yes"}
        replies |= {"Does it say": ["migraine", "<"], "Conditions": ["", "migraine"]}
        lead, script = dialogue(data_copy, replies)
        assert lead.run() == "written"
        assert "Only none, or Enter, is an answer here" in script.heard
        assert row_of(data_copy, "probe")["conditions"] == "migraine"

    @pytest.mark.parametrize(("typed", "meant"), [("m", "male"), ("F", "female")])
    def test_the_beginning_of_a_choice_is_enough(self, data_copy: Path, typed: str, meant: str) -> None:
        replies = SKIP_ALL | MUST | {"Name of": ["authors", "sex", ""], "Authors": "Probe A", "Write": "yes"}
        lead, _ = dialogue(data_copy, replies | {"Sex": [typed, "="]})
        assert lead.run() == "written" and row_of(data_copy, "probe")["sex"] == meant

    def test_a_number_is_asked_with_its_unit(self, data_copy: Path) -> None:
        lead, script = dialogue(data_copy, SKIP_ALL | MUST | {"Name of": ["temp_max_c", ":quit"]})
        lead.run()
        assert "Highest temperature (°C): " in script.asked

    @pytest.mark.parametrize(("findings", "noted"), [("", True), ("tremor", True), ("tremor; seizure", False)])
    def test_a_primary_event_that_is_a_sign_is_noted_where_no_sign_says_it(
        self, data_copy: Path, findings: str, noted: bool
    ) -> None:
        notes = [note.sentence for note in CaseEntry(data=data_copy).warnings(new_case(findings_present=findings))]
        assert any("The primary event, seizure, is also the name of a finding" in note for note in notes) is noted
        death = new_case(primary_event="death", outcome="death")
        assert not any("primary event" in note.sentence for note in CaseEntry(data=data_copy).warnings(death))


def test_the_lines_that_are_said_end_between_words(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    text = "  name      a text of many words that does not fit\nshort\nhttps://example.org/an/address/that/is/long"
    Terminal(DummyInput(), DummyOutput()).say(text)
    said = capsys.readouterr().out
    assert said.split("\n") == [
        "  name      a text of many", "  words that does not fit", "short",
        "https://example.org/an/address/that/is/long", "",
    ]  # fmt: skip


class TestPublications:
    def test_the_citation_is_fetched(self, data_copy: Path) -> None:
        replies = SKIP_ALL | MUST | {"DOI, PMID": "10.9999/made-up.1", "Name of": ["authors", ""], "Authors": "Probe A"}
        lead, script = dialogue(data_copy, replies | {"Write": "yes"}, library=Library(CITATION["title"]))
        assert lead.run() == "written"
        assert lead.draft.new.citation["year"] == "2026" and "The title fits 10.9999/made-up.1." in script.heard

    def test_a_service_that_cannot_be_asked_leaves_entering_by_hand(self, data_copy: Path) -> None:
        replies = SKIP_ALL | MUST | {"DOI, PMID": ["10.9999/made-up.1", ""], "Name of": ":quit"}
        lead, script = dialogue(data_copy, replies)
        assert lead.run() == "left" and "could not be looked up" in script.heard
        assert lead.draft.new.citation["doi"] == "10.9999/made-up.1"

    def test_the_title_of_another_publication_is_asked_again(self, data_copy: Path) -> None:
        draft = replace(new_draft(), new=replace(new_case(), case={}), reached="citation: title")
        replies = SKIP_ALL | {"Title": "The right title of the publication", "What was read": ":quit"}
        lead, script = dialogue(data_copy, replies, library=Library("The right title of the publication"), draft=draft)
        lead.run()
        assert "is not the title given" in script.heard
        assert lead.draft.new.citation["title"] == "The right title of the publication"

    @pytest.mark.parametrize(("reply", "outcome"), [("yes", "written"), ("no", "left")])
    def test_a_known_publication_is_told_at_once(self, data_copy: Path, reply: str, outcome: str) -> None:
        CaseEntry(data=data_copy).write(new_case())
        draft = replace(new_draft(), new=replace(new_case(), case={}), reached="citation: title")
        replies = SKIP_ALL | MUST | {"Is this a further patient": reply, "Write": "yes"}
        lead, script = dialogue(data_copy, replies, draft=draft)
        assert lead.run() == outcome
        assert "included already as probe2026" in script.heard
        if outcome == "written":
            assert row_of(data_copy, "probe2026-2")["citekey"] == "probe2026"


class TestSecondExtraction:
    def test_it_is_blind_and_is_written_beside_the_first(self, data_copy: Path) -> None:
        CaseEntry(data=data_copy).write(new_case(age_years="93", kratom_dose_g_per_day="12.5"))
        replies = SKIP_ALL | MUST | {"Primary event": "death", "Write": "yes"}
        lead, script = dialogue(data_copy, replies, draft=new_draft("probe2026"))
        assert lead.run() == "written"
        for secret in (CASE["co_exposures"], "93", "12.5", "seizure"):
            assert not any(secret in text for text in (*script.asked, *script.said))
        assert row_of(data_copy, "probe2026", "extraction/second.csv") == {
            "case_id": "probe2026", "primary_event": "death", "ss_assessment": "not_mentioned",
        }  # fmt: skip
        first = row_of(data_copy, "probe2026", "extraction/first.csv")
        assert (first["age_years"], first["kratom_dose_g_per_day"], first["conditions"]) == ("93", "12.5", "none")
        assert validate(data_copy).faults == ()

    def test_a_case_that_was_extracted_twice_is_refused(self, project_root: Path) -> None:
        door = CaseEntry(data=project_root / "data", second_of="afzal2020")
        assert [fault.code for fault in door.check(new_case())][:1] == ["A110"]


class TestDrafts:
    def test_each_answer_is_kept_at_once_and_the_dialogue_goes_on_where_it_was(self, data_copy: Path) -> None:
        replies = MUST | {"Enter to answer": ["", "", ""], "Authors": "Probe A", "Age": ":quit"}
        lead, _ = dialogue(data_copy, replies | {"Country": "NO"})
        assert lead.run() == "left"
        (kept,) = drafts(data_copy)
        assert kept.new.case == {"source_access": "abstract", "country": "NO"} and kept.reached == "case: age_years"
        again, second = dialogue(data_copy, SKIP_ALL | MUST | {"Write": "yes"}, draft=kept)
        assert again.run() == "written"
        assert not any(prompt.startswith(("Authors", "Country", "What was read")) for prompt in second.asked)
        assert row_of(data_copy, "probe")["country"] == "NO"

    def test_a_draft_comes_back_as_it_was(self, tmp_path: Path) -> None:
        draft = replace(new_draft("x"), new=replace(new_case(), same_publication=True), reached="case: sex")
        saved = save_draft(tmp_path, draft)
        assert load_draft(tmp_path, draft.name) == saved and drafts(tmp_path) == (saved,)
        remove_draft(tmp_path, draft.name)
        assert drafts(tmp_path) == ()

    @pytest.mark.parametrize("name", ["../../etc/passwd", "", "a", "20260101-000000-1/../x", "20260101-000000-1"])
    def test_names_that_are_none_are_refused(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(UsageError):
            load_draft(tmp_path, name)

    @pytest.mark.parametrize("content", ["", "[]", "{}", "[" * 100_000, '{"citation": {"a": 1}}', "\0"])
    def test_damaged_drafts_are_explained_and_do_not_hide_others(self, tmp_path: Path, content: str) -> None:
        kept = save_draft(tmp_path, replace(new_draft(), new=new_case()))
        (tmp_path / ".drafts" / "20260101-000000-1.draft").write_text(content, encoding="utf-8")
        with pytest.raises(ExplainedError, match="cannot be read"):
            load_draft(tmp_path, "20260101-000000-1")
        assert drafts(tmp_path) == (kept,)


class TestCompletion:
    def offered(self, project_root: Path, name: str, before: str) -> list[str]:
        question = by_name(CaseEntry(data=project_root / "data").groups)[("case", name)]
        return [completion.value for completion in completions(question, before)]

    @pytest.mark.parametrize(
        ("name", "before", "expected"),
        [
            ("sex", "", {"female", "male"}),
            ("sex", "f", {"female"}),
            ("notes", "a", set()),
            ("findings_present", "tremor; spontaneous_cl", {"spontaneous_clonus"}),
            ("co_exposures", "alco", {"ethanol"}),
            ("co_exposures", "sertraline [", {"prescribed", "reported", "detected", "adulterant"}),
            ("co_exposures", "sertraline [prescribed, pa", {"past"}),
            ("co_exposures", "sertraline [prescribed, past: pa", set()),
        ],
    )
    def test_what_fits_is_offered(self, project_root: Path, name: str, before: str, expected: set[str]) -> None:
        offered = self.offered(project_root, name, before)
        assert set(offered) >= expected
        if len(expected) != 1 or before.endswith("pa"):
            assert set(offered) == expected

    def test_an_entry_after_a_bracket_with_a_semicolon_is_a_new_one(self, project_root: Path) -> None:
        offered = self.offered(project_root, "co_exposures", "sertraline [prescribed, past: 5; 10 mg]; venlaf")
        assert offered[0] == "venlafaxine"
