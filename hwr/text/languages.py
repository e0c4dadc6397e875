"""Which language a text is in, and the language model that helps to read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np

from hwr.charset import LANGUAGES, closest
from hwr.errors import InputError
from hwr.hub.finding import beside_package
from hwr.text.language_model import LanguageModel

MARGIN = 6.0
"""How much likelier (natural logarithm) the letters must be in another; tuned by ``benchmarks/language_tuning.py`` on validation."""
MOST = 600
"""Characters of a page that are looked at."""


class Languages:
    """Language models, by the ISO 639-1 code of their language. Thread-safe.

    Args:
        models: at least one; the first one is the language that a text is in unless another is much likelier.
    """

    def __init__(self, models: Mapping[str, LanguageModel]) -> None:
        if not models:
            raise InputError("There must be a language model.")
        self.models = dict(models)

    def check(self, language: str | None) -> None:
        """Whether there is a model of a language that was asked for.

        Raises:
            InputError: there is none.
        """
        if language is not None and language not in self.models:
            raise InputError(f"language must be one of {', '.join(self.models)}, or nothing for whichever it is.")

    def choose(self, lines: Sequence[str], language: str | None = None) -> tuple[str, LanguageModel]:
        """The language asked for, or the likeliest of lines as a network reads them without help, and its model.

        Raises:
            InputError: there is no model of this language.
        """
        self.check(language)
        language = language or self.likeliest(lines)
        return language, self.models[language]

    def likeliest(self, lines: Sequence[str]) -> str:
        """The language in which the letters that a network reads on a page, without help, are likeliest."""
        first = next(iter(self.models))
        text: list[str] = []
        for line in lines:
            if line and sum(map(len, text)) < MOST:
                text.append(line)
        if not text or len(self.models) == 1:
            return first
        scores = {language: sum(_log_prob(model, line) for line in text) for language, model in self.models.items()}
        best = max(scores, key=lambda language: scores[language])
        return best if scores[best] > scores[first] + MARGIN else first


def _log_prob(model: LanguageModel, line: str) -> float:
    """Of a line in a model's own characters; for each that it lacks the price of its rarest one is added."""
    lacking = sum(char not in model.charset for char in line)
    return model.log_prob(closest(line, model.charset)) + lacking * float(np.min(model.next_log_probs(0)))


@cache
def shipped_languages() -> Languages | None:
    """The language models beside the weights."""
    folder = beside_package("weights/language-model")
    if folder is None:
        return None
    found = {language: LanguageModel.load(folder / language) for language in LANGUAGES if (folder / language).is_dir()}
    return Languages(found) if found else None
