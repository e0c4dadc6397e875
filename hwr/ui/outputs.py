"""Files that the page and the endpoints hand out: in Gradio's cache, which is cleared within the hour."""

import re
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from gradio.processing_utils import save_bytes_to_cache
from gradio.utils import get_upload_folder


def handed_out(name: str, write: Callable[[Path], object]) -> str:
    """Path of a file that visitors can fetch.

    Args:
        name: of the file, with its ending.
        write: writes it at the path that it is given.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        write(path)
        return save_bytes_to_cache(path.read_bytes(), name, get_upload_folder())


def stem(text: str) -> str:
    """A file's name, without its ending, that tells what is in it: the first words of a text."""
    words = re.findall(r"[^\W_]+", text[:200])
    name = ""
    for word in words[:6]:
        if name and len(name) + len(word) > 32:
            break
        name = f"{name}-{word}" if name else word[:32]
    return name or "handwriting"
