"""Drawings of the tables in `evidence`: pure functions from a frame to a matplotlib figure, one module a subject."""
