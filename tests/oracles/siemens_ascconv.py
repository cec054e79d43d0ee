"""Members of protocol texts as twixtools (the whole text) and nibabel (the block alone) read them.

nibabel gets the block without array declarations, which it does not know (siemens.md section 8).
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from nibabel.nicom.ascconv import parse_ascconv
from twixtools.twixprot import parse_buffer


def with_nibabel(text: str) -> dict[str, Any]:
    block = re.search(r"### ASCCONV BEGIN.*### ASCCONV END ###", text, re.DOTALL)
    assert block is not None
    lines = [line for line in block[0].splitlines() if "__attribute__" not in line]
    return parse_ascconv("\n".join(lines) + "\n", '"')[0]


def read(path: str) -> dict[str, Any]:
    text = Path(path).read_text(encoding="latin-1").replace("\r\n", "\n")
    return {"twixtools": parse_buffer(text), "nibabel": with_nibabel(text)}


if __name__ == "__main__":
    print(json.dumps({path: read(path) for path in sys.argv[1:]}, default=str))
