"""Every case's causality by the published systems, next to what the authors wrote."""

import pandas as pd

from kratom_evidence.appraisal.causality.naranjo import naranjo_answers, naranjo_table
from kratom_evidence.appraisal.causality.who_umc import who_umc
from kratom_evidence.appraisal.confounding import explanation_classes
from kratom_evidence.appraisal.exposure import serotonergic_exposure
from kratom_evidence.appraisal.three_valued import Truth
from kratom_evidence.computed_once import computed_by_case
from kratom_evidence.dataset import Dataset

REPORTED = ["primary_event", "author_causality", "naranjo_score_reported", "rucam_score_reported"]


@computed_by_case
def causality_table(dataset: Dataset) -> pd.DataFrame:
    """One row per case (index case_id).

    Columns: primary_event, author_causality, naranjo_score_reported, rucam_score_reported (as printed by the authors);
    naranjo_total, naranjo_band, naranjo_lowest, naranjo_highest, naranjo_lowest_band, naranjo_highest_band,
    naranjo_answered; who_umc; ceiling (whether the ceiling of `who_umc` applies: 1 an established serotonergic
    co-exposure was on board, -1 not, 0 unknown; as in the primary analysis, established and concurrent);
    explanation_class.

    WHO-UMC asks for a plausible time; here it is met when kratom came before the event (Naranjo item 2), since the data
    seldom say more. RUCAM is shown as reported and not recomputed.
    """
    items = naranjo_answers(dataset)
    classes = explanation_classes(dataset)
    ceiling = serotonergic_exposure(dataset)["state"]
    categories = [
        who_umc(
            time=items[case_id][2].answer,
            other_causes=Truth(other),
            dechallenge=items[case_id][3].answer,
            rechallenge=items[case_id][4].answer,
            serotonergic_co_exposure=Truth(co_exposure),
        ).value
        for case_id, other, co_exposure in zip(dataset.cases.index, classes["alternative"], ceiling, strict=True)
    ]
    computed = pd.DataFrame(
        {
            "who_umc": pd.Series(categories, index=dataset.cases.index, dtype="str"),
            "ceiling": ceiling,
            "explanation_class": classes["explanation_class"],
        }
    )
    return pd.concat([dataset.cases[REPORTED], naranjo_table(dataset).add_prefix("naranjo_"), computed], axis=1)
