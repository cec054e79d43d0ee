"""The decision for one situation: the exam of this visit, and the time to the next one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import Field

from generator.followup.situation import Known, Policy, Situation, contradictions, derived
from generator.followup.table import Bounds, Condition, Gadolinium, Reading, Row, Span, table
from generator.model.tree import Node

YEAR = 12


class Question(Node):
    """Something that a person has to answer; until then the answer keeps to the strictest case."""

    fact: str
    text: str
    readings: Mapping[str, Reading] = Field(default_factory=dict)
    conflicts: tuple[str, ...] = ()


class Cap(Node):
    """What one row allows for the time to the next exam.

    Attributes
    ----------
    certain : bool
        Whether every fact that the row hangs on is stated.
    begun : bool
        Whether its interval is kept already, or only from a later month of the treatment.
    """

    row: Row
    months: Span
    certain: bool
    begun: bool


class Session(Node):
    """The protocols of one session: the brain, and the spine after it."""

    protocol: str
    spine: str | None = None


class Decision(Node):
    """What a patient needs at this visit.

    Attributes
    ----------
    entry : Row
        Row that names the exam; ``protocol`` is ``None`` where the sources are silent.
    with_gadolinium : Session or None
        The session if an optional injection is given.
    months : tuple of float or None
        Earliest and latest month of the next exam, as all ``caps`` together allow.
    spine_due : tuple of float or None
        Earliest and latest month of the next exam of the whole spine.
    full : bool
        Whether the exam has the 3D T1, and is more than a screening.
    """

    entry: Row
    protocol: str | None = None
    spine: str | None = None
    with_gadolinium: Session | None = None
    gadolinium: Gadolinium
    full: bool = True
    months: Span | None = None
    caps: tuple[Cap, ...] = ()
    spine_row: Row | None = None
    spine_due: Span | None = None
    offers: tuple[Row, ...] = ()
    rewrites: tuple[Row, ...] = ()
    questions: tuple[Question, ...] = ()
    assumed: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether a person has to answer or decide something first."""
        return bool(self.questions) or self.gadolinium == "clinician"

    @property
    def rows(self) -> tuple[Row, ...]:
        """Every row that the answer rests on, each once."""
        spine = (self.spine_row,) if self.spine_row else ()
        found = (self.entry, *(cap.row for cap in self.caps), *spine, *self.offers, *self.rewrites)
        return tuple({row.id: row for row in found}.values())

    @property
    def sources(self) -> tuple[str, ...]:
        """Rules that the answer rests on."""
        return _unique(source for row in self.rows for source in row.sources)

    @property
    def conflicts(self) -> tuple[str, ...]:
        """Readings that the answer rests on."""
        asked = (name for question in self.questions for name in question.conflicts)
        return _unique([*(name for row in self.rows for name in row.conflicts), *asked])


def fits(when: Mapping[str, Condition], known: Situation) -> bool | None:
    """Say whether conditions hold; ``None`` if that hangs on a fact that nobody stated."""
    answers = [_holds(condition, getattr(known, fact)) for fact, condition in when.items()]
    return False if False in answers else None if None in answers else True


def _holds(condition: Condition, value: Any) -> bool | None:
    if value is None:
        return None
    if isinstance(condition, Bounds):
        return condition.holds(value)
    return value in condition if isinstance(condition, tuple) else bool(value == condition)


def decide(situation: Situation, policy: Policy | None = None) -> Decision:
    """Decide which exam a patient needs, and when the next one is due.

    Parameters
    ----------
    situation : Situation
        What is known; what is not stated is assumed only where ``situation.derived`` says so, and every
        assumption is named in the answer.
    policy : Policy, optional
        The site's choices.

    Returns
    -------
    Decision
        Never empty: it names a protocol or a question. A row that hangs on an open question counts, so that
        the interval is never longer than any cap that may apply.
    """
    policy = policy or Policy()
    known = derived(situation)
    asked = {fact: Question(fact=fact, text=text) for fact, text in contradictions(situation)}
    caps = tuple(sorted(_caps(known, policy, asked), key=lambda cap: cap.months[1]))
    entry = _exam(known, caps, asked)
    months = intersection(cap.months for cap in caps)
    decision = Decision(entry=entry, gadolinium=_gadolinium(entry, policy), months=months, caps=caps)
    decision = _session(decision, known)
    _ask_the_clinician(decision, asked)
    update = {
        "questions": tuple(asked.values()),
        "assumed": known.assumed,
        "silent": tuple(_silent(entry, known)),
    }
    return decision.model_copy(update=update)


def intersection(spans: Iterable[Span]) -> Span | None:
    """Return what all spans allow; where one ends before another begins, the one that ends first counts.

    A yearly exam that is due sooner for another reason is still at least yearly: the latest month is a cap,
    the earliest one is not.
    """
    every = list(spans)
    if not every:
        return None
    latest = min(high for _, high in every)
    return max(low for low, _ in every if low <= latest), latest


def _caps(known: Known, policy: Policy, asked: dict[str, Question]) -> Iterator[Cap]:
    for row in table().caps:
        fit = fits(row.when, known)
        if fit is False or (row.profile and row.profile not in policy.profiles):
            continue
        certain = bool(fit) if row.policy is None else bool(fit) and _is_chosen(row, policy, asked)
        if not fit and not _ask(row, known, asked):
            continue
        months, begun = _span(row, known, policy)
        if row.from_month is not None and known.treatment_months is None:
            _put(asked, "treatment_months", row)
            certain = False
        if fit or row.meanwhile:
            yield Cap(row=row, months=months, certain=certain, begun=begun)


def _ask(row: Row, known: Known, asked: dict[str, Question]) -> bool:
    """Ask for the facts that a row hangs on; return whether they can be asked for."""
    unknown = [
        fact for fact, condition in row.when.items() if _holds(condition, getattr(known, fact)) is None
    ]
    may_ask = row.ask if isinstance(row.ask, tuple) else tuple(table().questions) if row.ask else ()
    if not all(fact in may_ask for fact in unknown):
        return False
    for fact in unknown:
        _put(asked, fact, row)
    return True


def _put(asked: dict[str, Question], fact: str, row: Row) -> None:
    if fact not in asked:
        asked[fact] = Question(fact=fact, text=table().questions[fact], conflicts=row.conflicts)


def _is_chosen(row: Row, policy: Policy, asked: dict[str, Question]) -> bool:
    """Say whether the site has chosen how to read the row; ask if not."""
    if policy.jcv_low_index_policy != "ask":
        return True
    text = "The source can be read in two ways for this JC virus index; which reading does the site follow?"
    asked["jcv_low_index_policy"] = Question(
        fact="jcv_low_index_policy", text=text, readings=row.readings, conflicts=row.conflicts
    )
    return False


def _span(row: Row, known: Known, policy: Policy) -> tuple[Span, bool]:
    """Earliest and latest month that a row allows, and whether its interval is kept already."""
    if row.due:
        assert known.treatment_months is not None
        ahead = known.rebaseline_month - known.treatment_months
        return (ahead - 1, ahead + 1), True
    months = row.months
    if row.policy and policy.jcv_low_index_policy != "ask":
        months = row.readings[policy.jcv_low_index_policy].months
    assert months is not None
    wait = 0.0
    if row.from_month is not None and known.treatment_months is not None:
        wait = row.from_month - known.treatment_months
    return (max(months[0], wait), max(months[1], wait)), wait <= 0


def _exam(known: Known, caps: Iterable[Cap], asked: dict[str, Question]) -> Row:
    """Return the first row that fits, or that may fit; its question is asked then."""
    screening = _screening(caps)
    for row in table().exams:
        fit = fits(row.when, known)
        if fit is False:
            continue
        if row.yields and screening:
            return screening
        if fit or _ask(row, known, asked):
            return row
    raise AssertionError("the last rows of the table take every routine visit")


def _screening(caps: Iterable[Cap]) -> Row | None:
    """Return the surveillance that is certain and has begun."""
    return next(
        (cap.row for cap in caps if cap.row.yearly and cap.certain and cap.begun and _is_short(cap)), None
    )


def _is_short(cap: Cap) -> bool:
    """Say whether the reading that was chosen has the short protocol."""
    taken = [reading for reading in cap.row.readings.values() if reading.months == cap.months]
    return all(reading.protocol == cap.row.protocol for reading in taken)


def _gadolinium(entry: Row, policy: Policy) -> Gadolinium:
    if entry.gadolinium_policy and policy.rebaseline_gd == "optional":
        return "optional"
    return entry.gadolinium


def _session(decision: Decision, known: Known) -> Decision:
    """Name the protocols: brain, and spine after it; with one injection or none."""
    entry = decision.entry
    rewrites = tuple(row for row in table().rewrites if fits(row.when, known))
    gadolinium = decision.gadolinium
    for row in rewrites:
        if row.gadolinium == "clinician" or (gadolinium == "none" and not entry.yearly):
            gadolinium = row.gadolinium
    full = entry.yearly is None or _is_full(decision, known)
    plain = entry.yearly if entry.yearly and full else entry.protocol
    spine_row, due, spine_due = _spine(decision, known)
    offers = tuple(row for row in table().spine_offers if fits(row.when, known)) if entry.protocol else ()

    def session(name: str | None, enhanced: bool) -> Session | None:
        if name is None:
            return None
        for row in rewrites:
            name = row.cards.get(name, name)
        spine = spine_row if due else None
        chosen = (spine and (spine.protocol_with_gadolinium if enhanced else None)) or (
            spine and spine.protocol
        )
        return Session(protocol=name, spine=chosen or None)

    enhanced = session(entry.protocol_with_gadolinium, True)
    today = enhanced if gadolinium == "give" else session(plain, False)
    return decision.model_copy(
        update={
            "protocol": today.protocol if today else None,
            "spine": today.spine if today else None,
            "with_gadolinium": enhanced if gadolinium == "optional" else None,
            "gadolinium": gadolinium,
            "full": full,
            "spine_row": spine_row,
            "spine_due": spine_due,
            "offers": offers,
            "rewrites": rewrites,
        }
    )


def _is_full(decision: Decision, known: Known) -> bool:
    """Say whether the exam once a year is due now, because the next one would be too late for it."""
    assert decision.months is not None
    return (known.months_since_full_exam or 0.0) + decision.months[1] > YEAR


def _spine(decision: Decision, known: Known) -> tuple[Row | None, bool, Span | None]:
    """Return the row of the spine, whether it is due in this session, and when the next one is."""
    row = next((row for row in table().spine if fits(row.when, known)), None)
    if row is None or row.months is None or decision.entry.protocol is None:
        return None, False, None
    interval, last = row.months[1], known.months_since_last_spine
    latest = decision.months[1] if decision.months else 0.0
    due = bool(known.spinal_symptoms) if last is None else last >= interval or last + latest > interval
    since = 0.0 if due or last is None else last
    return row, due, (0.0, interval - since)


def _silent(entry: Row, known: Known) -> Iterator[str]:
    named = [entry.silent] if entry.silent else []
    for about in [*named, *(row.about for row in table().silences if fits(row.when, known))]:
        yield f"the sources are silent on {about}"


def _ask_the_clinician(decision: Decision, asked: dict[str, Question]) -> None:
    about = decision.entry.silent
    if decision.protocol is None:
        text = f"The sources are silent on {about}: which exam, when, and with or without gadolinium?"
        asked["protocol"] = Question(fact="protocol", text=text)
    elif decision.months is None:
        text = "The sources give this patient no interval: when is the next exam?"
        asked["interval"] = Question(fact="interval", text=text)


def _unique(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))
