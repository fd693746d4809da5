"""Asking one question until the answer is sound. Input and output go through a `Console`, so that tests need none."""

from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

from kratom_evidence.adding.questions import Question, mended
from kratom_evidence.codebook import CellProblem
from kratom_evidence.codebook.values import NONE_WORD

_MOST_CHOICES_SHOWN = 15
_MISSING = "C101"
KEYS = """\
Enter   not stated (or keep the answer in square brackets)
none    in a list: the publication says that there were none
-       take an answer away
?       help on the question
<       back to the question before
:skip   the rest of this group is not stated
:show   all answers so far
:quit   leave; the answers are kept
Tab completes names."""


class Console(Protocol):
    """Where questions are asked and sentences are said."""

    def ask(self, prompt: str, question: Question | None = None) -> str:
        """The line that was typed; EOFError or KeyboardInterrupt when the user leaves."""

    def say(self, text: str) -> None:
        """Show a text."""


class Step(StrEnum):
    """What is wanted instead of an answer."""

    BACK = "<"
    SKIP = ":skip"


class LeaveDialogue(Exception):
    """The user wants to leave; the answers are kept."""


def ask_question(console: Console, question: Question, current: str, show: Callable[[], str]) -> str | Step:
    """A sound answer (empty: not stated), or what is wanted instead. `show` gives all answers so far."""
    offer: str | None = None
    prompt = _prompt(question, current)
    if 0 < len(question.choices) <= _MOST_CHOICES_SHOWN:
        console.say(f"  ({', '.join(choice.value for choice in question.choices)})")
    while True:
        typed = console.ask(prompt, question).strip()
        if typed in {Step.BACK, Step.SKIP}:
            return Step(typed)
        if _aside(console, question, typed, show, offer):
            continue
        text = _meant(typed, current, offer)
        if not text and question.can_be_none and typed != "-":
            settled = _none_or_silent(console, question)
            if settled is Step.BACK:
                continue
            if settled is Step.SKIP:
                return Step.SKIP
            text = str(settled)
        problems = question.problems(text)
        if not problems:
            return text
        offer = mended(question, text)
        console.say("\n".join(_problem_words(problem) for problem in problems))
        if offer is not None:
            console.say(f"Type = to take over: {offer}")


def _prompt(question: Question, current: str) -> str:
    """The title with the unit, a star where an answer is needed, and what Enter would keep."""
    shown = f" [{current}]" if current else f" [{question.default}]" if question.default else ""
    star = " *" if question.must_be_given else ""
    unit = f" ({question.field.unit})" if question.field.unit else ""
    return f"{question.field.title}{unit}{star}{shown}: "


def _aside(console: Console, question: Question, typed: str, show: Callable[[], str], offer: str | None) -> bool:
    """Whether the line was a request that leaves the question open; it is answered then."""
    if typed in {":quit", ":q"}:
        raise LeaveDialogue
    if typed == "?":
        console.say(help_text(question))
    elif typed == ":show":
        console.say(show())
    elif typed == "=" and offer is None:
        console.say("There is nothing to take over with =.")
    elif typed.startswith(":"):
        console.say(f"There is no command {typed[:20]}.\n{KEYS}")
    else:
        return False
    return True


def _meant(typed: str, current: str, offer: str | None) -> str:
    if typed == "=" and offer is not None:
        return offer
    if typed == "-":
        return ""
    return typed or current


def _none_or_silent(console: Console, question: Question) -> str | Step:
    """Asked explicitly, because silence is not absence."""
    while True:
        typed = console.ask("  Does it say there were none? Type none; Enter if it does not say: ").strip().casefold()
        if typed in {":quit", ":q"}:
            raise LeaveDialogue
        if typed in {Step.BACK, Step.SKIP}:
            return Step(typed)
        if typed in {"", NONE_WORD}:
            return typed
        if typed == "?":
            console.say(help_text(question))
        else:
            console.say("  Only none, or Enter, is an answer here. To enter something else, go back with <.")


def confirmed(console: Console, prompt: str) -> bool:
    """A yes or a no; never assumed."""
    while True:
        typed = console.ask(f"{prompt} (yes/no): ").strip().casefold()
        if typed in {":quit", ":q"}:
            raise LeaveDialogue
        if typed in {"y", "yes", "n", "no"}:
            return typed.startswith("y")
        console.say("Please answer yes or no, or :quit to leave.")


def help_text(question: Question) -> str:
    """All that the codebook says about the question."""
    lines = [question.field.description, f"An answer is: {question.kind()}."]
    if question.can_be_none:
        lines.append("none: the publication says that there were none. Enter: it does not say.")
    if len(question.choices) > _MOST_CHOICES_SHOWN and question.vocabulary is not None:
        lines.append(f"{len(question.choices)} names in data/{question.vocabulary.place}; type a part and press Tab.")
    else:
        lines += [f"  {choice.value}  {choice.label}".rstrip() for choice in question.choices]
    for part, categories in question.field.item_categories.items():
        lines.append(f"{part}:")
        lines += [f"  {category.value}  {category.label}".rstrip() for category in categories]
    return "\n".join(lines)


def _problem_words(problem: CellProblem) -> str:
    if problem.code == _MISSING:
        return "  This must be answered. ? explains the question; :quit keeps the answers so far."
    near = f" Did you mean {problem.nearest!r}?" if problem.nearest else ""
    return f"  {problem.why} {problem.mend}{near}"
