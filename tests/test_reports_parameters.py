"""A parameter that the template does not declare, or a value that it cannot take, is refused before anything runs."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from kratom_evidence.faults import ExplainedError, UsageError
from kratom_evidence.reports.parameters import Parameter, ParameterValue, read_assignments, read_parameters

DEFAULTS: Mapping[str, ParameterValue] = {
    "claim_id": "C13",
    "ss_definition": "label",
    "rounds": 3,
    "share": 0.5,
    "strict": False,
    "note": None,
}
DECLARED = {name: Parameter(name=name, default=default) for name, default in DEFAULTS.items()}
CHOICES = {"ss_definition": ("label", "hunter_strict")}


def notebook(folder: Path, source: str | list[str], tags: list[str] | None = None) -> Path:
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": "# Title"},
        {"cell_type": "code", "metadata": {"tags": tags or ["parameters"]}, "source": source, "outputs": []},
    ]
    path = folder / "template.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), encoding="utf-8")
    return path


def assignments(*texts: str) -> Mapping[str, Any]:
    return read_assignments(texts, DECLARED, reserved={"claim_id": "--claim"}, choices=CHOICES)


def test_parameters_are_read_from_the_tagged_cell_in_its_order(tmp_path: Path) -> None:
    source = ["# what may be changed\n", "b = 'x'  # a comment\n", "a: int = -2\n", "c = None\n", "d = True"]
    declared = read_parameters(notebook(tmp_path, source))
    assert [(name, parameter.default) for name, parameter in declared.items()] == [
        ("b", "x"),
        ("a", -2),
        ("c", None),
        ("d", True),
    ]


def test_a_notebook_without_such_a_cell_has_no_parameters(tmp_path: Path) -> None:
    assert read_parameters(notebook(tmp_path, "a = 1", tags=["other"])) == {}


@pytest.mark.parametrize(
    "source", ["import os", "a = b = 1", "a = open('x')", "a, b = 1, 2", "a = [", "a = []", "a.b = 1"]
)
def test_a_parameters_cell_with_more_than_plain_values_is_explained(tmp_path: Path, source: str) -> None:
    with pytest.raises(ExplainedError, match="parameters cell"):
        read_parameters(notebook(tmp_path, source))


@pytest.mark.parametrize("text", ["", "{}", "[]", "not json", '{"cells": [1]}'])
def test_a_file_that_is_no_notebook_is_explained(tmp_path: Path, text: str) -> None:
    path = tmp_path / "template.ipynb"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ExplainedError, match="not a notebook"):
        read_parameters(path)


def test_a_missing_template_is_explained(tmp_path: Path) -> None:
    with pytest.raises(ExplainedError, match="cannot be opened"):
        read_parameters(tmp_path / "gone.ipynb")


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("ss_definition=hunter_strict", "ss_definition", "hunter_strict"),
        ("rounds=12", "rounds", 12),
        ("share=1e-2", "share", 0.01),
        ("strict=Yes", "strict", True),
        ("strict=false", "strict", False),
        ("note=a=b", "note", "a=b"),
        ("note=", "note", ""),
    ],
)
def test_values_take_the_type_of_the_default(text: str, name: str, value: Any) -> None:
    given = assignments(text)
    assert dict(given) == {name: value}
    assert type(given[name]) is type(value)


def test_the_order_is_that_of_the_declaration() -> None:
    assert list(assignments("strict=yes", "rounds=1")) == ["rounds", "strict"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ss_definitio=label", "Did you mean 'ss_definition'"),
        ("ss_definition=hunter_stric", "Did you mean 'hunter_strict'"),
        ("ss_definition=", "is not one of label, hunter_strict"),
        ("rounds=2.5", "not a whole number"),
        ("rounds=", "not a whole number"),
        ("share=nan", "not a number"),
        ("share=half", "not a number"),
        ("strict=2", "not yes or no"),
        ("claim_id=C14", "use --claim instead"),
        ("rounds", "NAME=VALUE"),
        ("=3", "no parameter ''"),
        ("x" * 5000 + "=1", "no parameter"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_way_out(text: str, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        assignments(text)
    assert message in str(raised.value)
    assert len(str(raised.value)) < 400


def test_a_parameter_given_twice_is_refused() -> None:
    with pytest.raises(UsageError, match="twice"):
        assignments("rounds=1", "rounds=1")
