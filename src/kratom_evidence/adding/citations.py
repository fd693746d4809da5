"""The citation from a service, and whether a title typed by hand is that of the DOI or PMID beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from kratom_evidence.curation.new_publication import citation_answers
from kratom_evidence.faults import ExplainedError, Fault, shorten

if TYPE_CHECKING:
    from kratom_evidence.literature import Citation


class Finder(Protocol):
    """What is needed of a look-up."""

    def find(self, text: str) -> "Citation":
        """The publication with that identifier; ExplainedError when it cannot be found."""


@dataclass(frozen=True, kw_only=True)
class TitleCheck:
    """Whether the title fits the identifier, in a sentence. `not_checked` is no approval."""

    state: Literal["fits", "differs", "not_checked"]
    sentence: str
    found: str | None = None


def default_finder(*, contact: str | None = None, offline: bool = False) -> Finder:
    """The services, asked with little patience: somebody is waiting. Offline, only the cache is asked."""
    from kratom_evidence.literature.http import Limits
    from kratom_evidence.literature.look_up import LookUp, access_from_environment
    from kratom_evidence.literature.services import services

    limits = Limits(timeout=8.0, whole_answer=20.0, attempts=2, longest_pause=3.0)
    access = access_from_environment(contact=contact, offline=offline, limits=limits)
    return LookUp(services=services(access))


def fetched_answers(identifier: str, finder: Finder) -> dict[str, str]:
    """The answers about the publication that a service gives for a DOI, PMID or PMCID.

    Raises:
        ExplainedError: it cannot be found, or the service cannot be asked.
    """
    found = finder.find(identifier)
    return citation_answers(found.csl("new"))


def check_title(citation: Mapping[str, str], finder: Finder) -> TitleCheck | None:
    """Whether the title is that of the publication with this DOI, PMID or PMCID; None without an identifier."""
    identifier = next((citation[name] for name in ("doi", "pmid", "pmcid") if citation.get(name)), None)
    title = citation.get("title")
    if identifier is None or not title:
        return None
    from kratom_evidence.literature.citation import title_agrees

    try:
        found = finder.find(identifier).title
    except ExplainedError as error:
        reason = str(error).splitlines()[0]
        return TitleCheck(
            state="not_checked", sentence=f"Whether the title fits {identifier} was not checked. {reason}"
        )
    if not found:
        sentence = f"Whether the title fits {identifier} was not checked: the service gives no title."
        return TitleCheck(state="not_checked", sentence=sentence)
    if title_agrees(title, found):
        return TitleCheck(state="fits", sentence=f"The title fits {identifier}.", found=found)
    sentence = f"{identifier} is the publication “{shorten(found, 200)}”, which is not the title given."
    return TitleCheck(state="differs", sentence=sentence, found=found)


def title_fault(check: TitleCheck, citation: Mapping[str, str]) -> Fault:
    """The fault of a title that belongs to another publication."""
    return Fault(
        code="A108",
        file="citation",
        column="title",
        value=citation.get("title"),
        why=check.sentence,
        mend="Correct the title or the identifier.",
        nearest=check.found,
    )
