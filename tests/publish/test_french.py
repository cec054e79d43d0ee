"""No English sentence in French: counted on the pages of every vendor's cards, in findings, in the app."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from generator import vendors
from generator.app import Workshop
from generator.publish.publication import load
from generator.publish.site import Options, publish
from generator.publish.voice import voice
from generator.rules import phrases
from generator.rules.facts.view import Facts
from generator.rules.packs import every_rule, names, settings_of
from generator.rules.packs import load as load_packs
from generator.rules.rule import ABOUT_CARDS, Rule
from tests.test_app import template

PUBLICATION = """\
publication: french
title: OFSEP exam cards
network: Observatoire Français de la Sclérose en Plaques (example of the program, not an offer of OFSEP)
contact: {name: the maintainers of examcard}
licence: as the program; the numbers belong to the sources that each protocol names
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


def test_what_is_english_is_counted(site: Path) -> None:
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
    "rule",
    [
        rule
        for rule in every_rule()
        if rule.has_predicate and ABOUT_CARDS & set(rule.subjects) and rule.failing
    ],
    ids=lambda rule: rule.code,
)
def test_a_finding_is_said_in_french(rule: Rule) -> None:
    settings = settings_of(load_packs(names()))
    message = phrases.message(rule, rule.judge(Facts({**settings, **rule.failing})))
    said = voice("fr").say(message)
    assert said != message
    assert not english(said) and not re.search(r"\b(is|are|must|should|be)\b", said)


def _english(answer: Any) -> Iterator[str]:
    """Texts of an answer of the app that are in English; not those of files, nor names."""
    if isinstance(answer, dict):
        if answer.get("language") == "en":
            yield answer["text"]
        own = _OWN | {"label"} if "steps" in answer else _OWN
        yield from (text for key, one in answer.items() if key not in own for text in _english(one))
    elif isinstance(answer, list):
        yield from (text for one in answer for text in _english(one))
    elif isinstance(answer, str) and english(answer):
        yield answer


_OWN = frozenset(
    {"name", "scan", "file", "files", "path", "step", "wanted", "got", "mine", "theirs", "folder"}
)
_OWN |= {"reasons", "would_serve", "patch"}  # no page shows them; YAML


@pytest.mark.parametrize("vendor", vendors.names())
def test_the_app_answers_in_french(tmp_path: Path, vendor: str) -> None:
    for name in ("inbox", "outbox"):
        (tmp_path / name).mkdir()
    shop = Workshop(tmp_path / "inbox", tmp_path / "outbox")
    file = template(shop.inbox, vendor, "ofsep-spine-diagnosis")
    protocol = {"protocol": "ofsep-brain-pml-gd", "field_strength": 3.0}
    card = {**protocol, "vendor": vendor, "donors": [file], "decisions": {}}
    other = "ge" if vendor == "philips" else "philips"
    asked: list[tuple[str, dict[str, Any]]] = [
        ("describe", {"file": file}),
        ("compare", {**protocol, "file": file, "number": 0}),
        ("translate", {"file": file, "number": 0, "vendor": other, "field_strength": 3.0}),
        (
            "what_if",
            {"base": {**protocol, "vendor": vendor}, "index": 0, "changes": {"repetition_time": 90.0}},
        ),
        ("describe", {"file": "missing"}),
        ("plan", card),
        ("build", {**card, "gaps": "sheet"}),
        ("build", {**card, "gaps": "refuse"}),
    ]
    answers = [shop.call(name, json.dumps({**values, "language": "fr"})) for name, values in asked]
    assert "introuvable" in answers[4]
    assert {text for answer in answers for text in _english(json.loads(answer))} == set()


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
    assert voice("fr").say(text).replace("\u00a0", " ") == (said or text)
