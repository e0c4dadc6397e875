"""The errors that callers meet, which carry a sentence written for people; and what to say where a library is not installed."""

from collections.abc import Generator
from contextlib import contextmanager
from importlib.util import find_spec


class InputError(ValueError):
    """The input can't be used; the message says what is wrong with it and what to do."""


class ModelError(InputError):
    """A folder, file or Hub repository can't be used as a model; the message says why."""


class TimeUpError(Exception):
    """Work took longer than its :class:`~hwr.system.deadline.Deadline` allows, or nobody waits for it any more; the message says which.

    Not an :class:`InputError`: what is left out of a batch with its reason is an input, never the rest of the batch.
    """


EXTRAS = {
    "gradio": "app",
    "accelerate": "train",
    "onnx": "train",
    "tyro": "train",
    "tensorboard": "train",
    "joblib": "train",
    "datasets": "report",
    "pandas": "report",
    "sklearn": "report",
    "jiwer": "report",
    "shapely": "report",
    "matplotlib": "report",
    "seaborn": "report",
    "ray": "ray",
    "pypdfium2": "documents",
    "fpdf": "documents",
    "fontTools": "documents",
}
"""Which extra of this package brings a module that reading and writing do without."""


def missing_extra(error: ModuleNotFoundError) -> str | None:
    """What to install, if an import failed for want of one of this package's extras."""
    module = (error.name or "").partition(".")[0]
    extra = EXTRAS.get(module)
    return extra and f"This needs {module}, which is not installed: pip install 'hwr[{extra}]'."


@contextmanager
def extra_imports() -> Generator[None]:
    """Where imports of an extra's modules stand: one that is missing is an :class:`InputError` that says what to install."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (sentence := missing_extra(error)) is None:
            raise
        raise InputError(sentence) from error


def need_extra(extra: str) -> None:
    """Before long work: that the modules of an extra are there, which are imported when they are used.

    Raises:
        InputError: one is not; the message says what to install.
    """
    with extra_imports():
        for module, brought_by in EXTRAS.items():
            if brought_by == extra and find_spec(module) is None:
                raise ModuleNotFoundError(f"No module named {module!r}", name=module)
