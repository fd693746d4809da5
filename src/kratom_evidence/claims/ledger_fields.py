"""Reading single fields of the ledger: what is wrong is noted with its line, and all of it is told at once."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from kratom_evidence.faults import Fault
from kratom_evidence.nearest import nearest_name
from kratom_evidence.yaml_lines import Located

CLAIMS_FILE = "claims.yaml"
Entry = TypeVar("Entry")


def fault(code: str, at: tuple[int | None, str | None], why: str, mend: str, **found: str | None) -> Fault:
    """A fault at a line and key of the ledger; `found` may give value and nearest."""
    return Fault(code=code, file=CLAIMS_FILE, row=at[0], column=at[1], why=why, mend=mend, **found)


def unknown_keys(entry: Located, allowed: Iterable[str], faults: list[Fault]) -> None:
    """Note every name that does not belong there, with the nearest that does."""
    names = sorted(allowed)
    for key, part in entry.parts.items():
        if key not in names:
            why = f"There is no such entry here. Allowed: {', '.join(names)}."
            near = nearest_name(str(key), names)
            faults.append(fault("F005", (part.line, str(key)), why, "Correct the name.", value=str(key), nearest=near))


def text_of(entry: Located, key: str, faults: list[Fault], *, required: bool) -> str | None:
    """The text under that name, on one line; None where there is none or it is no text."""
    part = entry.parts.get(key)
    if part is None:
        if required:
            faults.append(fault("C101", (entry.line, key), f"{key} is missing.", "Add it."))
        return None
    if not isinstance(part.value, str) or not part.value.strip():
        faults.append(fault("C108", (part.line, key), f"{key} must be a text.", "Put it between quotation marks."))
        return None
    return " ".join(part.value.split())


def one_of(entry: Located, key: str, allowed: Iterable[str], faults: list[Fault]) -> str | None:
    """The text under that name, which must be one of those allowed; else it is noted."""
    text = text_of(entry, key, faults, required=True)
    options = list(allowed)
    if text is None or text in options:
        return text
    why = f"{key} must be one of {', '.join(options)}."
    faults.append(
        fault(
            "C104",
            (entry.parts[key].line, key),
            why,
            "Use one of them.",
            value=text,
            nearest=nearest_name(text, options),
        )
    )
    return None


def entries_of(
    entry: Located, key: str, read: Callable[[Located, list[Fault]], Entry | None], faults: list[Fault], *, first: str
) -> tuple[Entry, ...]:
    """What `read` makes of each entry of the list under that name. `first` is the name that an entry begins with."""
    part = entry.parts.get(key)
    if part is None:
        return ()
    if not isinstance(part.value, list):
        faults.append(fault("C108", (part.line, key), f"{key} must be a list.", f"Begin each with - {first}:."))
        return ()
    found = [read(each, faults) for each in part.parts.values()]
    return tuple(each for each in found if each is not None)
