"""A scan shows the same contrast on every scanner.

What it checks
--------------
The signal ratio of the two tissues that a role is read for, as simulated, against that of the same scan made
for another scanner of the same field. They may differ by the share that ``specs/contrast.yaml`` states for
the role.

Why
---
Consoles print different numbers for the same contrast: 392 ms on one and 120 ms on another are the same
T2 weight of a 3D FLAIR. Follow-up compares lesions, not numbers.

Example
-------
A FLAIR that shows a lesion 1.2 times as bright as white matter on one scanner and 1.5 times on the other.

Use instead
-----------
Times of the same weight; `examcard contrast` shows them side by side.

Source
------
Own limits, from what the uncertainty of a lesion's T1 and T2 makes of the same ratio.
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.contrast import roles
from generator.rules.facts.view import Facts
from generator.rules.language import Comparison, Reference
from generator.rules.operators import RELATIONS, Near


def check(facts: Facts) -> Iterator[Comparison]:
    """Compare the contrast of a scan with that of its counterpart on another scanner."""
    role = roles.role(facts.get("role"))
    if role is None:
        return
    own, limit = facts["role_contrast"], Near(facts["other_role_contrast"], percent=100 * role.spread)
    holds = RELATIONS["near"].holds(own, limit)
    yield Comparison(
        "role_contrast", None, "near", own, limit, holds, against=Reference("other_role_contrast")
    )
