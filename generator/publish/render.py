"""Templates to text: one Jinja environment a language, made once a process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from itertools import groupby
from typing import TYPE_CHECKING, Any

from generator import resources
from generator.publish import labels
from generator.publish.console import recalls
from generator.publish.importing import import_of
from generator.publish.locale import translations
from generator.publish.voice import Voice, voice
from generator.vendors.profile import profile

if TYPE_CHECKING:
    from gettext import NullTranslations

    from jinja2 import Environment
    from markupsafe import Markup


ASSETS = ("site.css", "site.js")


def assets() -> dict[str, bytes]:
    """Style and script of the pages, each under a name made of its content; old pages keep theirs."""
    return {asset(name): resources.templates("site", name).read_bytes() for name in ASSETS}


@cache
def asset(name: str) -> str:
    """Address of an asset, such as ``assets/site-1a2b3c4d.css``."""
    stem, _, kind = name.partition(".")
    digest = sha256(resources.templates("site", name).read_bytes()).hexdigest()
    return f"assets/{stem}-{digest[:8]}.{kind}"


def page(language: str, languages: Sequence[str]) -> str:
    """File name of a page in a language: the first language has the plain one."""
    return "index.html" if language == languages[0] else f"index.{language}.html"


def vendor_title(vendor: str) -> str:
    """Name of a maker as it calls itself."""
    return profile(vendor).title


def scanner_title(target: Mapping[str, Any], releases: Sequence[str], speaker: Voice) -> str:
    """Name scanners of one kind: maker, field strength, model, and the releases of their software."""
    parts = (vendor_title(target["vendor"]), f"{speaker.number(target['field_strength'])} T", target["model"])
    return " ".join([part for part in (*parts, ", ".join(releases)) if part])


def feed_id(site: Mapping[str, Any], *parts: str) -> str:
    """Lasting name of the feed or of one of its entries; it depends on no address."""
    return ":".join(("urn:examcard", site["id"], *parts))


def _tongue(language: str) -> str:
    return voice(language).setting("name of this language", "English")


_GROUPS_KEPT = 4_000
_GLOBALS = {
    "asset": asset,
    "page": page,
    "feed_id": feed_id,
    "tongue": _tongue,
    "labels": labels,
}


@cache
def environment(language: str) -> Environment:
    """Return the environment of a language; everything is escaped, everything must be defined."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader([resources.templates(name) for name in ("site", "sheets", "app")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    texts = translations(language)
    made.install_gettext_callables(texts.gettext, texts.ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.globals |= dict.fromkeys(("_", "gettext"), _gettext(texts))
    speaker = voice(language)
    made.globals |= {"v": speaker, "language": language, **_GLOBALS}
    made.filters |= {
        "number": speaker.number,
        "clock": speaker.clock,
        "size": speaker.size,
        "day": speaker.day,
    }
    # Jinja calls a filter several times as fast as a function, and tables have thousands of cells.
    made.filters |= {"say": speaker.say, "label": speaker.label, "shown": speaker.shown}
    made.filters |= {"entered": speaker.entered, "foreign": _foreign(speaker)}
    made.filters |= {"scanners_title": lambda target, releases: scanner_title(target, releases, speaker)}
    made.filters |= {"groupby_step": _by_step, "of_vendor": _of_vendor}
    made.filters |= {"vendor_title": vendor_title, "lines": _lines(made), "recalls": recalls}
    made.filters |= {"import_of": import_of}
    return made


def _gettext(texts: NullTranslations) -> Callable[..., Markup]:
    """Make the function that translates a text of a template; Jinja's own looks each up anew."""
    from markupsafe import Markup

    plain = cache(lambda text: Markup(texts.gettext(text)))
    whole = cache(lambda text: plain(text) % {})
    return lambda text, /, **places: plain(text) % places if places else whole(text)


def _by_step(changes: Iterable[Any]) -> list[tuple[Any, list[Any]]]:
    """Changes of one step after the other; a filter of Jinja would sort them."""
    return [(step, list(found)) for step, found in groupby(changes, lambda one: (one.kind, one.name))]


def _of_vendor(
    changes: Iterable[Mapping[str, Any]], cards: Iterable[Mapping[str, Any]], vendor: str
) -> list[Any]:
    """Changes that are one on a card of a maker."""
    own = {card["slug"] for card in cards if card["target"]["vendor"] == vendor}
    return [one for one in changes if not own.isdisjoint(one["targets"])]


def _foreign(speaker: Voice) -> Callable[[str], str]:
    """Make the filter for a text that a catalogue may lack: then it is English, and says so."""
    from markupsafe import Markup, escape

    def shown(text: str) -> str:
        said = escape(speaker.say(text))
        return said if speaker.knows(text) else Markup('<span lang="en">{}</span>').format(text)

    return shown


def _lines(made: Environment) -> Callable[[Any, str], str]:
    """Make the filter that renders a card of the console, which scans and scanners share, only once."""
    known: dict[str, str] = {}

    def rendered(rows: Any, title: str) -> str:
        key = repr((title, rows))
        if key not in known:
            if len(known) == _GROUPS_KEPT:
                known.clear()
            module: Any = made.get_template("values.html.j2").module
            known[key] = module.values(title, rows)
        return known[key]

    return rendered


def render(template: str, language: str, **values: Any) -> str:
    """Render a template.

    Parameters
    ----------
    template : str
        Name below ``templates/site`` or ``templates/sheets``.
    """
    return environment(language).get_template(template).render(**values)
