"""The guided dialogue: publication, groups of questions, summary, preview, impact, writing. No terminal in here."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from kratom_evidence.adding.asking import KEYS, Console, LeaveDialogue, Step, ask_question, confirmed
from kratom_evidence.adding.citations import Finder, check_title, fetched_answers
from kratom_evidence.adding.draft import Draft
from kratom_evidence.adding.entry import CaseEntry
from kratom_evidence.adding.questions import Question, QuestionGroup
from kratom_evidence.adding.writing import Written
from kratom_evidence.curation.new_case import NewCase, standing
from kratom_evidence.curation.new_case_rows import Addition
from kratom_evidence.faults import ExplainedError, Fault, shorten

Outcome = Literal["written", "left"]


@dataclass(kw_only=True)
class Dialogue:
    """One dialogue about one new case.

    `save` is called after every answer; `impact` gives the text that shows what an addition moves. `result` holds what
    was written.
    """

    entry: CaseEntry
    console: Console
    finder: Finder
    draft: Draft
    save: Callable[[Draft], None]
    impact: Callable[[Addition], str]
    result: Written | None = None

    def run(self) -> Outcome:
        """Lead through the whole; "left" when the user wants to go on later."""
        second = self.entry.second_of
        self.console.say(f"{'Adding a case' if second is None else f'Second extraction of {second}'}.\n{KEYS}")
        try:
            if second is not None:
                self._ask(self.entry.groups)
                return self._finish()
            if not self.draft.reached:
                self._publication()
            self._check_publication()
            if not self.draft.new.same_publication:
                self._ask(self.entry.groups[:1])
                self._check_publication()
                self._check_title()
            self._ask(self.entry.groups[1:])
            return self._finish()
        except LeaveDialogue:
            return "left"

    def _keep(self, new: NewCase, reached: str | None = None) -> None:
        self.draft = replace(self.draft, new=new, reached=self.draft.reached if reached is None else reached)
        self.save(self.draft)

    def _publication(self) -> None:
        """The citation from a service, where there is an identifier and the service knows it."""
        new = self.draft.new
        given = new.citation.get("doi") or new.citation.get("pmid")
        while not new.citation.get("title"):
            typed = given or self.console.ask("DOI, PMID or PMCID (Enter: enter the citation by hand): ").strip()
            given = None
            if typed in {":quit", ":q"}:
                raise LeaveDialogue
            if not typed:
                self._keep(new)
                return
            try:
                found = fetched_answers(typed, self.finder)
            except ExplainedError as error:
                self.console.say(str(error))
                new = _with_identifier(new, typed)
                continue
            new = replace(new, citation={**found, **new.citation})
            self._keep(new)
            self.console.say("Found:\n" + _listed(self.entry.groups[:1], new))

    def _check_publication(self) -> None:
        """Say at once when the publication is known already."""
        place = standing(self.draft.new, self.entry.readings)
        if place.unread:
            names = ", ".join(known.citekey for known in place.unread)
            self.console.say(f"It was waiting to be read ({names}); it leaves that list when the case is written.")
        if not place.faults:
            return
        self.console.say(_faults_words(place.faults))
        if any(fault.code == "A104" and fault.column != "citekey" for fault in place.faults):
            if confirmed(self.console, "Is this a further patient of that publication?"):
                self._keep(replace(self.draft.new, same_publication=True))
                return
            raise LeaveDialogue
        if any(fault.code == "A105" and fault.column != "citekey" for fault in place.faults):
            raise LeaveDialogue

    def _check_title(self) -> None:
        check = check_title(self.draft.new.citation, self.finder)
        while check is not None:
            self.console.say(check.sentence)
            if check.state != "differs":
                return
            title = self.entry.groups[0].questions[[q.name for q in self.entry.groups[0].questions].index("title")]
            self.console.say("Correct the title here, or the identifier in the summary (Enter keeps it).")
            before = self.draft.new.citation.get("title", "")
            answer = ask_question(self.console, title, before, self._shown)
            if isinstance(answer, Step) or answer == before:
                return
            self._keep(self.draft.new.with_answer("citation", "title", answer))
            check = check_title(self.draft.new.citation, self.finder)

    def _ask(self, groups: Sequence[QuestionGroup]) -> None:
        """Ask the groups from the place that the draft had reached."""
        questions = [(group, question) for group in groups for question in group.questions]
        places = [_place(question) for _, question in questions]
        reached = self.draft.reached
        if reached == _END or (reached and reached not in places and groups[0].title == "Publication"):
            return
        position = places.index(reached) if reached in places else 0
        entered: str | None = None
        while position < len(questions):
            group, question = questions[position]
            self._keep(self.draft.new, reached=places[position])
            step = None if group.title == entered else self._enter(group)
            if step is None:
                entered = group.title
                step = self._one(question)
            if step is Step.BACK:
                position = max(0, position - 1)
                entered = questions[position][0].title
            elif step is Step.SKIP:
                position = self._skipped(questions, position)
            else:
                position += 1
        self._keep(self.draft.new, reached=_END if groups[-1] is self.entry.groups[-1] else "")

    def _enter(self, group: QuestionGroup) -> Step | None:
        """Announce a group; whether to go back or to skip it instead of asking it."""
        must = [question.field.title for question in group.questions if question.must_be_given]
        note = f" Must be answered: {', '.join(must)}." if must else ""
        self.console.say(f"\n== {group.title} ({len(group.questions)} questions).{note}")
        answered = any(self._answer(question) for question in group.questions)
        skip = "leave them as they are" if answered else "skip them as not stated"
        while True:
            typed = self.console.ask(f"Enter to answer them, s to {skip}, < to go back: ").strip().casefold()
            if typed in {":quit", ":q"}:
                raise LeaveDialogue
            if typed in {"s", "skip", ":skip"}:
                return Step.SKIP
            if typed == "<":
                return Step.BACK
            if not typed:
                return None
            if typed in {"?", ":show"}:
                self.console.say(KEYS if typed == "?" else self._shown())
            else:
                self.console.say("No question has been asked yet. Press Enter to come to the first, or type s, < or ?.")

    def _skipped(self, questions: Sequence[tuple[QuestionGroup, Question]], position: int) -> int:
        """Ask only what must be given in the rest of the group; the position after it."""
        group = questions[position][0]
        while position < len(questions) and questions[position][0] is group:
            question = questions[position][1]
            while question.must_be_given and not self._answer(question) and isinstance(self._one(question), Step):
                self.console.say(f"{question.field.title} must be given.")
            position += 1
        return position

    def _one(self, question: Question) -> Step | None:
        answer = ask_question(self.console, question, self._answer(question), self._shown)
        if isinstance(answer, Step):
            return answer
        self._keep(self.draft.new.with_answer(question.part, question.name, answer))
        return None

    def _answer(self, question: Question) -> str:
        answers = self.draft.new.citation if question.part == "citation" else self.draft.new.case
        return answers.get(question.name, "")

    def _shown(self) -> str:
        return _listed(self.entry.groups, self.draft.new) or "Nothing has been answered."

    def _finish(self) -> Outcome:
        """Summary, corrections, preview, warnings, impact, and the last word."""
        while True:
            self.console.say("\n== Summary\n" + self._shown())
            self._correct()
            made = self.entry.preview(self.draft.new)
            if made.faults:
                self.console.say(_faults_words(made.faults))
                continue
            if not self._warned(made):
                continue
            self.console.say("Judging the statements without and with the case …")
            self.console.say(self.impact(made))
            if not confirmed(self.console, f"Write {made.case_id}?"):
                continue
            try:
                self.result = self.entry.write(self.draft.new)
            except ExplainedError as error:
                self.console.say(str(error))
                continue
            return "written"

    def _correct(self) -> None:
        """Change answers by name until there is nothing to change."""
        known = {question.name: question for group in self.entry.groups for question in group.questions}
        while True:
            typed = self.console.ask("Name of a field to change it, Enter to go on: ").strip()
            if typed in {":quit", ":q"}:
                raise LeaveDialogue
            if not typed:
                return
            question = known.get(typed) or _by_title(known.values(), typed)
            if question is None:
                self.console.say("There is no such field. The names stand on the left of the summary; :quit leaves.")
                continue
            self._one(question)

    def _warned(self, made: Addition) -> bool:
        """Tell the warnings; whether to go on. A possible same patient must be denied."""
        for warning in self.entry.warnings_of(self.draft.new, made):
            self.console.say(f"Note: {warning.sentence}")
            if warning.must_confirm and not confirmed(self.console, "Have you compared them: is it another patient?"):
                self.console.say("The same patient is one row: correct that row, and :quit this dialogue.")
                return False
        if self.entry.same_patients(self.draft.new):
            self._keep(replace(self.draft.new, not_the_same_patient=True))
        return True


_END = "end"


def _with_identifier(new: NewCase, typed: str) -> NewCase:
    """The answers with a well-formed identifier that no service could be asked about."""
    from kratom_evidence.literature import inspect_identifier

    found = inspect_identifier(typed).identifier
    return new if found is None else new.with_answer("citation", found.kind, found.value)


def _place(question: Question) -> str:
    return f"{question.part}: {question.name}"


def _by_title(questions: Iterable[Question], typed: str) -> Question | None:
    return next((question for question in questions if question.field.title.casefold() == typed.casefold()), None)


def _listed(groups: Sequence[QuestionGroup], new: NewCase) -> str:
    lines = []
    for group in groups:
        for question in group.questions:
            answers = new.citation if question.part == "citation" else new.case
            if answers.get(question.name):
                lines.append(f"  {question.name:26} {shorten(answers[question.name], 400)}")
    return "\n".join(lines)


def _faults_words(faults: Sequence[Fault]) -> str:
    lines = []
    for fault in faults:
        where = f"{fault.column}: " if fault.column else ""
        found = f" Found: {shorten(fault.value)!r}." if fault.value else ""
        near = f" Did you mean {fault.nearest!r}?" if fault.nearest else ""
        lines.append(f"  {where}{fault.why}{found} {fault.mend}{near}")
    return "\n".join(lines)
