"""What the liveness wizard says."""

from __future__ import annotations

from faceapp.app.liveness_wizard_types import TrialKind

INTRO = (
    "Find out how well this camera tells living people from pictures of them: with your own people, and with your own "
    "attempts to fool it."
)
NEEDED = (
    "What it takes: people who agree to it, a printed photograph of a face, and a phone and a tablet or screen that "
    "show one. Each presentation takes about three seconds. From 30 of a kind on a rate is claimed; with fewer you "
    "learn what it can't be."
)
PRIVATE = (
    "No picture is kept: each is judged and dropped. The answers are forgotten when this window closes. The report "
    "that you can save holds figures only."
)
TRIED = "Tried is the model {model}. The kiosk's questions (“turn your head”) are another protection, not tried here."
NO_MODEL = (
    "No liveness model is installed. “faceapp models import liveness FILE” takes one in; then start faceapp again."
)
TITLES: dict[TrialKind, str] = {"live": "People", "print": "Prints", "phone": "Phone", "tablet": "Tablet or screen"}
HOW: dict[TrialKind, str] = {
    "live": "One person at a time stands where people stand at your door, and looks at the camera. Change the light, "
    "the distance and the people rather than recording one of them often.",
    "print": "Hold a printed face before the camera as somebody would who wants to get in: flat, tilted, bent, "
    "cut out, near and far. A new try or another print for each recording.",
    "phone": "Show a face on a phone, as a picture and as a film: bright and dim, near and far, with the frame of the "
    "phone out of sight where you can.",
    "tablet": "The same with a tablet or a laptop's screen, which has room for a whole face in life size.",
}
CAUTION = (
    "These figures hold for this camera, this light and attacks as good as yours. Somebody with more time may do "
    "better."
)


def counted(taken: int) -> str:
    """How many presentations there are."""
    return "None so far" if not taken else "1 presentation" if taken == 1 else f"{taken} presentations"
