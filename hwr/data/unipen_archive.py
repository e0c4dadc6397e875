"""UNIPEN's files: pen trajectories as components, and segments of them with their labels.

The format is that of Guyon et al. 1994, "UNIPEN project of on-line data exchange and recognizer benchmarks",
doi:10.1109/ICPR.1994.576870, as the files of train_r01_v07 use it: statements begin with a full stop at the start of a line;
``.INCLUDE`` reads a file of the folder ``include``; ``.PEN_DOWN`` and ``.PEN_UP`` begin components, of which those without points do not
count; ``.SEGMENT`` names a range of components (``3-5``), of points within them (``2:10-4:7``) or a list of such ranges, with its label.
"""

from __future__ import annotations

import gzip
import re
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from hwr.data.downloads import SPARE, Address, Archive
from hwr.errors import InputError

OFFICIAL = Archive(
    name="unipen-CDROM-train_r01_v07.tgz",
    title="UNIPEN train_r01_v07",
    page="https://doi.org/10.5281/zenodo.1195803",
    licence="CC BY 4.0, https://creativecommons.org/licenses/by/4.0/, says Zenodo; the file CDROM-README of the archive, of 1999, says: "
    "for research, not to be distributed for commercial purposes.",
    citation="I. Guyon, L. Schomaker, R. Plamondon, M. Liberman and S. Janet. UNIPEN project of on-line data exchange and recognizer "
    "benchmarks. 1994. doi:10.1109/ICPR.1994.576870",
    addresses=(
        Address("https://zenodo.org/api/records/1195803/files/unipen-CDROM-train_r01_v07.tgz/content"),
        Address("http://www.ai.rug.nl/~lambert/overslag/unipen-CDROM-train_r01_v07.tgz"),  # of one of its editors
    ),
    checked="It is compared with the checksum that Zenodo publishes.",
    record="https://zenodo.org/api/records/1195803",
)
"""Where it is downloaded from."""
LEVELS = {"CHARACTER": "char", "CHAR": "char", "WORD": "word", "TEXT": "line"}
"""Levels of segments that are read, and what they are called in the data set."""
MAX_INCLUDES = 8
"""Files may include others to this depth."""
MAX_FILE_BYTES = 100_000_000
LARGEST = 4 << 30
"""Bytes that are unpacked of an archive; UNIPEN has half a billion."""

_STATEMENT = re.compile(r"^\.([A-Z][A-Z_0-9]*)(.*)$")
_SEGMENT = re.compile(r'\s*(?P<level>\S+)\s+(?P<ranges>[\d:,\-]+)\s+(?P<quality>\S+)\s*(?:"(?P<label>(?:[^"\\]|\\.)*)")?', re.DOTALL)
_RANGE = re.compile(r"(\d+)(?::(\d+))?(?:-(\d+)(?::(\d+))?)?")

Range = tuple[tuple[int, int | None], tuple[int, int | None]]
"""First and last ``(component, point)``, both inclusive; None for all points up to that end."""


@dataclass(frozen=True, eq=False)
class Component:
    """What the pen did between two changes of contact.

    Attributes:
        points: float64 (N, 2), x and y in the tablet's unit, y growing upwards; N is 1 or more.
        down: whether the pen touched the paper.
        writer: who wrote it, as ``.WRITER_ID`` before it says; empty where nothing does.
    """

    points: np.ndarray
    down: bool
    writer: str


@dataclass(frozen=True)
class Segment:
    """A labelled part of a document.

    Attributes:
        level: ``"CHARACTER"``, ``"WORD"``, ``"TEXT"`` ...
        ranges: see :data:`Range`.
        quality: ``"OK"``, ``"GOOD"``, ``"BAD"``, or ``"?"`` where nobody has judged it.
        label: the text, escapes resolved.
    """

    level: str
    ranges: tuple[Range, ...]
    quality: str
    label: str


@dataclass(eq=False)
class Document:
    """A file of segments, with the ink that it includes.

    Attributes:
        path: below the archive's folder ``data``, such as ``"7/lou/lou1/jl_vo2.dat"``.
        ink: the same of the file that holds the components, below ``include``; what names the ink, which several documents segment.
        components: in the order of the file; without those that have no points.
        segments: in the order of the file.
        rate: points a second that the tablet took; 0 where nothing says.
    """

    path: str
    ink: str = ""
    components: list[Component] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    rate: float = 0.0

    @property
    def contributor(self) -> str:
        """Three letters: who collected the ink."""
        return self.path.split("/")[1]

    def strokes(self, segment: Segment) -> list[np.ndarray]:
        """The pen-down ink of a segment: float64 arrays (N, 2), y growing upwards.

        Raises:
            InputError: the segment names components or points that aren't there.
        """
        found = []
        for (first, start), (last, stop) in segment.ranges:
            if not first <= last < len(self.components):
                raise InputError(f"{self.path}: components {first} to {last} are not all there.")
            for index in range(first, last + 1):
                component = self.components[index]
                low = start if index == first and start is not None else 0
                high = stop + 1 if index == last and stop is not None else len(component.points)
                if component.down and low < min(high, len(component.points)):
                    found.append(component.points[low:high])
        return found

    def writer(self, segment: Segment) -> str:
        """Who wrote a segment; empty where nothing says."""
        (first, _), _ = segment.ranges[0]
        return self.components[first].writer if first < len(self.components) else ""


def unpacked(source: Path, folder: Path) -> Path:
    """The source itself if it is a folder, else the folder into which it was unpacked.

    Raises:
        InputError: there is no such file, it is no archive, or there is no room for what it holds.
    """
    if source.is_dir():
        return source
    if not source.is_file():
        raise InputError(f"There is no file or folder {source}.")
    folder.mkdir(parents=True)
    room = min(LARGEST, shutil.disk_usage(folder).free - SPARE)

    def check(size: int) -> None:
        if size > room:
            raise InputError(f"{source.name} holds more than the {max(room, 0):,} bytes for which there is room in {folder.parent.parent}.")

    try:
        if zipfile.is_zipfile(source):
            with zipfile.ZipFile(source) as packed:
                check(sum(entry.file_size for entry in packed.infolist()))
                packed.extractall(folder)
        else:
            with tarfile.open(source) as packed:
                size = 0
                for entry in packed:
                    size += entry.size
                    check(size)
                    packed.extract(entry, folder, filter="data")
    except (zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, RuntimeError) as error:
        raise InputError(f"{source.name} can't be unpacked: {(str(error) or 'it is damaged').splitlines()[0].rstrip(':')}") from error
    return folder


def root_of(folder: Path) -> Path:
    """The folder with ``data`` and ``include``, which is the one given or somewhere in it.

    Raises:
        InputError: there is none.
    """
    found = sorted((path.parent for path in [folder / "data", *folder.rglob("data")] if path.is_dir()), key=lambda path: len(path.parts))
    for candidate in found:
        if (candidate / "include").is_dir():
            return candidate
    raise InputError(f"{folder} holds no UNIPEN archive: it has no folders data and include side by side.")


def paths(root: Path, categories: tuple[str, ...]) -> list[Path]:
    """The files of segments of some categories, in order: ``2`` isolated characters, ``7`` words, ``8`` texts, and so on."""
    return [path for category in categories for path in sorted((root / "data" / category).rglob("*.dat"))]


def read(root: Path, path: Path) -> Document:
    """Read a file of segments and what it includes.

    Args:
        root: of the archive, see :func:`root_of`.
        path: one of :func:`paths`.

    Raises:
        InputError: the file, or one that it includes, is missing, too large, or not of UNIPEN's format.
    """
    document = Document(path.relative_to(root / "data").as_posix())
    columns, writer = ["X", "Y"], ""
    for source, keyword, text in _statements(root, path, 0):
        match keyword:
            case "COORD":
                columns = text.split()
                if "X" not in columns or "Y" not in columns:
                    raise InputError(f"{source.name}: .COORD has no X or no Y.")
            case "WRITER_ID":
                writer = (text.split() or [""])[0]
            case "POINTS_PER_SECOND":
                document.rate = float(said[0]) if (said := re.match(r"\s*\d+\.?\d*", text)) else 0.0
            case "PEN_DOWN" | "PEN_UP":
                points = _points(source, text, columns)
                if len(points):
                    document.ink = source.relative_to(root).as_posix().removeprefix("include/")
                    document.components.append(Component(points, keyword == "PEN_DOWN", writer))
            case "SEGMENT":
                if (segment := _segment(text)) is not None:
                    document.segments.append(segment)
    return document


def _statements(root: Path, path: Path, depth: int) -> Iterator[tuple[Path, str, str]]:
    """The statements of a file, with those that it includes in place: the file, the keyword, and what follows it."""
    if depth > MAX_INCLUDES:
        raise InputError(f"{path.name}: files include each other without an end.")
    include = (root / "include").resolve()
    try:
        size = path.stat().st_size
        text = path.read_text(encoding="latin-1") if size <= MAX_FILE_BYTES else ""
    except OSError:
        raise InputError(f"{path.name} is missing.") from None
    if size > MAX_FILE_BYTES:
        raise InputError(f"{path.name} is too large for a file of UNIPEN's ({size:,} bytes).")
    keyword, lines = "", list[str]()
    for line in [*text.splitlines(), ".END"]:
        if not (statement := _STATEMENT.match(line)):
            lines.append(line)
            continue
        if keyword == "INCLUDE":
            name = "".join(lines).strip()
            if "\0" in name or not (named := (include / name).resolve()).is_relative_to(include):
                raise InputError(f"{path.name} includes a file from outside of the archive.")
            yield from _statements(root, named, depth + 1)
        elif keyword:
            yield path, keyword, "\n".join(lines)
        keyword, lines = statement[1], [statement[2]]


def _points(source: Path, text: str, columns: list[str]) -> np.ndarray:
    """Points, float64 (N, 2), of a component; numbers that don't fill a row are left out."""
    try:
        values = np.array(text.split(), np.float64)
    except ValueError:
        raise InputError(f"{source.name}: a component has something else than numbers.") from None
    rows = values[: len(values) // len(columns) * len(columns)].reshape(-1, len(columns))
    points = rows[:, [columns.index("X"), columns.index("Y")]]
    if not np.isfinite(points).all():
        raise InputError(f"{source.name}: a component has numbers that are not finite.")
    return points


def _segment(text: str) -> Segment | None:
    """A segment as it is written; None where it has no label."""
    match = _SEGMENT.match(text)
    if match is None or match["label"] is None:
        return None
    ranges = tuple(found for part in match["ranges"].split(",") if (found := _range(part)) is not None)
    if not ranges:
        return None
    label = re.sub(r"\\(.)", r"\1", match["label"]).replace("\n", " ")
    return Segment(match["level"].upper(), ranges, match["quality"].upper(), label)


def _range(text: str) -> Range | None:
    match = _RANGE.fullmatch(text)
    if match is None:
        return None
    first, start, last, stop = (None if group is None else int(group) for group in match.groups())
    assert first is not None
    if last is None:  # one component, or one point of it
        return (first, start), (first, start)
    return (first, start), (last, stop)
