"""Examples in README.md and docs/: a curl command, and below it what the application answers.

An example stands between `<!-- example -->` and `<!-- /example -->`. `<!-- example, lists of 4 -->`
shows four items of each list instead of two.
"""

import json
import re
from pathlib import Path
from typing import Any

from pymongo.database import Database
from starlette.testclient import TestClient

from chain_api.app import create_app
from chain_api.dependencies import over
from local.documentation.curl import request_of
from local.openapi.example_session import NOW, SYMBOLS
from local.openapi.examples import steady
from optionchain.mongo.client import Document
from optionchain.settings import Settings

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_EXAMPLE = re.compile(
    r"(?P<head><!-- example(?:, lists of (?P<items>\d+))? -->\n"
    r"```sh\n(?P<command>.*?)\n```\n)"
    r".*?(?P<end><!-- /example -->)",
    re.DOTALL,
)
_USUAL_ITEMS = 2
_WIDTH = 110
# A cursor is longer than what a reader wants to see; no other text without a space is.
_LONGEST_WORD = 60
_SHOWN_OF_A_LONG_WORD = 30
_MORE = "…"


def application(database: Database[Document], archive: str) -> TestClient:
    """Return a client of the API over the recording of `local.openapi.example_session`.

    `archive` is the folder of its sealed days.
    """
    # Any address but the exchange's: /health then says that the market is simulated.
    simulated = "http://127.0.0.1:8001"
    settings = Settings(
        nse_symbols=SYMBOLS, nse_base_url=simulated, archive_url=archive, log_level="ERROR"
    )
    app = create_app(over(database, settings, lambda: NOW))
    return TestClient(app, "http://127.0.0.1:8000", client=("127.0.0.1", 50_000))


def with_answers(text: str, client: TestClient) -> str:
    """Return a document with the answer of each example as the application gives it now.

    Raises ValueError for an example that is not written as this module describes it.
    """

    def example(match: re.Match[str]) -> str:
        items = int(match["items"] or _USUAL_ITEMS)
        return match["head"] + _answer(client, match["command"], items) + match["end"]

    written, number = _EXAMPLE.subn(example, text)
    if len(re.findall(r"^<!-- /?example", text, re.MULTILINE)) != 2 * number:
        raise ValueError(f"only {number} examples stand between their two markers")
    return written


def _answer(client: TestClient, command: str, items: int) -> str:
    """Return the answer as a fenced block."""
    request = request_of(command)
    response = client.request(
        request.method, request.path, headers=request.headers, content=request.body
    )
    media_type = response.headers["content-type"].partition(";")[0]
    if not media_type.endswith(("/json", "+json")):
        lines = "\n".join(response.text.splitlines())  # CSV ends its lines with CRLF
        return f"```\n{lines}\n```\n"
    shortened = json.dumps(_shortened(steady(response.json()), items), ensure_ascii=False)
    return f"```json\n{_filled(shortened.replace(f'"{_MORE}"', _MORE))}\n```\n"


def _shortened(value: Any, items: int) -> Any:  # noqa: ANN401
    """Return JSON with the first items of each list, and long words cut."""
    match value:
        case dict():
            return {name: _shortened(member, items) for name, member in value.items()}
        case list() if len(value) > items:
            return [*(_shortened(item, items) for item in value[:items]), _MORE]
        case list():
            return [_shortened(item, items) for item in value]
        case str() if " " not in value and len(value) > _LONGEST_WORD:
            return value[:_SHOWN_OF_A_LONG_WORD] + _MORE
    return value


def _filled(text: str) -> str:
    """Return JSON in lines of about `_WIDTH` characters: a line begins with a key or an object."""
    lines = [""]
    for part in re.split(r'(?<=,) (?="\w+": |{|…)|(?<=\[)(?={)', text):
        longer = f"{lines[-1]} {part}".lstrip()
        # Each object of a list begins a line.
        if len(longer) <= _WIDTH and not (part.startswith("{") and lines[-1]):
            lines[-1] = longer
        else:
            lines.append(part)
    return "\n".join(lines)
