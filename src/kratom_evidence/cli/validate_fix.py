"""`kratom-evidence validate --fix`: the repairs that leave no choice, shown as a diff and written only when asked."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from kratom_evidence.locking import locked

if TYPE_CHECKING:
    from kratom_evidence.curation import Earlier, Proposal, ValidationReport

LOCK_FILE = ".lock"
_BUSY = "Another kratom-evidence command writes to the data."


def fix(data: Path, *, write: bool, earlier: "Earlier") -> "ValidationReport":
    """Show the repairs, write them when `write` is set, and say what remains to be mended by hand.

    The report is that of the repaired data, whether they were written or not.

    Raises:
        ExplainedError: the codebook cannot be read, or a file cannot be written.
    """
    from kratom_evidence.cli.claims_check import with_claims
    from kratom_evidence.curation import propose_repairs, validate
    from kratom_evidence.replacing import finish_pending, replace_files

    if write:
        with locked(data / LOCK_FILE, busy=_BUSY):
            # What an `add` that was stopped had decided comes first; else it would find its files changed.
            finish_pending(data)
            proposal = propose_repairs(data)
            replace_files(data, {table.path: table.after for table in proposal.tables})
    else:
        proposal = propose_repairs(data)
    _show(proposal, write=write)
    return with_claims(validate(data, proposal.replaced, earlier=earlier), data)


def form_note(data: Path) -> str | None:
    """A line on what is read rightly but written in another way than this project does; None when there is nothing."""
    from kratom_evidence.curation import form_codes, propose_repairs

    forms = form_codes()
    tables = [
        table.path for table in propose_repairs(data).tables if any(repair.code in forms for repair in table.repairs)
    ]
    if not tables:
        return None
    return (
        f"Read rightly, but written in another way than in this project: {', '.join(tables)}. "
        "To see how: kratom-evidence validate --fix"
    )


def _show(proposal: "Proposal", *, write: bool) -> None:
    from kratom_evidence.curation import repair_diff

    for table in proposal.tables:
        print(_printable(repair_diff(table)))
    for path, reason in proposal.blocked.items():
        print(f"{path} is left alone: {reason}.")
    if not proposal.tables:
        print("There is nothing to repair.")
        return
    files = f"{len(proposal.tables)} {'file' if len(proposal.tables) == 1 else 'files'}"
    if write:
        print(f"Repaired: {files}.")
    else:
        print(f"Nothing was written. To repair {files}: kratom-evidence validate --fix --write")


def _printable(text: str) -> str:
    """The text as it is for a file or pipe; on a terminal, with an escape for what could steer it."""
    if not sys.stdout.isatty():
        return text
    return "".join(letter if letter.isprintable() or letter in "\n\t" else repr(letter)[1:-1] for letter in text)
