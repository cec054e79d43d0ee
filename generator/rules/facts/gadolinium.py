"""Facts of gadolinium: which agent, how much of it, and what follows the injection."""

from __future__ import annotations

from collections.abc import Sequence

from generator.model.agent import Agent
from generator.model.tree import Acquisition, Contrast, Step
from generator.rules.facts.table import declare, derived
from generator.rules.facts.view import Facts, Unstated
from generator.spec.agents import find_agent
from generator.timing.steps import POST_CONTRAST_T1

_MAY_SHOW_IT = (*POST_CONTRAST_T1, "other", None)
"""Roles of scans after an injection that can be those it is given for; a vendor file states none."""

declare("injections", "card", int, "number of gadolinium injections in the session")
declare("total_dose", "card", float, "dose of all injections together", unit="mmol/kg")
declare("scans_after_injection", "card", int, "scans after the last injection that may show the agent")
declare("after_injection", "step", bool, "whether an injection comes before this scan")
declare(
    "gadolinium_choices",
    "program",
    str,
    "what the shipped cards offer where gadolinium is optional",
    many=True,
    choices=("give", "none"),
)


def session_facts(steps: Sequence[Step]) -> dict[str, int | float]:
    """Count what is injected over the steps of a card, or of all cards of a session; optional ones too."""
    places = [index for index, step in enumerate(steps) if isinstance(step, Contrast)]
    if not places:
        return {"injections": 0}
    after = [step for step in steps[places[-1] :] if isinstance(step, Acquisition)]
    found: dict[str, int | float] = {
        "injections": len(places),
        "scans_after_injection": sum(step.role in _MAY_SHOW_IT for step in after),
    }
    doses = [Facts(dict(steps[index])).get("given_dose") for index in places]
    return found if None in doses else {**found, "total_dose": sum(doses)}


def _agent(facts: Facts) -> Agent:
    found = find_agent(str(facts["agent"]))
    if found is None:
        raise Unstated("agent_class")  # a name that is in no list says nothing of the agent
    return found


@derived("step", str, choices=("macrocyclic", "linear"), of="agent")
def agent_class(facts: Facts) -> str:
    """Structure of the gadolinium agent; not known for a name that no list has."""
    return _agent(facts).structure


@derived("step", float, unit="mmol/kg", of="agent")
def label_dose(facts: Facts) -> float:
    """Dose of the agent's label; 0.1 mmol/kg where no agent is stated."""
    return 0.1 if facts.get("agent") is None else _agent(facts).dose


@derived("step", float, unit="mmol/kg", of="volume")
def dose_of_volume(facts: Facts) -> float:
    """Volume times concentration, that of the agent where none is stated."""
    stated = facts.get("concentration")
    return float(facts["volume"] * (_agent(facts).concentration if stated is None else stated))


@derived("step", float, unit="mmol/kg", of=("dose", "volume"))
def given_dose(facts: Facts) -> float:
    """Dose that is given: as stated, or by the volume."""
    if facts.get("volume") is None:
        return float(facts["dose"])
    stated = facts.get("dose")
    return float(facts["dose_of_volume"] if stated is None else stated)
