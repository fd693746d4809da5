"""Whether a folder of pages is what the present project makes: first by hashes, then by making the pages again.

`examine` is cheap: what differs from the manifest among data, notebooks, program, lock and libraries, and which files
were altered, are missing or are no part of the run. `make_again` renders pages into a temporary folder and compares
bytes. Nothing is written anywhere else, and no link in the folder is followed.
"""

import random
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from kratom_evidence.faults import ExplainedError, UsageError, shorten
from kratom_evidence.project import Project
from kratom_evidence.reports.batch import default_workers, render_all
from kratom_evidence.reports.byte_differences import LineDifference, first_differences
from kratom_evidence.reports.engines import WARM
from kratom_evidence.reports.inputs import Inputs, commit, read_inputs
from kratom_evidence.reports.jobs import page_name
from kratom_evidence.reports.kinds import KINDS
from kratom_evidence.reports.manifest import Manifest, PageRecord
from kratom_evidence.reports.marks import input_mark
from kratom_evidence.reports.planning import Plan, PlannedPage, read_plan
from kratom_evidence.reports.request import ReportRequest
from kratom_evidence.reports.site_pages import SITE_COMMAND, write_site_pages
from kratom_evidence.reports.trusted_manifest import FoundFile, found_file, other_files, trusted_manifest

_CHANGED = "what it is made from has changed since"


class Lies(Enum):
    """How a file lies there, by the hash that the manifest tells."""

    AS_RECORDED = "as recorded"
    ALTERED = "altered after the run"
    MISSING = "missing"
    UNREADABLE = "cannot be read"
    EXTRA = "not in the manifest"


class Remade(Enum):
    """What came of making a page again."""

    SAME = "the same bytes"
    DIFFERS = "differs"
    FAILED = "failed"
    GONE = "cannot be made from the present data"


@dataclass(frozen=True, kw_only=True)
class InputDifference:
    """Something that pages are made from: `then` as the manifest tells, `now` as it is; None where there is none."""

    what: str
    name: str
    then: str | None
    now: str | None


@dataclass(frozen=True, kw_only=True)
class FileFinding:
    """One file of the folder. `why` explains where it lies otherwise than recorded."""

    name: str
    lies: Lies
    why: str | None = None


@dataclass(frozen=True, kw_only=True)
class RemadeFinding:
    """One file that was made again. `differences` holds the first lines that differ, `why` the reason where known."""

    name: str
    remade: Remade
    why: str | None = None
    differences: tuple[LineDifference, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Examination:
    """What hashes alone tell about a folder of pages. `commit_now` is for information only."""

    project: Project
    out: Path
    manifest: Manifest
    inputs: Inputs
    commit_now: str | None
    input_differences: tuple[InputDifference, ...]
    files: tuple[FileFinding, ...]

    @property
    def faults(self) -> tuple[FileFinding, ...]:
        """The files that do not lie there as the manifest tells."""
        return tuple(finding for finding in self.files if finding.lies is not Lies.AS_RECORDED)


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which pages are made again: all, those of one kind, or a sample of so many, drawn with the seed.

    The pages over all reports are among them unless one kind is asked for.
    """

    kind: str | None = None
    sample: int | None = None
    seed: int = 1
    workers: int | None = None
    engine: str = WARM


def examine(project: Project, out: Path) -> Examination:
    """Compare a folder of pages with its manifest, and the manifest with the project as it is now.

    Raises:
        ExplainedError: the manifest is missing or refused, or a file of the project cannot be read.
    """
    manifest = trusted_manifest(out)
    inputs = read_inputs(project)
    extra = [FileFinding(name=name, lies=Lies.EXTRA) for name in other_files(out, frozenset(manifest.outputs))]
    listed = [_file_finding(name, recorded, found_file(out, name)) for name, recorded in manifest.outputs.items()]
    return Examination(
        project=project,
        out=out,
        manifest=manifest,
        inputs=inputs,
        commit_now=commit(project),
        input_differences=tuple(_input_differences(manifest, inputs)),
        files=(*sorted(listed, key=lambda finding: finding.name), *extra),
    )


def make_again(examined: Examination, selection: Selection) -> tuple[RemadeFinding, ...]:
    """Make the selected pages again in a temporary folder and compare them, byte by byte, with those that lie there.

    A page that is missing or cannot be read is left out: `examine` has told of it.

    Raises:
        ExplainedError: the data have faults, or the manifest names a page otherwise than this program does.
        UsageError: there is nothing to select from.
    """
    readable = {f.name for f in examined.files if f.lies in {Lies.AS_RECORDED, Lies.ALTERED}}
    records = selected_records([record for record in examined.manifest.pages if record.page in readable], selection)
    _check_page_names(examined)
    with tempfile.TemporaryDirectory(prefix="kratom-evidence-verify-", ignore_cleanup_errors=True) as folder:
        plan = read_plan(examined.project, Path(folder).resolve(), examined.inputs)
        planned, gone = _planned(plan, records)
        jobs = [planned[record.page].job for record in records if record.page in planned]
        results = render_all(jobs, workers=selection.workers or default_workers(), engine=selection.engine)
        failures = {result.job.page: str(result.failure) for result in results if result.failure is not None}
        findings = [RemadeFinding(name=page, remade=Remade.GONE, why=why) for page, why in gone.items()]
        for record in records:
            if record.page in failures:
                why = failures[record.page]
                findings.append(RemadeFinding(name=record.page, remade=Remade.FAILED, why=why))
            elif record.page in planned:
                same_inputs = planned[record.page].input_hash == record.input_hash
                findings.append(_compared(examined, plan, record.page, same_inputs=same_inputs))
        if selection.kind is None:
            findings += _site_findings(examined, plan, readable)
    return tuple(sorted(findings, key=lambda finding: finding.name))


def selected_records(records: Sequence[PageRecord], selection: Selection) -> list[PageRecord]:
    """Those of the kind, or the sample of them that the seed gives.

    Raises:
        UsageError: there is none of the kind.
    """
    chosen = [record for record in records if selection.kind in {None, record.kind}]
    if selection.sample is not None and selection.sample < len(chosen):
        chosen = random.Random(selection.seed).sample(chosen, selection.sample)
    if not chosen and selection.kind is not None:
        raise UsageError(f"--kind {selection.kind}: the manifest lists no page of this kind that can be read.")
    return sorted(chosen, key=lambda record: record.page)


def _file_finding(name: str, recorded: str, found: FoundFile) -> FileFinding:
    if found.content is not None:
        return FileFinding(name=name, lies=Lies.AS_RECORDED if found.hash == recorded else Lies.ALTERED)
    return FileFinding(name=name, lies=Lies.UNREADABLE if found.there else Lies.MISSING, why=found.why)


def _input_differences(manifest: Manifest, now: Inputs) -> Iterable[InputDifference]:
    """File by file; the package and the lock as a whole, for the manifest has one hash of each."""
    then = manifest.inputs
    tables = (
        ("data", then.data, now.data),
        ("notebook", then.notebooks, now.notebooks),
        ("library", then.libraries, now.libraries),
        ("program", {"version": then.program_version, "source": then.program}, _program(now)),
        ("lock", {} if then.lock is None else {"hash": then.lock}, {} if now.lock is None else {"hash": now.lock}),
    )
    for what, before, after in tables:
        for name in sorted(before.keys() | after.keys()):
            if before.get(name) != after.get(name):
                yield InputDifference(what=what, name=name, then=before.get(name), now=after.get(name))


def _program(inputs: Inputs) -> dict[str, str]:
    return {"version": inputs.program_version, "source": inputs.program}


def _check_page_names(examined: Examination) -> None:
    """A page lies where this program puts it: a name of the manifest's own is never written to."""
    for record in examined.manifest.pages:
        try:
            expected = page_name(KINDS[record.kind], record.subject, record.parameters)
        except (KeyError, ValueError, IndexError) as error:
            expected = f"none ({shorten(str(error))})"
        if expected != record.page:
            raise ExplainedError(
                f"The manifest of {examined.out} is refused: it lists {shorten(record.page)!r} for the subject "
                f"{shorten(record.subject)!r}, whose page is {shorten(expected)!r}. Nothing was rendered."
            )


def _planned(plan: Plan, records: Sequence[PageRecord]) -> tuple[dict[str, PlannedPage], dict[str, str]]:
    """Page -> its plan, checked as a request of a user is; and page -> why it cannot be made any more."""
    planned: dict[str, PlannedPage] = {}
    gone: dict[str, str] = {}
    alike: dict[tuple[str, tuple[str, ...]], list[PageRecord]] = defaultdict(list)
    for record in records:
        if record.subject in plan.subjects[record.kind]:
            alike[record.kind, _assignments(record.parameters)].append(record)
        else:
            gone[record.page] = f"{record.subject!r} is not among the {record.kind}"
    for (kind, assignments), together in alike.items():
        subjects = {kind: tuple(record.subject for record in together)}
        try:
            found = plan.wanted(ReportRequest(kind=kind, subjects=subjects, assignments=assignments, out=plan.out))
        except UsageError as error:
            gone |= {record.page: str(error) for record in together}
            continue
        planned |= found
        why = "its parameters are the defaults now"
        gone |= {record.page: why for record in together if record.page not in found}
    return planned, gone


def _assignments(parameters: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(f"{name}={value}" for name, value in parameters.items())


def _compared(examined: Examination, plan: Plan, name: str, *, same_inputs: bool) -> RemadeFinding:
    lies = found_file(examined.out, name).content or b""
    again = (plan.out / name).read_bytes()
    if lies == again:
        return RemadeFinding(name=name, remade=Remade.SAME)
    why = None if same_inputs else _CHANGED
    marks = input_mark(again), input_mark(lies)
    if None not in marks and again.replace(str(marks[0]).encode(), str(marks[1]).encode(), 1) == lies:
        why = f"{_CHANGED}; but for the mark that tells so, it is the same"
    return RemadeFinding(name=name, remade=Remade.DIFFERS, why=why, differences=first_differences(again, lies))


def _site_findings(examined: Examination, plan: Plan, readable: set[str]) -> list[RemadeFinding]:
    """The pages over all reports, with links to the pages that the run found current.

    When what they were made from has changed, which these were is not known: then to all that can be made.
    """
    known = plan.known(examined.manifest)
    changed = bool(examined.input_differences)
    addresses = [
        record.page
        for record in examined.manifest.pages
        if record.page in known and (changed or known[record.page].input_hash == record.input_hash)
    ]
    write_site_pages(plan.out, plan.evidence, plan.project.data, addresses, plan.provenance(SITE_COMMAND))
    names = [name for name in examined.manifest.site if name in readable]
    return [_compared(examined, plan, name, same_inputs=not changed) for name in names]
