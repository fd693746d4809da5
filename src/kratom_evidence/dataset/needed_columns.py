"""The columns that the program works with, and what their cells must be.

The codebook says how each column is read. Were a list declared to be a plain text there, its entries would be lost
without a word: a case with five co-exposures would count as one with none. So the two are compared before anything
is counted. Further columns may be added to the codebook freely.
"""

from collections.abc import Iterator, Mapping

from kratom_evidence.codebook import CODEBOOK_FILE, Codebook, Field
from kratom_evidence.faults import Fault

_TEXTS, _LISTS, _WHOLE, _NUMBERS = "string", "three_state", "integer", "number"
# Table -> kind -> columns. The kind is the form of the entries, else that of the list, else the type.
NEEDED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
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


def missing_columns(codebook: Codebook) -> Iterator[Fault]:
    """A fault for each needed column that the codebook lacks or declares to be something else."""
    for name, kinds in NEEDED.items():
        table = codebook.table(name)
        for kind, columns in kinds.items():
            for column in columns:
                declared = table.by_name.get(column)
                if declared is None or _kind(declared) != kind:
                    found = "nothing of that name" if declared is None else _kind(declared)
                    yield Fault(
                        code="F001",
                        file=CODEBOOK_FILE,
                        column=f"{name}, {column}",
                        value=found,
                        why=f"The program works with this column and takes its cells for {kind}.",
                        mend="Describe the column as in the version in the repository.",
                    )


def _kind(field: Field) -> str:
    return field.item_form or field.list_kind or field.type
