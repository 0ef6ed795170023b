"""An evaluation of made-up people, as far as the test lets it come."""

from __future__ import annotations

import dataclasses
from functools import cache

import numpy as np

from faceapp.app.calibration import Material, compared
from faceapp.app.evaluation_service import shown
from faceapp.app.evaluation_types import EvaluationState, Measured
from faceapp.zoo.specs import Targets
from tests.fakes.crowds import crowd

TARGETS = Targets(verify_far=1e-3, identify_fpir=0.002, door_far=1e-4)


@cache
def measured(people: int = 30, photos: int = 2, door: float | None = 0.5) -> Measured:
    """What so many made-up people say."""
    vectors, owner = crowd(people, photos, noise=0.6)
    material = Material("gallery", vectors, owner, (people, len(np.unique(owner))), "")
    calibration, sample = compared(material, "space", TARGETS)
    return dataclasses.replace(shown(calibration, sample), door=door)


class FakeEvaluation:
    """Has what the test puts into `now`."""

    def __init__(self) -> None:
        self.now = EvaluationState("measuring", "Comparing everybody's photos …")
        self.asked = 0

    def measure(self) -> None:
        self.asked += 1

    def state(self) -> EvaluationState:
        return self.now

    def source(self) -> str:
        return "calibrated on 30 people"

    def be_ready(self, people: int = 30, photos: int = 2, door: float | None = 0.5) -> Measured:
        """Measured."""
        found = measured(people, photos, door)
        self.now = EvaluationState("ready", "", found)
        return found
