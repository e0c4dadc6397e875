"""What the Hub answers, for people."""

from pathlib import Path

import httpx
import pytest
from hub_clients import client
from hub_server import FakeHub
from huggingface_hub.errors import HfHubHTTPError

from hwr.hub.answers import hub_sentence, is_outage


def test_what_the_hub_refuses_is_said_in_a_sentence(hub: FakeHub, folder: Path) -> None:
    whole = {path.name: path.read_bytes() for path in folder.iterdir()}
    hub.add("user/model", whole)
    hub.add("user/secret", whole, private=True)
    hub.add("user/empty", {})
    hub.add("user/weightless", {"config.json": whole["config.json"]})
    hub.add("user/broken", whole | {"model.safetensors": whole["model.safetensors"][:-5]})
    code = """
    from hwr.models.char_lstm import CharLSTM
    result = {}
    for spec in ("user/nothing", "user/secret", "user/empty", "user/weightless", "user/broken", "user/model@nowhere"):
        try:
            CharLSTM.from_pretrained(*finding.split_revision(spec)[:1], revision=finding.split_revision(spec)[1])
        except ModelError as error:
            result[spec] = str(error)
    """
    owner = hub.env
    stranger = {name: value for name, value in owner.items() if name != "HF_TOKEN"}
    anyway = {"user/nothing", "user/empty", "user/weightless", "user/broken", "user/model@nowhere"}
    said_to_owner = client(owner, code)
    assert said_to_owner.keys() == anyway
    said_to_stranger = client(stranger, code)
    assert said_to_stranger.keys() == anyway | {"user/secret"}
    assert "log in" in said_to_stranger["user/secret"].replace("logged", "log")
    for said in (said_to_owner, said_to_stranger):
        assert all("\n" not in sentence and spec.split("@")[0].split("/")[1] in sentence for spec, sentence in said.items())
        assert "config.json" in said["user/empty"]
        assert "model.safetensors" in said["user/weightless"]
        assert "model.safetensors" in said["user/broken"]
        assert "nowhere" in said["user/model@nowhere"]
    expired = client(owner | {"HF_TOKEN": "hf_expired"}, code)
    assert expired.keys() > anyway
    assert all("token" in sentence for sentence in expired.values())


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 409, 416, 422, 429, 500, 502, 503, 504])
def test_an_answer_of_any_status_is_one_sentence_about_the_repository(status: int) -> None:
    response = httpx.Response(status, request=httpx.Request("GET", "https://hub.invalid/api/models/user/model"))
    error = HfHubHTTPError("First line\nsecond line", response=response)
    said = hub_sentence(error, "user/model", "v1")
    assert "user/model" in said
    assert "\n" not in said
    assert ("log in" in said) == (status in (401, 403))
    assert ("can't be reached" in said) == is_outage(error) == (status >= 500 or status in (408, 429))


@pytest.mark.parametrize("error", [ConnectionError(), TimeoutError("slow"), OSError(28, "No space left on device"), ValueError("a\nb")])
def test_what_never_was_an_answer_is_one_sentence_too(error: Exception) -> None:
    said = hub_sentence(error, "user/model", None)
    assert "user/model" in said
    assert "\n" not in said
    assert ("can't be stored" in said) == (getattr(error, "errno", None) is not None)
