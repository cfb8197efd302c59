"""The three promises, checked against what the monkey's exchange sent and what is really so."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from bson import ObjectId

from optionchain.exchange_time import exchange_date, parse_exchange_timestamp, parse_expiry
from optionchain.mongo.client import Document
from optionchain.mongo.indexes import CONTRACTS, SNAPSHOTS, TICKS
from optionchain.mongo.stored_snapshot import snapshot_of
from tests.support.bodies import NUMBERS, Json
from tests.support.monkey.exchange import Sent
from tests.support.monkey.true_market import hours_of
from tests.support.monkey.world import MINUTE, World
from tests.support.naive_reader import Contract, Numbers, contracts_of, underlying_of

GOOD = ("stored", "unchanged")
_AHEAD = timedelta(minutes=2)
_OPENING = timedelta(minutes=5)
# How many bodies in a row must be far smaller until they are believed, after a minute.
_BELIEVED_AFTER = 3
# Two clocks, one 30 s ahead and one 30 s behind.
_SKEW = timedelta(seconds=61)
# How long an operation of a disturbed database takes at most.
_SLOW = timedelta(seconds=5)
# How long a recorder may be silent in a session before /health or a metric must say so.
_SILENCE = timedelta(minutes=10)

_FIRST_ID = ObjectId("0" * 24)
_NAMES = (*NUMBERS, "strike_price", "underlying_value")

type Key = tuple[str, date, datetime]
type Content = dict[Contract, Numbers]


class Stored(NamedTuple):
    """One committed snapshot as it was found in the database."""

    header: Document
    content: Content


def content_of(sent: Sent) -> Content:
    """Return the numbers of a body, each contract with the underlying."""
    body = sent.body
    underlying = {"underlying_value": underlying_of(body)}
    return {contract: numbers | underlying for contract, numbers in contracts_of(body).items()}


def stamp_of(body: Json) -> datetime:
    """Return the timestamp of a body, UTC."""
    return parse_exchange_timestamp(body["records"]["timestamp"])


@dataclass
class Promises:
    """Checks what was stored and what is served since the last check."""

    world: World
    stored: dict[tuple[str, date], list[Stored]] = field(default_factory=lambda: defaultdict(list))
    # Snapshots that the monkey itself put there or damaged.
    planted: set[Key] = field(default_factory=set)
    damaged: set[Key] = field(default_factory=set)
    ticks: int = 0
    _last_header: ObjectId = _FIRST_ID
    _last_contract: ObjectId = _FIRST_ID
    _documents: dict[Key, list[Document]] = field(default_factory=lambda: defaultdict(list))
    _turns: int = 0
    _stamps: dict[int, datetime] = field(default_factory=dict)
    _contents: dict[int, Content] = field(default_factory=dict)
    _checked_until: datetime | None = None

    def check(self) -> None:
        """Check everything that is new."""
        self._check_stored()
        self._check_ledger()
        self._check_served()
        self._check_health()

    # What is stored

    def _check_stored(self) -> None:
        database = self.world.database
        for document in database[CONTRACTS].find({"_id": {"$gt": self._last_contract}}):
            self._documents[_key(document)].append(document)
            self._last_contract = max(self._last_contract, document["_id"])
        headers = database[SNAPSHOTS].find({"_id": {"$gt": self._last_header}}, sort=[("_id", 1)])
        for header in headers:
            self._last_header = header["_id"]
            if (key := _key(header)) not in self.planted:
                self._check_snapshot(header, key)

    def _check_snapshot(self, header: Document, key: Key) -> None:
        tick = key[2]
        documents = self._documents.pop(key, [])
        assert len(documents) == header["calls"] + header["puts"], f"torn: {key}"
        snapshot = snapshot_of(header, documents)  # type: ignore[arg-type]
        assert snapshot.content_hash == header["content_hash"], f"torn: {key}"
        content = _content_of_documents(documents)
        body = self._sent(Stored(header, content), tick)
        assert body is not None, f"invented: {key}"
        stamp = stamp_of(body)
        assert stamp <= tick + _AHEAD, f"stamped {stamp}, stored at {tick}"
        assert exchange_date(stamp) == exchange_date(tick), f"of {stamp}, stored at {tick}"
        rows = body["records"]["data"]
        assert len(rows) == len(body["records"]["strikePrices"]), f"contradictory: {key}"
        self._check_order(Stored(header, content))

    def _check_order(self, new: Stored) -> None:
        symbol, expiry, tick = _key(new.header)
        before = self.stored[symbol, expiry]
        for old in before:
            same = old.header["exchange_timestamp"] == new.header["exchange_timestamp"]
            assert not (same and old.content == new.content), f"stored twice: {symbol} {tick}"
        if before:
            last = max(before, key=_tick).header
            assert tick != last["fetched_at"], f"repeated: {symbol} {tick}"
            assert new.header["exchange_timestamp"] >= last["exchange_timestamp"], f"back: {tick}"
            self._check_completeness(new, max(before, key=_tick))
        before.append(new)

    def _check_completeness(self, new: Stored, before: Stored) -> None:
        """Check that what a chain lost within a session is counted, and not believed at once."""
        symbol, expiry, tick = _key(new.header)
        touched = self.planted | self.damaged
        if any(key[:2] == (symbol, expiry) for key in touched) or exchange_date(
            _tick(before)
        ) != exchange_date(tick):
            return
        lost = len(before.content.keys() - new.content.keys())
        assert new.header["legs_missing"] == lost, f"{lost} legs are missing: {symbol} {tick}"
        if len(new.content) < len(before.content) * 2 / 3:
            sent = [each for each in self.world.exchange.sent[symbol, expiry] if each.at <= tick]
            sizes = {len(self._content(each)) for each in sent[-_BELIEVED_AFTER:]}
            assert sizes == {len(new.content)}, f"too small to be believed: {symbol} {tick}"
            header = self.world.database[SNAPSHOTS].find_one({"_id": before.header["_id"]}) or {}
            assert tick - header["last_seen_at"] > MINUTE, f"believed too soon: {symbol} {tick}"

    def _sent(self, stored: Stored, tick: datetime) -> Json | None:
        """Return the body that was sent for a tick and is what is stored, stamp and numbers."""
        symbol, expiry, _ = _key(stored.header)
        until = tick + 2 * timedelta(seconds=self.world.settings.nse_fetch_interval) + _SLOW
        for sent in reversed(self.world.exchange.sent.get((symbol, expiry), [])):
            if sent.at < tick - _SKEW:
                return None
            if (
                tick <= sent.at < until
                and self._stamp(sent) == stored.header["exchange_timestamp"]
                and self._content(sent) == stored.content
            ):
                return sent.body
        return None

    def _stamp(self, sent: Sent) -> datetime:
        known = self._stamps.get(id(sent.body))
        if known is None:
            known = self._stamps[id(sent.body)] = stamp_of(sent.body)
        return known

    def _content(self, sent: Sent) -> Content:
        known = self._contents.get(id(sent.body))
        if known is None:
            known = self._contents[id(sent.body)] = content_of(sent)
        return known

    # What became of ticks

    def _check_ledger(self) -> None:
        now = self.world.now()
        since = self._checked_until or self.world.start - MINUTE
        query = {"tick": {"$gte": since, "$lt": now - MINUTE}}
        for entry in self.world.database[TICKS].find(query):
            self.ticks += 1
            self._check_entry(entry)
        self._checked_until = now - MINUTE

    def _check_entry(self, entry: Document) -> None:
        symbol, tick, outcome = entry["symbol"], entry["tick"], entry.get("outcome")
        written = list(self._at(symbol, tick))
        if outcome == "stored":
            assert written, f"{symbol} {tick} is said to be stored"
        if outcome == "unchanged":
            # A database that reports a failure may have stored the snapshot all the same.
            unsure = {row.get("expiry_date") for row in entry["expiries"] if "reason" in row}
            for stored in written:
                assert stored.header["expiry_date"] in unsure, f"{symbol} {tick} is not unchanged"
        hours = hours_of(exchange_date(tick))
        in_session = hours and hours[0] + _OPENING <= tick < hours[1]
        if outcome in GOOD and (in_session or hours is None):
            assert self._is_truly_good(symbol, tick), f"good without an answer: {entry}"

    def _at(self, symbol: str, tick: datetime) -> Iterator[Stored]:
        for (name, _), rows in self.stored.items():
            if name == symbol:
                yield from (each for each in rows if each.header["fetched_at"] == tick)

    def _is_truly_good(self, symbol: str, tick: datetime) -> bool:
        """Tell whether the record has at a tick what the exchange sent of that day."""
        for (name, _), rows in self.stored.items():
            if name == symbol and any(
                exchange_date(each.header["exchange_timestamp"]) == exchange_date(tick)
                and self._sent(each, tick)
                for each in _known_at(rows, tick)
            ):
                return True
        return False

    # What is served

    def _check_served(self) -> None:
        """Ask for the nearest chain of one symbol and for all of another, which take turns."""
        symbols = self.world.settings.nse_symbols
        self._turns += 1
        self._check_chain(symbols[self._turns % len(symbols)], "nearest")
        self._check_chain(symbols[self._turns % len(symbols) - 1], "all")
        known = [each for rows in self.stored.values() for each in rows]
        if known:
            symbol, expiry, tick = _key(self.world.chance.choice(known).header)
            self._check_chain(symbol, expiry.isoformat(), tick)

    def _check_chain(self, symbol: str, expiry: str, as_of: datetime | None = None) -> None:
        """Check an answer; `as_of` is the tick of a stored snapshot, which must be the answer."""
        world, asked = self.world, {"expiry": expiry}
        if as_of is not None:
            asked["as_of"] = f"{as_of:%Y-%m-%dT%H:%M:%SZ}"
        answer = world.api.get(f"/option-chain/{symbol}", params=asked)
        away = world.trouble.away(world.now())
        allowed = (200, 404, 503) if away or self.damaged else (200, 404)
        assert answer.status_code in allowed, answer.text
        if answer.status_code != 200:
            return
        chain = answer.json()
        assert as_of is None or datetime.fromisoformat(chain["timestamp"]) == as_of, asked
        for each in chain["expiries"]:
            self._check_expiry(symbol, each, chain["calls"] + chain["puts"])

    def _check_expiry(self, symbol: str, row: Json, contracts: Sequence[Json]) -> None:
        expiry = parse_expiry(row["expiry_date"])
        tick = datetime.fromisoformat(row["timestamp"])
        if (symbol, expiry, tick) in self.planted:
            return
        found = [each for each in self.stored[symbol, expiry] if each.header["fetched_at"] == tick]
        assert found, f"served but never stored: {symbol} {row}"
        served = {
            (expiry, leg["type"], leg["strike_price"]): leg
            for leg in contracts
            if leg["expiry_date"] == row["expiry_date"]
        }
        content = found[0].content
        assert served.keys() == content.keys(), f"served torn: {symbol} {row}"
        for contract, numbers in content.items():
            for name, number in numbers.items():
                assert served[contract][name] == number, f"served otherwise: {symbol} {contract}"
        seen = datetime.fromisoformat(row["last_seen_at"])
        assert self._sent(found[0], seen), f"confirmed at {seen}, but not sent then"

    # What is said

    def _check_health(self) -> None:
        now = self.world.now()
        hours = hours_of(exchange_date(now))
        if hours is None or not hours[0] + _SILENCE < now < hours[1]:
            return
        answer = self.world.api.get("/health")
        health = answer.json()
        silent = [
            symbol
            for symbol in self.world.settings.nse_symbols
            if now - self._last_seen(symbol) > _SILENCE
        ]
        if silent:
            says = answer.status_code != 200 or health.get("notices")
            assert says, f"{now}: nothing of {silent} is recorded, and health is {health}"

    def _last_seen(self, symbol: str) -> datetime:
        good = {"symbol": symbol, "outcome": {"$in": list(GOOD)}}
        entry = self.world.database[TICKS].find_one(good, sort=[("tick", -1)])
        return entry["tick"] if entry else datetime.min.replace(tzinfo=UTC)

    def check_gaps(self, day: date) -> None:
        """Check that each due tick of a day which is not good lies in a gap, and no good one."""
        if hours_of(day) is None:
            return
        for symbol in self.world.settings.nse_symbols:
            answer = self.world.api.get(f"/option-chain/{symbol}/gaps", params={"date": str(day)})
            if self.world.trouble.away(self.world.now()):
                return
            assert answer.status_code == 200, answer.text
            body = answer.json()
            if body["expected_ticks"]:
                self._check_gaps_of(symbol, day, body)

    def _check_gaps_of(self, symbol: str, day: date, body: Json) -> None:
        assert sum(body["ticks"].values()) == body["expected_ticks"]
        gaps = [
            (datetime.fromisoformat(gap["start"]), datetime.fromisoformat(gap["end"]), gap)
            for gap in body["gaps"]
        ]
        assert all(before[1] <= after[0] for before, after in pairwise(gaps)), f"{symbol}: {gaps}"
        starts = [start for start, _, _ in gaps]
        query = {"symbol": symbol, "outcome": {"$in": list(GOOD)}}
        good = set(self.world.database[TICKS].distinct("tick", query))
        for tick in self.world.due_ticks(symbol, day):
            if tick < datetime.fromisoformat(body["recorded_since"]):
                continue
            place = bisect_right(starts, tick) - 1
            gap = gaps[place][2] if place >= 0 and tick < gaps[place][1] else None
            assert (gap is None) == (tick in good), f"{symbol} {tick}: {gap}"
            # A database that fails does not say that the recorder is switched off.
            if gap and gap["outcome"] != "stopped" and gap["reason"] != "database":
                assert not self.world.was_stopped(tick), f"{symbol} {tick}: {gap}"

    # What must be so again after everything is well

    def check_recovered(self) -> None:
        """Check that the newest truth is recorded, served and called well."""
        world = self.world
        answer = world.api.get("/health")
        assert answer.status_code == 200, answer.text
        for symbol in world.settings.nse_symbols:
            nearest = world.listing.current(symbol, exchange_date(world.now()))[0]
            chain = world.api.get(f"/option-chain/{symbol}").json()
            assert parse_expiry(chain["expiry_date"]) == nearest, f"{symbol}: {chain}"
            assert not chain["gap"], chain
            stamp = datetime.fromisoformat(chain["exchange_timestamp"])
            assert world.now() - stamp < 2 * MINUTE, f"{symbol} is of {stamp} at {world.now()}"


def _known_at(rows: Sequence[Stored], tick: datetime) -> list[Stored]:
    """Return the newest snapshot at a tick, and those that other clocks take for the newest."""
    before = [each.header["fetched_at"] for each in rows if each.header["fetched_at"] <= tick]
    since = max(before, default=tick) - _SKEW
    return [each for each in rows if since <= each.header["fetched_at"] <= tick + _SKEW]


def _tick(stored: Stored) -> datetime:
    tick: datetime = stored.header["fetched_at"]
    return tick


def _key(header: Mapping[str, Any]) -> Key:
    return header["symbol"], header["expiry"].date(), header["fetched_at"]


def _content_of_documents(documents: Sequence[Document]) -> Content:
    return {
        (row["expiry"].date(), row["type"], row["strike_price"]): {
            name: row[name] for name in _NAMES
        }
        for row in documents
    }
