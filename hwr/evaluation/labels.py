"""What the labels of a collection of handwriting mean: characters, EMNIST's numbers, names of classes, or hexadecimal codes."""

import re
from collections.abc import Callable, Iterable

from hwr.charset import CLASS_OF, CLASSES
from hwr.errors import InputError

SCHEMES = {
    "characters": "the character or the text itself",
    "emnist": "EMNIST Balanced label numbers, 0 to 46",
    "names": "upper_A, lower_a, digit_5, or the character itself",
    "hex": "hexadecimal character codes, as the folders of NIST Special Database 19",
}
"""Names of the schemes, and what they are."""

_NAME = re.compile(r"(upper|lower|digit|capital|small|uppercase|lowercase)[_ -]?([A-Za-z0-9])", re.IGNORECASE)
_HEX = re.compile(r"[34567][0-9a-fA-F]")


def _character(label: str) -> str | None:
    return label or None


def _emnist(label: str) -> str | None:
    return CLASSES[int(label)] if label.isascii() and label.isdigit() and len(label) <= 3 and int(label) < len(CLASSES) else None


def _name(label: str) -> str | None:
    if len(label) == 1:
        return label
    match = _NAME.fullmatch(label)
    if match is None:
        return None
    kind, char = match[1].lower(), match[2]
    if kind == "digit":
        return char if char.isdigit() else None
    if char.isdigit():
        return None
    return char.upper() if kind.startswith(("upper", "capital")) else char.lower()


def _hex(label: str) -> str | None:
    char = chr(int(label, 16)) if _HEX.fullmatch(label) else ""
    return char if char in CLASS_OF else None


_MEANINGS: dict[str, Callable[[str], str | None]] = {"characters": _character, "emnist": _emnist, "names": _name, "hex": _hex}


def meaning(label: str, scheme: str) -> str | None:
    """What a label says in a scheme; None where it says nothing."""
    return _MEANINGS[scheme](label)


def infer(labels: Iterable[str]) -> str:
    """The scheme of a whole collection. One odd label changes nothing: the scheme is the one in which nearly all of them mean something.

    Numbers from 30 to 46 alone may be EMNIST's or codes; they are taken for codes, since EMNIST's begin at 0.

    Args:
        labels: the different ones.
    """
    known = [label for label in set(labels) if label]
    if not known:
        return "characters"

    def share(scheme: str) -> float:
        return sum(meaning(label, scheme) is not None for label in known) / len(known)

    # Also A and beside it lower_a, as file systems that don't tell A from a make people name their folders.
    if share("names") > 0.8 and any(len(label) > 1 and meaning(label, "names") for label in known):
        return "names"
    numbers = sum(label.isascii() and label.isdigit() for label in known) / len(known)
    longer = sum(len(label) > 1 for label in known) / len(known)
    if share("hex") > 0.8 and longer > 0.8:
        return "hex"
    # Single digits mean the same either way; numbers with two digits, none beyond the classes, are not what people write.
    if numbers > 0.8 and share("emnist") > 0.8 and longer > 0:
        return "emnist"
    return "characters"


def check_scheme(scheme: str) -> None:
    """Refuse what is no scheme.

    Raises:
        InputError: it isn't ``"auto"`` or one of ``SCHEMES``.
    """
    if scheme != "auto" and scheme not in list(SCHEMES):  # which takes what has no hash
        raise InputError(f"labels must be auto or one of {', '.join(SCHEMES)}, not {str(scheme)[:40]!r}.")


def class_of(char: str, classes: str) -> int | None:
    """Which class of a model a character belongs to: its own, or that of its capital where EMNIST Balanced merges the two; None for none.

    Args:
        char: a single one.
        classes: of the model, in label order.
    """
    own = next((name for name in (char, CLASSES[CLASS_OF[char]] if char in CLASS_OF else "") if name and name in classes), None)
    return None if own is None else classes.index(own)
