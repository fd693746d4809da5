"""Pages made from notebooks: papermill runs a template, nbconvert makes a self-contained page, an index lists all.

`site.make_site` is the door. Nothing is imported here: notebooks use `claim_page` and need no rendering machinery.
"""
