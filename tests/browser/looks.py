"""How a page can look: by light and dark, wide and on a phone."""

from pathlib import Path
from typing import Any, Literal, NamedTuple

FOLDER = Path(__file__).parents[2] / ".local" / "screenshots"

type Scheme = Literal["light", "dark"]


class Look(NamedTuple):
    """A colour scheme and a size in pixels."""

    name: str
    scheme: Scheme
    width: int
    height: int

    @property
    def context(self) -> dict[str, Any]:
        """Return what Playwright's context is told."""
        viewport = {"width": self.width, "height": self.height}
        return {"color_scheme": self.scheme, "viewport": viewport}


LOOKS = (
    Look("wide-light", "light", 1440, 900),
    Look("wide-dark", "dark", 1440, 900),
    Look("phone-light", "light", 390, 844),
    Look("phone-dark", "dark", 390, 844),
)
