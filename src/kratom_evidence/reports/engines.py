"""What a report can be run by. Names only, so that the command line can offer them without loading anything."""

WARM = "warm"
PLAIN = "papermill"
# Each engine with what is told about it.
ENGINES = {
    WARM: "a fresh process for each report, forked from one that has everything loaded",
    PLAIN: "papermill's own: a fresh Jupyter kernel for each report",
}
