"""The data and what was computed from them, in the formats of other programs.

`tables` and `result_tables` say which tables there are; `csv_files`, `workbook`, `bibtex`, `ris`, `csl` and
`phenopackets` turn them into text or bytes; `pdf` prints rendered pages. The same data give the same bytes.
"""
