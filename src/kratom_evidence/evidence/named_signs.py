"""The signs that series of serotonin syndrome and the article speak of, and how each is read from the findings.

A sign of a series is matched to the findings that mean the same; where a series counts two signs together, so do we.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kratom_evidence.appraisal import System, implied_findings, item_states
from kratom_evidence.appraisal.three_valued import States, disjunction
from kratom_evidence.dataset import Dataset


@dataclass(frozen=True, kw_only=True)
class NamedSign:
    """A sign, the findings that show it (any of them), and the figures of series that counted it.

    `item` stands in place of findings for a sign that a criteria item describes with rules of its own: fever and a
    measured temperature are one observation.
    """

    label: str
    findings: tuple[str, ...] = ()
    item: tuple[System, str] | None = None
    figures: tuple[str, ...] = ()


_CLONUS_KINDS = ("spontaneous_clonus", "inducible_clonus", "ocular_clonus")
_IMPAIRED = ("confusion", "altered_mental_status", "delirium", "unresponsive")

# Figures of Werneke 2016, Moss 2019 and Prakash 2021 in data/context/studies.csv, from neuromuscular to autonomic.
REFERENCE_SIGNS: Sequence[NamedSign] = (
    NamedSign(label="hyperreflexia", findings=("hyperreflexia",), figures=("werneke2016_hyperreflexia_pct",)),
    NamedSign(
        label="hyperreflexia, clonus or myoclonus",
        findings=("hyperreflexia", "clonus", *_CLONUS_KINDS, "myoclonus"),
        figures=("moss2019_neuromuscular_pct",),
    ),
    NamedSign(
        label="tremor",
        findings=("tremor",),
        figures=("werneke2016_tremor_pct", "prakash2021_tremor_pct"),
    ),
    NamedSign(label="clonus of any kind", findings=("clonus", *_CLONUS_KINDS), figures=("werneke2016_clonus_pct",)),
    NamedSign(
        label="spontaneous clonus",
        findings=("spontaneous_clonus",),
        figures=("werneke2016_clonus_spontaneous_pct",),
    ),
    NamedSign(label="inducible clonus", findings=("inducible_clonus",), figures=("werneke2016_clonus_inducible_pct",)),
    NamedSign(label="ocular clonus", findings=("ocular_clonus",), figures=("werneke2016_clonus_ocular_pct",)),
    NamedSign(label="myoclonus", findings=("myoclonus",), figures=("werneke2016_myoclonus_pct",)),
    NamedSign(
        label="rigidity",
        findings=("muscle_rigidity",),
        figures=("werneke2016_rigidity_pct", "moss2019_rigidity_pct"),
    ),
    NamedSign(label="incoordination", findings=("incoordination",), figures=("werneke2016_incoordination_pct",)),
    NamedSign(label="seizure", findings=("seizure",), figures=("moss2019_seizure_pct", "prakash2021_seizure_pct")),
    NamedSign(label="confusion or impaired consciousness", findings=_IMPAIRED, figures=("werneke2016_confusion_pct",)),
    NamedSign(
        label="agitation or restlessness",
        findings=("agitation", "restlessness"),
        figures=("werneke2016_agitation_pct",),
    ),
    NamedSign(label="agitation", findings=("agitation",), figures=("moss2019_agitation_pct",)),
    NamedSign(label="coma", findings=("coma",), figures=("werneke2016_coma_pct",)),
    NamedSign(label="insomnia", findings=("insomnia",), figures=("werneke2016_insomnia_pct",)),
    NamedSign(label="mania", findings=("mania",), figures=("werneke2016_mania_pct",)),
    NamedSign(
        label="rapid or slow heart rate",
        findings=("tachycardia", "bradycardia"),
        figures=("werneke2016_tachycardia_bradycardia_pct",),
    ),
    NamedSign(label="rapid heart rate", findings=("tachycardia",), figures=("moss2019_tachycardia_pct",)),
    NamedSign(
        label="high or low blood pressure",
        findings=("hypertension", "hypotension"),
        figures=("werneke2016_hypertension_hypotension_pct",),
    ),
    NamedSign(label="fever", item=("sternbach", "fever"), figures=("werneke2016_fever_pct", "prakash2021_fever_pct")),
    NamedSign(label="hyperthermia", item=("hunter", "temperature"), figures=("moss2019_hyperthermia_pct",)),
    NamedSign(label="sweating", findings=("diaphoresis",), figures=("werneke2016_diaphoresis_pct",)),
    NamedSign(label="dilated pupils", findings=("mydriasis",), figures=("werneke2016_mydriasis_pct",)),
    NamedSign(
        label="fast breathing or breathlessness",
        findings=("tachypnea", "dyspnea"),
        figures=("werneke2016_tachypnea_dyspnea_pct",),
    ),
    NamedSign(label="diarrhoea", findings=("diarrhea",), figures=("werneke2016_diarrhea_pct",)),
    NamedSign(label="shivering", findings=("shivering",), figures=("werneke2016_shivering_pct",)),
)
# The eleven that the article calls the most common symptoms, in its order.
ARTICLE_SYMPTOMS: Sequence[NamedSign] = (
    NamedSign(
        label="agitation or restlessness",
        findings=("agitation", "restlessness"),
        figures=("werneke2016_agitation_pct", "moss2019_agitation_pct"),
    ),
    NamedSign(label="confusion", findings=("confusion",), figures=("werneke2016_confusion_pct",)),
    NamedSign(
        label="rapid heart rate",
        findings=("tachycardia",),
        figures=("werneke2016_tachycardia_bradycardia_pct", "moss2019_tachycardia_pct"),
    ),
    NamedSign(
        label="high blood pressure",
        findings=("hypertension",),
        figures=("werneke2016_hypertension_hypotension_pct",),
    ),
    NamedSign(label="dilated pupils", findings=("mydriasis",), figures=("werneke2016_mydriasis_pct",)),
    NamedSign(
        label="loss of muscle coordination",
        findings=("incoordination",),
        figures=("werneke2016_incoordination_pct",),
    ),
    NamedSign(label="muscle twitching", findings=("muscle_twitching",), figures=("werneke2016_myoclonus_pct",)),
    NamedSign(label="sweating", findings=("diaphoresis",), figures=("werneke2016_diaphoresis_pct",)),
    NamedSign(label="shivering", findings=("shivering",), figures=("werneke2016_shivering_pct",)),
    NamedSign(label="diarrhoea", findings=("diarrhea",), figures=("werneke2016_diarrhea_pct",)),
    NamedSign(label="headache", findings=("headache",)),
)
# What the article says that too much serotonin can cause, besides agitation.
ARTICLE_SEVERE: Sequence[NamedSign] = (
    NamedSign(label="hallucinations", findings=("hallucinations",)),
    NamedSign(label="seizures", findings=("seizure",), figures=("moss2019_seizure_pct", "prakash2021_seizure_pct")),
)


def named_states(dataset: Dataset, signs: Sequence[NamedSign]) -> dict[str, States]:
    """Label -> state of the sign for every case (1 present, -1 absent, 0 not stated), with what findings imply."""
    grid = implied_findings(dataset)
    states: dict[str, States] = {}
    for sign in signs:
        if sign.item is None:
            states[sign.label] = disjunction([grid[name].to_numpy(dtype=np.int8) for name in sign.findings])
        else:
            system, item = sign.item
            states[sign.label] = item_states(dataset, system, "strict")[item].to_numpy(dtype=np.int8)
    return states
