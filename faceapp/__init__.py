"""faceapp: a desktop application that knows faces."""

import os

__version__ = "0.1.0"

# ONNX Runtime's released builds report to their maker, and keep an identifier of this machine to do it, unless this is
# set before they are loaded (their own switch comes too late for the first report). Nothing of ours is loaded earlier.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
