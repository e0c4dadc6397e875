"""Which format a name asks for, and what is written to disk."""

import json
from pathlib import Path

import pytest
from read_documents import document

from hwr import InputError
from hwr.text.formats import FORMATS, format_of


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_is_known_by_its_ending(format: str, tmp_path: Path) -> None:
    read = document(["one line", "and another"])
    path = tmp_path / f"Scan 1.2{FORMATS[format].ending.upper()}"
    assert format_of(path) == format
    assert read.save(path) == [path]
    by_name = tmp_path / "no ending"
    read.save(by_name, format)
    assert len(by_name.read_bytes()) == pytest.approx(len(path.read_bytes()), rel=0.02)  # they hold the time
    assert path.stat().st_size


def test_plain_text_and_json_are_those_of_the_result(tmp_path: Path) -> None:
    read = document(["one line", "and another"], ["page two"])
    read.save(tmp_path / "a.txt")
    assert (tmp_path / "a.txt").read_text() == "one line\nand another\n\npage two\n"
    read.save(tmp_path / "a.json")
    assert json.loads((tmp_path / "a.json").read_text()) == read.export()
    read.pages[0].save(tmp_path / "a.json")
    assert json.loads((tmp_path / "a.json").read_text()) == read.pages[0].export()


def test_pages_that_do_not_go_into_one_file_are_numbered(tmp_path: Path) -> None:
    read = document(["first"], ["second"], ["third"])
    paths = read.save(tmp_path / "my.letter.page.xml")
    assert [path.name for path in paths] == ["my.letter.page.xml", "my.letter-2.page.xml", "my.letter-3.page.xml"]
    assert [word in path.read_text() for path, word in zip(paths, ("first", "second", "third"), strict=True)] == [True] * 3
    assert [path.name for path in read.save(tmp_path / "plain.xml", "page")] == ["plain.xml", "plain-2.xml", "plain-3.xml"]
    assert len(read.save(tmp_path / "all.alto.xml")) == 1
    with pytest.raises(InputError, match="one page a file"):
        read.to("page")


@pytest.mark.parametrize("name", ["letter.xml", "letter.docx", "letter", "alto"])
def test_names_that_say_too_little_are_a_sentence(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"alto"):
        document(["a"]).save(tmp_path / name)


def test_a_format_that_is_none_and_a_folder_that_is_none_are_sentences(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="text, markdown, json, alto, page, hocr, pdf"):
        document(["a"]).save(tmp_path / "a.txt", "docx")
    with pytest.raises(InputError, match="can't be written"):
        document(["a"]).save(tmp_path / "no folder" / "a.txt")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("format", FORMATS)
def test_pages_on_which_nothing_was_read_have_their_place(format: str, tmp_path: Path) -> None:
    written = document(["first"], [], ["third"]).save(tmp_path / "a", format)
    assert all(path.stat().st_size for path in written)
    assert all(path.stat().st_size for path in document([]).save(tmp_path / "b", format))
