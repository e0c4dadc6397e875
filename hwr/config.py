"""Checks of values that come from a stranger's config.json."""


def check(condition: bool, sentence: str) -> None:
    """Raise ``ValueError`` with a sentence unless the condition holds."""
    if not condition:
        raise ValueError(sentence)


def is_int(value: object, low: int, high: int) -> bool:
    """Whether a value is an integer, and no bool, in a range."""
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def is_number(value: object, low: float, high: float) -> bool:
    """Whether a value is a number, and no bool, in a range."""
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


def are_names(value: object) -> bool:
    """Whether a value is a list of a few short strings."""
    return isinstance(value, list) and len(value) <= 20 and all(isinstance(name, str) and len(name) <= 100 for name in value)
