"""Made-up cases that go through the same steps as the real ones, for rules that no published case exercises."""

from collections.abc import Mapping
from dataclasses import replace

from kratom_evidence.codebook import Value
from kratom_evidence.dataset import Dataset
from kratom_evidence.dataset.tidy import co_exposure_table, finding_table, listed_table, typed_frame

REQUIRED: Mapping[str, Value] = {
    "citekey": "brooks2023",
    "source_access": "abstract",
    "primary_event": "other",
    "ss_assessment": "not_mentioned",
}


def dataset_of(dataset: Dataset, **made_up: Mapping[str, Value]) -> Dataset:
    """The dataset with the made-up cases (name -> stated fields) in place of the published ones."""
    table = dataset.codebook.table("case_reports")
    rows = [{"case_id": case_id, **REQUIRED, **fields} for case_id, fields in made_up.items()]
    unknown = {name for row in rows for name in row} - set(table.by_name)
    assert not unknown, f"the codebook has no such column: {unknown}"
    columns = {field.name: [row.get(field.name) for row in rows] for field in table.fields}
    cases = typed_frame(table, columns).set_index("case_id").sort_index()
    confounders = listed_table(cases, "confounders").rename(columns={"confounders": "confounder"})
    return replace(
        dataset,
        cases=cases,
        co_exposures=co_exposure_table(cases, dataset.substances),
        findings=finding_table(cases, dataset.finding_terms),
        confounders=confounders.join(dataset.confounder_terms[["label", "relation_to_ss_signs"]], on="confounder"),
    )
