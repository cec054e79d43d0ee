"""The program in a real browser: started, offline, with files of every vendor, without a word to anybody."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

pytest.importorskip("selenium", reason="needs the package selenium")

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from generator.publish import app
from generator.publish.serve import server
from tests.test_app import REAL, template

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PATIENCE = 120  # s; how quick it is is measured by hand and never asserted


@pytest.fixture(scope="module")
def built() -> Path:
    """The page, if it was built from this very program."""
    folder = app.built()
    if folder is None:
        pytest.skip("needs the page that runs the program in a browser: make app (nodejs, npm)")
    if not app.is_current(folder):
        pytest.skip("the page in app/ is of an older program: make app")
    return folder


class Page:
    """The page in a browser, served on this machine."""

    end_server: Callable[[], Any]

    def __init__(self, address: str, folder: Path) -> None:
        self.address, self.downloads, self.log = address, folder, folder / "net.json"
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium") or ""
        for switch in ("headless=new", "no-sandbox", "disable-gpu", "force-prefers-reduced-motion"):
            options.add_argument(f"--{switch}")
        for quiet in ("disable-background-networking", "disable-component-update", "no-first-run"):
            options.add_argument(f"--{quiet}")
        options.add_argument(f"--log-net-log={self.log}")
        options.add_experimental_option("prefs", {"download.default_directory": str(folder)})
        self.driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
        self.driver.set_script_timeout(PATIENCE)

    def script(self, text: str, *given: Any) -> Any:
        return self.driver.execute_script(text, *given)  # type: ignore[no-untyped-call]

    @property
    def state(self) -> str:
        return self.script("return document.documentElement.dataset.state") or ""

    def settle(self, what: Callable[[], Any] = lambda: True) -> None:
        WebDriverWait(self.driver, PATIENCE).until(lambda _: self.state != "busy" and what())

    def open(self, page: str = "") -> None:
        self.driver.get(self.address + page)
        self.settle(lambda: self.state in ("ready", "failed"))

    def find(self, selector: str) -> Any:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector: str) -> str:
        return str(self.find(selector).text)

    def drop(self, path: Path) -> None:
        known = len(self.driver.find_elements(By.CSS_SELECTOR, "#loaded li"))
        self.find("#choose" if path.is_file() else "#choose-folder").send_keys(str(path.resolve()))
        self.settle(
            lambda: (
                len(self.driver.find_elements(By.CSS_SELECTOR, "#loaded li")) > known
                or self.find("#problem").is_displayed()
            )
        )
        assert not self.find("#problem").is_displayed(), self.text("#problem")

    def clear(self) -> None:
        while buttons := self.driver.find_elements(By.CSS_SELECTOR, "#loaded button:not(.pick)"):
            buttons[0].click()

    def tab(self, name: str) -> None:
        self.find(f"#tab-{name}").click()


@pytest.fixture(scope="module")
def page(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    if not shutil.which("chromium") or not shutil.which("chromedriver"):
        pytest.skip("needs Chromium and chromedriver (Debian: chromium, chromium-driver)")
    with server(built, 0) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.05,))
        thread.start()
        made = Page(f"http://127.0.0.1:{running.server_port}/", tmp_path_factory.mktemp("page"))
        made.end_server = lambda: (running.shutdown(), running.server_close())
        try:
            made.open()
            yield made
        finally:
            made.driver.quit()
            made.end_server()
            thread.join()
    asked = asked_for(made.log, made.address.rstrip("/"))
    assert {"program.zip", "network.json", "worker.js"} <= {Path(urlsplit(one).path).name for one in asked}
    assert {one for one in asked if not one.startswith(made.address)} == set(), "a request left this machine"


def asked_for(log: Path, origin: str) -> list[str]:
    """Addresses of all requests that a page or a worker of an origin made.

    From the log that the browser writes at its end; what the browser asks for itself names no origin.
    """
    text = log.read_text(encoding="utf-8").rstrip().rstrip(",")
    known = json.loads(text if text.endswith("}") else text + "]}")
    start = known["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"]
    found = [event.get("params", {}) for event in known["events"] if event["type"] == start]
    return [one["url"] for one in found if "url" in one and origin in json.dumps(one)]


def test_the_program_starts_and_is_kept_for_use_without_a_network(page: Page) -> None:
    assert page.state == "ready", page.text("#old")
    WebDriverWait(page.driver, PATIENCE).until(
        lambda _: page.script("return document.documentElement.dataset.offline") == "kept"
    )


def axe(page: Page) -> list[tuple[str, str]]:
    script = resources.files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    page.script(script)
    result = page.driver.execute_async_script("axe.run().then(arguments[0])")  # type: ignore[no-untyped-call]
    assert result["passes"], "axe looked at something"
    return [(one["id"], one["nodes"][0]["html"][:200]) for one in result["violations"]]


@pytest.mark.parametrize("vendor", ["siemens", "philips", "ge", "canon"])
def test_an_export_of_our_own_is_shown(page: Page, tmp_path: Path, vendor: str) -> None:
    page.clear()
    page.drop(tmp_path / template(tmp_path, vendor))
    page.tab("overview")
    names = [
        cell.text for cell in page.driver.find_elements(By.CSS_SELECTOR, "#panel-overview .steps tbody th")
    ]
    assert "3D FLAIR" in names and "3D T1" in names


@pytest.mark.corpus
@pytest.mark.parametrize("vendor", REAL)
def test_a_real_export_is_shown(page: Page, corpus: Path, vendor: str) -> None:
    page.clear()
    page.drop(corpus / REAL[vendor][0])
    page.tab("overview")
    rows = page.driver.find_elements(By.CSS_SELECTOR, "#panel-overview .steps tbody tr")
    assert len(rows) > 4
    assert any(row.text.split()[-1].count(":") for row in rows), "times are shown"


def test_a_file_of_no_vendor_is_named(page: Page, tmp_path: Path) -> None:
    page.clear()
    (tmp_path / "holiday.exar1").write_bytes(b"no export")
    with pytest.raises(AssertionError, match=r"holiday\.exar1: "):
        page.drop(tmp_path / "holiday.exar1")


def test_it_works_when_the_server_is_gone(page: Page) -> None:
    """The last test of the module: nothing serves the page afterwards."""
    page.end_server()
    page.driver.refresh()
    page.settle(lambda: page.state in ("ready", "failed"))
    assert page.state == "ready", page.text("#old")
