"""Sternbach's criteria: at least three of ten signs, after a serotonergic agent was added, with two exclusions.

Source: Sternbach H. Am J Psychiatry 1991;148(6):705-713, doi:10.1176/ajp.148.6.705.
"""

from types import MappingProxyType

from kratom_evidence.appraisal.criteria.rule import AtLeast, Criterion
from kratom_evidence.appraisal.three_valued import States, conjunction

_SIGNS = (
    "mental_status_change",
    "agitation",
    "myoclonus",
    "hyperreflexia",
    "diaphoresis",
    "shivering",
    "tremor",
    "diarrhea",
    "incoordination",
    "fever",
)

STERNBACH = Criterion(
    system="sternbach",
    title="Sternbach",
    source="doi:10.1176/ajp.148.6.705",
    items=_SIGNS,
    arms=MappingProxyType({"at least 3 of 10 signs": AtLeast(3, _SIGNS)}),
    counted=MappingProxyType({"signs": _SIGNS}),
)


def sternbach_signs(item_states: States) -> States:
    """Whether at least three of the ten signs are present: 1 met, -1 not met, 0 undetermined.

    `item_states` is int8, cases x the items of `STERNBACH.items`.
    """
    return STERNBACH.states(item_states)


def sternbach_full(
    signs: States, *, agent_added: States, other_causes_excluded: States, no_neuroleptic_change: States
) -> States:
    """Criteria A to C together, 1 met, -1 not met, 0 undetermined; all arguments are int8 arrays of one shape.

    Args:
        signs: answer of `sternbach_signs`.
        agent_added: a known serotonergic agent was added to an established regimen, or its dose raised (part of A).
        other_causes_excluded: infection, metabolic, endocrine, substance abuse or withdrawal were excluded (B).
        no_neuroleptic_change: no neuroleptic was started or increased before onset (C); unknown without dates.
    """
    return conjunction([signs, agent_added, other_causes_excluded, no_neuroleptic_change])
