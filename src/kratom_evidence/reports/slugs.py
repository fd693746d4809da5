"""File names of pages for subjects whose names hold spaces, brackets or anything else that a data file may contain."""

import re
from collections.abc import Iterable, Mapping

from kratom_evidence.faults import ExplainedError, shorten

_NOT_PLAIN = re.compile(r"[^a-z0-9]+")
# As long as a part of a page's file name may be (see jobs).
_LONGEST = 60


def slug(name: str) -> str:
    """The name in small letters a-z, digits and single hyphens: "opioid (unspecified)" is "opioid-unspecified".

    Raises:
        ExplainedError: nothing of the name is left.
    """
    plain = _NOT_PLAIN.sub("-", name.lower()).strip("-")[:_LONGEST].rstrip("-")
    if not plain:
        raise ExplainedError(
            f"The name {shorten(name)!r} has no letter a-z and no digit, so that no page can be named after it. "
            "Give it a name with some in vocabulary/substances.csv."
        )
    return plain


def slugs(names: Iterable[str]) -> Mapping[str, str]:
    """Name -> slug.

    Raises:
        ExplainedError: two names have one slug, so that one page would overwrite the other; or a name has none.
    """
    taken: dict[str, str] = {}
    for name in names:
        plain = slug(name)
        if taken.setdefault(plain, name) != name:
            raise ExplainedError(
                f"The names {shorten(taken[plain])!r} and {shorten(name)!r} would both have the page {plain}.html. "
                "Rename one of them in vocabulary/substances.csv."
            )
    return {name: plain for plain, name in taken.items()}
