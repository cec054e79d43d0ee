"""How much work one input may cause, each budget once; docs/hardening.md says what each is for.

Whatever is larger is refused with a message that names the budget. Up to a megabyte of input is answered
within 5 seconds and 300 MB; beyond, time grows with the size of the input and never faster.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from generator.errors import UnusableInput

MIB = 1 << 20

SECONDS = 120
"""Time of the processor that reading or inspecting one file may take."""
AGAIN = 1.0
"""After how much more time what swallowed the stop is stopped again."""
FILE_BYTES = 512 * MIB
"""A file from outside: an archive, a database, a card."""
INFLATED_BYTES = 64 * MIB
"""What a compressed stream may hold that is taken into memory as a whole: .edx, .tgz."""
CONTENTS_BYTES = 1024 * MIB
"""All contents of an .exar1, which are inflated one by one."""
EXPANSION = 100
"""How many times its size a compressed stream may become (a MiB in any case); real ones 2 to 20 times."""
CONTENT_BYTES = 8 * MIB
"""One content of an .exar1."""
MEMBERS = 20_000
"""Members of an archive, streams of a gzip file."""
MEMBER_BYTES = 16 * MIB
"""One member of an archive."""
ROWS = 200_000
"""Rows of one table of an .exar1."""
RECORDS = 20_000
"""Records of an .edx, of a parameter block, of a text."""
PROGRAMS = 5_000
"""Protocols of one file."""
STEPS = 500
"""Steps of a spec; the longest real exam known has 60."""
SCANS = 20_000
"""Scans of one file."""
DEPTH = 100
"""Nesting of a document."""
CARD_BYTES = 64 * MIB
"""An .ExamCard, and what may follow it in a file; a .pro."""
BLOCK_BYTES = 8 * MIB
"""The parameters of one scan as a block: of an .ExamCard, of DICOM."""
SERIES_BYTES = MIB
"""The LxProtocol of one series."""
SESSION_BYTES = 4 * MIB
"""A session.xml."""
NOTE_BYTES = MIB
"""The operator's note of one scan."""
SHEET_BYTES = 16 * MIB
"""An entry sheet; one of a hundred scans has half a megabyte."""
PRINTOUT_BYTES = 16 * MIB
"""A printout as text, HTML or XML; those known have less than one."""
PDF_BYTES = 128 * MIB
"""A printout as PDF."""
PAGES = 1_000
"""Pages of a printout."""
PAGE_CHARACTERS = 40_000
"""Characters of a page; the fullest page seen has 4,200."""
PRINTED_CHARACTERS = 2_000_000
"""Characters of a printout; the longest has 112,000."""
XML_DEPTH = 256
"""Levels of elements; that of libxml2."""
SPEC_BYTES = 20_000_000
"""A spec, a definition, a pack."""
SPEC_VALUES = 300_000
"""Values of a spec, aliases counted."""
SPEC_DEPTH = 40
"""Nesting of a spec."""
ERRORS = 100
"""Errors of one source file that are listed."""
SEARCHED_BYTES = 200_000_000
"""What is searched for words that identify a site, inflated."""
OUTPUT_BYTES = 256 * MIB
"""All files of one export."""


def inflated(size: int, most: int = INFLATED_BYTES) -> int:
    """Return how many bytes a compressed stream of ``size`` bytes may become."""
    return min(most, max(MIB, EXPANSION * size))


def content(path: Path, most: int = FILE_BYTES) -> bytes:
    """Read a file from outside that is within its budget. Raises UnusableInput."""
    try:
        # Not by pathlib: that opens small texts, of which an export has many, in twice the time.
        file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        try:
            size = os.fstat(file).st_size
            if size > most:
                raise UnusableInput(path, f"larger than {most >> 20} MiB")
            data = os.read(file, size + 1)
            while more := os.read(file, MIB):
                data += more
        finally:
            os.close(file)
    except OSError as error:
        raise UnusableInput(path, error.strerror or str(error)) from error
    return data


def head(path: Path, most: int = 4096) -> bytes:
    """First bytes of a file, enough to recognise it. Raises UnusableInput if it cannot be read."""
    try:
        with path.open("rb") as stream:
            return stream.read(most)
    except OSError as error:
        raise UnusableInput(path, error.strerror or str(error)) from error


@contextmanager
def within_time(path: Path, seconds: float = SECONDS) -> Iterator[None]:
    """Stop what takes more time of the processor than any sound file needs.

    Only the main thread of a POSIX system can be stopped; elsewhere the other budgets must do. What a reader
    swallows is raised again.

    Raises
    ------
    UnusableInput
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_: Any) -> None:
        raise UnusableInput(path, f"reading it takes more than {seconds:g} s; no protocol file needs that")

    before = signal.signal(signal.SIGPROF, stop)
    outer = signal.setitimer(signal.ITIMER_PROF, seconds, AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, *outer)
        signal.signal(signal.SIGPROF, before)
