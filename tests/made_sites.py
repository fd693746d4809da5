"""Folders of reports made without running notebooks: what decides that a page is made is real, its content is not."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest

from kratom_evidence.claims import Claim, Judgement, judge_all, read_claims
from kratom_evidence.claims.ledger import read_ledger
from kratom_evidence.dataset import Dataset, load
from kratom_evidence.dataset.loading import read_dataset
from kratom_evidence.files import write_atomically
from kratom_evidence.project import data_fingerprint
from kratom_evidence.reports import batch, planning, site_pages
from kratom_evidence.reports.jobs import ReportJob
from kratom_evidence.reports.outline import Outlined
from kratom_evidence.reports.page import page_html
from kratom_evidence.reports.rendering import Failure, RenderResult

Made = TypeVar("Made")
_READ: dict[tuple[str, str], Any] = {}


def _once(what: str, fingerprint: str, make: Callable[[], Made]) -> Made:
    if (what, fingerprint) not in _READ:
        _READ[what, fingerprint] = make()
    made: Made = _READ[what, fingerprint]
    return made


def loaded(data: Path) -> Dataset:
    """The dataset; copies of the same files are read once. Shared: do not change its tables."""
    return _once("dataset", data_fingerprint(data), lambda: load(data))


def claims_of(data: Path) -> tuple[Claim, ...]:
    """The statements; copies of the same files are read once."""
    return _once("claims", data_fingerprint(data), lambda: read_claims(data))


def judged(dataset: Dataset, claims: Sequence[Claim]) -> tuple[Judgement, ...]:
    """The judgements on all statements of the dataset's own folder, made once."""
    return _once("judgements", dataset.fingerprint, lambda: judge_all(dataset, claims))


def _read_once(read: Callable[[Path], Any], data: Path) -> Any:
    """In place of `read_ahead`, which keeps one state of a folder and forgets the one before."""
    known: dict[Callable[[Path], Any], Callable[[Path], Any]] = {read_dataset: loaded, read_ledger: claims_of}
    return known[read](data)


class StandIn:
    """Stands in for the rendering: writes a page with its marks. `made` lists the pages that it was asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.made: list[str] = []
        self.failing: set[str] = set()
        self.stops_after: int | None = None
        monkeypatch.setattr(batch, "render_all", self.render_all)
        monkeypatch.setattr(planning, "read_ahead", _read_once)
        monkeypatch.setattr(planning, "judge_all", judged)
        # What-if searches take seconds, and which pages are made does not depend on them.
        monkeypatch.setattr(site_pages, "statement_results", lambda *_: [])

    def render_all(self, jobs: Sequence[ReportJob], **_: Any) -> tuple[RenderResult, ...]:
        return tuple(self._rendered(job) for job in jobs)

    def _rendered(self, job: ReportJob) -> RenderResult:
        if self.stops_after is not None and len(self.made) == self.stops_after:
            raise KeyboardInterrupt
        self.made.append(job.page)
        if job.page in self.failing:
            job.output.unlink(missing_ok=True)
            return RenderResult(job=job, failure=Failure(reason="made to fail"))
        content = Outlined(title=job.title, lead="", rest="", headings=())
        write_atomically(job.output, page_html(content, provenance=job.provenance, address=job.page))
        return RenderResult(job=job)

    def take(self) -> list[str]:
        """The pages made since the last call."""
        made, self.made = sorted(self.made), []
        return made


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file below the folder but the lock, with its bytes."""
    found = (path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}
