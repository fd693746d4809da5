"""The commented YAML template of a case, made from the codebook."""

import json
import textwrap
from collections.abc import Iterator

from kratom_evidence.adding.questions import Question, QuestionGroup
from kratom_evidence.curation.new_case import NewCase

_WIDTH = 100
_MOST_LISTED = 40
_HEAD = """\
A case report for kratom-evidence. Fill it in, then: kratom-evidence add --from case.yaml --dry-run
Write only what the publication says. Every value is read as the text that you write.
What a value can say:
  (empty)   the publication, or the part that was read, does not say. The field may also be removed.
  none      in a list: the publication says that there were none.
  a list    first; second; third, or a YAML list with one "- entry" a line.
A text with a colon, a # or brackets needs quotation marks, such as
  co_exposures: "venlafaxine [prescribed, concurrent: 150 mg/day]; ethanol [reported, past]\""""

_SWITCHES = (
    ("same_publication", "yes: a further patient of a publication that is included; give its citekey, DOI or PMID."),
    ("not_the_same_patient", "yes: the similar cases that add named were looked at and are other patients."),
)


def template_text(groups: tuple[QuestionGroup, ...], new: NewCase | None = None) -> str:
    """The template, with the answers that are given filled in."""
    answers = new or NewCase()
    lines = list(_comment(_HEAD, ""))
    second = all(question.part == "case" for group in groups for question in group.questions)
    for switch, words in () if second else _SWITCHES:
        lines += ["", *_comment(words, ""), f"{switch}: {'yes' if getattr(answers, switch) else 'no'}"]
    part = ""
    for group in groups:
        for question in group.questions:
            if question.part != part:
                part = question.part
                lines += ["", f"{part}:"]
            if question is group.questions[0]:
                lines += ["", *_comment(f"---- {group.title} ----", "  ")]
            lines += ["", *_about(question), _line(question, getattr(answers, part).get(question.name, ""))]
    return "\n".join(lines) + "\n"


def _about(question: Question) -> Iterator[str]:
    must = " Must be given." if question.must_be_given else ""
    default = f" When empty: {question.default}." if question.default else ""
    none = " none: there were none." if question.can_be_none else ""
    yield from _comment(f"{question.field.description}{must}", "  ")
    yield from _comment(f"({question.kind()}.{none}{default})", "  ")
    if 0 < len(question.choices) <= _MOST_LISTED:
        width = max(len(choice.value) for choice in question.choices)
        for choice in question.choices:
            label = f"  {choice.label}" if choice.label else ""
            yield f"  #     {choice.value:{width}}{label}".rstrip()
    elif question.vocabulary is not None:
        yield from _comment(f"Allowed: the {len(question.choices)} names in data/{question.vocabulary.place}.", "  ")
    for part, categories in question.field.item_categories.items():
        yield from _comment(f"{part}: {', '.join(category.value for category in categories)}", "  ")


def _comment(text: str, indent: str) -> Iterator[str]:
    for line in text.splitlines():
        spaces = " " * (len(line) - len(line.lstrip()))
        for wrapped in textwrap.wrap(line.strip(), _WIDTH, break_long_words=False, break_on_hyphens=False) or [""]:
            yield f"{indent}# {spaces}{wrapped}".rstrip()


def _line(question: Question, answer: str) -> str:
    value = f" {json.dumps(answer, ensure_ascii=False)}" if answer else ""
    return f"  {question.name}:{value}"
