"""From a request to a folder of pages; a request for what already lies there is answered without loading anything."""

from contextlib import AbstractContextManager
from dataclasses import replace

from kratom_evidence.locking import locked
from kratom_evidence.project import Project
from kratom_evidence.reports.freshness import all_unchanged
from kratom_evidence.reports.inputs import Inputs, commit, read_inputs
from kratom_evidence.reports.manifest import read_manifest, write_manifest
from kratom_evidence.reports.request import ReportRequest
from kratom_evidence.reports.summary import SiteResult, unchanged_result

LOCK_FILE = ".lock"


def make_site(project: Project, request: ReportRequest) -> SiteResult:
    """Make the reports that are asked for and not there yet, and the pages and files over all that lies in the folder.

    Two runs on one folder take turns. A page that fails stops no other.

    Raises:
        UsageError: the kind, a subject or a parameter does not exist; nothing was rendered.
        ExplainedError: the data or the statements have faults, or the folder cannot be written to.
    """
    inputs = read_inputs(project)
    found = _unchanged(project, request, inputs)
    if found is not None:
        return found
    # Imported here: tables, plots and notebooks take seconds to load.
    from kratom_evidence.files import writable_folder
    from kratom_evidence.reports.building import build_site
    from kratom_evidence.reports.planning import read_plan

    plan = read_plan(project, request.out, inputs)
    wanted = plan.wanted(request)
    writable_folder(request.out)
    with _turn(request):
        return build_site(plan, wanted, request)


def _turn(request: ReportRequest) -> AbstractContextManager[None]:
    return locked(request.out / LOCK_FILE, busy=f"Another run is rendering into {request.out}.")


def _unchanged(project: Project, request: ReportRequest, inputs: Inputs) -> SiteResult | None:
    """The result when there is nothing to do; the manifest then only learns of a new commit."""
    manifest = read_manifest(request.out).manifest
    if manifest is None or not all_unchanged(request, inputs, manifest):
        return None
    now = commit(project)
    if manifest.commit != now:
        with _turn(request):
            write_manifest(request.out, replace(manifest, commit=now))
    return unchanged_result(request.out, manifest, frozenset(request.kind_names))
