"""The parameters that a template notebook declares, and NAME=VALUE pairs checked against them.

Papermill only warns of a parameter that the notebook does not have, and takes any value. Here both are refused before
anything is run.
"""

import ast
import json
import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

from kratom_evidence.faults import ExplainedError, UsageError, shorten
from kratom_evidence.nearest import nearest_name
from kratom_evidence.plain_files import read_plain_file

ParameterValue: TypeAlias = str | int | float | bool | None
PARAMETERS_TAG = "parameters"
# Python also takes 1_000, blanks around a number and the digits of other scripts; a report's address must not vary so.
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_NUMBER = re.compile(r"[-+]?([0-9]{1,18}(\.[0-9]{0,18})?|\.[0-9]{1,18})([eE][-+]?[0-9]{1,3})?")
_YES_NO: Mapping[str, bool] = MappingProxyType({"true": True, "yes": True, "false": False, "no": False})


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A parameter and its default, whose type its values must have."""

    name: str
    default: ParameterValue

    @property
    def type_in_words(self) -> str:
        """The type that a value must have, for a message."""
        words = {bool: "yes or no", int: "a whole number", float: "a number"}
        return words.get(type(self.default), "a printable text")


def read_parameters(notebook: Path) -> Mapping[str, Parameter]:
    """The parameters that the notebook's cell tagged `parameters` assigns, in its order; none without such a cell.

    Raises:
        ExplainedError: the notebook cannot be read, or that cell holds more than plain assignments of plain values.
    """
    source = _parameters_source(notebook)
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise _bad_template(notebook, f"its parameters cell is not Python: {error}") from None
    declared = {}
    for statement in tree.body:
        parameter = _parameter(statement)
        if parameter is None:
            line = shorten(ast.unparse(statement))
            raise _bad_template(notebook, f"its parameters cell may only assign plain values, but holds: {line}")
        declared[parameter.name] = parameter
    return declared


def _parameters_source(notebook: Path) -> str:
    try:
        document = json.loads(read_plain_file(notebook).decode("utf-8"))
        cells = [cell for cell in document["cells"] if PARAMETERS_TAG in cell.get("metadata", {}).get("tags", [])]
        source = cells[0]["source"] if cells else ""
        return source if isinstance(source, str) else "".join(source)
    except OSError as error:
        raise _bad_template(notebook, f"it cannot be opened ({error.strerror})") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _bad_template(notebook, "it is not a notebook of version 4") from None


def _bad_template(notebook: Path, why: str) -> ExplainedError:
    return ExplainedError(f"The template {notebook} cannot be used: {why}. Restore it, for example with git checkout.")


def _parameter(statement: ast.stmt) -> Parameter | None:
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target, value = statement.targets[0], statement.value
    elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
        target, value = statement.target, statement.value
    else:
        return None
    if not isinstance(target, ast.Name):
        return None
    try:
        default = ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None
    if not isinstance(default, str | int | float | None) or (isinstance(default, float) and not math.isfinite(default)):
        return None
    return Parameter(name=target.id, default=default)


def read_assignments(
    texts: Iterable[str],
    declared: Mapping[str, Parameter],
    *,
    reserved: Mapping[str, str],
    choices: Mapping[str, Collection[str]],
) -> Mapping[str, ParameterValue]:
    """The values of `-p NAME=VALUE` arguments, typed as the defaults are, in the order of the declaration.

    Args:
        texts: the arguments.
        declared: what the notebook declares.
        reserved: parameter -> the option that sets it instead.
        choices: parameter -> its allowed values; parameters that take any value of their type are not in it.

    Raises:
        UsageError: an argument has no `=`, names an unknown or reserved parameter, gives one twice, or has a value of
            another type or outside the choices.
    """
    given: dict[str, ParameterValue] = {}
    settable = [name for name in declared if name not in reserved]
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"-p {shorten(text)}: write it as NAME=VALUE. Parameters: {', '.join(settable)}.")
        if name in reserved:
            raise UsageError(f"-p {name}: use {reserved[name]} instead.")
        if name not in declared:
            raise UsageError(_unknown(name, settable))
        if name in given:
            raise UsageError(f"-p {name} is given twice; give it once.")
        given[name] = _typed(declared[name], value, choices.get(name))
    return {name: given[name] for name in declared if name in given}


def _unknown(name: str, settable: Sequence[str]) -> str:
    nearest = nearest_name(name, settable)
    hint = f" Did you mean {nearest!r}?" if nearest else ""
    return f"There is no parameter {shorten(name)!r}. Parameters: {', '.join(settable)}.{hint}"


def _typed(parameter: Parameter, text: str, choices: Collection[str] | None) -> ParameterValue:
    if choices is not None and text not in choices:
        nearest = nearest_name(text, choices)
        hint = f" Did you mean {nearest!r}?" if nearest else ""
        allowed = ", ".join(choices)
        raise UsageError(f"-p {parameter.name}: {shorten(text)!r} is not one of {allowed}.{hint}")
    try:
        return _converted(text, parameter.default)
    except ValueError:
        message = f"-p {parameter.name}: {shorten(text)!r} is not {parameter.type_in_words}."
        raise UsageError(f"{message} The default is {parameter.default!r}.") from None


def _converted(text: str, default: ParameterValue) -> ParameterValue:
    if isinstance(default, bool):
        if text.lower() not in _YES_NO:
            raise ValueError
        return _YES_NO[text.lower()]
    if isinstance(default, int):
        return int(_matching(_WHOLE, text))
    if isinstance(default, float):
        number = float(_matching(_NUMBER, text))
        if not math.isfinite(number):
            raise ValueError
        return number
    if not text.isprintable():
        raise ValueError
    return text


def _matching(form: re.Pattern[str], text: str) -> str:
    if not form.fullmatch(text):
        raise ValueError
    return text
