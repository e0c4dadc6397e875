"""Archives from a server on localhost, which is as unkind as those out there."""

import hashlib
import json
import random
import shutil
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from file_server import FileServer, Served, serving
from huggingface_hub import constants, file_download

from hwr.data.downloads import Address, Archive, fetch
from hwr.errors import InputError

DATA = random.Random(0).randbytes(300_000)
SHA256 = f"sha256:{hashlib.sha256(DATA).hexdigest()}"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Generator[FileServer]:
    monkeypatch.setattr(file_download, "time", SimpleNamespace(sleep=lambda seconds: None))  # between attempts
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 1000)  # what has come of a larger one when the connection breaks is lost
    with serving() as server:
        yield server


def archive(server: FileServer, *paths: str, checksum: str = SHA256, size: int | None = None, record: str = "") -> Archive:
    return Archive(
        name="set.zip",
        title="A set",
        page="https://example.org/set",
        licence="In the public domain.",
        citation="Somebody. 2020.",
        addresses=tuple(Address(server.url + path, checksum, size) for path in paths or ("/set.zip",)),
        checked="It is compared.",
        record=record,
    )


def parts(folder: Path) -> list[int]:
    """Sizes of what lies there in part."""
    return [path.stat().st_size for path in folder.glob(".*.part")]


def test_a_file_comes_whole_and_once_after_its_terms_were_shown(
    server: FileServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.files["/set.zip"] = Served(DATA)
    path = fetch(archive(server), tmp_path / "new")
    assert path.read_bytes() == DATA
    said = capsys.readouterr().err
    assert all(word in said for word in ("A set", "https://example.org/set", "public domain", "Somebody. 2020.", "It is compared."))
    asked = len(server.asked)
    assert fetch(archive(server), tmp_path / "new") == path
    assert len(server.asked) == asked
    assert "is here already" in capsys.readouterr().err
    assert not parts(tmp_path / "new")


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize("length", [True, False])
def test_a_broken_connection_is_taken_up_again(server: FileServer, tmp_path: Path, ranges: bool, length: bool) -> None:
    server.files["/set.zip"] = Served(DATA, ranges=ranges, length=length, breaks=[100_000, 50_000])
    assert fetch(archive(server), tmp_path).read_bytes() == DATA
    received = [100_000, 150_000] if ranges else [100_000, 50_000]  # or from the beginning
    assert server.got() == ["", *(f"bytes={count}-" for count in received)]


def test_what_has_come_is_kept_for_the_next_start_and_for_other_addresses(server: FileServer, tmp_path: Path) -> None:
    server.files["/set.zip"] = Served(DATA, breaks=[200_000, *[0] * 20])
    with pytest.raises(InputError, match=r"can't be downloaded: .*Start it again later, what has come is kept"):
        fetch(archive(server), tmp_path)
    assert parts(tmp_path) == [200_000]
    assert not (tmp_path / "set.zip").exists()
    server.files["/mirror.zip"] = Served(DATA)
    server.asked.clear()
    assert fetch(archive(server, "/gone.zip", "/mirror.zip"), tmp_path).read_bytes() == DATA
    assert server.got() == ["bytes=200000-"]
    assert not parts(tmp_path)


def test_what_was_whole_when_the_process_was_killed_is_not_asked_for_again(server: FileServer, tmp_path: Path) -> None:
    server.files["/set.zip"] = Served(DATA)
    (tmp_path / f".set.zip.{SHA256[7:23]}.part").write_bytes(DATA)
    assert fetch(archive(server), tmp_path).read_bytes() == DATA
    assert server.got() == []


@pytest.mark.parametrize("held", [DATA[:1000][::-1], DATA + b"more", b"x" * len(DATA)])
@pytest.mark.parametrize("length", [True, False])
def test_a_damaged_part_is_thrown_away(server: FileServer, tmp_path: Path, held: bytes, length: bool) -> None:
    server.files["/set.zip"] = Served(DATA, length=length)
    (tmp_path / f".set.zip.{SHA256[7:23]}.part").write_bytes(held)
    assert fetch(archive(server), tmp_path).read_bytes() == DATA
    assert server.got()[-1] == ""


@pytest.mark.parametrize("first", [Served(b"", status=404), Served(b"", status=500), Served(DATA[::-1]), Served(b"<html>"), Served(b"")])
def test_mirrors_are_tried_in_turn(server: FileServer, tmp_path: Path, first: Served) -> None:
    server.files |= {"/set.zip": first, "/mirror.zip": Served(DATA)}
    assert fetch(archive(server, "/set.zip", "/mirror.zip"), tmp_path).read_bytes() == DATA
    assert not parts(tmp_path)


def test_another_file_is_never_used(server: FileServer, tmp_path: Path) -> None:
    server.files |= {"/set.zip": Served(DATA[::-1]), "/mirror.zip": Served(DATA[:-1])}
    with pytest.raises(InputError, match=r"set\.zip: .*another file, or damaged.*mirror\.zip: .*another file, or damaged"):
        fetch(archive(server, "/set.zip", "/mirror.zip"), tmp_path)
    with pytest.raises(InputError, match="another file there now, of 300,000 bytes and not 299,999"):
        fetch(archive(server, size=len(DATA) - 1), tmp_path)
    assert not parts(tmp_path)
    assert not (tmp_path / "set.zip").exists()


def test_a_server_that_does_not_know_head(server: FileServer, tmp_path: Path) -> None:
    server.files["/set.zip"] = Served(DATA, head=False, length=False)
    assert fetch(archive(server), tmp_path).read_bytes() == DATA


@pytest.mark.parametrize("length", [True, False])
def test_more_than_there_should_be_is_not_taken(server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, length: bool) -> None:
    monkeypatch.setattr("hwr.data.downloads.LARGEST", 100_000)
    server.files["/set.zip"] = Served(DATA, length=length)
    with pytest.raises(InputError, match=r"300,000 bytes is there, more than|gives more than the 100,000 bytes"):
        fetch(archive(server), tmp_path)
    assert not (tmp_path / "set.zip").exists()


def test_no_room(server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server.files["/set.zip"] = Served(DATA)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=1_000_000))
    with pytest.raises(InputError, match=r"no room for set\.zip .*Make room, or name another folder by HWR_CACHE"):
        fetch(archive(server), tmp_path)
    assert server.got() == []


def test_a_folder_that_cannot_be_written(server: FileServer, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"can't be written"):
        fetch(archive(server), tmp_path / "file")


def test_offline(server: FileServer, tmp_path: Path) -> None:
    nowhere = replace(archive(server), addresses=(Address("http://127.0.0.1:9/set.zip", SHA256),))
    with pytest.raises(InputError, match=r"127\.0\.0\.1:9/set\.zip: it can't be reached.*get the file yourself, see https://example"):
        fetch(nowhere, tmp_path)
    with pytest.raises(InputError, match=r"127\.0\.0\.1:9/record: it can't be reached"):
        fetch(replace(nowhere, record="http://127.0.0.1:9/record"), tmp_path)


def test_a_record_tells_size_and_checksum(server: FileServer, tmp_path: Path) -> None:
    told = {"files": [{"key": "other", "size": 1, "checksum": "md5:0"}]}
    server.files |= {"/set.zip": Served(DATA), "/record": Served(json.dumps(told).encode())}
    kept = archive(server, checksum="", record=server.url + "/record")
    with pytest.raises(InputError, match=r"record: it doesn't tell the checksum of set\.zip"):
        fetch(kept, tmp_path)
    told["files"].append({"key": "set.zip", "size": len(DATA), "checksum": f"md5:{hashlib.md5(DATA).hexdigest()}"})
    server.files["/record"] = Served(json.dumps(told).encode())
    assert fetch(kept, tmp_path).read_bytes() == DATA
    strange = {"files": [{"key": "set.zip", "size": len(DATA), "checksum": "md5:../../../../elsewhere"}]}
    for answer in (b"<html>", b"[]", b"{}", json.dumps(strange).encode()):
        server.files["/record"] = Served(answer)
        with pytest.raises(InputError, match="doesn't tell the checksum"):
            fetch(kept, tmp_path / "other")


def test_the_cache_is_where_the_environment_says(server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HWR_CACHE", str(tmp_path / "cache"))
    server.files["/set.zip"] = Served(DATA)
    assert fetch(archive(server)) == tmp_path / "cache" / "archives" / "set.zip"


def test_two_that_want_it_at_once_download_it_once(server: FileServer, tmp_path: Path) -> None:
    server.files["/set.zip"] = Served(DATA)
    with ThreadPoolExecutor() as pool:
        paths = list(pool.map(lambda _: fetch(archive(server), tmp_path), range(4)))
    assert {path.read_bytes() for path in paths} == {DATA}
    assert server.got() == [""]
