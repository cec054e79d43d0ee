"""The site in a real browser: by keyboard, on a phone, in French, without a script; judged by axe-core."""

from __future__ import annotations

import shutil
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("selenium", reason="needs the package selenium")

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from generator.publish import sums
from tests.publish.conftest import LONGER, Network

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

Browser = webdriver.Chrome


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser that keeps downloads in a folder; it is ended with the module."""
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not program or not driver:
        pytest.skip("needs Chromium and chromedriver (Debian: chromium, chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for switch in ("headless=new", "no-sandbox", "disable-gpu", "force-prefers-reduced-motion"):
        options.add_argument(f"--{switch}")
    downloads = tmp_path_factory.mktemp("downloads")
    options.add_experimental_option("prefs", {"download.default_directory": str(downloads)})
    made = webdriver.Chrome(options=options, service=Service(driver))
    made.downloads = downloads  # type: ignore[attr-defined]
    yield made
    made.quit()


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    """Two protocols, one of them in two versions: something to filter, and a change to show."""
    made = Network(tmp_path_factory.mktemp("browser") / "network")
    made.spec(name="another", title="Another protocol")
    made.publish()
    made.spec(version="2", change=LONGER)
    record = "{protocol: test-follow-up, version: '2', cards: canon-3T-Vantage-Galan-V6.1, date: 2025-05-01, "
    record += "who: A physicist, where: A hospital of the test, release: V6.1, result: scanned, phantom: ACR}"
    notice = "{protocol: test-follow-up, version: '1', status: recalled, date: 2025-05-02, reason: Wrong TE}"
    more = f"validations:\n  - {record}\nnotices:\n  - {notice}\n"
    made.file.write_text(made.file.read_text(encoding="utf-8") + more, encoding="utf-8")
    made.publish()
    return made


@pytest.fixture
def window(browser: Browser) -> Iterator[Callable[..., None]]:
    """Set size and colours of the window; both are as they were afterwards."""

    def shape(width: int = 1280, height: int = 900, colours: str = "light") -> None:
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        media = {"media": "screen", "features": [{"name": "prefers-color-scheme", "value": colours}]}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)

    shape()
    yield shape
    shape()


def go(browser: Browser, network: Network, page: str) -> None:
    path, mark, fragment = page.partition("#")
    browser.get("about:blank")
    browser.get((network.site / path).as_uri() + mark + fragment)


def shown(browser: Browser) -> list[str]:
    """Vendors of the rows that are displayed, asked for at once: a question a row is a second a test."""
    seen = "row.checkVisibility({opacityProperty: true, visibilityProperty: true})"
    rows = "[...document.querySelectorAll('tr.card')]"
    script = f"return {rows}.filter(row => {seen}).map(row => row.dataset.vendor || '')"
    found: list[str] = browser.execute_script(script)  # type: ignore[no-untyped-call]
    return found


def press(browser: Browser, *keys: str) -> None:
    webdriver.ActionChains(browser).send_keys(*keys).perform()


def tab_to(browser: Browser, fits: Callable[[Any], bool], most: int = 60) -> Any:
    """Press the tabulator until an element has the focus."""
    for _ in range(most):
        press(browser, Keys.TAB)
        focused = browser.switch_to.active_element
        if fits(focused):
            return focused
    raise AssertionError("not reached by keyboard")


def named(name: str, element: Any) -> bool:
    return bool(element.get_attribute("name") == name)


def test_a_card_is_found_and_fetched_by_keyboard(browser: Browser, network: Network) -> None:
    go(browser, network, "index.html")
    assert shown(browser) == ["ge", "canon", "ge", "canon"]
    first = tab_to(browser, lambda element: True)
    assert first.get_attribute("class") == "skip"
    tab_to(browser, partial(named, "vendor"))
    press(browser, "GE")
    assert shown(browser) == ["ge", "ge"]
    tab_to(browser, partial(named, "text"))
    press(browser, "another")
    assert shown(browser) == ["ge"]
    assert browser.find_element(By.ID, "count").text == "1 of 4 downloads"
    assert browser.current_url.endswith("#vendor=ge&text=another")
    link = tab_to(browser, lambda element: "button" in (element.get_attribute("class") or ""))
    press(browser, Keys.ENTER)
    name = (link.get_attribute("href") or "").rpartition("/")[2]
    fetched = browser.downloads / name  # type: ignore[attr-defined]
    WebDriverWait(browser, 10).until(lambda _: fetched.exists() and fetched.stat().st_size > 0)
    time.sleep(0.1)
    listed = sums.read(network.site / "SHA256SUMS")
    assert [v for n, v in listed.items() if n.endswith(name)] == [sha256(fetched.read_bytes()).hexdigest()]


def test_a_radiographer_finds_the_card_of_the_own_scanner_by_keyboard(
    browser: Browser, network: Network
) -> None:
    go(browser, network, "index.html")
    tab_to(browser, lambda element: element.text == "My scanner")
    press(browser, Keys.ENTER)
    assert browser.find_element(By.TAG_NAME, "h1").text == "My scanner"
    tab_to(browser, lambda element: element.text.startswith("MR30.0") and "Premier" in element.text)
    press(browser, Keys.ENTER)
    assert browser.find_element(By.TAG_NAME, "h1").text == "GE HealthCare SIGNA Premier"
    cards = browser.find_elements(By.CSS_SELECTOR, ".item")
    assert [card.find_element(By.TAG_NAME, "h3").text for card in cards] == [
        "Another protocol",
        "A follow-up",
    ]
    assert (
        "not yet validated" in cards[0].text and "Data Apps" in browser.find_element(By.TAG_NAME, "main").text
    )
    link = tab_to(browser, lambda element: "Download" in element.text)
    press(browser, Keys.ENTER)
    name = (link.get_attribute("href") or "").rpartition("/")[2]
    fetched = browser.downloads / name  # type: ignore[attr-defined]
    WebDriverWait(browser, 10).until(lambda _: fetched.exists() and fetched.stat().st_size > 0)
    tab_to(browser, lambda element: "to set by hand" in element.text)
    press(browser, Keys.ENTER)
    assert browser.find_element(By.CSS_SELECTOR, ".hand-list").is_displayed()
    browser.back()
    tab_to(browser, lambda element: element.text == "Printable sheet")
    press(browser, Keys.ENTER)
    assert "GE HealthCare 3 T MR30.0" in browser.find_element(By.CLASS_NAME, "scanner").text


def test_a_release_without_a_card_says_what_to_do(browser: Browser, network: Network) -> None:
    go(browser, network, "scanners/ge-discovery-mr750-DV26.0/index.html")
    assert "No card can be made for this release yet" in browser.find_element(By.TAG_NAME, "main").text
    assert not browser.find_elements(By.CSS_SELECTOR, "a.button")


def test_no_choice_of_the_filters_ends_in_nothing(browser: Browser, network: Network) -> None:
    go(browser, network, "index.html")
    names = ("vendor", "field", "model", "software", "kind")

    def offered(name: str) -> list[str]:
        options = "[...document.getElementById(arguments[0]).options]"
        script = f"return {options}.filter(o => !o.disabled).map(o => o.value)"
        found: list[str] = browser.execute_script(script, f"f-{name}")  # type: ignore[no-untyped-call]
        return [value for value in found if value]

    for name in names:
        for value in offered(name):
            go(browser, network, f"index.html#{name}={value}")
            for other in names:
                for choice in offered(other):
                    browser.execute_script(  # type: ignore[no-untyped-call]
                        "var f = document.getElementById(arguments[0]); f.value = arguments[1];"
                        "f.form.dispatchEvent(new Event('input'))", f"f-{other}", choice,
                    )  # fmt: skip
                    assert shown(browser), (name, value, other, choice)
                    break
    go(browser, network, "index.html#vendor=canon")
    assert "MR30.0" not in offered("software") and "V6.1" in offered("software")


def test_the_choice_is_carried_to_the_page_of_a_protocol(browser: Browser, network: Network) -> None:
    go(browser, network, "index.html#vendor=canon")
    browser.find_element(By.LINK_TEXT, "A follow-up").click()
    rows = browser.find_elements(By.CSS_SELECTOR, ".downloads tr.card")
    assert [row.get_attribute("data-vendor") for row in rows if row.is_displayed()] == ["canon"]
    browser.find_element(By.ID, "show-all").click()
    assert all(row.is_displayed() for row in rows)


@pytest.mark.parametrize("words", ["écho de gradient", "fluid", "te 130", "gadobutrol", "diffusion"])
def test_the_search_knows_parameters_and_words_of_both_languages(
    browser: Browser, network: Network, words: str
) -> None:
    from urllib.parse import quote

    go(browser, network, f"index.html#text={quote(words)}")
    index = (network.site / "index.json").read_text(encoding="utf-8").lower()
    assert bool(shown(browser)) == all(word in index for word in words.split())


def test_filters_live_in_the_address(browser: Browser, network: Network) -> None:
    go(browser, network, "index.html#software=V6.1")
    assert shown(browser) == ["canon", "canon"]
    go(browser, network, "index.html#model=SIGNA+Premier")
    assert shown(browser) == ["ge", "ge"]
    go(browser, network, "index.html#vendor=nobody")
    assert len(shown(browser)) == 4, "a choice that does not exist is none"
    go(browser, network, "index.html#text=nothing-has-this")
    assert shown(browser) == []
    assert browser.find_element(By.ID, "nothing").is_displayed()
    browser.find_element(By.CSS_SELECTOR, "button[type=reset]").click()
    WebDriverWait(browser, 5).until(lambda _: len(shown(browser)) == 4)


def test_the_language_is_switched_and_the_choice_stays(browser: Browser, network: Network) -> None:
    go(browser, network, "index.html#vendor=canon")
    browser.find_element(By.LINK_TEXT, "Français").click()
    assert browser.find_element(By.TAG_NAME, "html").get_attribute("lang") == "fr"
    assert browser.find_element(By.TAG_NAME, "h1").text == "Cartes d’examen"
    assert shown(browser) == ["canon", "canon"]


@pytest.mark.parametrize(
    "page", ["index.html", "protocols/test-follow-up/2/index.fr.html", "compare/test-follow-up/index.fr.html"]
)
def test_a_page_fits_a_phone(
    browser: Browser, network: Network, window: Callable[..., None], page: str
) -> None:
    window(width=360, height=780)
    go(browser, network, page)
    script = "return [document.documentElement.scrollWidth, innerWidth]"
    width, room = browser.execute_script(script)  # type: ignore[no-untyped-call]
    assert width <= room
    for link in browser.find_elements(By.CSS_SELECTOR, "a.button, select, button"):
        if link.is_displayed():
            assert link.size["height"] >= 24, "a finger needs room"


def test_an_old_page_says_that_it_is_old(browser: Browser, network: Network) -> None:
    go(browser, network, "protocols/test-follow-up/1/index.html")
    note = browser.find_element(By.CLASS_NAME, "notice-outdated")
    assert note.is_displayed()
    note.find_element(By.TAG_NAME, "a").click()
    assert browser.current_url.endswith("/test-follow-up/2/index.html")
    assert not browser.find_elements(By.CLASS_NAME, "notice")
    assert "6130 ms" in browser.find_element(By.CLASS_NAME, "changes").text


def test_all_parameters_open_at_once(browser: Browser, network: Network) -> None:
    go(browser, network, "protocols/test-follow-up/2/index.html")
    cells = browser.find_elements(By.CSS_SELECTOR, "#parameters td.same")
    assert cells
    assert not cells[0].is_displayed()
    browser.find_element(By.ID, "open-all").click()
    assert all(cell.is_displayed() for cell in cells)


def rows(table: Any) -> list[list[str]]:
    found = (row.find_elements(By.XPATH, "*") for row in table.find_elements(By.CSS_SELECTOR, "tbody tr"))
    return [[(cell.get_attribute("textContent") or "").strip() for cell in row] for row in found]


def test_any_two_cards_are_compared(browser: Browser, network: Network) -> None:
    page = "compare/test-follow-up/index.html"
    ge, canon = "ge-3T-MR30.0", "canon-3T-Vantage-Galan-V6.1"
    go(browser, network, f"{page}#a=1/{ge}&b=2/{ge}")
    table = browser.find_element(By.CSS_SELECTOR, "#result table")
    changed = rows(table)
    assert changed[0] == ["DWI b1000"]
    assert [row[0] for row in changed[1:]] == ["TR as the console shows it"]
    assert changed[1][2:] == ["6130\u00a0ms", "changes the image"]
    assert "(Recalled)" in browser.find_element(By.ID, "name-a").text
    browser.find_element(By.ID, "swap").click()
    assert rows(table)[1][1:3] == changed[1][2:0:-1]
    assert browser.current_url.endswith(f"#a=2%2F{ge}&b=1%2F{ge}")

    go(browser, network, f"{page}#a=2/{ge}&b=2/{canon}")
    written = browser.find_element(By.CSS_SELECTOR, "details .versus")
    looked_up = rows(browser.find_element(By.CSS_SELECTOR, "#result table"))
    assert [row for row in looked_up if row[0] != "Time"] == rows(written), (
        "as the page says without a script"
    )
    browser.find_element(By.LINK_TEXT, "Français").click()
    assert "change l’image" in browser.find_element(By.ID, "result").text
    assert browser.find_element(By.ID, "name-b").text.startswith("Canon 3 T Vantage Galan V6.1")


@pytest.fixture
def plain(browser: Browser) -> Iterator[Browser]:
    """The browser while scripts are forbidden."""
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    yield browser
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_everything_is_there_without_a_script(plain: Browser, network: Network) -> None:
    go(plain, network, "index.html#vendor=ge")
    assert shown(plain) == ["ge", "canon", "ge", "canon"]
    assert not plain.find_element(By.ID, "filters").is_displayed()
    plain.find_element(By.LINK_TEXT, "A follow-up").click()
    assert plain.find_element(By.TAG_NAME, "h1").text == "A follow-up"
    panel = plain.find_element(By.CSS_SELECTOR, "#parameters details")
    panel.find_element(By.TAG_NAME, "summary").click()
    assert panel.find_element(By.TAG_NAME, "table").is_displayed()
    assert not plain.find_element(By.ID, "open-all").is_displayed()


PAGES = (
    "index.html",
    "index.fr.html",
    "protocols/test-follow-up/2/index.html",
    "protocols/test-follow-up/index.fr.html",
    "scanners/index.html",
    "scanners/ge-signa-premier-MR30.0/index.fr.html",
    "scanners/ge-discovery-mr750-DV26.0/index.html",
    "protocols/test-follow-up/1/index.html",
    "compare/test-follow-up/index.html",
    "protocols/test-follow-up/2/ge-3T-MR30.0/template/sheet.fr.html",
)
AXE = "axe.run({resultTypes: ['violations']}).then(arguments[0])"  # of what passes one example is enough
MADE_BY_SCRIPT = ("index.html", "protocols/test-follow-up/2/index.html", "compare/test-follow-up/index.html")


@pytest.mark.parametrize(
    ("page", "colours", "script"),
    [
        *((page, "light", True) for page in PAGES),
        *((page, "dark", False) for page in PAGES),
        *((page, "dark", True) for page in MADE_BY_SCRIPT),
    ],
)
def test_axe_finds_no_fault(
    browser: Browser, network: Network, window: Callable[..., None], page: str, colours: str, script: bool
) -> None:
    """Without JavaScript the page is loaded while scripts are forbidden; axe comes after that.

    A script that was refused when its element was read is never run later: axe sees the page as a reader
    without JavaScript does. Allowing scripts again changes nothing but that axe can run.
    """
    pytest.importorskip("axe_core_python", reason="needs the package axe-core-python, which carries axe-core")
    window(width=390 if colours == "dark" else 1280, colours=colours)
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not script})
    go(browser, network, page)
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    for form in browser.find_elements(By.CSS_SELECTOR, "#filters, #versus"):
        assert form.is_displayed() == script, "the page's own script ran, or not"
    axe = resources.files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    browser.execute_script("document.querySelectorAll('details:not([name])').forEach(d => d.open = true)")  # type: ignore[no-untyped-call]
    browser.execute_script(axe)  # type: ignore[no-untyped-call]
    browser.set_script_timeout(60)
    result = browser.execute_async_script(AXE)  # type: ignore[no-untyped-call]
    assert result["passes"], "axe looked at something"
    found = [(v["id"], v["impact"], v["nodes"][0]["html"][:200]) for v in result["violations"]]
    assert found == []


FULL = """\
publication: full
title: Exam cards
network: A network of the test
contact: {name: Somebody}
licence: CC0
languages: [fr, en]
protocols: [ofsep-brain-baseline-diagnosis]
targets: [{vendor: ge, software: MR30.0}, {vendor: siemens}, {vendor: philips}, {vendor: canon}]
dates: {"2020.1": 2026-11-20}
"""


def test_the_page_of_a_full_protocol_prints_on_four_pages(browser: Browser, tmp_path: Path) -> None:
    """Eight scanners; what is folded stays folded, and what was opened is printed."""
    made = Network(tmp_path)
    made.file.write_text(FULL, encoding="utf-8")
    assert made.publish().cards == 8
    go(browser, made, "protocols/ofsep-brain-baseline-diagnosis/2020.1/index.html")
    pages = printed(browser)
    assert len(pages) <= 4
    text = " ".join(" ".join(pages).split())
    for wanted in ("Canon 3 T", "Téléchargements", "DTI 2 mm", "Sources", "Ce que sont ces fichiers"):
        assert wanted in text, wanted
    assert "Intervalle entre échos" not in text and "Bande passante par pixel" not in text
    browser.find_element(By.ID, "open-all").click()
    assert "Bande passante par pixel" in " ".join(printed(browser))


def printed(browser: Browser) -> list[str]:
    """Print a page on A4 and return the text of each sheet of paper."""
    pypdfium2 = pytest.importorskip("pypdfium2", reason="needs the package pypdfium2")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    size = {"paperWidth": 8.27, "paperHeight": 11.69, "preferCSSPageSize": True}
    paper = pypdfium2.PdfDocument(b64decode(browser.execute_cdp_cmd("Page.printToPDF", size)["data"]))
    return [page.get_textpage().get_text_range() for page in paper]
