"""A Chromium that is installed here, headless, and what it is told."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")
# Nothing is asked of any host but the one of a test.
_ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Pictures are the same whatever the order of a screen's colours.
    "--disable-lcd-text",
)


class ChromiumUnavailable(Exception):
    """No browser was found; the message says what was looked for."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run the Chromium on the PATH; raise ChromiumUnavailable where there is none."""
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        raise ChromiumUnavailable(f"there is no browser here: none of {', '.join(_NAMES)}")
    with sync_playwright() as playwright:
        # Within a container there is no sandbox to be had; the pages are the project's own.
        browser = playwright.chromium.launch(
            executable_path=path, args=_ARGUMENTS, chromium_sandbox=False
        )
        yield browser
        browser.close()
