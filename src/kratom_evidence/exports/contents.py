"""What an export holds, format by format: relative paths and bytes. Nothing is written here."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import TypeAlias

from kratom_evidence.claims import Claim
from kratom_evidence.dataset import Dataset
from kratom_evidence.exports.about import About
from kratom_evidence.exports.bibtex import bibtex
from kratom_evidence.exports.csl import Entry, csl_json
from kratom_evidence.exports.csv_files import csv_text, dictionary_text
from kratom_evidence.exports.phenopackets import phenopacket
from kratom_evidence.exports.phenopackets_left_out import left_out
from kratom_evidence.exports.result_tables import result_tables
from kratom_evidence.exports.ris import ris
from kratom_evidence.exports.tables import ExportTable, data_tables, made_table, only_cases
from kratom_evidence.exports.workbook import workbook_bytes

File: TypeAlias = tuple[PurePosixPath, bytes]
PHENOPACKETS = PurePosixPath("phenopackets")
_PHENOPACKETS_README = """\
One GA4GH Phenopacket (schema 2.0, JSON) for each case of kratom-evidence.

- phenotypicFeatures: findings with an HPO term; "excluded" where the publication reports them absent. What is not
  stated in the part that was read is not in the file. That is not the same as absent.
- medicalActions: exposures only. Version 2 of the schema has no element for exposures, so kratom and the co-exposures
  stand where agents can stand, each with a treatmentIntent that says so. They were not given to treat the event.
- measurements: where mitragynine was found, or that it was sought and not found.
- metaData.created is the first day of the month of the data version, so that the same data give the same files.

A case without a co-exposure here is one whose publication says that there were none, or one that does not say:
left_out.csv tells which. It lists all else that is stated of a case and not in its file: findings and main events
without an HPO term, doses of co-exposures, treatments of the event, confounders, and by its name every other filled
column of case_reports.csv.
"""


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What is exported. `case_ids` is None for everything.

    With `case_ids`, tables about cases hold these cases, and the bibliographies their publications; the results are
    computed from all cases all the same.
    """

    dataset: Dataset
    claims: Sequence[Claim]
    publications: Sequence[Entry]
    context_publications: Sequence[Entry]
    about: About
    case_ids: Sequence[str] | None = None

    @cached_property
    def chosen(self) -> Sequence[str]:
        """The cases to export."""
        return [str(name) for name in self.dataset.cases.index] if self.case_ids is None else self.case_ids

    @cached_property
    def citekeys(self) -> frozenset[str]:
        """The publications of the cases to export."""
        return frozenset(self.dataset.cases.loc[list(self.chosen), "citekey"])

    @cached_property
    def tables(self) -> tuple[ExportTable, ...]:
        """All tables, those of the data first."""
        tables = data_tables(self.dataset) + result_tables(self.dataset, self.claims)
        return tables if self.case_ids is None else only_cases(tables, self.chosen, self.citekeys)

    @cached_property
    def bibliographies(self) -> Mapping[str, Sequence[Entry]]:
        """File name without ending -> its publications."""
        if self.case_ids is None:
            return {"publications": self.publications, "context_publications": self.context_publications}
        return {"publications": [entry for entry in self.publications if entry["id"] in self.citekeys]}


def csv_files(contents: Contents) -> Iterator[File]:
    """csv/NAME.csv for each table, and csv/dictionary.csv."""
    for table in contents.tables:
        yield PurePosixPath("csv") / f"{table.name}.csv", csv_text(table).encode()
    yield PurePosixPath("csv") / "dictionary.csv", dictionary_text(contents.tables).encode()


def workbook_file(contents: Contents) -> Iterator[File]:
    """kratom-evidence.xlsx."""
    yield PurePosixPath("kratom-evidence.xlsx"), workbook_bytes(contents.tables, contents.about)


def bibliography_files(contents: Contents, *, suffix: str, written: Callable[[Sequence[Entry]], str]) -> Iterator[File]:
    """The files publications and, unless cases were chosen, context_publications."""
    for name, entries in contents.bibliographies.items():
        yield PurePosixPath(f"{name}{suffix}"), written(entries).encode()


def phenopacket_files(contents: Contents) -> Iterator[File]:
    """phenopackets/ID.json for each case, with README.md and left_out.csv."""
    for case_id in contents.chosen:
        packet = phenopacket(contents.dataset, case_id, contents.about)
        text = json.dumps(packet, indent=2, ensure_ascii=False) + "\n"
        yield PHENOPACKETS / f"{case_id}.json", text.encode()
    missing = left_out(contents.dataset)
    missing = missing[missing["case_id"].isin(list(contents.chosen))]
    table = made_table("left_out", "What the phenopackets cannot hold.", missing, contents.dataset.codebook)
    yield PHENOPACKETS / "left_out.csv", csv_text(table).encode()
    yield PHENOPACKETS / "README.md", _PHENOPACKETS_README.encode()


FORMATS: Mapping[str, Callable[[Contents], Iterator[File]]] = MappingProxyType(
    {
        "csv": csv_files,
        "xlsx": workbook_file,
        "bibtex": partial(bibliography_files, suffix=".bib", written=bibtex),
        "ris": partial(bibliography_files, suffix=".ris", written=ris),
        "csl-json": partial(bibliography_files, suffix=".json", written=csl_json),
        "phenopackets": phenopacket_files,
    }
)
