"""A range of days, day by day: find its file, read it whole, store its chains."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property

from pymongo.database import Database

from chain_fetch.nse.bhavcopy import Bhavcopy, read_bhavcopy
from chain_fetch.nse.bhavcopy_lots import lots_of
from chain_fetch.nse.bhavcopy_server import BHAVCOPY
from local.backfill.bhavcopy_files import BhavcopyFiles, FilesRefused
from local.backfill.day_chains import chains_of, instant_of
from local.backfill.day_store import DayStore, StoredDay
from local.database_for_past_days import ensure_indexes
from local.terminal import FAILED, progress_bar
from optionchain.contract_lists import ContractList
from optionchain.errors import PayloadInvalid, SettingInvalid
from optionchain.market import Market
from optionchain.market_calendar import MarketCalendar
from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.contract_register import ContractRegister
from optionchain.mongo.header_counts import QUARTER, quarter_of
from optionchain.mongo.holiday_register import HolidayRegister
from optionchain.mongo.indexes import SNAPSHOTS
from optionchain.mongo.snapshot_writer import SnapshotWriter
from optionchain.mongo.symbol_days import SymbolDays
from optionchain.settings import Settings
from optionchain.symbol_selection import is_fixed, select

_DAY = timedelta(days=1)
# So many days without a file are named.
_NAMED = 5


@dataclass
class Backfill:
    """Stores end-of-day chains; a second run finds what the first one stored and goes on."""

    database: Database[Document]
    files: BhavcopyFiles
    settings: Settings
    now: Callable[[], datetime]
    print_line: Callable[[str], None]
    _bad: list[str] = field(default_factory=list)
    _absent: list[date] = field(default_factory=list)
    _found: set[str] = field(default_factory=set)
    _files_read: int = 0

    def run(self, first: date, last: date) -> int:
        """Store the trading days from `first` to `last`; return the exit status.

        Raises SettingInvalid for days that the database would not keep, and StoreUnavailable.
        """
        ensure_indexes(self.database, self.settings.retention_days, self.print_line)
        self._check_range(first, last)
        days = list(self._trading_days(first, last))
        total = StoredDay(0, 0, 0)
        with progress_bar(len(days), "backfill", "day") as bar:
            for day in days:
                try:
                    total += self._store_day(day)
                except FilesRefused as refusal:
                    self._bad.append(f"{day} and the days after it: {refusal}")
                    break
                bar.update()
        return self._report(total, len(days))

    def _store_day(self, day: date) -> StoredDay:
        """Store what the record lacks of a day; of a bad file nothing is stored."""
        nothing = StoredDay(0, 0, 0)
        path = self.files.find(day)
        if path is None:
            self._absent.append(day)
            return nothing
        try:
            found = self._wanted(read_bhavcopy(path.name, path.read_bytes(), self._named))
            sound = (row for row in found.rows if (row.symbol, row.expiry) not in found.doubts)
            chains = chains_of(day, sound)
        except PayloadInvalid as error:
            self._bad.append(f"{day}: {error}")
            return nothing
        self._bad += [
            f"{day}: {symbol} {expiry}: {told}" for (symbol, expiry), told in found.doubts.items()
        ]
        self._files_read += 1
        self._found.update(row.symbol for row in found.rows)
        self._keep_lots(found)
        closes = self._market.sessions(day)[-1].closes
        store = DayStore(SnapshotWriter(self.database), self.settings.risk_free_rate)
        stored = store.store(day, closes, chains)
        # The recorder has passed this day already.
        since = quarter_of(instant_of(day))
        SymbolDays(self.database).add(since, since + QUARTER)
        return stored

    @cached_property
    def _named(self) -> frozenset[str] | None:
        """Return the symbols if the settings name each one, None if the file says which."""
        words = self.settings.nse_symbols
        return frozenset(select(words, {})) if is_fixed(words) else None

    def _wanted(self, file: Bhavcopy) -> Bhavcopy:
        """Return the part of a file that is of the symbols of its day."""
        symbols = frozenset(select(self.settings.nse_symbols, file.kinds))
        rows = tuple(row for row in file.rows if row.symbol in symbols)
        doubts = {chain: told for chain, told in file.doubts.items() if chain[0] in symbols}
        return Bhavcopy(file.day, rows, doubts)

    def _keep_lots(self, file: Bhavcopy) -> None:
        """Keep the lots of a day, as the recorder does with a file that it reads."""
        now = self.now()
        symbols = list(dict.fromkeys([*select(self.settings.nse_symbols, {}), *file.kinds]))
        ContractRegister(self.database).write(
            ContractList(symbol, BHAVCOPY, file.day, now, terms)
            for symbol, terms in lots_of(file, symbols).items()
        )

    def _check_range(self, first: date, last: date) -> None:
        """Raise SettingInvalid if there are no such days, or the database would not keep them."""
        if first > last:
            raise SettingInvalid("FROM", f"{first}", f"must not be after TO={last}")
        kept = self._kept()
        age = self.now() - instant_of(first)
        if kept is not None and age >= kept:
            days = -(-age // _DAY)
            allowed = (
                f"is {age // _DAY} days ago, and the database deletes documents after {kept.days} "
                f"days. Set RETENTION_DAYS={days} or more, here and for the recorder, to keep it"
            )
            raise SettingInvalid("FROM", f"{first}", allowed)

    def _kept(self) -> timedelta | None:
        """Return how long the database keeps headers for good; None if it deletes none.

        Not longer than RETENTION_DAYS: it keeps them longer only until older days are sealed.
        """
        with database_errors():
            indexes = self.database[SNAPSHOTS].index_information().values()
        seconds = [each["expireAfterSeconds"] for each in indexes if "expireAfterSeconds" in each]
        kept = self.settings.retention_days * _DAY
        return min(timedelta(seconds=min(seconds)), kept) if seconds else None

    def _trading_days(self, first: date, last: date) -> Iterator[date]:
        """Return the days with a session whose nominal instant has come."""
        day = first
        while day <= last and instant_of(day) <= self.now():
            if self._market.sessions(day):
                yield day
            day += _DAY

    @cached_property
    def _market(self) -> Market:
        return MarketCalendar(
            HolidayRegister(self.database),
            "exchange",
            self.settings.market_special_sessions,
            self.now,
        ).market()

    def _report(self, total: StoredDay, days: int) -> int:
        """Say what came of it; return the exit status, 0 if nothing is wrong with any file."""
        self.print_line(
            f"{days} trading days: {total.stored} chains stored with {total.contracts} contracts, "
            f"{total.known} were there before, in the database {self.database.name}."
        )
        if self._absent:
            named = ", ".join(f"{day}" for day in self._absent[:_NAMED])
            more = len(self._absent) - _NAMED
            self.print_line(
                f"No file of {len(self._absent)} trading days: {named}"
                + (f" and {more} more" if more > 0 else "")
                + ". Was the exchange closed, or is the file not published yet?"
            )
        named_symbols = select(self.settings.nse_symbols, {})
        unknown = [each for each in named_symbols if each not in self._found]
        if self._files_read and unknown:
            self._bad.append(f"{', '.join(unknown)}: no file that was read has options on it")
        for told in self._bad:
            self.print_line(f"Nothing stored of {told}")
        return FAILED if self._bad or self._absent else 0
