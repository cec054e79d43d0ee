"""How a publication is cited: ``CITATION.cff``, and metadata for a deposit at Zenodo or DataCite."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from generator.publish.record import json_bytes
from generator.publish.state import State


def files(facts: Mapping[str, Any], state: State) -> dict[str, bytes]:
    """Write the files; an author is a person if one is named, else the network.

    Parameters
    ----------
    facts : mapping
        ``title``, ``network``, ``author``, ``licence``, ``address`` of the publication.
    state : State
        Its number and date are the version.
    """
    return {
        "CITATION.cff": _citation(facts, state).encode(),
        "zenodo.json": json_bytes(_zenodo(facts, state)),
        "datacite.json": json_bytes(_datacite(facts, state)),
    }


def _citation(facts: Mapping[str, Any], state: State) -> str:
    """In the Citation File Format 1.2.0; a text in JSON quotes is one of YAML too."""
    fields = {
        "title": facts["title"],
        "version": str(state.number),
        "date-released": state.date,
        "url": facts["address"],
        "abstract": f"Exam cards for magnetic resonance imaging. Licence: {facts['licence']}",
    }
    lines = [
        "cff-version: 1.2.0",
        "message: If you use these exam cards, please cite them as below.",
        "type: dataset",
    ]
    lines += [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items() if value]
    lines += ["authors:"]
    names = [name for name in (facts["author"], facts["network"]) if name]
    lines += [f"  - name: {json.dumps(name, ensure_ascii=False)}" for name in names]
    return "\n".join(lines) + "\n"


def _zenodo(facts: Mapping[str, Any], state: State) -> dict[str, Any]:
    """Metadata of a deposit at Zenodo, by its REST interface."""
    return {
        "title": facts["title"],
        "upload_type": "dataset",
        "description": f"Exam cards for magnetic resonance imaging. Licence: {facts['licence']}",
        "creators": [{"name": facts["author"] or facts["network"], "affiliation": facts["network"]}],
        "version": str(state.number),
        "publication_date": state.date,
        "keywords": ["magnetic resonance imaging", "exam card", "acquisition protocol"],
    }


def _datacite(facts: Mapping[str, Any], state: State) -> dict[str, Any]:
    """Metadata by the schema of DataCite 4; the identifier is the registry's to give."""
    return {
        "creators": [{"name": facts["author"] or facts["network"]}],
        "titles": [{"title": facts["title"]}],
        "publisher": {"name": facts["network"]},
        "publicationYear": state.date[:4],
        "types": {"resourceType": "exam cards", "resourceTypeGeneral": "Dataset"},
        "version": str(state.number),
        "dates": [{"date": state.date, "dateType": "Issued"}],
        "rightsList": [{"rights": facts["licence"]}],
        "schemaVersion": "http://datacite.org/schema/kernel-4",
    }
