"""The shell that all pages share: head, way through the site, contents, footer. A page needs no network, no font."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from kratom_evidence.reports.marks import DATA_META, INPUT_META
from kratom_evidence.reports.navigation import INDEX_ADDRESS, address_from, navigation
from kratom_evidence.reports.outline import Outlined

SITE_NAME = "kratom-evidence"
# Contents of two places or fewer are seen without a list of them.
_LEAST_CONTENTS = 3
TABLE_SCRIPT = "table_download.js"


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """What a page was made from.

    `data_fingerprint` is that of the data which the page reads. `input_hash`, over everything that it is made from,
    lets a later run see that it need not be made again; None for a page that is always made.
    """

    data_version: str
    data_fingerprint: str
    package_version: str
    command: str
    input_hash: str | None = None


def page_html(
    content: Outlined, *, provenance: Provenance, address: str, style: str = "", scripts: Sequence[str] = ()
) -> str:
    """The whole page. `address` is the page's own below the folder of reports, such as "claims/C13.html".

    `style` is added to the style of all pages. `scripts` are added to the one that offers tables as CSV, which a page
    with a table has. The page's policy lets these run, by their hashes, and none else.
    """
    takes = (template_text(TABLE_SCRIPT),) if "<table" in content.lead + content.rest else ()
    allowed = (*takes, *scripts)
    contents = content.headings if len(content.headings) >= _LEAST_CONTENTS else ()
    return _template().render(
        title=content.title,
        lead=Markup(content.lead),
        rest=Markup(content.rest),
        contents=contents,
        provenance=provenance,
        home=address_from(address, INDEX_ADDRESS) if address != INDEX_ADDRESS else None,
        places=navigation(address),
        site_name=SITE_NAME,
        data_meta=DATA_META,
        input_meta=INPUT_META,
        style=Markup(template_text("page.css") + style),
        scripts=[Markup(script) for script in allowed],
        script_hashes=[_policy_hash(script) for script in allowed],
    )


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(template_text("page.html.j2"))


def _policy_hash(script: str) -> str:
    """The name of a script in a Content-Security-Policy (CSP level 2, hash sources)."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"


def template_text(name: str) -> str:
    """The text of a file in the folder of templates."""
    return files("kratom_evidence.reports").joinpath("templates", name).read_text(encoding="utf-8")
