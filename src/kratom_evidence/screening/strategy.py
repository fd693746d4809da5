"""The saved search of data/screening/search.yaml: one strategy per service, documented as PRISMA-S asks for."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from kratom_evidence.faults import ExplainedError, Fault, UsageError
from kratom_evidence.literature import SERVICE_NAMES
from kratom_evidence.nearest import nearest_name
from kratom_evidence.plain_files import read_plain_file
from kratom_evidence.yaml_lines import LARGEST_FILE, YamlError, parse_yaml

SEARCH_FILE = "screening/search.yaml"
_TEXTS = ("interface", "query", "fields", "limits", "date_field")
_MOST = 10_000


@dataclass(frozen=True, kw_only=True)
class Strategy:
    """How one service is searched: the query exactly as it is sent, and what it covers in words.

    `most_records` is the number of records above which a search is refused instead of read in part.
    """

    service: str
    interface: str
    query: str
    fields: str
    limits: str
    date_field: str
    most_records: int

    @property
    def query_hash(self) -> str:
        """First 12 hexadecimal digits of the SHA-256 of the query, as search_log.csv has it."""
        return hashlib.sha256(self.query.encode()).hexdigest()[:12]


@dataclass(frozen=True, kw_only=True)
class SavedSearch:
    """The whole file. `original_collection` says what is known of how the first publications were found."""

    purpose: str
    original_collection: str
    strategies: Mapping[str, Strategy]

    def chosen(self, names: tuple[str, ...]) -> tuple[Strategy, ...]:
        """The strategies of those services, or all.

        Raises:
            UsageError: there is no strategy for one of them.
        """
        for name in names:
            if name not in self.strategies:
                nearest = nearest_name(name, self.strategies)
                hint = f" Did you mean {nearest!r}?" if nearest else ""
                raise UsageError(
                    f"--service {name}: {SEARCH_FILE} has strategies for {', '.join(self.strategies)}.{hint}"
                )
        return tuple(strategy for name, strategy in self.strategies.items() if not names or name in names)


def read_search(data: Path) -> SavedSearch:
    """Read data/screening/search.yaml.

    Raises:
        ExplainedError: it is missing, is not YAML, or lacks something; every fault is named.
    """
    try:
        document = parse_yaml(read_plain_file(data / SEARCH_FILE, LARGEST_FILE), SEARCH_FILE).value
    except OSError as error:
        raise _unusable([_fault("", f"It cannot be read: {error.strerror}.", "Restore it from git.")]) from None
    except YamlError as error:
        raise _unusable([error.fault]) from None
    faults: list[Fault] = []
    root = document if isinstance(document, dict) else {}
    words = {name: _text(root, name, name, faults) for name in ("purpose", "original_collection")}
    entries = root.get("strategies")
    if not isinstance(entries, dict) or not entries:
        faults.append(_fault("strategies", "There is no strategy.", "Write one for each service."))
        entries = {}
    strategies = {str(name): _strategy(str(name), entry, faults) for name, entry in entries.items()}
    if faults:
        raise _unusable(faults)
    return SavedSearch(strategies=dict(sorted(strategies.items())), **words)


def last_searched(log: pd.DataFrame, strategy: Strategy) -> date | None:
    """The day up to which that service was searched with that query without a gap; None when it never was.

    A changed query has never been run, so it begins again. A search that began later than the day reached before leaves
    a gap, so it reaches no further.
    """
    rows = log[(log["service"] == strategy.service) & (log["query_hash"] == strategy.query_hash)]
    reached: date | None = None
    for searched_at, since in sorted(zip(rows["searched_at"].astype(str), rows["since"], strict=True)):
        begin = None if pd.isna(since) else date.fromisoformat(str(since)[:10])
        if begin is None or (reached is not None and begin <= reached):
            reached = max(reached or date.min, date.fromisoformat(searched_at[:10]))
    return reached


def _strategy(name: str, entry: Any, faults: list[Fault]) -> Strategy:
    place = f"strategies.{name}"
    if name not in SERVICE_NAMES:
        nearest = nearest_name(name, SERVICE_NAMES)
        why = f"There is no such service; there are {', '.join(SERVICE_NAMES)}."
        faults.append(_fault(place, why, "Correct the name.", nearest=nearest))
    fields = entry if isinstance(entry, dict) else {}
    for unknown in sorted(str(key) for key in fields if key not in {*_TEXTS, "most_records"}):
        nearest = nearest_name(unknown, [*_TEXTS, "most_records"])
        faults.append(_fault(f"{place}.{unknown}", "There is no such entry.", "Correct or remove it.", nearest=nearest))
    most = fields.get("most_records")
    if isinstance(most, bool) or not isinstance(most, int) or not 1 <= most <= _MOST:
        faults.append(_fault(f"{place}.most_records", f"It must be a number from 1 to {_MOST}.", "Correct it."))
        most = 1
    texts = {key: _text(fields, key, f"{place}.{key}", faults) for key in _TEXTS}
    return Strategy(service=name, most_records=most, **texts)


def _text(entry: Mapping[str, Any], key: str, place: str, faults: list[Fault]) -> str:
    value = entry.get(key)
    if isinstance(value, str) and value.strip():
        return " ".join(value.split())
    faults.append(_fault(place, "A text is missing here.", "Write it; PRISMA-S asks for it."))
    return ""


def _fault(place: str, why: str, mend: str, nearest: str | None = None) -> Fault:
    return Fault(code="X303", file=SEARCH_FILE, column=place or None, why=why, mend=mend, nearest=nearest)


def _unusable(faults: list[Fault]) -> ExplainedError:
    return ExplainedError("The saved search cannot be used.", faults)
