"""From pictures to embeddings, many at once: several workers, each with networks of its own on one thread.

Two workers with a thread each embed more pictures than one with two threads: MTCNN's networks are too small to share
out. Each worker's thread owns its `Parts`; the cache belongs to the thread that calls.
"""

from __future__ import annotations

import hashlib
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

import numpy as np

from faceapp.app.parts import Parts
from faceapp.errors import InputError
from faceapp.evaluation.picture_cache import Embedded, FaceRule, PictureCache, SeenFaces, central_face
from faceapp.images import read_image
from faceapp.types import BgrImage, Face, Floats

CHUNK = 24
"""Pictures that a worker takes at once: what is lost when it is killed, and a good batch for the networks."""

Report = Callable[[int, int], None]
"""How many pictures are done, of how many."""


@dataclass(slots=True)
class Embeddings:
    """What came of some pictures."""

    vectors: dict[str, Floats] = field(default_factory=dict)
    """Unit embedding (D,) by name, of those with a face."""
    sha256: dict[str, bytes] = field(default_factory=dict)
    """Of the bytes of each picture that could be read."""
    unreadable: dict[str, str] = field(default_factory=dict)
    """A line for each picture that could not be used at all, by name."""
    computed: int = 0
    """Pictures that were embedded now, not taken from the cache."""
    provider: str = ""
    """Where the networks ran, and in which precision; empty where nothing was computed."""
    seconds: float = 0.0
    """What all of them cost, detection included, on all workers together, when they were computed."""

    def distance(self, left: str, right: str) -> float:
        """Euclidean; infinity where a face is missing."""
        a, b = self.vectors.get(left), self.vectors.get(right)
        if a is None or b is None:
            return float("inf")
        return float(np.linalg.norm(a.astype(np.float64) - b))


@dataclass(frozen=True, slots=True)
class _Done:
    """A worker's chunk: what it found out, or why a picture could not be used; and what ended it early."""

    faces: Mapping[bytes, SeenFaces]
    vectors: Mapping[bytes, Embedded]
    unreadable: Mapping[bytes, str]
    provider: str = ""
    error: BaseException | None = None


def embed_pictures(
    parts: Parts, pictures: Mapping[str, Path], rule: FaceRule, cache: PictureCache, workers: int, report: Report
) -> Embeddings:
    """Embed the face of each picture (name: file) that the opened `cache` doesn't have. Raises KnownError where a
    network is missing or the cache can't be written; a picture that can't be read is listed, not raised."""
    result = Embeddings()
    files: dict[bytes, Path] = {}
    for name, file in pictures.items():
        try:
            digest = hash_of(file)
        except InputError as e:
            result.unreadable[name] = str(e)
            continue
        result.sha256[name] = digest
        files.setdefault(digest, file)
    todo = [(digest, file, cache.faces(digest)) for digest, file in files.items() if cache.embedded(digest) is None]
    result.computed = len(todo)
    report(len(files) - len(todo), len(files))
    broken: dict[bytes, str] = {}
    if todo:
        with _Pool(parts, rule, todo, max(1, min(workers, -(-len(todo) // CHUNK)))) as pool:
            done = len(files) - len(todo)
            for chunk in pool.results():
                cache.add(chunk.faces, chunk.vectors)
                broken.update(chunk.unreadable)
                result.provider = chunk.provider
                done += len(chunk.vectors) + len(chunk.unreadable)
                report(done, len(files))
    for name, digest in result.sha256.items():
        if digest in broken:
            result.unreadable[name] = broken[digest]
        elif (row := cache.embedded(digest)) is not None and row.vector is not None:
            result.vectors[name] = row.vector
    for digest in files:
        row, seen = cache.embedded(digest), cache.faces(digest)
        result.seconds += (row.seconds if row else 0.0) + (seen.seconds if seen else 0.0)
    return result


def hash_of(file: Path) -> bytes:
    """SHA-256 of a file's bytes. Raises InputError, in one line, where it can't be read, or is a device or pipe, which
    may never end."""
    try:
        if file.exists() and not file.is_file() and not file.is_dir():
            raise InputError(f"{file} is not a file: name a picture")
        with file.open("rb") as f:
            return hashlib.file_digest(f, "sha256").digest()
    except FileNotFoundError as e:
        raise InputError(f"{file}: there is no such file") from e
    except (OSError, ValueError) as e:
        raise InputError(f"{file} cannot be read: {getattr(e, 'strerror', None) or e}: name a picture") from e


def worker_count(parts: Parts) -> int:
    """How many workers are fastest here: one for each core up to 4 on the processor, one on a graphics card."""
    from faceapp.vision.session import cuda_usable, thread_count

    if parts.settings.device != "cpu" and cuda_usable():
        return 1
    return thread_count(parts.settings.threads)


class _Pool:
    """Threads that take chunks and hand over what they make of them. Leaving ends them after the chunk in hand."""

    def __init__(
        self, parts: Parts, rule: FaceRule, todo: Sequence[tuple[bytes, Path, SeenFaces | None]], workers: int
    ) -> None:
        self._rule = rule
        self._chunks: queue.SimpleQueue[Sequence[tuple[bytes, Path, SeenFaces | None]]] = queue.SimpleQueue()
        self._count = 0
        for start in range(0, len(todo), CHUNK):
            self._chunks.put(todo[start : start + CHUNK])
            self._count += 1
        self._done: queue.SimpleQueue[_Done] = queue.SimpleQueue()
        self._ending = threading.Event()
        self._workers = workers
        forks = [parts.fork(threads=1) if workers > 1 else parts.fork() for _ in range(workers)]
        self._threads = [
            threading.Thread(target=self._run, args=(fork,), name=f"embedding {k}", daemon=True)
            for k, fork in enumerate(forks)
        ]

    def __enter__(self) -> _Pool:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ending.set()
        for thread in self._threads:
            thread.join()

    def results(self) -> Iterator[_Done]:
        """Every chunk, as they are finished. Raises what ended a worker."""
        for _ in range(self._count):
            done = self._done.get()
            if done.error is not None:
                raise done.error
            yield done

    def _run(self, parts: Parts) -> None:
        try:
            with parts:
                parts.detector()  # both loaded now: loading is not the pictures' time
                parts.embedder()
                while not self._ending.is_set():
                    try:
                        chunk = self._chunks.get_nowait()
                    except queue.Empty:
                        return
                    self._done.put(self._embed(parts, chunk))
        except BaseException as e:  # noqa: BLE001 - raised on the thread that waits for the results
            self._done.put(_Done({}, {}, {}, error=e))

    def _embed(self, parts: Parts, chunk: Sequence[tuple[bytes, Path, SeenFaces | None]]) -> _Done:
        from faceapp.vision.embedder import embed_each

        detector, embedder = parts.detector(), parts.embedder()
        faces: dict[bytes, SeenFaces] = {}
        vectors: dict[bytes, Embedded] = {}
        unreadable: dict[bytes, str] = {}
        meant: list[tuple[bytes, BgrImage, Face]] = []
        for digest, file, known in chunk:
            start = time.perf_counter()
            try:
                image = read_image(file)
            except InputError as e:
                unreadable[digest] = str(e)
                continue
            if known is None:
                found = detector.detect(image, parts.settings.min_face)
                central = central_face(found, image.shape[1], image.shape[0])
                seconds = (time.perf_counter() - start) / self._workers
                faces[digest] = seen = SeenFaces(found[0] if found else None, central, seconds)
            else:
                seen = known
            face = seen.meant(self._rule)
            if face is None:
                vectors[digest] = Embedded(None, 0.0)
            else:
                meant.append((digest, image, face))
        start = time.perf_counter()
        rows = embed_each(embedder, [(image, face) for _, image, face in meant])
        each = (time.perf_counter() - start) / self._workers / max(1, len(meant))
        vectors.update({digest: Embedded(row, each) for (digest, _, _), row in zip(meant, rows, strict=True)})
        return _Done(faces, vectors, unreadable, parts.provider_text())
