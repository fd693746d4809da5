"""The cases under one set of definitions, and the named properties that claims are tested on."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import pandas as pd

from kratom_evidence.appraisal.criteria.table import criterion_states
from kratom_evidence.appraisal.exposure import Grade, kratom_confirmed, serotonergic_exposure
from kratom_evidence.appraisal.three_valued import States, Truth, conjunction, disjunction, negation
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence.definitions import Definitions
from kratom_evidence.evidence.tally import states_of

CRITERIA_COLUMNS: Mapping[str, str] = {
    "hunter_strict": "hunter_strict",
    "hunter_lenient": "hunter_lenient",
    "sternbach_signs": "sternbach_strict",
    "radomski_signs": "radomski_strict",
}
# Members of the Association of Southeast Asian Nations and Timor-Leste, ISO 3166-1 alpha-2.
SOUTH_EAST_ASIA = frozenset({"BN", "ID", "KH", "LA", "MM", "MY", "PH", "SG", "TH", "TL", "VN"})
PILL_POWDER_CAPSULE = frozenset({"powder", "capsule", "tablet"})


@dataclass(frozen=True, kw_only=True)
class CaseEvidence:
    """The cases that the definitions let in, with what they show.

    `cases` is the part of `dataset.cases` that `definitions.source_access` keeps.
    """

    dataset: Dataset
    definitions: Definitions
    cases: pd.DataFrame
    _known: dict[str, States] = field(default_factory=dict, repr=False)

    def states(self, name: str) -> States:
        """1 / -1 / 0 (yes / no / not stated) for every case, for a property of `PROPERTIES` or `finding:NAME`.

        Raises:
            KeyError: there is no property of that name.
        """
        if name not in self._known:
            self._known[name] = _property(name).states(self)
        return self._known[name]

    def case_ids(self, states: States) -> tuple[str, ...]:
        """The cases whose state is yes."""
        return tuple(self.cases.index[states == Truth.YES])


@dataclass(frozen=True, kw_only=True)
class Property:
    """A property of a case: its name in words ("cases …") and how its states are found.

    `negation` says in words what a "no" means, where "not so" would say too much.
    """

    words: str
    states: Callable[[CaseEvidence], States]
    negation: str | None = None


def gather(dataset: Dataset, definitions: Definitions | None = None) -> CaseEvidence:
    """The evidence of the cases under the definitions (default: the primary analysis)."""
    chosen = definitions or Definitions()
    access = dataset.cases["source_access"]
    kept = {
        "all": access.notna(),
        "abstract_or_full_text": access.isin(["abstract", "full_text"]),
        "full_text": access == "full_text",
    }[chosen.source_access]
    return CaseEvidence(dataset=dataset, definitions=chosen, cases=dataset.cases[kept])


def property_words(name: str) -> str:
    """A property in words, to stand behind a number of cases."""
    return _property(name).words


def negation_words(name: str) -> str:
    """What a "no" of the property means, in words, to stand behind a number of cases."""
    found = _property(name)
    return found.negation or f"not {found.words}"


def is_property(name: str, dataset: Dataset | None = None) -> bool:
    """Whether a name can be used in a claim; finding names are checked when a dataset is given."""
    finding = _FINDING.fullmatch(name)
    if finding is None:
        return name in PROPERTIES
    return dataset is None or finding[1] in dataset.finding_terms.index


_FINDING = re.compile(r"finding:([a-z0-9_]+)")


def _property(name: str) -> Property:
    finding = _FINDING.fullmatch(name)
    if finding is None:
        return PROPERTIES[name]
    return Property(
        words=f"with {finding[1].replace('_', ' ')}",
        states=lambda evidence: evidence.dataset.finding_states.loc[evidence.cases.index, finding[1]].to_numpy(),
    )


def _all(evidence: CaseEvidence) -> States:
    return np.full(len(evidence.cases), Truth.YES, dtype=np.int8)


def _serotonin_syndrome(evidence: CaseEvidence) -> States:
    """Whether the case is one of serotonin syndrome, by the chosen definition.

    By the authors' label only an explicit rejection is a no: a publication that does not mention the syndrome, in the
    part that was read, does not say. By a criteria set a case may be undetermined.
    """
    definition = evidence.definitions.ss_definition
    if definition in CRITERIA_COLUMNS:
        return _of_cases(evidence, criterion_states(evidence.dataset)[CRITERIA_COLUMNS[definition]])
    labels = {"label": {"diagnosed"}, "label_or_suspected": {"diagnosed", "suspected"}}[definition]
    assessment = evidence.cases["ss_assessment"]
    stated = assessment.where(assessment != "not_mentioned")
    return states_of(stated.tolist(), yes=frozenset(labels))


def _serotonergic_co_exposure(evidence: CaseEvidence) -> States:
    grade = cast("Grade", evidence.definitions.serotonergic_grade)
    return _of_cases(evidence, serotonergic_exposure(evidence.dataset, grade=grade)["state"])


def _of_cases(evidence: CaseEvidence, states: "pd.Series[Any]") -> States:
    """The part of the states, indexed by case_id, that belongs to the cases let in."""
    return np.asarray(states.loc[evidence.cases.index], dtype=np.int8)


def _any_listed(column: str) -> Callable[[CaseEvidence], States]:
    """Yes when the list has entries, no when the publication says there were none, unknown when it does not say."""
    return lambda evidence: np.array(
        [Truth.UNKNOWN if items is None else (Truth.YES if items else Truth.NO) for items in evidence.cases[column]],
        dtype=np.int8,
    )


def _listed_among(column: str, wanted: frozenset[str]) -> Callable[[CaseEvidence], States]:
    """Yes when an entry is among the wanted ones, no when entries or "none" are stated and none is."""
    return lambda evidence: np.array(
        [
            Truth.UNKNOWN if items is None else (Truth.YES if any(item in wanted for item in items) else Truth.NO)
            for items in evidence.cases[column]
        ],
        dtype=np.int8,
    )


def _mitragynine_confirmed(evidence: CaseEvidence) -> States:
    return _of_cases(evidence, kratom_confirmed(evidence.dataset))


def _other_drug_or_condition(evidence: CaseEvidence) -> States:
    listed = [_any_listed(column)(evidence) for column in ("co_exposures", "conditions", "confounders")]
    return disjunction(listed)


def _kratom_alone_confirmed(evidence: CaseEvidence) -> States:
    """The publication says that nothing else was taken, and mitragynine was found in the body."""
    return conjunction([negation(evidence.states("other_drug")), evidence.states("mitragynine_confirmed")])


def _in_column(column: str, values: frozenset[str]) -> Callable[[CaseEvidence], States]:
    return lambda evidence: states_of(evidence.cases[column].tolist(), yes=values)


PROPERTIES: Mapping[str, Property] = {
    "all_cases": Property(words="of any kind", states=_all),
    "serotonin_syndrome": Property(words="of serotonin syndrome", states=_serotonin_syndrome),
    "serotonin_syndrome_named": Property(
        words="whose authors name serotonin syndrome in the part that was read",
        states=_in_column("ss_assessment", frozenset({"diagnosed", "suspected"})),
        negation="whose authors do not name it in the part that was read",
    ),
    "serotonergic_co_exposure": Property(
        words="with a serotonergic drug besides kratom",
        states=_serotonergic_co_exposure,
        negation="whose stated co-exposures include no serotonergic drug",
    ),
    "other_drug": Property(words="with another drug besides kratom", states=_any_listed("co_exposures")),
    "other_drug_or_condition": Property(
        words="with another drug or a medical condition besides kratom", states=_other_drug_or_condition
    ),
    "mitragynine_confirmed": Property(words="with mitragynine found in the body", states=_mitragynine_confirmed),
    "kratom_alone_confirmed": Property(
        words="in which kratom was confirmed by a laboratory and nothing else was taken", states=_kratom_alone_confirmed
    ),
    "interaction_claimed": Property(
        words="whose authors blame kratom together with another drug",
        states=_in_column("author_causality", frozenset({"interaction"})),
    ),
    "pill_powder_or_capsule": Property(
        words="with kratom taken as a pill, powder or capsule",
        states=_listed_among("kratom_forms", PILL_POWDER_CAPSULE),
    ),
    "south_east_asia": Property(words="treated in south-east Asia", states=_in_column("country", SOUTH_EAST_ASIA)),
}
