"""``hwr dataset`` without a file: what it says where there is no network."""

from dataclasses import replace
from pathlib import Path

import pytest

from hwr.cli import main
from hwr.data import emnist_archive, unipen_archive
from hwr.data.downloads import Address

NOWHERE = "http://127.0.0.1:9"


@pytest.mark.parametrize("kind", ["emnist", "unipen"])
def test_offline_it_says_what_to_do(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    module = {"emnist": emnist_archive, "unipen": unipen_archive}[kind]
    addresses = (Address(f"{NOWHERE}/a.zip", "md5:0"), Address(f"{NOWHERE}/b.zip", "md5:1"))
    there = replace(module.OFFICIAL, addresses=addresses, record=module.OFFICIAL.record and f"{NOWHERE}/record")
    monkeypatch.setattr(module, "OFFICIAL", there)
    monkeypatch.setenv("HWR_CACHE", str(tmp_path / "cache"))
    assert main(["dataset", kind, "-o", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert there.licence in said
    assert there.citation in said
    last = said.splitlines()[-1]
    assert last.startswith(f"hwr: {there.title} can't be downloaded: {NOWHERE}/")
    assert f"get the file yourself, see {there.page}, and name it in the command." in last
    assert not (tmp_path / "out").exists()


def test_an_address_has_a_checksum() -> None:
    """Nothing is used that isn't known to be what it should be."""
    for archive in (emnist_archive.OFFICIAL, unipen_archive.OFFICIAL):
        assert archive.record.startswith("https://") or all(":" in address.checksum for address in archive.addresses)
        assert archive.addresses[0].url.startswith("https://")
