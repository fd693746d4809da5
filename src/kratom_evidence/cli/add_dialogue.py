"""`kratom-evidence add` on a terminal: drafts, the dialogue, and what is said after it."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kratom_evidence.adding.citations import default_finder
from kratom_evidence.adding.dialogue import Dialogue
from kratom_evidence.adding.draft import Draft, drafts, load_draft, new_draft, remove_draft, save_draft
from kratom_evidence.adding.entry import CaseEntry
from kratom_evidence.adding.terminal import Terminal
from kratom_evidence.cli.add_impact import compared, impact_text
from kratom_evidence.cli.add_words import reminders, text_answer
from kratom_evidence.faults import UsageError

if TYPE_CHECKING:
    from kratom_evidence.cli.diff_sides import Comparison
    from kratom_evidence.curation.new_case_rows import Addition


def lead(entry: CaseEntry, options: argparse.Namespace) -> int:
    """Choose or begin a draft, and lead through the dialogue. 130 when it was interrupted; the draft is kept."""
    terminal = Terminal()
    try:
        draft = _draft(entry, options, terminal)
        if draft is None:
            return 0
        second = CaseEntry(data=entry.data, second_of=draft.second_of)
        return _led(second, options, terminal, draft)
    except EOFError:
        return 0


def _led(entry: CaseEntry, options: argparse.Namespace, terminal: Terminal, draft: Draft) -> int:
    shown: dict[str, Comparison] = {}

    def impact(made: "Addition") -> str:
        if options.no_impact or entry.second_of is not None:
            return text_answer(made, (), None, written=False)
        shown["last"] = compared(entry, made, {})
        return impact_text(shown["last"]) or ""

    dialogue = Dialogue(
        entry=entry,
        console=terminal,
        finder=default_finder(offline=options.offline),
        draft=draft,
        save=lambda kept: _saved(entry, kept),
        impact=impact,
    )
    try:
        outcome = dialogue.run()
    except (EOFError, KeyboardInterrupt) as left:
        _farewell(dialogue.draft, entry)
        return 130 if isinstance(left, KeyboardInterrupt) else 0
    if outcome == "left" or dialogue.result is None:
        _farewell(dialogue.draft, entry)
        return 0
    remove_draft(entry.data, dialogue.draft.name)
    made = dialogue.result.addition
    terminal.say(text_answer(made, (), None, written=True))
    terminal.say(
        "\n".join(
            [
                "Still to do:",
                *(f"- {left}" for left in reminders(made, shown.get("last"), second=entry.second_of is not None)),
            ]
        )
    )
    return 0


def _saved(entry: CaseEntry, draft: Draft) -> None:
    """Keep the draft once there is anything in it."""
    if draft.answers:
        save_draft(entry.data, draft)


def _farewell(draft: Draft, entry: CaseEntry) -> None:
    if draft.answers:
        _saved(entry, draft)
        print(
            f"Nothing was written. The answers are kept; go on with: kratom-evidence add --resume {draft.name}",
            file=sys.stderr,
        )


def _draft(entry: CaseEntry, options: argparse.Namespace, terminal: Terminal) -> Draft | None:
    """The draft to go on with, a new one, or None when there is nothing to choose."""
    if options.resume is None:
        draft = new_draft(options.second)
        citation = {name: text for name, text in (("doi", options.doi), ("pmid", options.pmid)) if text}
        new = replace(
            draft.new,
            citation=citation,
            same_publication=options.same_publication,
            not_the_same_patient=options.not_the_same_patient,
        )
        return replace(draft, new=new)
    if options.resume:
        return load_draft(entry.data, options.resume)
    found = drafts(entry.data)
    if not found:
        raise UsageError("There is no draft. Begin one with: kratom-evidence add")
    terminal.say(f"Drafts:\n{_listed(found)}")
    while True:
        typed = terminal.ask(f"Number of the draft (1 to {len(found)}, Enter for none): ").strip()
        if not typed:
            return None
        if typed.isdecimal() and 1 <= int(typed) <= len(found):
            return found[int(typed) - 1]


def _listed(found: Sequence[Draft]) -> str:
    """The drafts, one a line."""
    return "\n".join(f"  {number}  {draft.described()}" for number, draft in enumerate(found, start=1))
