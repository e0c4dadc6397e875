"""Files that the page and the endpoints hand out: in Gradio's cache, which is cleared within the hour."""

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
