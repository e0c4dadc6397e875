"""The tab "Evaluate" and its endpoint: they give what the code gives, a report to keep, and a sentence where something is wrong."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from app_server import shared_app
from browsing import needs_chromium
from collecting import archive, good, named, run
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from playwright.sync_api import Page, expect
from sentences import A_SENTENCE

from hwr.evaluation.result import Evaluation


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return archive(tmp_path_factory.mktemp("zip") / "folders.zip", named(good(94)))


@pytest.fixture(scope="module")
def found(folders: Path) -> Evaluation:
    return run(folders)


# --- endpoint ---


@pytest.fixture(scope="module")
def client() -> Client:
    return Client(shared_app(), verbose=False)


def test_the_endpoint_gives_what_the_code_gives(client: Client, folders: Path, found: Evaluation):
    html, metrics, table = client.predict(archive=handle_file(folders), api_name="/evaluate")
    expected = found.metrics()
    for key in ("accuracy", "macro_f1", "n", "skipped", "per_class", "confusions"):
        assert metrics[key] == expected[key], key
    assert "<title>" in Path(html).read_text(encoding="utf-8")
    assert len(Path(table).read_text(encoding="utf-8").splitlines()) == 95
    other = client.predict(archive=handle_file(folders), model="char-reference", api_name="/evaluate")[1]
    assert other["model"] == "char-reference"


@pytest.mark.parametrize("options", [{}, {"dataset": "/etc"}, {"dataset": "hwr"}, {"dataset": "../x"}, {"dataset": "a/b", "model": "/etc"}])
def test_wrong_arguments_are_a_sentence(client: Client, options: dict[str, Any]):
    with pytest.raises(AppError, match=A_SENTENCE):
        client.predict(**options, api_name="/evaluate")


# --- the page ---


@pytest.fixture
def tab(visit: Callable[..., Page]) -> Page:
    page = visit()
    page.get_by_role("tab", name="Evaluate", exact=True).click()
    expect(page.locator("#evaluate-go")).to_be_visible()
    return page


@needs_chromium
def test_a_zip_is_evaluated_and_the_report_opens_as_a_file(tab: Page, browser: Any, folders: Path, found: Evaluation, tmp_path: Path):
    tab.locator("#evaluate-archive input[type=file]").set_input_files(folders)
    expect(tab.locator("#evaluate-archive")).to_contain_text("folders")
    tab.locator("#evaluate-go").click()
    expect(tab.locator("#evaluate-html")).to_be_enabled()
    expect(tab.locator("#evaluate-status")).to_contain_text("94 characters")
    expect(tab.locator("#evaluate-map img")).to_be_visible()
    with tab.expect_download() as download:
        tab.locator("#evaluate-html").click()
    download.value.save_as(tmp_path / "report.html")
    with tab.expect_download() as download:
        tab.locator("#evaluate-json").click()
    assert json.loads(Path(download.value.path()).read_text())["accuracy"] == found.metrics()["accuracy"]
    page = browser.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto((tmp_path / "report.html").as_uri())
    expect(page.locator("img[alt^='Confusion matrix, shares']")).to_be_visible()
    assert page.evaluate("[...document.images].every((image) => image.naturalWidth > 0)")
    before = page.locator("#classes tbody tr").first.inner_text()
    page.locator("#classes th").nth(4).click()
    assert page.locator("#classes tbody tr").first.inner_text() != before
    assert problems == []
    page.close()


@needs_chromium
def test_a_result_fits_a_phone_and_an_evaluation_can_be_cancelled(visit: Callable[..., Page], tmp_path: Path):
    page = visit(viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True)
    page.get_by_role("tab", name="Evaluate", exact=True).click()
    few = named(good(47))
    # So many that it goes on for long after the button was found.
    many = archive(tmp_path / "many.zip", {name.replace("/", f"/{copy}_"): data for copy in range(1000) for name, data in few.items()})
    page.locator("#evaluate-archive input[type=file]").set_input_files(many)
    expect(page.locator("#evaluate-archive")).to_contain_text("many")
    page.locator("#evaluate-go").click()
    expect(page.locator("#evaluate-status")).to_contain_text("a second")
    page.locator("#evaluate-stop").click()
    expect(page.locator("#evaluate-status")).to_contain_text("Cancelled")
    page.locator("#evaluate-archive").get_by_role("button", name="Clear").click()
    page.locator("#evaluate-ready input").click()
    page.get_by_role("option", name=re.compile("unfiltered")).click()
    page.locator("#evaluate-go").click()
    expect(page.locator("#evaluate-html")).to_be_enabled(timeout=60_000)
    expect(page.locator("#evaluate-map img")).to_be_visible()
    expect(page.locator("#evaluate-classes")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")


@needs_chromium
def test_a_ready_set_and_nothing_chosen(tab: Page):
    tab.locator("#evaluate-go").click()
    expect(tab.locator("#evaluate-status [role=alert]")).to_contain_text("nothing to evaluate")
    tab.locator("#evaluate-ready input").click()
    tab.get_by_role("option", name=re.compile("own strokes")).click()
    tab.locator("#evaluate-go").click()
    expect(tab.locator("#evaluate-html")).to_be_enabled(timeout=60_000)
    expect(tab.locator("#evaluate-status")).to_contain_text("Character error rate")
