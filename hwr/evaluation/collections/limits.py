"""How much of a collection is read."""

from __future__ import annotations

import os

from hwr.errors import InputError
from hwr.pictures.loading import MAX_BYTES

MAX_ENTRIES = int(os.environ.get("HWR_MAX_ENTRIES", 250_000))
"""Most entries of an archive."""
MAX_UNPACKED_BYTES = int(float(os.environ.get("HWR_MAX_UNPACKED_MB", 4_000)) * 1e6)
"""Most bytes that an archive may unpack to."""
MAX_IDX_BYTES = 500_000_000
MAX_RATIO = float(os.environ.get("HWR_MAX_RATIO", 200))
"""Entries of over a megabyte that are packed more tightly than this are not unpacked."""
MAX_DIRECTORY_BYTES = 50_000_000
"""Largest directory of a zip archive."""
MAX_TABLE_BYTES = 32_000_000
"""Largest table of labels."""
LARGE_RATIO = 20
"""What unpacks to more than ``LARGE_BYTES`` at once is not packed more tightly than this: images are packed already."""
LARGE_BYTES = 16_000_000
LIMITS = (
    f"At most {MAX_ENTRIES:,} entries, {MAX_UNPACKED_BYTES / 1e6:,.0f} MB unpacked, {MAX_BYTES / 1e6:.0f} MB an image, packed at most "
    f"{MAX_RATIO:g} : 1."
)
"""The limits, for people."""


def check_unpacking(name: str, packed: int, unpacked: int) -> None:
    """Refuse to unpack a part of a file that is packed as no images are.

    Args:
        name: of the file, for messages.
        packed: bytes of the part.
        unpacked: what it announces to be then.

    Raises:
        InputError: too tightly.
    """
    ratio = LARGE_RATIO if unpacked > LARGE_BYTES else MAX_RATIO
    if unpacked > 1_000_000 and unpacked > ratio * max(packed, 1):
        raise InputError(
            f"{name} is packed more tightly than any data set of images ({unpacked / max(packed, 1):,.0f} : 1). It was not read."
        )


class TooMuchError(InputError):
    """The whole archive is too large, not one of its entries."""
