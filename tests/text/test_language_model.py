"""The language model of characters: it is a distribution, learns what is frequent, survives storage, and refuses what is none."""

import io
import math
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwr import ModelError
from hwr.charset import LANGUAGES, PRINTABLE
from hwr.hub.finding import beside_package
from hwr.text.language_building import Source, build, read_text
from hwr.text.language_model import MODEL_FILE, LanguageModel

TEXTS = ["the cat sat on the mat", "the dog", "a cat", "that is 42", "What?"]


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    return build([Source(TEXTS, np.ones(len(TEXTS)))], order=4)


@given(st.text(PRINTABLE, max_size=12))
@settings(max_examples=60, deadline=None)
def test_after_any_text_it_is_a_distribution(model: LanguageModel, text: str) -> None:
    state = model.start()
    for char in text:
        state = model.advance(state, char)
    probabilities = np.exp(model.next_log_probs(state).astype(np.float64))
    assert probabilities.shape == (len(PRINTABLE) + 1,)
    assert probabilities.sum() == pytest.approx(1, abs=1e-4)
    assert probabilities.min() > 0  # nothing is impossible to read


def test_a_text_s_probability_is_the_product_of_its_characters(model: LanguageModel) -> None:
    state, total = model.start(), 0.0
    for char in "the cat":
        total += float(model.next_log_probs(state)[PRINTABLE.index(char)])
        state = model.advance(state, char)
    assert model.log_prob("the cat") == pytest.approx(total + float(model.next_log_probs(state)[-1]), abs=1e-6)


def test_what_it_has_seen_is_likelier(model: LanguageModel) -> None:
    assert model.log_prob("the cat") > model.log_prob("the czt") > model.log_prob("~{^}|\\`")
    assert model.log_prob("cat") > model.log_prob("tac")


def test_all_texts_of_a_length_and_the_shorter_ones_are_at_most_one(model: LanguageModel) -> None:
    # P(end) + sum over first characters of P(char) = 1, and likewise one character further on.
    start = model.start()
    first = np.exp(model.next_log_probs(start).astype(np.float64))
    two = sum(first[k] * math.exp(float(model.next_log_probs(model.advance(start, char))[-1])) for k, char in enumerate(PRINTABLE))
    assert 0 < first[-1] + two < 1


def test_saved_and_loaded_it_is_the_same(model: LanguageModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    again = LanguageModel.load(tmp_path)
    assert len(again) == len(model)
    assert [again.log_prob(text) for text in TEXTS] == [model.log_prob(text) for text in TEXTS]


@pytest.mark.parametrize("content", [b"", b"PK", b"not a model", b"\x80\x04."])
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / MODEL_FILE).write_bytes(content)
    with pytest.raises(ModelError, match=MODEL_FILE):
        LanguageModel.load(tmp_path)
    with pytest.raises(ModelError):
        LanguageModel.load(tmp_path / "nowhere")


@pytest.mark.parametrize("share", [0.3, 0.9, 0.99])
def test_a_truncated_model_is_refused(model: LanguageModel, tmp_path: Path, share: float) -> None:
    model.save(tmp_path)
    whole = (tmp_path / MODEL_FILE).read_bytes()
    (tmp_path / MODEL_FILE).write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(ModelError):
        LanguageModel.load(tmp_path)


def arrays(model: LanguageModel, folder: Path) -> dict[str, np.ndarray]:
    model.save(folder)
    with np.load(folder / MODEL_FILE) as file:
        return {name: file[name].copy() for name in file.files}


@pytest.mark.parametrize("name", ["symbols", "log_probs", "children", "backoffs"])
def test_arrays_that_make_no_tree_are_refused(model: LanguageModel, tmp_path: Path, name: str) -> None:
    for change in (lambda a: a[:-1], lambda a: a.astype(np.int64), lambda a: np.array([object()])):
        changed = arrays(model, tmp_path)
        changed[name] = change(changed[name])
        np.savez_compressed(tmp_path / MODEL_FILE, **changed)
        with pytest.raises(ModelError):
            LanguageModel.load(tmp_path)


def test_entries_that_are_no_arrays_or_claim_to_be_endless_are_refused(tmp_path: Path) -> None:
    endless = io.BytesIO()
    np.lib.format.write_array_header_1_0(endless, {"descr": "|u1", "fortran_order": False, "shape": (10**15,)})
    for content in (b"", b"hello", endless.getvalue()):
        with zipfile.ZipFile(tmp_path / MODEL_FILE, "w") as archive:
            for name in ("symbols", "log_probs", "children", "backoffs"):
                archive.writestr(f"{name}.npy", content)
        with pytest.raises(ModelError):
            LanguageModel.load(tmp_path)


def test_children_that_do_not_add_up_are_refused(model: LanguageModel, tmp_path: Path) -> None:
    changed = arrays(model, tmp_path)
    changed["children"][3] += 1
    np.savez_compressed(tmp_path / MODEL_FILE, **changed)
    with pytest.raises(ModelError):
        LanguageModel.load(tmp_path)


def test_a_small_file_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / MODEL_FILE, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("symbols", "log_probs", "children", "backoffs"):
            with archive.open(f"{name}.npy", "w") as entry:
                for _ in range(30):
                    entry.write(bytes(1_000_000))
    with pytest.raises(ModelError):
        LanguageModel.load(tmp_path)


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_the_shipped_models_know_their_language_and_forbid_nothing(language: str) -> None:
    folder = beside_package(f"weights/language-model/{language}")
    assert folder is not None
    model = LanguageModel.load(folder)
    assert sum(path.stat().st_size for path in folder.iterdir()) < 2_000_000
    assert model.charset == PRINTABLE + LANGUAGES[language]
    pairs = {
        "en": (("the", "thc"), ("Philadelphia", "Philadelpkia"), ("don't", "don;t"), ("1984", "l984"), ("in the", "inthe")),
        "de": (("für", "fur"), ("Straße", "StraBe"), ("schön", "schon\\"), ("nicht", "nicbt")),
        "fr": (("été", "ete~"), ("garçon", "garcon"), ("l'homme", "l;homme")),
        "es": (("mañana", "manana"), ("¿Qué", "?Qué"), ("corazón", "corazdn")),
        "it": (("perché", "perchc"), ("città", "citta~"), ("buongiorno", "buongiomo")),
        "nl": (("geïnteresseerd", "geinteressccrd"), ("het", "hct"), ("vrijdag", "vrydaq")),
    }
    for better, worse in pairs[language]:
        assert model.log_prob(better) > model.log_prob(worse)
    assert math.isfinite(model.log_prob("Xqzzw#~"))


def test_a_model_knows_the_characters_that_it_was_built_with(tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("der Bär\nein Bar\ndie Bären\n“Bär”\n", encoding="utf-8")
    charset = PRINTABLE + LANGUAGES["de"]
    source = read_text(tmp_path / "text.txt", charset=charset)
    assert '"Bär"' in source.lines
    built = build([source], order=3, charset=charset)
    built.save(tmp_path / "model")
    model = LanguageModel.load(tmp_path / "model")
    assert model.charset == charset
    assert math.isfinite(model.log_prob("Bär"))
    assert model.log_prob("Bär") == pytest.approx(built.log_prob("Bär"))
    assert build([read_text(tmp_path / "text.txt")], order=3).log_prob("Bär") == -math.inf


@pytest.mark.parametrize("charset", ["", "abc", " aa", " " + "".join(map(chr, range(300, 427)))])
def test_a_charset_that_no_model_can_have_is_refused(model: LanguageModel, charset: str) -> None:
    arrays = (model._symbols, model._log_probs, model._children, model._backoffs)
    with pytest.raises(ModelError):
        LanguageModel(*arrays, charset)
