"""The revised criteria of Radomski and colleagues: four major signs, or three major and two minor ones.

Source: Radomski JW, Dursun SM, Reveley MA, Kutcher SP. Med Hypotheses 2000;55(3):218-224, doi:10.1054/mehy.2000.1047.
The misprint "four minor" of a later review is not followed.
"""

from types import MappingProxyType

from kratom_evidence.appraisal.criteria.rule import AtLeast, Criterion, Rule, all_of, any_of
from kratom_evidence.appraisal.three_valued import States, conjunction

_MAJOR_ITEMS = (
    "impaired_consciousness",
    "elevated_mood",
    "coma",
    "fever",
    "hyperhidrosis",
    "myoclonus",
    "tremor",
    "chills_or_shivering",
    "rigidity",
    "hyperreflexia",
)
_MINOR_ITEMS = (
    "agitation",
    "insomnia",
    "tachycardia",
    "tachypnea_or_dyspnea",
    "diarrhea",
    "blood_pressure_change",
    "impaired_coordination",
    "mydriasis",
    "akathisia",
)

# Coma is the extreme of impaired consciousness: a case with both recorded has one sign of that kind, not two.
_CONSCIOUSNESS = any_of("impaired_consciousness", "coma")
_MAJOR: tuple[Rule, ...] = (
    _CONSCIOUSNESS,
    *(item for item in _MAJOR_ITEMS if item not in {"impaired_consciousness", "coma"}),
)

RADOMSKI = Criterion(
    system="radomski",
    title="Radomski",
    source="doi:10.1054/mehy.2000.1047",
    items=(*_MAJOR_ITEMS, *_MINOR_ITEMS),
    arms=MappingProxyType(
        {
            "at least 4 major signs": AtLeast(4, _MAJOR),
            "at least 3 major and 2 minor signs": all_of(AtLeast(3, _MAJOR), AtLeast(2, _MINOR_ITEMS)),
        }
    ),
    counted=MappingProxyType({"major": _MAJOR, "minor": _MINOR_ITEMS}),
)


def radomski_signs(item_states: States) -> States:
    """Whether the signs suffice: 1 met, -1 not met, 0 undetermined.

    `item_states` is int8, cases x the items of `RADOMSKI.items`.
    """
    return RADOMSKI.states(item_states)


def radomski_full(
    signs: States, *, agent_added: States, other_causes_excluded: States, no_neuroleptic_change: States
) -> States:
    """Signs, exposure and exclusions together, 1 met, -1 not met, 0 undetermined; int8 arrays of one shape.

    Args:
        signs: answer of `radomski_signs`.
        agent_added: a serotonergic agent was added or increased.
        other_causes_excluded: psychiatric, infectious, metabolic, endocrine and toxic causes were excluded.
        no_neuroleptic_change: no neuroleptic was introduced or increased before onset.
    """
    return conjunction([signs, agent_added, other_causes_excluded, no_neuroleptic_change])
