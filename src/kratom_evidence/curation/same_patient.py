"""Whether a new case could be a patient who is in the table already, from another publication.

The comparison is that of record linkage (Fellegi and Sunter 1969, doi 10.1080/01621459.1969.10501049): a fact on which
both agree counts the more, the fewer of the cases that state it share it; a fact on which they differ counts against;
what either does not state counts for nothing.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kratom_evidence.codebook import CoExposure, Value
from kratom_evidence.curation.duplicates import title_similarity
from kratom_evidence.dataset import Readings
from kratom_evidence.dataset.bibliography import publication_year

# In bits: two raised to this power is how many times likelier the agreement is for one patient than for two.
LEAST_WEIGHT = 7.0
LEAST_AGREEING = 3
Facts = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A field on which the new case and a known one both say something; `weight` is negative where they differ."""

    field: str
    agrees: bool
    weight: float
    new: str
    known: str


@dataclass(frozen=True, kw_only=True)
class PossibleSamePatient:
    """A known case of another publication that may be the same patient, with every field that both state."""

    case_id: str
    citekey: str
    weight: float
    compared: tuple[Comparison, ...]

    @property
    def agreeing(self) -> tuple[Comparison, ...]:
        return tuple(comparison for comparison in self.compared if comparison.agrees)

    @property
    def differing(self) -> tuple[Comparison, ...]:
        return tuple(comparison for comparison in self.compared if not comparison.agrees)


@dataclass(frozen=True, kw_only=True)
class _Rule:
    """How a field is compared. `against` is the weight (bits, negative) of two that differ."""

    field: str
    agree: Callable[[Any, Any], bool]
    against: float


def _equal(one: Any, other: Any) -> bool:
    return bool(one == other)


def _within(distance: float) -> Callable[[Any, Any], bool]:
    return lambda one, other: abs(one - other) <= distance


def _overlap(one: frozenset[str], other: frozenset[str]) -> bool:
    """Both none, or at least half of the shorter list shared."""
    if not one or not other:
        return one == other
    return 2 * len(one & other) >= min(len(one), len(other))


RULES = (
    _Rule(field="age_years", agree=_within(1), against=-8),
    _Rule(field="sex", agree=_equal, against=-10),
    _Rule(field="country", agree=_equal, against=-6),
    _Rule(field="primary_event", agree=_equal, against=-2),
    _Rule(field="co_exposures", agree=_overlap, against=-3),
    _Rule(field="conditions", agree=_overlap, against=-1),
    _Rule(field="kratom_duration_days", agree=_equal, against=-1),
    _Rule(field="mitragynine_blood_ng_ml", agree=_equal, against=-5),
    _Rule(field="temp_max_c", agree=_equal, against=-2),
    _Rule(field="alt_max_u_l", agree=_equal, against=-2),
    _Rule(field="bilirubin_max_mg_dl", agree=_equal, against=-2),
    _Rule(field="outcome", agree=_equal, against=-2),
    _Rule(field="year", agree=_within(1), against=-1),
    _Rule(field="title", agree=lambda one, other: title_similarity(one, other) >= 70, against=0),
)


def facts_of_known(readings: Readings) -> dict[str, tuple[str, Facts]]:
    """case_id -> citekey and the facts that are compared; a fact that is not stated is left out."""
    columns = readings.tables["case_reports"].columns
    entries = {str(entry["id"]): entry for entry in readings.bibliographies["sources"]}
    known = {}
    for row, case_id in enumerate(columns["case_id"]):
        citekey = str(columns["citekey"][row])
        values = {rule.field: columns[rule.field][row] for rule in RULES if rule.field in columns}
        known[str(case_id)] = (citekey, facts(values, entries.get(citekey, {})))
    return known


def facts(values: Mapping[str, Value], entry: Mapping[str, Any]) -> Facts:
    """The facts about a patient: the stated values, and year and title of the publication."""
    stated: dict[str, Any] = {
        name: frozenset(_name(item) for item in value) if isinstance(value, tuple) else value
        for name, value in values.items()
        if value is not None
    }
    year, title = publication_year(entry), entry.get("title")
    return stated | ({"year": year} if year else {}) | ({"title": title} if title else {})


def possible_same_patients(
    new: Facts, known: Mapping[str, tuple[str, Facts]], *, citekey: str | None
) -> tuple[PossibleSamePatient, ...]:
    """The cases of other publications that could be the same patient, the likeliest first."""
    found = []
    for case_id, (other_key, other) in known.items():
        if other_key == citekey:
            continue
        compared = tuple(
            _compare(rule, new[rule.field], other[rule.field], known)
            for rule in RULES
            if rule.field in new and rule.field in other
        )
        weight = sum(comparison.weight for comparison in compared)
        agreeing = sum(comparison.agrees for comparison in compared)
        if weight >= LEAST_WEIGHT and agreeing >= LEAST_AGREEING:
            found.append(PossibleSamePatient(case_id=case_id, citekey=other_key, weight=weight, compared=compared))
    return tuple(sorted(found, key=lambda same: (-same.weight, same.case_id)))


def _compare(rule: _Rule, new: Any, old: Any, known: Mapping[str, tuple[str, Facts]]) -> Comparison:
    agrees = rule.agree(new, old)
    weight = _rarity(rule, new, known) if agrees else rule.against
    return Comparison(field=rule.field, agrees=agrees, weight=weight, new=_text(new), known=_text(old))


def _rarity(rule: _Rule, value: Any, known: Mapping[str, tuple[str, Facts]]) -> float:
    """Bits of surprise that a case that states the field agrees with the value by chance."""
    stated: Sequence[Any] = [other[rule.field] for _, other in known.values() if rule.field in other]
    agreeing = sum(rule.agree(value, other) for other in stated)
    return -math.log2((agreeing + 1) / (len(stated) + 2))


def _name(item: object) -> str:
    return item.substance if isinstance(item, CoExposure) else str(item)


def _text(value: Any) -> str:
    if isinstance(value, frozenset):
        return "; ".join(sorted(value)) or "none"
    return str(value)
