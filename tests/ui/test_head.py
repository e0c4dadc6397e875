"""What previews of links show, and how the page is sent."""

import gzip
import json
import re
from importlib.resources import files

import httpx
import pytest
from app_server import shared_app
from PIL import Image

from hwr.ui import head


def get(path: str, **headers: str) -> httpx.Response:
    return httpx.get(f"{shared_app()}{path}", headers=headers)


def test_a_preview_shows_the_pages_own_name_and_picture() -> None:
    page = get("/").text
    found = dict(re.findall(r'<meta property="(og:[a-z:]+)" content="([^"]*)"', page))
    assert found["og:title"].startswith("Longhand")
    assert found["og:image"] == f"{shared_app()}/brand/social.png"
    assert len(re.findall(r'property="og:title"', page)) == 1
    assert "Gradio" not in found["og:title"] + found["og:description"]
    assert get("/brand/social.png").headers["content-type"] == "image/png"


def test_behind_a_proxy_the_preview_has_the_public_address() -> None:
    page = get("/", **{"x-forwarded-host": "example.org", "x-forwarded-proto": "https"}).text
    assert 'content="https://example.org/brand/social.png"' in page


def test_a_host_of_markup_is_text() -> None:
    assert "<script>alert" not in head.tags('http://"><script>alert(1)</script>/')


def test_pages_and_scripts_are_sent_small_to_who_can_take_it() -> None:
    for path in ("/", "/brand/page.js"):
        plain, packed = get(path, **{"accept-encoding": "identity"}), get(path, **{"accept-encoding": "gzip"})
        assert "content-encoding" not in plain.headers
        assert packed.headers["content-encoding"] == "gzip"
        assert packed.headers["vary"] == "Accept-Encoding"
        assert int(packed.headers["content-length"]) == packed.num_bytes_downloaded < len(plain.content) / 2
    assert gzip.compress(head.content("page.js"), 6)[20:] == gzip.compress(plain.content, 6)[20:]


@pytest.mark.parametrize("path", ["/brand/", "/brand/../theme.py", "/brand/%2e%2e/theme.py", "/brand/wordmark.svg"])
def test_no_other_file_is_served(path: str) -> None:
    assert get(path).status_code == 404


def test_the_picture_for_previews_is_as_large_as_it_says() -> None:
    with Image.open(files("hwr.ui").joinpath("brand", "social.png").open("rb")) as picture:
        assert picture.size == (1200, 630)


def test_the_page_answers_without_a_body_as_well() -> None:
    answer = httpx.head(f"{shared_app()}/")
    assert answer.status_code == 200
    assert answer.content == b""


def test_the_second_page_has_a_preview_of_its_own() -> None:
    page = get("/how-it-works").text
    found = dict(re.findall(r'<meta property="(og:[a-z:]+)" content="([^"]*)"', page))
    assert found["og:title"].startswith("How it works")
    assert found["og:url"] == f"{shared_app()}/how-it-works"
    assert found["og:image"] == f"{shared_app()}/brand/social.png"
    assert get("/how-it-works?deep_link=../../etc").status_code == 200
    assert "Traceback" not in httpx.post(f"{shared_app()}/how-it-works", json=[]).text


@pytest.mark.parametrize("name", sorted(head.how.FILES))
def test_its_files_are_fetched_once(name: str) -> None:
    answer = get(f"/brand/{name}?{head.how.version()}", **{"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"] == head.FILES[name].kind
    assert answer.content == head.content(name)
    assert "max-age=31536000" in answer.headers["cache-control"]
    assert httpx.post(f"{shared_app()}/brand/{name}").status_code in (404, 405)
    assert head.how.version() in get("/how-it-works").text


def test_programs_get_next_to_nothing_of_it() -> None:
    """Every client of an endpoint fetches the configuration of all pages."""
    config = get("/config").json()
    here = set(config["page"]["how-it-works"]["components"])
    components = [component for component in config["components"] if component["id"] in here]
    assert components
    assert len(json.dumps(components)) < 5_000
    assert config["page"]["how-it-works"]["dependencies"] == []
