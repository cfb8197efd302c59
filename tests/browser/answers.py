"""What the API answers of a chain, arranged as the page shows it."""

from tests.browser.dashboard import Cell, Value
from tests.browser.site import Json, Site

# Beside these a page shows what is no number of a snapshot: its age, the state of the market.
TILES = ("underlying_value", "pcr_oi", "max_pain", "atm_iv", "straddle_price")
SIDES = {"call": "calls", "put": "puts"}

type Legs = dict[tuple[float, str], Json]


def chain(site: Site, symbol: str = "NIFTY", **query: str) -> Json:
    """Return the chain with what was computed of each contract."""
    return site.get(f"/option-chain/{symbol}", greeks="true", **query)


def legs(answer: Json) -> Legs:
    """Return the contracts of a chain by strike and side."""
    return {
        (leg["strike_price"], side): leg for side, name in SIDES.items() for leg in answer[name]
    }


def strikes(answer: Json) -> list[float]:
    """Return the strikes of a chain, in order."""
    return sorted({strike for strike, _ in legs(answer)})


def tiles(site: Site, symbol: str = "NIFTY", **query: str) -> dict[str, Value]:
    """Return the numbers of the tiles."""
    answer = site.get(f"/option-chain/{symbol}/analytics", **query)
    return {name: answer[name] for name in TILES}


def of(legs: Legs, cell: Cell) -> Value:
    """Return what the API answers for a cell; a contract that is not there has no number."""
    found: Value = legs.get((cell.strike, cell.side), {}).get(cell.column)
    return found
