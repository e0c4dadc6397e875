"""hwr: handwriting recognition and generation with recurrent networks."""

from hwr.errors import InputError, ModelError
from hwr.models.char_lstm import CharLSTM
from hwr.models.ink_ctc import InkCTC
from hwr.models.line_ctc import LineCTC
from hwr.models.pen_lstm import PenLSTM
from hwr.models.pixel_lstm import PixelLSTM
from hwr.predictors.char import CharPrediction, CharRecognizer
from hwr.predictors.ink import InkReader
from hwr.predictors.pen import PenWriter
from hwr.predictors.pixels import PixelText, PixelWriter
from hwr.predictors.text import TextCharacter, TextLine, TextReader, TextResult
from hwr.written import Ink, InkLetter, InkReport

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
    "PenLSTM",
    "PenWriter",
    "PixelLSTM",
    "PixelText",
    "PixelWriter",
    "TextCharacter",
    "TextLine",
    "TextReader",
    "TextResult",
]
__version__ = "0.1.0"
