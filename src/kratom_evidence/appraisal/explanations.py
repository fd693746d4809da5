"""The explanations other than kratom that are looked for, and the words and terms by which they are recognised."""

import re
from dataclasses import dataclass
from enum import StrEnum


class ExplanationClass(StrEnum):
    """What is left to explain the event, as far as the publication says."""

    KRATOM_ALONE = "kratom alone, confirmed, nothing else"
    ANOTHER = "another explanation"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """An explanation, and the terms of data/vocabulary/confounders.csv that stand for it.

    `alternative`: whether it could explain the event without kratom; the others are shown but do not decide the class.
    `own_column`: another column than `confounders` says whether it was there, so `confounders` = none does not.
    """

    name: str
    label: str
    terms: frozenset[str]
    alternative: bool = True
    own_column: bool = False


EXPLANATIONS = (
    Explanation(
        name="serotonergic_co_exposure",
        label="Serotonergic co-exposure",
        terms=frozenset({"serotonergic_co_drug", "recent_serotonergic_drug_change", "serotonergic_drug_given_in_care"}),
        own_column=True,
    ),
    Explanation(
        name="other_co_exposure",
        label="Other co-exposure",
        terms=frozenset(
            {
                "other_drug_overdose",
                "polysubstance",
                "alcohol_use",
                "stimulant_exposure",
                "anticholinergic_exposure",
                "antipsychotic_exposure",
                "other_hepatotoxin",
                "qt_prolonging_co_drug",
                "maternal_co_exposure",
            }
        ),
        own_column=True,
    ),
    Explanation(
        name="withdrawal_of_another_drug",
        label="Withdrawal of another drug",
        terms=frozenset({"concurrent_withdrawal_other_drug", "opioid_antagonist_or_partial_agonist"}),
    ),
    Explanation(
        name="kratom_withdrawal",
        label="Withdrawal of kratom",
        terms=frozenset({"kratom_withdrawal"}),
        alternative=False,
        own_column=True,
    ),
    Explanation(
        name="adulterated_product",
        label="Adulterated or unidentified product",
        terms=frozenset({"product_adulterated"}),
    ),
    Explanation(name="infection", label="Infection", terms=frozenset({"infection"})),
    Explanation(
        name="seizure_or_brain_disease",
        label="Seizure or brain disease",
        terms=frozenset({"seizure_history", "structural_brain_disease", "hypoxia_or_shock_first"}),
    ),
    Explanation(
        name="psychiatric_illness",
        label="Psychiatric illness",
        terms=frozenset({"psychiatric_illness", "catatonia"}),
    ),
    Explanation(
        name="substance_use_history",
        label="History of substance use",
        terms=frozenset({"substance_use_history"}),
    ),
    Explanation(
        name="organ_disease",
        label="Organ or metabolic disease",
        terms=frozenset(
            {"liver_disease", "cardiac_disease", "thyroid_disease", "obesity", "underlying_disease"}
            | {"metabolic_disturbance"}
        ),
    ),
    Explanation(
        name="surgery_injury_or_strain",
        label="Surgery, injury, heat or exertion",
        terms=frozenset({"recent_surgery_or_trauma", "heat_or_exertion"}),
    ),
    Explanation(name="pregnancy", label="Pregnancy or childbirth", terms=frozenset({"pregnancy"})),
    Explanation(name="other_explanation", label="Another explanation, in the notes", terms=frozenset({"other"})),
    Explanation(
        name="raised_co_drug_level",
        label="Raised level of a co-drug",
        terms=frozenset({"pharmacokinetic_interaction"}),
        alternative=False,
        own_column=True,
    ),
    Explanation(
        name="no_toxicological_confirmation",
        label="No toxicological confirmation",
        terms=frozenset({"no_toxicology_confirmation"}),
        alternative=False,
        own_column=True,
    ),
)
# A term that a curator adds to the vocabulary before it is assigned above.
CATCH_ALL = "other_explanation"
UNSPECIFIC_CLASSES = frozenset({"other", "supplement"})
WITHDRAWAL_CLASSES = frozenset({"benzodiazepine", "opioid", "opioid_serotonergic", "alcohol"})
# The substances that the vocabulary's definition of opioid_antagonist_or_partial_agonist names.
OPIOID_ANTAGONISTS = frozenset({"naloxone", "naltrexone", "buprenorphine"})
WITHDRAWAL_EVENTS = frozenset({"withdrawal", "neonatal_withdrawal"})
INFECTION_FINDINGS = frozenset({"infection", "sepsis", "bacteremia"})
PSYCHIATRIC = re.compile(
    r"(?<!respiratory )depress|anxi|phobia|schizo|psycho(?!active)|bipolar|\badhd\b|suicid|personality", re.I
)
BRAIN_DISEASE = re.compile(r"seizure|epilep|stroke|brain", re.I)
ORGAN_DISEASE = re.compile(
    r"\bliver|hepatic|cirrhosis|kidney|\brenal|heart|cardiac|coronary|artery|hypertension|asthma|thyroid|diabet|obes|colitis",
    re.I,
)
WITHDRAWAL_CONDITION = re.compile(r"(?<!kratom )withdrawal", re.I)
