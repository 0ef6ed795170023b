"""The one place that builds concrete parts out of Settings: detectors, embedders, sessions, the gallery.

Everything is made when first asked for and kept until `close`. One thread uses a Parts: a live session's recognition
thread asks for a `fork` of its own, so that it alone owns its sessions.
"""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from faceapp import paths
from faceapp import settings as settings_file
from faceapp.app import logs, thresholds
from faceapp.app.thresholds import Thresholds
from faceapp.errors import InputError, UnavailableError, UsageError
from faceapp.settings import Settings
from faceapp.zoo.manifest import EmbedderPart, EmbedderSpec, Manifest, Precision, load_manifest
from faceapp.zoo.own import own_models_dir
from faceapp.zoo.store import ModelStore

if TYPE_CHECKING:
    from faceapp.evaluation.calibration import Calibration
    from faceapp.gallery.index import GalleryIndex
    from faceapp.gallery.store import GalleryStore
    from faceapp.vision.detector import Detector
    from faceapp.vision.embedder import Embedder, PartSpec
    from faceapp.vision.liveness.passive import PassiveModel
    from faceapp.vision.session import ModelSession

_WHERE_PROVIDERS_RUN = {
    "CPUExecutionProvider": "CPU",
    "CUDAExecutionProvider": "GPU (CUDA)",
    "TensorrtExecutionProvider": "GPU (TensorRT)",
}


class Parts:
    """What one command, or one thread of a window, works with."""

    def __init__(self, settings: Settings, data_dir: Path, manifest: Manifest, models: ModelStore) -> None:
        self.settings = settings
        self.data_dir = data_dir
        self.manifest = manifest
        self.models = models
        self.index_cache: tuple[int | None, GalleryIndex] | None = None
        self._sessions: dict[str, ModelSession] = {}
        self._embedder: Embedder | None = None
        self._gallery: GalleryStore | None = None
        self._calibration: tuple[Calibration | None] | None = None

    @classmethod
    def open(cls, data_dir: str | os.PathLike[str] | None = None, **overrides: Any) -> Self:
        """Read the settings of `data_dir` and the models' manifest. `overrides` that aren't None win over the settings.
        Raises UsageError for an override that can't be, InputError for one that names nothing there is,
        UnavailableError for files that can't be used."""
        directory = paths.data_dir(data_dir)
        logs.configure(directory)
        settings = settings_file.load(directory)
        try:
            settings = dataclasses.replace(settings, **{k: v for k, v in overrides.items() if v is not None})
        except ValueError as e:
            raise UsageError(str(e)) from e
        manifest = load_manifest(paths.manifest_dir(), own_models_dir(directory))
        for what, id, known in (
            ("detector", settings.detector, manifest.detectors),
            ("embedder", settings.embedder, manifest.embedders),
        ):
            if id not in known:
                line = f"there is no {what} {id!r}: choose one of {', '.join(known)}"
                raise InputError(line) if overrides.get(what) else UnavailableError(line)
        return cls(settings, directory, manifest, ModelStore(paths.models_dir(), manifest))

    def fork(self, **changes: Any) -> Parts:
        """Parts of the same installation for another thread, with nothing made yet."""
        return Parts(dataclasses.replace(self.settings, **changes), self.data_dir, self.manifest, self.models)

    def close(self) -> None:
        """Close the gallery and let go of the sessions."""
        if self._gallery is not None:
            self._gallery.close()
            self._gallery = None
        self._sessions.clear()
        self._embedder = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    # People

    def gallery(self) -> GalleryStore:
        """The gallery of the data directory, made where there is none."""
        if self._gallery is None:
            self._gallery = self.open_gallery()
        return self._gallery

    def existing_gallery(self) -> GalleryStore | None:
        """The gallery of the data directory; None, and nothing is written, where there is none: for those who look."""
        from faceapp.gallery.store import GalleryStore

        if self._gallery is not None and self._gallery.replaced():  # by a backup that was restored
            self._gallery.close()
            self._gallery = self.index_cache = None
        if self._gallery is None:
            self._gallery = GalleryStore.open_existing(self.data_dir)
        return self._gallery

    def open_gallery(self) -> GalleryStore:
        """Another connection to the gallery, for another thread; whoever asks closes it."""
        from faceapp.gallery.store import GalleryStore

        return GalleryStore.open(self.data_dir)

    # Numbers

    @property
    def embedder_spec(self) -> EmbedderSpec:
        """The manifest's entry of the embedder in use."""
        return self.manifest.embedder(self.settings.embedder)

    def space(self) -> str:
        """Id of the embedding space in use, without loading anything."""
        return self.embedder_spec.space

    def calibration(self) -> Calibration | None:
        """The site's own calibration of the space in use, read once; None where there is none. Raises UnavailableError
        where there is one that can't be used."""
        if self._calibration is None:
            found = None
            if (self.data_dir / "calibration").is_dir():
                from faceapp.app import calibration_file

                found = calibration_file.load(self.data_dir, self.space())
            self._calibration = (found,)
        return self._calibration[0]

    def forget_calibration(self) -> None:
        """Read it again when it is next asked for."""
        self._calibration = None

    def thresholds(self) -> Thresholds:
        """Verify and door, the calibration's as far as it can speak for them. Raises UnavailableError where there are
        none."""
        return thresholds.thresholds(self.embedder_spec, self.calibration())

    def door_thresholds(self) -> Thresholds:
        """By which a door opens: the settings' own, else the manifest's, unless the calibration was put in force
        there."""
        return thresholds.door_thresholds(self.embedder_spec, self.calibration(), self.settings.kiosk.policy)

    def automatic_threshold(self, templates: int) -> float:
        """The identify threshold for a gallery of so many templates, each of which is a chance to be wrong: the
        calibration's or the manifest's."""
        return thresholds.identify_threshold(self.embedder_spec, self.calibration(), templates)

    def own_threshold(self, settings: Settings) -> float | None:
        """The site's own identify threshold in `settings`; None where there is none for the embedder in use."""
        return settings.identify_threshold if settings.identify_threshold_space == self.space() else None

    def identify_threshold(self, templates: int) -> float:
        """The identify threshold in force: the site's own, else the automatic one."""
        own = self.own_threshold(self.settings)
        return self.automatic_threshold(templates) if own is None else own

    # Networks

    def detector(self, id: str | None = None) -> Detector:
        """The detector `id`, or the settings'. Raises UnavailableError where its networks are missing or altered, or
        where it needs a package that isn't there."""
        from faceapp.vision.mtcnn import Mtcnn
        from faceapp.vision.ssd import Ssd

        spec = self.manifest.detector(id or self.settings.detector)
        if spec.kind == "scrfd":
            from faceapp.vision.insightface_models import Scrfd

            network = self.manifest.network(spec.networks[0])
            return Scrfd(spec.id, self._session(network.id), network.input.mean[0], network.input.std[0])
        pnet, rnet, onet = (self._session(n) for n in self.manifest.detector("mtcnn").networks)
        mtcnn = Mtcnn(pnet, rnet, onet)
        return mtcnn if spec.kind == "mtcnn" else Ssd(self._session(spec.networks[0]), mtcnn)

    def embedder(self) -> Embedder:
        """The embedder of the settings. Raises UnavailableError where its networks are missing or altered."""
        from faceapp.vision.embedder import CompositeEmbedder, NetworkEmbedder

        if self._embedder is None:
            spec = self.embedder_spec
            alone = len(spec.parts) == 1
            parts = [
                (
                    NetworkEmbedder(
                        spec.id if alone else p.network, spec.space, self._session(p.network), part_spec(p)
                    ),
                    p.weight,
                )
                for p in spec.parts
            ]
            self._embedder = parts[0][0] if alone else CompositeEmbedder(spec.id, spec.space, parts)
        return self._embedder

    def has_passive_model(self) -> bool:
        """Whether a passive liveness model is known; its file may still be missing."""
        return any(n.liveness is not None for n in self.manifest.networks.values())

    def passive_model(self, id: str | None = None) -> PassiveModel | None:
        """The passive liveness model `id`, or the only one, or the first of several by name; None where there is none
        at all. Raises InputError for an id that is none, UnavailableError where its file is missing or altered."""
        from faceapp.vision.liveness.passive import PassiveModel, PassiveSpec

        known = sorted(n.id for n in self.manifest.networks.values() if n.liveness is not None)
        if not known and id is None:
            return None
        network = self.manifest.networks.get(known[0] if id is None else id)
        if network is None or network.liveness is None:
            there = (
                f"choose one of {', '.join(known)}" if known else "there is none yet: `faceapp models import liveness`"
            )
            raise InputError(f"{id} is no liveness model: {there}")
        how, given = network.liveness, network.input
        spec = PassiveSpec(
            id=network.id,
            size=given.width,
            scale=how.scale,
            colour=given.colour,
            mean=given.mean,
            std=given.std,
            live_class=how.live_class,
            softmax=how.softmax,
            live_from=how.live_from,
            attack_below=how.attack_below,
        )
        return PassiveModel(self._session(network.id), spec)

    def precision_of(self, network: str) -> Precision:
        """The precision `network` is loaded in: the settings' choice where the network comes in it, else FP32.
        Raises UnavailableError where FP16 was chosen, not just preferred, and was not built."""
        from faceapp.vision.session import CPU, CUDA, choose_precision, cpu_flags, cuda_usable

        chosen = self.settings.precision
        provider = CUDA if self.settings.device != "cpu" and cuda_usable() else CPU
        precision = self.models.precision_for(network, choose_precision(chosen, provider, cpu_flags()))
        if chosen == "fp16" and precision != chosen:
            raise UnavailableError(f"{network} is not there in FP16: run `faceapp models install --precision fp16`")
        return precision

    def provider_text(self) -> str:
        """Where the embedder's networks really run, and in which precision, as people read it: `CPU, INT8`."""
        provider = self.embedder().provider
        precisions = dict.fromkeys(self.precision_of(p.network).upper() for p in self.embedder_spec.parts)
        return f"{_WHERE_PROVIDERS_RUN.get(provider, provider)}, {' and '.join(precisions)}"

    def _session(self, network: str) -> ModelSession:
        from faceapp.vision.session import SessionPolicy, open_session

        if network not in self._sessions:
            spec = self.manifest.network(network)
            if not self.models.tried(spec):
                from faceapp.app.model_import import adopt

                adopt(self.models, spec)
            precision = self.precision_of(network)
            path = self.models.path(network, precision)
            # MTCNN's networks are too small to share out: a second thread costs a fifth more work and no time less.
            alone = network in self.manifest.detector("mtcnn").networks
            device, threads = self.settings.device, self.settings.threads
            if alone:  # and TensorRT could not have P-net, whose pictures are of any size
                device, threads = "cuda" if device == "tensorrt" else device, 1
            policy = SessionPolicy(device, threads)
            self._sessions[network] = open_session(path, policy, precision)
        return self._sessions[network]


def part_spec(part: EmbedderPart) -> PartSpec:
    """The manifest's description of one network's share as vision takes it."""
    from faceapp.vision.embedder import CropSpec, InputSpec, PartSpec

    mean = part.mean_embedding
    return PartSpec(
        crop=CropSpec(part.crop.kind, part.crop.size, part.crop.margin, part.crop.points),
        input=InputSpec(part.input.mean, part.input.std, part.input.colour),
        dimension=part.dimension,
        mirror=part.mirror,
        subtract=None if mean is None else np.array(mean, np.float32),
        weight=part.weight,
    )
