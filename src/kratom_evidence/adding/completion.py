"""What can be completed in an answer that is being typed. Knows nothing of terminals."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kratom_evidence.adding.questions import Choice, Question

_MOST = 40


@dataclass(frozen=True, kw_only=True)
class Completion:
    """A value that could stand where the typed part begins: `length` characters before the cursor are replaced."""

    value: str
    length: int
    meaning: str = ""


def completions(question: Question, before: str) -> tuple[Completion, ...]:
    """The values that fit the text before the cursor, those that begin with it first."""
    typed = before
    choices: Sequence[Choice] = question.choices
    if question.is_list:
        typed = _last_entry(before)
        if question.field.item_form == "co_exposure" and "[" in typed:
            return _inside_brackets(question, typed.partition("[")[2])
    typed = typed.lstrip()
    return _fitting(choices, typed) if choices else ()


def _last_entry(text: str) -> str:
    """The entry being typed; a semicolon inside brackets separates nothing."""
    start, depth = 0, 0
    for position, letter in enumerate(text):
        depth += (letter == "[") - (letter == "]")
        if letter == ";" and depth <= 0:
            start = position + 1
    return text[start:]


def _inside_brackets(question: Question, inside: str) -> tuple[Completion, ...]:
    """Evidence before the comma, timing after it; nothing in the free text behind the colon."""
    if ":" in inside or "]" in inside:
        return ()
    part = "timing" if "," in inside else "evidence"
    categories = question.field.item_categories.get(part, ())
    typed = inside.rpartition(",")[2].lstrip()
    return _fitting([Choice(value=category.value, label=category.label) for category in categories], typed)


def _fitting(choices: Iterable[Choice], typed: str) -> tuple[Completion, ...]:
    text = typed.casefold()
    ranked = sorted(
        ((rank, choice.value, meaning) for choice in choices for rank, meaning in (_rank(choice, text),) if rank < 4),
    )
    return tuple(Completion(value=value, length=len(typed), meaning=meaning) for _, value, meaning in ranked[:_MOST])


def _rank(choice: Choice, text: str) -> tuple[int, str]:
    """How well a choice fits: 0 begins so, 1 a word of it does, 2 another spelling, 3 holds it somewhere, 4 not."""
    value, label = choice.value.casefold(), choice.label.casefold()
    if value.startswith(text):
        return 0, choice.label
    if any(word.startswith(text) for word in (*value.replace("_", " ").split(), *label.split())):
        return 1, choice.label
    other = next((synonym for synonym in choice.synonyms if synonym.casefold().startswith(text)), None)
    if other is not None:
        return 2, other
    return (3, choice.label) if len(text) > 2 and text in value else (4, "")
