"""The shell that all pages share: head, skip link, contents, footer. A page needs no network and no font."""

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from kratom_evidence.reports.outline import Outlined

SITE_NAME = "kratom-evidence"
# Contents of two places or fewer are seen without a list of them.
_LEAST_CONTENTS = 3
# The name of the meta element by which the index sees which data a page was made from.
DATA_META = "kratom-evidence-data"


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """What a page was made from: version and fingerprint of the data, version of the package, and the command."""

    data_version: str
    data_fingerprint: str
    package_version: str
    command: str


def page_html(content: Outlined, *, provenance: Provenance, home: str | None, style: str = "", script: str = "") -> str:
    """The whole page. `home` is the address of the index page; None on the index page itself.

    `style` is added to the style of all pages. `script` is the one script that the page may run: its policy names the
    script's hash. Without one the policy lets none run.
    """
    contents = content.headings if len(content.headings) >= _LEAST_CONTENTS else ()
    return _template().render(
        title=content.title,
        lead=Markup(content.lead),
        rest=Markup(content.rest),
        contents=contents,
        provenance=provenance,
        home=home,
        site_name=SITE_NAME,
        data_meta=DATA_META,
        style=Markup(template_text("page.css") + style),
        script=Markup(script),
        script_hash=_policy_hash(script) if script else "",
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
