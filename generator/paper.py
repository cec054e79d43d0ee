"""The words of a PDF and where they stand. What they mean is the business of the vendors' printouts.

Reads with PDFium (``pypdfium2``, BSD and Apache licences): 5 to 50 ms a page, where pdfminer.six needs 50 to
4,500 and pypdf 15 to 2,000 on the same files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from ctypes import byref, c_double
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

from generator import limits
from generator.errors import UnusableInput

SIGNATURE = b"%PDF-"
MAX_SIZE = limits.PDF_BYTES
MAX_PAGES = limits.PAGES
MAX_CHARACTERS, MAX_TOTAL = limits.PAGE_CHARACTERS, limits.PRINTED_CHARACTERS

NEEDS = "reading a PDF needs pypdfium2: pip install 'examcard[printouts]'"
_SPACE = 0.2  # of the height of a line: a wider gap ends a word
_BASELINE = 0.3  # of the height of a line: pieces of one line stand no further apart


@dataclass(frozen=True, slots=True)
class Word:
    """Text without a gap, on one baseline.

    Attributes
    ----------
    left, right, base, height : float
        Edges, baseline and height in points; the origin is the lower left corner of the page.
    """

    text: str
    left: float
    right: float
    base: float
    height: float


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its width in points and its words, as they follow in the file."""

    width: float
    words: tuple[Word, ...]


def available() -> bool:
    """Say whether the library that reads PDFs is installed."""
    from importlib.util import find_spec

    return find_spec("pypdfium2") is not None


def no_printout(path: Path) -> str:
    """Why no dialect takes a PDF for its printout."""
    if not available():
        return NEEDS
    try:
        pages(path)
    except UnusableInput as error:
        return error.message
    return "no title of a vendor's printout is on its first pages"


def pages(path: Path) -> tuple[Page, ...]:
    """Read the words of every page.

    Raises
    ------
    UnusableInput
        If the file is damaged, locked, too large, holds no text (a scan), or the library is missing.
    """
    try:
        state = path.stat()
    except OSError as error:
        raise UnusableInput(path, error.strerror or str(error)) from error
    return _pages(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=2)  # every dialect asks whose printout it is, and the one that says so reads it
def _pages(path: Path, _changed: int, size: int) -> tuple[Page, ...]:
    if size > MAX_SIZE:
        raise UnusableInput(path, f"larger than {MAX_SIZE >> 20} MiB")
    try:
        import pypdfium2 as pdfium
    except ImportError:
        raise UnusableInput(path, NEEDS) from None
    try:
        document = pdfium.PdfDocument(path.read_bytes())
    except pdfium.PdfiumError as error:
        raise UnusableInput(path, f"damaged PDF, or one with a password: {error}") from error
    try:
        if len(document) > MAX_PAGES:
            raise UnusableInput(path, f"{len(document)} pages; printouts have at most {MAX_PAGES}")
        found = tuple(_all(path, document))
    except pdfium.PdfiumError as error:
        raise UnusableInput(path, f"damaged PDF: {error}") from error
    finally:
        document.close()
    if not any(page.words for page in found):
        raise UnusableInput(
            path, "a PDF without text, such as a scan of paper: print it to PDF at the console"
        )
    return found


def _all(path: Path, document: Any) -> Iterator[Page]:
    left = MAX_TOTAL
    for index in range(len(document)):
        page, count = _page(path, document, index, min(left, MAX_CHARACTERS))
        left -= count
        yield page


def _page(path: Path, document: Any, index: int, most: int) -> tuple[Page, int]:
    page = document[index]
    text = page.get_textpage()
    try:
        if (count := text.count_chars()) > most:
            raise UnusableInput(path, f"{count} characters, more than any printout has", f"page {index + 1}")
        return Page(page.get_width(), tuple(_words(text, count))), count
    finally:
        text.close()
        page.close()


def _words(text: Any, count: int) -> Iterator[Word]:
    """Join characters to words: by the spaces that the file has, and where there are none by the gaps."""
    letters: list[str] = []
    left = right = base = height = 0.0
    for char, box, origin in _characters(text, count):
        size = max(box.top - box.bottom, 1.0)
        gap = box.left - right
        apart = abs(origin - base) > 0.1 * height or not -height <= gap <= _SPACE * height
        if letters and (char.isspace() or apart):
            yield Word("".join(letters), left, right, base, height)
            letters = []
        if char.isspace():
            continue
        if not letters:
            left, base, height = box.left, origin, size
        letters.append(char)
        right = box.right
    if letters:
        yield Word("".join(letters), left, right, base, height)


def _characters(text: Any, count: int) -> Iterator[tuple[str, Any, float]]:
    """Each character with its box (as wide as the font advances) and the height of its baseline."""
    from pypdfium2 import raw

    for index in range(count):
        box, x, y = raw.FS_RECTF(), c_double(), c_double()
        char = chr(raw.FPDFText_GetUnicode(text, index))
        raw.FPDFText_GetLooseCharBox(text, index, byref(box))
        raw.FPDFText_GetCharOrigin(text, index, byref(x), byref(y))
        yield " " if raw.FPDFText_IsGenerated(text, index) == 1 or char < " " else char, box, y.value


def lines(words: Iterable[Word]) -> list[tuple[Word, ...]]:
    """Words by baseline, from the top of the page, each line from left to right."""
    found: list[list[Word]] = []
    for word in sorted(words, key=lambda w: -w.base):
        if found and found[-1][0].base - word.base <= _BASELINE * word.height:
            found[-1].append(word)
        else:
            found.append([word])
    return [tuple(sorted(line, key=lambda w: w.left)) for line in found]


def spoken(words: Sequence[Word]) -> str:
    """The text of a line."""
    return " ".join(word.text for word in words)


def cells(line: Sequence[Word], gap: float = 1.0) -> list[tuple[Word, ...]]:
    """Pieces of a line between gaps wider than ``gap`` times its height."""
    numbers: list[int] = [0]
    for before, word in pairwise(line):
        numbers.append(numbers[-1] + (word.left - before.right > gap * before.height))
    return [
        tuple(w for w, _ in group) for _, group in groupby(zip(line, numbers, strict=False), lambda p: p[1])
    ]
