"""A bench's report as people read it."""

from __future__ import annotations

from collections.abc import Sequence

from faceapp.types import JsonObject


def lines(report: JsonObject) -> list[str]:
    """The whole report."""
    made, settings = report["machine"], report["settings"]
    load = "" if made["load"] is None else f"; load {made['load']} at the start"
    memory = "" if made["memory_gb"] is None else f", {made['memory_gb']} GB"
    vnni = " with VNNI" if made["vnni"] else ""
    found = [
        report["meaning"],
        "",
        f"{made['processor']}, {made['cores']} cores{vnni}{memory}; {made['system']}{load}",
        f"faceapp {made['faceapp']}, Python {made['python']}, ONNX Runtime {made['onnxruntime']}, "
        f"OpenCV {made['opencv']}, NumPy {made['numpy']}",
        f"{settings['detector']} and {settings['embedder']} on {settings['runs_on']}, {settings['threads']} threads, "
        f"faces from {settings['min_face']} pixels",
        *report["notes"],
    ]
    for part, tell in (
        ("stages_ms", _stages),
        ("pipeline", _pipeline),
        ("latency", _latency),
        ("memory_mb", _memory),
        ("start", _start),
        ("search", _search),
    ):
        if report.get(part):
            found += ["", *tell(report)]
    return found


def _stages(report: JsonObject) -> list[str]:
    found = []
    for row in report["stages_ms"]:
        rows = [["each stage by itself", "p50", "p95", "p99"]]
        rows += [[f"  {name}", *_cells(s)] for name, s in row["stages"].items()]
        found += [f"{row['film']}, every face looked for everywhere and embedded", *_table(rows)]
    return found


def _pipeline(report: JsonObject) -> list[str]:
    rows = [["every frame, as fast as it goes", "frames/s", "frame p50", "p95", "p99", "outside networks p50", "p95"]]
    notes = []
    for row in report["pipeline"]:
        outside = row.get("outside_networks_ms")
        cells = _cells(outside)[:2] if outside else ["?", "?"]
        rows.append([f"  {row['film']}", f"{row['fps']:.1f}", *_cells(row["frame_ms"]), *cells])
        named = row.get("frames_with_every_name")
        who = "" if named is None else f"every name in {named} of {row['frames']} frames; "
        notes.append(f"  {row['film']}: {who}no identity older than {row['oldest_identity_s']:.2f} s")
    return [*_table(rows), "outside networks: processor time of the recognising threads, without waiting", *notes]


def _latency(report: JsonObject) -> list[str]:
    rows = [["in real time, from the frame to its names", "p50", "p95", "p99", "dropped"]]
    for row in report["latency"]:
        dropped = f"{row['frames_dropped']} of {row['frames_read']}"
        rows.append([f"  {row['film']}", *_cells(row["latency_ms"]), dropped])
    found = _table(rows)
    if comings := report.get("comings"):
        p50, p95, _ = _cells(comings["name_ms"])
        never = f", {comings['never_named']} never named" if comings["never_named"] else ""
        found.append(f"somebody comes, {comings['comings']} times: named after {p50} ms, p95 {p95} ms{never}")
    return found


def _memory(report: JsonObject) -> list[str]:
    memory = report["memory_mb"]
    if memory["now"] is None and memory["peak"] is None:
        return ["memory: this system doesn't say"]
    return [f"memory with all of that: {memory['now'] or '?'} MB, {memory['peak'] or '?'} MB at most"]


def _start(report: JsonObject) -> list[str]:
    start = report["start"]
    return [
        f"from the command to the first name {start['first_name_s']:.2f} s, to its version {start['version_s']:.2f} s"
    ]


def _search(report: JsonObject) -> list[str]:
    search = report["search"]
    rows = [["one face among", "p50", "p95", "p99", "as brute force", "enrolment visible", "built", "memory"]]
    for row in search["galleries"]:
        visible = "never" if row["enrolment_visible_ms"] is None else f"{row['enrolment_visible_ms']:.1f} ms"
        memory = "?" if row["memory_mb"] is None else f"{row['memory_mb']} MB"
        same = f"{row['same_as_brute_force']} of {row['probes']}"
        rows.append([f"  {row['people']:,}", *_cells(row["ms"]), same, visible, f"{row['build_s']:.2f} s", memory])
    spread = search["distances"]
    rows_of = [["distances of the made templates, and of photographs", *(f"{q:g}" for q in spread["quantiles"])]]
    for name in ("genuine", "genuine_of_photographs", "impostor", "impostor_of_photographs"):
        rows_of.append([f"  {name.replace('_', ' ')}", *(f"{d:.2f}" for d in spread[name])])
    return [*_table(rows), *_table(rows_of)]


def _cells(spread: JsonObject) -> list[str]:
    return [f"{spread[k]:.2f}" for k in ("p50", "p95", "p99")]


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Aligned columns: words to the left, figures to the right."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    found = []
    for first, *others in rows:
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        found.append("  ".join([first.ljust(widths[0]), *cells]))
    return found
