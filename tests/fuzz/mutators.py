"""Damage to data files: bytes, cells and structure. Everything follows from the random generator that is handed in."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

Grid = list[list[str]]

BYTES = (
    b"\x00",
    b"\xff",
    b"\xfe\xff",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\xc3",
    b"\xc0\xaf",
    b"\x1a",
    b"\r",
    b"\n",
    b"\r\n",
    b'"',
    b'""',
    b",",
    b";",
    b"\t",
    b"|",
    b"'",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b": ",
    b"- ",
    b"#",
    b"&a ",
    b"*a ",
    b"!!set ",
    b"<<: ",
    b"---\n",
    b"%",
    b"\xe2\x80\xae",
    b"\xe2\x80\x8b",
    b"\xc2\xa0",
    b"\xe4",
    b"=1+1",
    b"1e5",
    b"0x1F",
    b"010",
    b"1:30",
    b"NaN",
    b"Infinity",
    b"-",
    b".5",
    b"9" * 30,
    b"null",
    b"true",
)
TEXTS = (
    "",
    " ",
    "none",
    "None",
    "none; none",
    ";",
    "; ",
    "a; ; b",
    "NA",
    "-",
    "?",
    "0",
    "-0",
    "007",
    "-1",
    "+1",
    "1.0",
    "1,5",
    "1.5",
    ".5",
    "5.",
    "1e5",
    "1E+05",
    "1_000",
    "0x1F",
    "1 000",
    "1,000",
    "1.000",
    "99999999999999999999",
    "9" * 400,
    "0." + "1" * 30,
    "nan",
    "inf",
    "-inf",
    "Infinity",
    "\u0663",
    "\uff11\uff12",
    "1\u00a0000",
    "\u22121",
    "½",
    "TRUE",
    "=1+1",
    "@SUM(A1)",
    "#REF!",
    "2026-01-01",
    "1-3",
    "35796",
    "12%",
    "x" * 9_999,
    "x" * 10_001,
    "a\nb",
    "a\rb",
    "a\x00b",
    "a\x0bb",
    "\ufeffa",
    "a\u200bb",
    "\u202egnp.exe",
    "a\u2066b",
    "c\u0430se",
    "\u0430",
    "e\u0301",
    "\ufffd",
    "\U0001f600",
    "../../x",
    "CON",
    "a/b",
    ".",
    "x" * 300,
    "<b>&amp;</b>",
    "<!DOCTYPE x [<!ENTITY a 'b'>]>",
    '"',
    'a"b',
    "a,b",
    "a|b",
    "[",
    "]",
    "x [y, z]",
    "x [y, z: 1; 2]",
    "[]",
    "yes",
    "no",
    "sertraline [prescribed, concurrent]",
    "Ã¼",
    "M?ller",
    "10.1000/x",
    "https://example.org/ x",
    "javascript:alert(1)",
    "\t",
    "a\tb",
    "1\t",
)
VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1,
    2023.7,
    1e308,
    10**30,
    "",
    " ",
    "x",
    "1",
    "2_023",
    "\uff12\uff10\uff12\uff13",
    [],
    {},
    [[]],
    [None],
    {"": ""},
    {"x": [1]},
    [["a"], ["b"]],
    "\u202ex",
    "a\x00b",
    "a\u200bb",
    "x" * 20_000,
    "../../etc/passwd",
    "/etc/passwd",
    "a\\b",
    "C:x",
    "(a+)+b",
    "(",
    "[",
    "\ud800",
    "true",
    "string",
    "number",
    "integer",
    "csv",
    "json",
    "yaml",
    "three_state",
)


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """A damaged file. `kind` names the damage; `grid` is what a table now says, `cell` the place that was changed.

    `harmless` says that the file says what it said before.
    """

    kind: str
    content: bytes
    grid: Grid | None = None
    cell: tuple[int, int] | None = None
    harmless: bool = False


def mutated_bytes(content: bytes, random: Random) -> Mutant:
    """One to three changes of bytes anywhere in the file."""
    changed = bytearray(content)
    for _ in range(random.choice((1, 1, 2, 3))):
        start = random.randrange(len(changed) + 1)
        length = random.choice((1, 1, 1, 2, 5, 50, 1000))
        match random.randrange(6):
            case 0 if start < len(changed):
                changed[start] ^= 1 << random.randrange(8)
            case 1:
                del changed[start : start + length]
            case 2:
                changed[start:start] = changed[start : start + length]
            case 3:
                del changed[start:]
            case _:
                changed[start:start] = random.choice(BYTES)
    return Mutant(kind="bytes", content=bytes(changed))


def grid_of(content: bytes) -> Grid:
    """The cells of a sound CSV file."""
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def written(grid: Sequence[Sequence[str]], *, delimiter: str = ",", end: str = "\n", quoting: int = 0) -> str:
    """The grid as CSV text."""
    stream = io.StringIO(newline="")
    if any("\r" in cell for cells in grid for cell in cells):
        quoting = csv.QUOTE_ALL
    csv.writer(stream, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(grid)  # type: ignore[arg-type]
    return stream.getvalue()


def mutated_cell(content: bytes, random: Random) -> Mutant:
    """One cell with another text: a monster, that of another cell, or its own with a small change."""
    grid = grid_of(content)
    row = random.randrange(1, len(grid)) if len(grid) > 1 else 0
    column = random.randrange(len(grid[row]))
    before = grid[row][column]
    place = random.randrange(len(before) + 1)
    other = random.choice(random.choice(grid[1:] or grid))
    inserted = before[:place] + random.choice(TEXTS) + before[place:]
    grid[row][column] = random.choice((random.choice(TEXTS), other, inserted, before[:place] + before[place + 1 :]))
    return Mutant(kind="cell", content=written(grid).encode(), grid=grid, cell=(row, column))


def mutated_grid(content: bytes, random: Random) -> Mutant:
    """Rows or columns taken out, doubled, moved, or of another length."""
    grid = grid_of(content)
    row, column = random.randrange(len(grid)), random.randrange(len(grid[0]))
    changes: tuple[Callable[[], object], ...] = (
        lambda: grid.pop(row),
        lambda: grid.insert(row, list(grid[row])),
        lambda: grid[row].pop(column),
        lambda: grid[row].insert(column, random.choice(TEXTS)),
        lambda: [cells.pop(column) for cells in grid],
        lambda: grid.__setitem__(slice(None), [[*cells, cells[column]] for cells in grid]),
        lambda: grid.__setitem__(slice(None), [[cells[column], *cells] for cells in grid]),
        lambda: grid.__setitem__(slice(None), [cells[column:] + cells[:column] for cells in grid]),
        lambda: random.shuffle(grid),
        lambda: grid.insert(row, []),
        grid[row].clear,
        lambda: grid[0].__setitem__(column, random.choice(TEXTS)),
    )
    random.choice(changes)()
    return Mutant(kind="structure", content=written(grid).encode(), grid=grid)


def mutated_form(content: bytes, random: Random) -> Mutant:
    """The same cells, written as another program would write them."""
    grid = grid_of(content)
    forms: tuple[Callable[[], str], ...] = (
        lambda: written(grid, end="\r\n"),
        lambda: written(grid, end="\r"),
        lambda: "\ufeff" + written(grid),
        lambda: written(grid, quoting=csv.QUOTE_ALL),
        lambda: written(grid, delimiter=";"),
        lambda: written(grid, delimiter="\t"),
        lambda: written(grid) + "\n\n",
        lambda: written(grid).removesuffix("\n"),
        lambda: "sep=,\n" + written(grid),
        lambda: written([[f" {cell} " for cell in cells] for cells in grid]),
        lambda: written([[*cells, ""] for cells in grid]),
    )
    return Mutant(kind="form", content=random.choice(forms)().encode(), harmless=True)


def mutated_table(content: bytes, random: Random) -> Mutant:
    """A damaged CSV file: cells most often."""
    kinds = (mutated_cell, mutated_cell, mutated_cell, mutated_bytes, mutated_bytes, mutated_grid, mutated_form)
    return random.choice(kinds)(content, random)


def places(value: Any) -> list[tuple[Any, Any]]:
    """(container, key) of every value of a JSON document."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        container = waiting.pop()
        pairs = container.items() if isinstance(container, dict) else enumerate(container)
        for key, inner in pairs:
            found.append((container, key))
            if isinstance(inner, dict | list):
                waiting.append(inner)
    return found


def mutated_json(content: bytes, random: Random) -> Mutant:
    """Bytes of a JSON file changed; or one of its values replaced, removed, doubled, renamed or wrapped."""
    if random.random() < 0.3:
        return mutated_bytes(content, random)
    document = json.loads(content)
    container, key = random.choice(places(document))
    kind = random.choice(("replaced", "replaced", "replaced", "removed", "renamed", "wrapped", "twice", "spelled"))
    mark = "\ue000"
    if kind == "removed":
        del container[key]
    elif kind == "renamed" and isinstance(container, dict):
        container[random.choice((key + "s", key.upper(), "", "\u202e" + key))] = container.pop(key)
    elif kind == "wrapped":
        container[key] = random.choice(([container[key]], {"x": container[key]}, str(container[key])))
    elif kind == "twice" and isinstance(container, dict):
        container[key + mark] = random.choice(VALUES)
    elif kind == "spelled":
        container[key] = mark
    else:
        container[key] = random.choice(VALUES)
    text = json.dumps(document, ensure_ascii=random.random() < 0.5)
    text = text.replace(json.dumps(mark)[1:-1], mark)
    if kind == "spelled":
        monster = random.choice(
            ("NaN", "-Infinity", "1e999", "9" * 5_000, "01", "0x1", '"\\ud800"', "[" * 50 + "]" * 50, "1.0")
        )
        text = text.replace(f'"{mark}"', monster)
    return Mutant(kind=kind, content=text.replace(mark, "").encode(errors="surrogatepass"))


def mutated_lines(content: bytes, random: Random) -> Mutant:
    """A YAML file with a changed value, key, indent or line, or with changed bytes."""
    lines = content.decode().splitlines(keepends=True)
    where = random.randrange(len(lines))
    line = lines[where]
    indent = line[: len(line) - len(line.lstrip())]
    head, colon, _ = line.partition(": ")
    monsters = (
        "010",
        "0x1F",
        "1:30",
        "1_000",
        "1e3",
        "1.0e+400",
        ".nan",
        ".inf",
        "0.0",
        "-1",
        "yes",
        "~",
        "null",
        "2026-01-01",
        "&a x",
        "*a",
        "!!python/object:os.system x",
        "!!binary aGk=",
        "!!int '7'",
        "!!set {a}",
        "[" * 200,
        "{a: b}",
        "[x, y]",
        "'\u202ex'",
        '"\\0"',
        '"\\ud800"',
        "9" * 5_000,
        "|",
        "",
        "<b>x</b>",
        "0.5",
        "3",
        "<<",
        "'" + "x" * 20_000 + "'",
    )
    changes: tuple[Callable[[], object], ...] = (
        lambda: lines.__setitem__(where, f"{head}{colon}{random.choice(monsters)}\n"),
        lambda: lines.__setitem__(where, f"{head}{colon}{random.choice(monsters)}\n"),
        lambda: lines.__setitem__(where, f"{indent}{random.choice(monsters)}: x\n"),
        lambda: lines.pop(where),
        lambda: lines.insert(where, line),
        lambda: lines.__setitem__(where, " " + line),
        lambda: lines.__setitem__(where, "\t" + line),
        lambda: lines.insert(where, f"{indent}<<: {{a: b}}\n"),
        lambda: lines.insert(where, f"{indent}? [a, b]\n"),
        lambda: lines.insert(where, "---\n"),
        lambda: random.shuffle(lines),
    )
    if random.random() < 0.4:
        return mutated_bytes(content, random)
    random.choice(changes)()
    return Mutant(kind="lines", content="".join(lines).encode(errors="surrogatepass"))
