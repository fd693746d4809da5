"""Which names in a page become links, and which do not."""

import re
from dataclasses import replace

import pytest

from kratom_evidence.dataset import Dataset
from kratom_evidence.reports.cross_links import MANY_LINKS, SiteLinks, cross_linked, site_links
from kratom_evidence.reports.navigation import address_from, navigation

LINKS = SiteLinks(
    cases={"brooks2023": "cases/brooks2023.html", "brooks2023a": "cases/brooks2023a.html"},
    substances={"opioid (unspecified)": "substances/opioid-unspecified.html", "ethanol": "substances/ethanol.html"},
    classes={"Opioid": "classes/opioid.html"},
    publications={"Brooks et al., 2023": "https://doi.org/10.1177/08971900221116009"},
)
HEADS = "<thead><tr><th scope='col'>Case</th><th scope='col'>Class</th><th scope='col'>Text</th></tr></thead>"


def linked(html: str, address: str = "claims/C13.html", links: SiteLinks = LINKS) -> list[tuple[str, str]]:
    made = cross_linked(html, links, address=address)
    found = re.findall(r'<a href="([^"]*)">(.*?)</a>', made)
    assert re.sub(r"<a [^>]*>|</a>", "", made) == re.sub(r"<a [^>]*>|</a>", "", html)
    return [(text, href) for href, text in found]


def table(*rows: str) -> str:
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table><caption>brooks2023</caption>{HEADS}<tbody>{body}</tbody></table>"


CASE = ("brooks2023", "../cases/brooks2023.html")
PUBLICATION = ("Brooks et al., 2023", "https://doi.org/10.1177/08971900221116009")
UNSPECIFIED = ("opioid (unspecified)", "../substances/opioid-unspecified.html")
ETHANOL = ("ethanol", "../substances/ethanol.html")


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>As in brooks2023, and (brooks2023).</p>", [CASE]),
        ("<h2>A</h2><p>brooks2023</p><h2>B</h2><p>brooks2023.</p>", [CASE, CASE]),
        ("<p>brooks2023a</p>", [("brooks2023a", "../cases/brooks2023a.html")]),
        ("<h2>brooks2023</h2><h3>brooks2023</h3>", []),
        ("<p>brooks2023b xbrooks2023 brooks2023.html cases/brooks2023 brooks2023-2 x=brooks2023 BROOKS2023</p>", []),
        ("<pre>brooks2023</pre><p><code>brooks2023</code></p><summary>brooks2023</summary>", []),
        ('<p><a href="x.html">the case brooks2023</a></p>', [("the case brooks2023", "x.html")]),
        ('<img alt="brooks2023" src="data:image/svg+xml,brooks2023">', []),
        ("<p>ethanol and Opioid and Brooks et al., 2023</p>", []),
        (table('<th scope="row">brooks2023</th><td>-</td><td>ethanol (past); ethanol</td>'), [CASE, ETHANOL]),
        (table("<td>x</td><td>Opioid</td><td>Opioid</td>"), [("Opioid", "../classes/opioid.html")]),
        (table("<td>opioid (unspecified) [past]</td>"), [UNSPECIFIED]),
        (table("<td>methanol, ethanol-free, ethanolic</td>"), []),
        (table("<td>Brooks et al., 2023</td>"), [PUBLICATION]),
        (table("<td>after Brooks et al., 2023</td>"), []),
        (table(*['<th scope="row">brooks2023</th>'] * 2, "<td>brooks2023</td>"), [CASE] * 3),
        (table("<td>brooks2023</td>", "<td>brooks2023</td>") + table("<td>brooks2023</td>"), [CASE, CASE]),
        (
            '<table><tbody><tr><th scope="row">Class</th><td>Opioid</td></tr></tbody></table>',
            [("Opioid", "../classes/opioid.html")],
        ),
    ],
)  # fmt: skip
def test_what_is_linked(html: str, expected: list[tuple[str, str]]) -> None:
    assert linked(html) == expected


def test_a_page_does_not_link_to_itself() -> None:
    assert linked("<p>brooks2023, brooks2023a</p>", "cases/brooks2023.html") == [("brooks2023a", "brooks2023a.html")]


def test_addresses_are_seen_from_the_page() -> None:
    assert linked("<p>brooks2023</p>", "index.html") == [("brooks2023", "cases/brooks2023.html")]
    assert address_from("a/b.html", "c/d.html") == "../c/d.html"
    assert [place.href for place in navigation("browse.html") if place.current] == ["browse.html"]
    assert [place.label for place in navigation("cases/brooks2023.html") if place.current == "true"] == ["Cases"]


def test_a_page_that_does_not_name_a_new_case_keeps_its_bytes() -> None:
    more = replace(LINKS, cases={**LINKS.cases, "smith2024": "cases/smith2024.html"})
    html = "<p>brooks2023</p>" + table("<td>brooks2023</td><td>Opioid</td><td>ethanol</td>")
    assert cross_linked(html, more, address="x.html") == cross_linked(html, LINKS, address="x.html")


def test_a_table_with_many_links_can_be_skipped_and_no_other() -> None:
    rows = ['<th scope="row">brooks2023</th>'] * MANY_LINKS
    made = cross_linked(table(*rows), LINKS, address="index.html")
    [target] = re.findall(r'<a class="skip-table" href="#([a-z0-9-]+)">', made)
    assert made.index("skip-table") < made.index("<table") < made.index("</table>") < made.index(f'id="{target}"')
    assert "skip-table" not in cross_linked(table(*rows[1:]), LINKS, address="index.html")


def test_everything_that_a_case_lists_has_an_address_and_nothing_else(dataset: Dataset) -> None:
    links = site_links(dataset)
    assert set(links.cases) == set(dataset.cases.index)
    assert set(links.substances) == set(dataset.co_exposures["substance"])
    assert len(links.classes) == dataset.co_exposures["drug_class"].nunique()
    references = dataset.sources["short_reference"]
    assert all((references == name).sum() == 1 for name in links.publications)
    assert links.publications
