"""From a request to a folder of pages: what is to be rendered, the rendering, and the index over all of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kratom_evidence import __version__
from kratom_evidence.claims import judge_all, read_claims
from kratom_evidence.claims.records import statement_results
from kratom_evidence.dataset import Dataset, load
from kratom_evidence.files import writable_folder, write_atomically
from kratom_evidence.project import Project
from kratom_evidence.reports.batch import render_all
from kratom_evidence.reports.cross_links import site_links
from kratom_evidence.reports.found_pages import found_pages
from kratom_evidence.reports.index import index_html
from kratom_evidence.reports.index_sheets import sheet_sections
from kratom_evidence.reports.jobs import ReportJob, changed_parameters, page_command, page_name
from kratom_evidence.reports.kinds import KINDS, ReportKind, kinds_named, selected_subjects
from kratom_evidence.reports.ledger_page import write_ledger
from kratom_evidence.reports.page import Provenance
from kratom_evidence.reports.parameters import ParameterValue, read_assignments, read_parameters
from kratom_evidence.reports.rendering import INDEX_PAGE, RenderResult

INDEX_COMMAND = "kratom-evidence report"
# The kind with which the ledger of all statements is written.
CLAIMS = "claims"


@dataclass(frozen=True, kw_only=True)
class ReportRequest:
    """What the user asked for.

    `kind` names a kind of reports or all of them, `subjects` selects by kind (a kind that is left out: all of it),
    `assignments` are NAME=VALUE texts, `out` is the folder of the pages.
    """

    kind: str
    subjects: Mapping[str, Sequence[str]]
    assignments: Sequence[str]
    out: Path
    workers: int


@dataclass(frozen=True, kw_only=True)
class SiteResult:
    """What was rendered, and where the index is."""

    results: tuple[RenderResult, ...]
    index: Path

    @property
    def failed(self) -> tuple[RenderResult, ...]:
        return tuple(result for result in self.results if result.failure is not None)


def make_site(project: Project, request: ReportRequest) -> SiteResult:
    """Render the requested reports and write the index page over everything that lies in the folder.

    With the reports on statements come the ledger page of all of them, verdicts.json and its schema.

    Raises:
        UsageError: the kind, a subject or a parameter does not exist; nothing was rendered.
        ExplainedError: the data or the ledger has faults, or `out` cannot be written to.
    """
    plans = [_plan(project, request, kind) for kind in kinds_named(request.kind)]
    dataset = load(project.data)
    judgements = judge_all(dataset, read_claims(project.data))
    writable_folder(request.out)
    jobs = [job for plan in plans for job in plan.jobs(project, request.out, dataset)]
    results = render_all(jobs, workers=request.workers)
    if any(plan.kind.name == CLAIMS for plan in plans):
        found = found_pages(request.out, KINDS[CLAIMS], dataset.fingerprint)
        provenance = _provenance(dataset, INDEX_COMMAND)
        write_ledger(request.out, dataset, statement_results(dataset, judgements), found, provenance)
    pages = {name: found_pages(request.out, kind, dataset.fingerprint) for name, kind in KINDS.items()}
    index = request.out / INDEX_PAGE
    provenance = _provenance(dataset, INDEX_COMMAND)
    sheets = sheet_sections(dataset, pages)
    write_atomically(index, index_html(dataset, judgements, pages[CLAIMS], provenance, sheets))
    return SiteResult(results=results, index=index)


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """The request, checked against what exists."""

    kind: ReportKind
    notebook: Path
    titles: dict[str, str]
    given: Mapping[str, ParameterValue]
    changed: Mapping[str, ParameterValue]

    def jobs(self, project: Project, out: Path, dataset: Dataset) -> list[ReportJob]:
        links = site_links(dataset)
        return [
            ReportJob(
                notebook=self.notebook,
                parameters={self.kind.parameter: subject, **self.given},
                out=out,
                page=page_name(self.kind, subject, self.changed),
                title=title,
                root=project.root,
                provenance=_provenance(dataset, page_command(self.kind, subject, self.changed)),
                links=links,
            )
            for subject, title in self.titles.items()
        ]


def _plan(project: Project, request: ReportRequest, kind: ReportKind) -> _Plan:
    notebook = project.notebooks / "reports" / kind.template
    declared = read_parameters(notebook)
    # Kinds may share a template; its other subjects have options of their own too.
    reserved = {other.parameter: other.option for other in KINDS.values() if other.template == kind.template}
    given = read_assignments(request.assignments, declared, reserved=reserved, choices=kind.choices)
    titles = selected_subjects(kind, request.subjects.get(kind.name, ()), kind.subjects(project))
    changed = changed_parameters(given, declared)
    return _Plan(kind=kind, notebook=notebook, titles=titles, given=given, changed=changed)


def _provenance(dataset: Dataset, command: str) -> Provenance:
    return Provenance(
        data_version=dataset.version,
        data_fingerprint=dataset.fingerprint,
        package_version=__version__,
        command=command,
    )
