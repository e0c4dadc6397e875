"""Reading a million pictures: a row for each, with what it says or why it couldn't be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hwr.bulk.engine import work
from hwr.bulk.shards import Shards, reason
from hwr.bulk.sources import Item, Piece, digest, items, pieces_of
from hwr.errors import InputError, need_extra

if TYPE_CHECKING:
    from datasets import Features

VERSION = 1
"""Of what the shards look like."""


def features() -> Features:
    """The columns of a shard: boxes are x0, y0, x1, y1 in pixels of their page."""
    from datasets import Features, List, Value

    text = Value("string")
    line = {"page": Value("int32"), "text": text, "confidence": Value("float32"), "box": List(Value("float32"))}
    return Features({"name": text, "text": text, "confidence": Value("float32"), "lines": List(line), "label": text, "error": text})


class ShardReader:
    """A worker that reads pieces of a source.

    Args:
        shards: where what is read goes.
        pieces: of the source, one a shard.
        model: folder or Hub repository of a reader; None for the shipped one.
        revision: of the repository.
        device: where to run.
        line: each picture is one line or word.
        settings: ``language_model``, ``words`` and ``language``, as of :meth:`hwr.TextReader.read`.
    """

    def __init__(
        self,
        shards: Shards,
        pieces: Sequence[Piece],
        model: str | None,
        revision: str | None,
        device: str,
        line: bool,
        settings: dict[str, Any],
    ) -> None:
        from hwr.predictors.text import TextReader
        from hwr.system.process import return_memory, use_threads

        use_threads(1)
        return_memory()
        self.shards = shards
        self.pieces = pieces
        reader = TextReader.from_pretrained(model, revision=revision, device=device)
        read: Callable[..., Any] = reader.read_line if line else reader.read_document
        self.read = partial(read, **settings)

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        number = int(row["shard"])
        return {"shard": number} | self.shards.write(number, features(), self.rows(self.pieces[number]))

    def rows(self, piece: Piece) -> Iterator[dict[str, Any]]:
        """The rows of a piece. A broken file is told in a last row; a Hub that broke off may be back in the next start."""
        try:
            for item in items(piece):
                yield self._row(item)
        except InputError as error:
            if piece.places[0].startswith("hf://"):
                raise
            yield _failed(Item(piece.places[0], None, error=str(error)))

    def _row(self, item: Item) -> dict[str, Any]:
        if item.data is None:
            return _failed(item)
        try:
            result = self.read(item.data)
        except Exception as error:  # of a million, whatever one of them brings about costs the others nothing
            return _failed(item._replace(error=reason(error)))
        lines: list[dict[str, Any]] = [
            {"page": number, "text": line.text, "confidence": line.confidence, "box": list(line.box)}
            for number, page in enumerate(getattr(result, "pages", (result,)))
            for line in page.lines
        ]
        sure = sum(line["confidence"] for line in lines) / max(len(lines), 1)
        return {"name": item.name, "text": result.text, "confidence": sure, "lines": lines, "label": item.label, "error": None}


def _failed(item: Item) -> dict[str, Any]:
    return {"name": item.name, "text": "", "confidence": 0.0, "lines": [], "label": item.label, "error": item.error}


def read(
    source: str,
    folder: str,
    *,
    workers: int,
    size: int = 500,
    split: str | None = None,
    model: str | None = None,
    revision: str | None = None,
    device: str = "cpu",
    line: bool = False,
    settings: dict[str, Any] | None = None,
    done: Callable[[dict[str, Any], int], None] = lambda row, count: None,
) -> Shards:
    """Read all pictures of a source into Parquet shards; started again, go on with those that are missing.

    Args:
        source: see :func:`hwr.bulk.sources.pieces_of`; so ``split`` and ``size``.
        folder: where the shards go; on a cluster, where all machines have it, as they have the source.
        workers: processes that read.
        model: of a reader; so ``revision`` and ``device``; see :meth:`hwr.TextReader.from_pretrained`.
        line: each picture is one line or word.
        settings: see :class:`ShardReader`.
        done: told of each shard that is done, and how many there are in all.

    Raises:
        InputError: the source, the folder, the model or Ray can't be used.
    """
    need_extra("ray")
    pieces = pieces_of(source, split=split, size=size)
    options = {"model": model, "revision": revision, "line": line, "settings": settings or {}}
    shards = Shards(folder, {"kind": "read", "version": VERSION, "source": digest(pieces)} | options, len(pieces))
    arguments = {"shards": shards, "pieces": pieces, "device": device} | options
    work(shards, ShardReader, arguments, workers=workers, done=lambda row: done(row, len(pieces)))
    shards.finish(
        f"# What hwr read in {Path(source).name or source}\n\nOne row for each picture: `name`, `text`, `confidence`, `lines` (page, text, "
        "confidence, box), `label` (what the source says, if it does) and `error` (why nothing was read). By a machine, unchecked.\n"
    )
    return shards


def scores(shards: Shards) -> dict[str, float] | None:
    """Error rates over the rows with a label: ``cer``, ``wer`` and ``n``; None where there is none. What failed was read as nothing."""
    import pyarrow.parquet as pq

    from hwr.evaluation.metrics import text_metrics

    truths: list[str] = []
    texts: list[str] = []
    for number in range(shards.count):
        table = pq.read_table(shards.path(number), columns=["label", "text"])
        for label, text in zip(table["label"].to_pylist(), table["text"].to_pylist(), strict=True):
            if label and label.strip():
                truths.append(label)
                texts.append(text)
    return text_metrics(truths, texts) | {"n": float(len(truths))} if truths else None
