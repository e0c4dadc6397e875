"""Attacks on the running page over HTTP: what strangers may send to its endpoints, its own events and the server, and what they are told.

Each is answered with a sentence that says what to do (what it must say stands in the table) or with a proper result, in bounded time of the
processor; none leaves memory behind, and the next visitor is answered. The module is long because the attacks are one table.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any

import httpx
import numpy as np
import pytest
from app_server import ROOT, shared_app, shared_hub
from attacking import Answer, File, call, do, forget_peak, memory, post, seconds
from hostile_files import (
    LAUGHS,
    OUTSIDE,
    a_pickle,
    animation,
    archive,
    chunk,
    exif_of,
    floats,
    idx,
    inkml,
    large,
    lying_archive,
    model,
    not_a_number,
    other_shape,
    picture,
    png,
    scans,
    stroke,
    svg,
    table,
    text_bomb,
    tiff_of_strips,
    tiff_that_says,
)
from pdf_files import page, pdf, stream
from PIL import Image

from hwr.ui.guard import UNEXPECTED

SECONDS = 10
"""Of the processor: that of the clock depends on what else the machine does."""
KEPT = 50
"""Megabytes that may be left behind."""
PEAK = 1_000
"""Megabytes that may be taken meanwhile."""
RESULT = "^$"
"""No sentence: what an attack is answered with that does nothing is a proper result."""
UNREAD = "^$|No writing|nothing that could be read"
"""Either will do of a single stroke."""
A = [[[110, 260], [160, 60], [210, 260]], [[130, 190], [190, 190]]]


@dataclass(frozen=True)
class Attack:
    """One request.

    Attributes:
        name: what it tries.
        where: an endpoint, or an event of the page: ``pen-go.click``.
        sends: arguments that are not as they usually are, by name.
        says: what the answer's sentence says, a pattern; ``RESULT`` where it is a result.
        event_data: what the browser says happened.
    """

    name: str
    where: str
    sends: dict[str, Any]
    says: str
    event_data: Any = None

    def __str__(self) -> str:
        return f"{self.where}: {self.name}"


def nested(depth: int) -> list[Any]:
    """A list in a list in a list ..."""
    return json.loads("[" * depth + "]" * depth)


def each(where: str, argument: str, attacks: dict[str, tuple[Any, str]], **others: Any) -> list[Attack]:
    """Attacks on one argument."""
    return [Attack(name, where, others | {argument: value}, says) for name, (value, says) in attacks.items()]


# --- files ---

NO_IMAGE = "is not an image that can be read"
DAMAGED = "damaged"
TOO_LARGE = "at most 50 million are read"
PICTURES: dict[str, tuple[Any, str]] = {
    "100 million pixels in 12 kB": (lambda: picture(image=large(10_000)), TOO_LARGE),
    "49 million pixels in 6 kB": (lambda: picture(image=large(7_000)), RESULT),
    "a size of 2^31 by 2^31": (lambda: png(2**31 - 1, 2**31 - 1), TOO_LARGE),
    "a size of 0 by 0": (lambda: png(0, 0), NO_IMAGE),
    "a line of 49 million pixels": (lambda: png(1, 49_000_000, depth=1), "a side may have 65,000"),
    "a comment and a profile that unpack to 60 MB": (lambda: text_bomb(), DAMAGED),
    "a million chunks": (lambda: png(8, 8, data=bytes(72), more=chunk(b"abCd", b"") * 1_000_000), "too much before its pixels"),
    "a TIFF of 2^31 by 2^31": (lambda: tiff_that_says(2**31, 2**31), TOO_LARGE),
    "a TIFF of 2^31 strips": (lambda: tiff_that_says(100, 100, 2**31 - 1), NO_IMAGE),
    "a TIFF of two million strips": (lambda: tiff_of_strips(2_000_000), "too much before its pixels"),
    "NaN": (lambda: floats(float("nan")), "not finite"),
    "infinity": (lambda: floats(float("inf")), "not finite"),
    "3,000 frames": (lambda: animation(3_000), "No ink|No writing"),
    "1,000 passes over 49 million pixels": (lambda: scans(7_000, 1_000), "too many passes"),
    "EXIF data that turn it": (lambda: picture("JPEG", exif=exif_of(6)), RESULT),
    "EXIF data of no sense": (lambda: picture("JPEG", exif=exif_of(9_999)), RESULT),
    "EXIF data that are noise": (lambda: picture("JPEG", exif=b"Exif\0\0MM\0*" + b"\xff" * 60_000), RESULT),
    "CMYK": (lambda: picture("JPEG", stroke(mode="CMYK")), RESULT),
    "colours of the eye": (lambda: picture("TIFF", stroke(mode="RGB").convert("LAB")), RESULT),
    "nothing but transparency": (lambda: picture(image=Image.new("RGBA", (50, 50), (0, 0, 0, 0))), "No ink|No writing"),
    "numbers without end": (lambda: File(b"P2 3 3 255\n" + b"9" * 100_000, "a.pgm"), DAMAGED),
    "a script": (lambda: svg("<script>alert(1)</script>", name="drawing.png"), NO_IMAGE),
    "half a file": (lambda: File(picture().data[:90], "half.png"), DAMAGED),
    "a text": (lambda: File(b"hello", "hello.png"), NO_IMAGE),
    "nothing": (lambda: File(b"", "nothing.png"), "is empty"),
    "a name that leads elsewhere": (lambda: File(picture().data, "../../../../etc/cron.d/x.png"), RESULT),
    "a name of markup": (lambda: File(b"hello", "<img src=x onerror=alert(1)>.png"), NO_IMAGE),
    "a name of 2,000 letters": (lambda: File(picture().data, "a" * 2_000 + ".png"), RESULT),
}
NO_FILES: dict[str, tuple[Any, str]] = {
    "a path of the server": ("/etc/passwd", "handle_file"),
    "a file of the server": ({"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}, "handle_file"),
    "a file of the page's own": ({"path": str(ROOT / "app.py"), "meta": {"_type": "gradio.FileData"}}, "handle_file"),
    "an address": ({"path": "http://127.0.0.1/", "meta": {"_type": "gradio.FileData"}}, "Addresses are not fetched"),
    "an address of a file": ({"path": "file:///etc/passwd", "meta": {"_type": "gradio.FileData"}}, "Addresses are not fetched"),
    "an address beside no path": ({"path": None, "url": "http://127.0.0.1/", "meta": {"_type": "gradio.FileData"}}, "handle_file"),
    "a NUL in a path": ({"path": "/tmp/\0", "meta": {"_type": "gradio.FileData"}}, "handle_file"),
    "a number": (5, "handle_file"),
    "a list": ([1], "handle_file"),
    "an object": ({}, "^$|handle_file|Send an archive"),  # as good as none
    "lists without end": (nested(200), "nested"),
}
INK: dict[str, tuple[Any, str]] = {
    "a script": (lambda: svg("<script>alert(1)</script>"), "no path"),
    "a billion laughs": (lambda: svg("<text>&a8;</text>", LAUGHS), "entities"),
    "an entity from elsewhere": (lambda: svg("<text>&a;</text>", OUTSIDE), "entities"),
    "a picture from elsewhere": (lambda: svg('<image href="http://127.0.0.1/"/>'), "no path"),
    "groups without end": (lambda: svg("<g>" * 50_000 + "</g>" * 50_000), "too many elements"),
    "curves without end": (lambda: svg(f'<path d="M0 0{"C1 1 2 2 3 3" * 300_000}"/>'), "numbers in its paths"),
    "300,000 points in UTF-16": (lambda: inkml("<trace>" + "1 1," * 300_000 + "1 1</trace>", "utf-16"), "20,000 points"),
    "lists without end": (lambda: File(b"[" * 100_000, "ink.json"), "not valid JSON"),
    "bytes": (lambda: File(bytes(range(256)) * 100, "ink.svg"), "neither SVG"),
    "nothing": (lambda: File(b"", "ink.svg"), "neither SVG"),
    "6 MB of blanks": (lambda: File(b" " * 6_000_000, "ink.json"), "more than 5 MB"),
    "a file of the server": ({"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}, "handle_file"),
}
SMALL = picture(image=stroke((40, 60))).data
READY = {"evaluate-ready": "Characters and words in our own strokes"}
COLLECTIONS: dict[str, tuple[Any, str]] = {
    "60 MB of zeros in 60 kB": (lambda: archive({"A/1.png": bytes(49_000_000)}), "could be evaluated.*as no image is"),
    "an entry that is larger than it says": (lambda: lying_archive(2_000_000), "could be evaluated"),
    "names that lead elsewhere": (lambda: archive({"../../etc/A/1.png": SMALL, "/A/2.png": SMALL}), "outside the archive"),
    "names of markup": (lambda: archive({"A/<script>alert(1)</script>.png": b"hello"}), NO_IMAGE),
    "an archive in an archive": (lambda: archive({"A/more.zip": archive({"A/1.png": SMALL}).data}), "archive within"),
    "half an archive": (lambda: File(archive({"A/1.png": SMALL}).data[:-30], "half.zip"), "neither a zip archive"),
    "nothing in it": (lambda: archive({}), "holds no images"),
    "no labels": (lambda: archive({"1.png": SMALL}), "names its class"),
    "a table of labels that is none": (lambda: archive({"labels.csv": b"\xff\xfe\0", "1.png": SMALL}), "not a CSV file"),
    "a table with formulas": (lambda: archive({"labels.csv": b'file_name,label\n1.png,"=cmd|calc"\n', "1.png": SMALL}), RESULT),
    "40 MB of zeros in a Parquet file": (
        lambda: table({"label": ["A"] * 40, "image": [bytes(1_000_000)] * 40}, compression="zstd", use_dictionary=False),
        "tightly",
    ),
    "300,000 rows in a Parquet file": (
        lambda: table({"label": np.zeros(300_000, np.int64), "image": np.zeros(300_000, np.int64)}),
        "rows; at most",
    ),
    "a Parquet file of other things": (lambda: table({"a": [1]}), "no column of images"),
    "a Parquet file of zeros": (lambda: File(bytes(1_000), "zeros.parquet"), "no footer"),
    "an IDX file of 2^31 images": (
        lambda: archive({"x-images-idx3-ubyte": idx(2**31 - 1, 28, 28), "x-labels-idx1-ubyte": idx(2**31 - 1)}),
        "images|bytes|MB",
    ),
    "an IDX file alone": (lambda: File(idx(1, 28, 28, data=bytes(784)), "x-images-idx3-ubyte"), "Beside"),
    "a picture": (lambda: picture(), "neither a zip archive"),
    "nothing": (lambda: File(b"", "nothing.zip"), "neither a zip archive"),
}
DOCUMENTS: dict[str, tuple[Any, str]] = {
    "half a PDF": (lambda: File(pdf(page(), stream(b"0 0 m"))[:120], "half.pdf"), "."),
    "a PDF without pages": (lambda: File(pdf(pages=0), "empty.pdf"), "."),
    "a PDF whose page is a kilometre wide": (lambda: File(pdf(page(b"0 0 2834645 9"), stream(b"0 0 m")), "wide.pdf"), "."),
    "a PDF whose page is four million lines": (
        lambda: File(pdf(page(), stream(b"0 0 m 9 9 l S " * 4_000_000)), "bomb.pdf"),
        "too long to draw",
    ),
    "a PDF of 1,000 pages": (lambda: File(pdf(*[page()] * 1_000, pages=1_000), "long.pdf"), "more than|too many"),
}


def unread(names: list[str]) -> dict[str, tuple[Any, str]]:
    """Of these pictures, what readers of text are to say."""
    return {name: (PICTURES[name][0], UNREAD if PICTURES[name][1] == RESULT else PICTURES[name][1]) for name in names}


FILES = [
    *each("export_text", "image", DOCUMENTS | {name: NO_FILES[name] for name in list(NO_FILES)[::3]}),
    *each("export_text", "format", {"another": ("exe", "format must be"), "a list": ([], "format must be")}, image=picture),
    *each("recognize_character", "image", PICTURES | NO_FILES | {"null": (None, "no image yet")}),
    *each("read_text", "image", unread(list(PICTURES)[1::4]) | NO_FILES),
    *each("write_pixels", "style_image", {name: PICTURES[name] for name in list(PICTURES)[3::5]} | NO_FILES, text="a", verify=False),
    *each("picture.input", "picture", {name: PICTURES[name] for name in list(PICTURES)[::5]}),
    *each("text-picture.input", "text-picture", unread(list(PICTURES)[2::6])),
    *each("pixels-go.click", "pixels-photo", {name: PICTURES[name] for name in list(PICTURES)[4::9]}, **{"pixels-text": "a"}),
    *each("pen-go.click", "pen-file", INK, **{"pen-text": "a", "Read back": False}),
    *each("evaluate", "archive", COLLECTIONS | NO_FILES),
    *each("evaluate-go.click", "evaluate-archive", {name: COLLECTIONS[name] for name in list(COLLECTIONS)[::4]}),
]

# --- strokes ---

STROKES: dict[str, tuple[Any, str]] = {
    "nothing": ([], "no ink yet"),
    "null": (None, "must be a list"),
    "a path of the server": ("/etc/passwd", "must be a list"),
    "an object": ([{"x": [1], "y": [2]}], "not a list of points"),
    "words": ([[["a", "b"]]], "not \\[x, y\\]"),
    "digits in words": ([[["1", "2"]]], "not \\[x, y\\]"),
    "truth values": ([[[True, False]]], "not \\[x, y\\]"),
    "points of one number": ([[[1], [2]]], "not \\[x, y\\]"),
    "lists of lists of lists": ([[[[[[1]]]]]], "not \\[x, y\\]"),
    "lists without end": (nested(400), "nested"),
    "1e308": ([[[1e308, 1], [-1e308, 2]]], "not a usable number"),
    "20,001 points": ([[[0, 0]] * 20_001], "20,000 points"),
    "100,000 empty strokes": ([[]] * 100_000, "no ink yet"),
}
NO_PAD: dict[str, tuple[Any, str]] = {
    "half of it": ("[[[1,2],", "did not arrive whole"),
    "lists without end": ("[" * 100_000, "did not arrive whole"),
    "an object": ("{}", "did not arrive whole"),
    "words": ('[[["a","b"]]]', "not \\[x, y\\]"),
    "NaN": ("[[[NaN,1]]]", "not a usable number"),
    "another type": (5, "did not arrive whole"),
}
DRAWINGS = [
    *each("recognize_strokes", "strokes", STROKES),
    *each("write_pen", "style_strokes", {name: value for name, value in STROKES.items() if value[0]}, text="a", verify=False),
    *each("pad.input", "pad", NO_PAD),
    *each("text-pad.input", "text-pad", NO_PAD),
    *each("pen-go.click", "pen-own", NO_PAD, **{"pen-text": "a"}),
    *each("pixels-go.click", "pixels-own", NO_PAD, **{"pixels-text": "a"}),
]

# --- texts ---

NO_TEXTS: dict[str, tuple[Any, str]] = {
    "1 MB": ("a" * 1_000_000, "at most"),
    "nothing": ("", "nothing to write"),
    "line breaks alone": ("\n" * 10_000, "nothing to write"),
    "control characters alone": ("".join(map(chr, range(1, 9))), "can be written"),
    "another script alone": ("日本語", "can be written"),
    "half a surrogate": ("\ud800", "can be written"),
    "combining marks alone": ("\u0301" * 5_000, "can be written|at most"),
    "a number": (5, "must be a string"),
    "null": (None, "must be a string"),
    "a list": (["a"], "must be a string"),
    "an object": ({"a": 1}, "must be a string"),
}
TEXTS: dict[str, tuple[Any, str]] = {
    "right to left": ("\u202eabc \u05d0\u05d1\u05d2 abc", RESULT),
    "emoji": ("hi 👩‍👩‍👧‍👦 you", RESULT),
    "a thousand combining marks on a letter": ("a" + "\u0301" * 1_000 + "b", RESULT),
    "a formula": ('=HYPERLINK("http://127.0.0.1","x")', RESULT),
    "markup": ("<script>alert(1)</script>", RESULT),
    "control characters": ("a\x00b\x1b[31mc", RESULT),
}
WRITING = [
    *each("write_pen", "text", NO_TEXTS | TEXTS, verify=False),
    *each("write_pixels", "text", NO_TEXTS | TEXTS, verify=False),
    *each("pen-go.click", "pen-text", {name: NO_TEXTS[name] for name in list(NO_TEXTS)[::2]} | TEXTS, **{"Read back": False}),
    *each("pixels-go.click", "pixels-text", {name: NO_TEXTS[name] for name in list(NO_TEXTS)[1::2]}, **{"Read back": False}),
    *each("read_text", "words", {"1 MB": ("a " * 500_000, "at most 100,000"), "a number": (5, "must be a text")}, image=picture),
    *each(
        "read_text",
        "words",
        {"markup": ("<b>,</b>", UNREAD), "nonsense": (",;\x00\u202e", UNREAD + "|not all of its characters")},
        image=picture,
    ),
    *each(
        "words.change",
        "words",
        {"1 MB": ("a " * 500_000, "at most 100,000"), "a list": ([[]], "must be a text")},
        **{"text-picture": picture},
    ),
    *each("truth.change", "truth", {"nothing read yet": ("A", RESULT), "a list": ([1], RESULT), "a megabyte": ("A" * 1_000_000, RESULT)}),
]

# --- numbers ---

WRONG_NUMBERS: dict[str, Any] = {
    "negative": -1,
    "1e308": 1e308,
    "words": "abc",
    "true": True,
    "a list": [1],
    "an object": {},
    "a fraction": 0.123,
}


def numbers(where: str, argument: str, says: str, *fine: str, **others: Any) -> list[Attack]:
    """A number that is none, or out of range; of these some may be fine."""
    return each(where, argument, {name: (value, says) for name, value in WRONG_NUMBERS.items() if name not in fine}, **others)


PEN = {"pen-text": "a", "Read back": False}
NUMBERS = [
    *numbers("recognize_strokes", "top_k", "top_k must be a whole number", strokes=A),
    *numbers("write_pen", "style", "must be a whole number|The gallery has", text="a", verify=False),
    *numbers("write_pen", "seed", "seed must be a whole number", text="a", verify=False),
    *numbers("write_pen", "neatness", "neatness must be a number", "a fraction", text="a", verify=False),
    *numbers("write_pixels", "seed", "seed must be a whole number", text="a", verify=False),
    *numbers("write_pixels", "temperature", "temperature must be a number", "a fraction", text="a", verify=False),
    *numbers("pen-go.click", "pen-style", "must be a whole number|The gallery has", **PEN),
    *numbers("pen-go.click", "pen-mix", "must be a number", "a fraction", "an object", **PEN),
    *numbers("pen-go.click", "Size (height of small letters, pixels)", "must be", **PEN),
    *numbers("pen-go.click", "Pen width (pixels)", "must be", "a fraction", **PEN),
    *numbers("pixels-go.click", "pixels-temperature", "must be", "a fraction", **{"pixels-text": "a"}),
    *numbers(
        "evaluate-go.click",
        "At most so many images (0: all)",
        "must be a whole number",
        "an object",
        **READY,
    ),
    *each("write_pen", "verify", {"a word": ("yes", "true or false"), "null": (None, "true or false")}, text="a"),
    *each("read_text", "language_model", {"a word": ("yes", "true or false"), "a number": (1, "true or false")}, image=picture),
]

# --- choices, and what happened ---

CHOICES = [
    *each("pen-go.click", "pen-paper", {"another": ("sand", "paper"), "a list": ([[]], "paper"), "null": (None, "paper")}, **PEN),
    *each("pen-go.click", "Ink", {"no colour": ("<script>", "not a colour"), "a megabyte": ("#" * 1_000_000, "not a colour")}, **PEN),
    *each("pixels-go.click", "Paper colour", {"no colour": ({"a": 1}, "not a colour")}, **{"pixels-text": "a"}),
    *each(
        "evaluate",
        "model",
        {
            "a folder of the server": ("weights/pen-best", "There is no model|can't be"),
            "another folder": ("/etc", "can't be a Hub repository|There is no model"),
            "a model of another kind": ("pen-best", "There is no model"),
            "an address": ("http://127.0.0.1/x", "can't be a Hub repository"),
            "up and away": ("../../x", "can't be a Hub repository"),
            "a number": (5, "must be texts"),
            "one that isn't there": ("user/none", "no model repository"),
        },
        archive=lambda: archive({"A/1.png": SMALL}),
    ),
    *each(
        "evaluate",
        "dataset",
        {
            "a folder of the server": ("/etc", "not a Hub data set"),
            "an address": ("http://127.0.0.1/x", "not a Hub data set"),
            "a builder": ("csv", "not a Hub data set"),
            "one that isn't there": ("user/none", "can't be loaded"),
        },
    ),
    Attack("nothing at all", "evaluate", {}, "Send an archive or name a Hub data set"),
    *each("evaluate-go.click", "evaluate-ready", {"a list": ([[]], "nothing to evaluate"), "another": ("../x", "nothing to evaluate")}),
    *each(
        "evaluate-go.click",
        "Labels are",
        {"another": ("x", "labels must be"), "a list": ([[]], "labels must be")},
        **READY,
    ),
    *(
        Attack(f"{name} was picked", where, {}, RESULT, event_data)
        for where in ("examples.select", "text-examples.select", "pen-gallery.select", "pad.play", "text-pad.play", "pen-page.select")
        for name, event_data in {"nothing": None, "a word": {"index": "x"}, "a list": [1], "the last of 10^9": {"index": 10**9}}.items()
    ),
    *(
        Attack(name, "pen-gallery.input", {}, RESULT, {"word": word})
        for name, word in {
            "markup": "<script>alert(1)</script>",
            "a megabyte": "a" * 1_000_000,
            "another script": "日本語",
            "nothing": "",
            "a list": ["a"],
            "a number": 5,
        }.items()
    ),
    *(
        Attack(name, "pad.play", {}, RESULT, data)
        for name, data in {
            "a word that isn't there": {"word": 10**9, "part": 1},
            "a part that is none": {"word": 0, "part": -(10**9)},
        }.items()
    ),
    *(Attack("nothing was made yet", where, {}, RESULT) for where in ("pen-more.click", "pixels-watch.click")),
    *each("evaluate-only.input", "evaluate-only", {"a class that isn't there": (["<b>"], RESULT), "an object": ({}, RESULT)}),
]

# --- requests as such ---


@dataclass(frozen=True)
class Request:
    """A request that Gradio has to make sense of.

    Attributes:
        name: what it tries.
        path: of the server.
        body: as it is sent.
        status: of the answer.
        says: what its sentence says, a pattern.
        headers: more of them.
    """

    name: str
    path: str
    body: bytes | str
    status: int
    says: str
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.path}: {self.name}"


STROKES_OF_A = json.dumps(A)
REQUESTS = [
    Request("no arguments", "/call/recognize_strokes", '{"data": []}', 400, "needs all its arguments.*strokes, top_k"),
    Request("one of two arguments", "/call/recognize_strokes", f'{{"data": [{STROKES_OF_A}]}}', 400, "needs all its arguments"),
    Request("too many arguments", "/call/recognize_strokes", f'{{"data": [{STROKES_OF_A}, 5, 6, 7]}}', 200, RESULT),
    Request("no list of arguments", "/call/recognize_strokes", "{}", 400, "JSON object with a list"),
    Request("null", "/call/recognize_strokes", '{"data": null}', 400, "JSON object with a list"),
    Request("a word", "/call/recognize_strokes", '{"data": "abc"}', 400, "JSON object with a list"),
    Request("no JSON", "/call/recognize_strokes", "abc", 400, "JSON object with a list"),
    Request("nothing", "/call/recognize_strokes", "", 400, "JSON object with a list"),
    Request("bytes", "/call/recognize_strokes", b"\xff\xfe\x00", 400, "JSON object with a list"),
    Request("lists without end", "/call/recognize_strokes", '{"data": ' + "[" * 100_000, 400, "JSON object with a list"),
    Request("NaN", "/call/recognize_strokes", '{"data": [[[[NaN, 1], [1, 2]]], 5]}', 200, "not a usable number"),
    Request("1e999", "/call/write_pen", '{"data": ["a", 1e999, 0.5, 0, null, false]}', 200, "must be a whole number"),
    Request("6 MB", "/call/recognize_strokes", '{"data": ["' + "a" * 6_000_000 + '"]}', 413, "maximum allowed size of 5 MB"),
    Request(
        "a name of a megabyte", "/call/recognize_strokes", f'{{"data": [[], 5], "session_hash": "{"x" * 10**6}"}}', 400, "session_hash"
    ),
    Request("no required argument", "/call/v2/recognize_strokes", "{}", 400, "required argument: strokes"),
    Request("no image", "/call/v2/recognize_character", '{"top_k": 5}', 400, "required argument: image"),
    Request("an argument too many", "/call/v2/recognize_strokes", '{"strokes": [], "shell": "ls"}', 400, "`shell` is not a valid"),
    Request("a list", "/call/v2/recognize_strokes", "[]", 400, "JSON object"),
    Request("no such endpoint", "/call/v2/nothing", "{}", 404, "no such endpoint"),
    Request("no such endpoint", "/call/nothing", '{"data": []}', 404, "no such endpoint"),
    Request("past the queue", "/run/recognize_strokes", f'{{"data": [{STROKES_OF_A}, 5]}}', 404, "join the queue"),
    Request("no such function", "/queue/join", '{"data": [], "fn_index": 9999, "session_hash": "a"}', 404, "no such endpoint"),
    Request("a function before the first", "/queue/join", '{"data": [], "fn_index": -1, "session_hash": "a"}', 404, "no such endpoint"),
    Request("an event without its values", "/queue/join", '{"data": [], "fn_index": 0, "session_hash": "a"}', 400, "Load it again"),
    Request("no session", "/queue/join", '{"data": [], "fn_index": 0}', 400, "Session hash"),
    Request(
        "a component that isn't there",
        "/component_server",
        '{"data": [], "component_id": 9999, "fn_name": "x", "session_hash": "a"}',
        400,
        "make nothing of",
    ),
    Request(
        "a private function", "/component_server", '{"data": [], "component_id": 1, "fn_name": "__init__", "session_hash": "a"}', 404, "."
    ),
    Request("no file", "/upload", "abc", 400, "."),
    Request("no event", "/cancel", "{}", 400, "JSON object"),
]

# --- what all must do ---


def check(answer: Answer, says: str, before: float, began: float) -> None:
    """An answer that keeps the promises."""
    spent, left, most = seconds() - began, memory() - before, memory("VmHWM") - before
    assert re.search(says, answer.words, re.DOTALL), answer
    assert not answer.words or is_sentence(answer.words), answer
    assert spent < SECONDS
    assert left < KEPT
    assert most < PEAK


def is_sentence(words: str) -> bool:
    """For people, without a trace of how it came about or where things lie on the server."""
    inside = ("Traceback", "site-packages", 'File "', ".py", "/tmp/", "/home/", str(ROOT), "object at 0x", UNEXPECTED)
    return 15 < len(words) < 700 and words.rstrip()[-1:] in ".)?" and not any(part in words for part in inside)


def still_there() -> None:
    """The next one is answered."""
    told = call("recognize_strokes", {"strokes": A})
    assert '"label": "A"' in told.raw


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    """What is loaded with the first request is none that an attack leaves behind."""
    still_there()
    call("read_text", {"image": picture()})
    call("export_text", {"image": File(pdf(page(), stream(b"8 w 50 50 m 50 250 l S")), "warm.pdf")})
    call("recognize_character", {"image": picture(image=large(3_000, "RGB"))})
    for endpoint in ("write_pen", "write_pixels"):
        assert call(endpoint, {"text": "warm"}).words == ""
    assert call("evaluate", {"archive": archive({"A/1.png": SMALL})}).words == ""
    do("pen-go.click", {"pen-text": "warm"})
    do("pixels-go.click", {"pixels-text": "warm"})
    do("evaluate-go.click", {"evaluate-archive": archive({"A/1.png": SMALL})})


@pytest.mark.parametrize("attack", [*FILES, *DRAWINGS, *WRITING, *NUMBERS, *CHOICES], ids=str)
def test_an_attack_is_answered_with_a_sentence(attack: Attack) -> None:
    for again in (True, False):
        forget_peak()
        before, began = memory(), seconds()
        answer = do(attack.where, attack.sends, attack.event_data) if "." in attack.where else call(attack.where, attack.sends)
        # The first of its kind may load something that stays; what is left behind is what a second one adds as well.
        if not (again and memory() - before >= KEPT):
            break
    check(answer, attack.says, before, began)
    still_there()


@pytest.mark.parametrize("request_", REQUESTS, ids=str)
def test_a_request_that_makes_no_sense_is_answered_with_a_sentence(request_: Request) -> None:
    forget_peak()
    before, began = memory(), seconds()
    answer = post(request_.path, request_.body, **request_.headers)
    assert answer.status == request_.status, answer
    check(answer, request_.says, before, began)
    still_there()


WEIGHTS = {
    "weights that end too early": (lambda: {"weights": model()["model.safetensors"][:-5]}, "not a whole safetensors file"),
    "weights of another shape": (lambda: {"weights": other_shape()}, "doesn't fit"),
    "weights that are NaN": (lambda: {"weights": not_a_number()}, "NaN"),
    "a pickle": (lambda: {"weights": a_pickle()}, "not a whole safetensors file"),
    "a page of HTML": (lambda: {"weights": b"<html>not found</html>"}, "not a whole safetensors file"),
    "a header of 2^60 bytes": (lambda: {"weights": (2**60).to_bytes(8, "little") + b"{}"}, "not a whole safetensors file"),
    "a configuration of 10^9 units": (lambda: {"config": b'{"hidden_size": 1000000000}'}, "doesn't describe"),
    "a configuration that is code": (lambda: {"config": b'{"__class__": "os.system"}'}, "doesn't know"),
    "a configuration of lists without end": (lambda: {"config": b"[" * 100_000}, "can't be read as JSON"),
    "a configuration of 2 MB": (lambda: {"config": b" " * 2_000_000}, "too large"),
}


@pytest.mark.parametrize("name", WEIGHTS)
def test_a_hostile_model_of_the_hub_is_answered_with_a_sentence(name: str) -> None:
    changes, says = WEIGHTS[name]
    repo = f"user/{re.sub('[^a-z]+', '-', name.lower())}"
    shared_hub().add(repo, model(**changes()))
    forget_peak()
    before, began = memory(), seconds()
    answer = call("evaluate", {"archive": archive({"A/1.png": SMALL}), "model": repo})
    assert repo in answer.words
    check(answer, says, before, began)
    still_there()


def test_files_of_the_server_are_not_served() -> None:
    for path in (
        "/etc/passwd",
        str(ROOT / "app.py"),
        "/proc/self/environ",
        "../../etc/passwd",
        "http://127.0.0.1/",
        "%2e%2e/%2e%2e/etc/passwd",
    ):
        answer = httpx.get(f"{shared_app()}/gradio_api/file={path}")
        assert answer.status_code in (403, 404), path
        assert "root:" not in answer.text
