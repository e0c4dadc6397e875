"""Which columns of a table hold images, labels and writers, and what a row of it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hwr.errors import InputError
from hwr.evaluation.collections.entries import Entry

if TYPE_CHECKING:
    import pyarrow as pa

LABEL_COLUMNS = ("label", "text", "char", "class", "transcription", "truth", "words")
IMAGE_COLUMNS = ("image", "img", "picture")
WRITER_COLUMNS = ("writer", "writer_id")

Wanted = tuple[str | None, str | None]
"""Columns of images and of labels, as somebody named them; None for the usual ones."""


@dataclass(frozen=True)
class Columns:
    """Columns of a table.

    Attributes:
        image: of images.
        label: of labels.
        writer: of who wrote them; None where there is none.
        names: of the classes, if labels are numbers of these.
        leaves: what of these is to be read, such as ``image.bytes``.
    """

    image: str
    label: str
    writer: str | None
    names: list[str] | None
    leaves: list[str]


def columns_of(schema: pa.Schema, wanted: Wanted, name: str) -> Columns:
    """Look for the columns.

    Args:
        schema: of the table.
        wanted: see :data:`Wanted`.
        name: of the table, for messages.

    Raises:
        InputError: there are no such columns, or they hold something else.
    """
    from datasets import ClassLabel, Features

    found = list(schema.names)
    image, label = (
        _chosen(found, *choice, name) for choice in zip(("images", "labels"), wanted, (IMAGE_COLUMNS, LABEL_COLUMNS), strict=True)
    )
    writer = next((column for column in WRITER_COLUMNS if column in found and column != label), None)
    pictures = _image_leaf(schema, image)
    if pictures is None:
        raise InputError(f"The column {image!r} of {name} holds no images: it is {str(schema.field(image).type)[:100]}.")
    if not _is_plain(schema, label):
        raise InputError(f"The column {label!r} of {name} holds no labels: it is {str(schema.field(label).type)[:100]}.")
    if writer is not None and not _is_plain(schema, writer):
        writer = None
    try:
        feature = Features.from_arrow_schema(schema).get(label)
    except Exception:  # whatever a stranger wrote into the metadata
        feature = None
    names = list(feature.names) if isinstance(feature, ClassLabel) else None
    return Columns(image, label, writer, names, [leaf for leaf in (pictures, label, writer) if leaf is not None])


def _chosen(found: list[str], what: str, column: str | None, usual: tuple[str, ...], name: str) -> str:
    present = column if column in found else None if column else next((known for known in usual if known in found), None)
    named = f" named {column!r}" if column else ""
    if present is None:
        raise InputError(f"{name} has no column of {what}{named}; its columns: {', '.join(found)[:300]}.")
    if found.count(present) > 1:
        raise InputError(f"{name} has {found.count(present)} columns named {present!r}.")
    return present


def _image_leaf(schema: pa.Schema, column: str) -> str | None:
    """What of a column holds the images' bytes; None for nothing.

    Values of a fixed size are refused: there, a missing one takes as much as one that is there.
    """
    from pyarrow import types

    kind = schema.field(column).type
    if types.is_struct(kind):
        inner = kind.get_field_index("bytes")
        return f"{column}.bytes" if inner >= 0 and _is_binary(kind.field(inner).type) else None
    return column if _is_binary(kind.value_type if types.is_dictionary(kind) else kind) else None


def _is_binary(kind: pa.DataType) -> bool:
    from pyarrow import types

    return types.is_binary(kind) or types.is_large_binary(kind)


def _is_plain(schema: pa.Schema, column: str) -> bool:
    """Whether a column holds texts or whole numbers."""
    from pyarrow import types

    kind = schema.field(column).type
    kind = kind.value_type if types.is_dictionary(kind) else kind
    return types.is_string(kind) or types.is_large_string(kind) or types.is_integer(kind)


def text_of(value: Any) -> str:
    """A label as text; empty for none."""
    return "" if value is None else str(value)


def row_entry(name: str, picture: Any, value: Any, writer: Any, names: list[str] | None) -> Entry:
    """A row of a table as an entry; ``names`` as of :class:`Columns`."""
    if picture is None:
        return Entry(name, error="It has no image.")
    if isinstance(picture, dict):
        picture = picture.get("bytes")
    if not isinstance(picture, bytes):  # a path would be one on another machine
        return Entry(name, error="Its image is not stored in the table.")
    if value is None:
        return Entry(name, error="It has no label.")
    if names is not None:
        if not isinstance(value, int) or not 0 <= value < len(names):
            return Entry(name, error=f"Its label {str(value)[:40]} is outside 0 to {len(names) - 1}.")
        value = names[value]
    label = str(value)
    if not label.strip():
        return Entry(name, error="It has no label.")
    return Entry(name, label if len(label) == 1 else label.strip(), lambda: picture, writer=text_of(writer))
