"""``hwr read``: documents, formats, several files, and what goes wrong."""

import json
import subprocess
import sys
from pathlib import Path

import pypdfium2
import pytest
from app_server import ROOT, reader
from PIL import Image

from hwr import PenWriter, cli
from hwr.text.formats import FORMATS


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture, a TIFF of three pages of which one is empty, a PDF of two, and what is none."""
    folder = tmp_path_factory.mktemp("documents")
    writer = PenWriter.from_pretrained()
    first, second = (writer.write(text, style=3, seed=1, width=700).to_image(scale=2) for text in ("over the hill", "by the sea"))
    first.save(folder / "page.png")
    first.save(folder / "pages.tif", save_all=True, append_images=[Image.new("RGB", (400, 300), "white"), second])
    first.save(folder / "pages.pdf", save_all=True, append_images=[second], resolution=144)
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 broken")
    return folder


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_is_printed_and_saved_alike(
    folder: Path, tmp_path: Path, format: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert cli.main(["read", str(folder / "page.png"), "--format", format]) == 0
    printed = capfdbinary.readouterr().out
    out = tmp_path / f"out{FORMATS[format].ending}"
    assert cli.main(["read", str(folder / "page.png"), "-o", str(out)]) == 0
    assert capfdbinary.readouterr().out.decode().strip() == str(out)
    assert len(printed) == pytest.approx(len(out.read_bytes()), rel=0.02)  # they hold the time
    for word in reader().read(folder / "page.png").text.split():
        text = pypdfium2.PdfDocument(printed)[0].get_textpage().get_text_range() if format == "pdf" else printed.decode()
        assert word in text


@pytest.mark.parametrize("name", ["pages.tif", "pages.pdf"])
def test_documents_are_read_page_by_page(folder: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["read", str(folder / name)]) == 0
    printed = capsys.readouterr()
    document = reader().read_document(folder / name)
    assert printed.out == f"{document.text}\n"
    assert len(document.pages) == (3 if name == "pages.tif" else 2)
    first, last = document.pages[0], document.pages[-1]
    assert first.text.split() == reader().read(folder / "page.png").text.split()
    assert last.text
    assert last.text != first.text
    assert ("page 2" in printed.err) == (name == "pages.tif")


def test_a_file_that_cannot_be_read_costs_the_others_nothing(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(folder / name) for name in ("broken.pdf", "page.png", "pages.tif")]
    assert cli.main(["read", *files, "--format", "page", "-o", str(tmp_path / "out")]) == 1
    printed = capsys.readouterr()
    expected = ["page.page.xml", "pages.page.xml", "pages-2.page.xml", "pages-3.page.xml"]
    assert [Path(line).name for line in printed.out.splitlines()] == expected
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(expected)
    assert "broken.pdf is damaged" in printed.err


def test_json_lists_all_files(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["read", *(str(folder / name) for name in ("page.png", "pages.pdf", "broken.pdf")), "--json"]) == 1
    single, several, broken = json.loads(capsys.readouterr().out)
    assert [line["text"] for line in single["lines"]] == single["text"].splitlines()
    assert len(several["pages"]) == 2
    assert broken["error"]
    assert broken["lines"] == []


WRONG = {
    "no such format": ["--format", "docx"],
    "an ending that says nothing": ["-o", "out.docx"],
    "alto or page": ["-o", "out.xml"],
    "a list in a format": ["--json", "--format", "alto"],
    "two files on the terminal": ["pages.pdf", "--format", "alto"],
    "two files in one": ["pages.pdf", "-o", "out.alto.xml"],
    "two files of one name": ["pages.pdf", "pages.tif", "-o", "out"],
    "a folder below a file": ["pages.pdf", "-o", "page.png/out"],
}


@pytest.mark.parametrize("options", WRONG.values(), ids=WRONG)
def test_options_that_do_not_go_together_are_a_sentence(
    folder: Path, options: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    before = sorted(folder.iterdir())
    assert cli.main(["read", "page.png", *options]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("hwr: ")
    assert sorted(folder.iterdir()) == before


def test_help_names_every_format() -> None:
    done = subprocess.run([sys.executable, "-m", "hwr", "read", "--help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert all(format in done.stdout for format in FORMATS)
