"""hwr: handwriting recognition and generation with recurrent networks."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from hwr.version import __version__ as __version__

if TYPE_CHECKING:
    from hwr.errors import InputError, ModelError
    from hwr.evaluation import report
    from hwr.evaluation import run as batch
    from hwr.models.char_lstm import CharLSTM
    from hwr.models.ink_ctc import InkCTC
    from hwr.models.line_ctc import LineCTC
    from hwr.models.page_lstm import PageLSTM
    from hwr.models.pen_lstm import PenLSTM
    from hwr.models.pixel_lstm import PixelLSTM
    from hwr.paper.report import InkReport
    from hwr.paper.written_ink import Ink, InkLetter
    from hwr.paper.written_pixels import PixelText
    from hwr.predictors.char import CharPrediction, CharRecognizer
    from hwr.predictors.ink import InkReader
    from hwr.predictors.pages import PageFinder
    from hwr.predictors.pen import PenWriter
    from hwr.predictors.pixels import PixelWriter
    from hwr.predictors.text import TextReader
    from hwr.text.result import TextCharacter, TextDocument, TextLine, TextResult, TextWord

_PLACES = {
    "CharLSTM": "hwr.models.char_lstm",
    "CharPrediction": "hwr.predictors.char",
    "CharRecognizer": "hwr.predictors.char",
    "Ink": "hwr.paper.written_ink",
    "InkCTC": "hwr.models.ink_ctc",
    "InkLetter": "hwr.paper.written_ink",
    "InkReader": "hwr.predictors.ink",
    "InkReport": "hwr.paper.report",
    "InputError": "hwr.errors",
    "LineCTC": "hwr.models.line_ctc",
    "ModelError": "hwr.errors",
    "PageFinder": "hwr.predictors.pages",
    "PageLSTM": "hwr.models.page_lstm",
    "PenLSTM": "hwr.models.pen_lstm",
    "PenWriter": "hwr.predictors.pen",
    "PixelLSTM": "hwr.models.pixel_lstm",
    "PixelText": "hwr.paper.written_pixels",
    "PixelWriter": "hwr.predictors.pixels",
    "TextCharacter": "hwr.text.result",
    "TextDocument": "hwr.text.result",
    "TextLine": "hwr.text.result",
    "TextReader": "hwr.predictors.text",
    "TextResult": "hwr.text.result",
    "TextWord": "hwr.text.result",
}
_MODULES = {"batch": "hwr.evaluation.run", "report": "hwr.evaluation.report"}

__all__ = [
    "CharLSTM",
    "CharPrediction",
    "CharRecognizer",
    "Ink",
    "InkCTC",
    "InkLetter",
    "InkReader",
    "InkReport",
    "InputError",
    "LineCTC",
    "ModelError",
    "PageFinder",
    "PageLSTM",
    "PenLSTM",
    "PenWriter",
    "PixelLSTM",
    "PixelText",
    "PixelWriter",
    "TextCharacter",
    "TextDocument",
    "TextLine",
    "TextReader",
    "TextResult",
    "TextWord",
    "batch",
    "report",
]


def __getattr__(name: str) -> Any:
    """The public names, imported when they are asked for (PEP 562): most of them bring PyTorch along."""
    if name in _PLACES:
        return getattr(import_module(_PLACES[name]), name)
    if name in _MODULES:
        return import_module(_MODULES[name])
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__all__]
