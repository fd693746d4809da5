"""The rendering of what is not there yet, the pages over all of it, and the manifest of what then lies there."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kratom_evidence.reports.freshness import hash_if_current
from kratom_evidence.reports.inputs import commit, digest, file_hash
from kratom_evidence.reports.jobs import ReportJob, page_name
from kratom_evidence.reports.kinds import KINDS
from kratom_evidence.reports.manifest import Manifest, PageRecord, read_manifest, write_manifest
from kratom_evidence.reports.planning import Plan, PlannedPage
from kratom_evidence.reports.request import ReportRequest
from kratom_evidence.reports.site_pages import SITE_COMMAND, SITE_FILES, write_site_pages
from kratom_evidence.reports.summary import PageOutcome, PageState, SiteResult

if TYPE_CHECKING:
    from kratom_evidence.reports.rendering import RenderResult

Hashes = dict[str, str]


def build_site(plan: Plan, wanted: Mapping[str, PlannedPage], request: ReportRequest) -> SiteResult:
    """Render the wanted pages that are not current, remove those whose subject is gone, and write what is over all.

    Raises:
        ExplainedError: a file cannot be written.
    """
    out = plan.out
    reading = read_manifest(out)
    old = {record.page: record for record in reading.manifest.pages} if reading.manifest else {}
    known = {**plan.known(reading.manifest), **wanted}
    current = _current(out, known, old)
    missing = [page for name, page in wanted.items() if request.force or name not in current]
    results = _rendered(plan, [page.job for page in missing], request)
    current |= _made(results)
    failed = {result.job.page for result in results if result.failure is not None}
    current = {name: found for name, found in current.items() if name not in failed}
    removed = _remove_gone(plan, old.values())
    site = _site(plan, sorted(current), reading.manifest)
    records = [known[name].record(found) for name, found in current.items()]
    records += _kept(out, (record for name, record in old.items() if name not in {*current, *failed}))
    write_manifest(out, _manifest(plan, known, records, current, site))
    return SiteResult(out=out, pages=(*_outcomes(wanted, results), *removed), site=site, note=reading.note)


def _rendered(plan: Plan, jobs: Sequence[ReportJob], request: ReportRequest) -> "Sequence[RenderResult]":
    if not jobs:
        return ()
    if request.scheduler is not None:
        from kratom_evidence.reports.cluster import render_on_cluster

        return render_on_cluster(
            jobs, project=plan.project, inputs=plan.inputs, address=request.scheduler, engine=request.engine
        )
    # Imported here: to load what runs a notebook takes longer than to find that nothing is to be run.
    from kratom_evidence.reports.batch import default_workers, render_all

    return render_all(jobs, workers=request.workers or default_workers(), engine=request.engine)


def _current(out: Path, known: Mapping[str, PlannedPage], old: Mapping[str, PageRecord]) -> Hashes:
    """Page -> hash of its bytes, for the known pages that lie there as they would be made now."""
    found = {}
    for name, page in known.items():
        record = old.get(name)
        recorded = record.output_hash if record and record.input_hash == page.input_hash else None
        found[name] = hash_if_current(out / name, input_hash=page.input_hash, recorded=recorded)
    return {name: value for name, value in found.items() if value is not None}


def _made(results: "Iterable[RenderResult]") -> Hashes:
    hashes = {result.job.page: file_hash(result.job.output) for result in results if result.failure is None}
    return {name: value for name, value in hashes.items() if value is not None}


def _remove_gone(plan: Plan, records: Iterable[PageRecord]) -> tuple[PageOutcome, ...]:
    """Remove the pages whose subject is gone, where they lie there as this program made them."""
    removed = []
    for record in records:
        kind, path = KINDS[record.kind], plan.out / record.page
        ours = record.page == page_name(kind, record.subject, record.parameters)
        if record.subject in plan.subjects[kind.name] or not ours or file_hash(path) != record.output_hash:
            continue
        path.unlink(missing_ok=True)
        removed.append(PageOutcome(page=record.page, state=PageState.REMOVED))
    return tuple(removed)


def _kept(out: Path, records: Iterable[PageRecord]) -> list[PageRecord]:
    """The records of pages that were made from something else and still lie there."""
    return [record for record in records if file_hash(out / record.page) == record.output_hash]


def _site(plan: Plan, addresses: Sequence[str], manifest: Manifest | None) -> tuple[PageOutcome, ...]:
    """The pages over all reports, made unless they lie there as they would be made."""
    if manifest is not None and manifest.site_inputs == _site_inputs(plan, addresses):
        lying = {name: file_hash(plan.out / name) for name in SITE_FILES}
        if lying == dict(manifest.site):
            return tuple(PageOutcome(page=name, state=PageState.UNCHANGED) for name in SITE_FILES)
    return write_site_pages(plan.out, plan.evidence, plan.project.data, addresses, plan.provenance(SITE_COMMAND))


def _site_inputs(plan: Plan, addresses: Collection[str]) -> str:
    return digest([sorted(addresses), dict(plan.inputs.data), plan.inputs.beside_the_data])


def _outcomes(wanted: Mapping[str, PlannedPage], results: "Iterable[RenderResult]") -> Iterable[PageOutcome]:
    by_page = {result.job.page: result for result in results}
    for name in wanted:
        result = by_page.get(name)
        if result is None:
            yield PageOutcome(page=name, state=PageState.UNCHANGED)
        elif result.failure is None:
            yield PageOutcome(page=name, state=PageState.MADE)
        else:
            yield PageOutcome(page=name, state=PageState.FAILED, failure=str(result.failure))


def _manifest(
    plan: Plan,
    known: Mapping[str, PlannedPage],
    records: Iterable[PageRecord],
    current: Hashes,
    site: Iterable[PageOutcome],
) -> Manifest:
    lacking = {page.kind.name for name, page in known.items() if not page.changed and name not in current}
    hashes = {outcome.page: file_hash(plan.out / outcome.page) for outcome in site}
    return Manifest(
        data_version=plan.evidence.dataset.version,
        inputs=plan.inputs,
        inputs_hash=plan.inputs.all,
        commit=commit(plan.project),
        whole_kinds=tuple(sorted(KINDS.keys() - lacking)),
        pages=tuple(records),
        site={name: value for name, value in hashes.items() if value is not None},
        site_inputs=_site_inputs(plan, current),
    )
