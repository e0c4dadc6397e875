"""hwr: handwriting recognition and generation with recurrent networks."""

from hwr.errors import InputError, ModelError
from hwr.models.char_lstm import CharLSTM
from hwr.models.line_ctc import LineCTC
from hwr.models.pixel_lstm import PixelLSTM
from hwr.predictors.char import CharPrediction, CharRecognizer
from hwr.predictors.pixels import PixelText, PixelWriter
from hwr.predictors.text import TextCharacter, TextLine, TextReader, TextResult

__all__ = [
    "CharLSTM",
    "CharPrediction",
    "CharRecognizer",
    "InputError",
    "LineCTC",
    "ModelError",
    "PixelLSTM",
    "PixelText",
    "PixelWriter",
    "TextCharacter",
    "TextLine",
    "TextReader",
    "TextResult",
]
__version__ = "0.1.0"
