"""Generated headings, paragraphs and the banner of a verdict."""

from dataclasses import dataclass

from kratom_evidence.presentation.inline import InlineText, VerdictBadge, clean_text, escape, inline_html, inline_plain
from kratom_evidence.presentation.outputs import HTML, PLAIN, MimeBundle


@dataclass(frozen=True, kw_only=True)
class ReportText:
    """Something to read, in both forms."""

    html: str
    plain: str

    def _repr_mimebundle_(self, **_: object) -> MimeBundle:
        return {HTML: self.html, PLAIN: self.plain}


def show_heading(text: str, *, level: int = 2) -> ReportText:
    """A computed heading of level 1 to 6; the heading of level 1 becomes the title of the page.

    Raises:
        ValueError: there is no such level.
    """
    if level not in range(1, 7):
        raise ValueError(f"A heading has level 1 to 6, not {level}.")
    return ReportText(html=f"<h{level}>{escape(text)}</h{level}>", plain=f"{'#' * level} {clean_text(text)}")


def show_text(*paragraphs: InlineText) -> ReportText:
    """Computed paragraphs. Each is a text, or a sequence of texts and links; everything is escaped."""
    return ReportText(
        html="\n".join(f"<p>{inline_html(paragraph)}</p>" for paragraph in paragraphs),
        plain="\n\n".join(inline_plain(paragraph) for paragraph in paragraphs),
    )


def show_list(*items: InlineText) -> ReportText:
    """A computed list; items as the paragraphs of `show_text`."""
    return ReportText(
        html=f"<ul>\n{''.join(f'<li>{inline_html(item)}</li>' + chr(10) for item in items)}</ul>" if items else "",
        plain="\n".join(f"- {inline_plain(item)}" for item in items),
    )


def verdict_banner(verdict: str, label: str, sentence: InlineText) -> ReportText:
    """The verdict in words and a symbol with the sentence that holds its deciding numbers; colour only repeats it."""
    badge = VerdictBadge(verdict=verdict, label=label)
    html = (
        f'<div class="verdict-banner {badge.css_class.removeprefix("verdict ")}">\n'
        f'<p class="verdict-label"><strong>Verdict: {badge.html()}</strong></p>\n'
        f"<p>{inline_html(sentence)}</p>\n</div>"
    )
    return ReportText(html=html, plain=f"Verdict: {badge.plain()}\n{inline_plain(sentence)}")
