"""What was taken besides kratom: tables by drug, class and grade, and what is known of the route through enzymes.

All tables are made from `appraisal.exposure.graded_exposures` and carry the case ids behind their counts.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from kratom_evidence.appraisal.exposure import GRADE_RANK
from kratom_evidence.appraisal.three_valued import Truth
from kratom_evidence.appraisal.timing import TimingClass
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence import case_set
from kratom_evidence.evidence.combinations import grouped
from kratom_evidence.presentation import NOT_STATED, linked_text

NOT_RECORDED = "not recorded"
TIMING_WORDS: Mapping[str, str] = {
    TimingClass.CONCURRENT: "at the same time",
    TimingClass.GIVEN_IN_HOSPITAL: "in hospital before the event",
    TimingClass.RECENTLY_STOPPED: "recently stopped",
    TimingClass.PAST: "past",
    TimingClass.UNCLEAR: "time unclear",
}
HEADINGS: Mapping[str, str] = {
    **case_set.HEADINGS,
    "blocks_5ht2a": "Blocks 5-HT2A",
    "cyp2d6_substrate": "CYP2D6 substrate",
    "cyp3a_substrate": "CYP3A substrate",
    "cyp_inhibitor": "Inhibits, with degree",
    "rest": "All other cases",
    "timing_class": "Timing",
    "dose_text": "Dose and detail, as reported",
}
GRADES: Sequence[str] = sorted(GRADE_RANK, key=lambda grade: -GRADE_RANK[grade])
STATEMENTS = ("lists other substances", "says there were none", NOT_STATED)
SUBSTRATE_COLUMNS = ("cyp2d6_substrate", "cyp3a_substrate")
# The two enzymes that kratom was tested on in people.
ENZYMES = ("CYP2D6", "CYP3A4")


def statements(dataset: Dataset) -> pd.DataFrame:
    """What the publications say about other substances at all.

    Index `statement` (`STATEMENTS`). Columns: ss_labelled, rest (cases), cases, case_ids.
    """
    said = dataset.cases["co_exposures"].map(
        lambda items: STATEMENTS[2] if items is None else STATEMENTS[0] if items else STATEMENTS[1]
    )
    labelled = case_set.is_ss_labelled(dataset)
    rows = [
        {
            "statement": statement,
            "ss_labelled": int((labelled & (said == statement)).sum()),
            "rest": int((~labelled & (said == statement)).sum()),
            "cases": int((said == statement).sum()),
            "case_ids": tuple(said.index[said == statement]),
        }
        for statement in STATEMENTS
    ]
    return pd.DataFrame(rows).set_index("statement")


def by_substance(dataset: Dataset, graded: pd.DataFrame) -> pd.DataFrame:
    """One row per substance, by grade (the strongest first) and number of cases.

    Index `substance`. Columns: drug_class (label), grade, blocks_5ht2a (yes, no or not recorded), cases, one column
    of cases for each timing class, case_ids.
    """
    counts = _timed_counts(graded, "substance")
    facts = _facts(dataset, graded)[["drug_class", "grade", "blocks_5ht2a"]]
    return _by_grade(facts.join(counts))


def by_class(dataset: Dataset, graded: pd.DataFrame) -> pd.DataFrame:
    """One row per drug class, the most frequent first.

    Index `drug_class` (label). Columns: established, possible, disputed, none (cases with a drug of the class and
    that grade), cases, one column of cases for each timing class, case_ids. A case with two drugs of a class can
    stand in two columns, so columns may add up to more than `cases`.
    """
    counts = _timed_counts(graded, "drug_class")
    grades = _distinct_cases(graded, "drug_class", "grade", GRADES)
    joined = grades.join(counts).sort_values(["cases", "drug_class"], ascending=[False, True])
    return joined.set_axis(joined.index.map(_class_labels(dataset)).rename("drug_class"))


def by_grade(graded: pd.DataFrame) -> pd.DataFrame:
    """One row per grade, the strongest first.

    Index `grade`. Columns: substances (how many different ones), cases, one column of cases for each timing class,
    case_ids. A case stands in every grade of which it has a substance.
    """
    counts = _timed_counts(graded, "grade", GRADES)
    substances = grouped(graded, "grade", "substance")
    counts.insert(0, "substances", [len(substances.get(grade, ())) for grade in GRADES])
    return counts


def ss_case_co_exposures(dataset: Dataset, graded: pd.DataFrame) -> pd.DataFrame:
    """Every co-exposure of the cases labelled serotonin syndrome, as the publication gives it.

    Index `case_id`. Columns: patient (age and sex), substance, drug_class (label), grade, evidence, timing_class (in
    words), dose_text, blocks_5ht2a (yes, no or not recorded). A labelled case whose publication says nothing of
    co-exposures has one row without a substance.
    """
    labelled = dataset.cases.index[case_set.is_ss_labelled(dataset)]
    evidence = {
        category.value: category.label
        for category in dataset.codebook.table("case_reports").field("co_exposures").item_categories["evidence"]
    }
    rows = graded.assign(
        drug_class=graded["drug_class"].map(_class_labels(dataset)),
        evidence=graded["evidence"].map(evidence),
        timing_class=graded["timing_class"].map(TIMING_WORDS),
        blocks_5ht2a=_in_words(graded["blocks_5ht2a"]),
    ).set_index("case_id")
    columns = ["substance", "drug_class", "grade", "evidence", "timing_class", "dose_text", "blocks_5ht2a"]
    order = rows["grade"].map(GRADE_RANK)
    chosen = rows[columns].assign(rank=-order).sort_values(["rank", "substance"]).drop(columns="rank")
    patients = pd.Series([_patient(dataset, case_id) for case_id in labelled], index=labelled, name="patient")
    return patients.to_frame().join(chosen, how="left")


def enzyme_routes(dataset: Dataset, graded: pd.DataFrame) -> pd.DataFrame:
    """One row per substance: could kratom raise its level by inhibiting CYP2D6 or CYP3A?

    Index `substance`. Columns: drug_class (label), grade, cyp2d6_substrate, cyp3a_substrate (yes, no or not recorded),
    cyp_inhibitor (the lexicon's entries, such as "2D6(weak)", or not recorded), cases, case_ids. The
    inhibitors are shown because they act on the other drugs of the same patient.
    """
    facts = _facts(dataset, graded)[["drug_class", "grade", *SUBSTRATE_COLUMNS]]
    inhibits = [", ".join(entries) or NOT_RECORDED for entries in dataset.substances.loc[facts.index, "cyp_inhibitor"]]
    facts["cyp_inhibitor"] = pd.Series(inhibits, index=facts.index, dtype="str")
    return _by_grade(facts.join(_timed_counts(graded, "substance")[["cases", "case_ids"]]))


def route_summary(graded: pd.DataFrame) -> pd.DataFrame:
    """How many co-exposures (case x substance) are substrates of each enzyme, by grade.

    Index: grade and enzyme (`2D6`, `3A`). Columns: yes, no, not_recorded, co_exposures.
    """
    rows = []
    for grade in GRADES:
        chosen = graded.loc[graded["grade"] == grade]
        for enzyme, column in (("2D6", "cyp2d6_substrate"), ("3A", "cyp3a_substrate")):
            counts = {
                name: int((chosen[column] == truth).sum())
                for name, truth in (("yes", Truth.YES), ("no", Truth.NO), ("not_recorded", Truth.UNKNOWN))
            }
            rows.append({"grade": grade, "enzyme": enzyme, **counts, "co_exposures": len(chosen)})
    return pd.DataFrame(rows).set_index(["grade", "enzyme"])


def measured_inhibition(dataset: Dataset, *, in_people: bool) -> pd.DataFrame:
    """What was reported of kratom and the enzymes CYP2D6 and CYP3A, in people or in vitro.

    Columns: compound, target, measure, value, interval (text; what interval it is stands in the note), unit, effect,
    note, seen_in, source (a link where an address is known). Model predictions are left out of the in-vitro
    rows; estimates are marked in the note.
    """
    rows = dataset.pharmacology
    field = dataset.codebook.table("pharmacology").field
    assay = "human_pk" if in_people else "enzyme_inhibition"
    chosen = rows.loc[
        (rows["assay"] == assay) & rows["target"].isin(ENZYMES) & ~rows["measure"].str.startswith("predicted")
    ]
    sources = dataset.context_sources.loc[chosen["citekey"]]
    written = [linked_text(*pair) for pair in zip(sources["short_reference"], sources["link"], strict=True)]
    intervals = [
        None if pd.isna(low) else f"{low:g} to {high:g}"
        for low, high in zip(chosen["ci_low"], chosen["ci_high"], strict=True)
    ]
    columns = ["compound", "target", "measure", "value", "interval", "unit", "effect", "note", "seen_in"]
    translated = {name: chosen[name].map(field(name).labels) for name in ("measure", "unit", "effect", "seen_in")}
    return chosen.assign(**translated, interval=pd.Series(intervals, index=chosen.index, dtype="str"))[columns].assign(
        source=pd.Series(written, index=chosen.index, dtype=object)
    )


def _timed_counts(graded: pd.DataFrame, by: str, rows: Sequence[str] | None = None) -> pd.DataFrame:
    """Distinct cases by `by` (default: those that occur): cases, one column for each timing class, case_ids."""
    ids = grouped(graded, by, "case_id")
    timed = _distinct_cases(graded, by, "timing_class", list(TIMING_WORDS))
    timed = timed.reindex(pd.Index(sorted(ids) if rows is None else rows, name=by), fill_value=0)
    timed.insert(0, "cases", [len(ids.get(name, ())) for name in timed.index])
    return timed.assign(
        case_ids=pd.Series([ids.get(name, ()) for name in timed.index], index=timed.index, dtype=object)
    )


def _distinct_cases(graded: pd.DataFrame, by: str, across: str, columns: Sequence[str]) -> pd.DataFrame:
    once = graded[["case_id", by, across]].drop_duplicates()
    return pd.crosstab(once[by], once[across]).reindex(columns=pd.Index(columns, name=None), fill_value=0)


def _facts(dataset: Dataset, graded: pd.DataFrame) -> pd.DataFrame:
    """What the lexicon says of each substance, in words."""
    once = graded.drop_duplicates("substance").set_index("substance")
    words = {name: _in_words(once[name]) for name in ("blocks_5ht2a", *SUBSTRATE_COLUMNS)}
    return once[["grade"]].assign(drug_class=once["drug_class"].map(_class_labels(dataset)), **words)


def _by_grade(table: pd.DataFrame) -> pd.DataFrame:
    ranked = table.assign(rank=-table["grade"].map(GRADE_RANK))
    return ranked.sort_values(["rank", "cases", "substance"], ascending=[True, False, True]).drop(columns="rank")


def _class_labels(dataset: Dataset) -> Mapping[str, str]:
    return dataset.codebook.table("substances").field("drug_class").labels


def _in_words(states: "pd.Series[Any]") -> "pd.Series[Any]":
    return states.map({Truth.YES: "yes", Truth.NO: "no", Truth.UNKNOWN: NOT_RECORDED})


def _patient(dataset: Dataset, case_id: str) -> str:
    """Age and sex, such as "63 years, male"."""
    age, words, sex = (dataset.cases[name][case_id] for name in ("age_years", "age_text", "sex"))
    of_age = (words if isinstance(words, str) else f"age {NOT_STATED}") if pd.isna(age) else f"{age} years"
    return f"{of_age}, {sex if isinstance(sex, str) else f'sex {NOT_STATED}'}"
