"""The phenopackets: valid by the official classes, and true to the data."""

import csv
import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from google.protobuf import json_format  # type: ignore[import-untyped]
from phenopackets import Phenopacket  # type: ignore[import-untyped]

from kratom_evidence.dataset import Dataset
from kratom_evidence.exports.about import About, about
from kratom_evidence.exports.phenopackets import created, phenopacket
from kratom_evidence.exports.phenopackets_left_out import left_out
from kratom_evidence.project import Project


@pytest.fixture(scope="module")
def said(dataset: Dataset, project_root: Path) -> About:
    return about(Project(root=project_root), dataset)


@pytest.fixture(scope="module")
def packets(dataset: Dataset, said: About) -> dict[str, Phenopacket]:
    """Every case, through JSON, in the official class, which refuses what the schema does not have."""
    return {
        str(case_id): json_format.Parse(json.dumps(phenopacket(dataset, case_id, said)), Phenopacket())
        for case_id in dataset.cases.index
    }


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def terms(packet: Phenopacket, *, excluded: bool) -> set[str]:
    return {feature.type.id for feature in packet.phenotypic_features if feature.excluded is excluded}


def agents(packet: Phenopacket) -> list[tuple[str, str]]:
    return [(action.treatment.agent.id, action.treatment.agent.label) for action in packet.medical_actions]


def test_a_case_worked_by_hand_brooks2023(packets: dict[str, Phenopacket]) -> None:
    packet = packets["brooks2023"]
    assert packet.subject.id == "brooks2023"
    assert packet.subject.time_at_last_encounter.age.iso8601duration == "P63Y"
    assert packet.subject.sex == 2  # MALE
    assert packet.subject.vital_status.status == 1  # ALIVE: recovering
    # Aphasia, clonus, confusion, sweating, dysarthria, raised CK and lactate, flushing, hyperreflexia, fever, tremor.
    # The focal deficit and serotonin syndrome itself have no HPO term.
    assert terms(packet, excluded=False) == {
        "HP:0002381", "HP:0002169", "HP:0001289", "HP:0000975", "HP:0001260", "HP:0003236", "HP:0002151",
        "HP:0031284", "HP:0001347", "HP:0001945", "HP:0001337",
    }  # fmt: skip
    assert terms(packet, excluded=True) == set()
    assert [label for _, label in agents(packet)] == [
        "kratom", "bupropion", "buspirone", "desvenlafaxine", "trazodone", "ziprasidone",
    ]  # fmt: skip
    assert [action.treatment.drug_type for action in packet.medical_actions] == [0, 1, 1, 1, 1, 1]  # PRESCRIPTION
    assert not packet.measurements
    assert [reference.id for reference in packet.meta_data.external_references] == [
        "PMID:35840540",
        "DOI:10.1177/08971900221116009",
    ]


def test_a_case_worked_by_hand_dodulik2024(packets: dict[str, Phenopacket]) -> None:
    packet = packets["dodulik2024"]
    assert packet.subject.time_at_last_encounter.age.iso8601duration == "P18Y"
    # Arrhythmia, cardiac arrest, ventricular fibrillation.
    assert terms(packet, excluded=False) == {"HP:0011675", "HP:0001695", "HP:0001663"}
    # Abnormal cardiac MRI, coronary disease and structural heart disease are reported absent.
    assert terms(packet, excluded=True) == {"HP:0500016", "HP:0001677", "HP:0001627"}
    assert [label for _, label in agents(packet)] == ["kratom", "caffeine"]
    found, level = packet.measurements
    assert found.assay.label == "Mitragynine in blood" and found.value.ontology_class.label == "detected"
    assert level.value.quantity.value == 98 and level.value.quantity.unit.label == "ng/mL"
    assert packet.medical_actions[1].treatment_intent.label.endswith("detected, concurrent")


def test_only_what_is_stated_is_written(packets: dict[str, Phenopacket], project_root: Path) -> None:
    data = project_root / "data"
    hpo = {row["finding"]: row["hpo_id"] for row in rows(data / "vocabulary" / "findings.csv")}
    events = {row["primary_event"]: row["hpo_id"] for row in rows(data / "vocabulary" / "events.csv")}
    for row in rows(data / "case_reports.csv"):
        present, absent = (
            {hpo.get(name, "") for name in row[f"findings_{state}"].split("; ")} - {""}
            for state in ("present", "absent")
        )
        event = {events[row["primary_event"]]} - {""} - absent
        packet = packets[row["case_id"]]
        assert terms(packet, excluded=False) == present | event, row["case_id"]
        assert terms(packet, excluded=True) == absent - present, row["case_id"]
        assert packet.subject.HasField("time_at_last_encounter") == (row["age_years"] != ""), row["case_id"]
        assert (packet.subject.sex == 0) == (row["sex"] == ""), row["case_id"]
        assert packet.subject.HasField("vital_status") == (row["outcome"] != ""), row["case_id"]
        assert (packet.subject.vital_status.status == 2) == (row["outcome"] == "death"), row["case_id"]
        silent = not (row["mitragynine_detected_in"] or row["mitragynine_blood_ng_ml"])
        assert (len(packet.measurements) == 0) == silent, row["case_id"]
        listed = [] if row["co_exposures"] in {"", "none"} else row["co_exposures"].split("]; ")
        assert len(packet.medical_actions) == 1 + len(listed), row["case_id"]


def test_every_agent_says_that_it_is_an_exposure_and_no_treatment(packets: dict[str, Phenopacket]) -> None:
    intents = {action.treatment_intent.label for packet in packets.values() for action in packet.medical_actions}
    assert all("not a treatment of the event" in label for label in intents)


def test_every_prefix_has_its_resource_with_a_version(packets: dict[str, Phenopacket]) -> None:
    for case_id, packet in packets.items():
        text = json_format.MessageToJson(packet)
        known = {resource.namespace_prefix for resource in packet.meta_data.resources}
        used = {prefix for prefix in ("HP", "ATC", "KRATOMEVIDENCE") if f'"id": "{prefix}:' in text}
        assert used == known, case_id
        assert all(resource.version and resource.url for resource in packet.meta_data.resources)


def test_the_release_of_hpo_is_the_recorded_one(
    dataset: Dataset, said: About, packets: dict[str, Phenopacket], project_root: Path
) -> None:
    recorded = (project_root / "data" / "LICENSE").read_text(encoding="utf-8")
    hpo = next(r for r in packets["brooks2023"].meta_data.resources if r.id == "hp")
    assert f"Human Phenotype Ontology, release {hpo.version}." in recorded
    unknown = phenopacket(dataset, "brooks2023", replace(said, hpo_release=None))
    assert "not recorded" in unknown["metaData"]["resources"][0]["version"]


def test_made_at_the_time_of_the_data(dataset: Dataset, packets: dict[str, Phenopacket]) -> None:
    year, month, _ = dataset.version.split(".")
    times = {packet.meta_data.created.ToDatetime() for packet in packets.values()}
    assert times == {pd.Timestamp(year=int(year), month=int(month), day=1).to_pydatetime()}
    assert created("2027.3.12") == "2027-03-01T00:00:00Z"
    assert {packet.meta_data.phenopacket_schema_version for packet in packets.values()} == {"2.0"}


def changed(dataset: Dataset, **cells: Any) -> Dataset:
    """The dataset with the same other cells in every case."""
    columns = {name: pd.Series([value] * len(dataset.cases), index=dataset.cases.index, dtype=object)
               for name, value in cells.items()}  # fmt: skip
    return replace(dataset, cases=dataset.cases.assign(**columns))


def test_sought_and_not_found_is_no_silence(dataset: Dataset, said: About) -> None:
    none_found = changed(dataset, mitragynine_detected_in=(), mitragynine_blood_ng_ml=None)
    (sought,) = phenopacket(none_found, "dodulik2024", said)["measurements"]
    assert sought["value"]["ontologyClass"]["label"] == "not detected"
    silent = changed(dataset, mitragynine_detected_in=None, mitragynine_blood_ng_ml=None)
    assert "measurements" not in phenopacket(silent, "dodulik2024", said)


def test_a_concentrated_product_is_not_called_kratom(dataset: Dataset, said: About) -> None:
    packet = phenopacket(changed(dataset, seven_oh_product="yes"), "dodulik2024", said)
    assert "7-hydroxymitragynine" in packet["medicalActions"][0]["treatment"]["agent"]["label"]


def test_absence_of_a_narrower_finding_excludes_no_broader_term(dataset: Dataset, said: About) -> None:
    """petechial_gastritis carries the broader term Gastritis."""
    term = dataset.finding_terms.loc["petechial_gastritis"]
    findings = dataset.findings.copy()
    here = (findings["case_id"] == "dodulik2024") & (findings["finding"] == "coronary_disease")
    findings.loc[here, "finding"] = "petechial_gastritis"
    without = replace(dataset, findings=findings)
    written = {feature["type"]["id"] for feature in phenopacket(without, "dodulik2024", said)["phenotypicFeatures"]}
    assert term["hpo_id"] not in written
    why = left_out(without).set_index(["case_id", "name"]).loc[("dodulik2024", "petechial_gastritis"), "why"]
    assert "broader" in str(why)
    findings.loc[here, "state"] = "present"
    written = {feature["type"]["id"] for feature in phenopacket(without, "dodulik2024", said)["phenotypicFeatures"]}
    assert term["hpo_id"] in written


def test_what_is_left_out_is_listed(dataset: Dataset) -> None:
    listed = left_out(dataset)
    here = listed[listed["case_id"] == "brooks2023"]
    assert set(here.loc[here["kind"] == "finding present", "name"]) == {"focal_deficit"}
    assert set(here.loc[here["kind"] == "main event", "name"]) == {"serotonin_syndrome"}
    assert set(here.loc[here["kind"] == "treatment of the event", "name"]) == {
        "alteplase", "antibiotics", "benzodiazepine", "cooling", "cyproheptadine",
    }  # fmt: skip


def test_none_and_not_stated_are_told_apart_beside_the_files(dataset: Dataset, project_root: Path) -> None:
    listed = left_out(dataset).query("kind == 'co-exposures'").set_index("case_id")["name"]
    cells = {row["case_id"]: row["co_exposures"] for row in rows(project_root / "data" / "case_reports.csv")}
    assert listed.to_dict() == {
        case_id: "none" if cell == "none" else "not stated" for case_id, cell in cells.items() if cell in {"", "none"}
    }


def test_every_dose_of_a_co_exposure_is_listed(dataset: Dataset, project_root: Path) -> None:
    listed = left_out(dataset).query("kind == 'dose of a co-exposure'")
    cells = {row["case_id"]: row["co_exposures"] for row in rows(project_root / "data" / "case_reports.csv")}
    written = Counter(
        (case_id, f"{substance}: {dose}")
        for case_id, cell in cells.items()
        for substance, dose in re.findall(r"(?:^|; )([^\[\]]+) \[[^:\]]*: ([^\]]+)\]", cell)
    )
    assert written and Counter(zip(listed["case_id"], listed["name"], strict=True)) == written


def test_everything_stated_is_in_the_file_or_listed(dataset: Dataset, project_root: Path) -> None:
    """By the filled cells of the table, so that a new column cannot be forgotten."""
    here = {"case_id", "citekey", "age_years", "sex", "mitragynine_detected_in", "mitragynine_blood_ng_ml"}
    by_entry = {"primary_event", "findings_present", "findings_absent", "co_exposures", "treatments", "confounders"}
    listed = left_out(dataset)
    names = listed[listed["kind"] == "column"].groupby("case_id")["name"].agg(set)
    for row in rows(project_root / "data" / "case_reports.csv"):
        filled = {name for name, cell in row.items() if cell} - here - by_entry
        if row["outcome"] == "death":
            filled.remove("outcome")
        assert names.get(row["case_id"], set()) == filled, row["case_id"]
        for kind, column in (("treatment of the event", "treatments"), ("confounder", "confounders")):
            told = listed.loc[(listed["case_id"] == row["case_id"]) & (listed["kind"] == kind), "name"]
            assert "; ".join(told) == row[column], row["case_id"]


def test_a_list_that_is_said_to_be_empty_is_a_fact(dataset: Dataset) -> None:
    listed = left_out(changed(dataset, treatments=(), confounders=()))
    for kind in ("treatment of the event", "confounder"):
        assert listed.loc[listed["kind"] == kind, "name"].tolist() == ["none"] * len(dataset.cases)
