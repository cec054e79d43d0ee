"""Structural check of a card: classes, members and their order by release, lists, blocks.

There is no public schema of the newer releases, so this is an own one, made from the member lists of the
format notes (section 4). It finds what a reader of another make would stumble over, before a console does.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from generator.vendors.philips.container import block
from generator.vendors.philips.container.graph import (
    Array,
    Bytes,
    Card,
    Node,
    Plain,
    Text,
    Thing,
    Typed,
    walk,
)

# Members in file order; a part in brackets names the releases that have it: "5.3-" from, "-5.7" up to.
_TABLE = """\
ExamCard: name instrumentList data description patientOrientation dockingMode[5-] anatomicRegion
    anatomy[5-] laterality reviewRequired[5.1-5.1] rfExcitationMode[5.6-] namedGeometries heartRate
    autoFillInHeartRate[-5.7] posteriorHoldBack[5.9-] mainSystemType configuration version alignOverlap
    pushToWorkStation paediatric[5.3-] patientWeight[5.3-] selectedCoils[5.3-] contextInfo[11.1-]
ExamCardData: tableUsage processingStepManagerData geoLinkPropagation
ExamCardsVersion: swVersion modelVersion methodsVersion
ExamCardConfig: allowedMainSystemTypes allowedGradientChains swOptions hwOptions coilOptions
ECInstrumentList: list
ECInstrument: scanStep[-3.2] scanSet[5-]
ScanStep: name currentScanSet
ScanSet: executionSteps
ExecutionStepList: list
ExecutionStep: isContrastParametersFilled[5.6-] singleScan contrastInjectionProtocol contrast
    executionStepContrastUsed dynamicStep stepDuration[5.6-]
SingleScan: name[-3.2] smartGeoType vertebraRanges scanProcedure stationNumber detail geometryName
    reuseStackSizes viewingProcedure pushToWorkStation geoLinkID scanProperties useViewingProcedure
    traSliceOrder[5.3-5.9] sagSliceOrder[5.3-5.9] corSliceOrder[5.3-5.9] traMirrorflipOrder[5.3-5.9]
    sagMirrorflipOrder[5.3-5.9] corMirrorflipOrder[5.3-5.9] isPreScan[5-] isCandidateForTransfer[5-]
    isFromPatientDB[5-] attainedSED[5-] contrastPresetName[5.6-] _preferredCoils[11.1-]
    smartScoutType[11.1-] iaPlanStarted[5-]
ScanProcedure: parameterData methodDescription name anatomicRegion[5-] anatomicalRegion[5-]
    AnatomyChanged[5-] AnatomicalRegionChanged[5-] anatomy[5-] applicationMode linkToOriginalProtocol
    lastModifiedTimeUtc linkState laterality[5-] NameChanged Modified LateralityChanged[5-] Disposing
ScanProcedureConfig: allowedMainSystemTypes allowedGradientChains swOptions hwOptions coilOptions
BitArray: m_array m_length _version
ArrayList: _items _size _version
HtmlItemDescription: dataBuffer htmlDataBuffer[5-]
DynamicStepProperties: delayMode delayDuration[-5.9] dynamicCount firstDynamic
ViewingProcedure: sortAttributes sliceOrder insetPlanScan mrDisplayLayoutColumnCount
    mrDisplayLayoutRowsCount
ContrastInjectionProtocol: agent routeOfAdministration volume concentration dosage[5.6-]
    injectionStartDynamicNumber ingredient[5.6-] isVolumeRequired[5.6-] contrastInjectionStartTime[5.6-]
Hashtable: LoadFactor Version Comparer HashCodeProvider HashSize Keys Values
OutputDescriptorData: seriesType description seriesName viewingProcedure useViewingProcedure
    pushToWorkStation isCandidateForTransfer[5-]
ProcessingStepData: manualStart protocol description name
RelationshipManagerData: outputsToInputsRelations inputsToOutputsRelations
CoilInfo: coid coilName isInConflict
PreferredCoil: _coilId _socketPath
ScanProperties: pause scanAlign approvedFeatures[5.3-] approvedFeatureSpecificOptions[5.3-]
    scanAlignOverlap smartScoutType madeByPhilips suspendableDynamic requiredConfiguration
ScanProperties 11.1: pause scanAlign scanAlignOverlap requiredConfiguration suspendableDynamic
"""

Release = tuple[int, int]


def release_of(card: Card) -> Release | None:
    """Return the release a card was saved with, such as (5, 7)."""
    version = card.root.get("version")
    text = version.get("swVersion") if isinstance(version, Node) else None
    parts = text.value.split(".") if isinstance(text, Text) else []
    if len(parts) < 2 or not all(part.isdecimal() and len(part) < 4 for part in parts[:2]):
        return None
    return int(parts[0]), int(parts[1])


@cache
def members(name: str, release: Release) -> tuple[str, ...] | None:
    """Members of a class in the order of a release; ``None`` for classes that are not checked."""
    classes = _classes()
    words = classes.get(f"{name} 11.1") if release >= (11, 1) else None
    words = words or classes.get(name)
    return tuple(word.partition("[")[0] for word in words if _has(word, release)) if words else None


@cache
def _classes() -> dict[str, tuple[str, ...]]:
    joined = _TABLE.replace("\n    ", " ").splitlines()
    return {name: tuple(words.split()) for name, _, words in (line.partition(":") for line in joined)}


def _has(word: str, release: Release) -> bool:
    span = word.partition("[")[2].rstrip("]")
    if not span:
        return True
    first, _, last = span.partition("-")
    return (not first or release >= _version(first)) and (not last or release <= _version(last))


def _version(text: str) -> Release:
    major, _, minor = text.partition(".")
    return int(major), int(minor or 0)


def problems(card: Card) -> list[str]:
    """Check a card.

    Returns
    -------
    list of str
        One sentence a finding, empty if the card has the structure of its release.
    """
    release = release_of(card)
    if release is None:
        return ["the card does not say which release saved it"]
    return [problem for thing in walk(card.root) for problem in _check(thing, release)]


def _check(thing: Thing, release: Release) -> Iterator[str]:
    if isinstance(thing, Array):
        if len(thing.items) > thing.length:
            yield f"an array of {thing.length} holds {len(thing.items)} items"
        return
    if not isinstance(thing, Node):
        return
    wanted = members(thing.name, release)
    found = tuple(name for name, _ in thing.members)
    if wanted is not None and wanted != found:
        text = f"release {release[0]}.{release[1]} has {' '.join(wanted)}"
        yield f"{thing.name}: members {' '.join(found)}; {text}"
    if thing.name == "ArrayList":
        yield from _check_list(thing)
    if thing.name == "ScanProcedure":
        yield from _check_scan(thing)
    if thing.name == "ExecutionStep" and not isinstance(thing.get("singleScan"), Node):
        yield "an ExecutionStep without a SingleScan"


def _check_list(thing: Node) -> Iterator[str]:
    items, size = thing.get("_items"), thing.get("_size")
    held = len(items.items) if isinstance(items, Array) else -1
    if not isinstance(size, Plain) or size.value != str(held):
        yield f"an ArrayList says {size} and holds {held} items"


def _check_scan(thing: Node) -> Iterator[str]:
    name, data = thing.get("name"), thing.get("parameterData")
    title = name.value if isinstance(name, Text) else "?"
    if not isinstance(data, Bytes):
        yield f"scan {title!r} has no parameter block"
        return
    try:
        raw = block.from_base64(data.base64)
        block.decode_values(raw)
        block.decode(raw)
    except block.BadBlock as error:
        yield f"scan {title!r}: {error}"


def text_of(value: object) -> str:
    """Show a member as text, empty for objects and nulls."""
    return value.value if isinstance(value, Plain | Text | Typed) else ""
