"""Answers of the services, kept on disk: what was asked once can be read again without a network connection."""

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kratom_evidence.faults import ExplainedError
from kratom_evidence.files import write_atomically

CACHE_VARIABLE = "KRATOM_EVIDENCE_CACHE"


@dataclass(frozen=True, kw_only=True)
class CachedAnswer:
    """What a service answered, and when (UTC). `found` is False when it said that it has no such record."""

    address: str
    fetched_at: datetime
    found: bool
    body: str


@dataclass(frozen=True, kw_only=True)
class AnswerCache:
    """A folder of answers, one file each, named by a hash of what was asked."""

    folder: Path

    def read(self, address: str, parameters: Mapping[str, str]) -> CachedAnswer | None:
        """The answer to that question, or None when there is none or its file is damaged."""
        try:
            kept = json.loads(self._file(address, parameters).read_text(encoding="utf-8"))
            answer = CachedAnswer(
                address=str(kept["address"]),
                fetched_at=datetime.fromisoformat(kept["fetched_at"]).astimezone(UTC),
                found=kept["found"] is True,
                body=str(kept["body"]),
            )
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        return answer if answer.address == address else None

    def keep(self, answer: CachedAnswer, parameters: Mapping[str, str]) -> None:
        """Keep an answer. A folder that cannot be written to only means that the question is asked again."""
        content = {
            "address": answer.address,
            "parameters": dict(parameters),
            "fetched_at": answer.fetched_at.isoformat(),
            "found": answer.found,
            "body": answer.body,
        }
        with suppress(ExplainedError):
            write_atomically(self._file(answer.address, parameters), json.dumps(content, ensure_ascii=False) + "\n")

    def _file(self, address: str, parameters: Mapping[str, str]) -> Path:
        question = json.dumps([address, sorted(parameters.items())], ensure_ascii=True)
        return self.folder / f"{hashlib.sha256(question.encode()).hexdigest()[:32]}.json"


def default_cache_folder() -> Path:
    """The folder named by KRATOM_EVIDENCE_CACHE, or literature/ in the user's cache folder (XDG base directories)."""
    named = os.environ.get(CACHE_VARIABLE)
    if named:
        return Path(named).expanduser()
    user = os.environ.get("XDG_CACHE_HOME")
    # The specification: a path that is not absolute is to be ignored.
    base = Path(user) if user and Path(user).is_absolute() else Path.home() / ".cache"
    return base / "kratom-evidence" / "literature"
