"""The characters that can be read: printable ASCII in words and lines; singly, the classes of EMNIST Balanced and what is known about them.

EMNIST Balanced (Cohen et al. 2017, arXiv:1702.05373) merges the 15 letters whose lower and upper case look alike, so that 62 characters
become 47 classes.
"""

from collections.abc import Iterable

PRINTABLE: str = "".join(map(chr, range(32, 127)))
"""Printable ASCII, what words and lines are made of."""

DIGITS = "0123456789"
UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

CLASSES: str = DIGITS + UPPER + "abdefghnqrt"
"""The 47 classes in label order: class ``i`` is written ``CLASSES[i]``."""

MERGED_LOWER: str = "cijklmopsuvwxyz"
"""Lower-case letters that EMNIST Balanced counts as their upper case."""

CLASS_OF: dict[str, int] = {char: CLASSES.index(char) for char in CLASSES} | {char: CLASSES.index(char.upper()) for char in MERGED_LOWER}
"""Label of each of the 62 alphanumeric characters."""

CHARACTERS: str = DIGITS + UPPER + UPPER.lower()
"""The 62 alphanumeric characters."""

LOOK_ALIKES: tuple[frozenset[str], ...] = tuple(map(frozenset, ("0O", "1IL", "Ff", "9gq", "5S", "2Z")))
"""Groups of classes that even people can't tell apart without context."""


def merge_look_alikes(classes: Iterable[str]) -> list[int]:
    """Number the classes so that the members of one look-alike group share a number.

    Args:
        classes: class names, in label order.

    Returns:
        One group number per class, the index of the first class of its group.
    """
    names = list(classes)
    first: dict[frozenset[str], int] = {}
    groups = []
    for index, name in enumerate(names):
        group = next((g for g in LOOK_ALIKES if name in g), frozenset((name,)))
        groups.append(first.setdefault(group, index))
    return groups


def look_alikes_of(char: str) -> frozenset[str]:
    """The look-alike group that a class belongs to, without the class itself (empty for most)."""
    return next((group - {char} for group in LOOK_ALIKES if char in group), frozenset())
