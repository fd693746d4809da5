"""`kratom-evidence watch`: run the saved search, keep what is new, and ask about retractions.

JSON form of a search, one object:

    searched    list of {"service", "since", "searched_at", "found", "known", "duplicates", "new"}
    candidates  list of new records, best first: the columns of candidates.csv
    failures    {service: explanation}
    written     whether the files were changed

With --notices: {"notices": [{"citekey", "source", "kind", "direction", "notice_doi", "notice_pmid", "notice_date",
"checked_on"}], "unknown": {service: number}, "without_identifier": [citekey], "failures", "written"}.
"""

import argparse
import json
import os
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kratom_evidence.cli.data_folder import chosen_data
from kratom_evidence.faults import ExplainedError, UsageError, shorten
from kratom_evidence.locking import locked

if TYPE_CHECKING:
    from kratom_evidence.literature import CitationService
    from kratom_evidence.screening.notices import NoticesRun
    from kratom_evidence.screening.watching import Run

_DESCRIPTION = """\
Run the saved search of data/screening/search.yaml, remove what is included, excluded, listed as unread or a candidate
already, and add the rest to data/screening/candidates.csv, where each record waits for a decision. Each service is
searched since two weeks before it was last searched with the same query.
Exit status: 0 fine, 1 a service could not be searched (what the others found is kept), 2 wrong usage.
"""
_EPILOG = """\
environment:
  KRATOM_EVIDENCE_CONTACT  your mail address, which the services ask for (or --contact)
  KRATOM_EVIDENCE_CACHE    folder of the answers that were kept
"""
_SHOWN = 20
# One run at a time, in screening/; adding a case and repairing tables wait for the one in data/ only while it writes.
LOCK_FILE = ".lock"
_BUSY = "Another command is changing these data."


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> None:
    """Add the subcommand to the command line."""
    parser = subparsers.add_parser(
        "watch",
        help="run the saved search and list new publications for screening",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of the data (default: data/ of the project)")
    parser.add_argument("--since", metavar="DATE", help="ask for records added on or after this day (2026-01-31)")
    parser.add_argument(
        "--service", action="append", default=[], metavar="NAME", help="only this service; may be repeated"
    )
    parser.add_argument("--notices", action="store_true", help="ask about retractions and corrections instead")
    parser.add_argument("--offline", action="store_true", help="answer from the cache only")
    parser.add_argument("--dry-run", action="store_true", help="show what would be kept, and write nothing")
    parser.add_argument("--contact", metavar="ADDRESS", help="mail address that the services can write to")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="for people or for programs")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Search, or ask about notices; 1 when a service failed."""
    from kratom_evidence.literature import services
    from kratom_evidence.literature.look_up import access_from_environment

    since = _day(options.since)
    data = chosen_data(options.data)
    access = access_from_environment(contact=options.contact, offline=options.offline)
    if access.contact is None and not options.offline:
        print(
            "kratom-evidence: the services ask for a mail address to write to when something goes wrong; "
            "give yours with --contact or KRATOM_EVIDENCE_CONTACT.",
            file=sys.stderr,
        )
    known = services(access)
    task = _notices if options.notices else _search
    if options.dry_run:
        return task(options, data, known, since)
    if not os.access(data / "screening", os.W_OK):
        raise ExplainedError(f"{data / 'screening'} cannot be written to. Mend its permissions, or use --dry-run.")
    with locked(data / "screening" / LOCK_FILE, busy="Another `kratom-evidence watch` is at work on these data."):
        return task(options, data, known, since)


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--since {shorten(text or '')}: write the day as 2026-01-31.") from None


def _search(options: argparse.Namespace, data: Path, known: "dict[str, CitationService]", since: date | None) -> int:
    from kratom_evidence.dataset import load
    from kratom_evidence.screening.strategy import read_search
    from kratom_evidence.screening.watching import keep, run_search

    strategies = read_search(data).chosen(tuple(options.service))
    found = run_search(load(data), strategies, known, since)
    if not options.dry_run:
        with locked(data / LOCK_FILE, busy=_BUSY):
            found = keep(data, found)
    written = not options.dry_run and bool(found.results)
    print(_json(_search_object(found, written=written)) if options.format == "json" else _search_text(found, written))
    return _failed(found.failures)


def _notices(options: argparse.Namespace, data: Path, known: "dict[str, CitationService]", since: date | None) -> int:
    from kratom_evidence.dataset import load
    from kratom_evidence.literature import SERVICE_NAMES
    from kratom_evidence.screening.notices import keep_notices, notices_for

    if since is not None:
        raise UsageError("--since has no meaning with --notices: every publication is asked about.")
    for name in options.service:
        if name not in known:
            raise UsageError(f"--service {name}: there are {', '.join(SERVICE_NAMES)}.")
    asked = {name: service for name, service in known.items() if not options.service or name in options.service}
    found = notices_for(load(data).sources, asked)
    if not options.dry_run:
        with locked(data / LOCK_FILE, busy=_BUSY):
            keep_notices(data, found)
    written = not options.dry_run and bool(found.notices)
    print(_json(_notices_object(found, written=written)) if options.format == "json" else _notices_text(found, written))
    return _failed(found.failures)


def _failed(failures: Any) -> int:
    for explanation in failures.values():
        print(f"kratom-evidence: {explanation}", file=sys.stderr)
    return 1 if failures else 0


def _json(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2)


def _search_object(found: "Run", *, written: bool) -> dict[str, Any]:
    tallies = {tally.service: tally for tally in found.tallies}
    return {
        "searched": [
            {
                "service": result.service,
                "since": None if result.since is None else result.since.isoformat(),
                "searched_at": result.searched_at.isoformat(),
                "found": tallies[result.service].found,
                "known": tallies[result.service].known,
                "duplicates": tallies[result.service].duplicates,
                "new": tallies[result.service].new,
            }
            for result in found.results
        ],
        "candidates": [candidate.cells for candidate in found.new],
        "failures": dict(found.failures),
        "written": written,
    }


def _search_text(found: "Run", written: bool) -> str:
    lines = []
    for result, tally in zip(found.results, found.tallies, strict=True):
        since = "from the beginning" if result.since is None else f"since {result.since.isoformat()}"
        lines.append(
            f"{result.service} ({since}): {tally.found} found, {tally.known} known, {tally.duplicates} twice, "
            f"{tally.new} new"
        )
    for candidate in found.new[:_SHOWN]:
        lines.append(f"  {candidate.score:3d}  {candidate.candidate_id}  {shorten(candidate.title or 'no title', 90)}")
        lines += [f"       {reason}" for reason in candidate.score_reasons]
    if len(found.new) > _SHOWN:
        lines.append(f"  … and {len(found.new) - _SHOWN} more")
    if found.results and not found.new:
        lines.append("Nothing new.")
    if found.new:
        lines.append(
            "Decide on each in data/screening/candidates.csv: include, exclude (with the reason) or unread."
            if written
            else "Nothing was written."
        )
    return "\n".join(lines)


def _notices_object(found: "NoticesRun", *, written: bool) -> dict[str, Any]:
    return {
        "notices": [
            {
                "citekey": citekey,
                "source": notice.service,
                "kind": notice.kind,
                "direction": notice.direction,
                "notice_doi": notice.notice_doi,
                "notice_pmid": notice.notice_pmid,
                "notice_date": notice.date,
                "checked_on": notice.checked_on.isoformat(),
            }
            for citekey, notice in found.notices
        ],
        "unknown": dict(found.unknown),
        "without_identifier": list(found.without_identifier),
        "failures": dict(found.failures),
        "written": written,
    }


def _notices_text(found: "NoticesRun", written: bool) -> str:
    from kratom_evidence.literature import CHECKED_WITHOUT_NOTICE, NOTICE_KINDS

    about = [(citekey, notice) for citekey, notice in found.notices if notice.kind != CHECKED_WITHOUT_NOTICE]
    lines = [
        f"{citekey}: {NOTICE_KINDS[notice.kind]} ({notice.service}"
        f"{', ' + notice.notice_doi if notice.notice_doi else ''}"
        f"{', PMID ' + notice.notice_pmid if notice.notice_pmid else ''}{', ' + notice.date if notice.date else ''})"
        for citekey, notice in about
    ]
    checked = {citekey for citekey, _ in found.notices}
    lines.append(f"{len(checked)} publications checked, {len({citekey for citekey, _ in about})} with a notice.")
    if found.without_identifier:
        lines.append(f"{len(found.without_identifier)} have neither DOI, PMID nor PMCID and cannot be checked.")
    lines += [f"{name} has no record of {count} publications." for name, count in found.unknown.items() if count]
    if not written:
        lines.append("Nothing was written.")
    return "\n".join(lines)
