"""What contributors from outside meet: the checks that run for a proposal, and its form."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from kratom_evidence.cli import parser


@pytest.fixture(scope="module")
def workflow(project_root: Path) -> dict[str, Any]:
    """The checks; the base loader keeps the key `on` a text."""
    text = (project_root / ".github" / "workflows" / "check.yml").read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.load(text, Loader=yaml.BaseLoader)
    return content


def runs(workflow: dict[str, Any]) -> str:
    return "\n".join(step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step)


def test_proposals_are_checked_with_the_projects_own_commands(workflow: dict[str, Any], project_root: Path) -> None:
    commands = runs(workflow)
    targets = set(re.findall(r"^make (\w+)$", commands, re.MULTILINE))
    makefile = (project_root / "Makefile").read_text(encoding="utf-8")
    assert targets == {"validate", "test", "report"}
    assert targets <= set(re.findall(r"^(\w+):", makefile, re.MULTILINE))
    (moved,) = re.findall(r"^\.venv/bin/kratom-evidence (diff .+?) >>", commands, re.MULTILINE)
    assert parser().parse_args(moved.replace('"$BASE"', "main").split()).command == "diff"


def test_proposals_from_outside_get_no_rights(workflow: dict[str, Any]) -> None:
    """No rights and no text of theirs in a script.

    `pull_request_target` would run a stranger's code with the rights of the project; the title of a proposal put
    into a script would be run by its shell.
    """
    assert set(workflow["on"]) == {"push", "pull_request"}
    assert workflow["permissions"] == {"contents": "read"}
    assert "${{" not in runs(workflow)
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    checkouts = [step for step in steps if step.get("uses", "").startswith("actions/checkout@")]
    assert len(checkouts) == len(workflow["jobs"])
    assert all(step["with"]["persist-credentials"] == "false" for step in checkouts)


def test_the_oldest_python_is_among_those_tested(workflow: dict[str, Any], project_root: Path) -> None:
    bound = re.search(r'requires-python = ">=(.+)"', (project_root / "pyproject.toml").read_text(encoding="utf-8"))
    assert bound is not None
    assert bound[1] in workflow["jobs"]["tests"]["strategy"]["matrix"]["python"]


def test_form_of_a_proposal_asks_for_what_moves(project_root: Path) -> None:
    form = (project_root / ".github" / "pull_request_template.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"kratom-evidence (diff .+)", form)
    options = parser().parse_args(command.removesuffix(" -->").split())
    assert (options.command, options.format) == ("diff", "markdown")
