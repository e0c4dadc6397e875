"""How good the writer with a pen is: read by a frozen reader, compared with real ink of the same texts, told apart by hand."""

import hashlib
import logging
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hwr.data import unipen as ink_data
from hwr.data.lines import usable
from hwr.hub.files import weights_sha256
from hwr.hub.finding import fetch
from hwr.ink.moves import FEATURES, TOLERANCE, features, logical_order, simplified, strokes_of
from hwr.ink.rendering import line_picture
from hwr.ink.strokes import Strokes
from hwr.models.ink_ctc import padded
from hwr.models.line_ctc import LineCTC
from hwr.predictors.pen import NEATNESS, PICTURE_READER, PenWriter
from hwr.system.process import use_threads
from hwr.text.ctc import greedy
from hwr.training.model_folder import report
from hwr.training.recipes.base import data_name
from hwr.training.trainer import Settings, Trainer

log = logging.getLogger(__name__)

JUDGE = PICTURE_READER
"""The frozen reader of pictures, taught by people's ink only: one taught by the pen would flatter its teacher."""
WORDS, LINES = 300, 100
REFERENCES = 3
"""Words from which a hand is imitated."""
IMITATIONS = 12
"""Words of each writer that are imitated, and that real ink is judged by."""
LEAST_WORDS = 40
"""Writers with fewer words are not among those to tell apart."""


class Real(NamedTuple):
    """Real ink of a split, simplified as training ink is: texts, strokes in core heights, writers, contributors."""

    texts: list[str]
    strokes: list[Strokes]
    writers: list[str]
    contributors: list[str]


def real_ink(dataset: str, split: str, kind: str, *, any_case: bool = False) -> Real:
    """Samples of a split whose case can be relied on, or all."""
    samples = usable(ink_data.load(dataset, split, kind))
    chosen = [index for index in range(len(samples)) if any_case or samples.case_reliable[index]]
    return Real(
        [samples.texts[index] for index in chosen],
        [simplified([stroke / 100 for stroke in samples.strokes[index]], TOLERANCE) for index in chosen],
        [samples.writers[index] for index in chosen],
        [samples.contributors[index] for index in chosen],
    )


def some(real: Real, count: int) -> Real:
    """So many samples, evenly over the split."""
    chosen = np.linspace(0, len(real.texts) - 1, min(count, len(real.texts))).astype(int)
    return Real(
        [real.texts[index] for index in chosen],
        [real.strokes[index] for index in chosen],
        [real.writers[index] for index in chosen],
        [real.contributors[index] for index in chosen],
    )


def written(
    writer: PenWriter, texts: Sequence[str], hands: Sequence[int], *, verify: bool, neatness: float = NEATNESS, seed: int = 0
) -> list[Strokes]:
    """Ink of each text, each in a hand of the gallery, in core heights; lines on one line."""
    words = [(number, word) for number, text in enumerate(texts) for word in text.split()]
    drawn: list[Strokes] = []
    for start in range(0, len(words), 64):
        part = words[start : start + 64]
        styles = np.stack([writer.gallery[hands[number]].style for number, _ in part])
        samples = writer.sample([word for _, word in part], styles, neatness=neatness, seed=seed + start, verify=verify)
        drawn += [strokes_of(sample.path)[0] for sample in samples]
    gaps = {hand: writer.gap(writer.gallery[hand].style) for hand in set(hands) if any(" " in text for text in texts)}
    found: list[list[Strokes]] = [[] for _ in texts]
    for (number, _), strokes in zip(words, drawn, strict=True):
        found[number].append(strokes)
    return [side_by_side(parts, gaps.get(hand, 1.0)) for parts, hand in zip(found, hands, strict=True)]


def side_by_side(words: Sequence[Strokes], gap: float = 1.2) -> Strokes:
    """Words as one drawing, as somebody would write them on a canvas."""
    drawing: Strokes = []
    right = -gap
    for word in words:
        left = min(float(stroke[:, 0].min()) for stroke in word)
        drawing += [stroke + np.array([right + gap - left, 0], np.float32) for stroke in word]
        right = max(float(stroke[:, 0].max()) for stroke in drawing)
    return drawing


def judged(judge: LineCTC, texts: Sequence[str], inks: Sequence[Strokes]) -> dict[str, float]:
    """Character error rate, and of it what is deleted and inserted, by the judge without a language model."""
    import jiwer

    read = [greedy(log_probs, judge.charset) for log_probs in judge.emissions([line_picture(ink) for ink in inks])]
    counted = jiwer.process_characters(list(texts), list(read))
    length = counted.hits + counted.substitutions + counted.deletions
    return {"cer": float(counted.cer), "lost_or_added": (counted.deletions + counted.insertions) / length}


def measure_legibility(writer: PenWriter, dataset: str, split: str) -> list[dict[str, Any]]:
    """The judge's errors on real ink, on generated ink of the same texts, and on generated ink that was read back."""
    judge = LineCTC.from_pretrained(fetch(JUDGE))
    alone = PenWriter(writer.network, writer.reader, None, writer.source)
    rng = np.random.default_rng(1)
    entries = []
    for kind, count in (("word", WORDS), ("line", LINES)):
        real = some(real_ink(dataset, split, kind), count)
        if not real.texts:
            continue
        hands = rng.integers(len(writer.gallery), size=len(real.texts)).tolist()
        inks = {
            "real": real.strokes,
            "written": written(writer, real.texts, hands, verify=False),
            "written, read back by strokes": written(alone, real.texts, hands, verify=True),
            "written, read back by strokes and looks": written(writer, real.texts, hands, verify=True),
        }
        figures = {how: judged(judge, real.texts, ink) for how, ink in inks.items()}
        for how, errors in figures.items():
            ratios = {} if how == "real" else {f"{name}_ratio": errors[name] / max(figures["real"][name], 1e-9) for name in errors}
            entries.append({"dataset": f"{data_name(dataset)} {kind}s, {how}", "split": split, "n": len(real.texts)} | errors | ratios)
        auc = told_apart(judge, real.strokes, inks["written"])
        entries.append({"dataset": f"{data_name(dataset)} {kind}s, real or written", "split": split, "n": 2 * len(real.texts), "auc": auc})
    return entries


def told_apart(judge: LineCTC, real: Sequence[Strokes], drawn: Sequence[Strokes]) -> float:
    """Area under the ROC curve of a classifier of pictures, real or drawn, 5-fold: logistic regression on the judge's hidden layer.

    Each text is in one fold with both of its pictures.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import GridSearchCV, GroupKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    seen = [hidden_features(judge, line_picture(ink)) for ink in (*real, *drawn)]
    x, y = np.stack(seen), np.repeat([0, 1], [len(real), len(drawn)])
    texts = np.concatenate([np.arange(len(real)), np.arange(len(drawn))])
    scores = np.zeros(len(y))
    for train, test in GroupKFold(5).split(x, y, texts):
        strengths = GridSearchCV(LogisticRegression(max_iter=300), {"C": [1e-4, 1e-3, 1e-2, 1e-1]}, cv=3)
        classifier = make_pipeline(StandardScaler(), strengths)
        scores[test] = classifier.fit(x[train], y[train]).decision_function(x[test])
    return float(roc_auc_score(y, scores))


def hidden_features(judge: LineCTC, pixels: np.ndarray) -> np.ndarray:
    """Mean and deviation over time of the judge's last LSTM layer, float32."""
    found: list[Tensor] = []
    handle = judge.lstm.register_forward_hook(lambda module, inputs, output: found.append(output[0].data))
    try:
        judge.emissions([pixels])
    finally:
        handle.remove()
    hidden = found[0].float()
    return torch.cat([hidden.mean(0), hidden.std(0, correction=0)]).numpy()


# --- whose hand is it? ---


class WriterBatch(NamedTuple):
    moves: Tensor  # (B, T, 8) float32
    counts: Tensor  # (B,) int64
    writers: Tensor  # (B,) int64


class WriterLSTM(nn.Module):
    """Tells by whom a word was written: a bidirectional LSTM over its moves."""

    def __init__(self, writers: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(FEATURES, 96, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(0.4)
        self.output = nn.Linear(4 * 96, writers)

    def forward(self, moves: Tensor, counts: Tensor) -> Tensor:
        """Logits (B, writers)."""
        inside = (torch.arange(moves.shape[1]) < counts[:, None])[:, :, None]
        hidden = self.lstm(moves)[0].float()
        mean = (hidden * inside).sum(1) / counts[:, None]
        most = hidden.masked_fill(~inside, -10).amax(1)
        return self.output(self.dropout(torch.cat([mean, most], 1)))

    def loss(self, batch: WriterBatch) -> tuple[Tensor, dict[str, Tensor]]:
        """Cross entropy."""
        loss = F.cross_entropy(self(batch.moves, batch.counts), batch.writers)
        return loss, {"cross_entropy": loss.detach()}

    def ranks(self, samples: Sequence[np.ndarray], writers: Sequence[int], allowed: np.ndarray) -> np.ndarray:
        """How many of the allowed writers, bool (writers, writers) by the true one, are thought likelier than the true one: int (N,)."""
        found = []
        with torch.inference_mode():
            for sample, writer in zip(samples, writers, strict=True):
                logits = self(*padded([sample])).numpy()[0]
                found.append(int(((logits > logits[writer]) & allowed[writer]).sum()))
        return np.array(found)


def judge_features(strokes: Strokes) -> np.ndarray:
    """What the judge of hands sees, float32 (T, 8): the same simplification for real and for drawn ink."""
    return features(logical_order(simplified(strokes, TOLERANCE)))


def measure_imitation(writer: PenWriter, dataset: str, split: str, runs: Path) -> list[dict[str, Any]]:
    """How often imitations, from three words of a writer that the network never saw, are taken for that writer's; beside real ink."""
    real = real_ink(dataset, split, "word", any_case=True)
    own: dict[str, list[int]] = defaultdict(list)
    for index, name in enumerate(real.writers):
        own[name].append(index)
    names = sorted(name for name, indices in own.items() if len(indices) >= LEAST_WORDS)
    places = {real.writers[indices[0]]: real.contributors[indices[0]] for indices in own.values()}
    rng = np.random.default_rng(2)
    known, held = [], []
    for number, name in enumerate(names):
        shuffled = rng.permutation(own[name]).tolist()
        held.append(shuffled[: REFERENCES + IMITATIONS])
        known += [(number, index) for index in shuffled[REFERENCES + IMITATIONS :]]
    seen = {index: judge_features(real.strokes[index]) for index in {index for _, index in known} | {i for part in held for i in part}}

    judge = _trained_judge(known, seen, len(names), runs / f"pen-hands-{split}")
    references, sizes, texts, truth, originals = [], [], [], [], []
    for number, indices in enumerate(held):
        reference = side_by_side([real.strokes[index] for index in indices[:REFERENCES]])
        style, size = writer.encode(reference), writer.reader.core_height(reference)
        for index in indices[REFERENCES:]:
            text = "".join(char for char in real.texts[index] if char in writer.network.charset)
            references.append(style)
            sizes.append(size)
            texts.append(text)
            truth.append(number)
            originals.append(seen[index])
    drawn = []
    for start in range(0, len(texts), 64):
        part = slice(start, start + 64)
        drawn += writer.sample(texts[part], np.stack(references[part]), neatness=NEATNESS, seed=start)
    imitated = [
        judge_features([stroke * np.float32(size) for stroke in strokes_of(sample.path)[0]])
        for sample, size in zip(drawn, sizes, strict=True)
    ]
    everyone = np.ones((len(names),) * 2, bool)
    colleagues = np.array([[places[one] == places[other] for other in names] for one in names])
    entries = []
    for what, allowed in (("among all", everyone), ("within a contributor", colleagues)):
        chosen = [index for index, writer_ in enumerate(truth) if allowed[writer_].sum() > 1]
        for kind, samples in (("real", originals), ("imitated", imitated)):
            ranks = judge.ranks([samples[index] for index in chosen], [truth[index] for index in chosen], allowed)
            top1, top5 = float((ranks < 1).mean()), float((ranks < 5).mean())
            entry = {"dataset": f"{data_name(dataset)}, whose hand, {what}, {kind}", "split": split, "n": len(chosen)}
            entries.append(entry | {"top1": top1, "top5": top5, "candidates": float(np.mean([allowed[truth[i]].sum() for i in chosen]))})
    return entries


def _trained_judge(known: list[tuple[int, int]], seen: dict[int, np.ndarray], writers: int, folder: Path) -> WriterLSTM:
    """The judge of hands, trained on real ink alone."""
    torch.manual_seed(0)
    judge = WriterLSTM(writers)
    of = defaultdict(list)
    for number, index in known:
        of[number].append(index)

    def batch(step: int) -> WriterBatch:
        rng = np.random.default_rng([3, step])
        chosen = rng.integers(writers, size=48)
        samples = []
        for number in chosen:
            sample = seen[int(rng.choice(of[int(number)]))]
            start = int(rng.integers(max(1, len(sample) - 80)))
            samples.append(sample[start : start + 80])
        return WriterBatch(*padded(samples), torch.from_numpy(chosen))

    digest = hashlib.sha256(np.concatenate([seen[index] for _, index in known]).tobytes()).hexdigest()[:16]
    settings = Settings(steps=900, evaluate_every=900, learning_rate=4e-3, averaging=0.99)
    trainer = Trainer(judge, batch, lambda network: (0.0, {}), folder=folder, settings=settings, identity={"data": digest})
    judge.load_state_dict(trainer.run())
    return judge.eval()


# --- how fast is it? ---


def measure_speed(writer: PenWriter) -> dict[str, Any]:
    """Characters a second of a word after the other, and of a page; seconds until the first word is on the page."""
    text = "The quick brown fox jumps over the lazy dog, and nobody knows why it should do so. " * 12
    use_threads(2)
    words = text.split()[:30]
    begun = time.perf_counter()
    for number, word in enumerate(words):
        writer.sample([word], writer.gallery[0].style[None], seed=number)
    stream = sum(map(len, words)) / (time.perf_counter() - begun)
    begun = time.perf_counter()
    writer.write(text, verify=False)
    page = len(text.replace(" ", "")) / (time.perf_counter() - begun)
    begun = time.perf_counter()
    writer.write(text)
    verified = len(text.replace(" ", "")) / (time.perf_counter() - begun)
    begun = time.perf_counter()
    next(writer.stream(text))
    first = time.perf_counter() - begun
    return {
        "dataset": "speed on two cores",
        "n": len(text),
        "characters_a_second_one_stream": stream,
        "characters_a_second_page": page,
        "characters_a_second_page_read_back": verified,
        "seconds_to_first_word": first,
    }


def measure(writer: PenWriter, dataset: str, split: str, runs: Path, likelihood: dict[str, Any]) -> list[dict[str, Any]]:
    """All figures, printed as they come; entries for ``metrics.json``.

    Args:
        writer: to judge.
        dataset: pen trajectories.
        split: whose writers it must never have seen.
        runs: where the judge of hands is trained.
        likelihood: entry with the likelihood of the split's moves.
    """
    log.info("judge of pictures: %s, SHA-256 %s", JUDGE, weights_sha256(fetch(JUDGE)))
    measured = []
    parts = (
        lambda: [likelihood],
        lambda: measure_legibility(writer, dataset, split),
        lambda: measure_imitation(writer, dataset, split, runs),
        lambda: [measure_speed(writer)],
    )
    for part in parts:
        for entry in part():
            measured.append({"dataset_id": data_name(dataset), "split": split} | entry)
            report(writer.source, measured[-1])
    return measured
