"""Jobs and results as lines of JSON, which any machine can read whatever its folders are called."""

import json
from dataclasses import asdict
from pathlib import Path

from kratom_evidence.files import remove_with_empty_folders, write_atomically
from kratom_evidence.project import Project
from kratom_evidence.reports.cross_links import SiteLinks
from kratom_evidence.reports.jobs import ReportJob
from kratom_evidence.reports.page import Provenance
from kratom_evidence.reports.rendering import Failure, RenderResult


def job_line(job: ReportJob) -> str:
    """The job, without the folders of this machine. The notebook is one of the project's templates."""
    document = {
        "template": job.notebook.name,
        "parameters": dict(job.parameters),
        "page": job.page,
        "title": job.title,
        "provenance": asdict(job.provenance),
        "links": asdict(job.links),
        "cell_timeout": job.cell_timeout,
    }
    return json.dumps(document)


def job_of_line(line: str | bytes, project: Project, out: Path) -> ReportJob:
    """The job in the project as it was unpacked, with `out` as the folder of its page."""
    document = json.loads(line)
    return ReportJob(
        notebook=project.notebooks / "reports" / document["template"],
        parameters=document["parameters"],
        out=out,
        page=document["page"],
        title=document["title"],
        root=project.root,
        provenance=Provenance(**document["provenance"]),
        links=SiteLinks(**document["links"]),
        cell_timeout=document["cell_timeout"],
    )


def result_line(result: RenderResult) -> str:
    """The page, or what is told about the failure, with the notebook as far as it got."""
    failure = result.failure
    if failure is None:
        return json.dumps({"page": result.job.output.read_text(encoding="utf-8")})
    kept = None if failure.notebook is None else failure.notebook.read_text(encoding="utf-8")
    told = {"reason": failure.reason, "cell": failure.cell, "source": failure.source}
    return json.dumps({"failure": told, "notebook": kept})


def received(job: ReportJob, line: str | bytes) -> RenderResult:
    """Write what came back where rendering here would have left it.

    Raises:
        ExplainedError: a file cannot be written.
    """
    document = json.loads(line)
    if "page" in document:
        write_atomically(job.output, document["page"])
        remove_with_empty_folders(job.failed_notebook, top=job.out)
        return RenderResult(job=job)
    job.output.unlink(missing_ok=True)
    kept = document["notebook"]
    if kept is not None:
        write_atomically(job.failed_notebook, kept)
    notebook = None if kept is None else job.failed_notebook
    return RenderResult(job=job, failure=Failure(**document["failure"], notebook=notebook))
