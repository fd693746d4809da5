"""The form of the notebook, without a browser: its widgets are set and clicked as a curator would."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import ipywidgets  # type: ignore[import-untyped]
import pytest

from kratom_evidence.adding import form as form_module
from kratom_evidence.adding.draft import drafts, new_draft, save_draft
from kratom_evidence.adding.entry import CaseEntry
from kratom_evidence.adding.form import CaseForm, case_form
from kratom_evidence.adding.form_controls import control_of
from kratom_evidence.adding.form_state import FURTHER_PATIENT, OTHER_PATIENT, FormState, answered, assess
from kratom_evidence.adding.questions import by_name
from kratom_evidence.curation import validate
from kratom_evidence.curation.new_case import KEYS, NewCase
from kratom_evidence.faults import ExplainedError
from kratom_evidence.literature import Author, Citation
from tests.new_cases import CASE, CITATION, lines_of, new_case

HOSTILE = '<img src=x onerror="alert(1)"><script>alert(2)</script>'


class Library:
    """A look-up that knows one publication, or none."""

    def __init__(self, title: str | None = None) -> None:
        self.title = title
        self.asked: list[str] = []

    def find(self, text: str) -> Citation:
        self.asked.append(text)
        if self.title is None:
            raise ExplainedError(f"{text} could not be looked up: offline.")
        return Citation(
            service="made up", retrieved_from="nowhere", fetched_on=datetime.now(UTC).date(), title=self.title,
            authors=(Author(family="Found", given="F"),), year=2025, doi="10.9999/made-up.1",
        )  # fmt: skip


def opened(data: Path, library: Library | None = None, second_of: str | None = None) -> CaseForm:
    """The form with every section open."""
    form = CaseForm(data, finder=library or Library(), second_of=second_of)
    for part in list(parts(form)):
        if "ke-section-title" in part._dom_classes and part.description.startswith("▸"):
            part.click()
    return form


def parts(form: CaseForm) -> Iterator[Any]:
    """Every widget that can be seen."""
    waiting = [form.box]
    while waiting:
        widget = waiting.pop(0)
        yield widget
        waiting = [*getattr(widget, "children", ()), *waiting]


def labelled(form: CaseForm, label: str) -> Any:
    return next(part for part in parts(form) if getattr(part, "description", "").removesuffix(" *") == label)


def field(form: CaseForm, part: str, name: str) -> Any:
    return form.frames[(part, name)]  # type: ignore[index]


def fill(form: CaseForm, part: str, name: str, text: str) -> None:
    """Set what is seen of a field, one widget after the other."""
    control = field(form, part, name).control
    if not hasattr(control, "_state"):
        control.widget.value = text
        return
    radio = control._state
    radio.value = radio.options[0 if not text else 1 if text == "none" else 2]
    if radio.value != radio.options[2]:
        return
    seen = list(control.widget.children[1].children)
    if name == "co_exposures":
        for number, entry in enumerate(text.split("; ")):
            if number:
                seen[1].click()
            row = control.widget.children[1].children[0].children[number].children
            substance, _, rest = entry.partition(" [")
            kinds, _, dose = rest.removesuffix("]").partition(": ")
            for widget, value in zip(row, (substance, *kinds.split(", "), dose), strict=False):
                widget.value = value
    elif isinstance(seen[0], ipywidgets.Checkbox):
        labels = {choice.value: choice.label for choice in field(form, part, name).question.choices}
        for entry in text.split("; "):
            next(box for box in seen if box.description == labels[entry]).value = True
    else:
        for entry in text.split("; "):
            seen[1].value = entry


def typed(data: Path, library: Library | None = None, **case: str) -> CaseForm:
    """The form filled in as a curator does, widget by widget."""
    form = opened(data, library)
    for part, answers in (("citation", CITATION), ("case", CASE | case)):
        for name, text in answers.items():
            fill(form, part, name, text)
    return form


def filled(data: Path, library: Library | None = None, **case: str) -> CaseForm:
    """The form with the same answers, taken from a draft."""
    save_draft(data, replace(new_draft(), new=NewCase(citation=CITATION, case=CASE | case)))
    form = opened(data, library)
    labelled(form, "Go on with them").click()
    return form


def shown(form: CaseForm) -> str:
    """All HTML of the form but its style."""
    texts = [part.value for part in parts(form) if isinstance(part, ipywidgets.HTML)]
    return "\n".join(text for text in texts if not text.startswith("<style>"))


def rows(data: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(lines_of(data / "case_reports.csv")))


def contents(data: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in data.rglob("*") if path.is_file() and ".drafts" not in path.parts}


class TestControls:
    def test_every_cell_of_the_case_reports_comes_back_as_it_was(self, project_root: Path) -> None:
        """All three states of lists, and every value that is in use."""
        questions = by_name(CaseEntry(data=project_root / "data").groups)
        texts: dict[str, set[str]] = {}
        for row in rows(project_root / "data"):
            for name, text in row.items():
                texts.setdefault(name, set()).add(text)
        assert {"", "none"} < texts["co_exposures"]
        for name in texts.keys() - set(KEYS):
            control = control_of(questions[("case", name)])
            for text in sorted(texts[name]):
                control.put(text)
                assert control.text() == text, name
                assert control.finished()

    @pytest.mark.parametrize("text", ["no such value", "a [b; c", "none; tremor", HOSTILE, "x" * 5000])
    def test_answers_that_are_not_allowed_are_shown_and_can_be_removed(self, project_root: Path, text: str) -> None:
        for question in by_name(CaseEntry(data=project_root / "data").groups).values():
            control = control_of(question)
            control.put(text)
            assert control.text(), question.name
            control.put("")
            assert control.text() == ""

    def test_every_control_has_a_visible_label(self, data_copy: Path) -> None:
        form = opened(data_copy)
        for name in ("co_exposures", "conditions", "kratom_reason"):
            radio = field(form, "case", name).control._state
            radio.value = radio.options[2]
        named = ipywidgets.Text, ipywidgets.Textarea, ipywidgets.Dropdown, ipywidgets.RadioButtons, ipywidgets.Checkbox
        controls = [part for part in parts(form) if isinstance(part, (*named, ipywidgets.Button))]
        assert len(controls) > 60
        assert [part for part in controls if not part.description.strip()] == []

    def test_the_help_of_the_codebook_is_shown(self, data_copy: Path) -> None:
        form = opened(data_copy)
        text = shown(form)
        for question in by_name(CaseEntry(data=data_copy).groups).values():
            assert question.field.description.replace('"', "&quot;").replace("'", "&#x27;") in text


class TestState:
    def test_these_without_entries_stands_against_writing(self, project_root: Path) -> None:
        entry = CaseEntry(data=project_root / "data")
        state = FormState(draft=replace(new_draft(), new=new_case()))
        assert assess(state, entry).can_be_saved
        open_list = answered(state, ("case", "treatments"), "", finished=False)
        found = assess(open_list, entry)
        assert not found.can_be_saved and list(found.by_field) == [("case", "treatments")]
        assert assess(answered(open_list, ("case", "treatments"), ""), entry).can_be_saved

    @pytest.mark.parametrize(
        ("name", "text", "where"),
        [("sex", "maile", "sex"), ("findings_absent", "tremor", "findings_absent"), ("age_years", "1O", "age_years")],
    )
    def test_a_fault_is_found_at_its_question_in_the_words_of_validate(
        self, project_root: Path, name: str, text: str, where: str
    ) -> None:
        entry = CaseEntry(data=project_root / "data")
        new = new_case().with_answer("case", name, text)
        found = assess(FormState(draft=replace(new_draft(), new=new)), entry)
        (fault,) = found.by_field[("case", where)]
        assert fault in entry.check(new) and not found.faultless


class TestSaving:
    def test_what_is_filled_in_becomes_one_row_and_one_entry(self, data_copy: Path) -> None:
        before = lines_of(data_copy / "case_reports.csv")
        form = typed(data_copy)
        labelled(form, "Save").click()
        after = lines_of(data_copy / "case_reports.csv")
        (line,) = [line for line in after if line not in before]
        assert [other for other in after if other != line] == list(before)
        row = next(row for row in rows(data_copy) if row["case_id"] == "probe2026")
        assert {name: text for name, text in row.items() if text} == {
            "case_id": "probe2026", "citekey": "probe2026", **CASE,
        }  # fmt: skip
        assert validate(data_copy).faults == () and drafts(data_copy) == ()
        assert "Saved: probe2026" in shown(form) and "git commit" in shown(form)
        assert "kratom-evidence add --second probe2026" in shown(form)
        assert labelled(form, "Title").disabled and labelled(form, "Add to findings present").disabled

    def test_after_saving_the_next_case_begins_empty(self, data_copy: Path) -> None:
        form = filled(data_copy)
        labelled(form, "Save").click()
        labelled(form, "Add another case").click()
        assert labelled(form, "Title").value == "" and labelled(form, "Save").disabled
        labelled(form, "DOI").value = CITATION["doi"]
        assert "included already as probe2026" in shown(form) and FURTHER_PATIENT in shown(form)

    def test_a_fault_is_shown_at_once_and_nothing_can_be_saved(self, data_copy: Path) -> None:
        before = contents(data_copy)
        form = filled(data_copy, age_years="1O", primary_event="seizur")
        assert labelled(form, "Save").disabled and labelled(form, "Show what moves").disabled
        labelled(form, "Save").click()
        assert contents(data_copy) == before
        labelled(form, "Use: 10").click()
        labelled(form, "Use: seizure").click()
        assert form.state.new.case["age_years"] == "10" and labelled(form, "Primary event").value == "seizure"
        assert not labelled(form, "Save").disabled and "ke-fault" not in shown(form)

    def test_what_must_be_answered_is_named_without_calling_it_wrong(self, data_copy: Path) -> None:
        text = shown(opened(data_copy))
        assert "Still to be answered: Publication › Title; Record › What was read; Event and findings" in text
        assert "ke-fault" not in text

    def test_the_impact_is_shown_before_saving(self, data_copy: Path) -> None:
        before = contents(data_copy)
        form = filled(data_copy)
        labelled(form, "Show what moves").click()
        for change in CaseEntry(data=data_copy).impact(new_case()).changes:
            assert change.claim_id in shown(form)
        assert "What would be written: probe2026" in shown(form) and contents(data_copy) == before

    def test_a_possible_same_patient_must_be_looked_at(self, data_copy: Path) -> None:
        known = new_case(2, conditions="gout; psoriasis", kratom_duration_days="1234", temp_max_c="40.9")
        CaseEntry(data=data_copy).write(known)
        form = filled(data_copy, conditions="none", kratom_duration_days="1234", temp_max_c="40.9")
        assert "This may be the patient of probe2026" in shown(form) and labelled(form, "Save").disabled
        labelled(form, OTHER_PATIENT).value = True
        assert not labelled(form, "Save").disabled
        labelled(form, "Save").click()
        assert len(rows(data_copy)) == len([row for row in rows(data_copy) if row["case_id"] != "probe2026b"]) + 1

    def test_a_further_patient_joins_the_publication(self, data_copy: Path) -> None:
        CaseEntry(data=data_copy).write(new_case())
        form = filled(data_copy, age_years="3", sex="male")
        assert labelled(form, "Save").disabled
        labelled(form, FURTHER_PATIENT).value = True
        labelled(form, "Save").click()
        ids = {row["case_id"] for row in rows(data_copy) if row["citekey"] == "probe2026"}
        assert ids == {"probe2026-1", "probe2026-2"} and validate(data_copy).faults == ()

    def test_another_command_that_was_faster_is_not_overwritten(self, data_copy: Path) -> None:
        form = filled(data_copy)
        CaseEntry(data=data_copy).write(new_case())
        before = contents(data_copy)
        labelled(form, "Save").click()
        assert "included already" in shown(form) and contents(data_copy) == before


class TestCitations:
    def test_what_a_service_says_is_filled_in_beside_what_was_typed(self, data_copy: Path) -> None:
        form = opened(data_copy, Library("A title that was found"))
        labelled(form, "Journal").value = "Typed by hand"
        labelled(form, "DOI, PMID or PMCID").value = "10.9999/made-up.1"
        labelled(form, "Look up").click()
        assert (labelled(form, "Title").value, labelled(form, "Year").value) == ("A title that was found", "2025")
        assert (labelled(form, "Journal").value, labelled(form, "Authors").value) == ("Typed by hand", "Found F")

    @pytest.mark.parametrize(("typed", "doi"), [("10.9999/made-up.1", "10.9999/made-up.1"), ("what is this", "")])
    def test_offline_it_can_be_entered_by_hand(self, data_copy: Path, typed: str, doi: str) -> None:
        form = opened(data_copy)
        labelled(form, "DOI, PMID or PMCID").value = typed
        labelled(form, "Look up").click()
        assert "could not be looked up" in shown(form) and "by hand" in shown(form)
        assert labelled(form, "DOI").value == doi

    def test_the_title_of_another_publication_is_refused(self, data_copy: Path) -> None:
        before = contents(data_copy)
        library = Library("A study of leaves in the rain")
        form = filled(data_copy, library)
        labelled(form, "Save").click()
        assert "A study of leaves in the rain" in shown(form) and contents(data_copy) == before
        library.title = CITATION["title"]
        labelled(form, "Save").click()
        assert "Saved: probe2026" in shown(form)


class TestDrafts:
    def test_answers_are_kept_at_once_and_offered_again(self, data_copy: Path) -> None:
        first = typed(data_copy, kratom_reason="pain; other")
        (kept,) = drafts(data_copy)
        assert kept.new == first.state.new and kept.answers > 10
        again = opened(data_copy)
        assert labelled(again, "Title").value == ""
        labelled(again, "Go on with them").click()
        assert again.state.new == first.state.new
        for key, frame in again.frames.items():
            assert frame.control.text() == first.frames[key].control.text(), key
        labelled(again, "Save").click()
        assert drafts(data_copy) == () and any(row["case_id"] == "probe2026" for row in rows(data_copy))

    def test_a_draft_can_be_thrown_away(self, data_copy: Path) -> None:
        save_draft(data_copy, replace(new_draft(), new=new_case()))
        form = opened(data_copy)
        labelled(form, "Throw them away").click()
        assert drafts(data_copy) == () and "Or begin a new case" not in shown(form)

    def test_that_similar_cases_were_denied_is_not_taken_over(self, data_copy: Path) -> None:
        CaseEntry(data=data_copy).write(new_case(2, temp_max_c="40.9", kratom_duration_days="1234"))
        similar = new_case(temp_max_c="40.9", kratom_duration_days="1234")
        save_draft(data_copy, replace(new_draft(), new=replace(similar, not_the_same_patient=True)))
        form = opened(data_copy)
        labelled(form, "Go on with them").click()
        assert labelled(form, "Save").disabled and not labelled(form, OTHER_PATIENT).value


class TestNothingIsRaised:
    def test_data_that_cannot_be_read_are_explained(self, tmp_path: Path) -> None:
        form = CaseForm(tmp_path, finder=Library())
        assert "The codebook cannot be read" in shown(form) and "it says why" in form.check_complete()

    def test_faults_that_were_there_before_stand_against_writing(self, data_copy: Path) -> None:
        text = (data_copy / "case_reports.csv").read_text(encoding="utf-8")
        (data_copy / "case_reports.csv").write_text(text.replace(",abstract,", ",abstrakt,", 1), encoding="utf-8")
        form = filled(data_copy)
        assert labelled(form, "Save").disabled and "before the case was added" in shown(form)

    def test_an_error_of_the_programs_is_said(self, data_copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_: Any) -> None:
            raise ZeroDivisionError("made up for the test")

        form = filled(data_copy)
        monkeypatch.setattr(CaseEntry, "write", broken)
        labelled(form, "Save").click()
        assert "ZeroDivisionError: made up for the test" in shown(form) and "draft" in shown(form)

    def test_a_folder_that_cannot_be_written_is_explained(
        self, data_copy: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refused(*_: Any) -> None:
            raise ExplainedError("the folder cannot be written: made up.")

        monkeypatch.setattr(form_module, "save_draft", refused)
        form = opened(data_copy)
        labelled(form, "Title").value = "x"
        assert "cannot be written: made up" in shown(form)


class TestHostileTexts:
    def test_no_answer_becomes_markup(self, data_copy: Path) -> None:
        form = opened(data_copy, Library(HOSTILE))
        for key, frame in form.frames.items():
            frame.control.put(HOSTILE)
            form._told(frame)
            assert form.state.answer(key)
        labelled(form, "DOI, PMID or PMCID").value = HOSTILE
        labelled(form, "Look up").click()
        assert "&lt;img" in shown(form) and tags(shown(form)).isdisjoint({"img", "script"})

    def test_nor_in_what_is_written(self, data_copy: Path) -> None:
        form = filled(data_copy, conditions="<b>gout</b>", notes=HOSTILE)
        labelled(form, "Show what moves").click()
        assert "&lt;script&gt;" in shown(form) and tags(shown(form)).isdisjoint({"img", "script", "b"})


def tags(html: str) -> set[str]:
    """The names of the elements in a piece of HTML."""
    found: set[str] = set()

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: Any) -> None:  # noqa: ARG002
            found.add(tag)

    Reader().feed(html)
    return found


class TestSecondExtraction:
    def test_it_is_blind_and_written_beside_the_first(self, data_copy: Path) -> None:
        CaseEntry(data=data_copy).write(new_case(age_years="93", kratom_dose_g_per_day="12.5"))
        form = opened(data_copy, second_of="probe2026")
        assert not any(part == "citation" for part, _ in form.frames) and "every column" in form.check_complete()
        seen = shown(form) + "".join(str(getattr(part, "value", "")) for part in parts(form))
        assert "93" not in seen.replace("193", "") and "12.5" not in seen
        fill(form, "case", "primary_event", "death")
        fill(form, "case", "ss_assessment", "not_mentioned")
        labelled(form, "Save").click()
        assert "extraction/second.csv" in shown(form) and validate(data_copy).faults == ()

    def test_a_case_that_was_extracted_twice_is_refused(self, data_copy: Path) -> None:
        form = opened(data_copy, second_of="afzal2020")
        fill(form, "case", "primary_event", "death")
        assert labelled(form, "Save").disabled and "already" in shown(form)


def test_the_notebooks_call_gives_the_form_of_the_project(data_copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KRATOM_EVIDENCE_ROOT", str(data_copy.parent))
    form = case_form(offline=True)
    assert str(data_copy.resolve()) in shown(form)
    assert form.check_complete() == "The form asks for every column of the codebook."
