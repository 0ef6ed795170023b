"""From what the user wrote after `--source` to the source that plays it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from faceapp.camera.demo import DemoSource
from faceapp.camera.device import DeviceSource, is_device
from faceapp.camera.files import VideoFileSource
from faceapp.camera.folder import FolderSource, PictureSource, is_picture
from faceapp.camera.source import FrameSource
from faceapp.camera.stream import StreamSource, is_stream
from faceapp.errors import InputError

DEMO = "demo:"


def normal_source(spec: str) -> str:
    """The demonstration by its one name, everything else as it is."""
    return DEMO if is_demo(spec) else spec


def is_demo(spec: str) -> bool:
    """True for the demonstration, however it is written."""
    return spec.strip().lower() == DEMO


def is_live(spec: str) -> bool:
    """True for what shows the present: a camera of this machine or of the network, not a film."""
    return is_device(spec) or is_stream(spec)


def parse_source(spec: str, *, loop_demo: bool = False, door: bool = False) -> FrameSource:
    """The source that `spec` names, not yet open: a camera's number or device path, `rtsp(s)://`,
    `http(s)://`, `demo:` (without end if `loop_demo`), a folder of pictures, a video file
    or one picture.

    door: a stream whose pictures may be older than they look is refused, and `demo:` without end shows nobody but its
    guest.

    Raises InputError for a file that isn't there and for an address that isn't one; everything else is found out by
    `open`."""
    if is_device(spec):
        return DeviceSource(spec)
    if is_stream(spec):
        return StreamSource(spec, door=door)
    if is_demo(spec):
        return DemoSource(loop=loop_demo, alone=door and loop_demo)
    scheme, separator, _ = spec.partition("://")
    if separator:  # not repeated: what follows may hold a password
        raise InputError(f"{scheme!r} is no kind of stream we can play: use rtsp, rtsps, http or https")
    path = Path(spec).expanduser()
    try:
        if spec and path.is_dir():
            return FolderSource(spec, path)
        if spec and path.exists():
            return PictureSource(spec, path) if is_picture(path) else VideoFileSource(spec, path)
    except (OSError, ValueError) as e:  # no right to look there; a NUL in the name
        raise InputError(f"{spec!r} cannot be read: {getattr(e, 'strerror', None) or e}") from e
    raise InputError(f"{spec!r}: there is no such file or camera")


def source_maker(spec: str, *, loop_demo: bool = False, door: bool = False) -> Callable[[], FrameSource]:
    """What makes the source that `spec` names as often as it is called: for whoever replaces one that is stuck. A
    camera of this machine stays the same one, also where it was plugged in again and has another number. Calling raises
    InputError as `parse_source` does."""
    last: FrameSource | None = None

    def make() -> FrameSource:
        nonlocal last
        source = parse_source(spec, loop_demo=loop_demo, door=door)
        if isinstance(source, DeviceSource) and isinstance(last, DeviceSource):
            source.follow(last)
        last = source
        return source

    return make
