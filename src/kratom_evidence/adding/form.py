"""The form for a new case in JupyterLab: `case_form()` in a notebook shows it. No code is typed by the curator.

It works through `CaseEntry`, as the command does, so that it checks, writes and warns the same.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import ipywidgets as widgets  # type: ignore[import-untyped]

from kratom_evidence.adding.citations import Finder, check_title, default_finder, fetched_answers, title_fault
from kratom_evidence.adding.draft import Draft, drafts, load_draft, new_draft, remove_draft, save_draft
from kratom_evidence.adding.entry import CaseEntry
from kratom_evidence.adding.form_state import (
    FURTHER_PATIENT,
    OTHER_PATIENT,
    Assessment,
    FormState,
    answered,
    assess,
    identifier_answer,
    joining,
    questions_of,
    to_write,
    with_citation,
)
from kratom_evidence.adding.form_text import (
    STYLE,
    cautions_html,
    error_html,
    impact_html,
    intro_html,
    notes_html,
    panel_html,
    saved_html,
    unexpected_html,
)
from kratom_evidence.adding.form_view import FieldFrame, Section, button, html, switch_off
from kratom_evidence.adding.writing import repaired
from kratom_evidence.curation.new_case import CASES, KEYS
from kratom_evidence.curation.new_case_rows import Addition
from kratom_evidence.curation.second_extraction import SECOND
from kratom_evidence.faults import ExplainedError
from kratom_evidence.project import find_project

_FINISHED = "An earlier command was stopped while it wrote; what it had decided is written now."


def case_form(data: Path | None = None, *, offline: bool = False, second_of: str | None = None) -> "CaseForm":
    """The form for the data folder (default: that of the project); `form.box` is what a cell shows.

    `offline`: citations come only from what was looked up before. `second_of`: extract that case a second time.
    """
    return CaseForm(data, finder=default_finder(offline=offline), second_of=second_of)


class CaseForm:
    """The form, its answers and what it does with them. Whatever goes wrong is said in the form, never raised."""

    def __init__(self, data: Path | None, *, finder: Finder, second_of: str | None = None) -> None:
        self._finder = finder
        self._second_of = second_of
        self._titles: dict[tuple[str, ...], str] = {}
        self._message = html()
        self.box = widgets.VBox([html(STYLE), self._message])
        self.box.add_class("ke-form")
        self.state = FormState(draft=new_draft(second_of))
        self.entry: CaseEntry | None = None
        self._guarded(lambda: self._begin(find_project().data if data is None else data))

    def check_complete(self) -> str:
        """Say that every column of the codebook is asked.

        Raises:
            AssertionError: one is not. Data that cannot be read are no such fault; the form explains them.
        """
        if self.entry is None:
            return "The form cannot be shown; it says why."
        table = self.entry.readings.codebook.table(SECOND if self._second_of else CASES)
        expected = {field.name for field in table.fields} - set(KEYS)
        assert {name for part, name in self.frames if part == "case"} == expected
        return "The form asks for every column of the codebook."

    def _begin(self, data: Path) -> None:
        """Draw an empty form for the next case."""
        finished = repaired(data)
        entry = CaseEntry(data=data, second_of=self._second_of)
        self.frames = {
            (question.part, question.name): FieldFrame(
                question, lambda frame: self._guarded(partial(self._told, frame))
            )
            for question in questions_of(entry.groups)
        }
        self.state = FormState(draft=new_draft(self._second_of))
        self.entry = entry
        self._publication_parts()
        self._closing_parts()
        self._sections = [
            Section(
                group,
                [self.frames[(question.part, question.name)] for question in group.questions],
                head=self._head if group.questions[0].part == "citation" else (),
            )
            for group in entry.groups
        ]
        self._sections[0].open()
        self._offer = widgets.VBox(self._offered(data))
        self.box.children = (
            html(STYLE),
            html(intro_html(data.resolve(), self._second_of)),
            self._offer,
            *(section.box for section in self._sections),
            self._panel,
            self._cautions,
            *([] if self._second_of else [self._denied]),
            self._actions,
            self._message,
        )
        self._message.value = notes_html([_FINISHED]) if finished else ""
        self._refresh()

    def _publication_parts(self) -> None:
        """What stands above the questions about the publication."""
        self._identifier = widgets.Text(
            description="DOI, PMID or PMCID", placeholder="10.1000/xyz, 12345678, PMC123456"
        )
        self._identifier.add_class("ke-stacked")
        self._found = html()
        self._joins = widgets.Checkbox(description=FURTHER_PATIENT, indent=False)
        self._joins.add_class("ke-check")
        self._joins.observe(lambda change: self._guarded(partial(self._joined, change["new"])), names="value")
        look_up = button("Look up", lambda: self._guarded(self._looked_up))
        self._head = (self._identifier, look_up, self._found, self._joins)

    def _closing_parts(self) -> None:
        """What stands below the questions."""
        self._panel = html()
        self._cautions = html()
        self._denied = widgets.Checkbox(description=OTHER_PATIENT, indent=False)
        self._denied.add_class("ke-check")
        self._denied.observe(lambda change: self._guarded(partial(self._compared, change["new"])), names="value")
        self._moves = button("Show what moves", lambda: self._guarded(self._show_impact), tooltip="Nothing is written")
        self._save = button("Save", lambda: self._guarded(self._write), style="primary")
        shown = [self._save] if self._second_of else [self._moves, self._save]
        self._actions = widgets.HBox(shown)
        self._actions.add_class("ke-actions")

    def _offered(self, data: Path) -> tuple[Any, ...]:
        """The drafts that can be gone on with, the newest first."""
        found = [draft for draft in reversed(drafts(data)) if draft.second_of == self._second_of]
        if not found:
            return ()
        choice = widgets.Dropdown(
            options=[(draft.described(), draft.name) for draft in found], description="Unfinished answers were kept"
        )
        choice.add_class("ke-stacked")
        go_on = button("Go on with them", lambda: self._guarded(lambda: self._resume(load_draft(data, choice.value))))
        remove = button("Throw them away", lambda: self._guarded(lambda: self._forget(data, choice.value)))
        row = widgets.HBox([go_on, remove])
        row.add_class("ke-actions")
        return (choice, row, html("<p>Or begin a new case below.</p>"))

    def _resume(self, draft: Draft) -> None:
        self.state = FormState(draft=draft)
        for key, frame in self.frames.items():
            frame.control.put(self.state.answer(key))
        self._joins.value = draft.new.same_publication
        self._offer.children = ()
        self._refresh()

    def _forget(self, data: Path, name: str) -> None:
        remove_draft(data, name)
        self._offer.children = self._offered(data)

    def _told(self, frame: FieldFrame) -> None:
        """An answer was changed."""
        self._take(answered(self.state, frame.key, frame.control.text(), finished=frame.control.finished()))

    def _joined(self, same_publication: bool) -> None:
        if same_publication != self.state.new.same_publication:
            self._take(joining(self.state, same_publication=same_publication))

    def _compared(self, denied: bool) -> None:
        self.state = replace(self.state, denied=frozenset(self.assessment.similar) if denied else frozenset())
        self._refresh()

    def _take(self, state: FormState) -> None:
        """Keep the answers as a draft, then check them."""
        self.state = state
        entry = self._door()
        self._message.value = ""
        if state.draft.answers:
            self.state = replace(state, draft=save_draft(entry.data, state.draft))
        else:
            remove_draft(entry.data, state.draft.name)
        self._refresh()

    def _refresh(self) -> None:
        """Check the answers and show what is wrong, in its place and in the panel."""
        entry = self._door()
        self.assessment: Assessment = assess(self.state, entry)
        faults = self.assessment.by_field
        for key, frame in self.frames.items():
            frame.show(faults.get(key, ()))
        answers = {key: self.state.answer(key) for key in self.frames}
        for section in self._sections:
            section.show(answers, faults)
        self._panel.value = panel_html(entry.groups, self.assessment)
        self._cautions.value = cautions_html(self.assessment)
        self._denied.layout.display = None if self.assessment.similar else "none"
        if self.assessment.undenied:
            # Another case has come to look alike since the box was ticked.
            self._denied.value = False
        self._moves.disabled = not self.assessment.faultless
        self._save.disabled = not self.assessment.can_be_saved

    def _looked_up(self) -> None:
        """Fill in the citation from a service; what was entered by hand is kept."""
        typed = self._identifier.value.strip()
        self._found.value = notes_html([f"Looking up {typed} …"]) if typed else ""
        try:
            found = fetched_answers(typed, self._finder)
        except ExplainedError as error:
            self._found.value = error_html(error) + notes_html(["The citation can also be entered by hand, below."])
            found = identifier_answer(typed)
        else:
            self._found.value = notes_html([f"Found “{found.get('title', 'no title')}”. Compare it with the paper."])
        self._take(with_citation(self.state, found))
        for key, frame in self.frames.items():
            if key[0] == "citation":
                frame.control.put(self.state.answer(key))
        self._refresh()

    def _title_note(self) -> str:
        """A sentence on whether the title fits the identifier; asked once for the same answers.

        Raises:
            ExplainedError: it is the title of another publication.
        """
        citation = self.state.new.citation
        if self._second_of or self.state.new.same_publication:
            return ""
        asked = tuple(citation.get(name, "") for name in ("title", "doi", "pmid", "pmcid"))
        if asked not in self._titles:
            check = check_title(citation, self._finder)
            if check is not None and check.state == "differs":
                raise ExplainedError("The title and the identifier do not fit.", [title_fault(check, citation)])
            self._titles[asked] = "" if check is None else notes_html([check.sentence])
        return self._titles[asked]

    def _show_impact(self) -> None:
        entry = self._door()
        self._message.value = notes_html(["All statements are judged without and with the case …"])
        note = self._title_note()
        changes = entry.impact(to_write(self.state, self.assessment))
        self._message.value = note + impact_html(self.assessment.addition, changes)

    def _write(self) -> None:
        """Save the case, and say what is left to do."""
        if self._save.disabled:
            return
        entry = self._door()
        self._save.disabled = True
        self._message.value = notes_html(["Saving …"])
        try:
            note = self._title_note()
            written = entry.write(to_write(self.state, self.assessment))
        except ExplainedError:
            self._save.disabled = False
            raise
        remove_draft(entry.data, self.state.draft.name)
        self._close(written.addition, note)

    def _close(self, made: Addition, note: str) -> None:
        """Say what was written where the curator looks, beside the button, and let nothing be changed any more."""
        for part in (*(frame.box for frame in self.frames.values()), *self._head, self._denied):
            switch_off(part)
        self._offer.children = ()
        self._cautions.value = ""
        self._message.value = note
        self._panel.value = saved_html(made, second=self._second_of is not None)
        again = button("Add another case", lambda: self._guarded(lambda: self._begin(self._door().data)))
        self._actions.children = () if self._second_of else (again,)

    def _door(self) -> CaseEntry:
        if self.entry is None:
            raise ExplainedError("The form has no data to write to.")
        return self.entry

    def _guarded(self, action: Callable[[], None]) -> None:
        """Do something; an error is said in the form, because a notebook would hide it or show a traceback."""
        try:
            action()
        except ExplainedError as error:
            self._message.value = error_html(error)
        except Exception as error:
            self._message.value = unexpected_html(error, self.state.draft.name)
