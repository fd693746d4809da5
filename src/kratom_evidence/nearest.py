"""The allowed name that is closest to a mistyped one."""

from collections.abc import Iterable

# Below this similarity (0-100) a suggestion is more often wrong than helpful: "liver" for "fever" scores 60.
LEAST_SIMILARITY = 70.0
# Longer texts cannot be a mistyped name, and comparing them with every name would be slow.
LONGEST_NAME = 200


def nearest_name(text: str, allowed: Iterable[str]) -> str | None:
    """The entry of `allowed` most similar to `text`, or None when none is similar enough."""
    from rapidfuzz import fuzz, process, utils

    if not text or len(text) > LONGEST_NAME:
        return None
    # Sorted, so that of two that are as similar the same is named every time.
    options = sorted(allowed)
    match = process.extractOne(
        text, options, scorer=fuzz.ratio, processor=utils.default_process, score_cutoff=LEAST_SIMILARITY
    )
    return None if match is None else str(match[0])
