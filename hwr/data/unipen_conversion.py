"""UNIPEN train_r01_v07 as the foundation distributes it, made into the Parquet data set that :mod:`hwr.data.unipen` reads.

Characters, words and lines are cut out of their files, turned so that y grows downwards, scaled to their writer's core height, simplified
(Ramer-Douglas-Peucker), and split by writer: the SHA-256 of a writer's name decides, so that the same writers are held out wherever the
data set is made.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from hwr.data import unipen_archive as archive
from hwr.errors import InputError
from hwr.ink.moves import simplified
from hwr.system.staging import check_free

log = logging.getLogger(__name__)

CATEGORIES = ("2", "7", "8")
"""Folders of the archive that are read: isolated characters, words, texts."""
UNRELIABLE_CASE = frozenset(("ape", "hpp", "sta"))
"""Contributors whose labels do not follow the ink's case."""
TOLERANCE = 0.02
"""Of the simplification, in core heights."""
KINDS = ("char", "word", "line")
SPLITS = ("train", "validation", "test")
TEST_SHARE, VALIDATION_SHARE = 10, 4
"""Per cent of the writers."""
TALLEST = 9.0
"""Core heights: what is taller are several lines, or a slip of the segmentation."""
WIDEST = 8.0
"""Core heights a character, on average."""
LONGEST = {"char": 1, "word": 24, "line": 90}
"""Characters of a text."""
CORE_LETTERS = frozenset("acemnorsuvwxz")
"""Small letters without ascenders and descenders."""
ENOUGH = 8
"""Texts, or small letters, on which a core height is measured; where there are fewer, on something else."""
_SYLLABLE = "@"  # what kai's words have after each letter is no part of them
_SYLLABLE_CONTRIBUTORS = frozenset(("kai",))
_ROWS_PER_GROUP = 8192


@dataclass(frozen=True, eq=False)
class Sample:
    """A labelled piece of ink, as it stands in the archive.

    Attributes:
        text: printable ASCII.
        kind: ``"char"``, ``"word"`` or ``"line"``.
        writer: as the file names them, or the file itself where it names nobody.
        contributor: three letters.
        session: folder of the ink: people wrote on several tablets.
        strokes: float64 arrays (N, 2), the tablet's unit, y growing upwards.
        place: ink file, first and last component: which samples are parts of others.
    """

    text: str
    kind: str
    writer: str
    contributor: str
    session: str
    strokes: list[np.ndarray]
    place: tuple[str, int, int]


@dataclass(eq=False)
class Converted:
    """What was made of an archive.

    Attributes:
        counts: per split, how many samples of each kind.
        skipped: files and segments that could not be read, each with the reason.
    """

    counts: dict[str, dict[str, int]]
    skipped: list[str] = field(default_factory=list)


def convert(source: str | os.PathLike[str], folder: str | os.PathLike[str]) -> Converted:
    """Make the Parquet data set: ``train.parquet``, ``validation.parquet``, ``test.parquet`` and ``README.md``.

    Args:
        source: the archive (zip, tar, tar.gz), or a folder into which it was unpacked.
        folder: where the data set goes; it must not exist yet, or be empty. It appears when it is complete.

    Raises:
        InputError: the source is no UNIPEN archive, holds nothing that can be used, or the folder can't be written.
    """
    folder, source = Path(folder).expanduser(), Path(source).expanduser()
    try:
        check_free(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as unfinished:
            new = Path(unfinished, folder.name)
            new.mkdir()
            root = archive.root_of(archive.unpacked(source, Path(unfinished, "archive")))
            converted = _write(root, new)
            new.replace(folder)
    except OSError as error:
        raise InputError(f"{folder} can't be written: {error.strerror or error}.") from error
    return converted


def push(folder: str | os.PathLike[str], repo_id: str) -> str:
    """Push a converted data set to the Hub, in one commit; the repository is made if need be.

    Returns:
        The commit's address.

    Raises:
        InputError: the Hub refuses or can't be reached. The folder is as before.
    """
    from hwr.hub.pushing import upload

    folder = Path(folder).expanduser()
    return upload(folder, sorted(folder.iterdir()), repo_id, repo_type="dataset", message="Upload UNIPEN ink, by writer")


def split_of(writer: str) -> str:
    """Which split a writer belongs to."""
    number = int(hashlib.sha256(writer.encode()).hexdigest(), 16) % 100
    return "test" if number < TEST_SHARE else "validation" if number < TEST_SHARE + VALIDATION_SHARE else "train"


# --- out of the archive ---


def samples(documents: Iterable[archive.Document], skipped: list[str]) -> Iterator[Sample]:
    """The labelled pieces of documents; what can't be used goes to ``skipped``, with the reason."""
    for document in documents:
        parts = document.ink.split("/")
        session = parts[2] if len(parts) > 3 else ""
        for segment in document.segments:
            kind = archive.LEVELS.get(segment.level)
            text = segment.label.strip()
            if document.contributor in _SYLLABLE_CONTRIBUTORS and kind != "char":
                text = text.replace(_SYLLABLE, "")
            if kind is None or segment.quality == "BAD" or not text or len(text) > LONGEST[kind]:
                continue
            if not (text.isascii() and text.isprintable()):
                continue
            try:
                strokes = document.strokes(segment)
            except InputError as error:
                skipped.append(str(error))
                continue
            if strokes:
                (first, _), _ = segment.ranges[0]
                _, (last, _) = segment.ranges[-1]
                writer = document.writer(segment) or Path(document.ink).stem
                yield Sample(text, kind, writer, document.contributor, session, strokes, (document.ink, first, last))


def core_height(inks: Sequence[Sample]) -> float:
    """Height of small letters in the ink of one writer on one tablet, in the tablet's unit; about the x-height.

    It is measured on words and lines: between the heights below which a fifth and four fifths of the length of the pen's way lie, in the
    median text of three characters or more. Where there are fewer than eight, single letters serve: 0.62 of the height of those without
    ascenders and descenders, if there are eight of them, else 0.45 of that of whatever there is. At least 1e-6.
    """
    texts = [sample.strokes for sample in inks if sample.kind != "char"]
    long = [sample.strokes for sample in inks if sample.kind != "char" and len(sample.text) >= 3]
    single = [sample for sample in inks if sample.kind == "char"]
    if len(long) >= ENOUGH or not single:
        return max(float(np.median([_band(strokes) for strokes in long or texts])), 1e-6)
    small = [_height(sample.strokes) for sample in single if sample.text in CORE_LETTERS]
    share, heights = (0.62, small) if len(small) >= ENOUGH else (0.45, [_height(sample.strokes) for sample in single])
    return max(share * float(np.median(heights)), 1e-6)


def _band(strokes: Sequence[np.ndarray]) -> float:
    """The height of the band in which the middle three fifths of the pen's way lie, between middles of the ways from point to point."""
    middles = np.concatenate([(stroke[1:, 1] + stroke[:-1, 1]) / 2 for stroke in strokes])
    order = np.argsort(middles, kind="stable")
    ways = np.cumsum(np.concatenate([np.hypot(*np.diff(stroke, axis=0).T) for stroke in strokes])[order])
    if not len(ways) or not ways[-1]:
        return 0.0
    low, high = np.searchsorted(ways, np.array([0.2, 0.8]) * ways[-1])
    return float(middles[order[high]] - middles[order[low]])


def _height(strokes: Sequence[np.ndarray]) -> float:
    return float(np.ptp(np.concatenate([stroke[:, 1] for stroke in strokes])))


def scaled(strokes: Sequence[np.ndarray], unit: float) -> list[np.ndarray]:
    """Ink as the data set holds it.

    Args:
        strokes: float64 arrays (N, 2), y growing upwards.
        unit: the writer's core height.

    Returns:
        int64 arrays (M, 2), hundredths of the unit, y growing downwards, left and top at 0, with the points that matter.
    """
    full = [stroke * (1.0, -1.0) for stroke in strokes]
    corner = np.concatenate(full).min(0)
    # Simplified at this size: where several points lie equally far off, which of them stays hangs on how their numbers are rounded.
    thinned = simplified([(stroke - corner) * (100 / unit) for stroke in full], 100 * TOLERANCE)
    rounded = [np.round(stroke).astype(np.int64) for stroke in thinned]
    corner = np.concatenate(rounded).min(0)
    return [stroke - corner for stroke in rounded]


def rows_of(inks: Sequence[Sample]) -> Iterator[dict[str, Any]]:
    """The data set's rows, from all samples of a contributor."""
    hands: dict[tuple[str, str], list[Sample]] = defaultdict(list)
    for sample in inks:
        hands[sample.writer, sample.session].append(sample)
    wholes: dict[str, list[tuple[int, int]]] = defaultdict(list)
    kept: list[tuple[Sample, list[np.ndarray]]] = []
    for hand in hands.values():
        unit = core_height(hand)
        for sample in hand:
            strokes = scaled(sample.strokes, unit)
            width, height = np.concatenate(strokes).max(0) / 100
            if height < TALLEST and width <= WIDEST * len(sample.text):
                kept.append((sample, strokes))
                if sample.kind != "char":
                    ink, first, last = sample.place
                    wholes[ink].append((first, last))
    for sample, strokes in kept:
        ink, first, last = sample.place
        yield {
            "text": sample.text,
            "kind": sample.kind,
            "writer": sample.writer,
            "contributor": sample.contributor,
            "case_reliable": sample.contributor not in UNRELIABLE_CASE,
            "in_context": sample.kind == "char" and any(start <= first and last <= stop for start, stop in wholes[ink]),
        } | columns_of(strokes)


def columns_of(strokes: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
    """Strokes, int64 arrays (N, 2), as the columns ``x``, ``y`` and ``pen_up``."""
    points = np.concatenate(strokes)
    ends = np.zeros(len(points), bool)
    ends[np.cumsum([len(stroke) for stroke in strokes]) - 1] = True
    return {"x": points[:, 0], "y": points[:, 1], "pen_up": ends}


# --- into the data set ---


def ink_schema() -> Any:
    """The ``pyarrow.Schema`` of an ink data set's files, which :func:`hwr.data.unipen.load` reads."""
    import pyarrow as pa

    numbers = pa.list_(pa.int16())
    texts = [(name, pa.string()) for name in ("text", "kind", "writer", "contributor")]
    flags = [("case_reliable", pa.bool_()), ("in_context", pa.bool_())]
    return pa.schema([*texts, *flags, ("x", numbers), ("y", numbers), ("pen_up", pa.list_(pa.bool_()))])


def _write(root: Path, folder: Path) -> Converted:
    import pyarrow as pa
    import pyarrow.parquet as pq
    from tqdm import tqdm

    schema = ink_schema()
    converted = Converted({split: defaultdict(int) for split in SPLITS})
    writers: dict[str, set[str]] = {split: set() for split in SPLITS}
    by_contributor: dict[str, list[Path]] = defaultdict(list)
    for path in archive.paths(root, CATEGORIES):
        by_contributor[path.relative_to(root / "data").parts[1]].append(path)
    files = {split: pq.ParquetWriter(folder / f"{split}.parquet", schema) for split in SPLITS}
    try:
        with tqdm(total=sum(map(len, by_contributor.values())), desc="Reading UNIPEN", unit=" files") as bar:
            for _, paths in sorted(by_contributor.items()):
                rows: dict[str, list[dict[str, Any]]] = {split: [] for split in SPLITS}
                inks = list(samples(_documents(root, paths, converted.skipped, bar), converted.skipped))
                for row in rows_of(inks):
                    rows[split_of(row["writer"])].append(row)
                for split, found in rows.items():
                    for start in range(0, len(found), _ROWS_PER_GROUP):
                        files[split].write_table(pa.Table.from_pylist(found[start : start + _ROWS_PER_GROUP], schema))
                    for row in found:
                        converted.counts[split][row["kind"]] += 1
                        writers[split].add(row["writer"])
    finally:
        for file in files.values():
            file.close()
    if not any(map(len, writers.values())):
        raise InputError("The archive holds no characters, words or texts that can be used.")
    (folder / "README.md").write_text(_card(converted, writers), encoding="utf-8")
    return converted


def _documents(root: Path, paths: Sequence[Path], skipped: list[str], bar: Any) -> Iterator[archive.Document]:
    for path in paths:
        bar.update()
        try:
            yield archive.read(root, path)
        except InputError as error:
            skipped.append(f"{path.relative_to(root).as_posix()}: {error}")
            log.warning("%s", skipped[-1])


def _card(converted: Converted, writers: dict[str, set[str]]) -> str:
    rows = "\n".join(
        f"| {split} | " + " | ".join(f"{converted.counts[split].get(kind, 0):,}" for kind in KINDS) + f" | {len(writers[split]):,} |"
        for split in SPLITS
    )
    count = len(converted.skipped)
    skipped = f"{count:,} files or segments could not be read and were left out." if count else ""
    return files("hwr.data").joinpath("unipen_card.md").read_text(encoding="utf-8").format(rows=rows, skipped=skipped)
