"""The parts that the form is put together from: a question with its help and faults, and a section that opens."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets as widgets  # type: ignore[import-untyped]

from kratom_evidence.adding.form_controls import control_of
from kratom_evidence.adding.form_state import MISSING, Key
from kratom_evidence.adding.form_text import fault_html, help_html
from kratom_evidence.adding.questions import Question, QuestionGroup, mended
from kratom_evidence.faults import Fault, shorten

Action = Callable[[], None]


def button(description: str, action: Action, *classes: str, tooltip: str = "", style: str = "") -> Any:
    """A button as wide as its words."""
    made = widgets.Button(description=description, tooltip=tooltip or description, button_style=style)
    for name in classes or ("ke-wide",):
        made.add_class(name)
    made.on_click(lambda _: action())
    return made


def html(value: str = "") -> Any:
    """A piece of text; the caller has escaped it."""
    return widgets.HTML(value=value)


def switch_off(part: Any) -> None:
    """Let nothing in this part of the form be changed."""
    for inner in getattr(part, "children", ()):
        switch_off(inner)
    if part.has_trait("disabled"):
        part.disabled = True


class FieldFrame:
    """One question: its control, its help, what is wrong with the answer, and a correction to take over."""

    def __init__(self, question: Question, changed: Callable[["FieldFrame"], None]) -> None:
        self.question = question
        self.key: Key = (question.part, question.name)
        self.control = control_of(question)
        self.control.listen(lambda: changed(self))
        self._changed = changed
        self._labels = {choice.value: choice.label for choice in question.choices} if question.vocabulary else {}
        self._note = html()
        self._offer = ""
        self._take = button("", self._taken)
        self.box = widgets.VBox([self.control.widget, self._note])
        self.box.add_class("ke-field").add_class(f"ke-{question.part}-{question.name}")
        self.show(())

    def show(self, faults: Sequence[Fault]) -> None:
        """Show the help, and the faults of a given answer. That an answer is missing is said in the help."""
        wrong = [fault for fault in faults if fault.code != MISSING]
        text = self.control.text()
        meaning = "" if self.question.is_list else self._labels.get(text, "")
        self._note.value = "".join(fault_html(fault) for fault in wrong) + help_html(self.question, meaning)
        self._offer = (mended(self.question, text) or "") if wrong else ""
        if self._offer:
            self._take.description = f"Use: {shorten(self._offer, 60)}"
            self._take.tooltip = self._take.description
        extra = (self._take,) if self._offer else ()
        self.box.children = (self.control.widget, self._note, *extra)

    def _taken(self) -> None:
        if self._offer:
            self.control.put(self._offer)
            self._changed(self)


class Section:
    """A group of questions under a button that opens and closes it. What is closed is not drawn."""

    def __init__(self, group: QuestionGroup, frames: Sequence[FieldFrame], head: Sequence[Any] = ()) -> None:
        self._group = group
        self._button = button("", self._toggled, "ke-section-title")
        body = widgets.VBox([*head, *(frame.box for frame in frames)])
        body.add_class("ke-section-body")
        self._body = body
        self._opened = False
        self._state = ""
        self.box = widgets.VBox([self._button])

    def open(self) -> None:
        """Show the questions."""
        self._opened = True
        self._draw()

    def show(self, answers: Mapping[Key, str], faults: Mapping[Key, Sequence[Fault]]) -> None:
        """Say in the heading how many questions are answered, and what is still wrong."""
        keys: list[Key] = [(question.part, question.name) for question in self._group.questions]
        answered = sum(bool(answers.get(key)) for key in keys)
        found = [fault for key in keys for fault in faults.get(key, ())]
        missing = sum(fault.code == MISSING for fault in found)
        parts = [f"{answered} of {len(keys)} answered"]
        parts += [f"{missing} must be answered"] if missing else []
        parts += [f"{len(found) - missing} to mend"] if len(found) > missing else []
        self._state = ", ".join(parts)
        self._draw()

    def _toggled(self) -> None:
        self._opened = not self._opened
        self._draw()

    def _draw(self) -> None:
        self._button.description = f"{'▾' if self._opened else '▸'} {self._group.title}: {self._state}"
        self._button.tooltip = f"{'Close' if self._opened else 'Open'} {self._group.title}"
        self.box.children = (self._button, self._body) if self._opened else (self._button,)
