"""Which regular expressions the codebook may use: those that no text can keep busy.

`(a+)+b` needs a second for 25 letters, a minute for 30 and an age for 50. A codebook is data, so it must not be able
to stop the program. Refused is what can make a match take more than a fixed number of passes over a text: repeating
what itself varies, and many repetitions in a row.
"""

import re

MOST_REPETITIONS = 3
# Three repetitions in a row may take the third power of this.
LONGEST_TEXT = 200
_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?:|\(\?|\{[0-9]*,?[0-9]*\}|.", re.DOTALL)
_ONCE = frozenset({"?", "{0,1}", "{,1}", "{1}", "{0}"})


def pattern_problem(pattern: str) -> str | None:
    """Why the codebook may not use the pattern, or None."""
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        return str(error)
    return _slow(_TOKEN.findall(pattern))


def _slow(tokens: list[str]) -> str | None:
    # For each open group, whether what it holds can match in more than one way. The first is the whole pattern.
    varying = [False]
    closed_varying = False
    repetitions = 0
    for token in tokens:
        if token == "(?":
            return "groups that begin with (? are not used, except (?:"
        if re.fullmatch(r"\\[1-9]", token):
            return "references to groups are not used"
        if token in {"(", "(?:"}:
            varying.append(False)
        elif token == ")":
            closed_varying = varying.pop()
            varying[-1] = varying[-1] or closed_varying
            continue
        elif token == "|":
            varying[-1] = True
        elif token in {"*", "+", "?"} or re.fullmatch(r"\{[0-9,]+\}", token):
            if closed_varying and token not in _ONCE:
                return f"{token} repeats a group in which something else varies"
            fixed = re.fullmatch(r"\{[0-9]+\}", token) is not None
            varying[-1] = varying[-1] or not fixed
            repetitions += not fixed and token not in _ONCE
        closed_varying = False
    return f"more than {MOST_REPETITIONS} repetitions" if repetitions > MOST_REPETITIONS else None
