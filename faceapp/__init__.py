"""faceapp: a desktop application that knows faces."""

__version__ = "0.1.0"
