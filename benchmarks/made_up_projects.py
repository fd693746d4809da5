"""Copies of the project to be changed and enlarged. Simulated cases serve to measure time and nothing else."""

import csv
import json
import shutil
import sys
from pathlib import Path

import numpy as np

from kratom_evidence.project import Project
from kratom_evidence.reports.inputs import LOCK, read_inputs
from kratom_evidence.reports.planning import Plan, read_plan

SEED = 20261122
# Identifiers of a real publication, which a simulated one must not bear.
_IDENTIFIERS = ("DOI", "PMID", "PMCID", "URL")


def project_copy(project: Project, root: Path) -> Project:
    """What reports are made from, in a folder of its own."""
    shutil.copytree(project.data, root / "data")
    shutil.copytree(project.notebooks / "reports", root / "notebooks" / "reports")
    shutil.copy(project.root / LOCK, root / LOCK)
    return Project(root=root)


def report_command(kind: str, *options: str) -> list[str]:
    """The command that makes all reports of a kind, or of all kinds."""
    return [sys.executable, "-m", "kratom_evidence", "report", kind, *options]


def plan_of(project: Project) -> Plan:
    """The plan of all reports, to be written to reports/ of the project."""
    return read_plan(project, project.reports, read_inputs(project))


def add_cases(project: Project, number: int) -> None:
    """Add simulated cases: real ones, drawn with replacement, each with a publication of its own."""
    table = project.data / "case_reports.csv"
    with table.open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    sources = project.data / "sources.json"
    publications = json.loads(sources.read_text(encoding="utf-8"))
    by_id = {publication["id"]: publication for publication in publications}
    case_id, citekey = header.index("case_id"), header.index("citekey")
    for count, drawn in enumerate(np.random.default_rng(SEED).integers(len(rows), size=number), start=1):
        row, name = list(rows[drawn]), f"simulated{count:05}"
        real = by_id[row[citekey]]
        kept = {key: value for key, value in real.items() if key not in _IDENTIFIERS}
        publications.append({**kept, "id": name, "title": f"{real.get('title', 'No title seen')} (simulated {count})"})
        row[case_id] = row[citekey] = name
        rows.append(row)
    with table.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([header, *rows])
    sources.write_text(json.dumps(publications, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
