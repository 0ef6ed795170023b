"""What a list of models shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from faceapp.errors import UnavailableError
from faceapp.zoo.specs import EmbedderSpec, Precision

State: TypeAlias = Literal["ready", "missing", "damaged", "outdated"]

METRIC: Final = "Euclidean distance of unit vectors"


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """One network in one precision."""

    id: str
    title: str
    kind: str
    precision: Precision
    state: State
    path: Path
    bytes: int
    """Size on disk; 0 where the file is missing."""
    source: str
    licence: str
    photographs: str
    """What is known of the photographs it was trained on."""
    input: str
    metric: str
    """How embeddings are compared; empty for a detector."""
    dimension: int
    used_by: tuple[str, ...]
    """Ids of the detectors and embedders that run it."""


@dataclass(frozen=True, slots=True)
class EmbedderStatus:
    """One embedder."""

    id: str
    title: str
    ready: bool
    networks: tuple[str, ...]
    dimension: int
    space: str
    metric: str
    licence: str
    thresholds: Mapping[str, float]
    """verify, identify (with one person enrolled), door; empty where the manifest has none for this space."""
    threshold_source: str
    """What the thresholds were computed from."""


def embedder_status(spec: EmbedderSpec, ready: Mapping[str, bool]) -> EmbedderStatus:
    """The status of an embedder; `ready` says of each network whether it is there."""
    try:
        thresholds = {
            "verify": spec.threshold_verify(),
            "identify": spec.threshold_identify(1),
            "door": spec.threshold_door(),
        }
    except UnavailableError:
        thresholds = {}
    networks = tuple(p.network for p in spec.parts)
    return EmbedderStatus(
        id=spec.id,
        title=spec.title,
        ready=all(ready[n] for n in networks),
        networks=networks,
        dimension=spec.dimension,
        space=spec.space,
        metric=METRIC,
        licence=spec.licence,
        thresholds=thresholds,
        threshold_source=spec.thresholds.source if spec.thresholds else "",
    )
