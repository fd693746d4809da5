"""The PRISMA 2020 flow of records, counted from the tables; nothing in it is typed in.

The form is that of the statement's template for updated reviews (Page et al., BMJ 2021;372:n71): the publications of
the original collection on one side, those that the saved search found on the other. What was not recorded, and a search
that was never run, are said to be so, and are never a zero.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from kratom_evidence.dataset import Dataset
from kratom_evidence.faults import ExplainedError
from kratom_evidence.literature import SERVICE_NAMES
from kratom_evidence.presentation import ReportTable, ReportText, show_list, show_table, show_text
from kratom_evidence.screening.flow import Box, Flow, Part
from kratom_evidence.screening.known import Known, records_of

NOT_RUN = "search not run yet"
NOT_LOGGED = "no search in the log"
NO_REASON = "no reason recorded"
NOT_FROM_LOG = "not from a search in the log"
GONE = "in the log, but no row here"


def prisma_flow(dataset: Dataset) -> Flow:
    """Count the records in `search_log`, `candidates`, `excluded`, `unread`, `sources` and `cases`."""
    candidates, log = dataset.candidates, dataset.search_log
    from_search = Known(records_of(candidates))
    # What the saved search found is told by identifiers and titles: a key alone may have been given by hand.
    originally = {
        name: sum(1 for record in records_of(table) if from_search.find(record) is None)
        for name, table in (("sources", dataset.sources), ("excluded", dataset.excluded), ("unread", dataset.unread))
    }
    boxes = (*_original(originally), *_search(log, candidates), *_totals(dataset, originally["sources"]))
    return Flow(boxes=boxes, searches=len(log), remarks=tuple(_remarks(dataset, originally["sources"])))


def _original(counts: dict[str, int]) -> Sequence[Box]:
    part: Part = "original collection"
    return (
        Box(name="original_identified", part=part, stage="identification", heading="Records identified", count=None),
        Box(
            name="original_removed",
            part=part,
            stage="identification",
            heading="Records removed before screening",
            count=None,
        ),
        Box(
            name="original_screened",
            part=part,
            stage="screening",
            heading="Records screened of which a note was kept",
            count=sum(counts.values()),
        ),
        Box(
            name="original_excluded",
            part=part,
            stage="screening",
            heading="Records excluded, each with its reason",
            count=counts["excluded"],
        ),
        Box(
            name="original_unread",
            part=part,
            stage="screening",
            heading="Reports known but not read",
            count=counts["unread"],
        ),
        Box(
            name="original_included",
            part=part,
            stage="included",
            heading="Publications included",
            count=counts["sources"],
        ),
    )


def _search(log: pd.DataFrame, candidates: pd.DataFrame) -> Sequence[Box]:
    sums = {name: int(log[name].sum()) for name in ("found", "known", "duplicates")}
    found = Counter[str]()
    for service, count in zip(log["service"], log["found"], strict=True):
        found[str(service)] += int(count)
    decided = candidates["decision"]
    waiting = int(decided.isna().sum())
    why = candidates.loc[decided == "exclude", "decision_reason"]
    reasons = Counter(NO_REASON if pd.isna(reason) else str(reason) for reason in why)
    boxes = (
        Box(
            name="search_identified",
            part="saved search",
            stage="identification",
            heading="Records identified from databases",
            count=sums["found"],
            details=tuple((SERVICE_NAMES[name], found[name]) for name in sorted(found)),
        ),
        Box(
            name="search_removed",
            part="saved search",
            stage="identification",
            heading="Records removed before screening",
            count=sums["known"] + sums["duplicates"],
            details=(("already known", sums["known"]), ("duplicates", sums["duplicates"])),
        ),
        Box(
            name="search_candidates",
            part="saved search",
            stage="screening",
            heading="Records to screen",
            count=len(candidates),
            details=(("screened", len(candidates) - waiting), ("waiting", waiting), *_beside_the_log(log, candidates)),
        ),
        Box(
            name="search_excluded",
            part="saved search",
            stage="screening",
            heading="Records excluded",
            count=int((decided == "exclude").sum()),
            details=tuple(sorted(reasons.items(), key=lambda entry: (-entry[1], entry[0]))),
        ),
        Box(
            name="search_unread",
            part="saved search",
            stage="screening",
            heading="Reports not retrieved",
            count=int((decided == "unread").sum()),
        ),
        Box(
            name="search_included",
            part="saved search",
            stage="included",
            heading="New publications to include",
            count=int((decided == "include").sum()),
        ),
    )
    if len(log):
        return boxes
    if len(candidates):
        unknown = {"search_identified", "search_removed"}
        return tuple(
            replace(box, count=None, details=(), missing=NOT_LOGGED) if box.name in unknown else box for box in boxes
        )
    return tuple(replace(box, count=None, details=(), missing=NOT_RUN) for box in boxes)


def _beside_the_log(log: pd.DataFrame, candidates: pd.DataFrame) -> tuple[tuple[str, int], ...]:
    """The candidates that no search of the log found, or the new records of the log that are none."""
    more = len(candidates) - int(log["new"].sum())
    if more > 0:
        return ((NOT_FROM_LOG, more),)
    return ((GONE, -more),) if more else ()


def _totals(dataset: Dataset, originally: int) -> Sequence[Box]:
    return (
        Box(
            name="total_included",
            part="total",
            stage="included",
            heading="Publications in the data",
            count=len(dataset.sources),
            details=(
                ("original collection", originally),
                ("saved search", len(dataset.sources) - originally),
                ("patients described", len(dataset.cases)),
            ),
        ),
    )


def _remarks(dataset: Dataset, originally: int) -> list[str]:
    """What does not add up between the tables, each in one sentence."""
    remarks = []
    candidates, log = dataset.candidates, dataset.search_log
    new = int(log["new"].sum())
    if new != len(candidates):
        remarks.append(
            f"The log of searches counts {new} new records, candidates.csv has {len(candidates)}: rows were added or "
            "removed by hand, or a run was interrupted."
        )
    included = int((candidates["decision"] == "include").sum())
    extracted = len(dataset.sources) - originally
    if included != extracted:
        remarks.append(
            f"{included} candidates are to be included; {extracted} publications of the data stem from the saved "
            "search. The difference has still to be extracted, or its decision to be written down."
        )
    bare = int(((candidates["decision"] == "exclude") & candidates["decision_reason"].isna()).sum())
    if bare:
        remarks.append(f"{bare} candidates were excluded without a reason; write it into decision_reason.")
    return remarks


def flow_frame(flow: Flow) -> pd.DataFrame:
    """The boxes and their details as a table: part, stage, box, records (as it is written in the box)."""
    rows = []
    for box in flow.boxes:
        rows.append((box.part, box.stage, box.heading, box.number.removeprefix("n = ")))
        rows += [(box.part, box.stage, f"{box.heading}: {name}", str(count)) for name, count in box.details]
    return pd.DataFrame(rows, columns=["part", "stage", "box", "records"])


def flow_table(flow: Flow) -> ReportTable:
    """The same for a reader."""
    return show_table(flow_frame(flow), caption="How many records went which way", row_header="box")


def flow_words(flow: Flow) -> ReportText:
    """What the diagram says, in sentences; what does not add up follows."""
    never = (
        "The saved search has not been run yet, so nothing stands on that side of the diagram."
        if flow.box("search_candidates").count is None
        else "The log holds no search, so nobody can tell how many records were identified before these candidates."
    )
    searched = (
        never
        if not flow.searches
        else f"The log holds {flow.searches} searches, one for each run and service. They found "
        f"{flow.box('search_identified').count} records, of which {flow.box('search_removed').count} were known or "
        "there twice."
    )
    original = flow.box("original_screened")
    collected = (
        "How many records the original collection identified, and how many duplicates it removed, was not recorded. "
        f"A note was kept of {original.count} records: {flow.box('original_included').count} publications included, "
        f"{flow.box('original_excluded').count} records excluded with a reason, and "
        f"{flow.box('original_unread').count} reports known but not read."
    )
    return show_text(collected, searched)


def flow_remarks(flow: Flow) -> ReportText:
    """What does not add up, or that everything does."""
    return show_list(*flow.remarks) if flow.remarks else show_text("All counts of the tables agree with one another.")


def check(flow: Flow) -> str:
    """Says that the boxes add up: what enters each is what leaves it.

    Raises:
        ExplainedError: they do not.
    """
    count = {box.name: box.count or 0 for box in flow.boxes}
    candidates = dict(flow.box("search_candidates").details)
    waiting = candidates.get("waiting", 0)
    sums = {
        "original_screened": count["original_excluded"] + count["original_unread"] + count["original_included"],
        "search_candidates": count["search_excluded"] + count["search_unread"] + count["search_included"] + waiting,
        "search_identified": sum(number for _, number in flow.box("search_identified").details),
        "search_removed": (
            count["search_identified"]
            - (count["search_candidates"] - candidates.get(NOT_FROM_LOG, 0) + candidates.get(GONE, 0))
        ),
    }
    for name, total in sums.items():
        if total != count[name]:
            raise ExplainedError(
                f"{flow.box(name).heading} ({flow.box(name).part}) are {count[name]}, but {total} leave or make up the "
                "box. Compare the tables in data/screening with one another."
            )
    return f"Complete: {len(flow.boxes)} boxes, and they add up."


def excluded_table(dataset: Dataset) -> ReportTable:
    """The records that were left out, with their reasons: of the original collection, then of the saved search."""
    original = dataset.excluded.reset_index()[["citekey", "title", "reason"]]
    chosen = dataset.candidates[dataset.candidates["decision"] == "exclude"].reset_index()
    later = chosen[["candidate_id", "title", "decision_reason"]].set_axis(original.columns, axis=1)
    frame = pd.concat([original, later], ignore_index=True) if len(later) else original
    return show_table(
        frame.set_index("citekey"),
        caption="Records that were left out, and why",
        headings={"citekey": "Record", "title": "Title", "reason": "Reason"},
    )
