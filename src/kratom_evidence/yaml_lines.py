"""Reading YAML safely, with the line of every entry, so that a fault can be named by its line.

Only plain data is read: no tags, no anchors and aliases (a few aliases can stand for gigabytes), no duplicate keys,
and no number that YAML reads as another one than it shows: 010 is 8 in YAML, and 1:30 is 90.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import yaml

from kratom_evidence.faults import Fault, shorten
from kratom_evidence.plain_files import MEGABYTE

LARGEST_FILE = 2 * MEGABYTE
DEEPEST_NESTING = 20
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?")
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
        _refuse_what_is_not_plain(text, file)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise YamlError(_fault(file, line, f"The file is not YAML: {error.problem}.", "Mend that line.")) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise YamlError(_fault(file, 1, f"The file is not YAML: {error}.", "Mend the file.")) from None
    if node is None:
        raise YamlError(_fault(file, 1, "The file is empty.", "Restore it, for example with git checkout."))
    return _located(node, file)


def parse_yaml(content: bytes, file: str) -> Located:
    """The document of a file's bytes, which must be UTF-8, with or without a byte order mark, as `read_yaml` does."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        fault = Fault(code="F002", file=file, row=line, why="The file is not saved as UTF-8.", mend="Save it as UTF-8.")
        raise YamlError(fault) from None
    return read_yaml(text, file)


def _refuse_what_is_not_plain(text: str, file: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise YamlError(_fault(file, line, "Anchors (&name) and aliases (*name) are not read.", "Write it out."))
        if getattr(event, "tag", None):
            raise YamlError(_fault(file, line, "Tags (!name) are not read.", "Remove the tag."))
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        # Checked while parsing: the parser itself takes an age over a hundred thousand brackets.
        if depth > DEEPEST_NESTING:
            raise YamlError(_fault(file, line, "The entries are nested too deeply.", "Write them flatter."))


def _fault(file: str, line: int, why: str, mend: str) -> Fault:
    return Fault(code="F010", file=file, row=line, why=why, mend=mend)


def _located(node: yaml.Node, file: str) -> Located:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, line, file)
    if isinstance(node, yaml.SequenceNode):
        entries = [_located(entry, file) for entry in node.value]
        return Located(value=[e.value for e in entries], line=line, parts=dict(enumerate(entries)))
    return Located(value=_scalar(node, line, file), line=line)


def _mapping(node: yaml.MappingNode, line: int, file: str) -> Located:
    parts: dict[str | int, Located] = {}
    values: dict[str, Plain] = {}
    for key_node, value_node in node.value:
        key, key_line = key_node.value, key_node.start_mark.line + 1
        _refuse_unprintable(str(key), key_line, file)
        if not isinstance(key, str):
            raise YamlError(_fault(file, key_line, "A key must be a plain name.", "Write it as name: value."))
        if key in values:
            raise YamlError(_fault(file, key_line, f"The key {key!r} stands twice.", "Keep one of them."))
        parts[key] = _located(value_node, file)
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
    if isinstance(value, str):
        _refuse_unprintable(value, line, file)
    if isinstance(value, int | float) and not isinstance(value, bool) and not _DECIMAL.fullmatch(node.value):
        why = f"YAML reads {shorten(node.value, 20)} as the number {shorten(str(value), 20)}."
        raise YamlError(_fault(file, line, why, "Write a plain decimal number, or put a text between quotation marks."))
    return value if isinstance(value, str | int | float | bool) or value is None else str(node.value)


def _refuse_unprintable(text: str, line: int, file: str) -> None:
    for character in text:
        if not character.isprintable() and character not in "\n\t\u00a0":
            why = f"The value holds a character that cannot be printed (U+{ord(character):04X})."
            raise YamlError(_fault(file, line, why, "Type it again."))
