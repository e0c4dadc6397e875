"""hwr: handwriting recognition and generation with recurrent networks."""

from hwr.errors import InputError, ModelError
from hwr.models.char_lstm import CharLSTM
from hwr.predictors.char import CharPrediction, CharRecognizer

__all__ = ["CharLSTM", "CharPrediction", "CharRecognizer", "InputError", "ModelError"]
__version__ = "0.1.0"
