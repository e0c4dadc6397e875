"""Writing with a pen and reading ink: moves, networks, files, pages. Networks are untrained unless the shipped weights are at stake."""

import io
import itertools
import json
import re
import shutil
import subprocess
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from hwr import InputError, ModelError
from hwr.data.pen import Hands, PenSample, letter_starts, side_by_side
from hwr.decoding import alignments
from hwr.hub import beside_package
from hwr.ink_files import curves, load_strokes, smoothed, to_inkml
from hwr.models.ink_ctc import InkBatch, InkCTC, padded
from hwr.models.pen_lstm import PenLSTM, Sampler
from hwr.pen_moves import DEPART, LIFT, RETURN, core_height, features, logical_order, normalised, pieces_of, strokes_of, unit_of
from hwr.predictors.ink import InkReader
from hwr.predictors.pen import PenWriter
from hwr.recipes.pen import collate
from hwr.written import Ink, InkReport

STROKES = st.lists(
    arrays.arrays(np.float32, st.tuples(st.integers(1, 30), st.just(2)), elements=st.floats(-1000, 1000, width=32)), min_size=1, max_size=12
)


def cursive_i_n() -> list[np.ndarray]:
    """A cursive "in": one stroke, and the dot set afterwards."""
    x = np.linspace(0, 3, 40)
    body = np.stack([x, -np.abs(np.sin(2.2 * x))], 1).astype(np.float32)
    return [body, np.array([[0.7, -1.6], [0.75, -1.5]], np.float32)]


@pytest.fixture(scope="module")
def network() -> PenLSTM:
    torch.manual_seed(3)
    network = PenLSTM(hidden_size=40, hands=["Hand 1", "Hand 2"])
    network.gallery[1] = 1.0
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(1.5)
        network.after.bias[:] = torch.tensor([2.0, 0, 1.5, 1.5, 0, 0, 0, 0])
    return network.eval()


@pytest.fixture(scope="module")
def writer(network: PenLSTM) -> PenWriter:
    torch.manual_seed(0)
    return PenWriter(network, InkReader(InkCTC(hidden_size=8).eval()))


# --- moves ---


def test_a_dot_follows_its_letter_and_the_pen_returns() -> None:
    body, dot = cursive_i_n()
    path = logical_order([body, dot])
    assert (path.kinds == DEPART).sum() == (path.kinds == RETURN).sum() == 1
    away = int(np.flatnonzero(path.kinds == DEPART)[0])
    assert path.points[away - 1, 0] < 1.2, "the dot comes before the rest of the word"
    back = int(np.flatnonzero(path.kinds == RETURN)[0])
    assert path.before[back] == away - 1
    again, _ = strokes_of(path)
    np.testing.assert_allclose(again[0], body)
    np.testing.assert_allclose(again[1], dot)


@settings(max_examples=60, deadline=None)
@given(STROKES)
def test_no_point_gets_lost_in_logical_order(strokes: list[np.ndarray]) -> None:
    path = logical_order(normalised(strokes))
    again, places = strokes_of(path)
    assert path.kinds[0] == LIFT
    assert sorted(np.concatenate(places).tolist()) == list(range(len(path)))
    assert sum(map(len, again)) == len(path)
    found = features(path)
    assert found.shape == (len(path), 8)
    assert np.isfinite(found).all()


@settings(max_examples=40, deadline=None)
@given(STROKES, st.floats(0.01, 100))
def test_core_height_scales_with_the_ink(strokes: list[np.ndarray], scale: float) -> None:
    height = core_height(strokes)
    if height > 1e-3:
        assert core_height([stroke * np.float32(scale) for stroke in strokes]) == pytest.approx(height * scale, rel=1e-2, abs=1e-5)


def test_samples_side_by_side_keep_their_letters() -> None:
    path = logical_order(cursive_i_n())
    letters = np.repeat([0, 1], [len(path) // 2, len(path) - len(path) // 2])
    both = side_by_side([PenSample("in", path, letters, "a"), PenSample("in", path, letters, "a")], [0.5])
    assert both.text == "inin"
    assert set(both.letters) == {0, 1, 2, 3}
    assert (np.diff(both.letters) >= 0).all()
    np.testing.assert_allclose(both.path.offsets[1 : len(path)], path.offsets[1:], atol=1e-5)
    batch = collate([both], torch.eye(1))
    assert batch.after[0, -1] == LIFT + 4
    assert int((batch.after >= 4).sum()) == 4


def test_no_ink_is_in_two_samples_of_a_group() -> None:
    """Else a style would be taken from the ink that it is to predict."""
    rng = np.random.default_rng(0)

    def sample(text: str) -> PenSample:
        path = logical_order([rng.normal(size=(4 * len(text), 2)).astype(np.float32)])
        return PenSample(text, path, np.repeat(np.arange(len(text)), 4), "a")

    hands = Hands([sample(text) for text in ("some", "few", "short", "words", "here")], [sample(char) for char in "ABCabc"])
    for step in range(60):
        group = hands.group(np.random.default_rng(step), 5, 20)
        shapes = [
            piece for one in group for piece in {tuple(np.diff(one.path.points[one.letters == k], axis=0)[0]) for k in set(one.letters)}
        ]
        assert len(shapes) == len(set(shapes))


def test_boundaries_fall_on_lifts() -> None:
    charset = "ab"
    log_probs = np.full((10, 3), np.log(0.05))
    log_probs[:, 0] = np.log(0.9)
    log_probs[2], log_probs[8] = np.log([0.05, 0.9, 0.05]), np.log([0.05, 0.05, 0.9])
    (states,), _ = alignments([log_probs], ["ab"], charset)
    slope = np.cumsum(np.ones((5, 2), np.float32), 0)
    path = logical_order([slope, slope + np.float32([6, 0])])
    assert letter_starts(states, "ab", path).tolist() == [0, 5]


# --- networks ---


def test_the_sampler_does_what_the_network_says(network: PenLSTM, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    components = network.components
    monkeypatch.setattr(network, "components", lambda parameters: (seen.append(parameters.clone()), components(parameters))[1])
    style = torch.randn((2, network.style_size), generator=torch.Generator().manual_seed(0))
    (drawn,) = Sampler(network).draw(["Heyo."], style[:1], neatness=0.0, seeds=[[5]])
    monkeypatch.undo()
    assert {DEPART, RETURN} <= set(drawn.path.kinds.tolist()), "the seed should show excursions"
    batch = collate([PenSample("Heyo.", drawn.path, drawn.letters, "")], torch.eye(1))
    with torch.inference_mode():
        expected, _ = network(batch.letters, batch.before, batch.kinds, style[:1])
    torch.testing.assert_close(torch.cat(seen), expected[0], atol=1e-4, rtol=1e-4)
    first, _ = Sampler(network).draw(["Heyo.", "a"], style, neatness=0.0, seeds=[[5], [6]])
    np.testing.assert_allclose(first.path.points, drawn.path.points, atol=1e-4, err_msg="others in the batch have no influence")


@settings(max_examples=15, deadline=None)
@given(st.lists(st.text("".join(map(chr, range(33, 127))), min_size=1, max_size=20), min_size=1, max_size=5), st.integers(0, 1000))
def test_each_letter_is_written_once_in_order(network: PenLSTM, texts: list[str], seed: int) -> None:
    styles = torch.zeros((len(texts), network.style_size))
    for text, drawn in zip(
        texts, Sampler(network).draw(texts, styles, neatness=0.0, seeds=[[seed, n] for n in range(len(texts))]), strict=True
    ):
        assert [key for key, _ in itertools.groupby(drawn.letters.tolist())] == list(range(len(text)))
        assert np.isfinite(drawn.path.points).all()
        assert sum(map(len, strokes_of(drawn.path)[0])) == len(drawn.path)


def test_a_style_is_of_its_own_pieces_alone_whatever_their_order(network: PenLSTM) -> None:
    rng = np.random.default_rng(0)
    pieces = [rng.normal(size=(length, 8)).astype(np.float32) for length in (30, 5, 17, 40)]
    with torch.inference_mode():
        both = network.encode(*padded(pieces), torch.tensor([[0.5, 0.5, 0, 0], [0, 0, 1, 0]]))
        own = network.encode(*padded(pieces[1::-1]), torch.tensor([[0.5, 0.5]]))
        single = network.encode(*padded(pieces[2:3]), torch.ones(1, 1))
    assert both.shape == (2, network.style_size)
    torch.testing.assert_close(both, torch.cat([own, single]), atol=1e-5, rtol=1e-4)


def test_each_letter_has_a_style_of_its_own(network: PenLSTM) -> None:
    """Numbers of one letter change how that letter is written, and nothing before it."""
    style = torch.zeros((1, network.style_size))
    other = style.clone()
    start = network.hand_size + network.shape_size * network.charset.index("b")
    other[0, start : start + network.shape_size] = 3.0
    (plain,), (changed,) = (Sampler(network).draw(["abc"], each, neatness=0.0, seeds=[[1]]) for each in (style, other))
    before = int((plain.letters < 1).sum())
    np.testing.assert_array_equal(plain.path.points[:before], changed.path.points[:before])
    assert not np.allclose(plain.path.points[before], changed.path.points[before], atol=1e-3)
    (same,) = Sampler(network).draw(["ac"], other, neatness=0.0, seeds=[[1]])
    (without,) = Sampler(network).draw(["ac"], style, neatness=0.0, seeds=[[1]])
    np.testing.assert_array_equal(same.path.points, without.path.points)


def test_losses_fall(network: PenLSTM) -> None:
    path = logical_order(cursive_i_n())
    letters = np.repeat([0, 1], [20, len(path) - 20])
    batch = collate([PenSample("in", path, letters, "a")] * 3, torch.full((3, 3), 1 / 3))
    torch.manual_seed(0)
    small = PenLSTM(hidden_size=24)
    optimizer = torch.optim.Adam(small.parameters(), 1e-2)
    losses = []
    for _ in range(25):
        loss, parts = small.loss(batch)
        assert set(parts) == {"moves", "after", "letters"}
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < losses[0] - 0.5


def test_padding_has_no_influence_on_reading() -> None:
    torch.manual_seed(0)
    reader = InkCTC(hidden_size=8).eval()
    rng = np.random.default_rng(0)
    samples = [rng.normal(size=(length, 8)).astype(np.float32) for length in (5, 30, 17)]
    for alone, together in zip([reader.emissions([sample])[0] for sample in samples], reader.emissions(samples), strict=True):
        np.testing.assert_allclose(alone, together, atol=1e-5)
    moves, counts = padded(samples)
    batch = InkBatch(moves, counts, torch.tensor([34, 66, 66]), torch.tensor([1, 1, 1]), torch.tensor([True, True, False]))
    assert torch.isfinite(reader.loss(batch)[0])


@pytest.mark.parametrize(
    "config",
    [{"hidden_size": 0}, {"shape_size": 0}, {"mixtures": True}, {"charset": "aa"}, {"hands": [""]}, {"hands": "ab"}, {"moves": 99}],
)
def test_impossible_networks_are_refused(config: dict) -> None:
    with pytest.raises(ValueError, match="must be"):
        PenLSTM(**config)


def test_saved_and_loaded_it_writes_the_same(network: PenLSTM, writer: PenWriter, tmp_path) -> None:
    network.save_pretrained(tmp_path)
    again = PenWriter(PenLSTM.from_pretrained(tmp_path), writer.reader)
    assert again.write("Hello", style=1, verify=False).to_svg() == writer.write("Hello", style=1, verify=False).to_svg()
    (tmp_path / "config.json").write_text(json.dumps(json.loads((tmp_path / "config.json").read_text()) | {"hand_size": 65}))
    with pytest.raises(ModelError):
        PenLSTM.from_pretrained(tmp_path)


# --- files ---


def test_ink_survives_each_kind_of_file(writer: PenWriter, tmp_path) -> None:
    ink = writer.write("Hello <b>", verify=False)
    for kind in ("json", "inkml"):
        again = load_strokes(ink.save(tmp_path / f"a.{kind}"))
        assert len(again) == len(ink.strokes)
        for one, other in zip(again, ink.strokes, strict=True):
            np.testing.assert_allclose(one, other, atol=0.011)
    from_svg = load_strokes(ink.to_svg(single_line=True).encode())
    assert len(from_svg) == len(ink.strokes)
    np.testing.assert_allclose([stroke[0] for stroke in from_svg], [stroke[0] for stroke in ink.strokes], atol=0.02)
    assert writer.encode(tmp_path / "a.inkml").shape == (writer.style_size,)


def test_paths_of_foreign_svg_files_are_found() -> None:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg"><g transform="translate(100 0)"><path d="M0 0 q 10 10 20 0 t 20 0 M 50 0 h 10 v 10"/></g>'
        '<polyline points="0,0 5,5 10,0"/></svg>'
    )
    strokes = load_strokes(svg.encode())
    assert len(strokes) == 3
    assert max(float(stroke[:, 0].max()) for stroke in strokes) == pytest.approx(160)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<",
        b"{}",
        b"[[[1, 2], [3]]]",
        b"<html/>",
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b'<svg xmlns="http://www.w3.org/2000/svg"><path d="nonsense"/></svg>',
        b"<ink><trace>1 2, '3 4</trace></ink>",
        b"<ink><trace>nan nan</trace></ink>",
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><svg xmlns="http://www.w3.org/2000/svg"><title>&b;</title></svg>',
        b"\x89PNG\r\n",
        b"[" * 100_000,
    ],
)
def test_broken_files_get_a_sentence(data: bytes) -> None:
    with pytest.raises(InputError):
        load_strokes(data)


@settings(max_examples=40, deadline=None)
@given(arrays.arrays(np.float32, st.tuples(st.integers(1, 20), st.just(2)), elements=st.floats(-1000, 1000, width=32)))
def test_curves_pass_all_points_and_stay_near(stroke: np.ndarray) -> None:
    pieces = curves(stroke)
    assert pieces.shape == (len(stroke) - 1, 4, 2)
    np.testing.assert_allclose(pieces[:, 0], stroke[:-1])
    np.testing.assert_allclose(pieces[:, 3], stroke[1:])
    path = smoothed(stroke, 5.0)
    assert np.isfinite(path).all()
    reach = np.ptp(stroke, axis=0).max()
    assert (path >= stroke.min(0) - 0.6 * reach - 1).all()
    assert (path <= stroke.max(0) + 0.6 * reach + 1).all()


def written_page(strokes: list[np.ndarray], **options) -> Ink:
    report = InkReport(1, 0, (), {}, True, 0)
    plain = {"size": (300, 200), "core": 40.0, "stroke_width": 8.0, "ink_color": "#000000", "paper_color": "#ffffff"}
    return Ink(strokes=strokes, letters=(), report=report, text="x", **plain | options)


def test_with_pressure_the_pen_is_broader_downwards() -> None:
    top, bottom = np.array([[100, 30], [100, 170]], np.float32)
    strokes = [np.linspace(top, bottom, 9, dtype=np.float32), np.linspace(bottom, top, 9, dtype=np.float32) + np.float32([100, 0])]
    row = np.asarray(written_page(strokes, pressure=1.0).to_image())[100, :, 0] < 128
    down, up = row[:150].sum(), row[150:].sum()
    assert 9 <= down <= 14
    assert 3 <= up <= 6
    even = np.asarray(written_page(strokes).to_image())[100, :, 0] < 128
    assert abs(int(even[:150].sum()) - int(even[150:].sum())) <= 1


def test_a_moving_pen_never_changes_what_is_written() -> None:
    """However much of a stroke is drawn, its beginning stays as it is."""
    page = written_page([np.linspace((100, 30), (100, 170), 30, dtype=np.float32)], pressure=1.0)
    half, whole = (page._inked(page._sheet(1), slice(None), 1, share=share)[:95, :, 0] for share in (0.5, 1.0))
    np.testing.assert_array_equal(half, whole)


def test_a_stroke_that_stands_still_is_a_dot() -> None:
    still = written_page([np.full((4, 2), 50, np.float32)], pressure=1.0)
    assert (np.asarray(still.to_image())[45:55, 45:55] < 128).any()
    assert "A4.00 4.00" in still.to_svg()


@settings(max_examples=40, deadline=None)
@given(arrays.arrays(np.float32, st.tuples(st.integers(1, 20), st.just(2)), elements=st.floats(-1000, 1000, width=32)))
def test_outlines_are_plain_finite_numbers(stroke: np.ndarray) -> None:
    svg = written_page([stroke], pressure=0.7).to_svg()
    (path,) = re.findall(r'<path d="([^"]*)"/>', svg)
    assert re.fullmatch(r"[MLAZ0-9 .-]+", path)


@pytest.mark.skipif(shutil.which("inkscape") is None, reason="wants Inkscape")
@pytest.mark.parametrize("pressure", [0.0, 0.8])
def test_inkscape_sees_what_the_picture_shows(writer: PenWriter, tmp_path, pressure: float) -> None:
    page = writer.write("Hi you", verify=False, size=40, width=500, pressure=pressure)
    page.save(tmp_path / "a.svg")
    subprocess.run(["inkscape", "a.svg", "-o", "a.png"], cwd=tmp_path, check=True, capture_output=True, timeout=120)
    with Image.open(tmp_path / "a.png") as picture:
        seen = np.asarray(picture.convert("L"), float)
    ours = np.asarray(page.to_image().convert("L"), float)
    assert seen.shape == ours.shape
    assert np.corrcoef(seen.ravel(), ours.ravel())[0, 1] > 0.9
    assert (255 - seen).sum() == pytest.approx((255 - ours).sum(), rel=0.1)


def test_text_in_files_is_escaped(writer: PenWriter) -> None:
    text = "a</title><script>alert(1)</script>\x07&"
    ink = writer.write(text, verify=False)
    for document in (ink.to_svg(), ink.to_animated_svg(), ink.to_inkml()):
        assert "<script" not in document
        ElementTree.fromstring(document)
    assert ink.to_svg().count("<path") == len(ink.strokes)
    assert "rect" not in ink.to_svg(single_line=True)
    assert ElementTree.fromstring(to_inkml(ink.strokes, "\x00")).tag.endswith("ink")


# --- pages ---


def test_a_page_has_every_letter_in_its_place(writer: PenWriter) -> None:
    text = "Dear José,\n\n“quoted” – and " + "x" * 90 + " end☃"
    ink = writer.write(text, verify=False, size=16, width=500, paper="ruled", letter_spacing=0.3, slant=0.3)
    assert [letter.char for letter in ink.letters] == list('DearJose,"quoted"-and' + "x" * 90 + "end")
    assert all(text[letter.position] in "“”–é" or text[letter.position] == letter.char for letter in ink.letters)
    lines = [letter.line for letter in ink.letters]
    assert lines == sorted(lines)
    assert lines[-1] >= 4
    assert ink.letters[9].line == ink.letters[8].line + 2, "an empty line stays empty"
    assert ink.report.replaced == {"“": '"', "”": '"', "–": "-", "☃": ""}
    assert ink.rules
    json.dumps(ink.export())


def test_the_same_seed_gives_the_same_ink_and_another_another(writer: PenWriter) -> None:
    one, two, other = (writer.write("Hello you", seed=seed, style=1).to_json() for seed in (4, 4, 5))
    assert one == two != other
    assert writer.write("Hello you", seed=4, style=0).to_json() != one


def test_streaming_ends_with_what_write_gives(writer: PenWriter) -> None:
    text = "one two three four five six\nseven eight nine ten eleven twelve"
    steps = list(writer.stream(text, seed=2, verify=False))
    assert [step.total for step in steps] == [12] * len(steps)
    assert [step.done for step in steps] == sorted({step.done for step in steps})
    assert len(steps) > 2
    assert steps[-1].ink.to_json() == writer.write(text, seed=2, verify=False).to_json()
    letters = len(steps[0].ink.letters)
    assert 0 < letters < len(steps[-1].ink.letters)
    assert steps[0].ink.letters[0] == steps[-1].ink.letters[0]
    told = []
    writer.write(text, verify=False, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (12, 12)


def test_what_cannot_be_read_is_drawn_again_and_named(writer: PenWriter) -> None:
    report = writer.write("Hello world", verify=True).report
    assert report.verified
    assert report.unread == ("Hello", "world"), "an untrained reader reads nothing"
    assert report.redrawn == 2
    assert "Hello" in report.sentences()[0]
    assert writer.write("Hello", verify=False).report.unread == ()


@pytest.mark.parametrize(
    "options",
    [
        {"text": ""},
        {"text": "☃"},
        {"text": None},
        {"style": 2},
        {"style": -1},
        {"style": True},
        {"style": [1.0, 2.0]},
        {"style": "neat"},
        {"pressure": float("nan")},
        {"pressure": True},
        {"pressure": "0.5"},
        {"pressure": 1.1},
        {"neatness": 9},
        {"neatness": float("nan")},
        {"seed": -1},
        {"seed": 1.5},
        {"slant": "a"},
        {"size": 0},
        {"width": 1e9},
        {"ink_color": "url(x)"},
        {"paper": "gold"},
    ],
)
def test_impossible_wishes_get_a_sentence(writer: PenWriter, options: dict) -> None:
    with pytest.raises(InputError):
        writer.write(**({"text": "a", "verify": False} | options))


def test_a_style_must_be_finite(writer: PenWriter) -> None:
    for wrong in (np.nan, np.inf, 1e9):
        with pytest.raises(InputError, match="finite"):
            writer.write("a", style=np.append(np.zeros(writer.style_size - 1), wrong), verify=False)


def test_styles_mix(writer: PenWriter) -> None:
    np.testing.assert_allclose(writer.mix(0, 1, 0.25), 0.25)
    np.testing.assert_allclose(writer.mix(0, writer.gallery[1].style, 1), 1.0)
    with pytest.raises(InputError):
        writer.mix(0, 1, 2)


def test_own_ink_sets_the_style_whatever_its_unit(writer: PenWriter) -> None:
    words = [stroke + np.float32([shift, 0]) for shift in (0, 5, 10) for stroke in cursive_i_n()]
    assert len(pieces_of(words, unit_of(words))) >= 1
    style = writer.encode(words)
    np.testing.assert_allclose(writer.encode([(stroke * 37 + 500).tolist() for stroke in words]), style, atol=0.05)
    with pytest.raises(InputError):
        writer.encode([[[1, 1]]])


def test_small_letters_are_measured_by_what_is_read() -> None:
    """Capitals alone are not taken for tall small letters, whatever the unit."""
    reader = InkReader.from_pretrained()
    writer = PenWriter.from_pretrained()
    small, capitals = (writer.write(text, verify=False).strokes for text in ("seven more rooms", "SEVEN MORE ROOMS"))
    heights = [reader.core_height(strokes) for strokes in (small, capitals)]
    assert heights[1] / heights[0] < 0.9 * unit_of(capitals) / unit_of(small)
    assert reader.core_height([stroke * 37 for stroke in small]) == pytest.approx(37 * heights[0], rel=0.05)


def test_pictures_and_animations_show_the_ink(writer: PenWriter) -> None:
    ink = writer.write("Hi", verify=False, width=300, paper_color="#fffff0")
    picture = np.asarray(ink.to_image(scale=2))
    assert picture.shape == (2 * ink.size[1], 600, 3)
    assert tuple(picture[0, 0]) == (255, 255, 240)
    assert (picture.sum(2) < 300).any()
    for kind in ("gif", "webp"):
        animation = Image.open(io.BytesIO(ink.to_animation(kind)))
        assert animation.n_frames > 5
        animation.seek(0)
        first = (np.asarray(animation.convert("L")) < 128).sum()
        animation.seek(animation.n_frames - 1)
        assert (np.asarray(animation.convert("L")) < 128).sum() > first
    with pytest.raises(InputError):
        ink.to_image(scale=1000)
    with pytest.raises(InputError):
        ink.to_animation("mp4")
    with pytest.raises(InputError):
        ink.save("/no/such/folder/a.svg")


# --- the shipped weights ---


@pytest.mark.skipif(beside_package("weights/ink-best") is None, reason="no weights")
def test_the_shipped_reader_reads_ink_of_any_size() -> None:
    reader = InkReader.from_pretrained()
    angles = np.linspace(-0.5, 6.0, 30)
    ring = np.stack([np.cos(angles), np.sin(angles)], 1)
    strokes = [ring * 50, np.array([[90, -150], [90, 50]]), np.array([[60, -50], [125, -52]])]
    results = reader.read_batch([strokes, [stroke * 0.03 for stroke in strokes], "nonsense", []])
    assert results[0].text == results[1].text != ""
    assert results[2].error
    assert results[3].error
    line = results[0].lines[0]
    assert 0 <= line.confidence <= 1
    assert all(line.box[0] - 1 <= character.x0 <= character.x1 <= line.box[2] + 1 for character in line.characters)
    json.dumps(results[0].export())


@pytest.mark.skipif(beside_package("weights/pen-best") is None, reason="no weights")
def test_the_shipped_writer_is_legible_to_its_own_readers_and_from_the_command_line(tmp_path, capsys) -> None:
    from hwr.cli import main

    assert main(["write", "--pen", "over the hills", "-o", str(tmp_path / "a.svg"), "--style", "3", "--single-line"]) == 0
    assert "a.svg" in capsys.readouterr().out
    assert len(load_strokes(tmp_path / "a.svg")) >= 3
    assert main(["write", "--pen", "over", "-o", str(tmp_path / "b.svg"), "--pressure", "0.5"]) == 0
    assert "stroke-width" not in (tmp_path / "b.svg").read_text()
    writer = PenWriter.from_pretrained()
    assert len(writer.gallery) >= 50
    ink = writer.write("over the hills")
    assert ink.report.unread == ()
    assert InkReader.from_pretrained().read(ink.strokes).text.lower().replace(" ", "") == "overthehills"
    mine = writer.encode(ink.strokes)
    assert np.linalg.norm(mine - writer.style(0)) < np.median([np.linalg.norm(hand.style - writer.style(0)) for hand in writer.gallery])
    assert main(["write", "--pen", "a", "-o", str(tmp_path / "no" / "a.svg")]) == 2
