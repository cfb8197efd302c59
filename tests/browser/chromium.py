"""The Chromium that is installed here, headless."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

# The shell draws no window around a page, so that each page takes less of the processor.
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = (
    "--disable-gpu",
    "--no-first-run",
    # These send requests of the browser's own.
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Without it, a screenshot depends on the order of the colours in a screen's pixels.
    "--disable-lcd-text",
)


class ChromiumUnavailable(Exception):
    """No browser was found; the message names those that were looked for."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run the Chromium on the PATH; raise ChromiumUnavailable where there is none."""
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        raise ChromiumUnavailable(f"there is no browser here: none of {', '.join(_NAMES)}")
    with sync_playwright() as playwright:
        # A container has no sandbox to offer, and the pages are the project's own.
        browser = playwright.chromium.launch(
            executable_path=path, args=_ARGUMENTS, chromium_sandbox=False
        )
        yield browser
        browser.close()
