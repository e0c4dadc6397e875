"""How a sheet comes into a picture: a screen's, a scanner's, or a phone's with its perspective, light, blur, noise and JPEG."""

import cv2
import numpy as np

from hwr.data.pages.page import SHRINK, PageLine, moved_lines
from hwr.data.pages.scenes import clouds, scene
from hwr.data.pages.sheet import Sheet

CAMERAS = ("clean", "scan", "photo")
"""``clean``: as it is; ``scan``: up to a few degrees askew, even light, some noise; ``photo``: everything that phones do."""
View = tuple[np.ndarray, tuple[int, int]]  # matrix (3, 3) from the sheet to the picture, and the picture's width and height


def view_of(rng: np.random.Generator, shape: tuple[int, ...], camera: str, angle: float, crop: bool) -> View:
    """Where the sheet's points come to lie.

    Args:
        rng: source of all randomness.
        shape: rows and columns of the sheet.
        camera: of :data:`CAMERAS`.
        angle: degrees, clockwise, by which the sheet lies turned.
        crop: the picture shows no more than the sheet.
    """
    height, width = shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    there = corners - (width / 2, height / 2)
    if camera == "photo":
        lean = rng.normal(0, 0.035, 2)
        depth = 1 + there / (width, height) @ lean
        there = there / depth[:, None]
        there += rng.normal(0, 0.006, (4, 2)) * (width, height)
    radians = np.deg2rad(angle)
    there = there @ np.array([[np.cos(radians), np.sin(radians)], [-np.sin(radians), np.cos(radians)]])
    reach = there.max(0) - there.min(0)
    around = 0.0 if crop or camera != "photo" else rng.uniform(-0.02, 0.06)
    size = np.maximum(reach * (1 + around), 8) if not crop else np.maximum(reach, 8)
    shift = size / 2 - (there.max(0) + there.min(0)) / 2
    matrix = cv2.getPerspectiveTransform(corners, (there + shift).astype(np.float32))
    return matrix, (int(size[0]), int(size[1]))


def taken(
    sheet: Sheet, lines: tuple[PageLine, ...], rng: np.random.Generator, camera: str, view: View, core: float, crop: bool
) -> tuple[np.ndarray, tuple[PageLine, ...], np.ndarray]:
    """Take the picture of a sheet.

    Returns:
        The picture, uint8 (H, W, 3); the lines in its pixels; the masks, as :class:`hwr.data.pages.page.Page` has them.
    """
    matrix, (width, height) = view
    layers = (sheet.written, sheet.printed, sheet.ruled)
    rows, columns = -(-height // SHRINK), -(-width // SHRINK)
    straight = np.allclose(matrix, np.eye(3), atol=1e-3) and (height, width) == sheet.written.shape
    if straight:
        image = sheet.pixels
        masks = np.stack([cv2.resize(layer, (columns, rows), interpolation=cv2.INTER_AREA) for layer in layers])
    else:
        border = cv2.BORDER_REPLICATE if crop or sheet.paper in ("whiteboard", "blackboard") else cv2.BORDER_TRANSPARENT
        image = _table(rng, (height, width), camera, core)
        cv2.warpPerspective(sheet.pixels, matrix, (width, height), dst=image, flags=cv2.INTER_LINEAR, borderMode=border)
        shrink = np.diag([1 / SHRINK, 1 / SHRINK, 1.0])
        small = [
            cv2.resize(layer, (-(-layer.shape[1] // SHRINK), -(-layer.shape[0] // SHRINK)), interpolation=cv2.INTER_AREA)
            for layer in layers
        ]
        masks = np.stack([cv2.warpPerspective(layer, shrink @ matrix @ np.linalg.inv(shrink), (columns, rows)) for layer in small])
    scale = abs(float(np.linalg.det(matrix[:2, :2]))) ** 0.5

    def move(points: np.ndarray) -> np.ndarray:
        return cv2.perspectiveTransform(points[None].astype(np.float64), matrix)[0].astype(np.float32)

    if not straight:
        lines = moved_lines(lines, move, scale)
    if camera == "photo":
        image = _photographed(image, rng, core * scale)
    elif camera == "scan":
        image = _scanned(image, rng)
    return image, lines, masks


def _table(rng: np.random.Generator, shape: tuple[int, int], camera: str, core: float) -> np.ndarray:
    """What lies around the sheet."""
    if camera != "photo":
        return np.full((*shape, 3), 255 if rng.random() < 0.7 else int(rng.integers(0, 255)), np.uint8)
    if rng.random() < 0.25:
        return scene(rng, shape)
    colour = rng.uniform(15, 220, 3) * 0.5 + rng.uniform(15, 220) * 0.5
    grain = clouds(rng, (shape[0], max(2, shape[1] // 9)), core * rng.uniform(0.3, 2)) if rng.random() < 0.5 else clouds(rng, shape, core)
    grain = 1 + rng.uniform(0, 0.4) * (cv2.resize(grain, shape[::-1]) - 0.5)
    return cv2.merge([cv2.convertScaleAbs(grain, alpha=float(channel)) for channel in colour])


def _scanned(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    if rng.random() < 0.5:
        image = cv2.GaussianBlur(image, (3, 3), rng.uniform(0.3, 0.8))
    if rng.random() < 0.6:
        image = _noisy(image, rng, rng.uniform(0.5, 4))
    if rng.random() < 0.4:  # grey, or of two tones
        grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        image = cv2.merge([grey] * 3)
    return _jpeg(image, rng, 50) if rng.random() < 0.7 else image


def _photographed(image: np.ndarray, rng: np.random.Generator, core: float) -> np.ndarray:
    height, width = image.shape[:2]
    light = cv2.resize(rng.uniform(0.5, 1.0, (2, 2)).astype(np.float32), (48, 48)) if rng.random() < 0.7 else np.ones((48, 48), np.float32)
    x, y = np.meshgrid(np.linspace(0, 1, 48), np.linspace(0, 1, 48))
    for _ in range(int(rng.choice((0, 1, 2), p=(0.45, 0.4, 0.15)))):  # the shadow of a hand, of the phone
        across = (x - rng.uniform(0, 1)) * rng.uniform(-1, 1) + (y - rng.uniform(0, 1)) * rng.uniform(-1, 1)
        light *= 1 - rng.uniform(0.1, 0.5) / (1 + np.exp(np.clip(across / rng.uniform(0.01, 0.1), -30, 30)))
    if rng.random() < 0.15:  # flash
        away = np.hypot(x - rng.uniform(0.2, 0.8), y - rng.uniform(0.2, 0.8))
        light = light * 0.75 + rng.uniform(0.2, 0.6) * np.exp(-((away / rng.uniform(0.1, 0.4)) ** 2))
    tint = rng.uniform(0.88, 1.0, 3).astype(np.float32)
    field = cv2.resize((light[..., None] * tint * 128).clip(0, 255).astype(np.uint8), (width, height), interpolation=cv2.INTER_LINEAR)
    image = cv2.multiply(image, field, scale=1 / 128)
    if rng.random() < 0.6:
        image = cv2.GaussianBlur(image, (0, 0), max(0.3, core * rng.uniform(0.01, 0.07)))
    if rng.random() < 0.1:  # the hand moved
        length = max(2, round(core * rng.uniform(0.05, 0.2)))
        image = cv2.blur(image, (length, 1) if rng.random() < 0.5 else (1, length))
    if rng.random() < 0.8:
        image = _noisy(image, rng, rng.uniform(1, 9))
    if rng.random() < 0.3:  # contrast and exposure
        image = cv2.convertScaleAbs(image, alpha=rng.uniform(0.6, 1.3), beta=rng.uniform(0, 30))
    return _jpeg(image, rng, 25)


def _noisy(image: np.ndarray, rng: np.random.Generator, deviation: float) -> np.ndarray:
    noise = np.round(deviation * rng.standard_normal(image.shape[:2], dtype=np.float32)).astype(np.int8)
    return cv2.add(image, cv2.merge([noise] * 3), dtype=cv2.CV_8U)


def _jpeg(image: np.ndarray, rng: np.random.Generator, lowest: int) -> np.ndarray:
    _, encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(lowest, 95))])
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR))
