"""Signals as qmrpy computes them: phase graphs of spin-echo trains, steady states of gradient echoes.

Takes one JSON file with a list of cases; prints one number or list for each.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from qmrpy.epg import epg_gre, epg_se


def signal(case: dict[str, Any]) -> Any:
    """Simulate one case: ``train`` or ``flash``, with times in ms and angles in degrees."""
    values = dict(case)
    kind = values.pop("kind")
    if kind == "train":
        angles = values.pop("angles")
        return epg_se.tse(**values, etl=len(angles), refocus_angles_deg=angles).tolist()
    if kind == "ernst":
        return float(epg_gre.ernst_angle(**values))
    return float(epg_gre.flash_steady_state(**values))


if __name__ == "__main__":
    print(json.dumps([signal(case) for case in json.loads(Path(sys.argv[1]).read_text("utf-8"))]))
