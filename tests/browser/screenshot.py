"""`make screenshot`: the README's image of the page, of a simulated day."""

import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from local.mongod import Mongod, MongodUnavailable
from optionchain.mongo.client import open_database
from optionchain.mongo.indexes import Indexes
from optionchain.settings import SecretStr, Settings
from tests.browser.chromium import ChromiumUnavailable, chromium
from tests.browser.dashboard import Dashboard
from tests.browser.recording import ist
from tests.browser.screens import Screen
from tests.browser.server import serve

IMAGE = Path(__file__).parents[2] / ".github" / "dashboard.png"
# Wide enough for all the usual columns, and no higher than the limit of bytes allows.
_SCREEN = Screen("readme", "light", 1440, 800)
_MOST_BYTES = 300_000
# Every five minutes from 09:15, and just before the clock's time.
_TIMES = [str(timedelta(hours=9, minutes=15 + 5 * step)).zfill(8) for step in range(70)]
_LAST = "15:02:30"
_RETENTION_DAYS = 3_650


def main() -> int:
    """Take the screenshot; return 1 where there is no browser or no database here."""
    try:
        with tempfile.TemporaryDirectory() as folder, Mongod(Path(folder)) as mongod:
            take(mongod.uri, IMAGE)
    except (ChromiumUnavailable, MongodUnavailable) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    size = IMAGE.stat().st_size
    print(f"{IMAGE}: {size:,} bytes")  # noqa: T201
    return int(size > _MOST_BYTES)


def take(uri: str, image: Path, screen: Screen = _SCREEN) -> None:
    """Record a day into the database at `uri` and write what the page shows of it."""
    settings = Settings(
        mongodb_uri=SecretStr(uri),
        retention_days=_RETENTION_DAYS,
        nse_base_url="http://127.0.0.1:8001",
    )
    database = open_database(settings)
    Indexes(database, _RETENTION_DAYS).ensure()
    with serve(database, settings) as server, chromium() as browser:
        # The day's change counts from the close of the day before.
        server.recording.tick("NIFTY", ist("15:29:55") - timedelta(days=1))
        server.recording.session([*_TIMES, _LAST], ("NIFTY",))
        server.recording.session([_LAST], ("BANKNIFTY",))
        options = {"locale": "en-IN", "timezone_id": "Asia/Kolkata", **screen.context}
        dashboard = Dashboard(browser.new_context(**options).new_page(), server)
        dashboard.open()
        image.parent.mkdir(exist_ok=True)
        dashboard.page.screenshot(path=image, animations="disabled")
    database.client.close()


if __name__ == "__main__":
    sys.exit(main())
