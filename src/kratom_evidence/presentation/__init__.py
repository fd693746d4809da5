"""How results are shown in notebooks and pages: tables, figures, generated prose. Everything shown is escaped.

Each function returns an object that a notebook shows when it is the last expression of a cell, or with `display`.
"""

from kratom_evidence.presentation.cells import NOT_STATED, rounded
from kratom_evidence.presentation.figures import ReportFigure, drawn, overlaid, show_figure
from kratom_evidence.presentation.inline import Link, VerdictBadge, linked_text
from kratom_evidence.presentation.palette import SERIES, SEROTONERGIC_GRADES, STATES, SeriesStyle, figure_style
from kratom_evidence.presentation.prose import ReportText, show_heading, show_list, show_text, verdict_banner
from kratom_evidence.presentation.tables import ReportTable, show_table

__all__ = [
    "NOT_STATED",
    "SERIES",
    "SEROTONERGIC_GRADES",
    "STATES",
    "Link",
    "ReportFigure",
    "ReportTable",
    "ReportText",
    "SeriesStyle",
    "VerdictBadge",
    "drawn",
    "figure_style",
    "linked_text",
    "overlaid",
    "rounded",
    "show_figure",
    "show_heading",
    "show_list",
    "show_table",
    "show_text",
    "verdict_banner",
]
