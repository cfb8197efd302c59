"""The screens on which the page is tested: wide and phone, light and dark."""

from pathlib import Path
from typing import Any, Literal, NamedTuple

SCREENSHOTS = Path(__file__).parents[2] / ".local" / "screenshots"


class Screen(NamedTuple):
    """A colour scheme and a size in pixels."""

    name: str
    scheme: Literal["light", "dark"]
    width: int
    height: int

    @property
    def context(self) -> dict[str, Any]:
        """Return the options of Playwright's context."""
        viewport = {"width": self.width, "height": self.height}
        return {"color_scheme": self.scheme, "viewport": viewport}


WIDE, WIDE_DARK, PHONE, PHONE_DARK = SCREENS = (
    Screen("wide-light", "light", 1440, 900),
    Screen("wide-dark", "dark", 1440, 900),
    Screen("phone-light", "light", 390, 844),
    Screen("phone-dark", "dark", 390, 844),
)
WIDER = Screen("wider-dark", "dark", 1920, 1080)
LOW = Screen("low", "light", 1280, 720)
LARGE = Screen("large-light", "light", 2560, 1440)
# A phone that is turned.
LYING_PHONE = Screen("lying-phone", "dark", 844, 390)
# At 200 % a window has half as many of the page's pixels as of the screen's: 1280 by 800 here.
ZOOMED_LOW = Screen("zoomed-low", "light", 640, 400)
ZOOMED = Screen("zoomed", "light", 720, 450)

# The strike in the middle of each chain, between its head and its sums.
MIDDLE_STRIKES = """() => [...document.querySelectorAll('.chain-table')].map(table => {
  const {top, bottom} = table.parentElement.getBoundingClientRect();
  const middle = (top + table.tHead.offsetHeight + bottom - table.tFoot.offsetHeight) / 2;
  const row = [...table.tBodies[0].rows].findLast(each =>
    each.getBoundingClientRect().top <= middle);
  return row?.dataset.strike;
})"""
