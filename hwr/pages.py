"""Where the lines of handwriting lie on a photo, a scan or a drawing, and what each looks like alone.

The light is taken off the page and the ink thresholded with hysteresis; ruled lines are removed as long straight runs. In a frame turned by
the page's skew, which is where the projection profile is sharpest (Postl 1986, ICPR), lines are the ridges of the ink smeared along the
writing (Bukhari, Shafait and Breuel 2009, doi:10.1109/ICDAR.2009.202). Connected components go to the line whose ridge they lie on; one
that lies on several is divided between them.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np

MAX_REGIONS = 200

_WORKING_PIXELS = 1500 * 1125  # larger pages are reduced to this before ink is looked for
_LONGEST = 6000  # and to this length
_PICTURE_HEIGHT = 128  # lines are cut out no higher than this
_PICTURE_WIDTH = 16_000  # and no wider than this: OpenCV can't remap more than 32,767
_MIN_CONTRAST = 0.08  # of the paper's brightness: fainter marks are taken for paper
_DEEPEST = 0.2  # of the brightest paper's brightness: deeper shadows are not lit up to the full
_EVEN = 200  # flattened brightness of what is as bright as the light; noise may be brighter
_SPECK = 4.5  # squares of the stroke width: a texture's spots are smaller, most ink of writing is in larger pieces
_TABLE_SIZE = 190  # longer side of the picture in which the table is told from the paper
_CELLS = 8  # cells of the grid in which lines are looked for, to the height of a letter
_LETTER = 2.2  # height of a letter, ascenders and descenders among them, to that of small ones
_SAMPLE = 20_000  # pixels of ink are enough to find lines
_UNBROKEN = 0.7  # share of a ruled line that can be seen
_MAX_PIECES = 200  # of ruled lines
_MAX_SKEW = 20  # degrees
_WIDEST_GAP = 9.0  # letter heights: pieces further apart are columns


@dataclass(frozen=True, eq=False)
class LineRegion:
    """One line of writing found on a page, or one piece of a line where columns stand far apart.

    Attributes:
        picture: uint8 (h, w), the line cut out and made level and straight: dark ink on white, even light, the ink of other lines painted
            out, a small margin; at most 128 pixels high.
        to_page: float64 (2, 3): maps x, y of the picture to pixels of the page. For a curved line, the best affine map.
        box: x0, y0, x1, y1 around its ink in pixels of the page; x1 and y1 lie one past it.
        outline: float32 (4, 2): corners x, y of its turned rectangle in pixels of the page, from the upper left along the writing.
    """

    picture: np.ndarray
    to_page: np.ndarray
    box: tuple[int, int, int, int]
    outline: np.ndarray


class _Sheet(NamedTuple):
    """A page at working size, its ink told from the paper."""

    light: np.ndarray  # uint8 (h, w): brightness of the paper under each pixel; of the inverted page if the ink is light
    floor: int  # paper in deeper shadow counts as this bright
    inverted: bool
    white: float  # brightness of the paper after division by the light
    mask: np.ndarray  # uint8 (h, w), 1 where there is ink
    faint: np.ndarray  # uint8 (h, w), 1 also where marks are too weak to be ink, as ruled lines may be
    clutter: np.ndarray  # uint8 (h, w), 1 where there is something else: the table, ruled lines
    stroke: float  # typical width of the strokes in pixels


def find_lines(page: np.ndarray) -> list[LineRegion]:
    """Find the lines of handwriting on a page.

    Args:
        page: uint8 (H, W) grey or (H, W, 3) RGB, upright. Dark on light or light on dark.

    Returns:
        Lines in reading order: top to bottom, those at one height left to right. Empty where there is no writing; at most ``MAX_REGIONS``.
    """
    grey = page if page.ndim == 2 else cv2.cvtColor(page, cv2.COLOR_RGB2GRAY)
    scale = min(1.0, (_WORKING_PIXELS / grey.size) ** 0.5, _LONGEST / max(grey.shape))
    small = _resized(grey, scale)
    sheet = _find_ink(small) if min(small.shape) >= 8 else None
    if sheet is None:
        return []
    sheet = _without_rules(sheet)
    writing = _find_writing(sheet)
    if writing is None:
        return []
    scales = np.array([grey.shape[1] / small.shape[1], grey.shape[0] / small.shape[0]])
    return [_cut(grey, sheet, writing, line, scales) for line in _reading_order(writing)]


def _side(shape: tuple[int, ...]) -> int:
    """How large a picture is: its longer side, but for strips."""
    return min(max(shape), 2 * min(shape))


def _resized(pixels: np.ndarray, scale: float) -> np.ndarray:
    if scale >= 1:
        return pixels
    size = max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)


# Ink


def _find_ink(grey: np.ndarray) -> _Sheet | None:
    """Tell ink from paper; None where nothing stands out as pen strokes do."""
    plain = _plain_paper(grey)
    inverted = _is_inverted(grey, plain)
    if inverted:
        grey = 255 - grey
    if plain is not None:
        light = np.full_like(grey, 255 - plain if inverted else plain)
        paper = np.full(grey.shape, 255 - _EVEN, np.float32)
        noise = np.full(grey.shape, grey[np.abs(grey - light.astype(np.int16)) < 16].std(), np.float32)
        return _threshold(grey, light, np.zeros_like(grey), inverted, (paper, noise))
    table = _table(grey)
    shorter = min(grey.shape)
    for window in (shorter // 12, shorter // 4):  # the larger one for strokes that are wider than the smaller one
        sheet = _threshold(grey, _light(grey, window), table, inverted)
        if sheet is not None:
            # Known pens allow a smaller window, which follows shadows; it must still be wider than their strokes.
            closer = max(24, round(6 * sheet.stroke), _side(grey.shape) // 40)
            return (_threshold(grey, _light(grey, closer), table, inverted) or sheet) if closer < window else sheet
    return None


def _plain_paper(grey: np.ndarray) -> int | None:
    """The paper's brightness if it is the same everywhere, as in a drawing or a clean scan."""
    usual = int(np.median(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])))
    alike = cv2.inRange(grey, max(0, usual - 6), usual + 6) > 0
    edge = np.concatenate([alike[0], alike[-1], alike[:, 0], alike[:, -1]])
    # Ink is far darker than its paper; noise trails off.
    near = np.count_nonzero(cv2.inRange(grey, max(0, usual - 20), usual + 20)) / grey.size - alike.mean()
    return usual if edge.mean() > 0.8 and alike.mean() > 0.5 and near < 0.001 + 0.3 * (1 - alike.mean()) else None


def _table(grey: np.ndarray) -> np.ndarray:
    """What lies beside the sheet: uint8 (h, w), 1 where a region at the picture's edge is much darker than the paper beyond a sharp border.

    Borders of shadows are softer, or less deep.
    """
    small = _resized(grey, _TABLE_SIZE / max(grey.shape))
    window = max(3, min(small.shape) // 24)
    closed = cv2.medianBlur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((window, window), np.uint8)), 5)
    kernel = np.ones((3, 3), np.uint8)
    low, high = cv2.erode(closed, kernel).astype(np.float32), cv2.dilate(closed, kernel).astype(np.float32)
    even = (high < 1.3 * low + 4).astype(np.uint8)
    # Closing lets the paper reach the picture's edge where little of the table is seen.
    inset = window // 2 + 1
    even[[*range(inset), *range(-inset, 0)]] = 0
    even[:, [*range(inset), *range(-inset, 0)]] = 0
    count, regions, stats, _ = cv2.connectedComponentsWithStats(even, connectivity=4)
    table = np.zeros(small.shape, np.uint8)
    if count > 2:
        light = np.bincount(regions.ravel(), closed.ravel(), minlength=count)
        paper = 1 + int(np.argmax(light[1:]))
        at_edge = np.zeros(count, bool)
        for side in (regions[inset], regions[-1 - inset], regions[:, inset], regions[:, -1 - inset]):
            at_edge[side] = True
        for region in np.flatnonzero(at_edge & (stats[:, cv2.CC_STAT_AREA] > 4)):
            if region in (0, paper):
                continue
            inside = (regions == region).astype(np.uint8)
            beside = (cv2.dilate(inside, np.ones((13, 13), np.uint8)) > 0) & (regions == paper)
            if beside.any() and np.median(closed[inside > 0]) < 0.62 * np.median(closed[beside]):
                table |= inside
        # The border itself, too.
        table = cv2.dilate(table, np.ones((2 * inset + 5,) * 2, np.uint8))
    return cv2.resize(table, grey.shape[::-1], interpolation=cv2.INTER_NEAREST)


def _is_inverted(grey: np.ndarray, plain: int | None) -> bool:
    """Whether the ink is lighter than the paper. Ink is what is rare: the differences to the usual brightness are skewed towards it."""
    small = _resized(grey, 750 / max(grey.shape))
    if plain is not None:
        return _lightness(small, np.full_like(small, plain)) > 0
    # A window for the width of pens first: in it, the borders of sheets and shadows count for little.
    for share, sure in ((20, 0.3), (5, 0.0)):
        window = max(9, min(small.shape) // share) | 1
        lightness = _lightness(small, cv2.medianBlur(small, window))
        if abs(lightness) > sure:
            break
    return lightness > 0


def _lightness(grey: np.ndarray, usual: np.ndarray) -> float:
    """Skewness of the differences, from -1 (all are darker than usual) to 1."""
    away = np.clip(grey.astype(np.float32) - usual, -80, 80)
    cubes = away * away * away
    return float(cubes.sum() / max(float(np.abs(cubes).sum()), 1e-9))


def _light(grey: np.ndarray, window: int) -> np.ndarray:
    """Brightness of the paper under each pixel: strokes narrower than the window are closed. Half the size is fine enough."""
    half = cv2.GaussianBlur(_resized(grey, 0.5), (3, 3), 0)
    kernel = np.ones((max(3, window // 2),) * 2, np.uint8)
    closed = cv2.morphologyEx(half, cv2.MORPH_CLOSE, kernel)
    # Beside the edge of a sheet, the lower brightness is taken: else a strip of the table would be dark on light.
    closed = cv2.blur(cv2.erode(closed, np.ones((9, 9), np.uint8)), (5, 5))
    return cv2.resize(closed, grey.shape[::-1], interpolation=cv2.INTER_LINEAR)


def _threshold(
    grey: np.ndarray,
    light: np.ndarray,
    table: np.ndarray,
    inverted: bool,
    known: tuple[np.ndarray, np.ndarray] | None = None,
) -> _Sheet | None:
    """Hysteresis thresholding of how much darker than its paper each pixel is; what :func:`_paper` would say may be known."""
    floor = round(_DEEPEST * float(light.max()))
    darkness = 255 - _flattened(grey, light, floor)
    darkness[table > 0] = 255 - _EVEN
    paper, noise = known or _paper(darkness)
    excess = np.maximum(darkness - paper, 0) * (255 / _EVEN)
    # Where the light changes at once, it isn't known well.
    around = np.ones((9, 9), np.uint8)
    step = cv2.divide(cv2.subtract(cv2.dilate(light, around), cv2.erode(light, around)), np.maximum(light, max(floor, 1)), scale=255 / 8)
    noise = np.maximum(noise * (255 / _EVEN), np.maximum(step, 1))
    candidates = excess[excess > np.maximum(4 * noise, 0.5 * 255 * _MIN_CONTRAST)]
    if len(candidates) < 8:
        return None
    threshold, _ = cv2.threshold(np.minimum(candidates, 255).astype(np.uint8), 0, 255, cv2.THRESH_OTSU)
    strong = candidates[candidates > threshold]
    level = float(np.median(strong if len(strong) else candidates))
    if level < 255 * _MIN_CONTRAST:
        return None
    weak = (excess > np.clip(3.5 * noise, 0.35 * level, 0.8 * level)).astype(np.uint8)
    count, components, stats, _ = cv2.connectedComponentsWithStats(weak, connectivity=8)
    sure = np.bincount(components[excess > np.maximum(6 * noise, 0.6 * level)], minlength=count) > 0
    frame = _at_the_edge(weak, components, stats)
    kept = sure & ~frame & _is_sharp(darkness, paper, weak, components, count)
    kept[0] = False
    mask = kept[components].astype(np.uint8)
    if not 0 < mask.mean() < 0.6:
        return None
    clutter = table | (frame | (sure & ~kept))[components].astype(np.uint8) & weak
    return _Sheet(light, floor, inverted, 255 - float(np.median(paper)), mask, weak, clutter, _stroke_width(mask))


def _paper(darkness: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Median and standard deviation of the paper's darkness around each pixel, float32 (h, w), from what is lightest there."""
    block = max(48, _side(darkness.shape) // 24)
    rows, columns = (max(1, size // block) for size in darkness.shape)
    down, right = darkness.shape[0] // rows, darkness.shape[1] // columns
    blocks = darkness[: rows * down, : columns * right].reshape(rows, down, columns, right)[:, ::2, :, ::2]
    blocks = blocks.transpose(0, 2, 1, 3).reshape(rows, columns, -1)
    low, middle, half, high = np.percentile(blocks, (10, 35, 50, 65), axis=2).astype(np.float32)
    # Of normally distributed noise. Of overexposed paper only the darker half of the noise is left, to be seen in blocks with little ink.
    noise = np.maximum((middle - low) / 0.896, np.percentile((high - half) / 0.385, 25))
    paper = middle + 0.385 * noise
    noise, paper = (cv2.medianBlur(np.ascontiguousarray(values), 3) for values in (noise, paper))
    size = darkness.shape[::-1]
    return cv2.resize(paper, size, interpolation=cv2.INTER_LINEAR), cv2.resize(noise, size, interpolation=cv2.INTER_LINEAR)


def _is_sharp(darkness: np.ndarray, paper: np.ndarray, mask: np.ndarray, components: np.ndarray, count: int) -> np.ndarray:
    """Which components have edges as pens make them, not as shadows and blotches do; bool (count,)."""
    reach = max(2, _side(mask.shape) // 400)
    around = np.ones((2 * reach + 1,) * 2, np.uint8)
    smooth = cv2.GaussianBlur(darkness, (5, 5), 0)
    rise = cv2.subtract(cv2.dilate(smooth, around), cv2.erode(smooth, around))
    y, x = np.nonzero(mask - cv2.erode(mask, np.ones((3, 3), np.uint8)))
    edge = components[y, x]
    return np.bincount(edge, rise[y, x], minlength=count) > 0.7 * np.bincount(edge, smooth[y, x] - paper[y, x], minlength=count)


def _at_the_edge(mask: np.ndarray, components: np.ndarray, stats: np.ndarray) -> np.ndarray:
    """Which components are no ink but what frames the page: strips along the picture's edge, and large solid shapes that reach it."""
    height, width = mask.shape
    band = 2 + min(height, width) // 40
    inner = np.bincount(components[band : height - band, band : width - band].ravel(), minlength=len(stats))
    strip = (inner < 0.4 * stats[:, cv2.CC_STAT_AREA]) & (
        stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(1) > _side(mask.shape) // 12
    )
    radius = _side(mask.shape) // 60
    solid = np.zeros(len(stats), bool)
    solid[components[cv2.erode(mask, np.ones((2 * radius + 1,) * 2, np.uint8)) > 0]] = True
    reaches = np.zeros(len(stats), bool)
    for side in (components[0], components[-1], components[:, 0], components[:, -1]):
        reaches[side] = True
    return reaches & (strip | solid)


def _flattened(grey: np.ndarray, light: np.ndarray, floor: int) -> np.ndarray:
    """Brightness relative to the light's, which becomes ``_EVEN``: uint8."""
    lit = np.maximum(light, max(floor, 1))
    return cv2.divide(cv2.add(grey, lit - light), lit, scale=_EVEN)


def _stroke_width(mask: np.ndarray) -> float:
    boundary = int(mask.sum()) - int(cv2.erode(mask, cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))).sum())
    return max(1.0, 2 * int(mask.sum()) / max(boundary, 1))


# Ruled lines


def _without_rules(sheet: _Sheet) -> _Sheet:
    """Take ruled and squared lines out of the ink: long, thin, straight runs along the writing or across it."""
    angle = _skew(*_points(sheet.faint), 1 + _side(sheet.mask.shape) / 400)
    height, width = sheet.mask.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1)
    reach = np.abs(turn[:, :2]) @ (width, height)
    turn[:, 2] += (reach - (width, height)) / 2
    level = cv2.warpAffine(sheet.faint, turn, np.ceil(reach).astype(int).tolist(), flags=cv2.INTER_NEAREST)
    along = _runs(level, width)
    across = np.ascontiguousarray(_runs(np.ascontiguousarray(level.T), height).T)
    if not along.any() and not across.any():
        return sheet
    # Where the two cross, neither is thin.
    near = 2 * _rule_width(level) + 1
    crossings = cv2.dilate(along, np.ones((1, near), np.uint8)) & cv2.dilate(across, np.ones((near, 1), np.uint8))
    rules = cv2.dilate(along, np.ones((3, 1), np.uint8)) | cv2.dilate(across, np.ones((1, 3), np.uint8)) | crossings
    rules = cv2.warpAffine(rules, turn, (width, height), flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP)
    mask = cv2.bitwise_and(sheet.mask, 1 - rules)
    return sheet._replace(mask=mask, clutter=sheet.clutter | rules, stroke=_stroke_width(mask))


def _densest(offsets: np.ndarray) -> float:
    """The middle of the two neighbouring pixels' height into which most offsets fall."""
    low = float(offsets.min())
    counts = np.bincount(((offsets - low) * 2).astype(np.int64), minlength=5)
    return low + (int(np.convolve(counts, np.ones(4), "valid").argmax()) + 2) / 2


def _rule_width(mask: np.ndarray) -> int:
    return max(3, _side(mask.shape) // 220)


def _runs(mask: np.ndarray, whole: int) -> np.ndarray:
    """Nearly level thin lines, at least three or one of nearly the length of the ``whole`` page: uint8 of the mask's shape."""
    width = mask.shape[1]
    thin = mask & ~cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((_rule_width(mask) + 1, 1), np.uint8))
    length = max(15, width // 30) | 1
    filled = cv2.boxFilter(cv2.dilate(thin, np.ones((3, 1), np.uint8)), cv2.CV_32F, (length, 1)) > 0.6
    runs = cv2.dilate((filled & (thin > 0)).astype(np.uint8), np.ones((1, length), np.uint8)) & thin
    ys, xs = np.nonzero(runs)
    rules = np.zeros_like(mask)
    if len(xs) == 0:
        return rules
    first, last = np.percentile(xs, (1, 99))
    extent = last - first + 1
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(cv2.dilate(runs, np.ones((3, length), np.uint8)), connectivity=8)
    thick = cv2.dilate(mask, np.ones((3, 1), np.uint8))
    piece, taken = pieces[ys, xs], np.zeros(len(xs), bool)
    number_of_rules, through, middles = 0, False, []
    longest = np.argsort(-stats[1:, cv2.CC_STAT_WIDTH])[:_MAX_PIECES] + 1
    for number in longest[stats[longest, cv2.CC_STAT_WIDTH] > width // 15]:
        here = (piece == number) & ~taken
        if np.count_nonzero(here) < length:
            continue
        # Writing interrupts a line: what lies on its course belongs to it. Straight, but for the lens and the paper.
        for degree, tolerance in ((1, 2), (2, 1)):
            course = np.polynomial.Polynomial.fit(xs[here], ys[here], degree)
            here = np.abs(ys - course(xs)) <= tolerance * _rule_width(mask)
        x, y = xs[here], ys[here]
        course += _densest(y - course(x))  # letters that stand on the line, or hang from it, have drawn the fit to their side
        covered = len(np.unique(x))
        if covered < 0.2 * extent or np.ptp(x) < max(0.8 * extent, 0.4 * whole):
            continue
        between = np.arange(x.min(), x.max() + 1)
        rows = np.round(course(between)).astype(int)
        beside = _rule_width(mask) + 2

        def seen(row: np.ndarray, columns: np.ndarray = between) -> float:
            return float(thick[np.clip(row, 0, len(mask) - 1), columns].mean())

        # Rows through the middle of letters are seldom empty, but neither are those beside them.
        unbroken = seen(rows) > max(_UNBROKEN, min(0.93, 0.4 + max(seen(rows - beside), seen(rows + beside))))
        narrow = np.percentile(np.abs(y - course(x)), 80) < 0.7 + 0.4 * len(x) / covered  # nearly half its thickness
        # Between letters there are gaps; a line without any is ruled, however much touches it.
        if unbroken and (narrow or seen(rows) > 0.95):
            taken |= here
            middle = float(course(width / 2))
            number_of_rules += all(abs(middle - other) > 4 * _rule_width(mask) for other in middles)
            middles.append(middle)
            through |= covered > 0.95 * whole
            columns = np.arange(width)
            points = np.stack([columns, np.round(course(columns))], axis=1).astype(np.int32)
            cv2.polylines(rules, [points], isClosed=False, color=1, thickness=_rule_width(mask) + 2)
    if number_of_rules < 3 and not through:  # strokes of large letters
        return np.zeros_like(mask)
    return rules & thin


# Skew


def _points(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates x, y of the ink, float32; a sample where there is much."""
    y, x = np.nonzero(mask)
    step = 1 + len(y) // _SAMPLE
    return x[::step].astype(np.float32), y[::step].astype(np.float32)


def _skew(x: np.ndarray, y: np.ndarray, bin_height: float, around: float = 0.0, reach: float = _MAX_SKEW) -> float:
    """The angle in degrees, positive where writing goes down to the right, at which the projection of the ink is sharpest."""
    if len(x) < 2:
        return around

    def sharpness(degrees: float) -> float:
        radians = np.deg2rad(degrees)
        rows = (y * np.cos(radians) - x * np.sin(radians)) / bin_height
        profile = np.bincount((rows - rows.min()).astype(np.int64)).astype(np.float64)
        # Level writing is likelier than writing of any other angle.
        return float((profile * profile).sum()) * (1 - 0.004 * abs(degrees - around))

    best, step = around, max(reach / 16, 0.3)
    angles = around + np.arange(-reach, reach + step / 2, step)
    while True:
        best = float(max(angles, key=sharpness))
        if step < 0.2:
            return best
        angles, step = best + step * np.array([-0.67, -0.33, 0, 0.33, 0.67]), step / 3


# Lines


class _Course(NamedTuple):
    """Where a line runs in the levelled frame: the height ``v`` of the middle of its small letters at each ``u``; both in pixels."""

    u: np.ndarray
    v: np.ndarray

    def at(self, u: np.ndarray) -> np.ndarray:
        """Beyond its ends a line goes on level."""
        return np.interp(u, self.u, self.v)


class _Sample(NamedTuple):
    """Some of the pixels of ink, in the levelled frame."""

    u: np.ndarray
    v: np.ndarray
    component: np.ndarray  # int32, which connected component each belongs to
    step: int  # one pixel in so many was taken
    letter: float  # height of a letter in pixels
    stroke: float  # width of the pen in pixels


class _Writing(NamedTuple):
    """Ink divided into lines."""

    labels: np.ndarray  # uint8 (h, w): 0 no ink of writing, k + 1 ink of line k
    points: list[tuple[np.ndarray, np.ndarray]]  # x and y of each line's ink
    courses: list[_Course]
    angle: float  # of the levelled frame, radians
    core: float  # height of small letters, in pixels


def _find_writing(sheet: _Sheet) -> _Writing | None:
    _, components, stats, _ = cv2.connectedComponentsWithStats(sheet.mask, connectivity=8)
    area, height, width = (stats[:, column] for column in (cv2.CC_STAT_AREA, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_WIDTH))
    kept = area >= max(3.0, 0.4 * sheet.stroke**2)  # no dot is smaller than the pen
    kept[0] = False
    strokes = kept & (area > 3 * sheet.stroke**2)  # longer than they are wide
    if not strokes.any() or _typical(area[kept], area[kept]) < _SPECK * sheet.stroke**2:
        return None
    letter = max(float(_CELLS), _typical(height[strokes], np.minimum(width, 3 * height)[strokes]))
    kept &= np.maximum(height, width) > 0.08 * letter
    mask = kept[components]
    y, x = np.nonzero(mask)
    component = components[y, x]
    angle = np.deg2rad(_skew(*_points(mask), letter / 6)) if np.ptp(x) > 2.5 * letter else 0.0  # one letter has no direction
    u, v = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    step = 1 + len(u) // _SAMPLE
    sample = _Sample(u[::step], v[::step], component[::step], step, letter, sheet.stroke)
    courses = _courses(u, v, sample)
    core = _core_height(sample, courses)
    if not 0.6 < _LETTER * core / letter < 1.4:  # small letters alone, or letters of several lines, were measured
        sample = sample._replace(letter=max(float(_CELLS), float(np.sqrt(letter * _LETTER * core))))
        courses = _courses(u, v, sample)
        core = _core_height(sample, courses)
    line = _divide(x, y, u, v, components.shape, component, courses, core)
    lines = _legible(v, component, line, core)
    labels = np.zeros(mask.shape, np.uint8)
    labels[y, x] = label = lines[line - 1]
    if not lines.any():
        return None
    order = np.argsort(label, kind="stable")
    ends = np.searchsorted(label[order], np.arange(1, lines.max() + 2))
    points = [(x[order[start:end]], y[order[start:end]]) for start, end in pairwise(ends)]
    return _Writing(labels, points, [courses[number] for number in np.flatnonzero(lines)], angle, core)


def _legible(v: np.ndarray, component: np.ndarray, line: np.ndarray, core: float) -> np.ndarray:
    """The lines on which something is about as high as a letter get numbers from 1, the others 0: int64 (lines,)."""
    count = int(line.max())
    pairs, where = np.unique((line - 1) * (int(component.max()) + 1) + component, return_inverse=True)
    high, low = np.full(len(pairs), -np.inf), np.full(len(pairs), np.inf)
    np.maximum.at(high, where, v)
    np.minimum.at(low, where, v)
    tall = np.bincount(pairs[high - low > 0.45 * core] // (int(component.max()) + 1), minlength=count) > 0
    ink = np.where(tall, np.bincount(line - 1, minlength=count), 0)
    tall[np.argsort(ink)[:-MAX_REGIONS]] = False
    return np.where(tall, np.cumsum(tall), 0)


def _typical(values: np.ndarray, weights: np.ndarray) -> float:
    """Weighted median."""
    order = np.argsort(values)
    return float(values[order][np.searchsorted(np.cumsum(weights[order]), weights.sum() / 2)])


def _courses(u: np.ndarray, v: np.ndarray, sample: _Sample) -> list[_Course]:
    """The lines' courses: ridges of the ink smeared along the writing, joined over gaps, without those of dots, loops and tails."""
    letter = sample.letter
    cell = letter / _CELLS
    left, top = u.min() - 2 * letter, v.min() - 2 * letter
    columns, rows = int((u.max() - left + 2 * letter) / cell) + 1, int((v.max() - top + 2 * letter) / cell) + 1
    i, j = ((v - top) / cell).astype(np.int64), ((u - left) / cell).astype(np.int64)
    ink = np.bincount(i * columns + j, minlength=rows * columns).reshape(rows, columns).astype(np.float32)
    smeared = cv2.GaussianBlur(ink, (0, 0), sigmaX=1.5 * _CELLS, sigmaY=0.28 * _CELLS, borderType=cv2.BORDER_CONSTANT)
    peaks = np.zeros((rows, columns), np.uint8)
    peaks[1:-1] = (smeared[1:-1] >= smeared[:-2]) & (smeared[1:-1] > smeared[2:]) & (smeared[1:-1] > 0.03 * smeared.max())
    _, ridges = cv2.connectedComponents(cv2.dilate(peaks, np.ones((3, 1), np.uint8)), connectivity=8)
    at_row, at_column = np.nonzero(peaks)
    owner = ridges[at_row, at_column]
    pieces = []
    strength = np.bincount(owner, smeared[at_row, at_column])
    for ridge in np.argsort(-strength)[:MAX_REGIONS]:
        if strength[ridge] == 0:
            break
        here = owner == ridge
        # One height a column: the mean, where a ridge forks.
        at, where = np.unique(at_column[here], return_inverse=True)
        heights = np.bincount(where, at_row[here]) / np.bincount(where)
        pieces.append(_Course((at + 0.5) * cell + left, (heights + 0.5) * cell + top))
    # Hundreds of ridges are a texture's, more likely than not: they aren't worth as much time each.
    thin = 1 + len(pieces) // 40
    sample = sample._replace(u=sample.u[::thin], v=sample.v[::thin], component=sample.component[::thin], step=sample.step * thin)
    return _undivided(_own_ink(_joined(_own_ink(pieces, sample), letter), sample), sample)


def _nearness(u: np.ndarray, v: np.ndarray, courses: list[_Course], letter: float) -> np.ndarray:
    """Distance of points to each course in letter heights, float32 (courses, points); beyond a course's ends, more."""
    away = np.empty((len(courses), len(u)), np.float32)
    for number, course in enumerate(courses):
        beyond = np.maximum(0, np.maximum(course.u[0] - u, u - course.u[-1]))
        away[number] = np.hypot(v - course.at(u), 0.5 * beyond) / letter
    return away


def _votes(u: np.ndarray, v: np.ndarray, component: np.ndarray, courses: list[_Course], letter: float) -> tuple[np.ndarray, np.ndarray]:
    """How much of each component's ink lies on each line, float64 (components, courses), in pixels; and each point's nearest line."""
    away = _nearness(u, v, courses, letter)
    nearest = away.argmin(0)
    weight = np.exp(-((away[nearest, np.arange(len(u))] / 0.45) ** 2))
    size = int(component.max()) + 1
    votes = np.bincount(component * len(courses) + nearest, weight, minlength=size * len(courses))
    return votes.reshape(size, len(courses)), nearest


def _own_ink(courses: list[_Course], sample: _Sample) -> list[_Course]:
    """Leave out courses on which no component has most of its ink, weakest first; dots and bars alone don't make a line."""
    if len(courses) < 2:
        return courses
    size = int(sample.component.max()) + 1
    high, low = np.full(size, -np.inf), np.full(size, np.inf)
    np.maximum.at(high, sample.component, sample.v)
    np.minimum.at(low, sample.component, sample.v)
    weight = np.where(high - low > 0.35 * sample.letter, 1.0, 0.12) * sample.step
    while len(courses) > 1:
        votes, _ = _votes(sample.u, sample.v, sample.component, courses, sample.letter)
        own = (np.where(votes >= 0.5 * votes.max(1, keepdims=True), votes, 0) * weight[:, None]).sum(0)
        weak = np.flatnonzero(own < 0.3 * sample.letter * sample.stroke)
        if len(weak) == 0 or len(weak) == len(courses):
            break
        # Neighbours may gain by it: only those go at once that are far weaker.
        dropped = set(weak[own[weak] <= max(2 * own[weak].min() + 1, 0.15 * sample.letter * sample.stroke)].tolist())
        courses = [course for number, course in enumerate(courses) if number not in dropped]
    return courses


def _joined(pieces: list[_Course], letter: float) -> list[_Course]:
    """Join pieces that follow each other at one height, or that run side by side closer than lines can, the surest first."""
    pieces = sorted(pieces, key=lambda piece: piece.u[0])
    costs = np.full((len(pieces),) * 2, np.inf)
    for first, second in _close_pairs(pieces, letter):
        costs[first, second] = _cost(pieces[first], pieces[second], letter)
    while len(pieces) > 1 and costs.min() < 1:
        first, second = np.unravel_index(int(costs.argmin()), costs.shape)
        pieces[first] = _join(pieces[first], pieces.pop(second))
        costs = np.delete(np.delete(costs, second, 0), second, 1)
        for other in range(len(pieces)):
            if other != first and abs(pieces[other].v.mean() - pieces[first].v.mean()) < 6 * letter:
                pair = (other, first) if pieces[other].u[0] <= pieces[first].u[0] else (first, other)
                costs[min(pair), max(pair)] = _cost(pieces[pair[0]], pieces[pair[1]], letter)
    return pieces


def _close_pairs(courses: list[_Course], letter: float) -> list[tuple[int, int]]:
    """Numbers of courses, the smaller first, that come near each other in height."""
    low, high = np.array([course.v.min() for course in courses]), np.array([course.v.max() for course in courses])
    near = np.maximum(low[:, None], low[None, :]) - np.minimum(high[:, None], high[None, :]) < letter
    return [(int(first), int(second)) for first, second in zip(*np.nonzero(np.triu(near, 1)), strict=True)]


def _cost(first: _Course, second: _Course, letter: float) -> float:
    """Of taking two pieces for one line; 1 and more: they are two."""
    gap = second.u[0] - first.u[-1]
    if gap >= 0:
        if gap > _WIDEST_GAP * letter:
            return 1.0
        tail, head = first.v[first.u > first.u[-1] - 2 * letter].mean(), second.v[second.u < second.u[0] + 2 * letter].mean()
        # Over a gap between words lines may step a little, over one between columns hardly.
        tolerance = 0.75 * letter - 0.1 * min(gap, 3.5 * letter)
        return float(abs(tail - head) / tolerance + 0.03 * gap / letter)
    low, high = second.u[0], min(first.u[-1], second.u[-1])
    at = np.linspace(low, high, 20)
    return float(np.abs(first.at(at) - second.at(at)).mean() / (0.65 * letter))


def _undivided(courses: list[_Course], sample: _Sample) -> list[_Course]:
    """Make one of two courses that run through the same letters, as over and under the middle of capitals."""
    while len(courses) > 1:
        votes, _ = _votes(sample.u, sample.v, sample.component, courses, sample.letter)
        distance = np.full((len(courses),) * 2, np.inf)
        for first, second in _close_pairs(courses, 4 * sample.letter):
            one, other = courses[first], courses[second]
            low, high = max(one.u[0], other.u[0]), min(one.u[-1], other.u[-1])
            if high > low:
                at = np.linspace(low, high, 20)
                distance[first, second] = distance[second, first] = np.abs(one.at(at) - other.at(at)).mean()
        length = np.array([np.ptp(course.u) for course in courses])
        long = length > 4 * sample.letter
        next_ones = distance[long][:, long].min(1, initial=np.inf)
        pitch = float(np.median(next_ones[np.isfinite(next_ones)])) if np.isfinite(next_ones).any() else 0.0
        # What is squeezed between lines is made of tall letters' tops.
        squeezed = (distance < 0.65 * pitch) & (length[:, None] < np.minimum(4 * sample.letter, 0.3 * length[None, :]))
        if squeezed.any():
            courses = [course for number, course in enumerate(courses) if not squeezed[number].any()]
            continue
        best, pair = 0.35, None
        for first, second in zip(*np.nonzero(distance < max(0.85 * sample.letter, 0.7 * pitch)), strict=True):
            smaller = min(votes[:, first].sum(), votes[:, second].sum())
            shared = np.minimum(votes[:, first], votes[:, second]).sum() / max(smaller, 1.0)
            if shared > best:
                best, pair = shared, (min(first, second), max(first, second))
        if pair is None:
            break
        joined = _join(courses[pair[0]], courses[pair[1]])
        courses = [course for number, course in enumerate(courses) if number not in pair] + [joined]
    return courses


def _join(first: _Course, second: _Course) -> _Course:
    u = np.union1d(first.u, second.u)
    inside = [(u >= course.u[0]) & (u <= course.u[-1]) for course in (first, second)]
    heights = first.at(u) * inside[0] + second.at(u) * inside[1]
    count = inside[0].astype(int) + inside[1]
    return _Course(u[count > 0], heights[count > 0] / count[count > 0])


def _core_height(sample: _Sample, courses: list[_Course]) -> float:
    """Height of small letters: the width of the peak of the ink's profile along all lines."""
    letter = sample.letter
    off = np.full(len(sample.u), np.inf)
    for course in courses:
        here = sample.v - course.at(sample.u)
        off = np.where((np.abs(here) < np.abs(off)) & (sample.u >= course.u[0]) & (sample.u <= course.u[-1]), here, off)
    profile, _ = np.histogram(off, bins=61, range=(-1.5 * letter, 1.5 * letter))
    profile = np.convolve(profile, np.ones(3) / 3, "same")
    high = profile > 0.5 * profile[15:46].max()
    low = up = int(15 + np.argmax(profile[15:46]))
    while low > 0 and high[low - 1]:
        low -= 1
    while up < 60 and high[up + 1]:
        up += 1
    return max(0.25, (up - low + 1) / 61 * 3) * letter


def _divide(
    x: np.ndarray,
    y: np.ndarray,
    u: np.ndarray,
    v: np.ndarray,
    shape: tuple[int, int],
    component: np.ndarray,
    courses: list[_Course],
    core: float,
) -> np.ndarray:
    """Give each pixel of ink to a line: int64, k + 1 for line k."""
    votes, nearest = _votes(u, v, component, courses, 1.6 * core)
    best = votes.argmax(1)
    shared = votes >= np.maximum(0.2 * votes.max(1, keepdims=True), 0.5 * core)
    divided = shared.sum(1) > 1
    line = best[component] + 1
    here = np.flatnonzero(divided[component])
    if len(here):
        # What lines share is cut where the way along the ink to either line's small letters is the same: by flooding from these.
        x, y, u, v, component, nearest = (values[here] for values in (x, y, u, v, component, nearest))
        away = _nearness(u, v, courses, core).min(0)
        seed = shared[component, nearest] & (away < 0.4)
        markers = np.full(shape, len(courses) + 1, np.int32)
        markers[y, x] = np.where(seed, nearest + 1, 0)
        ink = np.zeros((*shape, 3), np.uint8)
        ink[y, x] = 255
        flooded = cv2.watershed(ink, markers)[y, x]
        unreached = (flooded < 1) | (flooded > len(courses))
        allowed = shared[component, nearest]
        line[here] = np.where(unreached, np.where(allowed, nearest, best[component]) + 1, flooded)
    return line


# Pictures


def _reading_order(writing: _Writing) -> list[int]:
    """Numbers of the lines from top to bottom; pieces that lie side by side at one height from left to right."""
    heights = [float(course.v.mean()) for course in writing.courses]
    rows: list[list[int]] = []
    for line in np.argsort(heights).tolist():
        course = writing.courses[line]
        beside = rows and all(
            course.u[0] > writing.courses[other].u[-1] or course.u[-1] < writing.courses[other].u[0] for other in rows[-1]
        )
        if beside and heights[line] - heights[rows[-1][0]] < 0.8 * writing.core:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda number: writing.courses[number].u[0])]


def _cut(grey: np.ndarray, sheet: _Sheet, writing: _Writing, line: int, scales: np.ndarray) -> LineRegion:
    """Cut a line out of the page, at the page's own resolution where that isn't more than is useful."""
    x, y = writing.points[line]
    angle, middle, bends = _direction(writing.angle, writing.core, writing.courses[line])
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    # From here on in pixels of the page, 0, 0 the corner of the first one; a along the line, b across it.
    scale = float(scales.mean())
    centres = (np.stack([x, y], axis=1) + 0.5) * scales
    knots, bends = (middle * scales) @ along, bends * scale
    a, b = centres @ along, centres @ across
    left, right, up, down = a.min() - scale / 2, a.max() + scale / 2, b.min() - scale / 2, b.max() + scale / 2
    outline = np.array(
        [left * along + up * across, right * along + up * across, right * along + down * across, left * along + down * across]
    )
    straight = b - np.interp(a, knots, bends)
    margin = max(2.0, 0.3 * writing.core * scale)
    left, right = left - margin, right + margin
    up, down = straight.min() - scale / 2 - margin, straight.max() + scale / 2 + margin
    step = max(1.0, (down - up) / _PICTURE_HEIGHT, (right - left) / _PICTURE_WIDTH)
    columns, rows = max(1, int((right - left) / step)), max(1, min(_PICTURE_HEIGHT, int((down - up) / step)))
    at, shift = left + step * (np.arange(columns) + 0.5), up + step * (np.arange(rows) + 0.5)
    shift = shift[:, None] + np.interp(at, knots, bends)[None, :]
    where = [at * along[axis] + shift * across[axis] for axis in (0, 1)]
    part, corner, shrink = _part(grey, sheet, writing.labels, line, where, scales, step)
    maps = [((where[axis] - corner[axis]) / shrink[axis] - 0.5).astype(np.float32) for axis in (0, 1)]
    picture = cv2.remap(part, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=255)
    origin = (left + step / 2) * along + (up + step / 2) * across - 0.5
    low = np.floor(np.array([x.min(), y.min()]) * scales).astype(int).tolist()
    high = np.minimum(np.ceil(np.array([x.max() + 1, y.max() + 1]) * scales), grey.shape[::-1]).astype(int).tolist()
    return LineRegion(picture, np.column_stack([step * along, step * across, origin]), (*low, *high), (outline - 0.5).astype(np.float32))


def _direction(level: float, core: float, course: _Course) -> tuple[float, np.ndarray, np.ndarray]:
    """How a line lies: its angle in radians, points (n, 2) along it, and how far it bends down from the straight at each of them."""
    u = np.linspace(course.u[0], course.u[-1], 33)
    slope, bends = 0.0, np.zeros(len(u))
    v = np.full(len(u), course.v.mean())
    if np.ptp(u) > 5 * core:  # shorter ones lie as the page does
        straight = np.polynomial.Polynomial.fit(course.u, course.v, 1)
        v, slope = straight(u), float(straight.deriv()(u[0]))
        if np.ptp(u) > 10 * core:
            bends = np.polynomial.Polynomial.fit(course.u, course.v, 3)(u) - v
            if np.abs(bends).max() < 0.12 * core:
                bends[:] = 0
    points = np.stack([u * np.cos(level) - v * np.sin(level), u * np.sin(level) + v * np.cos(level)], axis=1) + 0.5
    return level + float(np.arctan(slope)), points, bends


def _part(
    grey: np.ndarray, sheet: _Sheet, labels: np.ndarray, line: int, where: list[np.ndarray], scales: np.ndarray, step: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The part of the page on which places lie, reduced by ``step``: dark ink on white with nothing but the line's ink.

    Returns:
        The part, uint8; where its corner x, y lies on the page; pixels of the page per pixel of it, x and y.
    """
    height, width = labels.shape
    low = [min(max(int(place.min() / scale) - 3, 0), size - 1) for place, scale, size in zip(where, scales, (width, height), strict=True)]
    high = [
        min(max(int(place.max() / scale) + 4, first + 1), size)
        for place, scale, first, size in zip(where, scales, low, (width, height), strict=True)
    ]
    window = slice(low[1], high[1]), slice(low[0], high[0])
    own = (labels[window] == line + 1).astype(np.uint8)
    foreign = sheet.clutter[window] | (sheet.mask[window] & (1 - own))
    around = np.ones((3, 3), np.uint8)
    foreign = cv2.dilate(foreign, np.ones((5, 5), np.uint8)) & (1 - cv2.dilate(own, around))
    corner = np.round(np.array(low) * scales).astype(int)
    end = np.maximum(np.round(np.array(high) * scales).astype(int), corner + 1)
    size = np.maximum(np.round((end - corner) / step), 1).astype(int).tolist()
    part = cv2.resize(grey[corner[1] : end[1], corner[0] : end[0]], size, interpolation=cv2.INTER_AREA)
    light = cv2.resize(sheet.light[window], size, interpolation=cv2.INTER_LINEAR)
    flat = _flattened(255 - part if sheet.inverted else part, light, sheet.floor)
    flat = cv2.convertScaleAbs(flat, alpha=255 / max(sheet.white, 1.0))
    flat[cv2.resize(foreign * 255, size, interpolation=cv2.INTER_LINEAR) > 127] = 255
    return flat, corner, (end - corner) / size
