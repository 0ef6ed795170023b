"""A browser that only looks what it would have to load."""

from __future__ import annotations

from html.parser import HTMLParser


class Page(HTMLParser):
    """What a browser would have to load or run, and whether the tags fit."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []
        self.pictures = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "link", "iframe", "object"}:
            self.loads.append(tag)
        for name, value in attrs:
            if name in {"src", "href"} or name.startswith("on"):
                if not (value or "").startswith("data:image/jpeg;base64,"):
                    self.loads.append(f"{name}={value}")
                self.pictures += tag == "img"
        if tag not in {"meta", "img", "br", "path", "text"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            assert self.open.pop() == tag
