"""The entries of a list: names with completion, boxes to tick, or rows of a co-exposure."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import ipywidgets as widgets  # type: ignore[import-untyped]

from kratom_evidence.adding.questions import Question
from kratom_evidence.codebook import CoExposure
from kratom_evidence.codebook.lists import parse_co_exposure, split_outside_brackets

MOST_BOXES = 12
Listener = Callable[[], None]


class Entries(Protocol):
    """A control for the entries of one list; `listen` names what is called after each change by the user."""

    widget: Any

    def entries(self) -> list[str]:
        """The entries in their order."""

    def put(self, entries: Sequence[str]) -> None:
        """Show these entries; nobody is told."""

    def listen(self, changed: Listener) -> None:
        """Call `changed` after each change."""


def entries_of(question: Question) -> Entries:
    """The control that suits a list: rows for co-exposures, boxes for few choices, names with completion otherwise."""
    if question.field.item_form == "co_exposure":
        return RowEntries(question)
    if question.vocabulary is None and 0 < len(question.choices) <= MOST_BOXES:
        return TickedEntries(question)
    return NamedEntries(question)


def split_entries(text: str) -> list[str]:
    """The entries of a list cell."""
    return [piece for piece in split_outside_brackets(text, ";") if piece]


class NamedEntries:
    """Each entry is a button that removes it; a box with completion adds one when Enter is pressed."""

    def __init__(self, question: Question) -> None:
        self._labels = {choice.value: choice.label for choice in question.choices}
        self._entries: list[str] = []
        self._changed: Listener = lambda: None
        self._chips = widgets.HBox()
        self._chips.add_class("ke-chips")
        self._box = widgets.Combobox(
            options=[choice.value for choice in question.choices],
            ensure_option=False,
            continuous_update=False,
            placeholder="type, choose, press Enter",
            description=f"Add to {question.field.title.lower()}",
        )
        self._box.add_class("ke-stacked")
        self._box.observe(self._typed, names="value")
        self.widget = widgets.VBox([self._chips, self._box])

    def entries(self) -> list[str]:
        return list(self._entries)

    def put(self, entries: Sequence[str]) -> None:
        self._entries = list(entries)
        self._chips.children = tuple(self._chip(entry) for entry in self._entries)

    def listen(self, changed: Listener) -> None:
        self._changed = changed

    def _chip(self, entry: str) -> Any:
        meaning = self._labels.get(entry)
        chip = widgets.Button(
            description=f"{entry} ✕", tooltip=f"Remove {entry}" + (f" ({meaning})" if meaning else "")
        )
        chip.on_click(lambda _: self._removed(entry))
        return chip

    def _typed(self, change: Any) -> None:
        added = split_entries(" ".join(str(change["new"]).split()))
        if not added:
            return
        self._box.value = ""
        self.put([*self._entries, *(entry for entry in dict.fromkeys(added) if entry not in self._entries)])
        self._changed()

    def _removed(self, entry: str) -> None:
        self.put([other for other in self._entries if other != entry])
        self._changed()


class TickedEntries:
    """A box to tick for each choice; the entries stand in the order in which they were ticked.

    An entry that is no choice keeps a box of its own, so that it can be removed.
    """

    def __init__(self, question: Question) -> None:
        self._labels = {choice.value: choice.label or choice.value for choice in question.choices}
        self._changed: Listener = lambda: None
        self._quiet = False
        self._boxes: dict[str, Any] = {}
        self._ticked: list[str] = []
        self.widget = widgets.VBox()
        self.put(())

    def entries(self) -> list[str]:
        return list(self._ticked)

    def put(self, entries: Sequence[str]) -> None:
        self._quiet = True
        try:
            for value in dict.fromkeys([*self._labels, *entries]):
                if value not in self._boxes:
                    self._boxes[value] = self._made(value)
                self._boxes[value].value = value in entries
            self.widget.children = tuple(self._boxes.values())
            self._ticked = list(entries)
        finally:
            self._quiet = False

    def listen(self, changed: Listener) -> None:
        self._changed = changed

    def _made(self, value: str) -> Any:
        box = widgets.Checkbox(description=self._labels.get(value, value), indent=False)
        box.add_class("ke-check")
        box.observe(lambda change: self._told(value, ticked=change["new"]), names="value")
        return box

    def _told(self, value: str, *, ticked: bool) -> None:
        if not self._quiet:
            others = [other for other in self._ticked if other != value]
            self._ticked = [*others, value] if ticked else others
            self._changed()


class RowEntries:
    """A row for each co-exposure: the substance, how it is known, when it was taken, and its dose."""

    def __init__(self, question: Question) -> None:
        self._question = question
        self._changed: Listener = lambda: None
        self._quiet = False
        self._rows: list[tuple[Any, ...]] = []
        add = widgets.Button(description="Add another substance")
        add.add_class("ke-wide")
        add.on_click(lambda _: self._more())
        self._box = widgets.VBox()
        self.widget = widgets.VBox([self._box, add])
        self.put(())

    def entries(self) -> list[str]:
        return [text for row in self._rows for text in [_row_text(row)] if text]

    def put(self, entries: Sequence[str]) -> None:
        self._quiet = True
        try:
            self._rows = [self._made(_read(entry)) for entry in entries] or [self._made(_EMPTY)]
            self._show()
        finally:
            self._quiet = False

    def listen(self, changed: Listener) -> None:
        self._changed = changed

    def _more(self) -> None:
        self._rows.append(self._made(_EMPTY))
        self._show()

    def _show(self) -> None:
        self._box.children = tuple(self._framed(row) for row in self._rows)

    def _framed(self, row: tuple[Any, ...]) -> Any:
        name = row[0].value or "this row"
        remove = widgets.Button(description="Remove", tooltip=f"Remove {name}")
        remove.add_class("ke-wide")
        remove.on_click(lambda _: self._removed(row))
        frame = widgets.HBox([*row, remove])
        frame.add_class("ke-row")
        return frame

    def _removed(self, row: tuple[Any, ...]) -> None:
        self._rows = [other for other in self._rows if other is not row] or [self._made(_EMPTY)]
        self._show()
        self._changed()

    def _made(self, exposure: CoExposure) -> tuple[Any, ...]:
        substance = widgets.Combobox(
            options=[choice.value for choice in self._question.choices],
            ensure_option=False,
            continuous_update=False,
            value=exposure.substance,
            description="Substance",
        )
        parts = [self._choice(part, value) for part, value in _parts(exposure)]
        dose = widgets.Text(value=exposure.dose_text or "", description="Dose or detail", continuous_update=False)
        row = (substance, *parts, dose)
        for control in row:
            control.add_class("ke-stacked")
            control.observe(self._told, names="value")
        return row

    def _choice(self, part: str, value: str) -> Any:
        categories = self._question.field.item_categories.get(part, ())
        options = [("choose", ""), *((category.label, category.value) for category in categories)]
        if value not in {option for _, option in options}:
            options.append((value, value))
        return widgets.Dropdown(options=options, value=value, description=_PARTS[part])

    def _told(self, _: Any) -> None:
        if not self._quiet:
            self._changed()


_EMPTY = CoExposure(substance="", evidence="", timing="")
_PARTS = {"evidence": "How it is known", "timing": "When it was taken"}


def _parts(exposure: CoExposure) -> tuple[tuple[str, str], ...]:
    return (("evidence", exposure.evidence), ("timing", exposure.timing))


def _read(entry: str) -> CoExposure:
    """The parts of an entry; one of another shape is taken for a substance of which the rest is to be chosen."""
    return parse_co_exposure(entry) or CoExposure(substance=entry, evidence="", timing="")


def _row_text(row: tuple[Any, ...]) -> str:
    """The entry as the cell holds it; empty for a row that nobody has touched."""
    substance, evidence, timing, dose = (" ".join(str(control.value or "").split()) for control in row)
    if not any((substance, evidence, timing, dose)):
        return ""
    return str(CoExposure(substance=substance, evidence=evidence, timing=timing, dose_text=dose or None))
