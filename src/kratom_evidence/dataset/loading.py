"""`load()`: the data package as typed, tidy tables, or an explanation of every fault that stands in the way."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from kratom_evidence.codebook import Codebook
from kratom_evidence.dataset.needed_codebook import unmet_needs
from kratom_evidence.dataset.publications import sources_frame
from kratom_evidence.dataset.reading import Readings, TableReading, read_tables
from kratom_evidence.dataset.tidy import co_exposure_table, finding_table, listed_table, typed_frame
from kratom_evidence.faults import ExplainedError
from kratom_evidence.project import data_fingerprint, find_project
from kratom_evidence.read_ahead import kept_or_read

# Tables of what happens around the data. Older versions of the data do not have them; they are then without rows.
SCREENING_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "candidates": (
        "candidate_id", "title", "year", "authors", "doi", "pmid", "services", "score", "score_reasons", "found_on",
        "decision", "decision_reason",
    ),
    "search_log": ("searched_at", "service", "query_hash", "since", "found", "known", "duplicates", "new"),
    "notices": (
        "citekey", "source", "kind", "direction", "notice_doi", "notice_pmid", "notice_date", "checked_on",
    ),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """The data as tables. Missing always means "not stated in what was read", never "absent".

    Attributes:
        version: version of the data package.
        fingerprint: hash of all data files (12 hexadecimal digits).
        cases: one row per patient, indexed by `case_id`; columns as in the codebook. List columns hold tuples:
            None when not stated, the empty tuple when the publication says that there were none.
        co_exposures: one row per case and substance: case_id, substance, evidence, timing, dose_text and the
            lexicon's drug_class, atc_codes, serotonergic, mechanism, blocks_5ht2a, cyp_substrate, cyp_inhibitor.
        findings: one row per case and stated finding: case_id, finding, state (`present` or `absent`), label,
            domain, hpo_id. A finding without a row is not stated; see `finding_states` for the full grid.
        confounders: one row per case and recorded rival explanation: case_id, confounder, label,
            relation_to_ss_signs.
        sources, context_sources: one row per publication, indexed by `citekey`.
        notices: what services say about retractions and corrections of the publications: citekey, source, kind,
            direction, notice_doi, notice_pmid, notice_date, checked_on. The kind `none_found` means that the service
            was asked and knows of none; a publication without a row has not been checked.
        candidates, search_log: records found by the saved search, and the runs of it. The log has no index.
        vocabularies and the other tables: as in the codebook, with their key as index where they have one.
    """

    version: str
    fingerprint: str
    codebook: Codebook
    cases: pd.DataFrame
    co_exposures: pd.DataFrame
    findings: pd.DataFrame
    confounders: pd.DataFrame
    sources: pd.DataFrame
    context_sources: pd.DataFrame
    substances: pd.DataFrame
    finding_terms: pd.DataFrame
    confounder_terms: pd.DataFrame
    event_terms: pd.DataFrame
    studies: pd.DataFrame
    pharmacology: pd.DataFrame
    excluded: pd.DataFrame
    unread: pd.DataFrame
    first_extraction: pd.DataFrame
    second_extraction: pd.DataFrame
    adjudication: pd.DataFrame
    candidates: pd.DataFrame
    search_log: pd.DataFrame
    notices: pd.DataFrame

    @cached_property
    def case_ids(self) -> npt.NDArray[np.object_]:
        """The ids of the cases, in their order, as an array of texts: picking from it is cheap."""
        return np.array(list(self.cases.index), dtype=object)

    @cached_property
    def finding_states(self) -> pd.DataFrame:
        """Case x finding: 1 present, -1 absent, 0 not stated (int8). All findings of the vocabulary, all cases."""
        grid = pd.DataFrame(0, index=self.cases.index, columns=self.finding_terms.index, dtype="int8")
        values = grid.to_numpy().copy()
        rows = self.cases.index.get_indexer(pd.Index(self.findings["case_id"]))
        columns = self.finding_terms.index.get_indexer(pd.Index(self.findings["finding"]))
        values[rows, columns] = self.findings["state"].map({"present": 1, "absent": -1}).to_numpy(dtype="int8")
        return pd.DataFrame(values, index=self.cases.index, columns=self.finding_terms.index)

    def listed(self, column: str) -> pd.DataFrame:
        """One row per case and entry of a list column of the cases: case_id and the column."""
        return listed_table(self.cases, column)


def load(data: Path | None = None) -> Dataset:
    """Read the data folder (default: that of the project around the current folder).

    Raises:
        ExplainedError: a file or a cell cannot be read; every fault is named in it.
    """
    return kept_or_read(read_dataset, find_project().data if data is None else data)


def read_dataset(data: Path) -> Dataset:
    """The dataset in the folder, read now. `load` is the door; this is for reading ahead of it."""
    return dataset_from(read_tables(data))


def dataset_from(readings: Readings) -> Dataset:
    """The dataset made from tables that were already read.

    Raises:
        ExplainedError: the readings have faults.
    """
    if readings.faults:
        message = f"The data cannot be loaded: {len(readings.faults)} faults. Run: kratom-evidence validate"
        raise ExplainedError(message, readings.faults)
    unmet = unmet_needs(readings.codebook)
    if unmet:
        raise ExplainedError("The data cannot be loaded: the codebook differs from what the program needs.", unmet)
    frames = {name: _frame(reading) for name, reading in readings.tables.items()}
    cases = frames["case_reports"].sort_index()
    return Dataset(
        version=readings.codebook.version,
        fingerprint=data_fingerprint(readings.data),
        codebook=readings.codebook,
        cases=cases,
        co_exposures=co_exposure_table(cases, frames["substances"]),
        findings=finding_table(cases, frames["findings"]),
        confounders=_confounder_table(cases, frames),
        sources=sources_frame(readings.bibliographies["sources"]),
        context_sources=sources_frame(readings.bibliographies["context_sources"]),
        substances=frames["substances"],
        finding_terms=frames["findings"],
        confounder_terms=frames["confounders"],
        event_terms=frames["events"],
        studies=frames["studies"],
        pharmacology=frames["pharmacology"],
        excluded=frames["excluded"],
        unread=frames["unread"],
        first_extraction=frames["first_extraction"],
        second_extraction=frames["second_extraction"],
        adjudication=frames["adjudication"],
        candidates=_screening("candidates", frames),
        search_log=_screening("search_log", frames),
        notices=_screening("notices", frames),
    )


def _screening(name: str, frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The table, or one without rows where the data are older than it."""
    if name in frames:
        return frames[name]
    empty = pd.DataFrame(columns=list(SCREENING_COLUMNS[name]), dtype=object)
    return empty.set_index("candidate_id") if name == "candidates" else empty


def _frame(reading: TableReading) -> pd.DataFrame:
    frame = typed_frame(reading.table, reading.columns)
    key = reading.table.primary_key
    if len(key) == 1:
        duplicated = frame[key[0]][frame[key[0]].duplicated()].tolist()
        if duplicated:
            names = ", ".join(sorted(set(duplicated)))
            raise ExplainedError(f"{reading.table.path}: the key {key[0]} is not unique: {names}. Run: validate")
        return frame.set_index(key[0])
    return frame


def _confounder_table(cases: pd.DataFrame, frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    terms = frames["confounders"][["label", "relation_to_ss_signs"]]
    listed = listed_table(cases, "confounders").rename(columns={"confounders": "confounder"})
    return listed.join(terms, on="confounder")
