"""What consoles print, in three languages, and the words of this program for it. Data only.

A label names a parameter whatever the release and the language. English: the printouts of the corpus, VB17
to XA61. German: one protocol printed in both languages, VE11C. French: VB17 (formats/console_words.json). A
label that stands in no table stays unread.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from generator.text import bounded

_BLANKS = re.compile(r"[\s.\-_\u00ad\u2010-\u2015]+")
_MARKS = "!?* "
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?")


def fold(label: str) -> str:
    """A label as the tables know it: releases and languages differ in capitals, blanks, dots and hyphens."""
    return _BLANKS.sub("", label.strip(_MARKS)).casefold()


def number(text: str | None) -> float | None:
    """Return the first number of a printed value; its decimals stand behind a point or a comma."""
    match = _NUMBER.search(text or "")
    return bounded(match[0].replace(",", ".")) if match else None


def canonical(text: str | None) -> str:
    """A printed value in lower case, its words in English."""
    spoken = (text or "").strip(_MARKS).casefold()
    return VALUES.get(spoken, spoken)


LABELS: Mapping[str, tuple[str, ...]] = {
    name: tuple(dict.fromkeys(map(fold, labels)))
    for name, labels in {
        "tr": ("TR",),
        "te": ("TE",),
        "ti": ("TI",),
        "preparation": ("Magn. preparation", "Magn. Präparation", "Préparation aim."),
        "flip": ("Flip angle", "Flipwinkel", "Angle de basc."),
        "averages": ("Averages", "Mittelungen", "Nb. d'excitations"),
        "concatenations": ("Concatenations", "Verknüpfungen", "Concaténations"),
        "measurements": ("Measurements", "Messungen", "Répétitions"),
        "fov_read": ("FoV read", "FoV Auslese", "FoV lecture", "FoV"),
        "fov_phase": ("FoV phase", "Phase FoV"),
        "thickness": ("Slice thickness", "Schichtdicke", "Epaiss. coupe"),
        "distance": ("Dist. factor", "Distance factor", "Distanzfaktor", "Fac. distance"),
        "slices": ("Slices", "Schichten", "Coupes"),
        "slabs": ("Slabs", "3D-Blöcke", "Volumes"),
        "per_slab": ("Slices per slab", "Schichten im 3D-Block", "Coupes par volume"),
        "groups": ("Nr. of slice groups", "Nr. of slab groups"),
        "group": ("Slice group", "Slab group", "Schichtgruppe", "3D-Block-Gruppe"),
        "position": ("Position",),
        "dimension": ("Dimension",),
        "base": ("Base resolution", "Basis-Auflösung", "Résolution base"),
        "phase_resolution": ("Phase resolution", "Phasen-Auflösung", "Résolution phase"),
        "slice_resolution": ("Slice resolution", "Schicht-Auflösung", "Résolution coupes"),
        "phase_oversampling": ("Phase oversampling", "Phasen-Oversampling", "Suréchantil. phase"),
        "slice_oversampling": ("Slice oversampling", "Schicht-Oversampling", "Suréchantillonnage coupe"),
        "pf_phase": ("Phase partial Fourier", "Phasen Partial Fourier", "Phase Fourier partiel"),
        "pf_slice": ("Slice partial Fourier", "Schicht Partial Fourier", "Coupe Fourier partiel"),
        "bandwidth": ("Bandwidth", "Bandbreite", "Largeur de bande"),
        "pat": ("PAT mode", "Acceleration mode", "PAT Modus", "Mode PAT"),
        "accel_mode": ("Accel. mode",),
        "accel_pe": (
            "Accel. factor PE",
            "Acceleration factor PE",
            "Beschl. Faktor PE",
            "Facteur d'accél. PE",
            "Facteur accél. PE",
        ),
        "accel_3d": ("Accel. factor 3D", "Acceleration factor 3D", "Beschl. Faktor 3D", "Facteur accél. 3D"),
        "total_factor": ("Total factor",),
        "ref_lines": ("Ref. lines PE", "Reference lines PE", "Ref. Zeilen PE", "Lignes réf. PE"),
        "ref_lines_3d": ("Ref. lines 3D", "Reference lines 3D", "Ref. Zeilen 3D", "Lignes réf. 3D"),
        "ref_scan": (
            "Reference scan mode",
            "Reference scans",
            "Referenzmessungsm.",
            "Mode scan de référence",
        ),
        "sms": ("SMS factor", "Slice accel. factor", "Accel. factor slice", "Beschl. Fak. Schicht"),
        "turbo": ("Turbo factor", "Turbo Faktor", "Facteur Turbo"),
        "epi": ("EPI factor", "EPI Faktor", "Facteur EPI"),
        "echo_spacing": ("Echo spacing", "Echoabstand", "Ecart écho"),
        "train_duration": ("Echo train duration", "Echozugdauer"),
        "fat": ("Fat suppr.", "Fat-water contrast", "Fettunterdr.", "Suppression graisse"),
        "dixon": ("Dixon",),
        "orientation": ("Orientation", "Orientierung"),
        "phase_direction": (
            "Phase enc. dir.",
            "Phase encoding dir.",
            "Phasenkod.-Richt.",
            "Dir. codage phase",
        ),
        "elliptical": ("Elliptical scanning", "Elliptische Abtastung", "Scanning elliptique"),
        "mtc": ("MTC",),
        "swi": ("SWI",),
        "segments": ("Segments", "Segmente"),
        "bands": ("Nr. of sat. regions",),
        "band": ("Sat. region", "Saturation region", "Sättigungsregion"),
        "special_band": ("Special sat.", "Special saturation", "Spez. Sättiger", "Spécial sat."),
        "excitation": ("Excitation", "Anregung"),
        "series": ("Series", "Serie", "Série"),
        "flow": (
            "Flow comp.",
            "Flow compensation",
            "Flow comp. 1",
            "Flusskomp.",
            "Flusskomp. 1",
            "Comp. flux",
        ),
        "distortion": ("Distortion corr.", "Distortion correction", "Verzeichn. Korr.", "Corr. Distortion"),
        "mode": ("Mode", "Modus"),
        "prescan": ("Prescan normalize", "Prescan Normalisierung", "Pré-acq. normalisée"),
        "normalize": ("Normalize",),
        "interpolation": ("Interpolation",),
        "gradient_mode": ("Gradient mode", "Gradientenmodus", "Mode gradients"),
        "pulse": ("RF pulse type", "HF-Puls-Typ", "Type impulsion RF"),
        "diffusion": ("Diffusion mode", "Diffusionsmodus", "Mode diffusion"),
        "readout_segments": ("Readout segments",),
        "deep": ("Deep Resolve",),
        "table": ("Table position", "Tischposition"),
        "signal": ("1st Signal/Mode", "1.Signal/Modus"),
        "breathing": ("Resp. control", "Atemkontrolle"),
        "weightings": ("Diff. weightings", "Diffusions-Wichtungen"),
        "directions": ("Diff. directions", "Diff.-Richtungen", "Directions diff."),
        "b_value": ("b-value", "b-Wert", "Valeur b"),
        "sequence": ("Sequence name",),
        "trajectory": ("Trajectory", "Trajektorie"),
        "frequency": ("Frequency 1H", "Frequenz 1H", "Fréquence 1H"),
    }.items()
}
"""Labels of each parameter, English first. Numbers follow some: ``TE 1``, ``b-value 2``."""

VALUES: Mapping[str, str] = {
    "ein": "on",
    "aus": "off",
    "keine": "none",
    "kein": "none",
    "keiner": "none",
    "nein": "no",
    "ja": "yes",
    "erlaubt": "allowed",
    "integriert": "integrated",
    "kartesisch": "cartesian",
    "fettsättig.": "fat sat.",
    "wasseranreg. normal": "water excit. normal",
    "wasseranreg. schnell": "water excit. fast",
    "atemanhalten": "breath-hold",
    "aufsteigend": "ascending",
    "absteigend": "descending",
    "verschachtelt": "interleaved",
    "frei": "free",
    "activé": "on",
    "désactivé": "off",
    "néant": "none",
    "non": "no",
    "oui": "yes",
    "permis": "allowed",
    "intégré": "integrated",
    "séparé": "separate",
    "entrelacé": "interleaved",
    "excit. eau normale": "water excit. normal",
    "excit. eau rapide": "water excit. fast",
}
"""Printed words, lower case, in English."""

FATS: Mapping[str, str] = {
    "none": "none",
    "standard": "none",
    "fat sat.": "fat_saturation",
    "fat saturation": "fat_saturation",
    "quick fat sat.": "fat_saturation",
    "fast fat saturation": "fat_saturation",
    "spair": "spair",
    "water excit.": "water_excitation",
    "water excitation": "water_excitation",
    "water excit. normal": "water_excitation",
    "water excit. fast": "water_excitation",
    "fast water excitation": "water_excitation",
    "dixon": "dixon",
    "fast dixon": "dixon",
}

WORDS: Mapping[str, Mapping[str, str]] = {
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

TECHNIQUES: Mapping[str, str] = {
    "fl": "gradient_echo",
    "swi": "susceptibility_weighted",
    "qswi": "susceptibility_weighted",
    "fm": "field_map",
    "tfl": "magnetization_prepared_gradient_echo",
    "tse": "turbo_spin_echo",
    "tir": "turbo_spin_echo",
    "spc": "turbo_spin_echo",
    "spcir": "turbo_spin_echo",
    "spcdir": "turbo_spin_echo",
    "h": "single_shot_turbo_spin_echo",
    "epse": "echo_planar_diffusion",
    "epfid": "echo_planar_bold",
    "tgse": "arterial_spin_labelling",
    "se": "spin_echo",
    "ezse": "echo_planar_diffusion",
    "resolve": "echo_planar_diffusion",
    "me": "multi_echo_gradient_echo",
}
"""Names of the sequences as VD to XA print them, without what follows in capitals or behind an underscore."""

FIELD_STRENGTHS: Mapping[str, float] = {
    **dict.fromkeys(("trio", "verio", "skyra", "prisma", "vida", "lumina", "spectra", "cima.x", "mmr"), 3.0),
    **dict.fromkeys(("avanto", "espree", "aera", "symphony", "essenza", "amira", "sola", "altea"), 1.5),
    "free.max": 0.55,
    "terra": 7.0,
}
"""Field strength of a scanner by a word of its name, where the printout says no more."""
