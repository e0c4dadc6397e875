"""What is printed on paper before anybody writes on it."""

from hwr.errors import InputError

PAPERS = ("plain", "ruled", "grid")
LINE_SPACING = 3.3
"""From baseline to baseline."""


def rules(paper: str, width: float, height: float, first_baseline: float, spacing: float) -> list[tuple[float, float, float, float]]:
    """The lines printed on paper, as ``(x0, y0, x1, y1)`` in the unit of the arguments.

    Args:
        paper: one of ``PAPERS``.
        width: of the sheet.
        height: of the sheet.
        first_baseline: y of the first line of writing; ruled paper has its lines there.
        spacing: from baseline to baseline; squared paper has two squares to it.

    Raises:
        InputError: no such paper.
    """
    if paper not in PAPERS:
        raise InputError(f"There is no paper {paper!r}; choose one of {', '.join(PAPERS)}.")
    if paper == "plain":
        return []
    step = spacing if paper == "ruled" else spacing / 2
    first = first_baseline % step
    across = [(0.0, first + index * step, width, first + index * step) for index in range(int((height - first) / step) + 1)]
    if paper == "ruled":
        return across
    return across + [(index * step, 0.0, index * step, height) for index in range(1, int(width / step) + 1)]
