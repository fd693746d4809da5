"""What a page says in its head of what it was made from. So an interrupted run goes on where it stopped."""

import re

# The name of the meta element with the fingerprint of the data that the page reads.
DATA_META = "kratom-evidence-data"
# That with the hash over all that the page is made from.
INPUT_META = "kratom-evidence-input"
# The marks stand in the head, before the style.
_READ = 4000
_INPUT = re.compile(rf'<meta name="{INPUT_META}" content="([0-9a-f]{{64}})">'.encode())


def input_mark(page: bytes) -> str | None:
    """The hash over all that a page was made from, as the page itself tells it; None when it tells none."""
    found = _INPUT.search(page[:_READ])
    return found[1].decode() if found else None


def is_whole(page: bytes) -> bool:
    """Whether the page ends as pages do."""
    return page.rstrip().endswith(b"</html>")
