"""Which data a page reads. A page is made again only when these change, so what is left out here must not reach it.

What a page reads is laid out as what can be written as JSON: whole files by their hash, single rows by their values.
Names in its text become links, so the links that it is given are part of it. `tests/test_reports_incremental.py`
proves for each kind that nothing else reaches its pages.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from kratom_evidence.claims import Judgement
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence.substance_tables import COMPARED_FROM
from kratom_evidence.reports.cross_links import SiteLinks
from kratom_evidence.reports.inputs import digest

CODEBOOK = "datapackage.json"
_SIGNS = ("vocabulary/confounders.csv", "vocabulary/findings.csv")
_SUBSTANCE_FILES = (CODEBOOK, *_SIGNS, "vocabulary/events.csv", "vocabulary/substances.csv")


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All data: the tables, the judgements on all statements, the pages to link to, and the hash of each file."""

    dataset: Dataset
    judgements: Sequence[Judgement]
    links: SiteLinks
    files: Mapping[str, str]

    @cached_property
    def rows(self) -> Mapping[str, Mapping[str, Any]]:
        """Table -> key -> row, as what can be written as JSON."""
        tables = ("cases", "sources", "context_sources", "substances", "event_terms")
        return {name: _by_key(getattr(self.dataset, name)) for name in tables}

    @cached_property
    def taken(self) -> Mapping[str, set[str]]:
        """Case -> the substances that it lists."""
        listed = self.dataset.co_exposures
        return {str(case_id): set(names) for case_id, names in listed.groupby("case_id")["substance"]}

    @cached_property
    def adjudicated(self) -> Mapping[str, list[Any]]:
        """Case -> its rows of the adjudication."""
        found: dict[str, list[Any]] = {}
        for row in _by_key(self.dataset.adjudication).values():
            found.setdefault(row["case_id"], []).append(row)
        return found

    @cached_property
    def notices(self) -> Mapping[str, list[Any]]:
        """Publication -> what services say about its retraction or correction."""
        found: dict[str, list[Any]] = {}
        for row in _by_key(self.dataset.notices).values():
            found.setdefault(row["citekey"], []).append(row)
        return found


@dataclass(frozen=True, kw_only=True)
class DataRead:
    """What one page reads: its data, a short hash of these (12 hexadecimal digits), and what it may link to."""

    parts: Mapping[str, Any]
    fingerprint: str
    links: SiteLinks


Reads: TypeAlias = Callable[[Evidence, str], DataRead]


def everything(evidence: Evidence, _: str) -> DataRead:
    """The page of a statement counts over all cases and studies, and over what was not read."""
    parts = {"files": dict(evidence.files)}
    return DataRead(parts=parts, fingerprint=evidence.dataset.fingerprint, links=evidence.links)


def of_case(evidence: Evidence, case_id: str) -> DataRead:
    """Its own row; its publication; what the vocabularies say of it; the statements that rest on it.

    A verdict rests on all cases, so that another case can change the sheet: where it moves one of these statements.
    """
    rows, everywhere = evidence.rows, evidence.links
    case = rows["cases"][case_id]
    citekey = case["citekey"]
    taken = sorted(evidence.taken.get(case_id, ()))
    parts = {
        "files": _files(evidence, (CODEBOOK, *_SIGNS)),
        "case": case,
        "publication": rows["sources"][citekey],
        "patients_of_the_publication": [name for name, row in rows["cases"].items() if row["citekey"] == citekey],
        "event": rows["event_terms"][case["primary_event"]],
        "substances": {name: rows["substances"][name] for name in taken},
        "adjudication": evidence.adjudicated.get(case_id, []),
        "notices": evidence.notices.get(citekey, []),
        "statements": [
            [judgement.claim.id, judgement.claim.statement, judgement.verdict.label]
            for judgement in evidence.judgements
            if case_id in judgement.cases
        ],
    }
    text = json.dumps(parts, ensure_ascii=False)
    named = {name for name in chain(everywhere.cases, everywhere.substances) if name in text}
    links = _links_among(everywhere, named, _labels(evidence, taken))
    links = replace(links, publications=_links_of(evidence, [citekey]))
    return DataRead(parts=parts, fingerprint=digest(parts)[:12], links=links)


def of_substance(evidence: Evidence, substance: str) -> DataRead:
    """The cases with it, or all where these are enough to be compared; the publications behind them and its grade."""
    return _of_members(evidence, [substance])


def of_drug_class(evidence: Evidence, drug_class: str) -> DataRead:
    """As for a substance, for all substances of the class."""
    lexicon = evidence.dataset.substances
    return _of_members(evidence, list(lexicon.index[lexicon["drug_class"] == drug_class]))


def _of_members(evidence: Evidence, members: Sequence[str]) -> DataRead:
    rows = evidence.rows
    cases = [case_id for case_id, taken in evidence.taken.items() if taken & set(members)]
    publications = sorted({rows["cases"][case_id]["citekey"] for case_id in cases})
    of_grade = sorted({key for name in members for key in rows["substances"][name]["sources"] or ()})
    parts: dict[str, Any] = {
        "publications": {key: rows["sources"][key] for key in publications},
        "sources_of_the_grade": {key: rows["context_sources"][key] for key in of_grade},
    }
    links = evidence.links
    if len(cases) >= COMPARED_FROM:
        parts["files"] = _files(evidence, (*_SUBSTANCE_FILES, "case_reports.csv"))
    else:
        parts["files"] = _files(evidence, _SUBSTANCE_FILES)
        parts["cases"] = {case_id: rows["cases"][case_id] for case_id in cases}
        links = _links_among(links, {*members, *cases, *_besides(evidence, cases)}, _labels(evidence, members))
    links = replace(links, publications=_links_of(evidence, publications))
    return DataRead(parts=parts, fingerprint=digest(parts)[:12], links=links)


def _besides(evidence: Evidence, cases: Iterable[str]) -> set[str]:
    """All substances that the cases list."""
    return set().union(*(evidence.taken[case_id] for case_id in cases))


def _labels(evidence: Evidence, substances: Iterable[str]) -> set[str]:
    """The labels of their drug classes."""
    labels = evidence.dataset.codebook.table("substances").field("drug_class").labels
    return {labels[evidence.rows["substances"][name]["drug_class"]] for name in substances}


def _links_among(links: SiteLinks, names: Collection[str], classes: Collection[str]) -> SiteLinks:
    """The links of these cases, substances and classes."""
    return replace(
        links,
        cases={name: page for name, page in links.cases.items() if name in names},
        substances={name: page for name, page in links.substances.items() if name in names},
        classes={name: page for name, page in links.classes.items() if name in classes},
    )


def _links_of(evidence: Evidence, citekeys: Iterable[str]) -> dict[str, str]:
    known = evidence.links.publications
    references = {evidence.rows["sources"][key]["short_reference"] for key in citekeys}
    return {name: known[name] for name in sorted(references) if name in known}


def _files(evidence: Evidence, names: Iterable[str]) -> dict[str, str | None]:
    return {name: evidence.files.get(name) for name in names}


def _by_key(frame: pd.DataFrame) -> dict[str, Any]:
    """Key -> row, as what can be written as JSON."""
    columns = {str(name): [_plain(value) for value in frame[name]] for name in frame.columns}
    return {
        str(key): {name: values[position] for name, values in columns.items()}
        for position, key in enumerate(frame.index)
    }


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if value is None or pd.isna(value):
        return None
    return value.item() if isinstance(value, np.generic) else value
