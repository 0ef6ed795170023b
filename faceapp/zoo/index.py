"""The package index as pip is configured here: PEP 503 pages, PEP 691 JSON, folders and find-links.

pip itself is asked (`pip config list`, and its built-in default), so a company's mirror, its certificate and its
credentials work here as they do for pip. Credentials never appear in an error.
"""

from __future__ import annotations

import ast
import base64
import contextlib
import functools
import html.parser
import http.client
import json
import re
import shutil
import ssl
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from faceapp.errors import UnavailableError

_ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
_MAX_PAGE = 32 << 20
_ATTEMPTS = 3
_HELP = "check the network, or bring the archive yourself and use --from DIR"
_NETWORK_ERRORS = (OSError, http.client.HTTPException)  # URLError and time-outs are OSErrors
_LIST_OPTIONS = ("extra-index-url", "find-links")


@dataclass(frozen=True, slots=True)
class IndexConfig:
    """What pip is told about indexes."""

    indexes: tuple[str, ...]
    links: tuple[str, ...]
    """Pages and folders that list archives of all packages (find-links)."""
    certificates: Path | None = None
    timeout: float = 60.0


class PackageIndex:
    """Finds an archive by its file name and streams it. Opens nothing before `download`."""

    def __init__(self, config: IndexConfig) -> None:
        self._config = config

    def download(self, package: str, archive: str, keep: Callable[[BinaryIO], None]) -> None:
        """Give `keep` the open stream of `archive`, again from its beginning where the connection breaks.

        Raises UnavailableError where no index has the archive or none can be reached.
        """
        problem = ""
        for place in self._places(package):
            try:
                address = self._find(place, archive)
                if address is None:
                    continue
                self._fetch(address, keep)
            except _NETWORK_ERRORS as e:
                problem = f"{_bare(place)}: {_reason(e)}"
                continue
            return
        if problem:
            raise UnavailableError(f"{archive} cannot be fetched ({problem}): {_HELP}")
        raise UnavailableError(f"no package index has {archive}: {_HELP}")

    def _places(self, package: str) -> Iterator[str]:
        """Addresses of pages and folders that may list the archive."""
        name = re.sub(r"[-_.]+", "-", package).lower()
        yield from self._config.links
        for index in self._config.indexes:
            yield f"{index.rstrip('/')}/{name}/"

    def _find(self, place: str, archive: str) -> str | None:
        folder = _local(place)
        if folder is not None:
            if (folder / archive).is_file():
                return (folder / archive).as_uri()
            page = folder if folder.is_file() else folder / "index.html"
            if not page.is_file():
                return None
            return _link(_anchors(page.read_bytes()), page.as_uri(), archive, local=True)
        try:
            with self._open(place, {"Accept": _ACCEPT}) as answer:
                page_bytes = answer.read(_MAX_PAGE)
                kind = answer.headers.get_content_type()
                base = answer.geturl()
        except urllib.error.HTTPError as e:
            if e.code in (404, 410):
                return None
            raise
        links = _json_links(page_bytes) if kind.endswith("json") else _anchors(page_bytes)
        return _link(links, base, archive, local=False)

    def _fetch(self, address: str, keep: Callable[[BinaryIO], None]) -> None:
        for attempt in range(_ATTEMPTS):
            last = attempt == _ATTEMPTS - 1
            try:
                with self._open(address, {"Accept-Encoding": "identity"}) as stream:
                    keep(cast("BinaryIO", stream))
                    return
            except urllib.error.HTTPError:
                raise
            except (ConnectionError, TimeoutError, http.client.IncompleteRead, CutShortError):
                if last:
                    raise

    def _open(self, address: str, headers: Mapping[str, str]) -> http.client.HTTPResponse:
        parts = urllib.parse.urlsplit(address)
        if parts.scheme not in ("https", "http", "file"):
            raise UnavailableError(f"{_bare(address)} is neither https nor http: correct pip's configuration")
        bare, credentials = _split_credentials(parts)
        request = urllib.request.Request(bare, headers=dict(headers))  # noqa: S310 - the scheme is checked above
        if credentials:
            # Not sent on where the index redirects to another host.
            request.add_unredirected_header("Authorization", credentials)
        opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=self._context()))
        return cast("http.client.HTTPResponse", opener.open(request, timeout=self._config.timeout))

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self._config.certificates:
            context.load_verify_locations(self._config.certificates)
        return context


class CutShortError(UnavailableError):
    """A download ends too early. Trying again may help."""


def configured_index(python: str = sys.executable) -> PackageIndex:
    """The index that pip uses here. Raises UnavailableError where there is no pip to ask."""
    for candidate in dict.fromkeys((python, getattr(sys, "_base_executable", python), shutil.which("python3"))):
        settings = _ask(candidate, ["-m", "pip", "config", "list"]) if candidate else None
        if candidate and settings is not None:
            return PackageIndex(_parse(settings, functools.partial(_default_index, candidate)))
    raise UnavailableError(
        "the package index is unknown, as there is no pip here to ask: run "
        '"python -m ensurepip", or bring the archives yourself and use --from DIR'
    )


def _ask(python: str, arguments: list[str]) -> str | None:
    """What a Python prints; None where it fails. -P: nothing is imported from the current folder."""
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter, arguments are constants
            [python, "-P", *arguments], capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout if done.returncode == 0 else None


def _default_index(python: str) -> str:
    """pip's built-in index. Its own name for it, so that no address stands here."""
    code = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"
    return (_ask(python, ["-c", code]) or "").strip()


def _parse(listing: str, default: Callable[[], str]) -> IndexConfig:
    """`pip config list`: lines like global.index-url='...'; the environment (:env:) wins over files, and what is said
    for `pip install` or `pip download` over what is said for all commands."""
    ranks = {"global": 0, "install": 1, "download": 1, ":env:": 2}
    found: dict[str, tuple[int, str]] = {}
    for line in listing.splitlines():
        key, _, literal = line.partition("=")
        section, _, option = key.strip().rpartition(".")
        if section not in ranks:
            continue
        with contextlib.suppress(ValueError, SyntaxError):
            value = ast.literal_eval(literal)
            if isinstance(value, str) and ranks[section] >= found.get(option, (-1, ""))[0]:
                found[option] = (ranks[section], value)
    values = {option: value for option, (_, value) in found.items()}
    indexes: list[str] = []
    if values.get("no-index", "").lower() not in ("1", "true", "yes", "on"):
        indexes = [values.get("index-url") or default(), *values.get("extra-index-url", "").split()]
    timeout = values.get("timeout") or values.get("default-timeout") or "60"
    return IndexConfig(
        indexes=tuple(i for i in indexes if i),
        links=tuple(values.get("find-links", "").split()),
        certificates=Path(values["cert"]).expanduser() if values.get("cert") else None,
        timeout=min(300.0, max(5.0, float(timeout))) if re.fullmatch(r"\d+(\.\d+)?", timeout) else 60.0,
    )


def _local(place: str) -> Path | None:
    """The folder or file a `file:` address or a plain path names; None for an address on the network."""
    parts = urllib.parse.urlsplit(place)
    if parts.scheme == "file":
        return Path(urllib.request.url2pathname(parts.path))
    if parts.scheme in ("http", "https"):
        return None
    return Path(place).expanduser()


class _Anchors(html.parser.HTMLParser):
    """Collects (text, href) of every anchor."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._href: str | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._href, self._text = dict(attrs).get("href"), ""

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._href:
            self.found.append((self._text.strip(), self._href))
            self._href = None


def _anchors(page: bytes) -> list[tuple[str, str]]:
    parser = _Anchors()
    parser.feed(page.decode("utf-8", "replace"))
    return parser.found


def _json_links(page: bytes) -> list[tuple[str, str]]:
    """PEP 691: {"files": [{"filename": ..., "url": ...}]}."""
    try:
        files = json.loads(page)["files"]
        return [(str(f["filename"]), str(f["url"])) for f in files]
    except (ValueError, KeyError, TypeError) as e:
        raise UnavailableError(f"the package index answers with something that is no index: {_HELP}") from e


def _link(links: list[tuple[str, str]], base: str, archive: str, *, local: bool) -> str | None:
    """The address of the archive among a page's links. A page on the network must not lead to a local file."""
    for text, href in links:
        address = urllib.parse.urldefrag(urllib.parse.urljoin(base, href)).url
        name = urllib.parse.unquote(urllib.parse.urlsplit(address).path.rpartition("/")[2])
        if archive in (text, name) and urllib.parse.urlsplit(address).scheme in (
            ("http", "https", "file") if local else ("http", "https")
        ):
            return address
    return None


def _split_credentials(parts: urllib.parse.SplitResult) -> tuple[str, str]:
    """The address without user and password, and a Basic Authorization header for them."""
    if parts.username is None and parts.password is None:
        return parts.geturl(), ""
    user, password = (urllib.parse.unquote(v or "") for v in (parts.username, parts.password))
    token = base64.b64encode(f"{user}:{password}".encode()).decode()
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl(), f"Basic {token}"


def _bare(address: str) -> str:
    """The address as an error may show it: without credentials and query."""
    parts = urllib.parse.urlsplit(address)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def _reason(e: BaseException) -> str:
    if isinstance(e, urllib.error.HTTPError):
        return f"answers {e.code} {e.reason}"
    if isinstance(e, urllib.error.URLError):
        return str(e.reason)
    return str(e) or type(e).__name__
