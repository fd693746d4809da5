"""Changing single cells of a copy of the data, without the code under test."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Csv:
    """A CSV file as header and rows of text; `save` writes it as the committed files are written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with path.open(encoding="utf-8", newline="") as file:
            self.header, *self.rows = list(csv.reader(file))

    def column(self, name: str) -> int:
        return self.header.index(name)

    def get(self, row: int, column: str) -> str:
        """The cell in a row as a spreadsheet numbers it (the first after the header is row 2)."""
        return self.rows[row - 2][self.column(column)]

    def set(self, row: int, column: str, text: str) -> None:
        self.rows[row - 2][self.column(column)] = text

    def row_where(self, found: Callable[[dict[str, str]], bool]) -> int:
        """The number of the first row that fits."""
        for number, cells in enumerate(self.rows, start=2):
            if found(dict(zip(self.header, cells, strict=True))):
                return number
        raise LookupError("no row fits")

    def save(self) -> None:
        with self.path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([self.header, *self.rows])


def edit_json(path: Path, change: Callable[[Any], object]) -> None:
    """Load a JSON file, change the document in place, and save it."""
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document)
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
