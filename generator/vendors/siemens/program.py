"""The program document: the chain of steps and what hangs on it.

Every step must be a key of all five maps, or the console shows an empty program.
Source: formats/siemens.md section 2.5.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from generator.vendors.siemens.graph import NO_ID, Node

_LINK = "syngo.MR.ExamDataFoundation.Data.EdfProgramLink, syngo.MR.ExamDataFoundation.Data"


def chain(document: dict[str, Any], steps: Sequence[Node]) -> dict[str, Any]:
    """Lay steps one after the other into a program document (plain objects).

    Parameters
    ----------
    document : dict
        The program as it was; its relations stay where both their steps stay, branches go.
    steps : sequence of Node
        Steps in exam order.
    """
    ids = [node.object_id for node in steps]
    links = [_link(one, other) for one, other in pairwise(ids)]
    relations = list(_relations(document, set(ids)))
    return {
        **document,
        "Conditions": {},
        "FirstStepId": ids[0] if ids else NO_ID,
        "LastStepId": ids[-1] if ids else NO_ID,
        "LinksFrom": {i: [link for link in links if link["SourceId"] == i] for i in sorted(ids)},
        "LinksTo": {i: [link for link in links if link["TargetId"] == i] for i in sorted(ids)},
        "Ranks": {i: {"Rank": ids.index(i), "StepId": i} for i in sorted(ids)},
        "RelationsFrom": {i: [r for r in relations if r.get("SourceId") == i] for i in sorted(ids)},
        "RelationsTo": {i: [r for r in relations if r.get("TargetId") == i] for i in sorted(ids)},
    }


def _link(source: str, target: str) -> dict[str, Any]:
    return {
        "$type": _LINK,
        "ConditionId": NO_ID,
        "SelectionId": NO_ID,
        "SourceId": source,
        "TargetId": target,
    }


def _relations(document: dict[str, Any], kept: set[str]) -> Iterable[dict[str, Any]]:
    for relations in (document.get("RelationsFrom") or {}).values():
        for relation in relations if isinstance(relations, list) else ():
            if {relation.get("SourceId"), relation.get("TargetId")} <= kept and relation.get(
                "Kind"
            ) != "SplitJoin":
                yield relation
