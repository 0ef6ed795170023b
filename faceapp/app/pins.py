"""What can be the administrator's PIN, for whoever asks for one twice: said before it is typed again."""

from __future__ import annotations

from faceapp.security.plain_pins import complaint_about

__all__ = ["complaint_about"]
