"""Whether the event itself was shown by a measurement, an image or a tracing, and not by history alone."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from kratom_evidence.appraisal.three_valued import Truth
from kratom_evidence.computed_once import computed_by_case
from kratom_evidence.dataset import Dataset


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What shows an event: measured columns of the cases, and findings that only a test can give."""

    columns: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()


# Only events with a test of their own. Serotonin syndrome, withdrawal, dependence, psychosis and mania are clinical
# diagnoses without one, so they stay unknown.
OBJECTIVE: Mapping[str, Evidence] = {
    "liver_injury": Evidence(
        columns=("alt_max_u_l", "bilirubin_max_mg_dl"),
        findings=("elevated_transaminases", "abnormal_liver_tests", "cholestasis"),
    ),
    "kidney_injury": Evidence(findings=("kidney_injury",)),
    "rhabdomyolysis": Evidence(columns=("ck_max_u_l",), findings=("elevated_ck",)),
    "arrhythmia": Evidence(findings=("ventricular_fibrillation", "qt_prolongation", "brugada_pattern")),
    "cardiac_arrest": Evidence(findings=("ventricular_fibrillation",)),
    "lung_injury": Evidence(findings=("ards", "lung_infiltrates", "pulmonary_edema", "pleural_effusion", "hypoxia")),
    "encephalopathy_or_pres": Evidence(findings=("pres", "cerebral_edema", "intracranial_hemorrhage")),
    "stroke": Evidence(findings=("brain_infarcts", "intracranial_hemorrhage")),
    "endocrine": Evidence(findings=("hyperprolactinemia", "hypothyroidism", "hypogonadism")),
    "seizure": Evidence(findings=("epileptiform_eeg",)),
    "death": Evidence(findings=()),
}


@computed_by_case
def objective_evidence(dataset: Dataset) -> pd.DataFrame:
    """Per case (index case_id): state (int8: 1 shown by a test, 0 not stated) and reason in words.

    Never a no: a test that is not reported may have been made. A death needs no test.
    """
    present: dict[str, set[str]] = {}
    stated = dataset.findings[dataset.findings["state"] == "present"]
    for case_id, finding in zip(stated["case_id"], stated["finding"], strict=True):
        present.setdefault(case_id, set()).add(finding)
    records = []
    columns = ["primary_event", *dict.fromkeys(name for shows in OBJECTIVE.values() for name in shows.columns)]
    for case_id, row in zip(dataset.cases.index, dataset.cases[columns].to_dict("records"), strict=True):
        evidence = OBJECTIVE.get(row["primary_event"], Evidence())
        found = [name for name in evidence.findings if name in present.get(case_id, ())]
        found += [name for name in evidence.columns if not pd.isna(row[name])]
        records.append(_judged(row["primary_event"], found))
    return pd.DataFrame(records, columns=["state", "reason"], index=dataset.cases.index).astype({"state": "int8"})


def _judged(event: str, found: list[str]) -> tuple[int, str]:
    if event == "death":
        return int(Truth.YES), "a death is certain"
    if found:
        return int(Truth.YES), "stated: " + ", ".join(found)
    if event in OBJECTIVE:
        return int(Truth.UNKNOWN), "no test of the event is stated"
    return int(Truth.UNKNOWN), "the event has no test of its own"
