"""Fetching one of InsightFace's own packs, when somebody asks for just that: its release's ZIP over HTTPS.

Where the releases lie is what the insightface package says. It names no fingerprint of them, so the connection's
certificate is all that vouches for the file; what is in it is then looked at like any other pack.
"""

from __future__ import annotations

import contextlib
import http.client
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

from faceapp.errors import UnavailableError
from faceapp.zoo.packs import MAX_BYTES

PACKS = ("buffalo_l", "buffalo_m", "buffalo_s", "buffalo_sc", "antelopev2")
"""InsightFace's public packs that have both a detector and an embedder."""

Progress: TypeAlias = Callable[[str, int, int], None]

_SECONDS = 30.0  # without a single byte
_CHUNK = 1 << 18


def address_of(pack: str) -> str:
    """Where the insightface package would fetch the pack. Raises UnavailableError without the package."""
    try:
        from insightface.utils.storage import model_zoo_download_url
    except ImportError as e:
        raise UnavailableError(
            f'{pack} cannot be fetched without the Python package insightface, which knows where: run "make", '
            "or install it as CONTRIBUTING.md says"
        ) from e
    return str(model_zoo_download_url(f"{pack}.zip"))


def check(pack: str, address: str, *, secure: bool = True) -> None:
    """Whether something lies at `address` that we can reach: before anybody is asked anything. Raises as `download`."""
    with _opened(pack, address, secure):
        pass


def download(pack: str, address: str, file: Path, progress: Progress, *, secure: bool = True) -> None:
    """Put what lies at `address` into `file`. `secure`: nothing but HTTPS, wherever the address leads.

    Raises UnavailableError, in one line, where it is not to be had."""
    with _opened(pack, address, secure) as answer, file.open("wb") as f:
        total = int(answer.headers.get("Content-Length") or 0)
        done = 0
        while chunk := answer.read(_CHUNK):
            done += len(chunk)
            if max(done, total) > MAX_BYTES:
                raise UnavailableError(f"{_host(address)} sends more for {pack} than any pack has: {_advice(pack)}")
            f.write(chunk)
            progress(f"fetch {pack}", done, max(done, total))
    if done < total:
        raise UnavailableError(f"only {done} of {total} bytes of {pack} came: try again, or {_advice(pack)}")


@contextlib.contextmanager
def _opened(pack: str, address: str, secure: bool) -> Iterator[Any]:
    host = _host(address)
    if secure and not address.startswith("https://"):
        raise UnavailableError(f"{pack} is not fetched from an address without HTTPS: {_advice(pack)}")
    try:
        with urllib.request.build_opener(_Redirects(secure)).open(address, timeout=_SECONDS) as answer:
            yield answer
    except urllib.error.HTTPError as e:
        e.close()
        raise UnavailableError(f"{host} has no {pack} for us (status {e.code}): {_advice(pack)}") from e
    except (OSError, http.client.HTTPException, ValueError) as e:
        cause = getattr(e, "reason", e)
        reason = getattr(cause, "strerror", None) or (cause if isinstance(cause, str) else type(cause).__name__)
        raise UnavailableError(f"{pack} cannot be fetched from {host} ({reason}): {_advice(pack)}") from e


def _host(address: str) -> str:
    return urllib.parse.urlsplit(address).hostname or "there"


def _advice(pack: str) -> str:
    return f'bring its ZIP and run "faceapp models import pack {pack}.zip"'


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Releases are handed on to another host, and never to one without HTTPS."""

    def __init__(self, secure: bool) -> None:
        self._secure = secure

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        if self._secure and not newurl.startswith("https://"):
            raise urllib.error.URLError("it leads to an address without HTTPS")
        return super().redirect_request(req, fp, code, msg, headers, newurl)
