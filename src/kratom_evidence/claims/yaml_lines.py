"""Reading YAML safely, with the line of every entry, so that a fault can be named by its line.

Only plain data is read: no tags, no aliases (a few aliases can stand for gigabytes), no duplicate keys.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import yaml

from kratom_evidence.faults import Fault

LARGEST_FILE = 2_000_000
DEEPEST_NESTING = 20
Plain: TypeAlias = "str | int | float | bool | list[Plain] | Mapping[str, Plain] | None"


@dataclass(frozen=True, kw_only=True)
class Located:
    """A value of a YAML document, the line on which it begins, and the lines of what it holds.

    For a mapping `parts` maps keys to located values; for a list it maps positions.
    """

    value: Plain
    line: int
    parts: Mapping[str | int, "Located"] = field(default_factory=dict)


class YamlError(Exception):
    """The document cannot be read; `fault` says why and where."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


def read_yaml(text: str, file: str) -> Located:
    """The document with the line of every entry.

    Raises:
        YamlError: the text is not YAML, or holds something that plain data does not need.
    """
    if len(text) > LARGEST_FILE:
        raise YamlError(_fault(file, 1, f"The file has more than {LARGEST_FILE} characters.", "Check the file."))
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                line = event.start_mark.line + 1 if event.start_mark else 1
                raise YamlError(_fault(file, line, "Aliases (*name) are not read.", "Write the value out."))
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise YamlError(_fault(file, line, f"The file is not YAML: {error.problem}.", "Mend that line.")) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise YamlError(_fault(file, 1, f"The file is not YAML: {error}.", "Mend the file.")) from None
    if node is None:
        raise YamlError(_fault(file, 1, "The file is empty.", "Restore it, for example with git checkout."))
    return _located(node, file, 0)


def _fault(file: str, line: int, why: str, mend: str) -> Fault:
    return Fault(code="F010", file=file, row=line, why=why, mend=mend)


def _located(node: yaml.Node, file: str, depth: int) -> Located:
    line = node.start_mark.line + 1
    if depth > DEEPEST_NESTING:
        raise YamlError(_fault(file, line, "The entries are nested too deeply.", "Write them flatter."))
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, line, file, depth)
    if isinstance(node, yaml.SequenceNode):
        entries = [_located(entry, file, depth + 1) for entry in node.value]
        return Located(value=[e.value for e in entries], line=line, parts=dict(enumerate(entries)))
    return Located(value=_scalar(node, line, file), line=line)


def _mapping(node: yaml.MappingNode, line: int, file: str, depth: int) -> Located:
    parts: dict[str | int, Located] = {}
    values: dict[str, Plain] = {}
    for key_node, value_node in node.value:
        key, key_line = key_node.value, key_node.start_mark.line + 1
        if not isinstance(key, str):
            raise YamlError(_fault(file, key_line, "A key must be a plain name.", "Write it as name: value."))
        if key in values:
            raise YamlError(_fault(file, key_line, f"The key {key!r} stands twice.", "Keep one of them."))
        parts[key] = _located(value_node, file, depth + 1)
        values[key] = parts[key].value
    return Located(value=values, line=line, parts=parts)


def _scalar(node: yaml.Node, line: int, file: str) -> str | int | float | bool | None:
    loader = yaml.SafeLoader("")
    try:
        value = loader.construct_object(node, deep=True)
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise YamlError(_fault(file, line, f"The value cannot be read: {error}.", "Write plain text.")) from None
    finally:
        loader.dispose()
    return value if isinstance(value, str | int | float | bool) or value is None else str(node.value)
