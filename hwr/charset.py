"""The characters that can be read: in words and lines Latin letters and signs; singly, the classes of EMNIST Balanced and what is known.

EMNIST Balanced (Cohen et al. 2017, arXiv:1702.05373) merges the 15 letters whose lower and upper case look alike, so that 62 characters
become 47 classes.
"""

import unicodedata
from collections.abc import Iterable

PRINTABLE: str = "".join(map(chr, range(32, 127)))
"""Printable ASCII."""

_ACCENTED = "àáâãäåæçèéêëìíîïñòóôõöùúûüýÿœ"
LATIN: str = PRINTABLE + _ACCENTED.upper() + _ACCENTED + "ß" + "¡¿«»„–€£§°²³·×"
"""Printable ASCII, and what English, German, French, Spanish, Italian and Dutch are written with besides: what words and lines are made of.
In composed form (NFC); :func:`readable` brings any text into it."""

SAME_INK: dict[str, str] = (
    dict.fromkeys("‘’‛′ʼ´", "'") | dict.fromkeys("“”‟″", '"') | dict.fromkeys("—―", "–") | dict.fromkeys("‐‑−\u00ad", "-")
) | {"‚": ",", "…": "...", "ª": "°", "º": "°", "•": "·", "‹": "<", "›": ">", "ﬁ": "fi", "ﬂ": "fl", "ĳ": "ij", "Ĳ": "IJ", "ẞ": "ß"}
"""Typographic signs that no hand tells from one of a keyboard's, and that sign: what is read is always the latter."""


LANGUAGES: dict[str, str] = {
    "en": "éè–£€°",
    "de": "äöüßÄÖÜé„–€§°²«»",
    "fr": "àâçèéêëîïôœùûüÀÂÇÈÉÊËÎÏÔŒÙ«»–€°",
    "es": "áéíñóúüÁÉÍÑÓÚÜ¡¿«»–€°",
    "it": "àèéìíòóùúÀÈÉÌÒÙ«»–€°",
    "nl": "áàäçèéêëíïóöúüÉËÏÖ–€",
}
"""What the language models of the six languages know besides printable ASCII."""

_LOOKS_LIKE = dict(zip("ßæÆœŒ¡¿«»„–€£§°²³·×", "BaAoO!?<>,-ELSo23.x", strict=True))


def closest(text: str, charset: str) -> str:
    """A text in a charset that lacks some of its characters: letters without their accents, for signs what looks like them, else a dot."""

    def known(char: str) -> str:
        return next((c for c in (char, unicodedata.normalize("NFD", char)[0], _LOOKS_LIKE.get(char, ".")) if c in charset), charset[0])

    return "".join(map(known, text))


def readable(text: str, charset: str = LATIN) -> str:
    """A text as it would be read: composed (NFC), signs that look alike in writing as the commoner one, single spaces.

    Args:
        text: any.
        charset: what can be read.

    Returns:
        The text; ``""`` where it has a character that can't be read.
    """
    plain = _composed(text)
    return plain if set(plain) <= set(charset) else ""


def readable_part(text: str, charset: str = LATIN) -> str:
    """As :func:`readable`, but without those characters that can't be read."""
    return " ".join("".join(char for char in _composed(text) if char in charset).split())


def _composed(text: str) -> str:
    signs = "".join(SAME_INK.get(char, char) for char in unicodedata.normalize("NFC", text))
    return " ".join(unicodedata.normalize("NFC", signs).split())


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
