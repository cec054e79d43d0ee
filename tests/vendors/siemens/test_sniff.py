"""A file is taken for ours by how it begins, never by a word somewhere in it; others are named."""

from __future__ import annotations

import sqlite3
import zlib
from pathlib import Path

import pytest

from generator import vendors
from generator.errors import UnusableInput
from generator.vendors.siemens import DIALECT
from tests.vendors.siemens.make import template, written

PRINTOUT = '<?xml version="1.0"?>\n<?xml-stylesheet href="printprot_apply.xsl"?>\n<PrintOut></PrintOut>'
TEXT_PRINTOUT = (
    "\n\n          SIEMENS MAGNETOM Any syngo MR D11\n" + "-" * 60 + "\n      \\\\USER\\a\\b\\c\\localizer\n"
)


def sniffed(path: Path) -> str | None:
    return DIALECT.sniff(path, path.read_bytes()[:4096])


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (PRINTOUT.encode(), "siemens-printout-xml"),
        (PRINTOUT.encode("utf-16"), "siemens-printout-xml"),
        (b"\xef\xbb\xbf\r\n<PrintOut>", "siemens-printout-xml"),
        (TEXT_PRINTOUT.encode(), "siemens-printout-text"),
        (b"<XProtocol> \n{", "siemens-pro"),
        (b"### ASCCONV BEGIN ###\n", "siemens-pro"),
        (zlib.compress(b"MrEdxFile\r\n11300\r\n", 9), "siemens-edx"),
        (b"# Notes\nThe stylesheet is printprot_apply.xsl, the root <PrintOut>.\n", None),
        (b"<html><body>printprot_apply and the like</body></html>", None),
        (b"<PrintOutline/>", None),
        (zlib.compress(b"something else"), None),
        (b"", None),
    ],
)
def test_a_content_is_known_by_its_beginning(content: bytes, found: str | None, tmp_path: Path) -> None:
    assert sniffed(written(tmp_path, content, "a.dat")) == found


def test_an_archive_by_another_name_is_known_by_its_schema(tmp_path: Path) -> None:
    path = written(tmp_path, template(), "renamed.db")
    assert sniffed(path) == "siemens-exar1"
    assert len(DIALECT.read(path).protocols) == 1


def test_any_other_database_is_not_ours(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE notes (text)")
    connection.commit()
    connection.close()
    assert sniffed(path) is None


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"%PDF-1.4", "a PDF"),
        (b"PK\x03\x04", "a ZIP archive"),
        (b"\0" * 128 + b"DICM", "a DICOM file"),
        (b"\0" * 512, "a file that begins with zeros"),
        (b"MrEdxFile\r\n11300\r\n", "the inflated text of an .edx archive"),
        (zlib.compress(b"something else"), "a zlib stream"),
        (b"<?xml version='1.0'?><ExamCard>", "an XML file with the root <ExamCard>"),
    ],
)
def test_what_nobody_reads_is_named(content: bytes, named: str, tmp_path: Path) -> None:
    path = written(tmp_path, content, "a.dat")
    with pytest.raises(UnusableInput, match="not a protocol file of") as error:
        vendors.of_file(path)
    assert f"this is {named}" in str(error.value)


def test_a_plain_text_is_only_said_to_be_none_of_ours(tmp_path: Path) -> None:
    path = written(tmp_path, b"hello", "a.txt")
    with pytest.raises(UnusableInput) as error:
        vendors.of_file(path)
    assert str(error.value).endswith("siemens")
