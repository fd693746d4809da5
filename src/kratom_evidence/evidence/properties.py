"""The named properties of a case that claims are tested on, each with its states for all cases: yes, no, not stated."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias, cast

import numpy as np

from kratom_evidence.appraisal.criteria.table import criterion_states
from kratom_evidence.appraisal.exposure import (
    AcceptedTiming,
    Grade,
    exposure_arrays,
    exposure_states,
    kratom_confirmed,
)
from kratom_evidence.appraisal.three_valued import States, Truth, conjunction, disjunction, negation
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence.definitions import Definitions
from kratom_evidence.evidence.tally import states_of

Finder: TypeAlias = Callable[[Dataset, Definitions], States]

CRITERIA_COLUMNS: Mapping[str, str] = {
    "hunter_strict": "hunter_strict",
    "hunter_lenient": "hunter_lenient",
    "sternbach_signs": "sternbach_strict",
    "radomski_signs": "radomski_strict",
}
# Members of the Association of Southeast Asian Nations and Timor-Leste, ISO 3166-1 alpha-2.
SOUTH_EAST_ASIA = frozenset({"BN", "ID", "KH", "LA", "MM", "MY", "PH", "SG", "TH", "TL", "VN"})
PILL_POWDER_CAPSULE = frozenset({"powder", "capsule", "tablet"})
_FINDING = re.compile(r"finding:([a-z0-9_]+)")


@dataclass(frozen=True, kw_only=True)
class Property:
    """A property of a case: its name in words ("cases …") and how its states are found.

    `negation` says in words what a "no" means, where "not so" would say too much. `depends_on` names the definitions
    that change its states.
    """

    words: str
    find: Finder
    negation: str | None = None
    depends_on: tuple[str, ...] = ()

    @property
    def negation_words(self) -> str:
        """What a "no" of the property means, to stand behind a number of cases."""
        return self.negation or f"not {self.words}"


def property_named(name: str) -> Property:
    """The property of that name, or of a finding (`finding:NAME`).

    Raises:
        KeyError: there is no property of that name.
    """
    match = _FINDING.fullmatch(name)
    if match is None:
        return PROPERTIES[name]
    finding = match[1]
    return Property(
        words=f"with {finding.replace('_', ' ')}",
        find=lambda dataset, _: np.asarray(dataset.finding_states[finding], dtype=np.int8),
        negation=f"without {finding.replace('_', ' ')}",
    )


def property_words(name: str) -> str:
    """A property in words, to stand behind a number of cases."""
    return property_named(name).words


def is_property(name: str, dataset: Dataset | None = None) -> bool:
    """Whether a name can be used in a claim; finding names are checked when a dataset is given."""
    match = _FINDING.fullmatch(name)
    if match is None:
        return name in PROPERTIES
    return dataset is None or match[1] in dataset.finding_terms.index


def _all(dataset: Dataset, _: Definitions) -> States:
    return np.full(len(dataset.cases), Truth.YES, dtype=np.int8)


def _serotonin_syndrome(dataset: Dataset, definitions: Definitions) -> States:
    """Whether the case is one of serotonin syndrome, by the chosen definition.

    By the authors' label only an explicit rejection is a no: a publication that does not mention the syndrome, in the
    part that was read, does not say. By a criteria set a case may be undetermined.
    """
    definition = definitions.ss_definition
    if definition in CRITERIA_COLUMNS:
        return np.asarray(criterion_states(dataset)[CRITERIA_COLUMNS[definition]], dtype=np.int8)
    labels = {"label": {"diagnosed"}, "label_or_suspected": {"diagnosed", "suspected"}}[definition]
    assessment = dataset.cases["ss_assessment"]
    stated = assessment.where(assessment != "not_mentioned")
    return states_of(stated.tolist(), yes=frozenset(labels))


def _serotonergic_co_exposure(dataset: Dataset, definitions: Definitions) -> States:
    without_amitriptyline = definitions.serotonergic_grade == "established_without_amitriptyline"
    return exposure_states(
        exposure_arrays(dataset),
        grade="established" if without_amitriptyline else cast("Grade", definitions.serotonergic_grade),
        timing=cast("AcceptedTiming", definitions.timing),
        amitriptyline_as="possible" if without_amitriptyline else "established",
    )


def _mitragynine_confirmed(dataset: Dataset, _: Definitions) -> States:
    return np.asarray(kratom_confirmed(dataset), dtype=np.int8)


def _any_listed(column: str) -> Finder:
    """Yes when the list has entries, no when the publication says there were none, unknown when it does not say."""
    return lambda dataset, _: np.array(
        [Truth.UNKNOWN if items is None else (Truth.YES if items else Truth.NO) for items in dataset.cases[column]],
        dtype=np.int8,
    )


def _listed_among(column: str, wanted: frozenset[str]) -> Finder:
    """Yes when an entry is among the wanted ones, no when entries or "none" are stated and none is."""
    return lambda dataset, _: np.array(
        [
            Truth.UNKNOWN if items is None else (Truth.YES if any(item in wanted for item in items) else Truth.NO)
            for items in dataset.cases[column]
        ],
        dtype=np.int8,
    )


def _in_column(column: str, values: frozenset[str]) -> Finder:
    return lambda dataset, _: states_of(dataset.cases[column].tolist(), yes=values)


def _other_drug_or_condition(dataset: Dataset, definitions: Definitions) -> States:
    columns = ("co_exposures", "conditions", "confounders")
    return disjunction([_any_listed(column)(dataset, definitions) for column in columns])


def _other_drug_on_board(dataset: Dataset, definitions: Definitions) -> States:
    """Another drug at an accepted time. One stopped at a stated time long before is none, an undated stop unknown."""
    arrays = exposure_arrays(dataset)
    states = np.where(arrays.listed == Truth.UNKNOWN, Truth.UNKNOWN, Truth.NO).astype(np.int8)
    np.maximum.at(states, arrays.case, arrays.timing[definitions.timing])
    return states


def _kratom_alone_confirmed(dataset: Dataset, definitions: Definitions) -> States:
    """The publication says that nothing else was taken, and mitragynine was found in the body."""
    alone = negation(_other_drug_on_board(dataset, definitions))
    return conjunction([alone, _mitragynine_confirmed(dataset, definitions)])


def _serotonergic_co_exposure_strict(dataset: Dataset, definitions: Definitions) -> States:
    """As `_serotonergic_co_exposure`, but a list of drugs is not taken as complete."""
    states = _serotonergic_co_exposure(dataset, definitions)
    listed = exposure_arrays(dataset).listed == Truth.YES
    return np.where(listed & (states == Truth.NO), Truth.UNKNOWN, states).astype(np.int8)


PROPERTIES: Mapping[str, Property] = {
    "all_cases": Property(words="of any kind", find=_all),
    "serotonin_syndrome": Property(
        words="of serotonin syndrome", find=_serotonin_syndrome, depends_on=("ss_definition",)
    ),
    "serotonin_syndrome_named": Property(
        words="whose authors name serotonin syndrome in the part that was read",
        find=_in_column("ss_assessment", frozenset({"diagnosed", "suspected"})),
        negation="whose authors do not name it in the part that was read",
    ),
    "serotonergic_co_exposure": Property(
        words="with a serotonergic drug besides kratom",
        find=_serotonergic_co_exposure,
        negation="whose stated co-exposures include no serotonergic drug",
        depends_on=("serotonergic_grade", "timing"),
    ),
    "serotonergic_co_exposure_strict": Property(
        words="with a serotonergic drug besides kratom",
        find=_serotonergic_co_exposure_strict,
        negation="whose publication says that nothing else was taken",
        depends_on=("serotonergic_grade", "timing"),
    ),
    "other_drug": Property(
        words="with another drug besides kratom",
        find=_any_listed("co_exposures"),
        negation="in which nothing else was taken",
    ),
    "other_drug_or_condition": Property(
        words="with another drug or a medical condition besides kratom",
        find=_other_drug_or_condition,
        negation="with neither another drug nor a medical condition",
    ),
    "mitragynine_confirmed": Property(
        words="with mitragynine found in the body",
        find=_mitragynine_confirmed,
        negation="in which mitragynine was sought and not found",
    ),
    "kratom_alone_confirmed": Property(
        words="in which kratom was confirmed by a laboratory and nothing else was taken",
        find=_kratom_alone_confirmed,
        depends_on=("timing",),
        negation="in which something else was taken or kratom was not found",
    ),
    "interaction_claimed": Property(
        words="whose authors blame kratom together with another drug",
        find=_in_column("author_causality", frozenset({"interaction"})),
    ),
    "pill_powder_or_capsule": Property(
        words="with kratom taken as a pill, powder or capsule",
        find=_listed_among("kratom_forms", PILL_POWDER_CAPSULE),
        negation="with kratom taken in another form",
    ),
    "south_east_asia": Property(
        words="treated in south-east Asia",
        find=_in_column("country", SOUTH_EAST_ASIA),
        negation="treated elsewhere",
    ),
}
