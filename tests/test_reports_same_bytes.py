"""The same input gives the same bytes: in another folder and order, on another day, in another time zone and locale."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.made_sites import files_of

pytestmark = [pytest.mark.slow, pytest.mark.notebook]
PROGRAM = """
import sys
from pathlib import Path
from kratom_evidence.project import Project
from kratom_evidence.reports.building import build_site
from kratom_evidence.reports.inputs import read_inputs
from kratom_evidence.reports.planning import read_plan
from kratom_evidence.reports.request import ReportRequest

root, out, order = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
project = Project(root=root)
plan = read_plan(project, out, read_inputs(project))
chosen = {"cases": "bazer2021-2", "classes": "ssri", "claims": "C13", "substances": "venlafaxine"}
wanted = {}
for kind, subject in sorted(chosen.items(), reverse=order == "backwards"):
    asked = ReportRequest(kind=kind, subjects={kind: (subject,)}, assignments=(), out=out)
    wanted |= plan.wanted(asked)
result = build_site(plan, wanted, asked)
assert [outcome.state.value for outcome in result.pages] == ["made"] * 4, result
"""
ELSEWHERE = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "7", "SOURCE_DATE_EPOCH": "86400"}
HERE = {"TZ": "America/New_York", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "12345"}


def made(root: Path, out: Path, order: str, environment: dict[str, str]) -> dict[str, bytes]:
    (root / "notebooks").mkdir(parents=True)
    source = Path(__file__).resolve().parents[1]
    shutil.copytree(source / "data", root / "data")
    shutil.copytree(source / "notebooks" / "reports", root / "notebooks" / "reports")
    out.mkdir()
    command = [sys.executable, "-c", PROGRAM, str(root), str(out), order]
    done = subprocess.run(
        command, cwd=out, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return files_of(out)


def test_two_renders_are_the_same_bytes(tmp_path: Path) -> None:
    one = made(tmp_path / "one", tmp_path / "out", "forwards", HERE)
    other = made(tmp_path / "über zwei" / "deeper", tmp_path / "another folder", "backwards", ELSEWHERE)
    # One page of each kind; and index, ledger, browse and screening page.
    assert len([name for name in one if name.endswith(".html")]) == 4 + 4
    assert {"manifest.json", "verdicts.json", "index.html", "browse.html"} <= one.keys()
    assert [name for name in one if one[name] != other[name]] == []
    assert one.keys() == other.keys()
