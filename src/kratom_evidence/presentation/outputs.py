"""The marks by which the exporter of pages recognises what a notebook shows."""

from typing import Any, TypeAlias

MimeBundle: TypeAlias = dict[str, Any]

HTML = "text/html"
PLAIN = "text/plain"
SVG = "image/svg+xml"
# Key of an output's metadata; nbval does not compare metadata.
METADATA_KEY = "kratom_evidence"
# Its value on the output that follows a figure and holds the figure's caption and data.
FIGURE_CAPTION = "figure_caption"
