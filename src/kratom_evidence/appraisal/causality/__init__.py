"""How far kratom can be blamed: Naranjo, WHO-UMC and, for claimed interactions, DIPS. RUCAM is not recomputed."""

from kratom_evidence.appraisal.causality.dips import dips_items, dips_score, dips_table, interaction_cases
from kratom_evidence.appraisal.causality.naranjo import naranjo_band, naranjo_items, naranjo_score, naranjo_table
from kratom_evidence.appraisal.causality.table import causality_table
from kratom_evidence.appraisal.causality.who_umc import WhoUmc, who_umc

__all__ = [
    "WhoUmc",
    "causality_table",
    "dips_items",
    "dips_score",
    "dips_table",
    "interaction_cases",
    "naranjo_band",
    "naranjo_items",
    "naranjo_score",
    "naranjo_table",
    "who_umc",
]
