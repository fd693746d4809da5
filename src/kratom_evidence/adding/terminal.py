"""The console of the dialogue in a terminal, with completion (prompt_toolkit)."""

import shutil
import textwrap
from collections.abc import Iterable

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer
from prompt_toolkit.completion import Completion as TerminalCompletion
from prompt_toolkit.document import Document
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.keys import Keys
from prompt_toolkit.output import Output

from kratom_evidence.adding.completion import completions
from kratom_evidence.adding.questions import Question


class _QuestionCompleter(Completer):
    """Completes the names that the question at hand allows."""

    def __init__(self) -> None:
        self.question: Question | None = None

    def get_completions(
        self,
        document: Document,
        complete_event: CompleteEvent,  # noqa: ARG002
    ) -> Iterable[TerminalCompletion]:
        """The completions of the text before the cursor."""
        if self.question is None:
            return
        for completion in completions(self.question, document.text_before_cursor):
            yield TerminalCompletion(
                completion.value, start_position=-completion.length, display_meta=completion.meaning[:60]
            )


class Terminal:
    """Asks in the terminal. Input and output can be given by tests; the default is the terminal of the process."""

    def __init__(self, source: Input | None = None, target: Output | None = None) -> None:
        self._completer = _QuestionCompleter()
        keys = KeyBindings()
        # The mouse is not used, and prompt_toolkit ends in a traceback when a colour code is taken for its movement.
        keys.add(Keys.Vt100MouseEvent)(lambda event: None)  # noqa: ARG005
        self._session: PromptSession[str] = PromptSession(
            completer=self._completer, complete_while_typing=False, key_bindings=keys, input=source, output=target
        )

    def ask(self, prompt: str, question: Question | None = None) -> str:
        """The line that was typed."""
        self._completer.question = question
        return self._session.prompt(printable(prompt))

    def say(self, text: str) -> None:
        """Print the text, its lines broken between words where the terminal ends.

        What cannot be printed is shown as an escape, so that no data can steer the terminal.
        """
        width = shutil.get_terminal_size().columns
        print("\n".join(_broken(printable(line), width) for line in text.split("\n")), flush=True)


def _broken(line: str, width: int) -> str:
    """The line in as many as it needs, each indented as the first."""
    if len(line) <= width:
        return line
    indent = line[: len(line) - len(line.lstrip())]
    return textwrap.fill(
        line, width=max(width, 20), subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def printable(text: str) -> str:
    """The text with an escape for each character that cannot be printed."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
