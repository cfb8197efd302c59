"""What a page does out of sight: its requests, and its errors."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request

from tests.browser.server import Server

# No number may ever look like this to a reader.
_NO_NUMBERS = re.compile(r"NaN|Infinity|undefined|\[object|\bnull\b")
# Chromium itself writes this for answers from 400 on and for refused connections.
_FAILED_REQUEST = "Failed to load resource"
_LOG_VIOLATIONS = """
document.addEventListener('securitypolicyviolation', event =>
  console.error(`policy: ${event.violatedDirective} of ${event.blockedURI}`));
"""


class PageLog:
    """The URLs that a page requests, and its errors.

    Errors are those and the warnings of the console, exceptions, violations of the page's policy,
    and requests to any other host.
    """

    def __init__(self, page: Page, server: Server) -> None:
        self._page = page
        self._root = f"{server.url}/"
        self.requests: list[str] = []
        self._errors: list[str] = []
        page.add_init_script(_LOG_VIOLATIONS)
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self._errors.append(f"exception: {error}"))
        page.on("request", self._on_request)

    def errors(self) -> list[str]:
        """Return every error, and the words on the page that stand for a missing number."""
        if "/dashboard" not in self._page.url:
            return self._errors
        text = self._page.locator("body").inner_text()
        return [*self._errors, *_NO_NUMBERS.findall(text)]

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(_FAILED_REQUEST):
            self._errors.append(f"console: {message.text}")

    def _on_request(self, request: Request) -> None:
        self.requests.append(request.url)
        is_inline = urlsplit(request.url).scheme == "data"
        if not is_inline and not request.url.startswith(self._root):
            self._errors.append(f"request to another host: {request.url}")
