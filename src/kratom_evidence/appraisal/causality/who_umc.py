"""The WHO-UMC causality categories as a function of three-valued answers, with a ceiling set in advance.

Source: Uppsala Monitoring Centre; the wording was compared with Table B2 of PMC6039921 and Table 2 of PMC11162198.
"Certain" is given only with a positive rechallenge, which the source asks for "if necessary".

Ceiling: a case is not above "possible" for kratom unless it is known that no established serotonergic co-exposure was
on board. The reason lies in the question of serotonin toxicity; it is applied to every case, because such a co-exposure
is another explanation for the case whatever the event.
"""

from enum import StrEnum

from kratom_evidence.appraisal.three_valued import Truth


class WhoUmc(StrEnum):
    """The six categories."""

    CERTAIN = "certain"
    PROBABLE = "probable"
    POSSIBLE = "possible"
    UNLIKELY = "unlikely"
    CONDITIONAL = "conditional"
    UNASSESSABLE = "unassessable"


def who_umc(
    *,
    time: Truth,
    other_causes: Truth,
    dechallenge: Truth,
    rechallenge: Truth,
    serotonergic_co_exposure: Truth,
    definitive: Truth = Truth.UNKNOWN,
) -> WhoUmc:
    """The category.

    Args:
        time: kratom came before the event, at a plausible time.
        other_causes: a disease or another drug could explain the event.
        dechallenge: better after kratom was stopped.
        rechallenge: back after kratom was taken again.
        serotonergic_co_exposure: an established serotonergic co-exposure was on board (the ceiling).
        definitive: the event is definitive pharmacologically or phenomenologically; no case field says so.
    """
    if time is Truth.UNKNOWN:
        return WhoUmc.CONDITIONAL
    if time is Truth.NO:
        # Unlikely needs both: an improbable time and another plausible explanation.
        without_time = {Truth.YES: WhoUmc.UNLIKELY, Truth.UNKNOWN: WhoUmc.CONDITIONAL, Truth.NO: WhoUmc.UNASSESSABLE}
        return without_time[other_causes]
    excluded = other_causes is Truth.NO and serotonergic_co_exposure is Truth.NO
    if not excluded or dechallenge is not Truth.YES or rechallenge is Truth.NO:
        return WhoUmc.POSSIBLE
    return WhoUmc.CERTAIN if rechallenge is Truth.YES and definitive is Truth.YES else WhoUmc.PROBABLE
