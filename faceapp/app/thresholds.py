"""Which distances are in force: the manifest's, or as far as it can speak for them a site's own calibration's.

The door is apart: without an explicit word a calibration moves names in windows and on the command line, never the
distances by which a door opens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from faceapp.evaluation.calibration import By, Calibration
    from faceapp.zoo.specs import EmbedderSpec, ThresholdTable


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Two of the three distances of the embedding space in use; `identify` depends on the number of templates."""

    verify: float
    door: float


def manifest_table(spec: EmbedderSpec) -> ThresholdTable | None:
    """The manifest's distances; None where it has none for this embedder. Raises UnavailableError where those it has
    belong to another space."""
    if spec.thresholds is not None:
        spec.threshold_verify()
    return spec.thresholds


def thresholds(spec: EmbedderSpec, calibration: Calibration | None) -> Thresholds:
    """For verification and for ranges. Raises UnavailableError where there are none at all."""
    if calibration is None:
        return Thresholds(spec.threshold_verify(), spec.threshold_door())
    manifest, targets = manifest_table(spec), calibration.targets
    verify, door = (calibration.chosen(far, manifest) for far in (targets.verify_far, targets.door_far))
    return Thresholds(verify.distance, min(verify.distance, door.distance))


def door_thresholds(
    spec: EmbedderSpec, calibration: Calibration | None, policy: Mapping[str, float] | None = None
) -> Thresholds:
    """By which a door opens: what the site's own `policy` (the settings' `kiosk.policy`) names, else a calibration's
    where it is in force there, else the manifest's. Raises UnavailableError where there are none."""
    found = thresholds(spec, calibration if calibration is not None and calibration.door else None)
    own = policy or {}
    return Thresholds(own.get("verify_threshold", found.verify), own.get("door_threshold", found.door))


def identify_threshold(spec: EmbedderSpec, calibration: Calibration | None, templates: int) -> float:
    """Up to which a face is named in a gallery of so many templates. Raises UnavailableError where there is none."""
    if calibration is None:
        return spec.threshold_identify(templates)
    return calibration.chosen_to_search(templates, manifest_table(spec)).distance


def source_text(
    spec: EmbedderSpec, calibration: Calibration | None, templates: int, policy: Mapping[str, float] | None = None
) -> str:
    """Where the distances come from, as `doctor` says it. `policy` as for `door_thresholds`. Raises UnavailableError
    where there are none."""
    named = identify_threshold(spec, calibration, templates)
    if calibration is None:
        own, at_doors = thresholds(spec, None), door_thresholds(spec, None, policy)
        door = f"{at_doors.door:.3f}{_by_policy(policy) or ''}"
        return f"the model's own: verify {own.verify:.3f}, identify {named:.3f}, door {door}"
    manifest = manifest_table(spec)
    people = f"calibrated on {calibration.people} people"
    words: dict[By, str] = {
        "site": people,
        "bounded": f"{people}, stricter than the model's",
        "manifest": "the model's own",
    }
    verify = calibration.chosen(calibration.targets.verify_far, manifest)
    found = calibration.chosen_to_search(templates, manifest)
    text = f"verify {verify.distance:.3f} ({words[verify.by]}), identify {named:.3f} ({words[found.by]})"
    if calibration.door:
        at_door = calibration.chosen(calibration.targets.door_far, manifest)
        from_ = _by_policy(policy) or f" ({words[at_door.by]})"
        return f"{text}, door {door_thresholds(spec, calibration, policy).door:.3f}{from_}"
    if manifest is None:
        return f"{text}, door: none (`faceapp calibrate --door`)"
    from_ = _by_policy(policy) or " (the model's own)"
    return f"{text}, door {door_thresholds(spec, calibration, policy).door:.3f}{from_}"


def _by_policy(policy: Mapping[str, float] | None) -> str | None:
    return " (settings.json's own)" if policy and "door_threshold" in policy else None
