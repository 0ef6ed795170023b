"""A program to be killed: `python -m tests.fakes.opener URL PULSE` opens a door, says so, and waits for its end."""

from __future__ import annotations

import os
import signal
import sys
import threading

from faceapp.access.doors.choose import open_door
from faceapp.access.doors.secrets import DoorSecrets


def main() -> None:
    """Open it once; nothing shuts it but what the test is about."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # tests that run in a shell's background inherit none
    door = open_door(sys.argv[1], DoorSecrets())
    door.shut(10.0)
    reply = door.open(float(sys.argv[2]), 10.0)
    os.write(1, f"{reply.outcome}\n".encode())
    threading.Event().wait(60)


if __name__ == "__main__":
    main()
