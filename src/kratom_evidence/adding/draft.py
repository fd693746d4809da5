"""Drafts: the answers so far, saved after each of them, so that an interruption loses nothing."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kratom_evidence.curation.new_case import NewCase
from kratom_evidence.faults import ExplainedError, UsageError, shorten
from kratom_evidence.files import write_atomically
from kratom_evidence.nearest import nearest_name

FOLDER = ".drafts"
_SUFFIX = ".draft"
_NAME = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9]{1,10}")
_LARGEST = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Draft:
    """Unfinished answers.

    `second_of` is the case that they extract a second time, None for a new case; `reached` names the question at which
    the dialogue was left.
    """

    name: str
    saved_at: str
    new: NewCase
    second_of: str | None = None
    reached: str = ""

    @property
    def answers(self) -> int:
        return len(self.new.citation) + len(self.new.case)

    def described(self) -> str:
        """One line for a list of drafts."""
        about = f"second extraction of {self.second_of}" if self.second_of else self.new.citation.get("title")
        about = about or self.new.citation.get("doi") or self.new.citation.get("pmid") or "without title"
        return f"{self.name}  {self.saved_at}  {self.answers} answers  {shorten(about, 60)}"


def new_draft(second_of: str | None = None) -> Draft:
    """A draft without answers, named by the time and the process, so that two never share a name."""
    now = datetime.now(UTC)
    name = f"{now:%Y%m%d-%H%M%S}-{os.getpid()}"
    return Draft(name=name, saved_at=_shown(now), new=NewCase(), second_of=second_of)


def save_draft(data: Path, draft: Draft) -> Draft:
    """Save the draft in one step; returns it with the time."""
    saved = replace(draft, saved_at=_shown(datetime.now(UTC)))
    content = {
        "saved_at": saved.saved_at,
        "second_of": saved.second_of,
        "reached": saved.reached,
        "citation": dict(saved.new.citation),
        "case": dict(saved.new.case),
        "same_publication": saved.new.same_publication,
        "not_the_same_patient": saved.new.not_the_same_patient,
    }
    write_atomically(_path(data, draft.name), json.dumps(content, ensure_ascii=False, indent=1) + "\n")
    return saved


def drafts(data: Path) -> tuple[Draft, ...]:
    """All drafts that can be read, the newest last."""
    found = []
    folder = data / FOLDER
    for path in sorted(folder.glob(f"*{_SUFFIX}")) if folder.is_dir() else ():
        try:
            found.append(load_draft(data, path.stem))
        except ExplainedError:
            continue
    return tuple(sorted(found, key=lambda draft: (draft.saved_at, draft.name)))


def load_draft(data: Path, name: str) -> Draft:
    """The draft of that name.

    Raises:
        UsageError: there is none.
        ExplainedError: it is damaged.
    """
    path = _path(data, name)
    try:
        if path.stat().st_size > _LARGEST:
            raise ValueError("it is too large")
        content = json.loads(path.read_text(encoding="utf-8"))
        return Draft(
            name=name,
            saved_at=_plain(content["saved_at"]),
            second_of=None if content.get("second_of") is None else _plain(content["second_of"]),
            reached=_plain(content["reached"]),
            new=NewCase(
                citation=_texts(content["citation"]),
                case=_texts(content["case"]),
                same_publication=content["same_publication"] is True,
                not_the_same_patient=content["not_the_same_patient"] is True,
            ),
        )
    except FileNotFoundError:
        known = [other.stem for other in (data / FOLDER).glob(f"*{_SUFFIX}")]
        near = nearest_name(name, known)
        hint = f" Did you mean {near!r}?" if near else " kratom-evidence add --resume lists the drafts."
        raise UsageError(f"There is no draft {name}.{hint}") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ExplainedError(f"The draft {path} cannot be read ({error}). Remove the file to be rid of it.") from None


def remove_draft(data: Path, name: str) -> None:
    """Remove the draft, where there is one."""
    _path(data, name).unlink(missing_ok=True)


def _path(data: Path, name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name[:80]!r} is not the name of a draft. kratom-evidence add --resume lists them.")
    return data / FOLDER / f"{name}{_SUFFIX}"


def _texts(answers: Any) -> Mapping[str, str]:
    return {_plain(name): _plain(text) for name, text in dict(answers).items()}


def _plain(text: Any) -> str:
    if not isinstance(text, str):
        raise TypeError("a text was expected")
    return "".join(letter for letter in text if letter.isprintable())


def _shown(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S} UTC"
