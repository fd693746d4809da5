"""Hunter Serotonin Toxicity Criteria: five arms, of which one is enough.

Source: Dunkley EJC, Isbister GK, Sibbritt D, Dawson AH, Whyte IM. QJM 2003;96(9):635-642, doi:10.1093/qjmed/hcg109.
Wrong versions are widespread: hypertonia alone is no arm, a temperature does not stand in for agitation or diaphoresis,
one of these two is enough, and myoclonus is not clonus.

The exposure to a serotonergic agent that the criteria ask for first is left to the exposure: for kratom it is the
question itself, and the signs must not depend on its answer.
"""

from types import MappingProxyType

from kratom_evidence.appraisal.criteria.rule import Criterion, all_of, any_of
from kratom_evidence.appraisal.three_valued import States

_EXCITED = any_of("agitation", "diaphoresis")
_CLONUS = ("spontaneous_clonus", "inducible_clonus", "ocular_clonus", "clonus_unspecified")
_OTHERS = ("agitation", "diaphoresis", "tremor", "hyperreflexia", "hypertonia", "temperature")

# Clonus of unstated type is an item that is shown and counted but serves no arm: which arm depends on its type. In the
# lenient reading it stands in for inducible clonus when the items are read.
HUNTER = Criterion(
    system="hunter",
    title="Hunter",
    source="doi:10.1093/qjmed/hcg109",
    items=(*_CLONUS, *_OTHERS),
    arms=MappingProxyType(
        {
            "arm 1": "spontaneous_clonus",
            "arm 2": all_of("inducible_clonus", _EXCITED),
            "arm 3": all_of("ocular_clonus", _EXCITED),
            "arm 4": all_of("tremor", "hyperreflexia"),
            "arm 5": all_of("hypertonia", "temperature", any_of("ocular_clonus", "inducible_clonus")),
        }
    ),
    # Clonus of any kind is one sign.
    counted=MappingProxyType({"signs": (any_of(*_CLONUS), *_OTHERS)}),
)


def hunter_signs(item_states: States) -> States:
    """Whether the signs meet an arm: 1 met, -1 not met, 0 undetermined.

    `item_states` is int8, cases x the items of `HUNTER.items`.
    """
    return HUNTER.states(item_states)
