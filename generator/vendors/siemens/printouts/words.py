"""What consoles print, in three languages, and the words of this program for it. Data only.

A label names a parameter whatever the release and the language. English: the printouts of the corpus, VB17
to XA61. German: one protocol printed in both languages, VE11C. French: VB17 (formats/console_words.json).
What follows ``|`` is from memory, for releases without a printout at hand; a label that stands in no table
stays unread.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from unicodedata import normalize

from generator.text import bounded

_BLANKS = re.compile(r"[\s.\-_'\u00ad\u2010-\u2015\u2019]+")
_MARKS = "!?* "
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?")


def fold(label: str) -> str:
    """A label as the tables know it: releases and languages differ in capitals, blanks, dots and hyphens."""
    return _BLANKS.sub("", normalize("NFC", label).strip(_MARKS)).casefold()


def number(text: str | None) -> float | None:
    """Return the first number of a printed value; its decimals stand behind a point or a comma."""
    match = _NUMBER.search(text or "")
    return bounded(match[0].replace(",", ".")) if match else None


def whole(value: float | None) -> int | None:
    """Return a whole number above zero, or ``None``."""
    return int(value) if value is not None and value == int(value) and value > 0 else None


def canonical(text: str | None) -> str:
    """A printed value in lower case, its words in English."""
    spoken = normalize("NFC", text or "").strip(_MARKS).casefold()
    return VALUES.get(spoken, spoken)


def _by_printed(printed: Mapping[str, str]) -> dict[str, str]:
    """Turn a word and what is printed for it round."""
    return {text: word for word, texts in printed.items() for text in texts.split("; ")}


LABELS: Mapping[str, tuple[str, ...]] = {
    name: tuple(dict.fromkeys(fold(label.removeprefix("|")) for label in labels.split("; ")))
    for name, labels in {
        "tr": "TR",
        "te": "TE",
        "ti": "TI",
        "preparation": "Magn. preparation; Magn. Präparation; Préparation aim.; | Préparation magn.",
        "flip": "Flip angle; Flipwinkel; Angle de basc.; | Kippwinkel; | Angle de bascule",
        "averages": "Averages; Mittelungen; Nb. d'excitations; | Moyennes",
        "concatenations": "Concatenations; Verknüpfungen; Concaténations",
        "measurements": "Measurements; Messungen; Répétitions; | Mesures",
        "fov_read": "FoV read; FoV Auslese; FoV lecture; FoV; | FOV lecture; | Lecture FOV",
        "fov_phase": "FoV phase; Phase FoV; | FOV phase; | Phase du FOV",
        "thickness": (
            "Slice thickness; Schichtdicke; Epaiss. coupe; | Epaisseur de coupe; | Épaisseur de coupe"
        ),
        "distance": "Dist. factor; Distance factor; Distanzfaktor; Fac. distance; | Facteur de distance",
        "slices": "Slices; Schichten; Coupes",
        "slabs": "Slabs; 3D-Blöcke; Volumes",
        "per_slab": (
            "Slices per slab; Schichten im 3D-Block; Coupes par volume; | Schichten pro 3D-Block; "
            "| Coupes par bloc; | Coupes par slab"
        ),
        "groups": "Nr. of slice groups; Nr. of slab groups",
        "group": (
            "Slice group; Slab group; Schichtgruppe; 3D-Block-Gruppe; | Groupe de coupes; | Groupe de blocs"
        ),
        "position": "Position",
        "dimension": "Dimension",
        "base": "Base resolution; Basis-Auflösung; Résolution base; | Résolution de base",
        "phase_resolution": "Phase resolution; Phasen-Auflösung; Résolution phase; | Résolution de phase",
        "slice_resolution": "Slice resolution; Schicht-Auflösung; Résolution coupes; | Résolution de coupe",
        "phase_oversampling": (
            "Phase oversampling; Phasen-Oversampling; Suréchantil. phase; | Suréchantillonnage de phase; "
            "| Suréchantillonnage phase"
        ),
        "slice_oversampling": (
            "Slice oversampling; Schicht-Oversampling; Suréchantillonnage coupe; "
            "| Suréchantillonnage de coupe"
        ),
        "pf_phase": (
            "Phase partial Fourier; Phasen Partial Fourier; Phase Fourier partiel; | Fourier partiel phase; "
            "| Fourier partiel de phase"
        ),
        "pf_slice": (
            "Slice partial Fourier; Schicht Partial Fourier; Coupe Fourier partiel; | Fourier partiel coupe; "
            "| Fourier partiel de coupe"
        ),
        "bandwidth": "Bandwidth; Bandbreite; Largeur de bande; | Bande passante",
        "pat": (
            "PAT mode; Acceleration mode; PAT Modus; Mode PAT; | Beschleunigungsmodus; | Mode d'accélération"
        ),
        "accel_mode": "Accel. mode; Beschl. Modus",
        "accel_pe": (
            "Accel. factor PE; Acceleration factor PE; Beschl. Faktor PE; Facteur d'accél. PE; "
            "Facteur accél. PE; | Beschleunigungsfaktor PE; | Facteur d'accélération PE"
        ),
        "accel_3d": (
            "Accel. factor 3D; Acceleration factor 3D; Beschl. Faktor 3D; Facteur accél. 3D; "
            "| Beschleunigungsfaktor 3D; | Facteur d'accélération 3D"
        ),
        "total_factor": "Total factor; | Gesamtfaktor; | Facteur total",
        "ref_lines": (
            "Ref. lines PE; Reference lines PE; Ref. Zeilen PE; Lignes réf. PE; | Referenzzeilen PE; "
            "| Lignes de référence PE"
        ),
        "ref_lines_3d": (
            "Ref. lines 3D; Reference lines 3D; Ref. Zeilen 3D; Lignes réf. 3D; | Referenzzeilen 3D; "
            "| Lignes de référence 3D"
        ),
        "ref_scan": (
            "Reference scan mode; Reference scans; Referenzmessungsm.; Mode scan de référence; "
            "| Referenzscans; | Referenzmessungen; | Scans de référence"
        ),
        "sms": (
            "SMS factor; Slice accel. factor; Accel. factor slice; Beschl. Fak. Schicht; | SMS-Faktor; "
            "| Facteur SMS"
        ),
        "turbo": "Turbo factor; Turbo Faktor; Facteur Turbo",
        "epi": "EPI factor; EPI Faktor; Facteur EPI",
        "echo_spacing": "Echo spacing; Echoabstand; Ecart écho; | Espacement des échos",
        "train_duration": "Echo train duration; Echozugdauer",
        "fat": (
            "Fat suppr.; Fat-water contrast; Fettunterdr.; Suppression graisse; | Fett-Wasser-Kontrast; "
            "| Contraste graisse-eau"
        ),
        "orientation": "Orientation; Orientierung",
        "phase_direction": (
            "Phase enc. dir.; Phase encoding dir.; Phasenkod.-Richt.; Dir. codage phase; "
            "| Phasenkodierricht.; | Phasenkodierrichtung; | Phasenkodier-Richt.; | Direction codage phase; "
            "| Direction de codage de phase"
        ),
        "elliptical": (
            "Elliptical scanning; Elliptische Abtastung; Scanning elliptique; | Acquisition elliptique"
        ),
        "mtc": "MTC",
        "swi": "SWI",
        "segments": "Segments; Segmente",
        "bands": "Nr. of sat. regions",
        "band": "Sat. region; Saturation region; Sättigungsregion",
        "special_band": "Special sat.; Special saturation; Spez. Sättiger; Spécial sat.",
        "excitation": "Excitation; Anregung",
        "series": "Series; Serie; Série",
        "flow": (
            "Flow comp.; Flow compensation; Flow comp. 1; Flusskomp.; Flusskomp. 1; Comp. flux; "
            "| Flusskompensation; | Compensation de flux"
        ),
        "distortion": (
            "Distortion corr.; Distortion correction; Verzeichn. Korr.; Corr. Distortion; "
            "| Verzeichnungskorrektur; | Correction de distorsion"
        ),
        "mode": "Mode; Modus",
        "prescan": "Prescan normalize; Prescan Normalisierung; Pré-acq. normalisée",
        "normalize": "Normalize; | Normalisieren; | Normaliser",
        "interpolation": "Interpolation",
        "gradient_mode": (
            "Gradient mode; Gradientenmodus; Mode gradients; | Mode de gradient; | Mode gradient"
        ),
        "pulse": "RF pulse type; HF-Puls-Typ; Type impulsion RF; | Type d'impulsion RF",
        "diffusion": "Diffusion mode; Diffusionsmodus; Mode diffusion",
        "readout_segments": "Readout segments",
        "deep": "Deep Resolve",
        "table": "Table position; Tischposition",
        "signal": "1st Signal/Mode; 1.Signal/Modus; | 1. Signal/Modus; | 1er Signal/Mode",
        "breathing": "Resp. control; Atemkontrolle; | Contrôle resp.",
        "weightings": "Diff. weightings; Diffusions-Wichtungen",
        "directions": "Diff. directions; Diff.-Richtungen; Directions diff.",
        "b_value": "b-value; b-Wert; Valeur b",
        "sequence": "Sequence name; | Sequenzname; | Nom de la séquence; | Nom de séquence",
        "trajectory": "Trajectory; Trajektorie",
        "frequency": "Frequency 1H; Frequenz 1H; Fréquence 1H",
    }.items()
}
"""Labels of each parameter, English first. Numbers follow some: ``TE 1``, ``b-value 2``."""

VALUES: Mapping[str, str] = _by_printed(
    {
        "on": "ein; activé",
        "off": "aus; désactivé",
        "none": "keine; kein; keiner; néant",
        "no": "nein; non",
        "yes": "ja; oui",
        "allowed": "erlaubt; permis",
        "integrated": "integriert; intégré",
        "cartesian": "kartesisch; cartésien; cartésienne",
        "fat sat.": "fettsättig.; sat. graisse; saturation graisse",
        "water excit. normal": "wasseranreg. normal; excit. eau normale",
        "water excit. fast": "wasseranreg. schnell; excit. eau rapide",
        "breath-hold": "atemanhalten",
        "ascending": "aufsteigend; ascendant",
        "descending": "absteigend; descendant",
        "interleaved": "verschachtelt; entrelacé",
        "free": "frei",
        "separate": "séparé",
        "fat saturation": "fettsättigung",
        "water excitation": "wasseranregung",
    }
)
"""Printed words, lower case, in English."""

WORDS: Mapping[str, Mapping[str, Any]] = {
    "fat_suppression": _by_printed(
        {
            "none": "none; standard",
            "fat_saturation": "fat sat.; fat saturation; quick fat sat.; fast fat saturation",
            "spair": "spair",
            "water_excitation": (
                "water excit.; water excitation; water excit. normal; water excit. fast; "
                "fast water excitation"
            ),
            "dixon": "dixon; fast dixon",
        }
    ),
    "readout": {word: word for word in ("cartesian", "radial")},
    "breath_hold": {"off": False, "breath-hold": True},
    "slice_order": {word: word for word in ("ascending", "descending", "interleaved")},
    "flow_compensation": {
        "no": "none",
        "none": "none",
        "yes": "yes",
        "on": "yes",
        "read": "readout",
        "slice": "slice",
        "slice/read": "all",
    },
    "distortion_correction": {"off": "none", "2d": "2D", "3d": "3D"},
    "diffusion_scheme": {
        "mddw": "vendor",
        "3d diagonal": "diagonal",
        "diagonal": "diagonal",
        "3-scan trace": "trace_3",
        "4-scan trace": "trace_4",
        "free": "free",
    },
}
"""Words of the neutral lists for printed ones, lower case and English."""

TECHNIQUES: Mapping[str, str] = _by_printed(
    {
        "gradient_echo": "fl",
        "susceptibility_weighted": "swi; qswi",
        "field_map": "fm",
        "magnetization_prepared_gradient_echo": "tfl",
        "turbo_spin_echo": "tse; tir; spc; spcir; spcdir",
        "single_shot_turbo_spin_echo": "h",
        "echo_planar_diffusion": "epse; ezse; resolve",
        "echo_planar_bold": "epfid",
        "arterial_spin_labelling": "tgse",
        "spin_echo": "se",
        "multi_echo_gradient_echo": "me",
    }
)
"""Names of the sequences as VD to XA print them, without what follows in capitals or behind an underscore."""

FIELD_STRENGTHS: Mapping[str, float] = {
    **dict.fromkeys(("trio", "verio", "skyra", "prisma", "vida", "lumina", "spectra", "cima.x", "mmr"), 3.0),
    **dict.fromkeys(("avanto", "espree", "aera", "symphony", "essenza", "amira", "sola", "altea"), 1.5),
    "free.max": 0.55,
    "terra": 7.0,
}
"""Field strength of a scanner by a word of its name, where the printout says no more."""
