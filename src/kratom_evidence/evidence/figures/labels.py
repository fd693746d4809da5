"""How labels are fitted into a drawing."""


def folded(label: str, width: int = 40) -> str:
    """A label longer than `width` in two lines, broken at the space nearest its middle; one word stays whole."""
    if len(label) <= width:
        return label
    breaks = [place for place, letter in enumerate(label) if letter == " "]
    if not breaks:
        return label
    middle = min(breaks, key=lambda place: abs(place - len(label) / 2))
    return f"{label[:middle]}\n{label[middle + 1 :]}"
