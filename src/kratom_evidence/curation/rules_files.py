"""Rules across files: references, publications, screening, extractions."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from kratom_evidence.codebook import Codebook, Field, Value, cell_reader
from kratom_evidence.curation.rule import Row, Rule, readable_rows
from kratom_evidence.curation.rules_tables import all_implied
from kratom_evidence.dataset import Readings
from kratom_evidence.faults import Fault
from kratom_evidence.nearest import nearest_name

IDENTIFIERS = ("DOI", "PMID", "PMCID")


def _identifiers(entry: Mapping[str, Any]) -> dict[str, str]:
    """DOI, PMID and PMCID of a publication, in small letters (a DOI does not tell capitals apart)."""
    return {name: str(entry[name]).casefold() for name in IDENTIFIERS if entry.get(name) is not None}


class X202(Rule):
    """A DOI or PMID beside a citation key is that of the publication in context/sources.json.

    A key that is not in the bibliography at all is named by C105. Correct the key, the identifier, or the entry of
    the bibliography.
    """

    targets = ("studies", "pharmacology")
    columns = ("citekey", "doi", "pmid")
    also_reads: ClassVar[Mapping[str, tuple[str, ...]]] = {"context_sources": ()}

    def faults(self, readings: Readings, target: str) -> Iterator[Fault]:
        """Each identifier that differs from that of the publication."""
        reading = readings.tables[target]
        known = {str(entry["id"]): _identifiers(entry) for entry in readings.bibliographies["context_sources"]}
        for row in readable_rows(reading, self.columns):
            publication = known.get(str(row.text("citekey")), {})
            for column in ("doi", "pmid"):
                here, there = row.text(column), publication.get(column.upper())
                if here is not None and there is not None and here.casefold() != there:
                    yield self.fault(
                        reading.table.path,
                        row=row.number,
                        column=column,
                        value=here,
                        why=f"The publication {row.text('citekey')} has another {column.upper()} in "
                        f"{readings.codebook.table('context_sources').path}.",
                        mend="Correct the identifier or the citation key.",
                        nearest=there,
                    )


class X203(Rule):
    """No finding is both present and absent.

    This holds through implies too: with spontaneous clonus present, clonus cannot be absent. Look the finding up in
    the publication and remove it from one of the lists. A finding that is not mentioned belongs to neither.
    """

    targets = ("case_reports",)
    columns = ("findings_present", "findings_absent")
    also_reads: ClassVar[Mapping[str, tuple[str, ...]]] = {"findings": ("finding", "implies")}

    def faults(self, readings: Readings, target: str) -> Iterator[Fault]:
        """Each absent finding that is also present or is implied by one that is."""
        reading, terms = readings.tables[target], readings.tables["findings"]
        implies = {
            str(row.text("finding")): row.names("implies") for row in readable_rows(terms, self.also_reads["findings"])
        }
        implied = all_implied(implies)
        for row in readable_rows(reading, self.columns, dict.fromkeys(self.columns)):
            present = row.names("findings_present")
            impossible = set(present).union(*(implied.get(finding, ()) for finding in present))
            for finding in row.names("findings_absent"):
                if finding in impossible:
                    because = _because(finding, present, implied)
                    yield self.fault(
                        reading.table.path,
                        row=row.number,
                        column="findings_absent",
                        value=finding,
                        why=f"The finding is recorded as absent, but {because}.",
                        mend="Look it up in the publication and remove it from one of the lists; when it is "
                        "not mentioned, from both.",
                    )


def _because(finding: str, present: tuple[str, ...], implied: Mapping[str, frozenset[str]]) -> str:
    if finding in present:
        return "it also stands in findings_present"
    cause = next(other for other in present if finding in implied.get(other, ()))
    return f"{cause}, which is present, implies it"


class X204(Rule):
    """Every publication in sources.json has at least one case.

    Add the case to case_reports.csv, or move the publication to screening/excluded.csv with the reason.
    """

    targets = ("sources",)
    also_reads: ClassVar[Mapping[str, tuple[str, ...]]] = {"case_reports": ("citekey",)}
    needs_every_row = True

    def faults(self, readings: Readings, target: str) -> Iterator[Fault]:
        """Each publication that no case refers to."""
        used = set(readings.tables["case_reports"].columns["citekey"])
        for number, entry in enumerate(readings.bibliographies[target], start=1):
            if entry["id"] not in used:
                yield self.fault(
                    readings.codebook.table(target).path,
                    row=number,
                    column="id",
                    value=str(entry["id"]),
                    why="No case in case_reports.csv refers to the publication.",
                    mend="Add its case, or move it to screening/excluded.csv or screening/unread.csv.",
                )


class X205(Rule):
    """A record is either included, excluded or unread.

    Records are compared by citation key and, where both have one, by DOI, PMID and PMCID. Remove the row from the
    screening file once the case is included; keep the reason in one place when it is not.
    """

    targets = ("excluded", "unread")
    also_reads: ClassVar[Mapping[str, tuple[str, ...]]] = {"sources": ()}

    def inputs(self, codebook: Codebook, target: str) -> Mapping[str, tuple[str, ...]]:
        """The key and, where the table has them, the identifiers."""
        fields = codebook.table(target).by_name
        columns = ("citekey", *(name.lower() for name in IDENTIFIERS if name.lower() in fields))
        others = {"excluded": ("citekey",)} if target == "unread" else {}
        return {target: columns, "sources": (), **others}

    def faults(self, readings: Readings, target: str) -> Iterator[Fault]:
        """Each screened record that is also included, or both excluded and unread."""
        reading = readings.tables[target]
        sources = readings.bibliographies["sources"]
        included = {("CITEKEY", str(entry["id"])): str(entry["id"]) for entry in sources}
        included |= {item: str(entry["id"]) for entry in sources for item in _identifiers(entry).items()}
        excluded = set(readings.tables["excluded"].columns["citekey"]) if target == "unread" else set()
        columns = self.inputs(readings.codebook, target)[target]
        for row in readable_rows(reading, columns):
            for column in columns:
                value = row.text(column)
                where = included.get((column.upper(), value.casefold())) if value else None
                why = f"The record is included as {where}." if where else None
                if column == "citekey" and value in excluded:
                    why = f"The record also stands in {readings.codebook.table('excluded').path}."
                if why:
                    yield self.fault(
                        reading.table.path,
                        row=row.number,
                        column=column,
                        value=value,
                        why=why,
                        mend="Keep the record in one of the files only.",
                    )
                    break


class X206(Rule):
    """Both extractions hold the same cases, and an adjudicated difference is about a column of theirs.

    A case that was extracted only once stands in neither file. Add the missing row, or correct case_id or field.
    """

    targets = ("first_extraction", "second_extraction", "adjudication")

    def inputs(self, codebook: Codebook, target: str) -> Mapping[str, tuple[str, ...]]:  # noqa: ARG002
        """The cases of the file and of the extraction that it is compared with."""
        if target == "adjudication":
            return {target: ("case_id", "field"), "first_extraction": ("case_id",)}
        return {target: ("case_id",), _other(target): ("case_id",)}

    def faults(self, readings: Readings, target: str) -> Iterator[Fault]:
        """Each case without a counterpart, and each field that is no column."""
        reading = readings.tables[target]
        counterpart = readings.tables[_other(target)]
        # An unread counterpart row must not make its case look missing.
        certain = counterpart.complete and not any(column == "case_id" for _, column in counterpart.faulty)
        known = set(counterpart.columns["case_id"])
        for row in readable_rows(reading, self.inputs(readings.codebook, target)[target]):
            case_id = row.text("case_id")
            if certain and case_id is not None and case_id not in known:
                yield self.fault(
                    reading.table.path,
                    row=row.number,
                    column="case_id",
                    value=case_id,
                    why=f"{counterpart.table.path} has no row for the case.",
                    mend="Add the missing extraction, or correct case_id.",
                    nearest=nearest_name(case_id, [str(name) for name in known]),
                )
            if target == "adjudication":
                yield from self._unknown_field(reading.table.path, row, counterpart.table.by_name)

    def _unknown_field(self, file: str, row: Row, fields: Mapping[str, Field]) -> Iterator[Fault]:
        field = row.text("field")
        if field is not None and field not in fields:
            yield self.fault(
                file,
                row=row.number,
                column="field",
                value=field,
                why="The extractions have no such column.",
                mend="Write the name of the column as in the header of extraction/first.csv.",
                nearest=nearest_name(field, fields),
            )


def _other(target: str) -> str:
    return "second_extraction" if target == "first_extraction" else "first_extraction"


class X217(Rule):
    """What was decided between two extractions is what case_reports.csv holds.

    Checked for single values only: lists were adjudicated before their terms were mapped to the vocabularies. Correct
    the cell in case_reports.csv; when the case was read again, add the new decision to adjudication.csv.
    """

    targets = ("adjudication",)
    columns = ("case_id", "field", "decision")

    def inputs(self, codebook: Codebook, target: str) -> Mapping[str, tuple[str, ...]]:
        """The decisions, and all single-valued columns of the cases."""
        return {target: self.columns, "case_reports": ("case_id", *_single_valued(codebook))}

    def faults(self, readings: Readings, target: str) -> Iterator[Fault]:
        """Each decision that differs from the cell."""
        reading, cases = readings.tables[target], readings.tables["case_reports"]
        position = {case_id: index for index, case_id in enumerate(cases.columns["case_id"])}
        readers = {name: cell_reader(field) for name, field in _single_valued(readings.codebook).items()}
        for row in readable_rows(reading, self.columns):
            name, index = str(row.text("field")), position.get(row.text("case_id"))
            if name not in readers or index is None or (cases.row_numbers[index], name) in cases.faulty:
                continue
            decided = readers[name](row.text("decision") or "").value
            held = cases.columns[name][index]
            if decided != held:
                yield self._disagreement(reading.table.path, row, name, held, cases.row_numbers[index])

    def _disagreement(self, file: str, row: Row, field: str, held: Value, case_row: int) -> Fault:
        return self.fault(
            file,
            row=row.number,
            column="decision",
            value=row.text("decision") or "",
            why=f"case_reports.csv, row {case_row}, column {field} holds "
            f"{'nothing' if held is None else repr(str(held))} instead of what was decided.",
            mend="Correct that cell, or this decision and its reason.",
            nearest=None if held is None else str(held),
        )


def _single_valued(codebook: Codebook) -> dict[str, Field]:
    fields = codebook.table("case_reports").fields if "case_reports" in codebook.by_name else ()
    extracted = codebook.table("first_extraction").by_name if "first_extraction" in codebook.by_name else {}
    return {
        field.name: field
        for field in fields
        if field.list_kind is None and field.name in extracted and field.name != "case_id"
    }


class X218(Rule):
    """A publication stands once in a bibliography.

    Two entries with one DOI, PMID or PMCID are the same publication under two keys: merge them, and change the key in
    the tables that use it.
    """

    targets = ("sources", "context_sources")

    def faults(self, readings: Readings, target: str) -> Iterator[Fault]:
        """Each entry with an identifier that an earlier entry has."""
        first_seen: dict[tuple[str, str], str] = {}
        for number, entry in enumerate(readings.bibliographies[target], start=1):
            key = str(entry["id"])
            for name, value in _identifiers(entry).items():
                first = first_seen.setdefault((name, value), key)
                if first != key:
                    yield self.fault(
                        readings.codebook.table(target).path,
                        row=number,
                        column=name,
                        value=str(entry[name]),
                        why=f"The publication {first} has the same {name}.",
                        mend="Merge the two entries, or correct the identifier.",
                    )


RULES = (X202(), X203(), X204(), X205(), X206(), X217(), X218())
