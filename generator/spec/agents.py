"""The file of contrast agents: YAML to :class:`generator.model.agent.Agent`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from generator import resources
from generator.model import units
from generator.model.agent import Agent
from generator.model.fields import field_table
from generator.spec.mappings import Citations, Layout, check_keys, read_citations, read_fields
from generator.spec.nodes import MappingNode, SequenceNode, compose
from generator.spec.source import Report, raise_all, read_source

FILE = ("agents", "agents.yaml")


def load_agents(path: Path) -> tuple[Agent, ...]:
    """Read a file of agents.

    Raises
    ------
    SourceErrors
        Everything that is wrong with the file.
    UnusableInput
        If the file cannot be opened.
    """
    report = Report(read_source(path))
    root = compose(report.source, report)
    listed = root.entries.get("agents") if isinstance(root, MappingNode) else None
    if root is not None and not isinstance(listed, SequenceNode):
        report.error("wrong-shape", "a file of agents has a list", root.position, expected="agents: [...]")
    items = listed.items if isinstance(listed, SequenceNode) else ()
    found = [_agent(item, report) for item in items if isinstance(item, MappingNode)]
    raise_all(report.found)
    return tuple(agent for agent in found if agent)


def _agent(node: MappingNode, report: Report) -> Agent | None:
    form = Layout(Agent, field_table(Agent), ("source", "sources"))
    check_keys(node, form.keys, report)
    fields = read_fields(node, form, report, read_citations(node, [node], form, report, Citations()))
    missing = [name for name, spec in form.fields.items() if spec.required and name not in fields]
    for name in (*missing, *(() if "source" in node.entries else ("source",))):
        report.error("missing-key", f"the agent has no {name!r}", node.position)
    return None if missing else Agent(**{name: given.value for name, given in fields.items()})


@cache
def agents() -> tuple[Agent, ...]:
    """Return the shipped agents."""
    return load_agents(resources.specs(*FILE))


def find_agent(name: str) -> Agent | None:
    """Find an agent by the name of its substance or a trade name; ``None`` if none is called so."""
    return next((agent for agent in agents() if agent.is_called(name)), None)


def as_dose(text: str) -> str | None:
    """Say which dose a volume is, for each concentration that is sold.

    Parameters
    ----------
    text : str
        What was written for a dose.

    Returns
    -------
    str or None
        ``None`` if it is no volume per body weight.
    """
    try:
        volume = units.parse(text, "ml/kg")
    except units.UnitError:
        return None
    sold: dict[float, list[str]] = {}
    for agent in agents():
        if agent.structure == "macrocyclic":
            sold.setdefault(agent.concentration, []).append(agent.substance)
    amounts = "; ".join(
        f"{volume * one:g} mmol/kg of {', '.join(names)} ({one:g} mmol/ml)" for one, names in sold.items()
    )
    return f"the amount, by the concentration: {text} is {amounts}. Or volume: {text} beside the agent"
