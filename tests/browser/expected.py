"""What the API answers, arranged as the page shows it."""

from tests.browser.contents import Contents
from tests.browser.server import Json, Server

# The other tiles have no number of a snapshot: its age, the state of the market.
TILES = ("underlying_value", "pcr_oi", "max_pain", "atm_iv", "straddle_price")

type Legs = dict[tuple[float, str], Json]


def chain(server: Server, symbol: str = "NIFTY", **query: str) -> Json:
    """Return the chain with the greeks of each contract."""
    return server.get(f"/option-chain/{symbol}", greeks="true", **query)


def legs(answer: Json) -> Legs:
    """Return the contracts of a chain by strike and side."""
    sides = {"call": answer["calls"], "put": answer["puts"]}
    return {(leg["strike_price"], side): leg for side, found in sides.items() for leg in found}


def strikes(answer: Json) -> list[float]:
    """Return the strikes of a chain, in order."""
    return sorted({strike for strike, _ in legs(answer)})


def differences(
    server: Server, contents: Contents, symbol: str = "NIFTY", **query: str
) -> list[object]:
    """Return all that the page shows otherwise than the API answers: instant, tiles, cells.

    A contract that is not listed has no number.
    """
    answer = chain(server, symbol, **query)
    by_strike = legs(answer)
    analytics = server.get(f"/option-chain/{symbol}/analytics", **query)
    return [
        *{contents.timestamp} - {answer["timestamp"]},
        *(name for name in TILES if contents.tiles[name] != analytics[name]),
        *{cell.strike for cell in contents.cells} ^ set(strikes(answer)),
        *(
            cell
            for cell in contents.cells
            if cell.value != by_strike.get((cell.strike, cell.side), {}).get(cell.column)
        ),
    ]
