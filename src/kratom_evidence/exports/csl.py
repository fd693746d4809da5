"""Publications as CSL-JSON, which is what the project keeps them in. Zotero, Mendeley and pandoc read it."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

Entry = Mapping[str, Any]


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """The entries in the order of their citation keys."""
    return sorted(entries, key=lambda entry: str(entry["id"]))


def csl_json(entries: Iterable[Entry]) -> str:
    """The publications as the text of a CSL-JSON file."""
    return json.dumps(in_order(entries), indent=2, ensure_ascii=False) + "\n"


def one_line(text: str) -> str:
    """The text without line breaks and doubled blanks."""
    return " ".join(text.split())


def year(entry: Entry) -> str | None:
    """The year of publication, or None when it was not seen."""
    parts = entry.get("issued", {}).get("date-parts") or [[]]
    return str(parts[0][0]) if parts[0] else None
