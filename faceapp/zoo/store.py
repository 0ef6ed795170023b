"""The networks on disk: built, recorded, verified before they are used.

Beside each network lies `<file>.build.json`, written when it was built: the network's own SHA-256 and that of
everything it was built from. A network that is cut off, altered, replaced or built from something else is noticed
when its path is first asked for, and refused.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from faceapp.errors import InputError, UnavailableError
from faceapp.zoo.files import locked, remove_leftovers, sha256_of, writing_to
from faceapp.zoo.record import read_record, recipe, record_file
from faceapp.zoo.specs import PRECISIONS, Manifest, Network, Precision
from faceapp.zoo.status import METRIC, EmbedderStatus, ModelStatus, State, embedder_status

if TYPE_CHECKING:
    from faceapp.zoo.fetch import CarrierSource, Progress

_INSTALL = 'run "faceapp models install"'


class ModelStore:
    """The networks in one folder. Opens nothing until asked. `install` and `remove` keep other processes out while
    they work; reading needs no lock, as files are replaced whole."""

    def __init__(self, directory: Path, manifest: Manifest) -> None:
        self.directory = directory
        self.manifest = manifest
        self._verified: dict[Path, tuple[int, ...]] = {}

    def path(self, network: str, precision: Precision = "fp32") -> Path:
        """The verified file of a network.

        Read in full and checked once for each store, and again when it was written to. Raises UnavailableError, in one
        line, where it is missing, altered, cut off or built from something else.
        """
        file = self.file(network, precision)
        spec = self.manifest.network(network)
        state = self.state(spec, precision)
        if state != "ready" and spec.home is not None and precision == "fp32":
            raise self._own_error(spec, file, state)
        if state == "missing":
            raise UnavailableError(f"{file} is missing: {_INSTALL}")
        if state == "damaged":
            raise UnavailableError(f"{file} was altered or cut off: {_INSTALL} to build it again")
        if state == "outdated":
            raise UnavailableError(f"{file} was built by another version of faceapp: {_INSTALL} to build it again")
        return file

    def precision_for(self, network: str, wanted: Precision) -> Precision:
        """The precision to load: `wanted` where the network comes in it, for FP16 only if it was built, else FP32."""
        if wanted == "int8" and self.manifest.network(network).int8:
            return "int8"
        if wanted == "fp16" and self.file(network, "fp16").is_file():
            return "fp16"
        return "fp32"

    def file(self, network: str, precision: Precision) -> Path:
        """Where a network lies or would lie: a site's own in its own folder."""
        spec = self.manifest.networks.get(network)
        home = spec.home if spec is not None else None
        return (home or self.directory) / f"{network}.{precision}.onnx"

    def status(self) -> list[ModelStatus]:
        """Every network in every precision that is offered or there, verified."""
        return [
            self._status(network, precision)
            for network in self.manifest.networks.values()
            for precision in PRECISIONS
            if precision in network.precisions() or (precision == "fp16" and self.file(network.id, "fp16").is_file())
        ]

    def embedders(self) -> list[EmbedderStatus]:
        """Every embedder of the manifest; ready where all its networks are there in all precisions offered."""
        ready = {
            n.id: all(self.state(n, p) == "ready" for p in n.precisions()) for n in self.manifest.networks.values()
        }
        return [embedder_status(spec, ready) for spec in self.manifest.embedders.values()]

    def install(
        self,
        ids: Collection[str] | None,
        carriers: CarrierSource,
        progress: Progress,
        *,
        precisions: Collection[Precision] | None = None,
        again: bool = False,
    ) -> list[Path]:
        """Build what is missing, damaged or outdated, and return what was built.

        `ids`: networks, detectors or embedders, None for all that faceapp comes with; `precisions` None: those the
        manifest offers; `again`: also what is there already. Of a site's own network nothing but FP16 can be built.
        Each file appears whole or not at all, and an interruption leaves what was finished. Raises UnavailableError
        where an archive is not to be had or not the one we know, or where the folder cannot be written.
        """
        # Converters and the network are needed here alone: a window that starts should not wait for them.
        from faceapp.zoo.install import Installation

        networks = self._chosen(ids)
        with writing_to(self.directory):
            self.directory.mkdir(parents=True, exist_ok=True)
        with locked(self.directory, lambda: progress("wait for another installation", 0, 1)):
            remove_leftovers(self.directory)
            todo = {n.id: self._todo(n, precisions, again) for n in networks}
            return Installation(self, carriers, progress, todo).run()

    def remove(self, ids: Collection[str] | None) -> list[Path]:
        """Delete networks in all precisions, with their records, and return what was deleted. `ids` as in `install`;
        what a site's own manifest says of its networks stays (`zoo.own` takes both away)."""
        networks = self._chosen(ids)
        if not self.directory.is_dir():
            return []
        removed = []
        with writing_to(self.directory), locked(self.directory):
            for file in (self.file(n.id, p) for n in networks for p in PRECISIONS):
                record_file(file).unlink(missing_ok=True)
                if file.exists():
                    file.unlink()
                    removed.append(file)
        return removed

    def expected(self, network: Network, precision: Precision) -> tuple[str, str]:
        """Source SHA-256 and recipe that a network built now would have."""
        return network.source_sha256, recipe(network, precision, self.manifest.statistics(network.id))

    def _chosen(self, ids: Collection[str] | None) -> list[Network]:
        if ids is None:
            return [n for n in self.manifest.networks.values() if n.home is None]
        names: dict[str, None] = {}
        for id in ids:
            if id in self.manifest.networks:
                names[id] = None
            elif id in self.manifest.detectors:
                names.update(dict.fromkeys(self.manifest.detectors[id].networks))
            else:
                names.update(dict.fromkeys(p.network for p in self.manifest.embedder(id).parts))
        return [self.manifest.networks[n] for n in names]

    def _todo(self, network: Network, precisions: Collection[Precision] | None, again: bool) -> list[Precision]:
        wanted = network.precisions() if precisions is None else precisions
        offered = [p for p in PRECISIONS if p in wanted and (p != "int8" or network.int8)]
        if network.home is not None:
            self.path(network.id)  # somebody brought it: there is nothing to build it from
            offered = [p for p in offered if p != "fp32"]
        return [p for p in offered if again or self.state(network, p) != "ready"]

    def _status(self, network: Network, precision: Precision) -> ModelStatus:
        file = self.file(network.id, precision)
        users = [d.id for d in self.manifest.detectors.values() if network.id in d.networks]
        users += [e.id for e in self.manifest.embedders.values() if network.id in [p.network for p in e.parts]]
        return ModelStatus(
            id=network.id,
            title=network.title,
            kind=network.kind,
            precision=precision,
            state=self.state(network, precision),
            path=file,
            bytes=file.stat().st_size if file.is_file() else 0,
            source=network.source,
            licence=network.licence,
            photographs=network.photographs,
            input=str(network.input),
            metric=METRIC if network.kind == "embedder" else "",
            dimension=network.dimension,
            used_by=tuple(users),
        )

    def state(self, network: Network, precision: Precision) -> State:
        """Whether a network can be used. Reads its file in full unless it did so before and nothing changed since."""
        file = self.file(network.id, precision)
        if network.home is not None and precision == "fp32":
            return self._own_state(network, file)
        return self._built_state(network, precision, file)

    def _built_state(self, network: Network, precision: Precision, file: Path) -> State:
        try:
            stat = file.stat()
            record_stat = record_file(file).stat()
        except OSError:
            return "damaged" if file.exists() else "missing"
        stamp = (stat.st_ino, stat.st_size, stat.st_mtime_ns, record_stat.st_ino, record_stat.st_mtime_ns)
        if self._verified.get(file) == stamp:
            return "ready"
        record = read_record(record_file(file))
        if record is None or record.network != network.id or record.precision != precision:
            return "damaged"
        if (record.source_sha256, record.recipe) != self.expected(network, precision):
            return "outdated"
        if stat.st_size != record.bytes or sha256_of(file) != record.sha256:
            return "damaged"
        self._verified[file] = stamp
        return "ready"

    def _own_state(self, network: Network, file: Path) -> State:
        """Of a network somebody brought: it is the file its manifest names, and a harmless one."""
        try:
            stat = file.stat()
        except OSError:
            return "missing"
        stamp = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
        if self._verified.get(file) == stamp:
            return "ready"
        if not file.is_file() or sha256_of(file) != network.file_sha256:
            return "damaged"
        if not self.tried(network) and _refused(file):
            return "damaged"
        self._verified[file] = stamp
        return "ready"

    def tried(self, network: Network) -> bool:
        """False for a site's own network that nobody has run yet: its entry was written by hand."""
        return network.home is None or read_record(record_file(self.file(network.id, "fp32"))) is not None

    def _own_error(self, network: Network, file: Path, state: State) -> UnavailableError:
        if state == "missing":
            what = "is missing"
        elif sha256_of(file) == network.file_sha256:
            return UnavailableError(_refused(file))
        else:
            what = "is not the file that was imported (its file_sha256 is another)"
        return UnavailableError(f'{file} {what}: run "faceapp models remove {network.id}" and import it again')


def _refused(file: Path) -> str:
    """Why a network that somebody brought is refused unread; empty where it isn't."""
    from faceapp.zoo.inspection import inspect_network

    try:
        inspect_network(file)
    except InputError as e:
        return str(e)
    return ""
