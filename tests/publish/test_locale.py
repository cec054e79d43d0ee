"""Languages: the catalogue reader, what French has, and that a third language is a file."""

from __future__ import annotations

import ast
import gettext
import io
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from generator import resources
from generator.errors import UnusableInput
from generator.publish import locale, render, voice
from generator.publish.labels import unlabelled
from generator.publish.locale import Message, compile_mo, languages, read_po, translations
from tests.publish import messages, said
from tests.publish.conftest import Network

_PLACE = re.compile(r"%\(\w+\)\w|\{\w+\}")


def test_french_says_everything() -> None:
    known = {message.text for message in locale.messages("fr")}
    wanted = {
        *messages.of_templates(),
        *messages.of_labels(),
        *messages.of_pictures(),
        *messages.of_decisions(),
        *messages.of_protocols(),
        *messages.of_publication(),
    }
    assert wanted - known - messages.THE_SAME_IN_FRENCH == set()


def test_french_says_whatever_the_program_says() -> None:
    """Every text in the source and the rules that a page may show has an entry."""
    known = {said.plain(message.text) for message in locale.messages("fr")}
    missing = [text for form, text in said.everything().items() if form not in known]
    skeleton = "\n".join(f'msgid {json.dumps(text, ensure_ascii=False)}\nmsgstr ""\n' for text in missing)
    assert not missing, f"add to templates/locale/fr/LC_MESSAGES/program.po or rules.po:\n{skeleton}"


def test_what_is_no_text_for_people_is_in_the_source() -> None:
    assert {said.plain(text) for text in said.templates()} >= said.SILENT


def test_a_text_in_the_source_is_found() -> None:
    tree = ast.parse(
        "def f(x):\n  'what it does'\n  return why(f'{x.name}: no key {key!r} is known', 'set by hand')"
    )
    assert list(said.of_module("vendors/new.py", tree)) == ["{name}: no key {key} is known", "set by hand"]


def test_french_says_nothing_that_nobody_asks_for() -> None:
    known = {message.text for message in locale.messages("fr")}
    asked = {
        *messages.of_templates(),
        *messages.of_labels(),
        *messages.of_pictures(),
        *messages.of_words(),
        *messages.of_decisions(),
        *messages.of_protocols(),
        *messages.of_publication(),
    }
    settings = {"", ".", "%Y-%m-%d", ", ", "English"}
    spoken = {
        said.plain(text)
        for text in (
            *said.templates(),
            *said.of_imports(),
            *said.of_settings(),
            *said.of_rules(),
            *said.of_words(),
        )
    }
    left = known - asked - settings - messages.PIECES
    assert {text for text in left if said.plain(text) not in spoken | messages.PHRASES} == set()


def test_french_keeps_the_places_of_every_text() -> None:
    for message in locale.messages("fr"):
        for translated in message.translations.values():
            assert sorted(_PLACE.findall(message.text)) == sorted(_PLACE.findall(translated)), message.text


def test_every_field_of_a_scan_has_a_label() -> None:
    assert unlabelled() == set()


_TEXT = st.text(st.characters(blacklist_characters="\0\x04", blacklist_categories=("Cs",)), min_size=1)


@given(st.dictionaries(_TEXT, _TEXT, max_size=20))
def test_python_reads_what_is_compiled(texts: dict[str, str]) -> None:
    head = Message(translations={0: "Content-Type: text/plain; charset=UTF-8\n"})
    compiled = compile_mo([head, *(Message(text=a, translations={0: b}) for a, b in texts.items())])
    read = gettext.GNUTranslations(io.BytesIO(compiled))
    assert all(read.gettext(a) == b for a, b in texts.items())


PO = r"""
# a comment
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=2; plural=n > 1;\n"

msgctxt "decimal sign"
msgid "."
msgstr ","
msgid "two "
"lines"
msgstr "deux "
"\"lignes\"\n"

#, fuzzy
msgid "unsure"
msgstr "peut-être"

#~ msgid "old"
#~ msgstr "vieux"

msgid "untranslated"
msgstr ""

msgid "%(num)d scan"
msgid_plural "%(num)d scans"
msgstr[0] "%(num)d acquisition"
msgstr[1] "%(num)d acquisitions"
"""


def test_a_catalogue_is_read() -> None:
    read = gettext.GNUTranslations(io.BytesIO(compile_mo(list(read_po(PO)))))
    assert read.gettext("two lines") == 'deux "lignes"\n'
    assert read.pgettext("decimal sign", ".") == ","
    assert [read.gettext(text) for text in ("unsure", "old", "untranslated")] == [
        "unsure",
        "old",
        "untranslated",
    ]
    plural = [read.ngettext("%(num)d scan", "%(num)d scans", number) for number in (0, 1, 2)]
    assert plural == ["%(num)d acquisition", "%(num)d acquisition", "%(num)d acquisitions"]


@pytest.mark.parametrize(("text", "line"), [('msgid "a"\nmsgstr b', 2), ('"nowhere"', 1), ("msgid 5", 1)])
def test_a_broken_catalogue_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(UnusableInput, match=f"line {line}"):
        list(read_po(text, "x.po"))


def test_a_translation_that_asks_for_what_nobody_gives_is_refused() -> None:
    for broken in ('msgid "at {time}"\nmsgstr "um {zeit}"', 'msgid "x %(a)s"\nmsgstr "%(b)s"'):
        with pytest.raises(UnusableInput, match="has no value in"):
            list(read_po(broken, "x.po"))


@pytest.fixture
def with_german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Templates with one more catalogue, and no memory of the usual ones."""
    shutil.copytree(resources.templates(), tmp_path / "templates")
    german = tmp_path / "templates" / "locale" / "de" / "LC_MESSAGES" / "examcard.po"
    german.parent.mkdir(parents=True)
    german.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
        'msgctxt "name of this language"\nmsgid "English"\nmsgstr "Deutsch"\n\n'
        'msgid "Slice thickness"\nmsgstr "Schichtdicke"\n',
        encoding="utf-8",
    )
    caches = (languages, locale.messages, locale.known, translations, render.environment, voice.voice)
    monkeypatch.setattr(locale, "templates", lambda *parts: (tmp_path / "templates").joinpath(*parts))
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


@pytest.mark.usefixtures("with_german")
def test_another_language_is_a_file() -> None:
    assert languages() == ("en", "de", "fr")
    german = voice.voice("de")
    assert german.label("slice_thickness") == "Schichtdicke"
    assert german.label("plane") == "Plane"
    assert german.knows("Slice thickness")
    assert not german.knows("Plane")


@pytest.mark.usefixtures("with_german")
def test_a_site_in_another_language_needs_no_change_of_the_program(network: Network) -> None:
    network.edit("languages: [en, fr]", "languages: [de, en]")
    network.publish()
    page = network.page(name="index.html")
    assert '<html lang="de">' in page
    assert "Schichtdicke" in page and "Slice thickness" not in page
    assert "Deutsch" in network.page(name="index.en.html")
    assert "Schichtdicke" in next(network.site.rglob("sheet.de.html")).read_text(encoding="utf-8")
    assert "Deutsch" in (network.site / "index.en.html").read_text(encoding="utf-8")
    for picture in etree.HTML(page.encode()).xpath("//*[local-name()='svg']"):
        assert picture.get("lang") == "en", "a picture without German words is English, and says so"


def test_values_speak_the_language() -> None:
    english, french = voice.voice("en"), voice.voice("fr")
    assert english.shown([1, 0.5, 3], "voxel_size") == "1 × 0.5 × 3\u00a0mm"
    assert french.shown([1, 0.5, 3], "voxel_size") == "1 × 0,5 × 3\u00a0mm"
    assert french.shown([0, 1000], "b_values") == "0 ; 1000\u00a0s/mm²"
    assert english.shown(True, "elliptical_scanning") == "yes"
    assert english.shown(1, "number_of_averages") == "1"
    assert french.shown(None, "echo_times") == "–"
    assert french.shown("stir", "fat_suppression") == "STIR"
    assert english.shown(9, "flip_angle") == "9°"
    assert english.shown({"a": [1]}, None) == "{'a': [1]}"
    assert french.day("2024-03-01") == "01/03/2024"
    assert french.size(1_460_000) == "1,5\u00a0Mo"
    assert french.count("%(num)d loss", "%(num)d losses", 2) == "2 pertes"
