"""The files that what was read can be saved as: a format a file, and which of them a name asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hwr.errors import InputError
from hwr.text.formats.markdown import to_markdown
from hwr.text.formats.pdf import to_pdf
from hwr.text.formats.plain import to_json, to_text
from hwr.text.formats.xml import to_alto, to_hocr, to_page

if TYPE_CHECKING:
    from hwr.text.result import TextDocument


@dataclass(frozen=True)
class Format:
    """A format.

    Attributes:
        title: for people.
        ending: that files get.
        others: endings that it is also known by.
        write: a document as a file's content.
        pages: how many pages a file holds at most; None for any number.
    """

    title: str
    ending: str
    write: Callable[[TextDocument], bytes]
    others: tuple[str, ...] = ()
    pages: int | None = None


FORMATS: dict[str, Format] = {
    "text": Format("Text", ".txt", to_text),
    "markdown": Format("Markdown", ".md", to_markdown, (".markdown",)),
    "json": Format("JSON", ".json", to_json),
    "alto": Format("ALTO", ".alto.xml", to_alto, (".alto",)),
    "page": Format("PAGE-XML", ".page.xml", to_page, (".page",), pages=1),
    "hocr": Format("hOCR", ".hocr", to_hocr, (".html", ".htm")),
    "pdf": Format("PDF", ".pdf", to_pdf),
}
"""Every format, by the name that calls know it by."""


def format_of(path: Path) -> str:
    """The format that a file's name asks for.

    Raises:
        InputError: it asks for none.
    """
    name = path.name.lower()
    for format, known in FORMATS.items():
        if name.endswith((known.ending, *known.others)):
            return format
    if name.endswith(".xml"):
        raise InputError(f"{path.name} can be ALTO or PAGE-XML: name the format, alto or page, or end the name in .alto.xml or .page.xml.")
    endings = ", ".join(known.ending for known in FORMATS.values())
    raise InputError(f"The ending of {path.name[:100]} is that of no format that is written. Use {endings}, or name the format.")


def to(document: TextDocument, format: str) -> bytes:
    """See :meth:`hwr.text.result.TextDocument.to`."""
    known = FORMATS.get(format)
    if known is None:
        raise InputError(f"There is no format {format!r}. Use one of {', '.join(FORMATS)}.")
    if known.pages is not None and len(document.pages) > known.pages:
        raise InputError(f"{known.title} holds one page a file, and there are {len(document.pages)}. Save them, or take them one by one.")
    return known.write(document)


def parts(document: TextDocument, format: str) -> list[TextDocument]:
    """The documents that a document is divided into for the files of a format: its pages, or itself."""
    if format in FORMATS and FORMATS[format].pages == 1 and document.pages:
        return [type(document)((page,)) for page in document.pages]
    return [document]


def save(document: TextDocument, path: str | Path, format: str | None = None) -> list[Path]:
    """See :meth:`hwr.text.result.TextDocument.save`."""
    path = Path(path).expanduser()
    format = format or format_of(path)
    contents = parts(document, format)
    paths = [path, *(_numbered(path, number) for number in range(2, len(contents) + 1))]
    for part, place in zip(contents, paths, strict=True):
        content = to(part, format)
        try:
            place.write_bytes(content)
        except OSError as error:
            raise InputError(f"The text can't be written to {place}: {error}") from error
    return paths


def _numbered(path: Path, number: int) -> Path:
    """``letter.page.xml`` to ``letter-2.page.xml``."""
    stem = path.name.removesuffix("".join(path.suffixes[-2:])) if path.suffixes[-2:-1] in ([".page"], [".alto"]) else path.stem
    return path.with_name(f"{stem}-{number}{path.name[len(stem) :]}")
