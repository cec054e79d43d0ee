"""French pages hold no English sentence: counted on cards of every vendor, as a site shows them."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from generator.publish.publication import load
from generator.publish.site import Options, publish
from generator.publish.voice import voice

PUBLICATION = """\
publication: french
title: Protocoles
network: Un réseau
contact: {name: Quelqu’un}
licence: CC0
languages: [en, fr]
protocols: [ofsep-brain-baseline-2d-flair, ofsep-spine-diagnosis, ofsep-brain-pml-gd]
targets:
  - {vendor: ge, field_strengths: [3 T], software: MR30.0}
  - {vendor: siemens, field_strengths: [3 T]}
  - {vendor: philips, field_strengths: [3 T]}
  - {vendor: canon, field_strengths: [3 T]}
dates: {"2020.1": 2026-11-20}
"""

ENGLISH = """
    the is are was of and not with which that this be by to from has have it its on in for at as an or should
    must does where there every no only
"""
FRENCH = "le la les un une des du de et est sont pas avec qui que ce cette par à en ou sur dans"


class Texts(HTMLParser):
    """Texts of a page by element, without scripts, styles and cited titles of publications."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.found += [value for name in ("aria-label", "title", "alt") if (value := given.get(name))]
        if tag not in ("meta", "link", "br", "input", "hr", "img", "path", "rect", "line", "circle", "use"):
            cited = tag == "ol" and "sources" in (given.get("class") or "").split()
            self.open.append("cited" if cited else tag)

    def handle_endtag(self, tag: str) -> None:
        if self.open and tag in (self.open[-1], "ol"):
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if not {"script", "style", "cited", "code"} & set(self.open) and data.strip():
            self.found.append(data.strip())


def english(text: str) -> bool:
    """Say whether a text reads as English: two of its small words or more, and more than French ones."""
    words = re.findall(r"[a-zà-ÿ]+", text.lower())
    small = sum(word in ENGLISH.split() for word in words)
    return small >= 2 and small > sum(word in FRENCH.split() for word in words)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("french")
    (folder / "publication.yaml").write_text(PUBLICATION, encoding="utf-8")
    publish(load(folder / "publication.yaml"), folder / "site", Options(workers=0))
    return folder / "site"


def test_what_is_english_is_told(site: Path) -> None:
    """The counter finds English: pages in English are full of it."""
    pages = [path for path in site.rglob("index.html") if path.parent.name == "2020.1"]
    assert pages
    assert all(sum(map(english, Texts(path.read_text(encoding="utf-8")).found)) > 20 for path in pages)


def test_no_french_page_holds_an_english_sentence(site: Path) -> None:
    pages = sorted([*site.rglob("*.fr.html"), *site.rglob("*.fr.svg")])
    assert len(pages) >= 30
    found = {
        (path.name, text)
        for path in pages
        for text in Texts(path.read_text(encoding="utf-8")).found
        if english(text)
    }
    assert found == set()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "SWI counts among the volumes that should be isotropic: "
            "anisotropy is 2.133, should be at most 1.05",
            "La SWI compte parmi les volumes qui devraient être isotropes : anisotropie vaut 2,133, "
            "attendu : au plus 1,05",
        ),
        (
            "Wait 0:15: contrast images not before 5:00 after the injection",
            "Attente 0:15 : images après contraste pas avant 5:00 après l’injection",
        ),
        ("nobody translated this sentence", "nobody translated this sentence"),
        ("nobody translated this: anisotropy is 2, should be at most 1", None),
    ],
)
def test_what_programs_compose_is_said_whole_or_not_at_all(text: str, said: str | None) -> None:
    assert voice("fr").say(text) == (said or text)
