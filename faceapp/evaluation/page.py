"""The frame of a report: one HTML file that loads nothing, runs nothing, and reads well in light and in dark."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"

LIGHT = {
    "paper": "#ffffff", "ink": "#1d2129", "quiet": "#5b6472", "rule": "#d9dde3", "note": "#f3f5f8",
    "s0": "#0b62b0", "s1": "#b5460f", "s2": "#0b7a53", "s3": "#8a3ea8", "s4": "#8a6400", "s5": "#46566b",
}  # fmt: skip
DARK = {
    "paper": "#14171c", "ink": "#e8ebf0", "quiet": "#a3adbb", "rule": "#343b46", "note": "#1d222a",
    "s0": "#6cb2f5", "s1": "#f49a63", "s2": "#56cf9d", "s3": "#cd93e8", "s4": "#e0b84a", "s5": "#a9b8cc",
}  # fmt: skip

_DASHES = ("", "7 4", "2 3", "10 3 2 3", "5 2", "1 4")


def plot_style(colours: dict[str, str] | None = None) -> str:
    """The rules of the plots' classes; colours as CSS variables, or as given (for a picture of a plot alone)."""

    def colour(name: str) -> str:
        return colours[name] if colours else f"var(--{name})"

    rules = [
        f".text{{fill:{colour('quiet')};font-size:12px}}",
        f".title{{fill:{colour('ink')};font-size:15px;font-weight:600}}",
        f".axis{{stroke:{colour('quiet')};fill:none}}",
        f".grid{{stroke:{colour('rule')};fill:none}}",
        f".mark{{stroke:{colour('ink')};stroke-dasharray:4 3;fill:none}}",
    ]
    for k, dash in enumerate(_DASHES):
        dashed = f";stroke-dasharray:{dash}" if dash else ""
        rules.append(f".line.s{k}{{stroke:{colour(f's{k}')};fill:none;stroke-width:2{dashed}}}")
        rules.append(f".area.s{k}{{stroke:{colour(f's{k}')};fill:{colour(f's{k}')};fill-opacity:.35}}")
    return "".join(rules)


def page(title: str, parts: Sequence[str]) -> str:
    """The whole file."""
    light, dark = (";".join(f"--{n}:{c}" for n, c in colours.items()) for colours in (LIGHT, DARK))
    style = (
        f":root{{color-scheme:light dark;{light}}}"
        f"@media (prefers-color-scheme:dark){{:root{{{dark}}}}}"
        "body{background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif;margin:0 auto;"
        "max-width:72rem;padding:1.5rem}"
        "h1{font-size:1.7rem;margin:0 0 .3rem}h2{font-size:1.2rem;margin:2.2rem 0 .6rem}"
        "h3{font-size:1rem;margin:1.4rem 0 .5rem}"
        "p,li{max-width:46rem}.quiet{color:var(--quiet)}"
        ".note{background:var(--note);border-left:4px solid var(--s1);padding:.6rem .9rem;max-width:46rem}"
        ".wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}"
        "th,td{padding:.35rem .8rem;border-bottom:1px solid var(--rule);text-align:right;white-space:nowrap}"
        "th:first-child,td:first-child{text-align:left}th{color:var(--quiet);font-weight:600}"
        "td small{color:var(--quiet);display:block}"
        ".plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,25rem),1fr));gap:1.2rem}"
        "svg{width:100%;height:auto;font-family:system-ui,sans-serif}"
        ".pairs{display:grid;grid-template-columns:repeat(auto-fill,minmax(13.5rem,1fr));gap:1rem}"
        "figure{margin:0}figure div{display:flex;gap:4px}figure img{height:104px;max-width:104px;object-fit:contain}"
        "figcaption{font-size:.78rem;color:var(--quiet);overflow-wrap:anywhere}"
        "@media print{h2{break-after:avoid}svg,figure,tr{break-inside:avoid}}"
    ) + plot_style()
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<style>{style}</style></head><body>{''.join(parts)}</body></html>\n"
    )


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; cells are HTML, made with `cell` or escaped by the caller."""
    top = "".join(f'<th scope="col">{escape(h)}</th>' for h in head)
    body = "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def cell(text: str, below: str = "") -> str:
    """Text, and smaller text below it."""
    return escape(text) + (f"<small>{escape(below)}</small>" if below else "")


def percent(value: float, digits: int = 2) -> str:
    """0.9896 as `98.96 %`."""
    return f"{100 * value:.{digits}f} %"


def between(interval: tuple[float, float] | None, digits: int = 1) -> str:
    """An interval of rates in per cent, or nothing."""
    return "" if interval is None else f"{100 * interval[0]:.{digits}f} to {100 * interval[1]:.{digits}f}"
