"""`kratom-evidence export`: the data and the results for other programs."""

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kratom_evidence.faults import ExplainedError, UsageError
from kratom_evidence.files import writable_folder, write_bytes_atomically
from kratom_evidence.nearest import nearest_name
from kratom_evidence.project import Project, find_project

if TYPE_CHECKING:
    from kratom_evidence.exports.contents import Contents

_DESCRIPTION = """\
Write the data and what was computed from them for other programs:

  csv           csv/NAME.csv for every table, and csv/dictionary.csv, which says what the columns mean
  xlsx          kratom-evidence.xlsx: a sheet for every table, with a codebook and a read me
  bibtex, ris, csl-json
                publications.bib, .ris and .json, and the same for the context studies
  phenopackets  phenopackets/ID.json for every case (GA4GH Phenopackets 2.0)
  pdf           pdf/…: rendered pages, printed by Chromium, Chrome or Edge; give --page or --all-pages
  all           all but pdf (default)

An empty cell means "not stated in what was read", never absent. In CSV, a text that a spreadsheet program would run as
a formula, or that begins with an apostrophe, has one apostrophe in front; take the first one off to get it back.
"""
_EPILOG = """\
examples:
  kratom-evidence export
  kratom-evidence export csv xlsx --out /tmp/kratom
  kratom-evidence export phenopackets --case brooks2023
  kratom-evidence export pdf --page reports/claims/C13.html
"""
# As in `exports.contents`, which takes too long to import for --help.
_DATA_FORMATS = ("csv", "xlsx", "bibtex", "ris", "csl-json", "phenopackets")
_ALL, _PDF = "all", "pdf"
_FOLDER = "exports"


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> None:
    """Add the subcommand to the command line."""
    parser = subparsers.add_parser(
        "export",
        help="write the data and the results as CSV, XLSX, bibliographies, phenopackets or PDF",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "formats", nargs="*", metavar="FORMAT", help=f"{', '.join((*_DATA_FORMATS, _PDF, _ALL))} (default: {_ALL})"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help=f"folder (default: {_FOLDER}/ of the project)")
    parser.add_argument(
        "--case", action="append", default=[], dest="cases", metavar="ID", help="only this case; may be repeated"
    )
    parser.add_argument(
        "--page", action="append", default=[], dest="pages", type=Path, metavar="FILE",
        help="a rendered page to print; may be repeated",
    )  # fmt: skip
    parser.add_argument("--all-pages", action="store_true", help="print every page below reports/")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write what was asked for, and say what was written."""
    formats = _formats(options.formats)
    printing = bool(options.pages or options.all_pages)
    if _PDF in formats and not printing:
        raise UsageError("pdf needs to know which pages: give --page reports/claims/C13.html, or --all-pages.")
    if printing and _PDF not in formats:
        raise UsageError("--page and --all-pages choose what to print. Write: kratom-evidence export pdf --page …")
    project = find_project()
    out = (options.out or project.root / _FOLDER).expanduser().resolve()
    data_formats = [name for name in formats if name != _PDF]
    writable_folder(out)
    if data_formats:
        _write_data(_contents(project, options.cases), data_formats, out)
    elif options.cases:
        raise UsageError("--case chooses the cases of the other formats. For a case's page give --page.")
    if _PDF in formats:
        _print_pages(options.pages, project.reports, out, all_pages=options.all_pages)
    return 0


def _formats(names: Sequence[str]) -> list[str]:
    """The formats in the order of the help, each once."""
    allowed = (*_DATA_FORMATS, _PDF, _ALL)
    for name in names:
        if name not in allowed:
            raise UsageError(f"There is no format {name!r}; there are: {', '.join(allowed)}.{_hint(name, allowed)}")
    wanted = set(names or [_ALL])
    return [name for name in (*_DATA_FORMATS, _PDF) if name in wanted or (_ALL in wanted and name != _PDF)]


def _contents(project: Project, case_ids: Sequence[str]) -> "Contents":
    # Imported here: pandas and openpyxl take a second to load, and --help does not need them.
    from kratom_evidence.claims import read_claims
    from kratom_evidence.dataset.loading import dataset_from
    from kratom_evidence.dataset.reading import read_tables
    from kratom_evidence.exports.about import about
    from kratom_evidence.exports.contents import Contents

    readings = read_tables(project.data)
    dataset = dataset_from(readings)
    known = [str(name) for name in dataset.cases.index]
    for case_id in case_ids:
        if case_id not in known:
            raise UsageError(f"There is no case {case_id!r}.{_hint(case_id, known)}")
    return Contents(
        dataset=dataset,
        claims=read_claims(project.data),
        publications=readings.bibliographies["sources"],
        context_publications=readings.bibliographies["context_sources"],
        about=about(project, dataset),
        case_ids=sorted(set(case_ids)) or None,
    )


def _write_data(contents: "Contents", formats: Iterable[str], out: Path) -> None:
    from kratom_evidence.exports.contents import FORMATS, PHENOPACKETS

    for name in formats:
        written = []
        for path, content in FORMATS[name](contents):
            write_bytes_atomically(out / path, content)
            written.append(out / path)
        shown = str(written[0]) if len(written) == 1 else f"{len(written)} files, {_common(written)}"
        print(f"{name}: {shown}")
        if name == "phenopackets":
            stale = sorted(set((out / PHENOPACKETS).glob("*.json")) - set(written))
            if stale:
                print(f"  The folder also holds {len(stale)} files of earlier exports, such as {stale[0].name}.")


def _common(paths: Sequence[Path]) -> str:
    folders = {path.parent for path in paths}
    names = ", ".join(path.name for path in paths)
    return f"{folders.pop()}: {names}" if len(paths) <= 3 else str(folders.pop())


def _print_pages(pages: Sequence[Path], reports: Path, out: Path, *, all_pages: bool) -> None:
    from kratom_evidence.exports.pdf import find_browser, pdf_bytes

    chosen = list(dict.fromkeys([*pages, *(sorted(reports.rglob("*.html")) if all_pages else ())]))
    if not chosen:
        raise ExplainedError(f"{reports} holds no pages. Render them first: kratom-evidence report all")
    browser = find_browser()
    for page in chosen:
        source = page.expanduser().resolve()
        place = source.relative_to(reports) if source.is_relative_to(reports) else Path(source.name)
        target = out / "pdf" / place.with_suffix(".pdf")
        write_bytes_atomically(target, pdf_bytes(source, browser))
        print(f"pdf: {target}", flush=True)


def _hint(text: str, allowed: Iterable[str]) -> str:
    nearest = nearest_name(text, allowed)
    return f" Did you mean {nearest!r}?" if nearest else ""
