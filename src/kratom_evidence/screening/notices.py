"""Asking the services about retractions and corrections of all included publications."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from kratom_evidence.dataset import load
from kratom_evidence.literature import CitationService, Identifier, Notice
from kratom_evidence.literature.http import ServiceError
from kratom_evidence.replacing import finish_pending, replace_files
from kratom_evidence.screening.storing import NOTICES_FILE, with_rows_replaced

# What each service can be asked by, best first.
_ASKED_BY = {"crossref": ("doi",), "europe_pmc": ("pmid", "doi", "pmcid"), "pubmed": ("pmid", "doi", "pmcid")}
_ABOUT = ("citekey", "source")
_ORDER = ("citekey", "source", "kind", "direction", "notice_doi", "notice_pmid", "notice_date")


@dataclass(frozen=True, kw_only=True)
class NoticesRun:
    """What the services said. `without_identifier` names the publications that nobody can be asked about.

    `unknown` counts, for each service, the publications that it has no record of.
    """

    notices: tuple[tuple[str, Notice], ...]
    unknown: Mapping[str, int]
    without_identifier: tuple[str, ...]
    failures: Mapping[str, str]


def notices_for(sources: pd.DataFrame, services: Mapping[str, CitationService]) -> NoticesRun:
    """Ask each service about each publication (indexed by citekey; columns doi, pmid, pmcid).

    A service that fails is asked nothing more; what it said before is kept.
    """
    found: list[tuple[str, Notice]] = []
    unknown: dict[str, int] = dict.fromkeys(services, 0)
    failures: dict[str, str] = {}
    for name, service in services.items():
        for citekey, row in sources.iterrows():
            identifier = _identifier(row, _ASKED_BY[name])
            if identifier is None:
                continue
            try:
                notices = service.notices(identifier)
            except ServiceError as error:
                failures[name] = str(error)
                break
            if notices is None:
                unknown[name] += 1
            else:
                found += [(str(citekey), notice) for notice in notices]
    nobody = [str(key) for key, row in sources.iterrows() if _identifier(row, ("doi", "pmid", "pmcid")) is None]
    return NoticesRun(notices=tuple(found), unknown=unknown, without_identifier=tuple(nobody), failures=failures)


def keep_notices(data: Path, run: NoticesRun) -> None:
    """Write notices.csv: what was said now replaces what the same service said before about the same publication.

    A publication that left the data while the services were asked gets no row. The lock of the data must be held.
    """
    finish_pending(data)
    included = load(data).sources.index
    rows = [
        {
            "citekey": citekey,
            "source": notice.service,
            "kind": notice.kind,
            "direction": notice.direction,
            "notice_doi": notice.notice_doi or "",
            "notice_pmid": notice.notice_pmid or "",
            "notice_date": notice.date or "",
            "checked_on": notice.checked_on.isoformat(),
        }
        for citekey, notice in run.notices
        if citekey in included
    ]
    if rows:
        replace_files(data, {NOTICES_FILE: with_rows_replaced(data, NOTICES_FILE, rows, about=_ABOUT, key=_ORDER)})


def _identifier(row: "pd.Series[Any]", kinds: tuple[str, ...]) -> Identifier | None:
    for kind in kinds:
        value = row[kind]
        if value is not None and not pd.isna(value):
            return Identifier(kind=kind, value=str(value))  # type: ignore[arg-type]
    return None
