"""Every case judged by published rules. What is not stated stays unknown until a rule says what follows from it."""

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
from kratom_evidence.appraisal.findings import (
    appraised_states,
    implied_states,
    item_states,
    items_from_states,
    serving_findings,
    stand_in_findings,
    stand_ins,
)
from kratom_evidence.appraisal.three_valued import States, Truth, at_least, conjunction, disjunction, negation

__all__ = [
    "CRITERIA",
    "HUNTER",
    "JUDGEMENTS",
    "RADOMSKI",
    "STERNBACH",
    "Criterion",
    "CriterionResult",
    "Reading",
    "Settling",
    "States",
    "System",
    "Truth",
    "agreement_cells",
    "agreement_table",
    "appraised_states",
    "at_least",
    "authors_states",
    "conjunction",
    "criteria_table",
    "criterion_results",
    "criterion_states",
    "describe",
    "disjunction",
    "hunter_signs",
    "implied_states",
    "item_in_words",
    "item_states",
    "items_from_states",
    "join_words",
    "judge",
    "judged_and_labelled",
    "met_bounds",
    "negation",
    "radomski_full",
    "radomski_signs",
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
]
