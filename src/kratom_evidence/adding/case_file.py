"""Reading a case from a YAML file: every scalar as the text that was written, and every fault with its line.

YAML turns `no` into False, 1:30 into 90 and 2026-01-01 into a date; here nothing is turned into anything. Tags, anchors
and aliases are refused (a few aliases can stand for gigabytes), and so are keys that stand twice.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import yaml

from kratom_evidence.codebook.values import SEPARATOR
from kratom_evidence.curation.new_case import NewCase, Part
from kratom_evidence.faults import ExplainedError, Fault, shorten
from kratom_evidence.nearest import nearest_name

LARGEST_FILE = 200_000
PARTS: tuple[Part, ...] = ("citation", "case")
SWITCHES = ("same_publication", "not_the_same_patient")
_DEEPEST = 4
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_QUOTE = 'Put the text between quotation marks: "…".'


@dataclass(frozen=True, kw_only=True)
class CaseFile:
    """The answers of a file, and the line of each (part and name of the field)."""

    file: str
    new: NewCase
    lines: Mapping[tuple[str, str], int]

    def located(self, fault: Fault) -> Fault:
        """A fault of an answer with its place in the file."""
        if fault.file not in PARTS:
            return fault
        line = self.lines.get((fault.file, fault.column or ""), self.lines.get((fault.file, "")))
        return replace(fault, file=self.file, row=line, column=f"{fault.file}: {fault.column}")


@dataclass(frozen=True, kw_only=True)
class _Scalar:
    text: str
    line: int
    plain: bool
    comment: bool = False


@dataclass(frozen=True, kw_only=True)
class _Sequence:
    line: int
    entries: tuple["_Node", ...]


@dataclass(frozen=True, kw_only=True)
class _Mapping:
    line: int
    pairs: tuple[tuple["_Node", "_Node"], ...]


_Node = _Scalar | _Sequence | _Mapping


def read_case_file(content: bytes, file: str) -> CaseFile:
    """The answers of a YAML file as `add --template` makes it; `file` is its name in the faults.

    Raises:
        ExplainedError: the file is no such file; all faults that can be told apart are named.
    """
    reader = _Reader(file=file)
    root = reader.document(_text(content, file))
    switches = dict.fromkeys(SWITCHES, False)
    answers: dict[str, dict[str, str]] = {part: {} for part in PARTS}
    lines: dict[tuple[str, str], int] = {}
    for key, node in reader.pairs(root, "The file", (*PARTS, *SWITCHES)):
        lines[(key.text, "")] = key.line
        if key.text in SWITCHES:
            switches[key.text] = reader.yes_or_no(key, node)
        else:
            for name, value in reader.pairs(node, key.text, None):
                lines[(key.text, name.text)] = name.line
                answers[key.text][name.text] = reader.answer(name, value)
    if reader.faults:
        raise ExplainedError(f"{file} cannot be read as a case.", reader.faults)
    new = NewCase(
        citation={name: text for name, text in answers["citation"].items() if text},
        case={name: text for name, text in answers["case"].items() if text},
        same_publication=switches["same_publication"],
        not_the_same_patient=switches["not_the_same_patient"],
    )
    return CaseFile(file=file, new=new, lines=lines)


def _text(content: bytes, file: str) -> str:
    if len(content) > LARGEST_FILE:
        why = f"The file is larger than {LARGEST_FILE // 1000} kB; a case is far smaller."
        raise _refused(_fault(file, None, why, "Check whether it is the right file."))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _refused(_fault(file, line, "The file is not saved as UTF-8.", "Save it again as UTF-8.")) from None


@dataclass(kw_only=True)
class _Reader:
    """Turns the events of the YAML parser into texts, and collects what is wrong."""

    file: str
    faults: list[Fault] = field(default_factory=list)
    source: list[str] = field(default_factory=list)

    def document(self, text: str) -> _Node:
        self.source = text.splitlines()
        try:
            events = iter(yaml.parse(text, Loader=yaml.SafeLoader))
            root = self._root(events)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            mend = f"A value with a colon, # or a bracket needs quotation marks. {_QUOTE}"
            raise self._stop(mark.line + 1 if mark else None, f"The line is not YAML: {error.problem}.", mend) from None
        except yaml.reader.ReaderError as error:
            number = error.character if isinstance(error.character, int) else ord(error.character)
            why = f"The file holds a character that cannot be printed (U+{number:04X})."
            raise self._stop(None, why, "Remove it.") from None
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            raise self._stop(None, f"The file is not YAML ({type(error).__name__}).", "Mend it.") from None
        return root

    def _root(self, events: Iterator[yaml.Event]) -> _Node:
        root: _Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent | yaml.DocumentEndEvent | yaml.StreamStartEvent):
                continue
            if isinstance(event, yaml.StreamEndEvent):
                break
            if root is not None:
                raise self._stop(_line(event), "The file holds a second document after ---.", "Write one case a file.")
            root = self._node(event, events, 0)
        if root is None:
            raise self._stop(None, "The file is empty.", "Start from: kratom-evidence add --template.")
        return root

    def _node(self, event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> _Node:
        line = _line(event)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise self._stop(line, "Anchors (&name) and aliases (*name) are not read.", f"Write it out. {_QUOTE}")
        if getattr(event, "tag", None):
            raise self._stop(line, "Tags (!name) are not read.", f"Remove the tag. {_QUOTE}")
        if depth > _DEEPEST:
            raise self._stop(line, "Lists and mappings are nested too deeply.", "Keep to the form of the template.")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, line)
        nodes = []
        for inner in events:
            if isinstance(inner, yaml.SequenceEndEvent | yaml.MappingEndEvent):
                break
            nodes.append(self._node(inner, events, depth + 1))
        if isinstance(event, yaml.SequenceStartEvent):
            return _Sequence(line=line, entries=tuple(nodes))
        return _Mapping(line=line, pairs=tuple(zip(nodes[::2], nodes[1::2], strict=True)))

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> _Scalar:
        plain = event.style is None
        after = ""
        if plain and event.end_mark is not None and event.end_mark.line < len(self.source):
            after = self.source[event.end_mark.line][event.end_mark.column :].strip()
        text = " ".join(event.value.split())
        return _Scalar(text=text, line=line, plain=plain, comment=bool(text) and after.startswith("#"))

    def pairs(self, node: _Node, what: str, known: tuple[str, ...] | None) -> Iterator[tuple[_Scalar, _Node]]:
        """The entries of a mapping whose keys are texts, each once and, where `known` is given, one of those."""
        if isinstance(node, _Scalar) and node.plain and node.text in _NULLS:
            return
        if not isinstance(node, _Mapping):
            self._add(node.line, f"{what} must be a mapping of names to values.", "Keep to the form of the template.")
            return
        seen: dict[str, int] = {}
        for key, value in node.pairs:
            if not isinstance(key, _Scalar):
                self._add(key.line, "The name of a field must be a text.", "Keep to the form of the template.")
            elif key.text in seen:
                why = f"The field already stands in line {seen[key.text]}."
                self._add(key.line, why, "Keep one of them.", column=key.text)
            elif known is not None and key.text not in known:
                mend = f"Use one of: {', '.join(known)}."
                self._add(key.line, "There is no such part.", mend, column=key.text, near=nearest_name(key.text, known))
            else:
                seen[key.text] = key.line
                yield key, value

    def yes_or_no(self, key: _Scalar, node: _Node) -> bool:
        text = node.text.casefold() if isinstance(node, _Scalar) else "a list"
        if text not in {"yes", "no", "true", "false", ""}:
            self._add(key.line, "The answer must be yes or no.", "Write yes or no.", column=key.text, value=text)
        return text in {"yes", "true"}

    def answer(self, name: _Scalar, node: _Node) -> str:
        """The text of a cell; a list becomes its entries with semicolons between them."""
        if isinstance(node, _Scalar):
            return self._cell(name, node)
        if isinstance(node, _Mapping):
            why = "A colon followed by a space makes a mapping in YAML."
            self._add(node.line, why, _QUOTE, column=name.text)
            return ""
        if not node.entries:
            why = "An empty list can mean that there were none, or that nothing is stated."
            self._add(node.line, why, "Write none, or leave the value empty.", column=name.text)
        entries = []
        for entry in node.entries:
            if isinstance(entry, _Scalar):
                entries.append(self._cell(name, entry))
                if not entries[-1]:
                    self._add(entry.line, "An entry of the list is empty.", "Remove it.", column=name.text)
            else:
                why = "An entry must be a text; a colon with a space, or brackets, make something else of it in YAML."
                self._add(entry.line, why, _QUOTE, column=name.text)
        return SEPARATOR.join(entries)

    def _cell(self, name: _Scalar, node: _Scalar) -> str:
        if node.comment:
            why = "What follows # is a comment in YAML and would be lost."
            mend = f"{_QUOTE} A comment goes on a line of its own."
            self._add(node.line, why, mend, column=name.text, value=node.text)
        return "" if node.plain and node.text in _NULLS else node.text

    def _add(
        self,
        line: int,
        why: str,
        mend: str,
        *,
        column: str | None = None,
        value: str | None = None,
        near: str | None = None,
    ) -> None:
        self.faults.append(
            Fault(code="A201", file=self.file, row=line, column=column, value=value, why=why, mend=mend, nearest=near)
        )

    def _stop(self, line: int | None, why: str, mend: str) -> ExplainedError:
        return _refused(_fault(self.file, line, why, mend))


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _fault(file: str, line: int | None, why: str, mend: str) -> Fault:
    return Fault(code="A201", file=file, row=line, why=shorten(why, 200), mend=mend)


def _refused(fault: Fault) -> ExplainedError:
    return ExplainedError(f"{fault.file} cannot be read as a case.", [fault])
