"""Every text that the program can put before a reader of its pages, found in its source and its data.

A text is a constant or a formatted string that holds prose. Documentation is none, nor is what only the
authors of YAML files and the users of the command line meet (``ELSEWHERE``).
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import get_args

import generator
from generator import yaml
from generator.model import spoken, words
from generator.publish import labels
from generator.rules import packs
from generator.rules.facts import labels as fact_labels
from generator.rules.facts.table import facts
from generator.rules.rule import ABOUT_CARDS

ROOT = Path(generator.__file__).parent

ELSEWHERE = (
    *("archive", "cli", "fit", "followup", "auditing.py", "site.py", "resources.py"),  # commands only
    *("compare/audit.py", "compare/forms.py", "compare/report.py", "compare/show.py"),
    *("translate/report.py", "contrast/reference.py", "vendors/ge/container/session.py"),
    *("spec", "publish", "rules"),  # authors of YAML; what readers see of them is collected below
    *("contrast/svg.py", "timing/svg.py"),  # tables of words, see `messages`
    *("timing/encoding.py", "timing/gradient.py", "timing/ledger.py", "timing/overheads.py"),
    *("timing/planar.py", "timing/prepared.py", "timing/slices.py", "timing/turbo.py"),
    "timing/timeline.py",  # the sum of a time, as `examcard time` prints it
    "vendors/profile.py",
)  # fmt: skip
"""Rooms and modules whose texts are on no page; a new one is on the pages until it is named here."""

SAYS = ("rules/phrases.py", "rules/facts/card.py")
"""Modules inside a room of ``ELSEWHERE`` that do speak to readers."""

SILENT = frozenset({
    # YAML and keys that the program writes
    "# for the scan {} of the spec that `examcard read --yaml` writes of your file", "protocol: {}-changed",
    "extends: {}@{}", "  - set: {{}}", "    step: {}", "    when: {vendor: {}, field_strength: {} T}",
    '    source: "own choice: tried in the browser"', "# sheet: {}", "# warning: {}", '    set {} "{}"\n',
    "urn:x-examcard:canon-sheet:1", "{}{} for {}, examcard {}",
    # words of formats
    "GNU long name", "GNU long link", "pax header", "pax global header", "SRT.G-D101.Intravenous route",
    "xsd:anyType", "(namespace of applicationMode)", "primary key ({})", " not null", "{} reduction",
    "initial creation", "Initial creation", "Save by CopyProgramsPipeline", "instance of first structure",
    "syngo.MR.ExamDataFoundation.Data.EdfProgramLink, syngo.MR.ExamDataFoundation.Data",
    # labels of printouts
    "{}/{} (deg)", "ACQ voxel size", "Voxel size", "b-factor averages", "Total scan duration",
    # how an instruction begins that a reader knows again
    "Wait at least ",
    # codes and keys
    "gradcoil", "null", "ok",
})  # fmt: skip
"""Texts of the source that are none for people; a test holds that each is in the source still."""

SAME = frozenset({
    *("MP2RAGE", "SPAIR", "SPIR", "STIR", "Dixon", "AC-PC", "ADC", "FA", "minIP", "PSIR", "SWI"),
    *("mpr", "mip", "gadobutrol", "gadodiamide"),
})  # fmt: skip
"""Words that are the same in French."""

_DATA = {"of", "Field", "field", "compile", "Key", "Fact"}
"""Calls whose texts document a field or are the console's own words."""

_NAME = re.compile(r"[a-z]{2,}[ ,;:]+\(?[a-z]{2,}")
_PLACE = re.compile(r"\{[^{}]*\}")
_LITTLE = {"of", "to", "is", "no", "or", "as", "in", "on", "by", "at", "an", "be"}


def plain(text: str) -> str:
    """Return a text without the names of its places."""
    return _PLACE.sub("{}", text)


def everything() -> dict[str, str]:
    """Every text by its plain form, but those that are none for people."""
    found = {
        plain(text): text for text in (*templates(), *of_imports(), *of_settings(), *of_rules(), *of_words())
    }
    return {form: text for form, text in found.items() if form not in SILENT | SAME}


@cache
def templates() -> tuple[str, ...]:
    """Find the texts of the source; of a formatted string the form, with a name for each place."""
    return tuple(_templates())


def _templates() -> Iterator[str]:
    for path in sorted(ROOT.rglob("*.py")):
        where = path.relative_to(ROOT).as_posix()
        if where in SAYS or not any(where == one or where.startswith(f"{one}/") for one in ELSEWHERE):
            yield from of_module(where, ast.parse(path.read_text(encoding="utf-8")))


def of_module(where: str, tree: ast.Module) -> Iterator[str]:
    """Find the texts of a module."""
    silent = _silent(tree, vocabulary="printouts" in where)
    for node in ast.walk(tree):
        if id(node) in silent:
            continue
        if isinstance(node, ast.Call):
            yield from _settings(node)
        elif isinstance(node, ast.JoinedStr):
            text = form(node)
            if _speaks(text):
                yield text
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            shown = where.endswith("inspect.py") and node.value.replace(" ", "").isalpha()
            if (shown and node.value.islower()) or _is_prose(node.value):
                yield node.value


def _settings(call: ast.Call) -> Iterator[str]:
    """Names of settings that a clone brings along."""
    if getattr(call.func, "id", "") in ("Inherited", "Setting"):
        given = [*call.args[:1], *(one.value for one in call.keywords if one.arg == "what")]
        yield from (labels.label(str(one.value)) for one in given if isinstance(one, ast.Constant))


def _silent(tree: ast.Module, vocabulary: bool) -> set[int]:
    """Nodes that are documentation, words of a console, or parts of a formatted string."""
    found: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            found.add(id(node.value))
        elif isinstance(node, ast.JoinedStr):
            found |= {id(one) for one in node.values if isinstance(one, ast.Constant)}
        elif isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "_REGIONS":  # stems of words
            found |= {id(one) for one in ast.walk(node)}
        elif isinstance(node, ast.Call):
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            given = [*node.args, *(one.value for one in node.keywords)] if called in _DATA else []
            given += [one.value for one in node.keywords if one.arg == "printed"]
            given += [node.func.value] if called == "split" and isinstance(node.func, ast.Attribute) else []
            found |= {id(inner) for one in given for inner in ast.walk(one)}
    if vocabulary:  # tables of what printouts call a field
        said = {id(inner) for one in ast.walk(tree) if isinstance(one, (ast.FunctionDef, ast.Lambda))
                for inner in ast.walk(one)}  # fmt: skip
        found |= {id(node) for node in ast.walk(tree)} - said
    return found


def _speaks(text: str) -> bool:
    """Say whether a form holds words of its own, and is no markup."""
    own = re.sub(r"\{\w+\}", " ", text)
    known = [
        one
        for one in re.findall(r"(?<![\w<&\\/.-])[a-z]+(?![\w(/.-])", own)
        if len(one) > 2 or one in _LITTLE
    ]
    return bool(known) and " " in text.strip() and not _MARKUP.search(text)


_MARKUP = re.compile(r"</|/>|=\"|xsi:|xmlns|SELECT |\\s|\(\[")


def _is_prose(text: str) -> bool:
    return bool(_NAME.search(text)) and not _MARKUP.search(text) and "\n" not in text


def form(node: ast.JoinedStr) -> str:
    """Write a formatted string as an entry of a catalogue: its places by the last name in them."""
    parts, used = [], set[str]()
    for one in node.values:
        if isinstance(one, ast.Constant):
            parts.append(str(one.value))
            continue
        names = (
            re.findall(r"[a-z_]{2,}", ast.unparse(one.value)) if isinstance(one, ast.FormattedValue) else []
        )
        name = next((part.strip("_") for part in reversed(names) if part.strip("_")), "it")
        name = next(n for n in (name, *(f"{name}{i}" for i in range(2, 20))) if n not in used)
        used.add(name)
        parts.append(f"{{{name}}}")
    return "".join(parts)


def of_settings() -> Iterator[str]:
    """Name the settings that dialects list: what a clone brings along."""
    for found in pkgutil.walk_packages([str(ROOT / "vendors")], "generator.vendors."):
        module = importlib.import_module(found.name)
        for one in (*getattr(module, "SETTINGS", ()), *getattr(module, "STATES", ())):
            yield labels.label(one.what)


def of_imports() -> Iterator[str]:
    """Steps of imports and what hinders them."""
    for path in sorted((ROOT / "vendors").glob("*/import.yaml")):
        for acts in yaml.load(path).values():
            yield from (act["text"] for act in acts)


def of_rules() -> Iterator[str]:
    """Titles, consequences and remedies of the rules about cards, and the labels of their facts."""
    for rule in packs.every_rule():
        if rule.has_predicate and ABOUT_CARDS & set(rule.subjects):
            yield from filter(None, (rule.title, rule.consequence, rule.remedy))
    for name, fact in facts().items():
        if not fact_labels.whose(name)[1]:
            yield from (
                fact_labels.label(name),
                fact_labels.label(name, plural=True),
                fact_labels.entry(name),
            )
        # Those of renderers are names of dialects, which a test may add one to.
        words = () if name == "renderers" else fact.choices
        yield from (spoken.word(choice) for choice in words if str(choice).islower())
    yield from (spoken.word(name) for name in packs.settings_of(packs.load(packs.names())))
    yield from (*spoken.SPELLINGS.values(), *spoken.LINES.values())
    for table in (
        one for name, one in vars(fact_labels).items() if isinstance(one, dict) and name[1].isupper()
    ):
        for value in table.values():
            yield from value if isinstance(value, tuple) else (value,)


def of_words() -> Iterator[str]:
    """Words of the closed lists, as the pages write them."""
    for name, listed in vars(words).items():
        if name[0].isupper() and name != "Role":  # no page shows a role
            yield from (
                labels.word(one) for one in get_args(listed) if isinstance(one, str) and one.islower()
            )
