"""Data folders of any size, sound in every rule: the real cases, and simulated ones beside them.

A simulated case is a real one, drawn with replacement, always the same draw, with a publication and extractions of its
own. Its free texts are like no other's, its lists stand in an order of their own, and one in ten of its findings is not
stated: what computes equal cells or equal cases once gains no more than it would from as many real ones. They serve to
measure time and nothing else.
"""

import csv
import json
import random
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kratom_evidence.codebook import Codebook, Table, read_codebook
from kratom_evidence.codebook.lists import split_outside_brackets

SEED = 20261122
# Of the findings of a real case, this part is not stated in a simulated one. Nothing becomes contradictory by that.
_FORGOTTEN = 0.1
_FINDINGS = ("findings_present", "findings_absent")
EXTRACTED = ("first_extraction", "second_extraction", "adjudication")
# No registrant has this prefix, so that no publication has such an identifier.
_PREFIX = "10.0000"

Row = dict[str, str]


@dataclass(frozen=True, kw_only=True)
class _Real:
    """What simulated cases are made from."""

    codebook: Codebook
    cases: Sequence[Row]
    extracted: Mapping[str, Mapping[str, Sequence[Row]]]
    publications: Sequence[dict[str, Any]]


def simulated_data(data: Path, folder: Path, cases: int) -> None:
    """Write to a new folder a copy of the data with as many cases as are asked for.

    Raises:
        ValueError: fewer cases are asked for than the data have.
    """
    real = _read(data)
    if cases < len(real.cases):
        raise ValueError(f"There are {len(real.cases)} real cases; a data set of {cases} cannot hold them.")
    shutil.copytree(data, folder)
    tables = {"case_reports": list(real.cases)}
    tables |= {name: [row for rows in by_case.values() for row in rows] for name, by_case in real.extracted.items()}
    publications, by_id = list(real.publications), {entry["id"]: entry for entry in real.publications}
    chance = random.Random(SEED)
    for number in range(1, cases - len(real.cases) + 1):
        name, drawn = f"simulated{number:06}", chance.choice(real.cases)
        tables["case_reports"].append(_twin(drawn, name, real.codebook.table("case_reports"), chance))
        for table, by_case in real.extracted.items():
            tables[table] += [{**row, "case_id": name} for row in by_case.get(drawn["case_id"], ())]
        publications.append(_publication(by_id[drawn["citekey"]], name))
    for table, rows in tables.items():
        _write(folder, real.codebook.table(table), rows)
    publications.sort(key=lambda entry: str(entry["id"]))
    text = json.dumps(publications, ensure_ascii=False, indent=1)
    (folder / real.codebook.table("sources").path).write_text(f"{text}\n", encoding="utf-8")


def _read(data: Path) -> _Real:
    codebook = read_codebook(data)
    extracted: dict[str, dict[str, list[Row]]] = {name: {} for name in EXTRACTED}
    for name, by_case in extracted.items():
        for row in _rows(data / codebook.table(name).path):
            by_case.setdefault(row["case_id"], []).append(row)
    return _Real(
        codebook=codebook,
        cases=_rows(data / codebook.table("case_reports").path),
        extracted=extracted,
        publications=json.loads((data / codebook.table("sources").path).read_text(encoding="utf-8")),
    )


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _twin(real: Row, name: str, table: Table, chance: random.Random) -> Row:
    row = {**real, "case_id": name, "citekey": name}
    for column in table.fields:
        text = row[column.name]
        closed = column.categories or column.vocabulary or column.pattern
        if column.list_kind is not None:
            entries = split_outside_brackets(text, ";")
            if column.name in _FINDINGS:
                entries = [entry for entry in entries if chance.random() >= _FORGOTTEN]
            row[column.name] = "; ".join(chance.sample(entries, len(entries)))
        elif text and column.type == "string" and not closed:
            row[column.name] = f"{text} ({name})"
    return row


def _publication(real: Mapping[str, Any], name: str) -> dict[str, Any]:
    kept = {key: value for key, value in real.items() if key not in {"PMID", "PMCID", "URL"}}
    return {**kept, "id": name, "title": f"{real.get('title', '')} ({name})", "DOI": f"{_PREFIX}/{name}"}


def _write(folder: Path, table: Table, rows: Sequence[Row]) -> None:
    in_order = sorted(rows, key=lambda row: tuple(row[name] for name in table.primary_key))
    with (folder / table.path).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(in_order)
