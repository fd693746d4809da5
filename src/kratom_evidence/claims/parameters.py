"""From the parameters of a test in the ledger to a test object, checked against the types of its class."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, Literal, get_args, get_origin, get_type_hints

from kratom_evidence.claims.registry import ClaimTest
from kratom_evidence.evidence.properties import PROPERTIES, is_property
from kratom_evidence.nearest import nearest_name
from kratom_evidence.yaml_lines import Located

# Parameters that name a property of a case.
PROPERTY_PARAMETERS = ("of", "among", "stratum", "exposed", "clean")


@dataclass(frozen=True, kw_only=True)
class ParameterProblem:
    """What is wrong with one parameter, and on which line of the ledger (None: it is missing)."""

    code: str
    name: str
    why: str
    mend: str
    line: int | None = None
    value: str | None = None
    nearest: str | None = None


class ParameterError(Exception):
    """The parameters do not fit the test; `problems` names all of them."""

    def __init__(self, problems: list[ParameterProblem]) -> None:
        super().__init__("; ".join(problem.why for problem in problems))
        self.problems = problems


def build_test(kind: type, parameters: Mapping[str, Located]) -> ClaimTest:
    """A test of the given class.

    Raises:
        ParameterError: a parameter is unknown, missing or of the wrong type, or names a property that is unknown.
    """
    hints = get_type_hints(kind)
    declared = {field.name: field for field in fields(kind)}
    problems: list[ParameterProblem] = []
    values: dict[str, Any] = {}
    for name, located in parameters.items():
        if name not in declared:
            why = f"This test has no such parameter. It has: {', '.join(declared)}."
            near = nearest_name(name, declared)
            problems.append(
                ParameterProblem(
                    code="F005",
                    name=name,
                    why=why,
                    mend="Correct the name.",
                    line=located.line,
                    value=name,
                    nearest=near,
                )
            )
            continue
        try:
            values[name] = _converted(located.value, hints[name])
        except ValueError as error:
            problems.append(_mistyped(name, located, str(error)))
            continue
        if name in PROPERTY_PARAMETERS and not is_property(values[name]):
            problems.append(_unknown_property(name, located))
    for name, field in declared.items():
        if name not in parameters and field.default is MISSING and field.default_factory is MISSING:
            why = f"The parameter {name} is missing."
            problems.append(ParameterProblem(code="C101", name=name, why=why, mend="Add it."))
    if problems:
        raise ParameterError(problems)
    test: ClaimTest = kind(**values)
    return test


def _mistyped(name: str, located: Located, expected: str) -> ParameterProblem:
    return ParameterProblem(
        code="C108",
        name=name,
        why=f"{name} must be {expected}.",
        mend="Correct the value.",
        line=located.line,
        value=str(located.value),
    )


def _unknown_property(name: str, located: Located) -> ParameterProblem:
    text = str(located.value)
    return ParameterProblem(
        code="C105",
        name=name,
        why=f"{name} must name a property of a case: {', '.join(PROPERTIES)}, or finding:NAME.",
        mend="Use one of them.",
        line=located.line,
        value=text,
        nearest=nearest_name(text, PROPERTIES),
    )


def _converted(value: Any, hint: Any) -> Any:
    """The value as the type asks for; ValueError says what was expected."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is str or hint is bool or hint is int:
        return _plain(value, hint)
    if hint is float:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
        raise ValueError("a number")
    if origin is Literal:
        if value in arguments:
            return value
        raise ValueError(f"one of {', '.join(map(str, arguments))}")
    if origin is tuple:
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        raise ValueError("a list of names")
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        if isinstance(value, Mapping):
            return {str(key): _converted(item, arguments[1]) for key, item in value.items()}
        raise ValueError("a set of named lists")
    # What is left is "float | None".
    return _converted(value, float)


def _plain(value: Any, kind: type) -> Any:
    if isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
        return value
    raise ValueError({str: "a text", bool: "true or false", int: "a whole number"}[kind])
