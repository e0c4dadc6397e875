"""Drawing words with the pen network, many at once: one LSTM step a pen move."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from hwr.ink.letters import Written
from hwr.ink.moves import DEPART, DRAW, KINDS, LIFT, RETURN, path_of
from hwr.models.pen_lstm import CONTEXT, FARTHEST, PLACE, PenLSTM, squeezed
from hwr.system import deadline

_LONGEST_LETTER = 45
_LONGEST_EXCURSION = 20
_CHUNK = 256


def _forbidden() -> np.ndarray:
    """What can't follow, as -inf to be added to the logits: float32 (4, 2 KINDS), rows as ``_Pens.follow`` counts them."""
    on_the_way = [DRAW, LIFT, DEPART]
    table = np.zeros((4, 2 * KINDS), np.float32)
    table[:2, [RETURN, KINDS + RETURN]] = -np.inf
    table[2:, [DEPART, *(KINDS + kind for kind in on_the_way)]] = -np.inf
    table[1::2, on_the_way] = -np.inf
    return table


_FORBIDDEN = _forbidden()


class Sampler:
    """Draws pen moves step by step for a batch of texts. Only reads the network, so that several threads can share one.

    Args:
        network: in evaluation mode.
    """

    def __init__(self, network: PenLSTM) -> None:
        self.network = network
        size = network.letters.embedding_dim
        cuts = (PLACE + KINDS, CONTEXT * size, network.hand_size, network.shape_size)
        self.layers = []
        with torch.inference_mode():
            for layer in (network.first, network.second):
                weights: dict[str, Tensor] = dict(layer.named_parameters())
                inputs = weights["weight_ih_l0"].t()
                place, letters, hand, shape = inputs[: sum(cuts)].split(cuts)
                tables = torch.stack([network.letters.weight @ part for part in letters.split(size)])  # (4, labels, 4H)
                recurrent = torch.cat([place, inputs[sum(cuts) :], weights["weight_hh_l0"].t()]).contiguous()
                self.layers.append((tables, hand, shape, recurrent, weights["bias_ih_l0"] + weights["bias_hh_l0"]))

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
        constant = [  # what letters and style add to the gates of each layer, (B L, 4H)
            (
                bias + (hands @ hand)[:, None] + shapes @ shape + sum(table[contexts[:, :, place]] for place, table in enumerate(tables))
            ).flatten(0, 1)
            for tables, hand, shape, _, bias in self.layers
        ]
        lengths = np.array([len(text) for text in texts])
        pens = _Pens(lengths, [np.random.default_rng(list(seed)) for seed in seeds])
        state = [torch.zeros((count, self.network.hidden_size)) for _ in range(4)]
        rows = np.arange(count)
        while len(rows):
            deadline.check()
            place = torch.from_numpy(pens.inputs(rows))
            here = torch.from_numpy(rows * contexts.shape[1] + pens.pointer[rows])
            gates = [table.index_select(0, here) for table in constant]
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
        known = np.zeros((len(rows), PLACE + KINDS), np.float32)
        known[:, 0:2] = self.last[rows]
        known[:, 2] = self.place[rows, 1]
        known[:, 3:5] = np.where(self.steps_in_letter[rows, None] > 0, self.place[rows] - self.letter_start[rows], 0)
        known[:, 5] = self.away[rows]
        known[:, 6] = ~self.begun[rows]
        known[np.arange(len(rows)), PLACE + self.kind[rows]] = 1
        return squeezed(known)

    def moved(
        self, rows: np.ndarray, weights: np.ndarray, means: np.ndarray, deviations: np.ndarray, correlations: np.ndarray, neatness: float
    ) -> np.ndarray:
        """Draw the next move of each pen from its mixture: float32 (B, 2)."""
        noise = self.noise[rows, self.step % _CHUNK]
        scaled = weights * (1 + neatness)
        shares = np.exp(scaled - scaled.max(1, keepdims=True))
        chosen = (shares.cumsum(1) < noise[:, :1] * shares.sum(1, keepdims=True)).sum(1)
        chosen = np.minimum(chosen, shares.shape[1] - 1)
        here = np.arange(len(rows))
        radius = np.sqrt(-2 * np.log(np.maximum(noise[:, 1], 1e-7)))  # Box and Muller
        one, two = radius * np.cos(2 * np.pi * noise[:, 2]), radius * np.sin(2 * np.pi * noise[:, 2])
        rho = correlations[here, chosen]
        normal = np.stack([one, rho * one + np.sqrt(1 - rho**2) * two], 1)
        moves = means[here, chosen] + np.exp(deviations[here, chosen] - neatness) * normal
        moves = np.minimum(np.maximum(moves, -FARTHEST), FARTHEST).astype(np.float32)  # np.clip takes five times as long for so few
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
        away = self.away[rows]
        late = np.where(away, self.steps_away[rows] >= _LONGEST_EXCURSION, self.steps_in_letter[rows] >= _LONGEST_LETTER)
        logits = logits * (1 + neatness) + _FORBIDDEN[2 * away + late]
        shares = np.exp(logits - logits.max(1, keepdims=True))
        chosen = (shares.cumsum(1) <= noise[:, None] * shares.sum(1, keepdims=True)).sum(1)
        chosen = np.minimum(chosen, 2 * KINDS - 1)
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
