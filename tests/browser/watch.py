"""What a page does that nobody sees: what it asks for, and what it complains of."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request

from tests.browser.site import Site

# What no number may ever look like to a reader.
_NO_WORDS = re.compile(r"NaN|Infinity|undefined|\[object|\bnull\b")
# Chromium says so of each answer from 400 on, and of each connection refused: no page can help it.
_REFUSED = "Failed to load resource"
_POLICY = """
document.addEventListener('securitypolicyviolation', event =>
  console.error(`policy: ${event.violatedDirective} of ${event.blockedURI}`));
"""


class Watch:
    """Notes the addresses that a page asks for, and the complaints that it may never give rise to.

    These are errors and warnings of the console, exceptions, violations of its policy, and
    questions to any other host.
    """

    def __init__(self, page: Page, site: Site) -> None:
        self._page = page
        self._site = site
        self.asked: list[str] = []
        self.complaints: list[str] = []
        page.add_init_script(_POLICY)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("request", self._requested)

    def verdict(self) -> list[str]:
        """Return every complaint, and the word on the page that no number may look like."""
        if "/dashboard" not in self._page.url:
            return self.complaints
        text = self._page.locator("body").inner_text()
        return [*self.complaints, *_NO_WORDS.findall(text)]

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(_REFUSED):
            self.complaints.append(f"console: {message.text}")

    def _requested(self, request: Request) -> None:
        self.asked.append(request.url)
        inline = urlsplit(request.url).scheme == "data"
        if not inline and not request.url.startswith(f"{self._site.url}/"):
            self.complaints.append(f"asks another host: {request.url}")
