"""What an export could not carry: the pairs that were written are read back and compared with the spec.

So no field can be dropped in silence: whatever does not come back as it was wanted becomes a loss, with
the reason that the encoder left or, without one, that there is no key for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from generator.model.fields import field_table
from generator.model.tree import Acquisition
from generator.vendors.dialect import Losses
from generator.vendors.ge import facts
from generator.vendors.ge.fields.series import Draft

# Fields that say what a scan is for, not how it is scanned; and those that travel outside the pairs.
_NOT_COMPARED = {
    "kind",
    "name",
    "definition",
    "role",
    "optional",
    "vendor",
    "acquisition_duration",
    "instruction",
}
_NO_KEY = "LxProtocol has no key for it"

OFF: Mapping[str, Any] = {
    "partial_fourier_phase": 1.0,
    "partial_fourier_slice": 1.0,
    "elliptical_scanning": False,
    "phase_oversampling": 0.0,
    "parallel_reduction_factor_out_of_plane": 1.0,
    "concatenations": 1,
    "number_of_volumes_discarded_by_scanner": 0,
}
"""What a series does that says nothing of it: wanted so, it is no loss. A loss with a doubt or for sequences
that do otherwise (EPI and single-shot trains are partial) stays one."""


def report(draft: Draft, back: Mapping[str, Any], losses: Losses) -> None:
    """File a loss for every stated field that does not come back unchanged.

    Parameters
    ----------
    draft : Draft
        What the encoder wrote for a scan, with its reasons and doubts.
    back : mapping
        Fields read back from what was written.
    """
    scan, family = draft.scan, draft.family
    if family.placeholder:
        losses.unsupported("technique", scan.technique, family.assumed)
    elif family.assumed:
        losses.approximated("technique", scan.technique, back.get("technique"), family.assumed)
    for name in field_table(Acquisition):
        wanted = getattr(scan, name)
        if wanted is None or name in _NOT_COMPARED or (name == "technique" and family.assumed):
            continue
        if name in facts.AS_NOTE:
            losses.approximated(
                name, wanted, wanted, "written as a note for the operator; GE has no key for it"
            )
        else:
            _compare(name, wanted, back.get(name), draft, losses)


def _compare(name: str, wanted: Any, got: Any, draft: Draft, losses: Losses) -> None:
    doubt = draft.doubts.get(name)
    reason = draft.why.get(name) or doubt
    if equal(wanted, got):
        if doubt:
            losses.approximated(name, wanted, got, doubt)
    elif got is None and name in OFF and OFF[name] == wanted and name not in draft.partial:
        return
    elif got is None:
        losses.unsupported(name, wanted, reason or _NO_KEY)
    elif near(wanted, got) or name in draft.same:
        losses.rounded(name, wanted, got, reason or "rounded to the digits that GE writes")
    else:
        losses.approximated(name, wanted, got, reason or "GE writes what is nearest to it")


def equal(wanted: Any, got: Any) -> bool:
    """Whether two values are the same but for binary noise."""
    if isinstance(wanted, tuple) and isinstance(got, tuple):
        return len(wanted) == len(got) and all(map(equal, wanted, got))
    if _is_number(wanted) and _is_number(got):
        return bool(abs(wanted - got) <= 1e-6 * max(1.0, abs(wanted)))
    return bool(wanted == got)


def near(wanted: Any, got: Any) -> bool:
    """Whether two values differ by no more than the raster of a console may explain (5 %)."""
    if isinstance(wanted, tuple) and isinstance(got, tuple):
        return len(wanted) == len(got) and all(map(near, wanted, got))
    if _is_number(wanted) and _is_number(got):
        return bool(abs(wanted - got) <= 0.05 * abs(wanted))
    return bool(wanted == got)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
