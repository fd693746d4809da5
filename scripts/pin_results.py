"""Pin the results on the committed data as reference values, in tests/reference/.

Usage: python scripts/pin_results.py
Shows what moved since the last pin, row by row, and pins it when data/CHANGELOG.md says so: its entry for the present
data version must name every statement (C13), case (brooks2023) and notebook (notebook 04) of which a result moved.
`kratom-evidence diff` tells the same in sentences. It ends with 1, and pins nothing, when a name is missing.

pinned.json beside the tables holds the data version of the pin, the names that had to be acknowledged for it, and the
SHA-256 of each table, so that a table edited by hand is not taken for a pinned one.
"""

import hashlib
import json
import re
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reference_tables import Row, Tables, csv_rows, csv_text, reference_tables

from kratom_evidence.claims import read_claims
from kratom_evidence.dataset import load
from kratom_evidence.files import write_atomically

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "tests" / "reference"
PIN = "pinned.json"
CHANGELOG = Path("data") / "CHANGELOG.md"
_MOST_SHOWN = 40


@dataclass(frozen=True, kw_only=True)
class Moved:
    """A row that is in the pin only (sign "-") or in the computed table only ("+"), and whose result it is."""

    table: str
    sign: str
    row: Row

    @property
    def name(self) -> str:
        """The statement, the case or the notebook that the changelog must name."""
        return f"notebook {self.row[0]}" if self.table == "totals.csv" else self.row[0]

    def __str__(self) -> str:
        return f"{self.sign} {self.table}: {', '.join(self.row)}"


def moved_rows(pinned: Tables, computed: Tables) -> list[Moved]:
    """What is in one of them only, sorted; a changed value is one row of each."""
    moved = []
    for table in sorted(pinned.keys() | computed.keys()):
        old, new = set(pinned.get(table, ())), set(computed.get(table, ()))
        signed = [*((row, "-") for row in old - new), *((row, "+") for row in new - old)]
        moved += [Moved(table=table, sign=sign, row=row) for row, sign in sorted(signed, key=lambda pair: pair[0])]
    return moved


def entry_of(changelog: str, version: str) -> str | None:
    """The text of the changelog below the heading of that version; None where there is no such heading."""
    parts = re.split(r"^## +(.+?) *$", changelog, flags=re.MULTILINE)
    entries = dict(zip(parts[1::2], parts[2::2], strict=True))
    return entries.get(version)


def not_named(names: Iterable[str], entry: str | None) -> list[str]:
    """Those that do not stand in the entry as whole words, sorted."""
    text = " ".join((entry or "").split())
    return sorted(name for name in set(names) if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text))


def pinned_tables(folder: Path) -> tuple[dict[str, Any], dict[str, list[Row]]]:
    """The pin and its tables, as they lie in the folder; empty before the first pin.

    Raises:
        ValueError: a table is not the one that was pinned.
    """
    if not (folder / PIN).is_file():
        return {}, {}
    pin: dict[str, Any] = json.loads((folder / PIN).read_text(encoding="utf-8"))
    texts = {name: (folder / name).read_text(encoding="utf-8") for name in pin["tables"]}
    edited = [name for name, text in texts.items() if _hash(text) != pin["tables"][name]]
    if edited:
        raise ValueError(f"{', '.join(edited)} was edited by hand. Restore it; scripts/pin_results.py writes it.")
    return pin, {name: csv_rows(text) for name, text in texts.items()}


def pin_results(folder: Path, computed: Tables, *, data_version: str, changelog: str) -> tuple[list[Moved], list[str]]:
    """Pin the tables when what moved is acknowledged; what moved, and the names that the changelog lacks.

    Names that were acknowledged for this version before stay acknowledged for it. The first pin moves nothing.
    """
    pin, pinned = pinned_tables(folder)
    moved = moved_rows(pinned, computed) if pin else []
    before = pin.get("moved", []) if pin.get("data_version") == data_version else []
    names = sorted({*before, *(row.name for row in moved)})
    lacking = not_named(names, entry_of(changelog, data_version))
    if not lacking and (moved or not pin):
        _write(folder, computed, data_version=data_version, names=names)
    return moved, lacking


def _write(folder: Path, computed: Tables, *, data_version: str, names: Sequence[str]) -> None:
    texts = {name: csv_text(rows) for name, rows in computed.items()}
    pin = {
        "data_version": data_version,
        "moved": list(names),
        "tables": {name: _hash(text) for name, text in sorted(texts.items())},
    }
    for name, text in {**texts, PIN: json.dumps(pin, indent=1, ensure_ascii=False) + "\n"}.items():
        write_atomically(folder / name, text)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def told(moved: Sequence[Moved], lacking: Collection[str], data_version: str) -> str:
    """What moved, and what the changelog lacks, in lines."""
    lines = [str(row) for row in moved[:_MOST_SHOWN]]
    if len(moved) > _MOST_SHOWN:
        lines.append(f"… and {len(moved) - _MOST_SHOWN} rows more.")
    if lacking:
        lines.append(
            f"{CHANGELOG.as_posix()}: the entry {data_version} does not name {', '.join(lacking)}, of which results "
            "moved. Say there why, then run scripts/pin_results.py."
        )
    return "\n".join(lines)


def computed_tables(root: Path) -> tuple[Mapping[str, list[Row]], str]:
    """The tables of the project as it is now, and the version of its data."""
    dataset = load(root / "data")
    return reference_tables(dataset, read_claims(root / "data")), dataset.version


def main() -> int:
    """Pin, and say what moved; 1 when the changelog lacks a name."""
    computed, version = computed_tables(ROOT)
    changelog = (ROOT / CHANGELOG).read_text(encoding="utf-8")
    try:
        moved, lacking = pin_results(REFERENCE, computed, data_version=version, changelog=changelog)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    print(told(moved, lacking, version) or "Nothing moved.")
    if not lacking:
        print(f"Pinned for data {version}: {REFERENCE.relative_to(ROOT).as_posix()}/")
    return int(bool(lacking))


if __name__ == "__main__":
    sys.exit(main())
