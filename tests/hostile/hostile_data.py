"""A copy of the data with a hostile text in every field, as far as the project's own checks let it in."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from kratom_evidence.claims import read_claims
from kratom_evidence.curation import validate
from kratom_evidence.reports.slugs import slug
from tests.editing import Csv
from tests.hostile.payloads import HOSTILE_TEXTS

# File, row (as faults count it) and field of a text.
Spot: TypeAlias = tuple[str, int, str]
_BIBLIOGRAPHIES = ("sources.json", "context/sources.json")
_WORDS_OF_CLAIMS = (
    "statement",
    "section",
    "limits",
    "reason",
    "would_change",
    "change",
    "because",
    "not_testable_because",
    "could_be_tested_by",
)
_WORDS_OF_CODEBOOK = ("title", "label", "description")
# Identifiers: everything else refers to them, so a hostile one is tried in `hostile_substances` only.
_KEPT = {"case_id", "citekey", "name", "finding", "confounder", "primary_event", "context_id", "id", "type", "issued"}

_NAMED_BY_CLAIMS = {"compound", "target"}


@dataclass(kw_only=True)
class Attack:
    """What was tried on one copy: field -> texts that the checks let in, and texts that they refused."""

    accepted: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    refused: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    @property
    def fields(self) -> int:
        return len(self.accepted.keys() | self.refused.keys())

    def count(self, outcome: Mapping[str, set[str]]) -> int:
        return sum(map(len, outcome.values()))


class _Texts:
    """Every hostile text in turn, beginning somewhere else in each round and for each field."""

    def __init__(self, turn: int) -> None:
        self._next = turn

    def column(self, length: int) -> Iterator[str]:
        self._next += 7
        for place in range(length):
            yield HOSTILE_TEXTS[(self._next + place) % len(HOSTILE_TEXTS)]


def attacked(data: Path, turn: int = 0) -> Attack:
    """Put hostile texts into every field of the data in this folder; take back what `validate` refuses.

    `turn` chooses which text meets which row.
    """
    attack, texts = Attack(), _Texts(turn)
    _attack_codebook(data, texts, attack)
    _attack_claims(data, texts, attack)
    tried: dict[Spot, tuple[str, str]] = {}
    tables = _attacked_tables(data, texts, tried)
    libraries = _attacked_libraries(data, texts, tried)
    _hostile_substances(data, tables, texts, attack)
    _take_back_what_is_refused(data, tables, libraries, tried, attack)
    for (file, _, name), (text, _) in tried.items():
        attack.accepted[f"{file} {name}"].add(text)
    return attack


def _attack_codebook(data: Path, texts: _Texts, attack: Attack) -> None:
    path = data / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    places = [place for place in _leaves(package) if place[1] in _WORDS_OF_CODEBOOK]
    for (holder, name, _), text in zip(places, texts.column(len(places)), strict=True):
        # The codebook takes printable labels only; that one label is what the pages know classes by.
        if holder[name] != "Class" and text.isprintable():
            holder[name] = text
            attack.accepted[f"datapackage.json {name}"].add(text)
        else:
            attack.refused[f"datapackage.json {name}"].add(text)
    path.write_text(json.dumps(package, ensure_ascii=False, indent=2), encoding="utf-8")


def _attack_claims(data: Path, texts: _Texts, attack: Attack) -> None:
    path = data / "claims.yaml"
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    places = [place for place in _leaves(document) if place[2] in _WORDS_OF_CLAIMS]
    for (holder, name, words), text in zip(places, texts.column(len(places)), strict=True):
        # The ledger refuses the whole file for one character that cannot be printed.
        if all(character.isprintable() or character in "\n\t\u00a0" for character in text):
            holder[name] = text
            attack.accepted[f"claims.yaml {words}"].add(text)
        else:
            attack.refused[f"claims.yaml {words}"].add(text)
    path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), encoding="utf-8")
    read_claims(data)


def _leaves(node: Any, above: str = "") -> Iterator[tuple[Any, Any, str]]:
    """Every text with its holder, its key there, and the name that it stands under."""
    for name, value in list(node.items() if isinstance(node, dict) else enumerate(node)):
        words = name if isinstance(name, str) else above
        if isinstance(value, str):
            yield node, name, words
        elif isinstance(value, dict | list):
            yield from _leaves(value, words)


def _attacked_tables(data: Path, texts: _Texts, tried: dict[Spot, tuple[str, str]]) -> dict[str, Csv]:
    package = json.loads((data / "datapackage.json").read_text(encoding="utf-8"))
    claims = (data / "claims.yaml").read_text(encoding="utf-8")
    tables = {}
    for resource in package["resources"]:
        file = resource["path"]
        if not file.endswith(".csv"):
            continue
        table = tables[file] = Csv(data / file)
        for column in resource["schema"]["fields"]:
            free = column["type"] == "string" and "categories" not in column and "vocabulary" not in column
            if not free or column["name"] in _KEPT or column["name"] not in table.header:
                continue
            for row, text in enumerate(texts.column(len(table.rows)), start=2):
                if column["name"] in _NAMED_BY_CLAIMS and table.get(row, column["name"]) in claims:
                    continue
                tried[file, row, column["name"]] = (text, table.get(row, column["name"]))
                table.set(row, column["name"], text)
        table.save()
    return tables


def _attacked_libraries(
    data: Path, texts: _Texts, tried: dict[Spot, tuple[str, str]]
) -> dict[str, list[dict[str, Any]]]:
    libraries = {}
    for file in _BIBLIOGRAPHIES:
        entries = libraries[file] = json.loads((data / file).read_text(encoding="utf-8"))
        names = sorted({name for entry in entries for name in entry} - _KEPT - {"author", "custom"})
        for name in names:
            for number, text in enumerate(texts.column(len(entries)), start=1):
                tried[file, number, name] = (text, json.dumps(entries[number - 1].get(name)))
                entries[number - 1][name] = text
        for number, text in enumerate(texts.column(len(entries)), start=1):
            tried[file, number, "author"] = (text, json.dumps(entries[number - 1].get("author")))
            entries[number - 1]["author"] = [{"family": text, "given": text}]
        _save(data / file, entries)
    return libraries


def _save(path: Path, entries: object) -> None:
    path.write_text(json.dumps(entries, ensure_ascii=False, indent=2), encoding="utf-8")


def _hostile_substances(data: Path, tables: Mapping[str, Csv], texts: _Texts, attack: Attack) -> None:
    """Names of substances and doses of what was taken: in the vocabulary and wherever a case lists them."""
    claims = (data / "claims.yaml").read_text(encoding="utf-8")
    substances = tables["vocabulary/substances.csv"]
    listing = [table for table in tables.values() if "co_exposures" in table.header]
    listed = {name: 0 for table in listing for row in table.rows for name in _names(row[table.column("co_exposures")])}
    usable = [text for text in texts.column(len(HOSTILE_TEXTS)) if not set(text) & set("[];,\n\t\x01\x1b\u202e")]
    # Two names with the same file name are refused when pages are planned.
    usable = list({slug(text): text for text in usable if text == text.strip()}.values())
    renamed = {}
    for name in sorted(set(listed) - {"venlafaxine", "alcohol"}):
        if name not in claims and usable:
            renamed[name] = usable.pop()
            attack.accepted["vocabulary/substances.csv name"].add(renamed[name])
    for row, cells in enumerate(substances.rows, start=2):
        name = cells[substances.column("name")]
        substances.set(row, "name", renamed.get(name, name))
    for table in listing:
        for row in range(2, len(table.rows) + 2):
            text = table.get(row, "co_exposures")
            for name, other in renamed.items():
                text = text.replace(f"; {name} [", f"; {other} [")
                text = f"{other} [" + text.removeprefix(f"{name} [") if text.startswith(f"{name} [") else text
            table.set(row, "co_exposures", text)
        table.save()
    substances.rows.sort(key=lambda cells: cells[0])
    substances.save()


def _names(cell: str) -> Iterator[str]:
    for entry in cell.split("; "):
        if " [" in entry:
            yield entry.partition(" [")[0]


def _take_back_what_is_refused(
    data: Path,
    tables: Mapping[str, Csv],
    libraries: Mapping[str, list[dict[str, Any]]],
    tried: dict[Spot, tuple[str, str]],
    attack: Attack,
) -> None:
    for _ in range(12):
        faults = validate(data).faults
        spots = {spot for fault in faults for spot in _blamed(fault.file, fault.row, fault.column, tried)}
        if not spots:
            assert not faults, [str(fault) for fault in faults[:5]]
            return
        for file, row, name in spots:
            text, before = tried.pop((file, row, name))
            attack.refused[f"{file} {name}"].add(text)
            if file in tables:
                tables[file].set(row, name, before)
            elif before == "null":
                libraries[file][row - 1].pop(name)
            else:
                libraries[file][row - 1][name] = json.loads(before)
        for table in tables.values():
            table.save()
        for file, entries in libraries.items():
            _save(data / file, entries)
    raise AssertionError("the checks refuse texts without end")


def _blamed(file: str, row: int | None, column: str | None, tried: Mapping[Spot, object]) -> list[Spot]:
    """What may have caused a fault: the text in its place, else every text of its row, else of its file."""
    if row is not None and column is not None and (file, row, column) in tried:
        return [(file, row, column)]
    in_row = [spot for spot in tried if spot[:2] == (file, row)]
    return in_row or [spot for spot in tried if spot[0] == file]
