"""The simulated exchange over HTTP: cookies, endpoints, encodings, and each fault for a client."""

import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests

from local.nse_simulator.faults import CHAIN, CONTRACTS, PAGE
from local.nse_simulator.market import SimulatedMarket
from local.nse_simulator.replay import ReplayMarket
from local.nse_simulator.server import Exchange
from local.nse_simulator.v3_format import day_text, today
from tests.support.fakes import SimulatedClock
from tests.support.nse_client import NOON
from tests.support.patience import PATIENCE_SECONDS, ends_soon

ROOT = Path(__file__).parents[2]
SESSION = ROOT.parent / "shared" / "market-data" / "v3-from-legacy" / "nifty-2025-12-05"
NIFTY = {"type": "Indices", "symbol": "NIFTY", "expiry": "22-Sep-2026"}
get = partial(requests.get, timeout=PATIENCE_SECONDS)
post = partial(requests.post, timeout=PATIENCE_SECONDS)
delete = partial(requests.delete, timeout=PATIENCE_SECONDS)
CONNECTION_ERROR = requests.exceptions.ConnectionError


class Client:
    """A careful client: a session with a cookie, no Brotli, and patience."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.headers["Accept-Encoding"] = "gzip, deflate"
        self.get(PAGE)

    def get(
        self,
        path: str,
        query: dict[str, str] | None = None,
        **options: Any,  # noqa: ANN401  (those of requests)
    ) -> requests.Response:
        patient = {"timeout": PATIENCE_SECONDS, **options}
        return self.session.get(self.url + path, params=query, **patient)

    def chain(self, **options: Any) -> requests.Response:  # noqa: ANN401
        return self.get(CHAIN, NIFTY, **options)


@pytest.fixture(scope="module")
def shared_exchange() -> Iterator[Exchange]:
    with Exchange(SimulatedMarket(clock=lambda: NOON)) as exchange:
        yield exchange


@pytest.fixture
def exchange(shared_exchange: Exchange) -> Exchange:
    """The exchange without faults and without logged requests."""
    shared_exchange.faults.clear()
    shared_exchange.requests.clear()
    return shared_exchange


@pytest.fixture
def client(exchange: Exchange) -> Iterator[Client]:
    client = Client(exchange.url)
    with client.session:
        yield client


@pytest.mark.parametrize("cookies", [{}, {"nsit": "mine"}])
def test_without_its_own_cookie_it_answers_401(exchange: Exchange, cookies: dict[str, str]) -> None:
    answer = get(exchange.url + CHAIN, NIFTY, cookies=cookies)
    assert answer.status_code == 401
    assert answer.headers["X-Simulated"] == "true"


def test_market_status_needs_no_cookie(exchange: Exchange) -> None:
    answer = get(exchange.url + "/api/marketStatus")
    assert answer.status_code == 200
    assert {type(row["last"]) for row in answer.json()["marketState"]} == {float, str}


def test_the_page_issues_cookies_and_every_answer_says_simulated(client: Client) -> None:
    page = client.get(PAGE)
    assert "SIMULATED" in page.text
    assert "SIMULATED" in page.headers["Server"]
    assert set(client.session.cookies.keys()) == {"nsit", "nseappid"}
    paths = (PAGE, CHAIN, CONTRACTS, "/api/marketStatus", "/nowhere", "/-/faults")
    assert {client.get(path).headers["X-Simulated"] for path in paths} == {"true"}


def test_the_chain_is_the_markets_gzipped_or_plain(exchange: Exchange, client: Client) -> None:
    expiry = exchange.market.expiries("NIFTY")[0]
    answer, plain = client.chain(), client.chain(headers={"Accept-Encoding": "identity"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert answer.json() == plain.json() == exchange.market.chain("NIFTY", expiry, NOON)


def test_brotli_is_announced_but_no_client_can_read_it(client: Client) -> None:
    answer = client.chain(headers={"Accept-Encoding": "gzip, deflate, br"}, stream=True)
    assert answer.headers["Content-Encoding"] == "br"
    with pytest.raises(UnicodeDecodeError):
        answer.raw.read(decode_content=False).decode()


def test_contract_info_lists_expiries_and_strikes(exchange: Exchange, client: Client) -> None:
    info = client.get(CONTRACTS, {"symbol": "M&M"}).json()
    assert info["expiryDates"] == [day_text(day) for day in exchange.market.expiries("M&M")]
    assert {"3500", "3550"} <= set(info["strikePrice"])
    assert "expiryDates" not in client.get(CONTRACTS, {"symbol": "NONE"}).json()
    query = {"type": "Equity", "symbol": "M&M", "expiry": info["expiryDates"][0]}
    rows = client.get(CHAIN, query).json()["records"]["data"]
    assert {row["CE"]["underlying"] for row in rows} == {"M&M", None}


@pytest.mark.parametrize("expiry", ["23-Sep-2026", "2026-09-22", ""])
def test_a_wrong_expiry_answers_200_without_rows(client: Client, expiry: str) -> None:
    answer = client.get(CHAIN, NIFTY | {"expiry": expiry})
    assert answer.status_code == 200
    assert answer.json()["records"]["data"] == []


@pytest.mark.parametrize("wrong", [{"type": "Equity"}, {"symbol": "NONE"}, {"type": ""}])
def test_the_type_must_fit_the_symbol(client: Client, wrong: dict[str, str]) -> None:
    assert client.get(CHAIN, NIFTY | wrong).json() == {}


def test_underlyings_and_holidays_are_listed(client: Client) -> None:
    data = client.get("/api/underlying-information").json()["data"]
    assert [row["symbol"] for row in data["IndexList"]][:2] == ["NIFTY", "BANKNIFTY"]
    assert "M&M" in [row["symbol"] for row in data["UnderlyingList"]]
    rows = client.get("/api/holiday-master", {"type": "trading"}).json()["FO"]
    assert "24-Nov-2026" in {row["tradingDate"] for row in rows}


@pytest.mark.parametrize("path", ["/api/option-chain-indices", "/api/option-chain-equities"])
def test_legacy_endpoints_are_gone(client: Client, path: str) -> None:
    answer = client.get(path, {"symbol": "NIFTY"})
    assert (answer.status_code, answer.text) == (404, "Resource not found")


def test_a_cookie_goes_stale_and_too_many_requests_are_restricted_for_a_while() -> None:
    clock = SimulatedClock(NOON)
    with Exchange(
        SimulatedMarket(clock=lambda: NOON),
        cookie_seconds=1.0,
        max_requests_per_second=2,
        block_seconds=1.2,
        monotonic=clock.monotonic,
    ) as exchange:
        client = Client(exchange.url)
        answers = [client.chain() for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 403, 403]
        assert "Access Restricted" in answers[-1].text
        clock.sleep(1.1)
        assert client.chain().status_code == 403
        clock.sleep(1)
        assert client.chain().status_code == 401
        client.get(PAGE)
        assert client.chain().status_code == 200
        client.session.close()


ANSWERED: list[tuple[str, dict[str, Any], int, str]] = [
    ("unauthorised", {}, 401, ""),
    ("not_found_text", {}, 404, "Resource not found"),
    ("not_found_text", {"status": 200}, 200, "Resource not found"),
    ("empty", {}, 200, r"^\{\}$"),
    ("html_200", {}, 200, "^<html>"),
    ("access_denied", {}, 403, "Access Denied"),
    ("rate_limited", {}, 403, "Access Restricted.*number of requests per second has exceeded"),
    ("rate_limited", {}, 403, "after 10 minutes"),
    ("http_421", {}, 421, ""),
    ("too_many", {}, 429, ""),
    ("server_error", {}, 503, ""),
    ("server_error", {"status": 500}, 500, ""),
    ("huge", {"size": 3_000_000}, 200, r'^\{"data":\[\] +\}$'),
]


@pytest.mark.parametrize(("kind", "details", "status", "text"), ANSWERED)
def test_a_refusal_is_answered_once_in_the_exchange_s_words(
    exchange: Exchange,
    client: Client,
    kind: str,
    details: dict[str, Any],
    status: int,
    text: str,
) -> None:
    exchange.faults.add(kind, times=1, **details)
    answer = client.chain()
    assert answer.status_code == status
    assert re.search(text, answer.text, re.DOTALL)
    assert client.chain().json()["records"]["data"]


def test_a_reset_connection_is_logged_without_a_status(exchange: Exchange, client: Client) -> None:
    exchange.faults.add("connection_reset", times=1)
    with pytest.raises(CONNECTION_ERROR, match="reset by peer"):
        client.chain()
    assert [row.status for row in exchange.requests.to(CHAIN)] == [None]


def test_a_tarpit_is_late_and_a_drip_defeats_time_outs(exchange: Exchange, client: Client) -> None:
    exchange.faults.add("tarpit", seconds=0.4, times=1)
    exchange.faults.add("slow_drip", seconds=0.05)
    started = time.monotonic()
    assert client.chain().json()["records"]["data"]
    assert time.monotonic() - started >= 0.4
    with client.chain(stream=True) as answer:
        assert len(answer.raw.read(30)) == 30
    assert time.monotonic() - started >= 0.7


def test_contract_info_may_lack_dates_or_list_old_ones(exchange: Exchange, client: Client) -> None:
    exchange.faults.add("past_expiries", times=1)
    exchange.faults.add("no_expiry_dates", times=1)
    stale, without, right = (client.get(CONTRACTS, {"symbol": "NIFTY"}).json() for _ in range(3))
    yesterday = day_text(today(NOON) - timedelta(days=1))
    assert stale["expiryDates"] == [yesterday, *right["expiryDates"]]
    assert without.keys() == {"strikePrice"}


def test_a_node_may_lag_or_disagree_or_have_no_data(exchange: Exchange, client: Client) -> None:
    for kind in ("older_body", "other_node", "empty_data", "lost_rows"):
        exchange.faults.add(kind, times=1)
    older, other, empty, lost, usual = (client.chain().json() for _ in range(5))
    times = [body["records"]["timestamp"][-8:] for body in (older, other, empty, lost, usual)]
    assert times == ["11:59:30", *["12:00:00"] * 4]
    assert lost["records"]["data"] == usual["records"]["data"][:1]
    assert lost["filtered"] == usual["filtered"]
    assert other["records"]["data"] != usual["records"]["data"]
    assert other["filtered"]["data"] == other["records"]["data"]
    assert empty["records"] == usual["records"] | {"data": []}
    assert empty["filtered"]["CE"] == {"totOI": 0, "totVol": 0}


def test_faults_and_requests_are_managed_over_http(exchange: Exchange, client: Client) -> None:
    add = partial(post, exchange.url + "/-/faults")
    added = add(json={"kind": "empty", "times": 1})
    assert added.status_code == 201
    unknown = add(json={"kind": "boredom"})
    assert unknown.status_code == 422
    assert client.chain().json() == {}
    (fault,) = client.get("/-/faults").json()
    assert (fault["kind"], fault["applied"]) == ("empty", 1)
    last = client.get("/-/requests").json()[-1]
    assert (last["path"], last["status"], last["fault"]) == (CHAIN, 200, "empty")
    assert last["headers"]["accept-encoding"] == "gzip, deflate"
    assert exchange.requests.to(CHAIN, "symbol=NIFTY")[0].status == 200
    assert [row.path for row in exchange.requests] == [PAGE, CHAIN]
    for path in ("/-/faults", "/-/requests"):
        assert delete(exchange.url + path).status_code == 204
        assert client.get(path).json() == []


def test_stopping_leaves_nothing_behind_even_in_a_tarpit() -> None:
    before = set(threading.enumerate())
    with ends_soon(), Exchange(SimulatedMarket(clock=lambda: NOON)) as exchange:
        client = Client(exchange.url)

        def fail_to_read() -> None:
            with pytest.raises(CONNECTION_ERROR):
                client.chain()

        exchange.faults.add("tarpit")
        reading = threading.Thread(target=fail_to_read)
        reading.start()
        while not exchange.requests.to(CHAIN):
            time.sleep(0.01)
    reading.join()
    client.session.close()
    assert set(threading.enumerate()) <= before
    with pytest.raises(CONNECTION_ERROR):
        get(exchange.url)


def test_a_taken_port_is_an_error(exchange: Exchange) -> None:
    with pytest.raises(OSError, match="in use"):
        Exchange(port=exchange.port).start()


@pytest.mark.skipif(not SESSION.is_dir(), reason=f"no captures in {SESSION}")
def test_a_replay_says_so_and_serves_all_its_expiries() -> None:
    with Exchange(ReplayMarket(SESSION, clock=lambda: NOON, position=3)) as exchange:
        client = Client(exchange.url)
        info = client.get(CONTRACTS, {"symbol": "NIFTY"})
        expiries = info.json()["expiryDates"]
        chains = [client.get(CHAIN, NIFTY | {"expiry": each}).json() for each in expiries]
        client.session.close()
    assert info.headers["X-Replay"] == "true"
    assert "X-Simulated" not in info.headers
    assert [bool(chain["records"]["data"]) for chain in chains] == [True] * 4
    assert {chain["records"]["timestamp"][:11] for chain in chains} == {"16-Sep-2026"}


def test_the_command_prints_its_address_and_ends_with_sigterm() -> None:
    command = [sys.executable, "-m", "local.nse_simulator", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        printed = process.stdout.readline()
        assert printed.startswith("SIMULATED exchange at http://127.0.0.1:")
        assert "SIMULATED" in get(printed.split()[-1] + PAGE).text
        # Who is in a hurry asks again while it ends.
        for _ in range(20):
            process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0


def test_the_archive_asks_where_a_client_comes_from(client: Client) -> None:
    path = "/content/fo/BhavCopy_NSE_FO_0_0_0_20260915_F_0000.csv.zip"
    assert client.get(path).status_code == 403
    headers = {"Referer": "https://www.nseindia.com/"}
    assert client.get(path, headers=headers).content.startswith(b"PK")
    assert client.get("/content/fo/fo_mktlots.csv", headers=headers).status_code == 404
