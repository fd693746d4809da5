"""What `kratom-evidence add` says: the files, the warnings, what moved, and what is left to do."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kratom_evidence.faults import Fault, shorten

if TYPE_CHECKING:
    from kratom_evidence.adding.entry import Caution
    from kratom_evidence.cli.diff_sides import Comparison
    from kratom_evidence.curation.new_case_rows import Addition


def fault_lines(faults: Sequence[Fault]) -> list[str]:
    """Each fault with its place, what was found, why, how to mend it and the nearest allowed value."""
    from kratom_evidence.cli.printing import visible

    lines = []
    for fault in faults:
        line = None if fault.row is None else f"{'line' if fault.code[0] in 'AC' else 'row'} {fault.row}"
        place = ", ".join(part for part in (fault.file, line, fault.column) if part)
        lines.append(f"  {fault.code}  {place}")
        details = (
            ("found", None if fault.value is None else repr(shorten(fault.value))),
            ("why", fault.why),
            ("mend", fault.mend),
            ("nearest", None if fault.nearest is None else repr(shorten(fault.nearest))),
        )
        lines += [f"        {name + ':':9}{text}" for name, text in details if text is not None]
    return [visible(line) for line in lines]


def reminders(made: "Addition", comparison: "Comparison | None", *, second: bool = False) -> list[str]:
    """What is left to do after the case was written, with a proposal for the changelog of the data."""
    if second:
        return [
            "Compare the two extractions, and decide where they differ in extraction/adjudication.csv.",
            "Look at the change (git diff), run kratom-evidence validate, and commit it.",
        ]
    moved = "not computed"
    if comparison is not None:
        changes, numbers = comparison.claims.verdicts_moved, comparison.claims.only_numbers_moved
        moved = "; ".join(f"{c.claim_id} from {_verdict(c.old)} to {_verdict(c.new)}" for c in changes) or "none"
        moved += f". Numbers moved: {', '.join(c.claim_id for c in numbers) or 'none'}"
    title = made.entry.get("title") if made.entry else None
    about = f", “{shorten(str(title), 120)}”" if title else ""
    line = f"Added `{made.case_id}` ({made.citekey}{about}). Verdicts moved: {moved}."
    again = "Have it extracted a second time by somebody who has not seen the row:"
    return [
        f"Give the data a new version in data/datapackage.json, and tell in data/CHANGELOG.md, for example: {line}",
        "Run make pin, which names what else that entry must tell, then make notebooks and make test.",
        "Look at the change (git diff) and commit it.",
        f"{again} kratom-evidence add --second {made.case_id}",
    ]


def _verdict(judgement: Any) -> str:
    return "absent" if judgement is None else str(judgement.verdict.value)


def text_answer(made: "Addition", warnings: "Sequence[Caution]", impact: str | None, *, written: bool) -> str:
    """What was, or would be, written, in words."""
    done = "Written" if written else "Would be written"
    lines = [f"{done}: {made.case_id}, in {', '.join(f'data/{path}' for path in made.files)}."]
    lines += [f"Note: {warning.sentence}" for warning in warnings]
    return "\n".join(lines) + (f"\n\n{impact}" if impact else "")


def json_answer(
    status: str,
    *,
    made: "Addition | None" = None,
    faults: Sequence[Fault] = (),
    warnings: "Sequence[Caution]" = (),
    impact: dict[str, Any] | None = None,
    left: Sequence[str] = (),
) -> str:
    """The same for programs; see the docstring of `cli.add`."""
    document = {
        "status": status,
        "case_id": made.case_id or None if made else None,
        "citekey": made.citekey or None if made else None,
        "row": dict(made.row) if made else {},
        "source": made.entry if made else None,
        "files": list(made.files) if made else [],
        "faults": [
            {
                "code": fault.code,
                "file": fault.file,
                "line": fault.row,
                "field": fault.column,
                "value": fault.value,
                "why": fault.why,
                "mend": fault.mend,
                "nearest": fault.nearest,
            }
            for fault in faults
        ],
        "warnings": [{"kind": warning.kind, "sentence": warning.sentence} for warning in warnings],
        "impact": impact,
        "reminders": list(left),
    }
    return json.dumps(document, ensure_ascii=False, indent=2)
