"""Cases as GA4GH Phenopackets, schema 2.0 (Jacobsen and others, Nat Biotechnol 2022; the schema's documentation).

What goes where, and why:

* `phenotypicFeatures`: recorded findings that have an HPO term, `excluded` where the publication reports them absent.
  A finding that is not stated is not written. The main event is written too where it has a term and no finding says
  anything about that term. When two findings share a term, present outweighs absent. An absent finding whose HPO term
  is broader is left out: a missing petechial gastritis is no missing gastritis.
* Exposures: version 2 of the schema has no element for them (version 1 had). `medicalActions` is the only one that can
  hold an agent, so kratom and the co-exposures stand there, each with a `treatmentIntent` that says that it is an
  exposure and no treatment of the event. Treatments of the event are not exported, so every medical action of these
  files is an exposure. `drugType` is PRESCRIPTION where the drug was prescribed. Doses are free text in the
  data and have no place in the schema; nor has the statement that there were no co-exposures.
* `measurements`: in which specimens mitragynine was found, or that it was sought and not found; its blood level.
* `subject`: age in completed years and sex as stated; `vitalStatus` where the outcome is stated.
* `metaData.created` must be a time: the first day of the month of the data version, since the same data give the same
  files. Identifiers that no ontology has are our own, with the prefix KRATOMEVIDENCE.

`phenopackets_left_out` lists per case what the files do not hold.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from kratom_evidence.codebook import CoExposure
from kratom_evidence.dataset import Dataset
from kratom_evidence.exports.about import About

SCHEMA_VERSION = "2.0"
OWN_PREFIX = "KRATOMEVIDENCE"
_BROADER = re.compile(r"HPO match: broader\b")
_VERSION = re.compile(r"([0-9]{4})\.([0-9]{1,2})\.[0-9]+")
_SEX = {"female": "FEMALE", "male": "MALE"}
_VITAL_STATUS = {"death": "DECEASED", "recovered": "ALIVE", "recovering": "ALIVE", "not_recovered": "ALIVE"}

Packet = dict[str, Any]


def phenopacket(dataset: Dataset, case_id: str, about: About) -> Packet:
    """The phenopacket of one case, ready for JSON."""
    case = dataset.cases.loc[case_id].to_dict()
    packet: Packet = {
        "id": f"kratom-evidence.{case_id}",
        "subject": _subject(case_id, case),
        "phenotypicFeatures": [
            {"type": {"id": term, "label": label}, **({} if present else {"excluded": True})}
            for term, (label, present) in sorted(_features(dataset, case_id, str(case["primary_event"])).items())
        ],
        "measurements": list(_measurements(case)),
        "medicalActions": [_kratom(case), *(_exposure(item, dataset) for item in _co_exposures(case))],
    }
    packet = {name: value for name, value in packet.items() if value}
    return {**packet, "metaData": _meta_data(dataset, str(case["citekey"]), packet, about)}


def created(data_version: str) -> str:
    """The time that the files carry: the first day of the month of the data version, or of 1970 for another form."""
    found = _VERSION.fullmatch(data_version)
    return f"{found[1]}-{int(found[2]):02d}-01T00:00:00Z" if found else "1970-01-01T00:00:00Z"


def _subject(case_id: str, case: Mapping[Any, Any]) -> Packet:
    subject: Packet = {"id": case_id}
    if not pd.isna(case["age_years"]):
        subject["timeAtLastEncounter"] = {"age": {"iso8601duration": f"P{int(case['age_years'])}Y"}}
    if case["outcome"] in _VITAL_STATUS:
        subject["vitalStatus"] = {"status": _VITAL_STATUS[case["outcome"]]}
    if case["sex"] in _SEX:
        subject["sex"] = _SEX[case["sex"]]
    return subject


def _features(dataset: Dataset, case_id: str, event_name: str) -> dict[str, tuple[str, bool]]:
    """HPO id -> its label and whether it is present."""
    features: dict[str, tuple[str, bool]] = {}
    stated = dataset.findings[dataset.findings["case_id"] == case_id]
    for name, state in zip(stated["finding"], stated["state"], strict=True):
        present = state == "present"
        if why_no_feature(dataset, name, present=present) is None:
            term = dataset.finding_terms.loc[name]
            known = features.get(term["hpo_id"], ("", False))[1]
            features[term["hpo_id"]] = (term["hpo_label"], present or known)
    event = dataset.event_terms.loc[event_name].to_dict()
    if isinstance(event["hpo_id"], str):
        features.setdefault(event["hpo_id"], (event["hpo_label"], True))
    return features


def why_no_feature(dataset: Dataset, finding: str, *, present: bool) -> str | None:
    """Why the finding cannot be a phenotypic feature; None when it can."""
    term = dataset.finding_terms.loc[finding]
    if not isinstance(term["hpo_id"], str):
        return "it has no HPO term"
    if not present and isinstance(term["note"], str) and _BROADER.search(term["note"]):
        return "its HPO term is broader, and absence of the narrower finding does not exclude it"
    return None


def _measurements(case: Mapping[Any, Any]) -> Iterator[Packet]:
    specimens = case["mitragynine_detected_in"]
    if specimens is not None:
        found = "detected" if specimens else "not_detected"
        for specimen in specimens or ("any_specimen",):
            yield {
                "assay": _own(f"mitragynine_in_{specimen}", f"Mitragynine in {specimen.replace('_', ' ')}"),
                "value": {"ontologyClass": _own(found, found.replace("_", " "))},
            }
    if not pd.isna(case["mitragynine_blood_ng_ml"]):
        yield {
            "assay": _own("mitragynine_blood_level", "Highest mitragynine concentration in blood, plasma or serum"),
            "value": {
                "quantity": {
                    "unit": _own("ng_per_ml", "ng/mL"),
                    "value": float(case["mitragynine_blood_ng_ml"]),
                }
            },
        }


def _kratom(case: Mapping[Any, Any]) -> Packet:
    concentrated = case["seven_oh_product"] == "yes"
    name, label = ("seven_oh_product", "concentrated 7-hydroxymitragynine product") if concentrated else ("kratom",) * 2
    return {
        "treatment": {"agent": _own(name, label)},
        "treatmentIntent": _own("exposure_reported", "Exposure that the report is about, not a treatment of the event"),
    }


def _co_exposures(case: Mapping[Any, Any]) -> list[CoExposure]:
    return [item for item in case["co_exposures"] or () if isinstance(item, CoExposure)]


def _exposure(item: CoExposure, dataset: Dataset) -> Packet:
    codes: tuple[str, ...] = dataset.substances.loc[item.substance].to_dict()["atc_codes"]
    # Two codes mean two uses of one substance, and the data do not say which one is meant.
    own_name = re.sub(r"[^a-z0-9]+", "_", item.substance.lower()).strip("_")
    agent = {"id": f"ATC:{codes[0]}", "label": item.substance} if len(codes) == 1 else None
    words = f"Co-exposure, not a treatment of the event: {item.evidence}, {item.timing}".replace("_", " ")
    return {
        "treatment": {
            "agent": agent or _own(f"substance_{own_name}", item.substance),
            **({"drugType": "PRESCRIPTION"} if item.evidence == "prescribed" else {}),
        },
        "treatmentIntent": _own(f"co_exposure_{item.evidence}_{item.timing}", words),
    }


def _meta_data(dataset: Dataset, citekey: str, packet: Packet, about: About) -> Packet:
    used = set(re.findall(r"'id': '(HP|ATC|KRATOMEVIDENCE):", str(packet)))
    return {
        "created": created(dataset.version),
        "createdBy": f"kratom-evidence data {dataset.version}",
        "resources": [resource for resource in _resources(about) if resource["namespacePrefix"] in used],
        "phenopacketSchemaVersion": SCHEMA_VERSION,
        "externalReferences": _references(dataset.sources.loc[citekey].to_dict()),
    }


def _resources(about: About) -> list[Packet]:
    return [
        {
            "id": "hp",
            "name": "Human Phenotype Ontology",
            "url": "http://purl.obolibrary.org/obo/hp.owl",
            "version": about.hpo_release or f"release not recorded in kratom-evidence data {about.data_version}",
            "namespacePrefix": "HP",
            "iriPrefix": "http://purl.obolibrary.org/obo/HP_",
        },
        {
            "id": "atc",
            "name": "Anatomical Therapeutic Chemical classification",
            "url": "https://atcddd.fhi.no/atc_ddd_index/",
            "version": f"release not recorded; codes as in kratom-evidence data {about.data_version}",
            "namespacePrefix": "ATC",
            "iriPrefix": "https://atcddd.fhi.no/atc_ddd_index/?code=",
        },
        {
            "id": "kratomevidence",
            "name": "Terms of kratom-evidence (its data dictionary)",
            "url": "urn:x-kratom-evidence:terms",
            "version": about.data_version,
            "namespacePrefix": OWN_PREFIX,
            "iriPrefix": "urn:x-kratom-evidence:terms:",
        },
    ]


def _references(source: Mapping[Any, Any]) -> list[Packet]:
    """The publication by each identifier that is known; by its description alone when none is."""
    title = source["title"] if isinstance(source["title"], str) else source["short_reference"]
    found = [
        {"id": f"{prefix}{source[name]}", "reference": f"{address}{source[name]}", "description": title}
        for name, prefix, address in (
            ("pmid", "PMID:", "https://pubmed.ncbi.nlm.nih.gov/"),
            ("doi", "DOI:", "https://doi.org/"),
            ("pmcid", "PMCID:", "https://pmc.ncbi.nlm.nih.gov/articles/"),
        )
        if isinstance(source[name], str)
    ]
    if found:
        return found
    if isinstance(source["url"], str):
        return [{"id": source["url"], "reference": source["url"], "description": title}]
    return [{"description": title}]


def _own(name: str, label: str) -> Packet:
    return {"id": f"{OWN_PREFIX}:{name}", "label": label}
