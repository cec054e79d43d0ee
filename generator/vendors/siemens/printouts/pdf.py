"""The PDF printout: two columns of labels and values, in two layouts (VB: List & Label; VD to XA: Fonet).

In both, values begin at one place of each column, titles of cards stand further left than labels, and a step
begins with its path, over the line that begins with its time (``TA:``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from generator import paper
from generator.paper import Page, Word
from generator.vendors.siemens.printouts.cards import Cards
from generator.vendors.siemens.printouts.fields import Print, Printed, header_of

_TIME = re.compile(r"TA\s*:")
_FOOT = re.compile(r"-\s*\d+\s*-|\d+\s*/\s*[\d+]+")
_RULE = re.compile(r"[-\s]{10,}")
_TITLE = 1.5  # points by which a title stands further left than the labels


def is_ours(pages: Sequence[Page]) -> bool:
    """Say whether a PDF is a printout: its pages have the scanner as title, and it has paths of a console."""
    texts = [paper.spoken(line) for line in _lines(pages[:5])]
    return any(t.startswith("SIEMENS ") for t in texts) and any(t.startswith("\\\\") for t in texts)


def read(path: Path) -> Printed:
    """Read a PDF printout. Raises UnusableInput as :func:`generator.paper.pages` does."""
    pages = paper.pages(path)
    columns = [[_column(page, right) for page in pages] for right in (False, True)]
    edges = [_Edges.of(column) for column in columns]
    steps: list[tuple[Print, Cards]] = []
    for index, page in enumerate(pages):
        head = _head(page)
        if head:
            steps.append((header_of(*head), Cards()))
        if steps:
            for column, edge in zip(columns, edges, strict=True):
                edge.fill(column[index], steps[-1][1])
    for step, cards in steps:
        step.values = cards.values()
    titles = [paper.spoken(lines[0]) for page in pages if (lines := paper.lines(page.words))]
    return Printed(list(dict.fromkeys(titles)), [step for step, _ in steps])


def _lines(pages: Iterable[Page]) -> list[tuple[Word, ...]]:
    return [line for page in pages for line in paper.lines(page.words)]


def _head(page: Page) -> tuple[str, str] | None:
    """Path and line of the time at the top of a page on which a step begins."""
    lines = [paper.spoken(line) for line in paper.lines(page.words)]
    time = next((i for i, text in enumerate(lines) if _TIME.match(text)), None)
    if time is None:
        return None
    start = next((i for i in range(time - 1, -1, -1) if lines[i].startswith("\\\\")), None)
    return ("".join(lines[start:time]), lines[time]) if start is not None else None


def _column(page: Page, right: bool) -> list[tuple[Word, ...]]:
    """Rows of half a page, without head, foot and rules."""
    lines = paper.lines(page.words)
    texts = [paper.spoken(line) for line in lines]
    time = next((i for i, text in enumerate(texts) if _TIME.match(text)), 0)
    foot = len(lines) - 1 if lines and _FOOT.fullmatch(texts[-1]) else len(lines)
    words = [w for line in lines[time + 1 : foot] for w in line if (w.left >= page.width / 2) == right]
    return [line for line in paper.lines(words) if not _RULE.fullmatch(paper.spoken(line))]


class _Edges:
    """Where labels and values of a column begin."""

    def __init__(self, label: float, value: float) -> None:
        self.label, self.value = label, value

    @classmethod
    def of(cls, column: Iterable[Sequence[tuple[Word, ...]]]) -> _Edges:
        """Find the edges: values of all pages begin at one place, labels nowhere further left than titles."""
        rows = [cells for lines in column for line in lines if len(cells := paper.cells(line)) > 1]
        values = Counter(round(cells[1][0].left) for cells in rows)
        labels = Counter(round(cells[0][0].left) for cells in rows)
        often = [left for left, n in labels.items() if n >= max(labels.values()) / 20] if labels else [0]
        return cls(min(often) - 0.5, (values.most_common(1)[0][0] if values else 0) - 1.5)

    def fill(self, lines: Iterable[tuple[Word, ...]], cards: Cards) -> None:
        """Hand the rows of a column over."""
        for line in lines:
            label = paper.spoken([w for w in line if w.left < self.value])
            value = paper.spoken([w for w in line if w.left >= self.value])
            if not label:
                cards.more(value)
            elif not value and line[0].left < self.label - _TITLE + 0.5:
                cards.title(label)
            else:
                cards.row(label, value)
