"""What is to be made: every page with its name, its parameters, and the hash over all that it is made from."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from kratom_evidence import __version__
from kratom_evidence.claims import judge_all
from kratom_evidence.claims.ledger import read_ledger
from kratom_evidence.dataset.loading import read_dataset
from kratom_evidence.project import Project
from kratom_evidence.read_ahead import read_ahead
from kratom_evidence.reports.cross_links import site_links
from kratom_evidence.reports.data_read import Evidence
from kratom_evidence.reports.inputs import Inputs, digest
from kratom_evidence.reports.jobs import ReportJob, changed_parameters, page_command, page_name
from kratom_evidence.reports.kinds import KINDS, ReportKind, kinds_named, selected_subjects
from kratom_evidence.reports.manifest import Manifest, PageRecord
from kratom_evidence.reports.page import Provenance
from kratom_evidence.reports.parameters import ParameterValue, read_assignments, read_parameters
from kratom_evidence.reports.request import ALL_KINDS, ReportRequest


@dataclass(frozen=True, kw_only=True)
class PlannedPage:
    """One page: its job, what it is about, and the hash over all that it is made from."""

    kind: ReportKind
    subject: str
    changed: Mapping[str, ParameterValue]
    input_hash: str
    job: ReportJob

    def record(self, output_hash: str) -> PageRecord:
        """What the manifest tells about the page, once it lies there."""
        return PageRecord(
            page=self.job.page,
            kind=self.kind.name,
            subject=self.subject,
            parameters=self.changed,
            input_hash=self.input_hash,
            output_hash=output_hash,
        )


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All pages that there can be of a project, to be written below the folder `out`."""

    project: Project
    out: Path
    inputs: Inputs
    evidence: Evidence

    @cached_property
    def subjects(self) -> Mapping[str, Mapping[str, str]]:
        """Kind -> subject -> title."""
        return {name: kind.subjects(self.evidence) for name, kind in KINDS.items()}

    def wanted(self, request: ReportRequest) -> dict[str, PlannedPage]:
        """Page -> what is asked for. When parameters are given for all kinds, those without any are left out.

        Raises:
            UsageError: the kind, a subject or a parameter does not exist.
            ExplainedError: a template cannot be read.
        """
        pages: dict[str, PlannedPage] = {}
        for kind in kinds_named(request.kind):
            declared = read_parameters(self._notebook(kind))
            # Kinds may share a template; its other subjects have options of their own too.
            reserved = {other.parameter: other.option for other in KINDS.values() if other.template == kind.template}
            if request.kind == ALL_KINDS and request.assignments and declared.keys() <= reserved.keys():
                continue
            given = read_assignments(request.assignments, declared, reserved=reserved, choices=kind.choices)
            changed = changed_parameters(given, declared)
            chosen = selected_subjects(kind, request.subjects.get(kind.name, ()), self.subjects[kind.name])
            pages |= {page.job.page: page for page in (self._page(kind, subject, changed) for subject in chosen)}
        return pages

    def known(self, manifest: Manifest | None) -> dict[str, PlannedPage]:
        """Page -> what can be linked to when it lies there: all with the default parameters, and those on record."""
        defaults = [self._page(kind, subject, {}) for name, kind in KINDS.items() for subject in self.subjects[name]]
        recorded = [
            self._page(KINDS[record.kind], record.subject, record.parameters)
            for record in (manifest.pages if manifest else ())
            if record.parameters and record.subject in self.subjects[record.kind]
        ]
        return {page.job.page: page for page in (*defaults, *recorded)}

    def provenance(self, command: str) -> Provenance:
        """That of a page over all data."""
        dataset = self.evidence.dataset
        return Provenance(
            data_version=dataset.version,
            data_fingerprint=dataset.fingerprint,
            package_version=__version__,
            command=command,
        )

    def _notebook(self, kind: ReportKind) -> Path:
        return self.project.notebooks / "reports" / kind.template

    def _page(self, kind: ReportKind, subject: str, changed: Mapping[str, ParameterValue]) -> PlannedPage:
        read = kind.reads(self.evidence, subject)
        page, command = page_name(kind, subject, changed), page_command(kind, subject, changed)
        title = self.subjects[kind.name][subject]
        parameters: dict[str, ParameterValue] = {kind.parameter: subject, **changed}
        notebook = self.inputs.notebooks.get(kind.template)
        data = [read.parts, dict(vars(read.links))]
        input_hash = digest([page, title, command, parameters, notebook, data, self.inputs.beside_the_data])
        provenance = Provenance(
            data_version=self.evidence.dataset.version,
            data_fingerprint=read.fingerprint,
            package_version=__version__,
            command=command,
            input_hash=input_hash,
        )
        job = ReportJob(
            notebook=self._notebook(kind),
            parameters=parameters,
            out=self.out,
            page=page,
            title=title,
            root=self.project.root,
            provenance=provenance,
            links=read.links,
        )
        return PlannedPage(kind=kind, subject=subject, changed=changed, input_hash=input_hash, job=job)


def read_plan(project: Project, out: Path, inputs: Inputs) -> Plan:
    """The plan of a project as it is now.

    Raises:
        ExplainedError: the data or the statements have faults.
    """
    dataset = read_ahead(read_dataset, project.data)
    judgements = judge_all(dataset, read_ahead(read_ledger, project.data))
    links = site_links(dataset)
    evidence = Evidence(dataset=dataset, judgements=judgements, links=links, files=inputs.data)
    return Plan(project=project, out=out, inputs=inputs, evidence=evidence)
