"""Every case judged by published rules. What is not stated stays unknown until a rule says what follows from it."""

from kratom_evidence.appraisal.causality import (
    WhoUmc,
    causality_table,
    dips_items,
    dips_table,
    interaction_cases,
    naranjo_items,
    naranjo_score,
    naranjo_table,
    who_umc,
)
from kratom_evidence.appraisal.confounding import explanation_classes, explanation_states, explanation_table
from kratom_evidence.appraisal.criteria.agreement import (
    agreement_cells,
    agreement_table,
    authors_states,
    judged_and_labelled,
    met_bounds,
)
from kratom_evidence.appraisal.criteria.hunter import HUNTER, hunter_signs
from kratom_evidence.appraisal.criteria.radomski import RADOMSKI, radomski_full, radomski_signs
from kratom_evidence.appraisal.criteria.result import CriterionResult, describe, judge, settling_in_words
from kratom_evidence.appraisal.criteria.rule import Criterion, Reading, System
from kratom_evidence.appraisal.criteria.settling import Settling, settling
from kratom_evidence.appraisal.criteria.sternbach import STERNBACH, sternbach_full, sternbach_signs
from kratom_evidence.appraisal.criteria.systems import CRITERIA
from kratom_evidence.appraisal.criteria.table import (
    JUDGEMENTS,
    criteria_table,
    criterion_results,
    criterion_states,
    sign_counts,
    signs_overlap,
    states_from_findings,
)
from kratom_evidence.appraisal.criteria.words import item_in_words, join_words, sets_in_words
from kratom_evidence.appraisal.explanations import EXPLANATIONS, ExplanationClass
from kratom_evidence.appraisal.exposure import (
    ExposureArrays,
    exposure_arrays,
    exposure_states,
    graded_exposures,
    kratom_confirmed,
    serotonergic_exposure,
    serotonin_2a_blockers,
)
from kratom_evidence.appraisal.findings import (
    appraised_states,
    implied_findings,
    implied_states,
    item_states,
    items_from_states,
    serving_findings,
    stand_in_findings,
    stand_ins,
)
from kratom_evidence.appraisal.quality import MURAD_ITEMS, completeness, completeness_by_year, murad_items
from kratom_evidence.appraisal.three_valued import States, Truth, at_least, conjunction, disjunction, negation
from kratom_evidence.appraisal.timing import TimingClass

__all__ = [
    "CRITERIA",
    "EXPLANATIONS",
    "HUNTER",
    "JUDGEMENTS",
    "MURAD_ITEMS",
    "RADOMSKI",
    "STERNBACH",
    "Criterion",
    "CriterionResult",
    "ExplanationClass",
    "ExposureArrays",
    "Reading",
    "Settling",
    "States",
    "System",
    "TimingClass",
    "Truth",
    "WhoUmc",
    "agreement_cells",
    "agreement_table",
    "appraised_states",
    "at_least",
    "authors_states",
    "causality_table",
    "completeness",
    "completeness_by_year",
    "conjunction",
    "criteria_table",
    "criterion_results",
    "criterion_states",
    "describe",
    "dips_items",
    "dips_table",
    "disjunction",
    "explanation_classes",
    "explanation_states",
    "explanation_table",
    "exposure_arrays",
    "exposure_states",
    "graded_exposures",
    "hunter_signs",
    "implied_findings",
    "implied_states",
    "interaction_cases",
    "item_in_words",
    "item_states",
    "items_from_states",
    "join_words",
    "judge",
    "judged_and_labelled",
    "kratom_confirmed",
    "met_bounds",
    "murad_items",
    "naranjo_items",
    "naranjo_score",
    "naranjo_table",
    "negation",
    "radomski_full",
    "radomski_signs",
    "serotonergic_exposure",
    "serotonin_2a_blockers",
    "serving_findings",
    "sets_in_words",
    "settling",
    "settling_in_words",
    "sign_counts",
    "signs_overlap",
    "stand_in_findings",
    "stand_ins",
    "states_from_findings",
    "sternbach_full",
    "sternbach_signs",
    "who_umc",
]
