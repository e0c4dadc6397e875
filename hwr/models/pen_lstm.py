"""The network that writes with a pen: letters and a style in, pen moves out.

A stacked LSTM predicts the next pen move as a mixture of bivariate Gaussians (Graves 2013, "Generating sequences with recurrent neural
networks", arXiv:1308.0850). Instead of soft attention over the text there is a pointer: each move belongs to a letter, known in training
from the forced alignment of :class:`~hwr.models.ink_ctc.InkCTC`, and after each move the network says whether the letter is done. The
pointer only moves forwards, so that no letter is skipped or repeated and the text ends by construction. How somebody writes is told by a
second, bidirectional LSTM over other ink of the same hand: as a whole, and letter by letter, by attention (Bahdanau et al. 2015,
arXiv:1409.0473) to where in that ink the letter, or one that resembles it, was written.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from hwr.charset import PRINTABLE
from hwr.config import are_names, check, is_int, is_number
from hwr.hub import StrictHubMixin
from hwr.pen_moves import DEPART, DRAW, FEATURES, KINDS, LIFT, MOVES_VERSION, RETURN, Path, path_of

CONTEXT = 4
"""Letters that each move knows of: the one before, its own, and the next two."""
_PLACE = 7  # previous move, from where: height above the baseline, place within the letter (2), excursion or not, beginning or not
_SMALLEST = 0.008
"""Least standard deviation of a Gaussian, in core heights: half the grid of the data."""

_FARTHEST = 6.0
"""Longest move in either direction, in core heights."""
_SHARPNESS = 8.0
"""Largest logit of the attention to the ink of a hand."""
_LONGEST_LETTER = 45
_LONGEST_EXCURSION = 20
_CHUNK = 256


class PenBatch(NamedTuple):
    """What :meth:`PenLSTM.loss` learns from: groups of samples of one hand each, padded at the end."""

    letters: Tensor  # (B, T, 4) int64: labels from 1 of the letters before, now, next and next but one; 0 beyond the text
    before: Tensor  # (B, T, 7) float32: see `PenLSTM.forward`
    kinds: Tensor  # (B, T) int64: how the pen makes each move
    moves: Tensor  # (B, T, 2) float32, core heights
    after: Tensor  # (B, T) int64: kind of the next move + 4 if the letter is done
    counts: Tensor  # (B,) int64: moves of each sample
    ink: Tensor  # (B, T, 8) float32: the sample as the style encoder sees it
    references: Tensor  # (B, B) float32: row b says of which samples the style of sample b is made; rows sum to 1


class PenLSTM(
    nn.Module,
    StrictHubMixin,
    library_name="hwr",
    license="apache-2.0",
    pipeline_tag="other",
    tags=["handwriting-generation", "online-handwriting", "lstm"],
):
    """Stacked LSTM with mixture density output, and the style encoder.

    Args:
        charset: the characters it can write, in label order; label k + 1 is ``charset[k]``, 0 nothing.
        hidden_size: hidden units of each of the two LSTM layers, 1 to 2048.
        hand_size: numbers that tell of a hand as a whole, 1 to 512.
        shape_size: numbers that tell of how a hand shapes a letter, for each letter, 1 to 128.
        encoder_size: hidden units of the style encoder in each direction, 1 to 1024.
        letter_size: numbers that make a letter, 1 to 256.
        mixtures: Gaussians, 1 to 100.
        dropout: probability, between the layers and before the output.
        hands: names of the styles in the gallery.
        moves: version of :mod:`hwr.pen_moves` that the weights were trained with.
        trained_on: keys of the data that it has learnt: ``"unipen"``.

    Raises:
        ValueError: a value of the wrong type or out of range.
    """

    def __init__(
        self,
        *,
        charset: str = PRINTABLE[1:],
        hidden_size: int = 256,
        hand_size: int = 64,
        shape_size: int = 24,
        encoder_size: int = 128,
        letter_size: int = 32,
        mixtures: int = 20,
        dropout: float = 0.1,
        hands: list[str] | None = None,
        moves: int = MOVES_VERSION,
        trained_on: list[str] | None = None,
    ) -> None:
        super().__init__()
        check(
            isinstance(charset, str) and 1 <= len(charset) <= 1024 and len(set(charset)) == len(charset),
            "charset must be a string of 1 to 1024 different characters",
        )
        check(is_int(hidden_size, 1, 2048), "hidden_size must be an integer from 1 to 2048")
        check(is_int(hand_size, 1, 512), "hand_size must be an integer from 1 to 512")
        check(is_int(shape_size, 1, 128), "shape_size must be an integer from 1 to 128")
        check(is_int(encoder_size, 1, 1024), "encoder_size must be an integer from 1 to 1024")
        check(is_int(letter_size, 1, 256), "letter_size must be an integer from 1 to 256")
        check(is_int(mixtures, 1, 100), "mixtures must be an integer from 1 to 100")
        check(is_number(dropout, 0, 0.9), "dropout must be a number from 0 to 0.9")
        hands = [] if hands is None else hands
        check(
            isinstance(hands, list) and len(hands) <= 1000 and all(isinstance(name, str) and 0 < len(name) <= 100 for name in hands),
            "hands must be a list of at most 1000 short names",
        )
        check(moves == MOVES_VERSION, f"moves must be {MOVES_VERSION}, the version of this package")
        trained_on = [] if trained_on is None else trained_on
        check(are_names(trained_on), "trained_on must be a list of at most 20 short names")
        self.charset = charset
        self.hidden_size = hidden_size
        self.hand_size = hand_size
        self.shape_size = shape_size
        self.style_size = hand_size + shape_size * len(charset)
        self.mixtures = mixtures
        self.hands = hands
        self.trained_on = trained_on

        self.letters = nn.Embedding(1 + len(charset), letter_size)
        inputs = _PLACE + KINDS + CONTEXT * letter_size + hand_size + shape_size
        self.first = nn.LSTM(inputs, hidden_size, batch_first=True)
        self.second = nn.LSTM(inputs + hidden_size, hidden_size, batch_first=True)
        self.dropout = nn.Dropout(dropout)
        self.mixture = nn.Linear(2 * hidden_size, 6 * mixtures)
        self.move = nn.Linear(2, 64)
        self.outlook = nn.Linear(2 * hidden_size, 64)
        self.after = nn.Linear(64, 2 * KINDS)
        self.encoder = nn.LSTM(FEATURES, encoder_size, batch_first=True, bidirectional=True)
        self.hand = nn.Sequential(nn.Linear(4 * encoder_size, 128), nn.ReLU(), nn.Linear(128, hand_size))
        self.key = nn.Linear(2 * encoder_size, 64)
        self.query = nn.Embedding(len(charset), 64)
        self.shape = nn.Linear(2 * encoder_size, shape_size)
        self.register_buffer("gallery", torch.zeros(len(hands), self.style_size))

    def encode(self, ink: Tensor, counts: Tensor, references: Tensor) -> Tensor:
        """Styles of hands, from pieces of their ink.

        Args:
            ink: float32 (B, T, 8), see :func:`hwr.pen_moves.features`, 1 unit to the core height.
            counts: int64 (B,), moves that count.
            references: float32 (R, B): row r says of which pieces style r is made; rows sum to 1.

        Returns:
            float32 (R, style_size): of the hand as a whole the mean over its pieces, then of each letter of the charset what the attention
            finds.
        """
        return self._encode(ink, counts, references)[0]

    def _encode(self, ink: Tensor, counts: Tensor, references: Tensor) -> tuple[Tensor, Tensor]:
        """Styles, and which letter each move is thought to belong to: logits (B, T, letters)."""
        inside = (torch.arange(ink.shape[1]) < counts[:, None])[:, :, None]
        if self.training:  # twice as fast as packing
            hidden, _ = self.encoder(ink)
        else:
            packed = pack_padded_sequence(ink, counts, batch_first=True, enforce_sorted=False)
            hidden, _ = pad_packed_sequence(self.encoder(packed)[0], batch_first=True, total_length=ink.shape[1])
        hidden = hidden.float()
        mean = (hidden * inside).sum(1) / counts[:, None]
        spread = ((hidden - mean[:, None]).square() * inside).sum(1) / counts[:, None]
        hand = references @ self.hand(torch.cat([mean, (spread + 1e-6).sqrt()], 1)).float()

        logits = _SHARPNESS * F.normalize(self.key(hidden).float(), dim=2) @ F.normalize(self.query.weight, dim=1).t()
        # Bounded logits can be summed without more ado, piece by piece, so that any pieces together make a style.
        attention = (logits.float().exp() * inside).transpose(1, 2)  # (B, letters, T)
        weighted = torch.einsum("rb,blv->rlv", references, (attention @ self.shape(hidden).float()).float())
        shapes = weighted / torch.einsum("rb,bl->rl", references, attention.sum(2))[:, :, None]
        return torch.cat([hand, shapes.flatten(1)], 1).float(), logits

    def forward(self, letters: Tensor, before: Tensor, kinds: Tensor, styles: Tensor) -> tuple[Tensor, Tensor]:
        """What the network expects of each move, given all before it.

        Args:
            letters: int64 (B, T, 4): labels of the letters before, now, next and next but one.
            before: float32 (B, T, 7): the previous move, x and y; of the point from where this move starts the height below the baseline
                and the place relative to the letter's first point, x and y; whether the pen is on an excursion; whether nothing was
                written before. Core heights.
            kinds: int64 (B, T): of this move.
            styles: float32 (B, style_size).

        Returns:
            Mixture parameters (B, T, 6 * mixtures) for :meth:`log_likelihood`, and the outlook (B, T, 64) for :meth:`what_follows`.
        """
        batch, time = kinds.shape
        shapes = styles[:, self.hand_size :].reshape(batch, -1, self.shape_size)
        now = (letters[:, :, 1] - 1).clamp(min=0)  # beyond the text there is no letter, and nothing counts
        inputs = torch.cat(
            [
                before,
                F.one_hot(kinds, KINDS).to(before.dtype),
                self.letters(letters).flatten(2),
                styles[:, None, : self.hand_size].expand(batch, time, self.hand_size),
                shapes.gather(1, now[:, :, None].expand(batch, time, self.shape_size)),
            ],
            2,
        )
        first, _ = self.first(inputs)
        second, _ = self.second(torch.cat([inputs, self.dropout(first)], 2))
        hidden = self.dropout(torch.cat([first, second], 2))
        return self.mixture(hidden), self.outlook(hidden)

    def what_follows(self, outlook: Tensor, moves: Tensor) -> Tensor:
        """Logits (..., 8) of what comes after a move (..., 2): kind of the next move, + 4 if the letter is done."""
        return self.after(torch.tanh(outlook + self.move(moves)))

    def components(self, parameters: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Mixture parameters (..., 6 * M) as weights (logits) (..., M), means, log deviations (..., M, 2), correlations (..., M)."""
        weights, means, deviations, correlations = parameters.float().split((self.mixtures, *([2 * self.mixtures] * 2), self.mixtures), -1)
        shape = (*weights.shape, 2)
        deviations = deviations.reshape(shape).clamp(math.log(_SMALLEST), 2.0)
        return weights, means.reshape(shape), deviations, 0.98 * torch.tanh(correlations)

    def log_likelihood(self, parameters: Tensor, moves: Tensor) -> Tensor:
        """Log density (...) of moves (..., 2), per square core height."""
        weights, means, deviations, correlations = self.components(parameters)
        z = (moves[..., None, :] - means) * torch.exp(-deviations)
        rest = 1 - correlations.square()
        square = z.square().sum(-1) - 2 * correlations * z[..., 0] * z[..., 1]
        densities = -square / (2 * rest) - deviations.sum(-1) - 0.5 * torch.log(rest) - math.log(2 * math.pi)
        return torch.logsumexp(F.log_softmax(weights, -1) + densities, -1)

    def loss(self, batch: PenBatch) -> tuple[Tensor, dict[str, Tensor]]:
        """Negative log-likelihood per move: of the move itself, of what follows it, and, so that the attention finds letters, a fifth of
        that of the letter in the ink that styles are taken from.

        Returns:
            The scalar to minimise, and its parts (scalars) for the log.
        """
        styles, found = self._encode(batch.ink, batch.counts, batch.references)
        if self.training:
            styles = styles + 0.05 * torch.randn_like(styles)
        parameters, outlook = self(batch.letters, batch.before, batch.kinds, styles)
        inside = torch.arange(batch.kinds.shape[1]) < batch.counts[:, None]
        moves = batch.moves[inside]
        points = -self.log_likelihood(parameters[inside], moves).mean()
        after = F.cross_entropy(self.what_follows(outlook[inside], moves).float(), batch.after[inside])
        letters = F.cross_entropy(found[inside].float(), batch.letters[:, :, 1][inside] - 1)
        parts = {"moves": points.detach(), "after": after.detach(), "letters": letters.detach()}
        return points + after + 0.2 * letters, parts


@dataclass(frozen=True, eq=False)
class Written:
    """A text as it was drawn.

    Attributes:
        path: its points in logical order, core heights, from the left edge and the baseline of the text.
        letters: int64 (N,): to which letter of the text each move belongs.
    """

    path: Path
    letters: np.ndarray


class Sampler:
    """Draws pen moves step by step for a batch of texts. Only reads the network, so that several threads can share one.

    Args:
        network: in evaluation mode.
    """

    def __init__(self, network: PenLSTM) -> None:
        self.network = network
        size = network.letters.embedding_dim
        cuts = (_PLACE + KINDS, CONTEXT * size, network.hand_size, network.shape_size)
        self.layers = []
        with torch.inference_mode():
            for layer in (network.first, network.second):
                inputs = layer.weight_ih_l0.t()
                place, letters, hand, shape = inputs[: sum(cuts)].split(cuts)
                tables = torch.stack([network.letters.weight @ part for part in letters.split(size)])  # (4, labels, 4H)
                recurrent = torch.cat([place, inputs[sum(cuts) :], layer.weight_hh_l0.t()]).contiguous()
                self.layers.append((tables, hand, shape, recurrent, layer.bias_ih_l0 + layer.bias_hh_l0))

    @torch.inference_mode()
    def draw(self, texts: Sequence[str], styles: Tensor, *, neatness: float, seeds: Sequence[Sequence[int]]) -> list[Written]:
        """Write texts, all at once.

        Args:
            texts: characters of the network's charset, without spaces; none is empty.
            styles: float32 (B, style_size).
            neatness: the bias b of Graves 2013: deviations are multiplied by exp(-b), the likelier is preferred. 0: as people write.
            seeds: of the randomness of each text.
        """
        count = len(texts)
        labels = torch.zeros((count, max(map(len, texts)) + CONTEXT - 1), dtype=torch.int64)
        for row, text in enumerate(texts):
            labels[row, 1 : 1 + len(text)] = torch.tensor([1 + self.network.charset.index(char) for char in text])
        contexts = labels.unfold(1, CONTEXT, 1)  # (B, L, 4)
        hands, shapes = styles[:, : self.network.hand_size], styles[:, self.network.hand_size :].unflatten(1, (-1, self.network.shape_size))
        shapes = shapes[torch.arange(count)[:, None], (contexts[:, :, 1] - 1).clamp(min=0)]  # (B, L, shape_size)
        constant = [  # what letters and style add to the gates of each layer, (B, L, 4H)
            bias + (hands @ hand)[:, None] + shapes @ shape + sum(table[contexts[:, :, place]] for place, table in enumerate(tables))
            for tables, hand, shape, _, bias in self.layers
        ]
        lengths = np.array([len(text) for text in texts])
        pens = _Pens(lengths, [np.random.default_rng(list(seed)) for seed in seeds])
        state = [torch.zeros((count, self.network.hidden_size)) for _ in range(4)]
        rows = np.arange(count)
        while len(rows):
            place = torch.from_numpy(pens.inputs(rows))
            pointer = torch.from_numpy(pens.pointer[rows])
            here = torch.from_numpy(rows)
            gates = [table[here, pointer] for table in constant]
            first, memory1 = _lstm_step(gates[0], torch.cat([place, state[0]], 1), self.layers[0][3], state[1])
            second, memory2 = _lstm_step(gates[1], torch.cat([place, first, state[2]], 1), self.layers[1][3], state[3])
            state = [first, memory1, second, memory2]
            hidden = torch.cat([first, second], 1)
            mixture = self.network.components(self.network.mixture(hidden))
            moves = pens.moved(rows, *(part.numpy() for part in mixture), neatness)
            logits = self.network.what_follows(self.network.outlook(hidden), torch.from_numpy(moves)).numpy()
            going = pens.follow(rows, logits, neatness)
            if not going.all():
                kept = torch.from_numpy(np.flatnonzero(going))
                state = [part[kept] for part in state]
                rows = rows[going]
        return pens.written()


def _lstm_step(constant: Tensor, inputs: Tensor, weights: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
    """Hidden state and memory cells after a step; the gates are in PyTorch's order: input, forget, cell, output."""
    gates = torch.addmm(constant, inputs, weights)
    size = memory.shape[1]
    opened = torch.sigmoid(gates)
    memory = opened[:, size : 2 * size] * memory + opened[:, :size] * torch.tanh(gates[:, 2 * size : 3 * size])
    return opened[:, 3 * size :] * torch.tanh(memory), memory


class _Pens:
    """Where the pens of a batch are, and what they have drawn."""

    def __init__(self, lengths: np.ndarray, rngs: Sequence[np.random.Generator]) -> None:
        count = len(lengths)
        self.lengths = lengths
        self.rngs = rngs
        self.pointer = np.zeros(count, np.int64)
        self.steps_in_letter = np.zeros(count, np.int64)
        self.kind = np.full(count, LIFT)
        self.away = np.zeros(count, bool)
        self.steps_away = np.zeros(count, np.int64)
        self.place = np.zeros((count, 2), np.float32)  # where the pen is, or where it will go on
        self.anchor = np.zeros((count, 2), np.float32)
        self.letter_start = np.zeros((count, 2), np.float32)
        self.last = np.zeros((count, 2), np.float32)
        self.begun = np.zeros(count, bool)
        self.drawn: list[tuple[np.ndarray, ...]] = []  # per step: rows, points, kinds, letters
        self.noise = np.stack([rng.random((_CHUNK, 5), np.float32) for rng in rngs])
        self.step = 0

    def inputs(self, rows: np.ndarray) -> np.ndarray:
        """float32 (B, 7 + 4): what the network knows of the pens."""
        if self.step % _CHUNK == 0 and self.step:
            for row in rows:
                self.noise[row] = self.rngs[row].random((_CHUNK, 5), np.float32)
        known = np.zeros((len(rows), _PLACE + KINDS), np.float32)
        known[:, 0:2] = self.last[rows]
        known[:, 2] = self.place[rows, 1]
        known[:, 3:5] = np.where(self.steps_in_letter[rows, None] > 0, self.place[rows] - self.letter_start[rows], 0)
        known[:, 5] = self.away[rows]
        known[:, 6] = ~self.begun[rows]
        known[np.arange(len(rows)), _PLACE + self.kind[rows]] = 1
        return squeezed(known)

    def moved(
        self, rows: np.ndarray, weights: np.ndarray, means: np.ndarray, deviations: np.ndarray, correlations: np.ndarray, neatness: float
    ) -> np.ndarray:
        """Draw the next move of each pen from its mixture: float32 (B, 2)."""
        noise = self.noise[rows, self.step % _CHUNK]
        scaled = weights * (1 + neatness)
        shares = np.exp(scaled - scaled.max(1, keepdims=True))
        chosen = (shares.cumsum(1) < noise[:, :1] * shares.sum(1, keepdims=True)).sum(1).clip(max=shares.shape[1] - 1)
        here = np.arange(len(rows))
        radius = np.sqrt(-2 * np.log(np.maximum(noise[:, 1], 1e-7)))  # Box and Muller
        one, two = radius * np.cos(2 * np.pi * noise[:, 2]), radius * np.sin(2 * np.pi * noise[:, 2])
        rho = correlations[here, chosen]
        normal = np.stack([one, rho * one + np.sqrt(1 - rho**2) * two], 1)
        moves = means[here, chosen] + np.exp(deviations[here, chosen] - neatness) * normal
        moves = np.clip(moves, -_FARTHEST, _FARTHEST).astype(np.float32)
        point = self.place[rows] + moves
        fresh = self.steps_in_letter[rows] == 0
        self.letter_start[rows[fresh]] = point[fresh]
        self.drawn.append((rows, point, self.kind[rows], self.pointer[rows]))
        self.place[rows] = point
        self.last[rows] = moves
        self.begun[rows] = True
        self.steps_in_letter[rows] += 1
        self.steps_away[rows] += self.away[rows]
        return moves

    def follow(self, rows: np.ndarray, logits: np.ndarray, neatness: float) -> np.ndarray:
        """Draw what follows: the kind of the next move, and whether the letter is done. Returns which texts go on, bool (B,)."""
        noise = self.noise[rows, self.step % _CHUNK, 3]
        self.step += 1
        logits = logits * (1 + neatness)
        away = self.away[rows]
        on_the_way = [DRAW, LIFT, DEPART]
        done = [KINDS + kind for kind in on_the_way]
        logits[np.ix_(~away, [RETURN, KINDS + RETURN])] = -np.inf
        logits[np.ix_(away, [DEPART, *done])] = -np.inf
        logits[np.ix_(away & (self.steps_away[rows] >= _LONGEST_EXCURSION), on_the_way)] = -np.inf
        logits[np.ix_(~away & (self.steps_in_letter[rows] >= _LONGEST_LETTER), on_the_way)] = -np.inf
        shares = np.exp(logits - logits.max(1, keepdims=True))
        chosen = (shares.cumsum(1) <= noise[:, None] * shares.sum(1, keepdims=True)).sum(1).clip(max=2 * KINDS - 1)
        kind, finished = chosen % KINDS, chosen >= KINDS
        self.kind[rows] = kind
        departing, returning = rows[kind == DEPART], rows[kind == RETURN]
        self.anchor[departing] = self.place[departing]
        self.steps_away[departing] = 0
        self.away[departing] = True
        self.place[returning] = self.anchor[returning]
        self.away[returning] = False
        self.steps_in_letter[rows[finished]] = 0
        self.pointer[rows[finished]] += 1
        return self.pointer[rows] < self.lengths[rows]

    def written(self) -> list[Written]:
        """What was drawn, text by text."""
        rows, points, kinds, letters = (np.concatenate(parts) for parts in zip(*self.drawn, strict=True))
        order = np.argsort(rows, kind="stable")
        cuts = np.flatnonzero(np.diff(rows[order])) + 1
        parts = zip(*(np.split(values[order], cuts) for values in (points, kinds, letters)), strict=True)
        return [Written(path_of(points, kinds), letters) for points, kinds, letters in parts]


def squeezed(before: np.ndarray) -> np.ndarray:
    """What the network knows of a pen's place, float32 (..., 7 or more), kept in a range where it has learnt."""
    before[..., :5] = np.clip(before[..., :5], -_FARTHEST, _FARTHEST)
    return before


def known_before(path: Path, letters: np.ndarray) -> np.ndarray:
    """What the network knows before each move of a path: float32 (N, 7), see :meth:`PenLSTM.forward`.

    Args:
        path: from the left edge and the baseline, core heights.
        letters: int64 (N,), to which letter each move belongs.
    """
    known = np.zeros((len(path), _PLACE), np.float32)
    known[1:, :2] = path.offsets[:-1]
    known[1:, 2] = path.points[path.before[1:], 1]
    starts = np.append(0, np.flatnonzero(np.diff(letters)) + 1)
    first = np.repeat(starts, np.diff(np.append(starts, len(path))))
    known[:, 3:5] = path.points[path.before] - path.points[first]
    known[starts, 3:5] = 0
    known[:, 5] = np.cumsum((path.kinds == DEPART).astype(int) - (path.kinds == RETURN)) > 0
    known[0, 6] = 1
    return squeezed(known)
