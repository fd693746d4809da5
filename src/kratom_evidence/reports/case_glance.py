"""The first table of a case sheet: who, what was taken, what happened, how it is judged, and what is not known."""

from collections.abc import Iterator

import pandas as pd

from kratom_evidence.claims.wording import counted
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence import case_sheet
from kratom_evidence.presentation import NOT_STATED
from kratom_evidence.reports.case_judged import CaseJudged
from kratom_evidence.reports.timeline import event_in_words, patient_in_words, said, stated_of_kratom


def glance_table(case: Dataset, judged: CaseJudged) -> pd.DataFrame:
    """Columns: question, answer (in words; what is not stated says so). `case` holds this case only."""
    return pd.DataFrame(_rows(case, judged), columns=["question", "answer"], dtype=object)


def _rows(case: Dataset, judged: CaseJudged) -> Iterator[tuple[str, str]]:
    yield "Patient", f"{patient_in_words(case)}; conditions: {said(case, 'conditions')}"
    yield "Kratom", stated_of_kratom(case)
    yield "Taken besides", _besides(case)
    yield "What happened", f"{event_in_words(case)}; {_findings(case)}; outcome: {said(case, 'outcome')}"
    yield "What the authors call it", str(case_sheet.value_in_words(case, "ss_assessment"))
    yield "Serotonin toxicity, by the signs alone", _criteria(judged)
    yield "What else could explain it", _explanations(judged)
    yield "Causality for kratom", f"WHO-UMC {judged.causality['who_umc']}; Naranjo {judged.naranjo_in_words()}"
    yield "What was read", str(case_sheet.value_in_words(case, "source_access"))
    yield "Not stated there", _unknown(case)


def _besides(case: Dataset) -> str:
    listed = case.cases["co_exposures"].iloc[0]
    if listed is None:
        return f"{NOT_STATED} in what was read; this does not mean that there was nothing"
    table = case_sheet.co_exposure_table(case)
    by_time = table.groupby("timing_class", sort=False)["substance"].agg(", ".join)
    return "; ".join(f"{names} ({time})" for time, names in by_time.items()) or "nothing, says the publication"


def _findings(case: Dataset) -> str:
    labels = case.findings.sort_values(["domain", "label"])
    present = [label[:1].lower() + label[1:] for label in labels.loc[labels["state"] == "present", "label"]]
    absent = int((labels["state"] == "absent").sum())
    denied = f"; {counted(absent, 'finding')} reported absent" if absent else ""
    return f"present: {', '.join(present) or f'findings {NOT_STATED}'}{denied}"


def _criteria(judged: CaseJudged) -> str:
    return "; ".join(
        f"{row['criteria']}{'' if row['reading'] == 'only one' else ' ' + row['reading']} {row['answer']}"
        for row in judged.criteria_rows.to_dict("records")
    )


def _explanations(judged: CaseJudged) -> str:
    present = judged.explanation_rows.loc[judged.explanation_rows["state"] == "present", "explanation"]
    return (
        f"{', '.join(present) or 'no circumstance is stated'} (taken together: {judged.causality['explanation_class']})"
    )


def _unknown(case: Dataset) -> str:
    rows = case_sheet.reporting_rows(case)
    missing = int(rows["fields"].sum() - rows["stated"].sum())
    silent = rows.loc[rows["stated"] == 0, "group"]
    wholly = f"; nothing at all on: {', '.join(name[:1].lower() + name[1:] for name in silent)}" if len(silent) else ""
    return f"{missing} of {counted(int(rows['fields'].sum()), 'field')}{wholly}"
