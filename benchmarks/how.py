"""Compute what moves on the page "How it works": ``python benchmarks/how.py``, into ``hwr/ui/how/pictures.json``.

All numbers come out of the shipped networks: class probabilities after each row of a character, those of each column of a word, and the
mixture from which each move of the pen was drawn.
"""

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from hwr import CharRecognizer, PenWriter, TextReader
from hwr.hub.finding import fetch
from hwr.ink.files import smoothed
from hwr.ink.moves import DRAW, strokes_of
from hwr.ink.rendering import line_picture
from hwr.models.char_lstm import CharLSTM
from hwr.models.pen_lstm import CONTEXT, known_before

UI = Path(__file__).parents[1] / "hwr" / "ui"
OUTPUT = UI / "how" / "pictures.json"

CHARACTERS = "Rg2AeQ"
"""Of the examples of the mode "Character": those that look like something else at first."""
READER = "char-reference"
STREAMS = 6
WORDS = (("letter", 40), ("queen", 40), ("hello", 3))
"""To be read column by column, and the hands of the gallery that write them; the last is read with a mistake."""
TEXT = "hello"
PENS = (("as people write", 40, 0.0), ("with a calm hand", 40, 1.2), ("by somebody else", 91, 0.5))
"""What a way of writing is called, its hand of the gallery, and the neatness."""
MOTTO = "one step\nat a time"
GAUSSIANS = 8
SEED = 1


def packed(picture: np.ndarray) -> str:
    """Bytes (H, W) as base64, row by row."""
    return base64.b64encode(picture.tobytes()).decode()


def percents(shares: np.ndarray) -> list[list[float]]:
    """Probabilities (T, K) in percent, with one digit after the point."""
    return [[round(100 * float(share), 1) for share in row] for row in shares]


def rounded(values: np.ndarray) -> list[float]:
    """As short as a picture needs."""
    return np.round(values.astype(float), 3).tolist()


def rows(recognizer: CharRecognizer, network: CharLSTM) -> list[dict[str, Any]]:
    """Characters, and what the network makes of them row by row."""
    drawings = {each["char"]: each["strokes"] for each in json.loads((UI / "character" / "examples.json").read_text(encoding="utf-8"))}
    found = []
    for char in CHARACTERS:
        prediction = recognizer.predict_strokes(drawings[char])
        trace = recognizer.trace(prediction)
        weight = trace.max(axis=0) + trace.mean(axis=0) + 2 * trace[-1]
        chosen = np.argsort(-weight, kind="stable")[:STREAMS]
        assert prediction.seen is not None
        found.append(
            {
                "char": char,
                "picture": packed(prediction.seen),
                "memory": packed(memory(network, prediction.seen)),
                "classes": "".join(recognizer.classes[index] for index in chosen),
                "shares": percents(trace[:, chosen]),
                "leaders": "".join(recognizer.classes[index] for index in trace.argmax(1)),
                "sure": percents(trace.max(1, keepdims=True)),
            }
        )
    return found


def memory(network: CharLSTM, seen: np.ndarray) -> np.ndarray:
    """What the last layer's hidden units hold after each row of a picture: int8 (28, 128), 127 for 1."""
    with torch.inference_mode():
        hidden, _ = network.scanners[0](torch.from_numpy(seen)[None].float() / 255)
    return np.round(127 * hidden[0].numpy()).astype(np.int8)


def columns(writer: PenWriter, reader: TextReader) -> list[dict[str, Any]]:
    """Words, and what the network says of each of their columns; class 0 is the blank. A language model helps afterwards."""
    found = []
    for word, hand in WORDS:
        written = writer.sample([word], writer.gallery[hand].style[None], neatness=0.7, seed=SEED, verify=True)[0]
        picture = line_picture(strokes_of(written.path)[0])
        shares = np.exp(reader.network.emissions([picture])[0])
        winners = shares.argmax(1)
        chosen = [0, *(index for index in np.argsort(-shares.max(0), kind="stable") if index and shares[:, index].max() > 0.05)]
        found.append(
            {
                "word": word,
                "picture": packed(picture),
                "width": picture.shape[1],
                "classes": "".join("·" if index == 0 else reader.charset[index - 1] for index in chosen),
                "shares": percents(shares[:, chosen]),
                "winners": [chosen.index(winner) for winner in winners],
                "helped": reader.read(255 - picture).text,
            }
        )
    return found


def pens(writer: PenWriter) -> list[dict[str, Any]]:
    """The same word, and of each move of the pen the mixture that it was drawn from; core heights, the baseline at 0."""
    network = writer.network
    labels = torch.tensor([0, *(1 + network.charset.index(char) for char in TEXT), *[0] * (CONTEXT - 2)])
    contexts = labels.unfold(0, CONTEXT, 1)
    found = []
    for name, hand, neatness in PENS:
        style = writer.gallery[hand].style[None]
        written = writer.sample([TEXT], style, neatness=neatness, seed=SEED, verify=True)[0]
        path, letters = written.path, written.letters
        with torch.inference_mode():
            parameters, _ = network(
                contexts[torch.from_numpy(letters)][None],
                torch.from_numpy(known_before(path, letters))[None],
                torch.from_numpy(path.kinds.astype(np.int64))[None],
                torch.from_numpy(style),
            )
            weights, means, deviations, correlations = (part[0].numpy() for part in network.components(parameters))
        shares = np.exp(weights * (1 + neatness))
        shares /= shares.sum(1, keepdims=True)
        starts = path.points - path.offsets
        moves = []
        for step in range(len(path)):
            order = np.argsort(-shares[step], kind="stable")[:GAUSSIANS]
            clouds = [
                [
                    round(float(shares[step, index]), 3),
                    *rounded(starts[step] + means[step, index]),
                    *rounded(np.exp(deviations[step, index] - neatness)),
                    round(float(correlations[step, index]), 3),
                ]
                for index in order
                if shares[step, index] > 0.01
            ]
            moves.append(
                {
                    "draws": int(path.kinds[step] == DRAW),
                    "letter": int(letters[step]),
                    "from": rounded(starts[step]),
                    "to": rounded(path.points[step]),
                    "clouds": clouds,
                }
            )
        found.append({"name": name, "text": TEXT, "moves": moves})
    return found


def motto(writer: PenWriter) -> dict[str, Any]:
    """What the page has for a motto, as strokes of whole numbers: x, y, x, y ..."""
    ink = writer.write(MOTTO, style=40, neatness=1.2, seed=SEED, size=40, width=3000)
    strokes = [smoothed(stroke, 6.0) for stroke in ink.strokes]
    points = np.concatenate(strokes)
    low, high = points.min(0) - 8, points.max(0) + 8
    return {"size": np.ceil(high - low).astype(int).tolist(), "strokes": [np.round(s - low).astype(int).ravel().tolist() for s in strokes]}


def main() -> None:
    writer = PenWriter.from_pretrained()
    pictures = {
        "motto": motto(writer),
        "rows": rows(CharRecognizer.from_pretrained(READER), CharLSTM.from_pretrained(fetch(READER))),
        "columns": columns(writer, TextReader.from_pretrained()),
        "pens": pens(writer),
    }
    OUTPUT.write_text(json.dumps(pictures, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    print(OUTPUT, OUTPUT.stat().st_size)


if __name__ == "__main__":
    main()
