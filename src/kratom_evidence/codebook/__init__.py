"""The codebook: which tables and columns exist, what a cell may hold, and how its text becomes a value."""

from kratom_evidence.codebook.cells import cell_reader
from kratom_evidence.codebook.csv_text import CsvText, read_csv_text
from kratom_evidence.codebook.package_document import CODEBOOK_FILE, read_codebook
from kratom_evidence.codebook.schema import Category, Codebook, Field, Table
from kratom_evidence.codebook.tidying import tidied
from kratom_evidence.codebook.values import CellProblem, CellReading, CoExposure, Value, Vocabulary, format_cell

__all__ = [
    "CODEBOOK_FILE",
    "Category",
    "CellProblem",
    "CellReading",
    "CoExposure",
    "Codebook",
    "CsvText",
    "Field",
    "Table",
    "Value",
    "Vocabulary",
    "cell_reader",
    "format_cell",
    "read_codebook",
    "read_csv_text",
    "tidied",
]
