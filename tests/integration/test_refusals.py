"""What each refusal of the exchange costs, and how long nothing is asked, in simulated time."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from chain_fetch.recording.ticks.tick_grid import first_tick
from local.nse_simulator.faults import CHAIN, CONTRACTS, PAGE
from local.nse_simulator.v3_format import day_text
from optionchain.exchange_time import ist_clock
from optionchain.mongo.indexes import SNAPSHOTS
from tests.integration.conftest import SceneAt
from tests.support.bodies import Json
from tests.support.scripted_nse import NOON, Recorder, Scene

# No wait is a whole number of such ticks, so chance does not decide which tick ends it.
INTERVAL = 3
STEP = timedelta(seconds=INTERVAL)
ANSWERS = {"reason": None, "detail": None, "since": None, "until": None, "failures": 0}


@pytest.fixture
def here(scene_at: SceneAt) -> Iterator[Scene]:
    with scene_at(NOON, nse_fetch_interval=INTERVAL) as here:
        yield here


@pytest.fixture
def warm(here: Scene) -> Iterator[Recorder]:
    """An execution environment whose first tick was good."""
    with here.recorder() as recorder:
        assert recorder.tick()["outcome"] == "stored"
        yield recorder


def waiting_time(here: Scene) -> float:
    """For how many seconds from the tick just past on nothing is asked."""
    wait = here.source()["until"] - (here.clock.now() - STEP)
    assert isinstance(wait, timedelta)
    return wait.total_seconds()


def let_the_wait_pass(here: Scene) -> None:
    here.clock.go_to(first_tick(here.source()["until"], INTERVAL))


def test_a_stale_session_is_renewed_once_for_a_good_tick(here: Scene, warm: Recorder) -> None:
    here.exchange.faults.add("unauthorised", times=1)
    before = here.asked()
    assert warm.tick()["outcome"] == "stored"
    assert here.asked(PAGE) == 2
    assert here.asked() == before + 4  # both expiries, one of them twice, and the page
    assert here.source() == {}


@pytest.mark.parametrize(
    ("kind", "details", "reason", "remembered"),
    [
        ("unauthorised", {}, "unauthorised", True),
        ("not_found_text", {"status": 200}, "unauthorised", True),
        ("empty", {}, "empty", True),
        ("html_200", {}, "not_json", True),
        ("undecodable", {}, "not_json", True),
        ("server_error", {}, "server_error", True),
        ("server_error", {"status": 500}, "server_error", True),
        ("connection_reset", {}, "server_error", True),
        # Of these, the exchange took the request: the body alone was at fault.
        ("truncated", {}, "truncated", False),
        ("empty_data", {}, "empty", False),
        ("lost_rows", {}, "invalid_payload", False),
    ],
)
def test_a_light_refusal_costs_its_tick_alone_with_its_reason(
    here: Scene, warm: Recorder, kind: str, details: Json, reason: str, remembered: bool
) -> None:
    here.exchange.faults.add(kind, **details)
    headers = here.database[SNAPSHOTS].count_documents({})
    failed = warm.tick()
    assert (failed["outcome"], failed["reason"]) == ("failed", reason)
    assert here.database[SNAPSHOTS].count_documents({}) == headers
    state = here.source()
    assert (state.get("reason"), state.get("until")) == (reason if remembered else None, None)

    here.exchange.faults.clear()
    assert warm.tick()["outcome"] == "stored"
    assert {**ANSWERS, **here.source()}.items() >= ANSWERS.items()


def test_a_kept_connection_that_was_closed_costs_no_tick(here: Scene, warm: Recorder) -> None:
    here.exchange.faults.add("connection_reset", times=1)
    before = here.asked()
    assert warm.tick()["outcome"] == "stored"
    assert here.asked() == before + 3  # both expiries, one of them twice


def test_a_block_after_other_failures_is_a_first_block(here: Scene, warm: Recorder) -> None:
    here.exchange.faults.add("server_error")
    for _ in range(4):
        assert warm.tick()["reason"] == "server_error"
        if here.source()["until"]:
            let_the_wait_pass(here)
    here.exchange.faults.clear()
    here.exchange.faults.add("access_denied")
    blocked_at = here.clock.now()
    assert warm.tick()["reason"] == "blocked"
    assert 300 <= (here.source()["until"] - blocked_at).total_seconds() <= 331
    assert here.source()["failures"] == 5


BLOCKS: list[tuple[str, Json, str, float]] = [
    ("access_denied", {}, "blocked", 300),
    ("http_421", {}, "blocked", 300),
    ("rate_limited", {}, "rate_limited", 600),
    ("too_many", {"retry_after": 17}, "rate_limited", 17),
    ("too_many", {}, "rate_limited", 10),
    ("server_error", {"status": 502, "retry_after": 40}, "server_error", 40),
    ("too_many", {"retry_after": 1_000_000_000}, "rate_limited", 86_400),
]


@pytest.mark.parametrize(("kind", "details", "reason", "seconds"), BLOCKS)
def test_nothing_is_asked_by_anybody_until_the_wait_has_passed(
    here: Scene, warm: Recorder, kind: str, details: Json, reason: str, seconds: float
) -> None:
    here.exchange.faults.add(kind, **details)
    refused_at = here.clock.now()
    failed = warm.tick()
    assert (failed["outcome"], failed["reason"]) == ("failed", reason)

    state = here.source()
    assert (state["reason"], state["since"], state["failures"]) == (reason, refused_at, 1)
    assert state["detail"]
    assert seconds <= waiting_time(here) <= 1.1 * seconds

    here.exchange.faults.clear()
    asked = here.asked()
    skipped = [warm.tick()]
    with here.recorder() as another:
        skipped.append(another.tick())
        assert here.asked() == asked
        until = f"nothing is asked until {ist_clock(state['until'])}"
        for entry in skipped:
            assert (entry["outcome"], entry["reason"]) == ("skipped", reason)
            assert entry["detail"].startswith(until)

        let_the_wait_pass(here)
        assert another.tick()["outcome"] == "stored"
    assert here.source().items() >= ANSWERS.items()
    assert warm.tick()["outcome"] == "stored"


def test_a_block_at_the_first_page_costs_one_request(here: Scene) -> None:
    here.exchange.faults.add("access_denied", path="/")
    with here.recorder() as recorder:
        entries = recorder.work(3)
    assert [entry["outcome"] for entry in entries] == ["failed", "skipped", "skipped"]
    assert [row.path for row in here.exchange.requests] == [PAGE]


@pytest.mark.parametrize("kind", ["access_denied", "too_many"])
def test_the_rest_of_a_refused_tick_is_not_sent(scene_at: SceneAt, kind: str) -> None:
    changes = {"nse_symbols": ("NIFTY",), "nse_expiries": 8, "nse_max_requests_per_second": 4}
    with scene_at(NOON) as here, here.recorder(**changes) as recorder:
        here.exchange.faults.add(kind)
        failed = recorder.tick()
        # Three requests of the first second taught the way; what was under way with the refused
        # one is the least that can be sent.
        assert here.asked(CHAIN) == 1
    assert len(failed["expiries"]) == 8
    # The last ones have no place half a second before the end of the tick.
    assert len({row["reason"] for row in failed["expiries"]} - {"busy"}) == 1


def test_a_block_that_goes_on_doubles_the_wait_of_all(here: Scene, warm: Recorder) -> None:
    here.exchange.faults.add("access_denied")
    began = here.clock.now()
    warm.tick()
    for failures, seconds in ((2, 600), (3, 1_200), (4, 2_400), (5, 3_600), (6, 3_600)):
        let_the_wait_pass(here)
        with here.recorder() as another:
            assert another.tick()["reason"] == "blocked"
        assert (here.source()["failures"], here.source()["since"]) == (failures, began)
        assert seconds <= waiting_time(here) <= 1.1 * seconds


def test_a_block_of_a_further_expiry_holds_for_all_though_the_near_is_answered(here: Scene) -> None:
    with here.recorder(nse_expiries=1) as recorder:
        further = here.exchange.market.expiries("IDEA")[1]
        here.exchange.faults.add("access_denied", query=f"expiry={day_text(further)}")
        entries = recorder.work(2)
    assert [entry["outcome"] for entry in entries] == ["stored", "skipped"]
    assert (entries[1]["reason"], here.source()["reason"]) == ("blocked", "blocked")


def test_a_light_refusal_beside_an_answer_costs_no_wait(here: Scene, warm: Recorder) -> None:
    further = here.exchange.market.expiries("IDEA")[1]
    here.exchange.faults.add("server_error", query=f"expiry={day_text(further)}")
    entries = warm.work(4)
    assert [entry["outcome"] for entry in entries] == ["failed"] * 4
    assert here.source() == {}


def test_after_server_errors_it_asks_less_and_less_often(here: Scene, warm: Recorder) -> None:
    here.exchange.faults.add("server_error", times=6)  # both expiries, three times
    entries = warm.work(10)
    outcomes = [entry["outcome"] for entry in entries]
    # Asked again at once; then 5 and 10 seconds later, and a little more.
    assert outcomes == [
        *("failed", "failed", "skipped"),
        *("failed", "skipped", "skipped", "skipped"),
        *("stored", "stored", "stored"),
    ]
    assert {entry["reason"] for entry in entries[:7]} == {"server_error"}
    assert here.source().items() >= ANSWERS.items()


def test_pages_in_place_of_data_are_a_refusal_that_grows(here: Scene, warm: Recorder) -> None:
    here.exchange.faults.add("html_200")
    entries = warm.work(4)
    assert [entry["outcome"] for entry in entries] == ["failed", "failed", "failed", "skipped"]
    assert here.source()["reason"] == "not_json"
    assert 30 - 2 * INTERVAL < waiting_time(here) < 33


def test_a_tarpit_counts_as_a_block_once_it_has_cost_four_ticks(scene_at: SceneAt) -> None:
    with scene_at(NOON, nse_fetch_interval=1) as here, here.recorder() as recorder:
        recorder.work()  # a cold start, which may take longer than such a tick
        here.exchange.faults.add("tarpit")
        entries = recorder.work(4)
        assert {(entry["outcome"], entry["reason"]) for entry in entries} == {("failed", "timeout")}
        asked = here.asked()
        (skipped,) = recorder.work(1)
        assert (skipped["outcome"], skipped["reason"]) == ("skipped", "timeout")
        assert here.asked() == asked
        here.exchange.faults.clear()
        let_the_wait_pass(here)
        assert recorder.work()[-1]["outcome"] == "stored"
        assert here.source().items() >= ANSWERS.items()


@pytest.mark.parametrize(
    ("kind", "reason"), [("server_error", "server_error"), ("access_denied", "blocked")]
)
def test_refused_contract_info_is_heeded_as_any_other(here: Scene, kind: str, reason: str) -> None:
    here.exchange.faults.add(kind, path=CONTRACTS, retry_after=60)
    with here.recorder() as recorder:
        entries = recorder.work(2)
        assert [(entry["outcome"], entry["reason"]) for entry in entries] == [
            ("failed", reason),
            ("skipped", reason),
        ]
        assert here.asked(CHAIN) == 0
        here.exchange.faults.clear()
        let_the_wait_pass(here)
        assert recorder.tick()["outcome"] == "stored"
