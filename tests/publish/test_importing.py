"""How an export gets onto a console: by release, what is from memory marked."""

from __future__ import annotations

import pytest

from generator import vendors
from generator.publish.importing import import_of
from generator.publish.render import render
from generator.vendors.profile import profile


def _steps(vendor: str, release: str | None) -> str:
    return " ".join(act.text for act in import_of(vendor, release).steps)


@pytest.mark.parametrize("vendor", vendors.names())
def test_every_release_that_is_written_has_steps(vendor: str) -> None:
    """A release that no step of the console names would get the general ones only."""
    for release in profile(vendor).software:
        found = import_of(vendor, release)
        assert len(found.steps) >= 3 and found.hinders
        assert vendor in ("canon", "ge") or any(act.of for act in found.steps), release


@pytest.mark.parametrize(
    ("vendor", "release", "there", "not_there"),
    [
        ("siemens", "VB17A", "Exam Explorer", "Cockpit"),
        ("siemens", "VE11C", "Dot Cockpit, from the menu", "myExam"),
        ("siemens", "XA30A", "Dot Cockpit below", "myExam"),
        ("siemens", "XA61A", "myExam Cockpit", "Dot Cockpit"),
        ("philips", "R5.7", "tab ExamCards", "view ExamCards"),
        ("philips", "R11.1", "view ExamCards", "tab ExamCards"),
    ],
)
def test_steps_are_those_of_the_release(vendor: str, release: str, there: str, not_there: str) -> None:
    text = _steps(vendor, release)
    assert there in text and not_there not in text


def test_what_was_read_of_one_release_is_from_memory_for_another() -> None:
    """import_steps.md: verified for XA30 (HBCD) and for GE in pages of a manual of MR29 and MR30."""
    recalled = {
        release: sum(act.recalled(release) for act in import_of(vendor, release).steps)
        for vendor, release in (
            ("siemens", "XA30A"),
            ("siemens", "VE11C"),
            ("ge", "MR30.0"),
            ("ge", "DV25.1"),
        )
    }
    assert recalled["XA30A"] == recalled["MR30.0"] == 0
    assert recalled["VE11C"] >= 4 and recalled["DV25.1"] >= 4


def test_all_releases_are_named_where_that_of_the_file_is_not_known() -> None:
    text = _steps("siemens", None)
    assert "Exam Explorer" in text and "myExam" in text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_page_marks_what_is_from_memory(language: str) -> None:
    card = {
        "title": "A card", "protocol": "a", "version": "1", "export": "donor", "release": "VE11C",
        "target": {"vendor": "siemens", "field_strength": 3.0, "model": None},
    }  # fmt: skip
    site = {"licence": "CC0", "contact": {"name": "N", "email": None}}
    page = render("readme.html.j2", language, card=card, site=site)
    assert page.count('class="recalled"') == sum(
        a.recalled("VE11C") for a in import_of("siemens", "VE11C").steps
    )
