"""What the form says, in HTML. Every text of the data or of the user is escaped."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kratom_evidence.adding.form_state import Assessment, still_to_answer, wrong_answers
from kratom_evidence.adding.questions import Question, QuestionGroup
from kratom_evidence.faults import ExplainedError, Fault, shorten
from kratom_evidence.presentation.inline import escape

if TYPE_CHECKING:
    from kratom_evidence.claims.changes import ClaimChange, ClaimChanges
    from kratom_evidence.curation.new_case_rows import Addition

# The colours are those of JupyterLab's theme, so that the form follows a dark one. Labels stand above their controls:
# that needs no width.
STYLE = """<style>
.ke-form { max-width: 52rem; }
.ke-form .jupyter-widgets { margin-left: 0; margin-right: 0; }
.ke-stacked.widget-inline-hbox { flex-direction: column; align-items: stretch; height: auto; width: auto; }
.ke-stacked > .widget-label { width: auto; text-align: left; height: auto; white-space: normal; font-weight: 600; }
.ke-stacked > input, .ke-stacked > select, .ke-stacked > textarea { width: 100%; max-width: 38rem; flex: 0 0 auto; }
.ke-field { margin: 0 0 0.7rem 0; overflow: visible; }
.ke-field .ke-help, .ke-form p { margin: 0.2rem 0; line-height: 1.35; max-width: 42rem; }
.ke-stacked > select { height: var(--jp-widgets-inline-height, 28px); }
.ke-fault { line-height: 1.35; max-width: 42rem; }
.ke-help { color: var(--jp-ui-font-color1); font-size: 0.92em; }
.ke-form .widget-html-content { height: auto; white-space: normal; overflow-wrap: anywhere; }
.ke-form .widget-html { height: auto; }
.ke-fault { color: var(--jp-error-color0, #b71c1c); }
.ke-fault::before { content: "✗ "; }
.ke-done::before { content: "✓ "; }
.ke-note { border-left: 4px solid var(--jp-warn-color1, #f57c00); padding-left: 0.6rem; }
.ke-section-title.jupyter-button { width: 100%; text-align: left; font-weight: 600; height: auto; min-height: 2.2rem;
  white-space: normal; padding: 0.4rem 0.6rem; }
.ke-section-body { padding: 0.4rem 0 0.4rem 0.8rem; border-left: 2px solid var(--jp-border-color1); }
.ke-chips { flex-flow: row wrap; }
.ke-chips .jupyter-button, .ke-actions .jupyter-button { width: auto; margin: 0 0.4rem 0.4rem 0; }
.ke-actions { flex-flow: row wrap; }
.ke-wide.jupyter-button { width: auto; align-self: flex-start; }
.ke-check.widget-checkbox { width: auto; height: auto; }
.ke-check.widget-checkbox label { white-space: normal; height: auto; }
.ke-row { flex-flow: row wrap; gap: 0 0.8rem; align-items: flex-end; border-bottom: 1px solid var(--jp-border-color2); }
.ke-row > .ke-stacked { flex: 1 1 10rem; min-width: 9rem; }
.ke-form li, .ke-form th, .ke-form td, .ke-form .ke-section-title.jupyter-button { line-height: 1.35; }
.ke-form table { border-collapse: collapse; }
.ke-form th, .ke-form td { text-align: left; padding: 0.1rem 0.8rem 0.1rem 0; vertical-align: top; }
.ke-radio.widget-radio > .widget-radio-box { display: flex; flex-flow: row wrap; gap: 0 1.2rem; width: auto; }
.ke-radio.widget-radio { display: flex; flex-direction: column; width: auto; height: auto; }
.ke-radio .widget-radio-box label { width: auto; max-width: none; height: auto; white-space: normal; margin: 0; }
</style>"""


def intro_html(data: Path, second_of: str | None) -> str:
    """What is being entered, and into which folder it is written."""
    what = "A new case" if second_of is None else f"The second extraction of {escape(second_of)}"
    blind = "" if second_of is None else " The first extraction is not shown, so that it cannot lead you."
    return (
        f"<h2>{what}</h2><p>It is written into <code>{escape(str(data))}</code>, and only when you choose Save.{blind} "
        "Write only what the publication says; leave everything else as not stated. "
        "Your answers are kept as a draft after each change.</p>"
    )


def help_html(question: Question, meaning: str = "") -> str:
    """The help of the codebook under a control, and what the chosen value means."""
    field = question.field
    must = " <strong>Must be answered.</strong>" if question.must_be_given else ""
    kind = "" if question.is_list or field.type == "string" else f" ({escape(question.kind())})"
    chosen = f"<br>{escape(meaning)}" if meaning else ""
    return f'<div class="ke-help">{escape(field.description)}{kind}{must}{chosen}</div>'


def fault_html(fault: Fault) -> str:
    """One fault in the words of `kratom-evidence validate`."""
    return f'<div class="ke-fault" role="alert">{_fault_words(fault)}</div>'


def _fault_words(fault: Fault) -> str:
    said = fault.value is not None and f"{fault.value!r}" in fault.why
    found = f" Found: “{escape(shorten(fault.value))}”." if fault.value and not said else ""
    near = f" Did you mean “{escape(shorten(fault.nearest))}”?" if fault.nearest else ""
    return f"{escape(fault.why)}{found} {escape(fault.mend)}{near}"


def panel_html(groups: Sequence[QuestionGroup], assessment: Assessment) -> str:
    """What is still wrong, with the section in which it can be mended."""
    group_of = {(q.part, q.name): group.title for group in groups for q in group.questions}
    missing = still_to_answer(groups, assessment)
    lines = [
        f"<strong>{escape(group_of[(question.part, question.name)])} › {escape(question.field.title)}</strong>: "
        f"{_fault_words(fault)}"
        for question, fault in wrong_answers(groups, assessment)
    ]
    lines += [f"<strong>{escape(fault.place())}</strong>: {_fault_words(fault)}" for fault in assessment.general]
    parts = ["<h3>What is still wrong</h3>"]
    if missing:
        names = "; ".join(f"{escape(group_of[(q.part, q.name)])} › {escape(q.field.title)}" for q in missing)
        parts.append(f"<p>Still to be answered: {names}.</p>")
    parts += [f'<p class="ke-fault">{line}</p>' for line in lines]
    if assessment.faultless:
        more = " The possible same patient must still be looked at." if assessment.undenied else ""
        parts.append(f'<p class="ke-done">Nothing: the answers pass every check.{more}</p>')
    return "".join(parts)


def cautions_html(assessment: Assessment) -> str:
    """What should be known before saving; empty when there is nothing."""
    sentences = [caution.sentence for caution in assessment.cautions] + list(assessment.similar.values())
    return notes_html(sentences)


def notes_html(sentences: Iterable[str]) -> str:
    """Sentences that are no faults."""
    return "".join(f'<p class="ke-note">Note: {escape(sentence)}</p>' for sentence in sentences)


def error_html(error: ExplainedError) -> str:
    """An explained error, one paragraph a line."""
    if error.faults:
        return f"<p>{escape(str(error).splitlines()[0])}</p>" + "".join(fault_html(fault) for fault in error.faults)
    return "".join(f'<p class="ke-fault">{escape(line)}</p>' for line in str(error).splitlines())


def unexpected_html(error: Exception, draft: str) -> str:
    """An error of the programs themselves, without a traceback."""
    what = escape(shorten(f"{type(error).__name__}: {error}", 300))
    return (
        f'<p class="ke-fault">The form met an error of its own ({what}). Nothing was written. Your answers are kept as '
        f"draft {escape(draft)}: run the notebook again, or go on in a terminal with: kratom-evidence add --resume</p>"
    )


def impact_html(made: "Addition", changes: "ClaimChanges") -> str:
    """The row that is added, and the statements that move with it."""
    moved = changes.verdicts_moved
    verdicts = "".join(f"<li>{_verdict_words(change)}</li>" for change in moved)
    numbers = "".join(f"<li>{_number_words(change)}</li>" for change in changes.only_numbers_moved)
    kept = f"No verdict moves; {changes.compared} statements were judged before and after."
    parts = [_row_html(made), "<h3>What moves</h3>", f"<ul>{verdicts}</ul>" if moved else f"<p>{kept}</p>"]
    if numbers:
        parts.append(f"<p>The numbers behind these statements change, and their verdicts stand:</p><ul>{numbers}</ul>")
    return "".join(parts)


def _row_html(made: "Addition") -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(text)}</td></tr>' for name, text in made.row.items()
    )
    files = ", ".join(f"data/{escape(path)}" for path in made.files)
    return f"<h3>What would be written: {escape(made.case_id)}</h3><p>Files: {files}.</p><table>{rows}</table>"


def _verdict_words(change: "ClaimChange") -> str:
    old, new = change.old, change.new
    if old is None or new is None:
        return escape(change.claim_id)
    return (
        f"<strong>{escape(change.claim_id)}</strong> “{escape(new.claim.statement)}”: from {escape(old.verdict.label)} "
        f"to <strong>{escape(new.verdict.label)}</strong>. {escape(new.summary)}"
    )


def _number_words(change: "ClaimChange") -> str:
    sentences = [
        f"{escape(test.old.outcome.sentence)}<br>→ {escape(test.new.outcome.sentence)}"
        for test in change.tests
        if test.old is not None and test.new is not None
    ]
    return f"<strong>{escape(change.claim_id)}</strong>: " + "<br>".join(sentences)


def saved_html(made: "Addition", *, second: bool) -> str:
    """What was written, and what is left to do."""
    files = [f"data/{path}" for path in made.files]
    steps = ["Look at the change, in a terminal (File › New › Terminal): <code>git diff</code>"]
    if second:
        steps.append("Compare the two extractions, and decide where they differ in data/extraction/adjudication.csv.")
    else:
        steps.append("See what moves: <code>kratom-evidence diff</code>")
        steps.append(
            "Give the data a new version in data/datapackage.json, and name the case and what it moves in "
            "data/CHANGELOG.md."
        )
        steps.append(
            "Run <code>make pin</code>, which names what else that entry must tell, then <code>make notebooks</code> "
            "and <code>make test</code>."
        )
    paths = escape(" ".join(files) if second else "data tests/reference notebooks")
    steps.append(f"Commit it: <code>git add {paths} &amp;&amp; git commit</code>")
    if not second:
        steps.append(
            "Have it extracted a second time by somebody who has not seen the row: "
            f"<code>kratom-evidence add --second {escape(made.case_id)}</code>"
        )
    remarks = notes_html(made.remarks)
    places = escape(" and ".join(files))
    listed = "".join(f"<li>{step}</li>" for step in steps)
    return (
        f'<h2 class="ke-done">Saved: {escape(made.case_id)}</h2><p>Written into {places}.</p>{remarks}'
        f"<h3>Still to do</h3><ol>{listed}</ol>"
    )
