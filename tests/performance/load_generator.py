"""Requests as fast as they are answered: `python -m tests.performance.load_generator`.

Fifty connections stay open, each with one request under way. Prints the result as JSON.
"""

import argparse
import asyncio
import time
from contextlib import closing
from dataclasses import asdict, dataclass, field

import orjson

from tests.performance import sessions
from tests.performance.request_mix import RequestMix
from tests.performance.sample_bodies import steady_body

CONNECTIONS = 50
_BUFFER = 1 << 20  # a chain is over 100 kB
_TIME_OUT = 30.0
_PAUSE = 0.1  # after an error
_OK = b"HTTP/1.1 200"


@dataclass
class LoadResult:
    """Milliseconds of each answered request, by kind; the first errors as text."""

    latest: list[float] = field(default_factory=list)
    past: list[float] = field(default_factory=list)
    errors: int = 0
    examples: list[str] = field(default_factory=list)

    def fail(self, target: str, error: object) -> None:
        """Count an error."""
        self.errors += 1
        if len(self.examples) < 3:
            self.examples.append(f"{target}: {error!r}")


async def drive(port: int, seconds: float) -> LoadResult:
    """Send requests for so many seconds; wait for the last answers."""
    outcome, first = LoadResult(), sessions.first_snapshot(steady_body())
    deadline = time.perf_counter() + seconds
    days = sessions.days()
    clients = [
        _client(port, deadline, RequestMix(seed, days, first), outcome)
        for seed in range(CONNECTIONS)
    ]
    await asyncio.gather(*clients)
    return outcome


async def _client(port: int, deadline: float, mix: RequestMix, outcome: LoadResult) -> None:
    """Keep a connection busy; a broken one counts as an error and is opened again."""
    while time.perf_counter() < deadline:
        target = "connect"
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=_BUFFER)
            with closing(writer):
                while time.perf_counter() < deadline:
                    is_latest, (target, _) = mix.mixed()
                    took = await _get(reader, writer, target)
                    (outcome.latest if is_latest else outcome.past).append(took)
        except (OSError, EOFError, ValueError) as error:
            outcome.fail(target, error)
            await asyncio.sleep(_PAUSE)


async def _get(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: str) -> float:
    """Return the milliseconds of a request; raise ValueError for a status other than 200."""
    started = time.perf_counter()
    async with asyncio.timeout(_TIME_OUT):
        writer.write(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        _, _, rest = head.lower().partition(b"content-length: ")
        body = await reader.readexactly(int(rest.partition(b"\r\n")[0]))
    if not head.startswith(_OK):
        raise ValueError(body[:300].decode(errors="replace"))
    return (time.perf_counter() - started) * 1e3


def main() -> None:
    """Send the requests and print the result."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    options = parser.parse_args()
    outcome = asyncio.run(drive(options.port, options.seconds))
    print(orjson.dumps(asdict(outcome)).decode())  # noqa: T201


if __name__ == "__main__":
    main()
