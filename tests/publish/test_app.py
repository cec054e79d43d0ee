"""The program in a real browser: started, offline, with files of every vendor, without a word to anybody."""

from __future__ import annotations

import io
import json
import shutil
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

pytest.importorskip("selenium", reason="needs the package selenium")

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

from generator.publish import app, labels
from generator.publish.app import built as found
from generator.publish.serve import server
from generator.publish.site import Options
from generator.publish.verify import verify
from tests.publish.conftest import Network
from tests.test_app import PROTOCOL, REAL, by_command, template

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("app")]

PATIENCE = 60  # s; how quick it is is measured by hand and never asserted


@pytest.fixture(scope="module")
def built() -> Path:
    """The page, if it was built from this very program."""
    folder = found()
    if folder is None:
        pytest.skip("needs the page that runs the program in a browser: make app (nodejs, npm)")
    if not app.is_current(folder):
        pytest.skip("the page in app/ is of an older program: make app")
    return folder


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine and give its address."""
    with server(folder, 0) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{running.server_port}/"
        finally:
            running.shutdown()
            thread.join()


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
    with ExitStack() as serving_it:
        made = Page(serving_it.enter_context(serving(built)), tmp_path_factory.mktemp("page"))
        made.end_server = serving_it.close
        try:
            made.open()
            yield made
        finally:
            made.driver.quit()
    asked = asked_for(made.log, "http://127.0.0.1:")
    assert {"program.zip", "network.json", "worker.js"} <= {Path(urlsplit(one).path).name for one in asked}
    assert {one for one in asked if not one.startswith("http://127.0.0.1:")} == set(), (
        "a request left this machine"
    )


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
    result = page.driver.execute_async_script("axe.run({resultTypes: ['violations']}).then(arguments[0])")  # type: ignore[no-untyped-call]
    assert result["passes"], "axe looked at something"
    return [(one["id"], one["nodes"][0]["html"][:200]) for one in result["violations"]]


@pytest.mark.parametrize("vendor", ["ge", "canon"])
def test_an_export_of_our_own_is_shown(page: Page, tmp_path: Path, vendor: str) -> None:
    page.clear()
    page.drop(tmp_path / template(tmp_path, vendor))
    page.tab("overview")
    names = [
        cell.text for cell in page.driver.find_elements(By.CSS_SELECTOR, "#panel-overview .steps tbody th")
    ]
    assert "3D FLAIR" in names and "3D T1" in names


def test_a_file_of_no_vendor_is_named(page: Page, tmp_path: Path) -> None:
    page.clear()
    (tmp_path / "holiday.exar1").write_bytes(b"no export")
    with pytest.raises(AssertionError, match=r"holiday\.exar1: "):
        page.drop(tmp_path / "holiday.exar1")


def chosen(page: Page, selector: str, value: str) -> None:
    Select(page.find(selector)).select_by_value(value)


def fetched(page: Page, name: str, press: Any) -> bytes:
    """Press a download and return the file."""
    path = page.downloads / name
    path.unlink(missing_ok=True)
    press.click()
    WebDriverWait(page.driver, PATIENCE).until(lambda _: path.is_file())
    return path.read_bytes()


def press_go(page: Page, selector: str, result: str) -> None:
    page.find(selector).click()
    page.settle(
        lambda: page.driver.find_elements(By.CSS_SELECTOR, result) or page.find("#problem").is_displayed()
    )
    assert not page.find("#problem").is_displayed(), page.text("#problem")


@pytest.mark.corpus
@pytest.mark.parametrize("vendor", REAL)
def test_a_real_export_is_shown_compared_and_patched_to_the_bytes_of_the_command(
    page: Page, corpus: Path, tmp_path: Path, vendor: str
) -> None:
    place, protocol, field = REAL[vendor]
    page.clear()
    page.drop(corpus / place)
    page.tab("overview")
    rows = page.driver.find_elements(By.CSS_SELECTOR, "#panel-overview .steps tbody tr")
    assert len(rows) > 4
    assert any(":" in row.find_elements(By.TAG_NAME, "td")[0].text for row in rows), "times of the file"

    page.tab("compare")
    Select(page.driver.find_elements(By.CSS_SELECTOR, "#panel-compare select")[1]).select_by_value(protocol)
    press_go(page, "#panel-compare button.go", "#panel-compare .compared")
    assert ", the network asks " in page.text("#panel-compare .compared")

    page.tab("patch")
    chosen(page, "#panel-patch .form select", protocol)
    press_go(page, "#panel-patch button.go", "#panel-patch table.choices")
    chosen(page, "#panel-patch .result .form select", "sheet")
    press_go(page, "#panel-patch .result button.go", "#panel-patch .downloads-list")
    content = fetched(page, f"{protocol}.zip", page.find("#panel-patch .downloads-list button"))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        found = {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}
    wanted = by_command(corpus / place, vendor, protocol, f"{field:g}T", tmp_path)
    assert {name: sha256(found[name]).hexdigest() for name in wanted} == {
        name: sha256(content).hexdigest() for name, content in wanted.items()
    }
    assert found.keys() - wanted.keys() == {"sheet.en.html"}


def test_an_export_is_translated(page: Page, tmp_path: Path) -> None:
    page.clear()
    page.drop(tmp_path / template(tmp_path, "philips"))
    page.tab("translate")
    Select(page.driver.find_elements(By.CSS_SELECTOR, "#panel-translate select")[1]).select_by_value(
        "siemens"
    )
    press_go(page, "#panel-translate button.go", "#panel-translate .downloads-list")
    assert page.text("#panel-translate .kind") == labels.KINDS["template"]


def test_what_if_answers_while_one_types_and_gives_a_patch(page: Page, tmp_path: Path) -> None:
    page.clear()
    page.drop(tmp_path / template(tmp_path, "siemens"))
    page.tab("whatif")
    chosen(page, "#panel-whatif select", f"net {PROTOCOL}")
    press_go(page, "#panel-whatif button.go", "#panel-whatif input[type=number]")
    Select(page.find("#panel-whatif .result select")).select_by_visible_text("3D FLAIR")
    field = page.find("#panel-whatif input[type=number]")
    field.clear()
    field.send_keys("4000")
    page.settle(lambda: page.driver.find_elements(By.CSS_SELECTOR, "#panel-whatif pre"))
    patch = page.text("#panel-whatif pre")
    assert "set: {repetition_time: 4000 ms}" in patch
    text = page.text("#panel-whatif")
    assert "The inversion time of a FLAIR nulls CSF" in text


def test_the_tabs_are_worked_by_keyboard(page: Page, tmp_path: Path) -> None:
    page.clear()
    page.drop(tmp_path / template(tmp_path, "canon"))
    page.tab("overview")
    for key, name in ((Keys.ARROW_RIGHT, "compare"), (Keys.END, "whatif"), (Keys.ARROW_RIGHT, "overview")):
        page.driver.switch_to.active_element.send_keys(key)
        assert page.driver.switch_to.active_element.get_attribute("id") == f"tab-{name}"
        assert page.find(f"#panel-{name}").is_displayed()


@pytest.mark.parametrize("name", ["overview", "compare", "patch", "translate", "whatif"])
def test_axe_finds_no_fault_and_a_phone_is_wide_enough(page: Page, tmp_path: Path, name: str) -> None:
    pytest.importorskip("axe_core_python", reason="needs the package axe-core-python, which carries axe-core")
    if "Siemens" not in page.text("#loaded"):
        page.clear()
        page.drop(tmp_path / template(tmp_path, "siemens"))
    page.tab(name)
    if name != "overview":
        press_go(page, f"#panel-{name} button.go", f"#panel-{name} .result")
    for width, colours in ((1280, "light"), (390, "dark")):
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
        page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        media = {"media": "screen", "features": [{"name": "prefers-color-scheme", "value": colours}]}
        page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
        assert axe(page) == []
        wide, room = page.script("return [document.documentElement.scrollWidth, innerWidth]")
        assert wide <= room


@pytest.mark.corpus
def test_a_question_can_be_stopped_and_the_files_stay(page: Page, corpus: Path) -> None:
    page.clear()
    page.drop(corpus / REAL["siemens"][0])
    page.tab("translate")
    page.find("#panel-translate button.go").click()
    WebDriverWait(page.driver, PATIENCE).until(lambda _: page.find("#cancel").is_displayed())
    page.find("#cancel").click()
    page.settle(lambda: page.find("#problem").is_displayed())
    assert page.text("#problem") == "Stopped."
    page.tab("patch")
    chosen(page, "#panel-patch .form select", PROTOCOL)
    press_go(page, "#panel-patch button.go", "#panel-patch table.choices")


@pytest.mark.corpus
def test_an_acquired_image_is_read(page: Page, corpus: Path) -> None:
    pytest.importorskip("pydicom", reason="needs the package pydicom")
    page.clear()
    page.drop(sorted(corpus.glob("dicom/ge/*/*.dcm"))[0])
    page.tab("overview")
    assert page.driver.find_elements(By.CSS_SELECTOR, "#panel-overview .steps tbody tr")


def test_a_browser_that_is_too_old_is_told(page: Page) -> None:
    hide = {"source": "delete window.WebAssembly"}
    script = page.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", hide)
    try:
        page.open()
        assert page.state == "failed"
        assert "too old" in page.text("#old")
    finally:
        page.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)


def test_the_page_speaks_french(page: Page, tmp_path: Path) -> None:
    page.open("index.fr.html")
    page.drop(tmp_path / template(tmp_path, "ge"))
    assert page.text("h1") == "Ma propre carte"
    assert page.text("#tab-patch") == "Ma carte"
    assert "Rien de connu" in page.text("#panel-overview") or "Peut gêner" in page.text("#panel-overview")


def test_a_site_has_the_page_with_the_protocols_of_its_network(
    built: Path, page: Page, network: Network
) -> None:
    network.publish(Options(workers=0, app=built))
    first = (network.site / "index.fr.html").read_text(encoding="utf-8")
    assert 'href="app/index.fr.html">Ma propre carte</a>' in first
    with serving(network.site) as address:
        page.driver.get(address + "app/index.html")
        page.settle(lambda: page.state in ("ready", "failed"))
        assert page.text("#network") == "Cards of the test"
        page.drop(network.folder / template(network.folder, "siemens"))
        page.tab("compare")
        press_go(page, "#panel-compare button.go", "#panel-compare .compared")
        assert "A follow-up (1)" in page.text("#panel-compare .form")
        assert "3D FLAIR" in page.text("#panel-compare .compared")
    assert verify(network.site, None, None).faults == ()
    network.publish(Options(workers=0))
    assert not (network.site / "app" / "index.html").exists()
    assert "Ma propre carte" not in (network.site / "index.fr.html").read_text(encoding="utf-8")


def test_it_works_when_the_server_is_gone(page: Page) -> None:
    """The last test of the module: nothing serves the page afterwards."""
    page.end_server()
    page.driver.refresh()
    page.settle(lambda: page.state in ("ready", "failed"))
    assert page.state == "ready", page.text("#old")
