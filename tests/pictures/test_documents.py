"""Documents page by page: their pictures, and what strangers may send instead."""

import contextlib
import io
import os
from pathlib import Path

import numpy as np
import pytest
from fpdf import FPDF
from hypothesis import given, settings
from hypothesis import strategies as st
from pdf_files import page, pdf, stream
from PIL import Image
from sentences import A_SENTENCE

from hwr import InputError
from hwr.pictures import pdf as pdf_module
from hwr.pictures.documents import open_document
from hwr.pictures.loading import MAX_PIXELS


def marked(number: int, size: tuple[int, int] = (120, 90)) -> Image.Image:
    """A page that can be told from others: so many black columns."""
    pixels = np.full(size[::-1], 255, np.uint8)
    pixels[:, : number + 1] = 0
    return Image.fromarray(pixels)


def columns(picture: Image.Image) -> int:
    return int((np.asarray(picture.convert("L"))[picture.height // 2] < 128).sum())


def tiff(count: int, **options: object) -> bytes:
    file = io.BytesIO()
    first, *others = (marked(number) for number in range(count))
    first.save(file, "TIFF", save_all=True, append_images=others, **options)
    return file.getvalue()


def drawn(count: int, *, password: str = "") -> bytes:
    """A PDF whose pages, 200 x 100 points, are black from the left for 20 points more each."""
    document = FPDF(unit="pt", format=(200, 100))
    for number in range(count):
        document.add_page()
        document.rect(0, 0, 20 * (number + 1), 100, style="F")
    if password:
        document.set_encryption(owner_password="owner", user_password=password)
    return bytes(document.output())


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_deflate", "jpeg"])
def test_every_page_of_a_tiff(tmp_path: Path, compression: str) -> None:
    content = tiff(5, compression=compression)
    (tmp_path / "pages.tif").write_bytes(content)
    for source in (content, tmp_path / "pages.tif", str(tmp_path / "pages.tif")):
        document = open_document(source)
        assert [columns(document.page(number)) for number in range(document.pages)] == [1, 2, 3, 4, 5]
    assert document.name == "pages.tif"


def test_pages_can_be_had_in_any_order_and_again() -> None:
    for content in (tiff(3), drawn(3)):
        document = open_document(content)
        first = [columns(document.page(number)) for number in (2, 0, 1, 2)]
        assert first[0] == first[3] > first[2] > first[1]


def test_smaller_copies_in_a_tiff_are_no_pages() -> None:
    file = io.BytesIO()
    small = marked(9, (12, 9))
    small.encoderinfo = {"tiffinfo": {254: 1}}
    marked(0).save(file, "TIFF", save_all=True, append_images=[small, marked(1)])
    document = open_document(file.getvalue())
    assert [columns(document.page(number)) for number in range(document.pages)] == [1, 2]


def test_every_page_of_a_pdf(tmp_path: Path) -> None:
    content = drawn(4)
    (tmp_path / "pages.pdf").write_bytes(content)
    for source in (content, tmp_path / "pages.pdf"):
        document = open_document(source)
        assert document.pages == 4
        for number in range(4):
            picture = document.page(number)
            scale = picture.info["dpi"][0] / 72
            assert picture.size == pytest.approx((200 * scale, 100 * scale), abs=1.5)
            assert columns(picture) == pytest.approx(20 * (number + 1) * scale, abs=2)


def test_other_pictures_are_one_page(tmp_path: Path) -> None:
    marked(6).save(tmp_path / "a.png")
    frames = io.BytesIO()
    marked(6).save(frames, "GIF", save_all=True, append_images=[marked(8)])
    for source in (tmp_path / "a.png", (tmp_path / "a.png").read_bytes(), marked(6), np.asarray(marked(6)), frames.getvalue()):
        document = open_document(source)
        assert document.pages == 1
        assert columns(document.page(0)) == 7


@pytest.mark.parametrize("content", [tiff(4), drawn(4)], ids=["tiff", "pdf"])
def test_too_many_pages_are_refused_before_any_is_drawn(content: bytes) -> None:
    assert open_document(content, max_pages=4).pages == 4
    with pytest.raises(InputError, match="more than 3 pages"):
        open_document(content, max_pages=3)


BAD = {
    "nothing": b"",
    "no document": b"no document",
    "a head": b"%PDF-1.7\n",
    "password": drawn(1, password="secret"),
    "half": drawn(2)[:700],
    "no pages": pdf(pages=0),
    "page without size": pdf(page(b"0 0 9999 0.01"), stream(b"")),
    "page of nothing": pdf(b"null"),
    "TIFF head": b"II*\0\x08\0\0\0",
    "half a TIFF": tiff(2)[:200],
}


@pytest.mark.parametrize("content", BAD.values(), ids=BAD)
def test_what_cannot_be_opened_is_a_sentence(content: bytes) -> None:
    with pytest.raises(InputError, match=A_SENTENCE) as caught:
        open_document(content).page(0)
    if b"Encrypt" in content:
        assert "password" in str(caught.value)


def test_a_missing_file_and_a_folder_are_sentences(tmp_path: Path) -> None:
    for source in (tmp_path, tmp_path / "no.pdf", "x" * 5000, "\0"):
        with pytest.raises(InputError, match="There is no file"):
            open_document(source)


def test_a_password_for_changes_only_does_not_keep_from_reading() -> None:
    document = FPDF(unit="pt", format=(200, 100))
    document.add_page()
    document.set_encryption(owner_password="owner")
    assert open_document(bytes(document.output())).page(0).width > 100


def test_a_picture_that_is_too_large_is_refused_before_it_is_unpacked() -> None:
    side = 8000
    head = b"/Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 8 /ColorSpace /DeviceGray" % (side, side)
    resources = page(extra=b"/Resources << /XObject << /I 5 0 R >> >>")
    content = pdf(resources, stream(b"400 0 0 300 0 0 cm /I Do"), stream(bytes(side * side), head))
    assert len(content) < 100_000
    with pytest.raises(InputError, match="64 million pixels"):
        open_document(content).page(0)


def test_what_takes_too_long_or_too_much_memory_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    content = pdf(page(), stream(b"0 0 m 9 9 l S\n" * 3_000_000))
    assert len(content) < 200_000
    document = open_document(content)
    with monkeypatch.context() as patch:
        patch.setattr(pdf_module, "_SECONDS", 0.05)
        with pytest.raises(InputError, match="takes too long"):
            document.page(0)
    monkeypatch.setattr(pdf_module, "_MEMORY", 150_000_000)
    with pytest.raises(InputError, match=A_SENTENCE):
        document.page(0)


def test_a_page_may_be_as_large_as_a_wall() -> None:
    picture = open_document(pdf(page(b"0 0 14400 14400"), stream(b"0 0 7200 14400 re f"))).page(0)
    assert 10_000_000 < picture.width * picture.height <= MAX_PIXELS
    assert columns(picture) == pytest.approx(picture.width / 2, abs=2)


WHOLE = drawn(1)


@settings(deadline=None, max_examples=12)
@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=30))
def test_damage_is_a_sentence_or_a_page(changes: list[tuple[int, int]]) -> None:
    content = bytearray(WHOLE)
    for place, value in changes:
        content[place] = value
    sizes = []
    with contextlib.suppress(InputError):  # any other error is a failure
        sizes.append(open_document(bytes(content)).page(0).size)
    assert all(0 < width * height <= MAX_PIXELS for width, height in sizes)


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(drawn(1))
    (tmp_path / "a.tif").write_bytes(tiff(2))
    before = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else 0
    for name in ("a.pdf", "a.tif"):
        document = open_document(tmp_path / name)
        for number in range(document.pages):
            document.page(number)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.pdf", "a.tif"]
    assert (len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else 0) == before
