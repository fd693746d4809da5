"""The tables, columns and keys that the program works with, and what their cells must be.

The codebook says how each column is read. Were a list declared to be a plain text there, its entries would be lost
without a word: a case with five co-exposures would count as one with none. Were a key not declared, a row that stands
twice would be counted twice. So the two are compared before anything is counted. Further tables and columns may be
added to the codebook freely.
"""

from collections.abc import Iterator, Mapping

from kratom_evidence.codebook import CODEBOOK_FILE, Codebook, Field, Table
from kratom_evidence.faults import Fault

TABLES = (
    "case_reports", "sources", "substances", "findings", "confounders", "events", "studies", "pharmacology",
    "context_sources", "excluded", "unread", "first_extraction", "second_extraction", "adjudication",
)  # fmt: skip
# Table -> the columns that tell its rows apart. What a table is looked up by, and what must not be counted twice.
KEYS: Mapping[str, tuple[str, ...]] = {
    "case_reports": ("case_id",),
    "substances": ("name",),
    "findings": ("finding",),
    "confounders": ("confounder",),
    "events": ("primary_event",),
    "studies": ("context_id",),
    "excluded": ("citekey",),
    "unread": ("citekey",),
    "candidates": ("candidate_id",),
    "first_extraction": ("case_id",),
    "second_extraction": ("case_id",),
    "adjudication": ("case_id", "field"),
}
_TEXTS, _LISTS, _WHOLE, _NUMBERS = "string", "three_state", "integer", "number"
# Table -> kind -> columns. The kind is the form of the entries, else that of the list, else the type.
COLUMNS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "case_reports": {
        _TEXTS: (
            "case_id", "citekey", "source_access", "country", "age_text", "sex", "kratom_pattern", "kratom_route",
            "kratom_dose_text", "seven_oh_product", "primary_event", "ss_assessment", "author_causality", "dechallenge",
            "rechallenge", "outcome", "notes",
        ),
        _LISTS: (
            "also_reported_in", "kratom_reason", "kratom_forms", "mitragynine_detected_in", "conditions",
            "findings_present", "findings_absent", "ss_criteria_reported", "confounders", "treatments",
        ),
        "co_exposure": ("co_exposures",),
        _WHOLE: (
            "age_years", "heart_rate_max_bpm", "sbp_max_mmhg", "dbp_max_mmhg", "resp_rate_bpm", "spo2_min_pct",
            "gcs_min", "qtc_max_ms", "ck_max_u_l", "alt_max_u_l", "naranjo_score_reported", "rucam_score_reported",
        ),
        _NUMBERS: (
            "kratom_dose_g_per_day", "kratom_duration_days", "mitragynine_blood_ng_ml", "temp_max_c",
            "bilirubin_max_mg_dl", "onset_hours",
        ),
    },
    "substances": {
        _TEXTS: ("name", "drug_class", "serotonergic", "mechanism", "blocks_5ht2a"),
        "plain": ("atc_codes", "cyp_substrate", "cyp_inhibitor", "synonyms"),
    },
    "findings": {_TEXTS: ("finding", "label", "domain", "hpo_id"), "plain": ("implies", "synonyms")},
    "confounders": {_TEXTS: ("confounder", "label", "relation_to_ss_signs")},
    "events": {_TEXTS: ("primary_event", "label")},
    "studies": {_TEXTS: ("context_id", "unit", "citekey"), _NUMBERS: ("value", "ci_low", "ci_high"), _WHOLE: ("n",)},
    "pharmacology": {_TEXTS: ("compound", "target", "citekey"), _NUMBERS: ("value", "ci_low", "ci_high")},
}  # fmt: skip


def unmet_needs(codebook: Codebook) -> tuple[Fault, ...]:
    """A fault for each needed table that the codebook lacks, and for each column or key that it declares otherwise."""
    missing = [name for name in TABLES if name not in codebook.by_name]
    faults = [_fault(name, "nothing of that name", "The program works with this table.") for name in missing]
    for table in codebook.tables:
        faults += _columns_declared_otherwise(table)
        faults += _key_declared_otherwise(table)
    return tuple(faults)


def _columns_declared_otherwise(table: Table) -> Iterator[Fault]:
    for kind, columns in COLUMNS.get(table.name, {}).items():
        for column in columns:
            declared = table.by_name.get(column)
            if declared is None or _kind(declared) != kind:
                found = "nothing of that name" if declared is None else _kind(declared)
                why = f"The program works with this column and takes its cells for {kind}."
                yield _fault(f"{table.name}, {column}", found, why)


def _key_declared_otherwise(table: Table) -> Iterator[Fault]:
    key = KEYS.get(table.name, table.primary_key)
    if table.primary_key != key:
        found = " + ".join(table.primary_key) or "no key"
        yield _fault(f"{table.name}, primaryKey", found, f"The program tells the rows apart by {' + '.join(key)}.")


def _kind(field: Field) -> str:
    return field.item_form or field.list_kind or field.type


def _fault(place: str, found: str, why: str) -> Fault:
    mend = "Describe it as in the version in the repository."
    return Fault(code="F001", file=CODEBOOK_FILE, column=place, value=found, why=why, mend=mend)
