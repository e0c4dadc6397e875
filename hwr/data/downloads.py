"""Archives of data sets, from the addresses where their makers keep them: whole, checked against a checksum, and only once.

What has come so far lies beside its place until it is whole, so that a download which was broken off goes on where it stood, in the next
start as well, and from another address if that has the same file.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit

from hwr.errors import InputError
from hwr.hub.answers import status_of
from hwr.system.staging import unwritten

log = logging.getLogger(__name__)

LARGEST = 2 << 30
"""Bytes that are taken of an archive whose size isn't known."""
SPARE = 100 << 20
"""Bytes of the disk that must stay free."""
_CHECKSUM = re.compile(r"(md5|sha256|sha512):[0-9a-f]{32,128}")
_TIMEOUT = 20.0
_NOTHING_LEFT = 416
_NO_HEAD = (403, 405, 501)
"""Answers of servers that may yet give the file."""


@dataclass(frozen=True)
class Address:
    """Where a file is.

    Attributes:
        url: ``https://...``.
        checksum: ``"sha256:..."`` or ``"md5:..."``, in hexadecimal digits; empty where the archive's record tells it.
        size: in bytes; None if it isn't known.
    """

    url: str
    checksum: str = ""
    size: int | None = None


@dataclass(frozen=True)
class Archive:
    """What can be downloaded.

    Attributes:
        name: of the file; by its suffix it is unpacked.
        title: of the data set.
        page: for people.
        licence: under which it is distributed, as a sentence.
        citation: of the paper.
        addresses: the official one, then mirrors.
        checked: a sentence on whose checksum it is that the file must have.
        record: address at Zenodo's API that tells size and checksum of its files; empty if it isn't kept there.
    """

    name: str
    title: str
    page: str
    licence: str
    citation: str
    addresses: tuple[Address, ...]
    checked: str
    record: str = ""


class _AddressError(Exception):
    """An address doesn't give the file; the message says why."""


def fetch(archive: Archive, folder: Path | None = None) -> Path:
    """Download an archive, unless it is there already.

    Args:
        archive: what.
        folder: where it is kept; None for ``archives`` in ``~/.cache/hwr``, or in the folder that ``HWR_CACHE`` names.

    Returns:
        The file, which is whole.

    Raises:
        InputError: no address gives it, or there is no room for it; the message says what to do instead.
    """
    from huggingface_hub.utils import WeakFileLock

    folder = folder or Path(os.environ.get("HWR_CACHE") or "~/.cache/hwr").expanduser() / "archives"
    path = folder / archive.name
    if path.exists():
        _tell(f"{archive.title}: {path} is here already.")
        return path
    _tell(f"{archive.title}, {archive.page}\n{archive.licence}\nTo cite it: {archive.citation}\n{archive.checked}")
    reasons = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with WeakFileLock(folder / f".{archive.name}.lock"):  # another process may be at it
            if path.exists():
                return path
            for address in _told(archive, reasons):
                try:
                    _download(address, path)
                    return path
                except _AddressError as error:
                    reasons.append(f"{address.url}: {error}")
                    log.warning("%s", reasons[-1])
    except OSError as error:
        raise unwritten(path, error) from error
    raise InputError(
        f"{archive.title} can't be downloaded: {'; '.join(reasons)}. Start it again later, what has come is kept; or get the file "
        f"yourself, see {archive.page}, and name it in the command."
    )


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _told(archive: Archive, reasons: list[str]) -> Sequence[Address]:
    """The addresses, with size and checksum as the archive's record tells them; none where it can't be had."""
    if not archive.record:
        return archive.addresses
    try:
        files = _request("GET", archive.record).json()["files"]
        found = next(file for file in files if file["key"] == archive.name)
        checksum, size = _CHECKSUM.fullmatch(found["checksum"])[0], int(found["size"])  # ty: ignore[not-subscriptable]
    except _AddressError as error:
        reasons.append(f"{archive.record}: {error}")
        return ()
    except (ValueError, KeyError, TypeError, StopIteration):
        reasons.append(f"{archive.record}: it doesn't tell the checksum of {archive.name}")
        return ()
    return [replace(address, checksum=checksum, size=size) for address in archive.addresses]


def _download(address: Address, path: Path) -> None:
    """Get a file from one address, or the rest of it.

    Raises:
        _AddressError: it doesn't give this file.
        InputError: there is no room.
        OSError: it can't be written.
    """
    size = _size(address)
    # Of its own name for each content: what has come from one address is gone on with from another that has the same.
    unfinished = path.with_name(f".{path.name}.{address.checksum.partition(':')[2][:16]}.part")
    begun = unfinished.stat().st_size if unfinished.exists() else 0
    _check_room(path, (size or 0) - begun)
    for resumed in (begun, 0):
        if not (resumed and _matches(unfinished, address.checksum)):
            _receive(address, unfinished, size)
        if _matches(unfinished, address.checksum):
            with unfinished.open("rb+") as file:
                os.fsync(file.fileno())
            unfinished.replace(path)
            return
        unfinished.unlink(missing_ok=True)
        if not resumed:  # else what was there from before may be to blame
            break
    raise _AddressError(f"what comes from there is another file, or damaged: its checksum is not {address.checksum}")


def _size(address: Address) -> int | None:
    """The size of the file at an address, None where it isn't told."""
    answer = _request("HEAD", address.url)
    told = answer.headers.get("Content-Length", "") if answer.is_success else ""
    size = int(told) if told.isdecimal() else None
    if None not in (size, address.size) and size != address.size:
        raise _AddressError(f"there is another file there now, of {size:,} bytes and not {address.size:,}")
    size = size or address.size
    if size and size > LARGEST:
        raise _AddressError(f"a file of {size:,} bytes is there, more than such an archive has")
    return size


def _receive(address: Address, unfinished: Path, size: int | None) -> None:
    """Append what is missing to a file, which may be there in part."""
    from huggingface_hub.errors import HTTPError
    from huggingface_hub.file_download import http_get  # Range requests, going on after broken connections, a bar

    name = Path(urlsplit(address.url).path).name
    with unfinished.open("ab") as file:
        begun = file.tell()
        try:
            http_get(
                address.url,
                cast("BinaryIO", _Limited(file, size or LARGEST)),
                resume_size=begun,
                headers={"Accept-Encoding": "identity"},
                expected_size=size,
                displayed_filename=name,
            )
        except _AddressError:
            raise
        except (HTTPError, OSError) as error:
            if status_of(error) == _NOTHING_LEFT:  # as the checksum will show, what is there is whole, or too long
                return
            if isinstance(error, OSError) and error.errno is not None:  # of the disk
                raise
            raise _AddressError(_reason(error)) from error


class _Limited:
    """A file that doesn't grow beyond a size."""

    def __init__(self, file: BinaryIO, limit: int) -> None:
        self.file = file
        self.limit = limit

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)

    def write(self, data: bytes) -> int:
        if self.file.tell() + len(data) > self.limit:
            raise _AddressError(f"it gives more than the {self.limit:,} bytes that the file has")
        return self.file.write(data)


def _request(method: str, url: str) -> Any:
    """An answer, which isn't an error but for what servers say who only don't know HEAD."""
    from huggingface_hub.errors import HTTPError
    from huggingface_hub.utils import get_session

    try:
        answer = get_session().request(method, url, timeout=_TIMEOUT, follow_redirects=True, headers={"Accept-Encoding": "identity"})
    except (HTTPError, OSError) as error:
        raise _AddressError(_reason(error)) from error
    if answer.is_error and not (method == "HEAD" and answer.status_code in _NO_HEAD):
        raise _AddressError(f"the server answers {answer.status_code} {answer.reason_phrase}")
    return answer


def _reason(error: Exception) -> str:
    response = getattr(error, "response", None)
    if response is not None:
        return f"the server answers {response.status_code} {response.reason_phrase}"
    first = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
    return f"it can't be reached, or the connection broke ({first.rstrip('.')})"


def _check_room(path: Path, missing: int) -> None:
    free = shutil.disk_usage(path.parent).free
    if missing + SPARE > free:
        raise InputError(
            f"There is no room for {path.name} in {path.parent}: {missing / 1e6:,.0f} MB are missing, {free / 1e6:,.0f} MB are free. "
            "Make room, or name another folder by HWR_CACHE."
        )


def _matches(path: Path, checksum: str) -> bool:
    method, _, digits = checksum.partition(":")
    with path.open("rb") as file:
        return hashlib.file_digest(file, method).hexdigest() == digits.lower()
