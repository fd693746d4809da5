"""Reading and checking the bibliographies (CSL-JSON, as Zotero reads and writes it)."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kratom_evidence.codebook.cells import hidden_character
from kratom_evidence.faults import Fault
from kratom_evidence.plain_files import parse_json, read_plain_file

_YEAR = re.compile(r"[0-9]{4}")
_LINE_BREAKS = re.compile(r"[\r\n]")
_ID = re.compile(r"[a-z][a-z0-9_]*")
FORMS = {
    "DOI": (re.compile(r"10\.[0-9]{4,9}/[^\s\"<>]+"), "a DOI without https://, such as 10.1093/qjmed/hcg109"),
    "PMID": (re.compile(r"[0-9]{1,8}"), "digits only, such as 12925718"),
    "PMCID": (re.compile(r"PMC[0-9]{1,9}"), "PMC and digits, such as PMC7643221"),
    "URL": (re.compile(r"https?://[^\s\"<>\\^`{|}]+"), "an address that begins with https:// or http://"),
}


def read_csl_json(path: Path, file: str) -> tuple[tuple[dict[str, Any], ...], tuple[Fault, ...]]:
    """The entries of a CSL-JSON file and what is wrong with it; entries without a usable id are left out."""
    try:
        document = parse_json(read_plain_file(path))
    except FileNotFoundError:
        return (), (_fault(file, "F001", "The file is missing.", "Restore it, for example with git checkout."),)
    except OSError as error:
        return (), (
            _fault(file, "F001", f"It cannot be read: {error.strerror}.", "Check what it is, and its permissions."),
        )
    except (ValueError, RecursionError) as error:
        why = f"The file is not JSON: {error}."
        return (), (_fault(file, "F010", why, "Mend the JSON at that place, or export it again from Zotero."),)
    if not isinstance(document, list):
        why = "The file does not hold a list of publications."
        return (), (_fault(file, "F010", why, "Export the library from Zotero as CSL JSON."),)
    entries: list[dict[str, Any]] = []
    faults: list[Fault] = []
    first_seen: dict[str, int] = {}
    for number, entry in enumerate(document, start=1):
        faults.extend(_entry_faults(entry, number, file))
        if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
            continue
        entries.append(entry)
        if first_seen.setdefault(entry["id"], number) != number:
            why = f"The key is already that of entry {first_seen[entry['id']]}."
            mend = "Keep one entry for each publication, or give this one a key of its own."
            faults.append(_fault(file, "X201", why, mend, row=number, column="id", value=entry["id"]))
    return tuple(entries), tuple(faults)


def _fault(file: str, code: str, why: str, mend: str, **where: Any) -> Fault:
    return Fault(code=code, file=file, why=why, mend=mend, **where)


def _entry_faults(entry: Any, number: int, file: str) -> list[Fault]:
    """The faults of one entry; `row` counts entries from 1."""
    if not isinstance(entry, dict):
        return [_fault(file, "F010", "The entry is not an object.", "Write it as { … }.", row=number)]
    faults = []
    key = entry.get("id")
    if not isinstance(key, str) or not _ID.fullmatch(key):
        why = "The id must be small letters, digits and underscores, beginning with a letter."
        mend = "Write first author and year, for example brooks2023, and the same into citekey of the case."
        own = entry.get("citation-key")
        near = own if isinstance(own, str) and _ID.fullmatch(own) else None
        faults.append(_fault(file, "C108", why, mend, row=number, column="id", value=str(key), nearest=near))
    if "abstract" in entry:
        why = "The entry holds the abstract, which is a text of its publisher. Zotero exports it with each entry."
        mend = "Remove it: the data may be copied by everybody."
        faults.append(_fault(file, "C121", why, mend, row=number, column="abstract"))
    if not isinstance(entry.get("type"), str):
        why = "The type of the publication is missing."
        faults.append(
            _fault(file, "C101", why, 'Write for example "type": "article-journal".', row=number, column="type")
        )
    faults.extend(_text_faults(entry, number, file))
    if not _authors_fit(entry.get("author", [])):
        why = 'The authors must be a list of objects with "family" or "literal".'
        faults.append(_fault(file, "C108", why, "Correct it.", row=number, column="author"))
    if "issued" in entry and publication_year(entry) is None:
        why = 'The date must read {"date-parts": [[2023]]}.'
        faults.append(_fault(file, "C108", why, "Correct it.", row=number, column="issued", value=str(entry["issued"])))
    return faults


def _text_faults(entry: Mapping[str, Any], number: int, file: str) -> list[Fault]:
    """The faults of the identifiers and texts of an entry."""
    faults = []
    for name, (form, words) in FORMS.items():
        value = entry.get(name)
        if value is not None and not (isinstance(value, str) and form.fullmatch(value)):
            why = f"The {name} must be {words}."
            faults.append(_fault(file, "C108", why, "Correct it.", row=number, column=name, value=str(value)))
    for name in ("title", "container-title", "volume", "issue", "page", "language", "note", "genre"):
        if not isinstance(entry.get(name, ""), str):
            why = "The value must be a text between quotation marks."
            faults.append(_fault(file, "C108", why, "Correct it.", row=number, column=name, value=str(entry[name])))
    for name in _with_hidden_characters(entry):
        why = "A text holds a character that cannot be seen or printed."
        faults.append(_fault(file, "C112", why, "Type the text again.", row=number, column=name))
    return faults


def _with_hidden_characters(entry: Mapping[str, Any]) -> Iterator[str]:
    """The names of the values in which somewhere a character cannot be seen; a line break is none."""
    for name, value in entry.items():
        waiting = [name, value]
        while waiting:
            inner = waiting.pop()
            if isinstance(inner, str):
                # Asked of the text as it stands first: nearly none has a line break or such a character.
                if hidden_character(inner) and hidden_character(_LINE_BREAKS.sub(" ", inner)):
                    yield name
                    break
            elif isinstance(inner, dict):
                waiting.extend([*inner.keys(), *inner.values()])
            elif isinstance(inner, list):
                waiting.extend(inner)


def _authors_fit(authors: Any) -> bool:
    return isinstance(authors, list) and all(
        isinstance(author, dict)
        and any(isinstance(author.get(part), str) and author[part].strip() for part in ("family", "literal"))
        and all(isinstance(value, str) for value in author.values())
        for author in authors
    )


def publication_year(entry: Mapping[str, Any]) -> int | None:
    """The year of publication, or None when it was not seen or is no year."""
    try:
        written = entry["issued"]["date-parts"][0][0]
    except (KeyError, IndexError, TypeError):
        return None
    # Zotero writes a number or its digits; 2023.5 and "2_023" are no years, though int() would take them.
    if isinstance(written, bool) or not isinstance(written, int | str) or not _YEAR.fullmatch(str(written)):
        return None
    return int(written) if 1500 <= int(written) <= 2200 else None
