"""Which language a text is in."""

import numpy as np
import pytest

from hwr import InputError
from hwr.charset import LANGUAGES, PRINTABLE
from hwr.text.language_building import Source, build
from hwr.text.languages import Languages, shipped_languages

SENTENCES = {
    "en": "I shall be glad to see you on Monday",
    "de": "Ich freue mich sehr auf deinen Besuch am nächsten Montag",
    "fr": "Je serai très heureux de vous revoir lundi prochain",
    "es": "Me alegro mucho de verte el próximo lunes por la mañana",
    "it": "Sarò molto felice di rivederti lunedì prossimo",
    "nl": "Ik vind het heel leuk om je volgende maandag weer te zien",
}


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_the_language_is_found_even_where_some_letters_are_misread(language: str):
    languages = shipped_languages()
    assert languages is not None
    assert languages.likeliest([SENTENCES[language]]) == language
    assert languages.likeliest([SENTENCES[language].replace("m", "rn", 1).replace("l", "1", 1)]) == language
    assert languages.choose(["whatever"], language) == (language, languages.models[language])


def test_what_may_be_of_any_language_is_of_the_first():
    languages = shipped_languages()
    assert languages is not None
    for text in ("", "1984", "12.03.", "OK", "A"):
        assert languages.likeliest([text]) == "en"
    assert languages.likeliest([]) == "en"


def test_what_there_is_no_model_of_is_refused():
    languages = Languages({"en": build([Source(["the cat"], np.ones(1))], order=2)})
    for wrong in ("tlh", "", 5):
        with pytest.raises(InputError, match="en"):
            languages.choose(["the"], wrong)
    assert languages.likeliest(["日本 é", PRINTABLE]) == "en"
    with pytest.raises(InputError):
        Languages({})
