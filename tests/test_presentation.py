"""What the presentation room promises: nothing shown can act, nothing missing looks like an absence, all has a text."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font
from matplotlib.patches import Rectangle

from kratom_evidence.presentation import (
    SERIES,
    SEROTONERGIC_GRADES,
    STATES,
    Link,
    VerdictBadge,
    figure_style,
    linked_text,
    overlaid,
    rounded,
    show_figure,
    show_heading,
    show_list,
    show_table,
    show_text,
    verdict_banner,
)
from kratom_evidence.presentation import drawn as svg_of
from kratom_evidence.presentation.cells import cell
from kratom_evidence.presentation.figures import compact_svg
from kratom_evidence.presentation.inline import is_safe_href
from kratom_evidence.presentation.outputs import HTML, PLAIN, SVG

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> & &lt;b&gt;"


class Reading(HTMLParser):
    """What a browser would make of a piece of HTML: its tags with attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    @property
    def names(self) -> set[str]:
        return {tag for tag, _ in self.tags}


def html_of(shown: Any) -> str:
    return str(shown._repr_mimebundle_()[HTML])


def plain_of(shown: Any) -> str:
    return str(shown._repr_mimebundle_()[PLAIN])


# --- nothing that the data hold can act in a page


def test_hostile_text_in_every_place_of_a_table_is_only_text() -> None:
    frame = pd.DataFrame({"name": [HOSTILE], HOSTILE: [(HOSTILE, HOSTILE)]})
    reading = Reading(html_of(show_table(frame, caption=HOSTILE, headings={"name": HOSTILE}, row_header="name")))
    assert reading.names <= {"div", "table", "caption", "thead", "tbody", "tr", "th", "td"}
    assert reading.text.count("<script>alert(1)</script>") == 6
    assert all(not name.startswith("on") for _, attributes in reading.tags for name in attributes)


@pytest.mark.parametrize(
    "shown",
    [
        show_text(HOSTILE),
        show_list(HOSTILE),
        show_heading(HOSTILE),
        verdict_banner("contradicted", HOSTILE, HOSTILE),
        verdict_banner('x" onmouseover="alert(1)', "Label", "Sentence"),
        show_text([HOSTILE, Link(text=HOSTILE, href="https://doi.org/10.1/x")]),
    ],
)
def test_hostile_text_in_prose_is_only_text(shown: Any) -> None:
    reading = Reading(html_of(shown))
    assert reading.names <= {"p", "ul", "li", "h2", "div", "strong", "span", "a"}
    assert all(set(attributes) <= {"class", "href", "aria-hidden"} for _, attributes in reading.tags)


@given(st.text())
def test_any_text_comes_out_as_it_went_in(text: str) -> None:
    visible = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]", "\ufffd", text)
    html = html_of(show_text(text))
    assert Reading(html).text == visible
    html.encode("utf-8")


@pytest.mark.parametrize(
    "href",
    [
        "https://doi.org/10.1093/qjmed/hcg109",
        "https://doi.org/10.1016/S0140-6736(02)11111-X",
        "http://example.org/a?b=c&d=e",
        "#C13",
        "C13.html",
        "../index.html",
        "claims/C13--ss_definition=hunter.html#limits",
    ],
)
def test_links_to_papers_and_to_the_site_stay_links(href: str) -> None:
    [(tag, attributes)] = Reading(Link(text="read", href=href).html()).tags
    assert (tag, attributes) == ("a", {"href": href})


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,<script>",
        "vbscript:x",
        "file:///etc/passwd",
        "//example.org/x",
        "/etc/passwd.html",
        "https://",
        "https://exa mple.org",
        'https://example.org/"onclick="x',
        "http://[::1",
        "",
        "..%2f..html",
        "../../x.txt",
    ],
)
def test_other_links_are_shown_as_their_text(href: str) -> None:
    assert not is_safe_href(href)
    assert Link(text="read", href=href).html() == "read"


def test_a_text_is_a_link_only_where_an_address_is_known() -> None:
    assert linked_text("read", "https://doi.org/10.1/x") == Link(text="read", href="https://doi.org/10.1/x")
    assert [linked_text("read", missing) for missing in (None, float("nan"), pd.NA)] == ["read"] * 3


# --- what the cells say


@pytest.mark.parametrize("missing", [None, float("nan"), np.nan, pd.NA, pd.NaT])
def test_every_kind_of_missing_reads_not_stated(missing: Any) -> None:
    shown = cell(missing, form=".1f")
    assert shown.plain == "not stated"
    assert Reading(shown.html).text == "not stated"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ((), "none"),
        (("tremor", "clonus"), "tremor; clonus"),
        (("tremor", None), "tremor; not stated"),
        (frozenset({"b", "a"}), "a; b"),
        (True, "yes"),
        (np.False_, "no"),
        (np.int64(2008), "2008"),
        (0, "0"),
        ("", ""),
        (Link(text="Brooks 2023", href="https://doi.org/10.1/x"), "Brooks 2023"),
        (VerdictBadge(verdict="supported", label="Supported"), "✓ Supported"),
        ("two\n lines", "two lines"),
    ],
)
def test_values_in_words(value: Any, written: str) -> None:
    assert cell(value).plain == written


def test_absent_none_and_not_stated_stay_three_things() -> None:
    assert len({cell(value).plain for value in (False, (), None)}) == 3


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (38.24, "38.2"),
        (3.0, "3"),
        (0.04567, "0.0457"),
        (1234.5678, "1235"),
        (999.96, "1000"),
        (-0.5, "-0.5"),
        (float("inf"), "infinite"),
    ],
)
def test_floats_are_rounded_to_what_can_be_read(value: float, written: str) -> None:
    assert rounded(value) == written


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_rounding_keeps_three_significant_digits(value: float) -> None:
    assert float(rounded(value)) == pytest.approx(value, rel=5.1e-3)


def test_formats_apply_to_their_column_and_leave_the_missing_alone() -> None:
    frame = pd.DataFrame({"share": [0.123, None], "dose": [(1.0, 2.0), ()]})
    table = show_table(frame, caption="c", formats={"share": ".0%", "dose": lambda value: f"{value:.1f} g"})
    assert [[entry.plain for entry in column.cells] for column in table.columns] == [
        ["12%", "not stated"],
        ["1.0 g; 2.0 g", "none"],
    ]


# --- the form of a table


def element(shown: Any) -> Any:
    return ElementTree.fromstring(html_of(shown))


def test_a_table_has_caption_and_headings_that_belong_to_their_cells() -> None:
    frame = pd.DataFrame({"age": [20, 63]}, index=pd.Index(["a", "b"], name="case_id"))
    table = element(show_table(frame, caption="Cases", headings={"age": "Age (years)", "unused": "x"}))
    assert table.tag == "table"
    assert table.findtext("caption") == "Cases"
    assert [(th.text, th.get("scope")) for th in table.iterfind("thead/tr/th")] == [
        ("Case id", "col"),
        ("Age (years)", "col"),
    ]
    assert [(th.text, th.get("scope")) for th in table.iterfind("tbody/tr/th")] == [("a", "row"), ("b", "row")]


def test_only_a_wide_table_gets_a_region_to_scroll() -> None:
    narrow = pd.DataFrame({"a": [1], "b": [2]})
    wide = pd.DataFrame({f"column_{number}": ["a rather long text"] for number in range(6)})
    assert element(show_table(narrow, caption="c")).tag == "table"
    region = element(show_table(wide, caption="Six columns"))
    assert (region.tag, region.get("role"), region.get("tabindex"), region.get("aria-label")) == (
        "div",
        "region",
        "0",
        "Six columns",
    )


def test_an_empty_table_says_so() -> None:
    table = show_table(pd.DataFrame({"a": [], "b": []}), caption="c", empty="No such case.")
    assert [(td.text, td.get("colspan")) for td in element(table).iterfind("tbody/tr/td")] == [("No such case.", "2")]
    assert "No such case." in plain_of(table)


def test_plain_text_is_aligned() -> None:
    frame = pd.DataFrame({"drug": ["venlafaxine", "LSD"], "cases": pd.array([3, None], dtype="Int64")})
    assert plain_of(show_table(frame, caption="Drugs")).splitlines() == [
        "Drugs",
        "",
        "Drug              Cases",
        "-----------  ----------",
        "venlafaxine           3",
        "LSD          not stated",
    ]


def test_equal_column_names_do_not_hide_each_other() -> None:
    frame = pd.DataFrame([[1, 2]], columns=["a", "a"])
    assert [column.cells[0].plain for column in show_table(frame, caption="c").columns] == ["1", "2"]


@pytest.mark.parametrize("wrong", [{"row_header": "caseid"}, {"formats": {"aeg": ".1f"}}])
def test_a_column_that_does_not_exist_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="has no column"):
        show_table(pd.DataFrame({"age": [1]}), caption="c", **wrong)


def test_several_levels_of_columns_are_refused() -> None:
    with pytest.raises(ValueError, match="levels"):
        show_table(pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", "b")])), caption="c")


# --- figures

DRAW = """
import sys, matplotlib
matplotlib.use("agg")
import matplotlib.pyplot as plt
from kratom_evidence.presentation import SERIES, figure_style, show_figure
with figure_style():
    figure, axes = plt.subplots()
    axes.barh(["a", "b"], [1, 2], **SERIES[1].fill)
    axes.set_title("Two bars")
sys.stdout.write(show_figure(figure, alt="Two bars.", caption="Bars.").svg)
"""


def drawn(**keywords: Any) -> Any:
    with figure_style():
        figure, axes = plt.subplots()
        axes.bar(["a"], [1], label="text")
    return show_figure(figure, **{"alt": "One bar.", "caption": "A bar.", **keywords})


def test_equal_figures_are_equal_to_the_byte_in_two_processes() -> None:
    first, second = (subprocess.run([sys.executable, "-c", DRAW], capture_output=True, check=True) for _ in "ab")
    assert first.stdout == second.stdout
    assert first.stdout.startswith(b"<svg")


def test_a_figure_needs_no_font_no_network_and_is_well_formed() -> None:
    svg = ElementTree.fromstring(drawn().svg)
    names = {node.tag.rpartition("}")[2] for node in svg.iter()}
    assert "path" in names
    assert not names & {"text", "script", "metadata", "image"}
    assert b"date" not in ElementTree.tostring(svg).lower()


def test_a_compacted_drawing_stays_well_formed_and_keeps_what_is_drawn() -> None:
    bare = (
        '<g id="a"><g/><g id="b"/><g style="fill: #fff; stroke: none"><g clip-path="url(#c)"/><path d="M 1 2"/></g></g>'
    )
    made = compact_svg(f'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg">{bare}</svg>')
    root = ElementTree.fromstring(made)
    tags = [(node.tag.rpartition("}")[2], dict(node.attrib)) for node in root.iter()]
    assert tags == [
        ("svg", {}),
        ("g", {"style": "fill:#fff;stroke:none"}),
        ("g", {"clip-path": "url(#c)"}),
        ("path", {"d": "M1 2"}),
    ]


@pytest.mark.parametrize("text", ["$5 to $10", r"$\href{javascript:x}{y}$", r"\$1$2", "$", "$$"])
def test_a_dollar_sign_in_a_label_is_drawn_and_begins_no_formula(text: str) -> None:
    with figure_style():
        figure, axes = plt.subplots()
        axes.set(yticks=[0], yticklabels=[text], xticks=[])
    glyphs = re.findall(r'<use href="#g([0-9a-f]+)"', show_figure(figure, alt="A label.", caption="A label.").svg)
    font = get_font(findfont("DejaVu Sans"))
    assert [int(glyph, 16) for glyph in glyphs] == [font.get_char_index(ord(letter)) for letter in text]


def test_letters_that_the_font_lacks_are_boxes_and_warn_of_nothing() -> None:
    """A warning would stand on the page, with a path of the machine in it."""
    with figure_style():
        figure, axes = plt.subplots()
        axes.set(yticks=[0], yticklabels=["北京"], xticks=[])
    shown = show_figure(figure, alt="A label.", caption="A label.", data=pd.DataFrame({"place": ["北京"]}))
    assert len(re.findall(r'<use href="#LastResort', shown.svg)) == 2
    assert "北京" in shown.explanation()[0]["text/html"]


def test_a_figure_carries_its_texts_and_its_data() -> None:
    figure = drawn(alt=HOSTILE, caption=HOSTILE, data=pd.DataFrame({"drug": ["x"], "cases": [4]}))
    (first, first_metadata), (second, second_metadata) = figure.drawing(), figure.explanation()
    assert set(first) == {SVG, PLAIN}
    assert first_metadata["kratom_evidence"] == {"alt": HOSTILE, "caption": HOSTILE}
    assert second_metadata["kratom_evidence"] == {"part": "figure_caption"}
    reading = Reading(second[HTML])
    assert not reading.names & {"script", "img"}
    assert {"details", "summary", "table"} <= reading.names
    assert "4" in second[PLAIN]


def test_a_shown_figure_is_closed() -> None:
    before = plt.get_fignums()
    drawn()
    assert plt.get_fignums() == before


@pytest.mark.parametrize("lacking", ["alt", "caption"])
def test_a_figure_without_its_texts_is_refused(lacking: str) -> None:
    with pytest.raises(ValueError, match="alternative text and a caption"):
        drawn(**{lacking: "  "})


def test_the_style_wins_over_the_readers_settings_and_leaves_them_alone() -> None:
    with mpl.rc_context({"font.size": 40, "axes.grid": True}):
        with figure_style():
            assert mpl.rcParams["font.size"] < 12
            assert not mpl.rcParams["axes.grid"]
        assert mpl.rcParams["font.size"] == 40


# --- colours


def relative_luminance(colour: str) -> float:
    """WCAG 2.2, definition of relative luminance."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("styles", [SERIES, tuple(SEROTONERGIC_GRADES.values()), tuple(set(STATES.values()))])
def test_in_grey_print_each_pair_differs_by_pattern_or_lightness(styles: Any) -> None:
    for number, one in enumerate(styles):
        for other in styles[number + 1 :]:
            lightness = abs(relative_luminance(one.colour) - relative_luminance(other.colour))
            assert one.hatch != other.hatch or lightness > 0.15, (one, other)


def test_silence_is_drawn_empty() -> None:
    assert {STATES[state].colour for state in ("not_stated", "undetermined")} == {"#FFFFFF"}


def test_drawings_that_are_laid_over_each_other_hold_the_shapes_of_both() -> None:
    def bar(number: int, width: float = 4.0) -> str:
        figure = Figure(figsize=(width, 3.0))
        figure.patch.set_visible(False)
        figure.add_artist(Rectangle((0.1 * number, 0.1), 0.05, 0.05, color=SERIES[number].colour))
        return svg_of(figure)

    both = overlaid(bar(1), bar(2))
    fills = [
        element.get("style", "") for element in ElementTree.fromstring(both).iter() if element.tag.endswith("path")
    ]
    assert [SERIES[number].colour.lower() in style for number, style in zip((1, 2), fills, strict=True)] == [True, True]
    assert show_figure(both, alt="Two bars.", caption="Bars").svg == both
    with pytest.raises(ValueError, match="same size"):
        overlaid(bar(1), bar(2, width=5.0))
