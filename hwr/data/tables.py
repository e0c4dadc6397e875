"""Tables of samples: Parquet files of a folder, a file a split, or a data set of the Hub."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hwr.errors import InputError

if TYPE_CHECKING:
    from datasets import Dataset


def load_table(dataset: str, split: str, *, title: str, otherwise: str) -> Dataset:
    """A split.

    Args:
        dataset: folder with ``<split>.parquet``, or Hub repo id.
        split: its name.
        title: of the data set, that a sentence begins with.
        otherwise: a sentence on where such data comes from, for those who have none.

    Raises:
        InputError: it isn't there, or can't be read.
    """
    from datasets import Dataset, NamedSplit, load_dataset

    is_folder = Path(dataset).is_dir()
    if "/" not in dataset and not is_folder:
        raise InputError(f"{dataset!r} is neither a folder nor a Hub repository (user/name). {otherwise}")
    try:
        if is_folder:
            return Dataset.from_parquet(str(Path(dataset) / f"{split}.parquet"), split=NamedSplit(split))
        return load_dataset(dataset, split=split)
    except Exception as error:  # files and servers of strangers: errors of pyarrow, httpx and others come through
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:300]
        raise InputError(f"{title} can't be loaded: {reason}") from error
