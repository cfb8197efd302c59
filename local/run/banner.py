"""What `make run` prints at the start."""

from urllib.parse import quote

from local.run.options import Options
from local.run.sources import NSE
from optionchain.misspelt_settings import misspelt_text
from optionchain.settings import Settings
from optionchain.symbol_selection import Kind, select

_SOURCES = {
    "SIMULATED": "SIMULATED market: every number below is modelled, none is the exchange's.",
    "REPLAY": "REPLAY of {replay}: captured numbers, their dates moved to today.",
    "": "The exchange's own data, from {url}: for personal use, under the exchange's terms.",
}


def banner(options: Options, mongodb_uri: str | None) -> str:
    """Return what a person needs to know at the start.

    `mongodb_uri` is that of the run's own mongod. The URI of another server is not shown, because
    it may hold a password.
    """
    api = f"http://127.0.0.1:{options.port}"
    symbol = quote(example_symbol(options.settings))
    server = f"{options.data_dir / 'mongod'}, {mongodb_uri}" if mongodb_uri else "MONGODB_URI"
    rows = {
        "Page": f"{api}/dashboard",
        "API": f"{api}/docs",
        "Latest": f"curl -s {api}/option-chain/{symbol}",
        "Data": f"{server}, database {options.settings.mongodb_database}",
        "Logs": str(options.data_dir / "logs"),
    }
    if options.settings.archive_url:
        rows["Archive"] = options.settings.archive_url
    rows = _source_rows(options) | rows
    lines = [_market_line(options), *(f"  {name:<8}{text}" for name, text in rows.items())]
    lines += [f"  NOTE    {misspelt_text(*each)}" for each in options.misspelt.items()]
    return "\n".join([*lines, "Ctrl-C stops. Each tick, in India's time (IST):"])


def example_symbol(settings: Settings) -> str:
    """Return a symbol that is recorded: one that is named, else one that is always listed."""
    listed: dict[str, Kind] = {"NIFTY": "index", "BANKNIFTY": "index", "RELIANCE": "stock"}
    return next(iter(select(settings.nse_symbols, listed)), "NIFTY")


def _market_line(options: Options) -> str:
    """Return whose numbers the run records."""
    sources = options.sources
    if sources.live and sources.names != (NSE,):
        names = " and ".join(sources.names)
        return f"LIVE data of {names}, asked with your token: for personal use, under its terms."
    return _SOURCES[options.label].format(replay=options.replay, url=options.settings.nse_base_url)


def _source_rows(options: Options) -> dict[str, str]:
    """Return what a person needs to know of vendors, if any is asked."""
    sources, settings = options.sources, options.settings
    if sources.names == (NSE,):
        return {}
    rows = {} if sources.live else {"Source": f"{', '.join(sources.names)}, simulated: no account"}
    if options.pace:
        pace = f"NSE_EXPIRIES={settings.nse_expiries}, a tick each {settings.nse_fetch_interval} s"
        rows["Pace"] = f"{pace}: its budget carries no more"
    return rows
