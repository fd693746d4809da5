"""The control of one question: a choice, a text, or a list with its three states."""

from typing import Any, Protocol

import ipywidgets as widgets  # type: ignore[import-untyped]

from kratom_evidence.adding.form_entries import Listener, entries_of, split_entries
from kratom_evidence.adding.questions import Question
from kratom_evidence.codebook.values import NONE_WORD, SEPARATOR

NOT_STATED, NONE, THESE = "not stated", "none: it says that there were none", "these:"
# Fields that are sentences rather than words.
_LONG = frozenset({"title", "authors", "kratom_dose_text", "notes", "publication_note"})


class Control(Protocol):
    """The answer to one question, as the text of a cell."""

    widget: Any

    def text(self) -> str:
        """The answer; empty: not stated."""

    def finished(self) -> bool:
        """False while entries were promised and none is there."""

    def put(self, text: str) -> None:
        """Show an answer; nobody is told."""

    def listen(self, changed: Listener) -> None:
        """Call `changed` after each change by the user."""


def control_of(question: Question) -> Control:
    """The control that suits a question."""
    if question.can_be_none:
        return ListControl(question)
    if question.choices and question.vocabulary is None:
        return ChoiceControl(question)
    return TextControl(question)


class TextControl:
    """One line or a few; with completion where the names come from a vocabulary."""

    def __init__(self, question: Question) -> None:
        label = _label(question)
        if question.choices:
            options = [choice.value for choice in question.choices]
            self.widget = widgets.Combobox(options=options, ensure_option=False, description=label)
        elif question.name in _LONG:
            self.widget = widgets.Textarea(description=label, rows=2)
        else:
            self.widget = widgets.Text(description=label)
        self.widget.continuous_update = False
        self.widget.placeholder = question.default or NOT_STATED
        self.widget.add_class("ke-stacked")
        self._quiet = False

    def text(self) -> str:
        return " ".join(str(self.widget.value or "").split())

    def finished(self) -> bool:
        return True

    def put(self, text: str) -> None:
        self._quiet = True
        try:
            self.widget.value = text
        finally:
            self._quiet = False

    def listen(self, changed: Listener) -> None:
        self.widget.observe(lambda _: None if self._quiet else changed(), names="value")


class ChoiceControl(TextControl):
    """One of a few values, or not stated. A value that is no choice is shown as it is, so that it can be changed."""

    def __init__(self, question: Question) -> None:
        self._default = question.default or ""
        silent = [] if question.default else [("choose" if question.must_be_given else NOT_STATED, "")]
        options = [*silent, *((choice.label or choice.value, choice.value) for choice in question.choices)]
        self.widget = widgets.Dropdown(options=options, value=self._default, description=_label(question))
        self.widget.add_class("ke-stacked")
        self._quiet = False

    def text(self) -> str:
        value = super().text()
        return "" if value == self._default else value

    def put(self, text: str) -> None:
        value = text or self._default
        if value not in {option for _, option in self.widget.options}:
            self._quiet = True
            self.widget.options = (*self.widget.options, (value, value))
        super().put(value)


class ListControl:
    """Not stated, none, or these entries: asked explicitly, because silence is not absence."""

    def __init__(self, question: Question) -> None:
        self._state = widgets.RadioButtons(
            options=[NOT_STATED, NONE, THESE], description=_label(question), orientation="horizontal"
        )
        self._state.add_class("ke-stacked").add_class("ke-radio")
        self._entries = entries_of(question)
        self._quiet = False
        self._changed: Listener = lambda: None
        self.widget = widgets.VBox([self._state])
        self._state.observe(self._chosen, names="value")
        self._entries.listen(self._entered)

    def text(self) -> str:
        if self._state.value == NOT_STATED:
            return ""
        return NONE_WORD if self._state.value == NONE else SEPARATOR.join(self._entries.entries())

    def finished(self) -> bool:
        return self._state.value != THESE or bool(self._entries.entries())

    def put(self, text: str) -> None:
        self._quiet = True
        try:
            self._entries.put(() if text == NONE_WORD else split_entries(text))
            self._state.value = {"": NOT_STATED, NONE_WORD: NONE}.get(text, THESE)
            self._unfold()
        finally:
            self._quiet = False

    def listen(self, changed: Listener) -> None:
        self._changed = changed

    def _entered(self) -> None:
        self._changed()

    def _chosen(self, _: Any) -> None:
        if not self._quiet:
            self._unfold()
            self._changed()

    def _unfold(self) -> None:
        these = self._state.value == THESE
        self.widget.children = (self._state, self._entries.widget) if these else (self._state,)


def _label(question: Question) -> str:
    unit = f" ({question.field.unit})" if question.field.unit else ""
    return f"{question.field.title}{unit}{' *' if question.must_be_given else ''}"
