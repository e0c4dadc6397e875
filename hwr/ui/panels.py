"""What every mode says things with: panels, sentences about what went wrong, and percentages."""

from html import escape


def card(content: str, *, kind: str = "", title: str = "") -> str:
    """A titled panel of the page."""
    heading = f"<h2>{escape(title)}</h2>" if title else ""
    return f'<section class="hwr-card {kind}">{heading}{content}</section>'


def problem(sentence: str) -> str:
    """A sentence about an input that can't be read, in the answer's place."""
    return card(
        f'<div class="hwr-char hwr-waiting" aria-hidden="true">!</div><p role="alert">{escape(sentence)}</p>', kind="hwr-empty hwr-problem"
    )


def percent(probability: float) -> str:
    """A probability for people: never 0% or 100%, which a network can't know."""
    if probability > 0.999:
        return ">99.9%"
    if probability < 0.001:
        return "<0.1%"
    return f"{100 * probability:.1f}%" if probability < 0.1 or probability > 0.9 else f"{100 * probability:.0f}%"
