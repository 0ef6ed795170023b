"""`faceapp COMMAND`: parse, call, print.

Results go to stdout, progress and logs to stderr. Every foreseen failure is one line on stderr and an exit status
(0 yes or done, 1 no, 2 wrong usage, 3 wrong input, 4 environment). Commands import what they need when they run, so
that `faceapp --help` and `people list` don't wait for the models' libraries.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from typing import NoReturn

from faceapp import __version__
from faceapp.cli import (
    audit,
    bench,
    calibrate,
    evaluate,
    gallery,
    keys,
    kiosk,
    live,
    liveness,
    models,
    people,
    stills,
    train,
)
from faceapp.cli.output import Output
from faceapp.errors import KnownError, UsageError


class _Parser(argparse.ArgumentParser):
    """An ArgumentParser that raises one line instead of printing its usage, and repeats no word that it doesn't know:
    it may be a PIN, or an address with a password."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{_discreet(message)}; see `{self.prog} --help`")


_REPEATED = (
    (re.compile(r"invalid (choice|\S+ value): .*?(?= \(choose from [^()]*\)\Z|\Z)", re.DOTALL), r"invalid \1"),
    (re.compile(r"ambiguous option: .*? could match ", re.DOTALL), "ambiguous option: it could be "),
    (re.compile(r"ignored explicit argument .*", re.DOTALL), "takes no value"),
)
"""What argparse repeats of the command line, and what is said instead."""


def _discreet(message: str) -> str:
    for pattern, instead in _REPEATED:
        message = pattern.sub(instead, message)
    return message


def _called(arguments: argparse.Namespace) -> str:
    """`faceapp people list`, as it was called."""
    given = (getattr(arguments, name, None) for name in ("command", "verb"))
    return " ".join(["faceapp", *(word for word in given if word)])


def build_parser() -> argparse.ArgumentParser:
    """The whole command line, as DESIGN promises it."""
    parser = _Parser(prog="faceapp", description="Knows faces: verification (1:1) and identification (1:K).")
    parser.add_argument("--version", action="version", version=f"faceapp {__version__}")
    parser.add_argument("--data-dir", metavar="DIR", help="where the gallery and the settings live")
    parser.add_argument("--json", action="store_true", help="print exactly one JSON object")
    common = argparse.ArgumentParser(add_help=False)
    # Given again after the command they win; not given there they must not undo what stood before it.
    common.add_argument("--data-dir", metavar="DIR", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    common.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", title="commands (none: the live window)", parser_class=_Parser
    )
    looks = (stills, people, gallery, live, kiosk, liveness, evaluate)
    for part in (*looks, models, calibrate, train, audit, keys, bench):
        part.register(commands, common)
    parser.set_defaults(run=live.run_default)
    return parser


def main(
    argv: Sequence[str] | None = None,
    show_window: live.ShowWindow | None = None,
    show_kiosk: kiosk.ShowKiosk | None = None,
    time_painting: bench.TimePainting | None = None,
    show_grid: live.ShowGrid | None = None,
) -> int:
    """Run one command and return its exit status. `show_window`, `show_grid` and `show_kiosk` show the live window, the
    one of several cameras and the kiosk where there is Qt, `time_painting` measures what painting takes there."""
    words = list(sys.argv[1:] if argv is None else argv)
    output = Output(json="--json" in words)
    arguments = argparse.Namespace(
        show_window=show_window,
        show_grid=show_grid,
        show_kiosk=show_kiosk,
        time_painting=time_painting,
        data_dir=None,
    )
    try:
        _, unknown = build_parser().parse_known_args(words, arguments)
        if unknown:
            line = "there is a word too many, or an option that is none"  # which it is may be a secret
            raise UsageError(f"{line}; see `{_called(arguments)} --help`")
        output = Output(json=arguments.json)
        status: int = arguments.run(arguments, output)
        sys.stdout.flush()
    except KnownError as e:
        output.error(str(e))
        return e.exit_status
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of a pipe has gone (`faceapp people list | head`): no error, and no second one at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as e:  # noqa: BLE001 - the last net: a bug is told in one line, its traceback goes to the log
        from faceapp.app.logs import report_bug

        output.error(report_bug(e, arguments.data_dir))
        return 4
    return status
