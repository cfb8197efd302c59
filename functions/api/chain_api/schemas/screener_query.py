"""What may be asked of the table of all symbols."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field, WithJsonSchema, create_model

from chain_api.calculations.screening import Screening
from chain_api.parameters.choices import Kind, any_case
from chain_api.parameters.screening import BOUNDED, RowColumns, SortKey, Spark
from chain_api.parameters.types import TierName, symbol_name
from chain_api.problems.catalogue import invalid
from chain_api.schemas.queries import FormatQuery
from optionchain.analytics import Buildup

MAX_LIMIT = 1_000
_FARTHEST = 1e15


def _symbols(text: str) -> str:
    return ",".join(dict.fromkeys(symbol_name(part) for part in text.split(",")))


type SymbolNames = Annotated[
    str,
    AfterValidator(_symbols),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": "^ *[A-Za-z0-9&-]{1,25} *(?:, *[A-Za-z0-9&-]{1,25} *)*$",
            "examples": ["NIFTY,BANKNIFTY"],
        }
    ),
]


def _bounds() -> Mapping[str, Any]:
    """Return the parameters min_… and max_… of each bounded column."""
    return {
        f"{side}_{name}": (
            float | None,
            Field(
                default=None,
                ge=-_FARTHEST,
                le=_FARTHEST,
                description=f"{text} {what}, inclusive; a row without that number is left out",
            ),
        )
        for name, what in BOUNDED.items()
        for side, text in (("min", "least"), ("max", "most"))
    }


_Bounds = create_model("_Bounds", __base__=FormatQuery, **_bounds())


class ScreenerQuery(_Bounds):  # type: ignore[misc,valid-type]
    """Which symbols, in which order, and which of their numbers."""

    sort: SortKey = Field(
        default="symbol",
        description="a column, with - in front for descending; rows without a value come last in "
        "either order",
    )
    symbols: SymbolNames | None = Field(
        default=None, description="these symbols, separated by commas; all by default"
    )
    kind: Annotated[Kind | None, any_case(Kind)] = Field(
        default=None, description="index or stock, by the list of symbols that have options"
    )
    tier: TierName | None = Field(
        default=None,
        description="the tier by whose interval a symbol is read",
        examples=["INDICES", "BASE"],
    )
    buildup: Annotated[Buildup | None, any_case(Buildup)] = Field(
        default=None, description="the class of build-up"
    )
    columns: RowColumns | None = Field(
        default=None, description="columns of a row, separated by commas; all by default"
    )
    sparkline: Annotated[Spark | None, any_case(Spark)] = Field(
        default=None,
        description="adds to each row the points of its day, one a quarter of an hour; not in CSV",
    )
    limit: int = Field(default=MAX_LIMIT, ge=1, le=MAX_LIMIT, description="rows at most")
    offset: int = Field(default=0, ge=0, le=MAX_LIMIT, description="rows to pass over")

    def screening(self) -> Screening:
        """Return the conditions; raise the Problem of bounds that cross."""
        low, high = (
            {
                name: value
                for name in BOUNDED
                if (value := getattr(self, f"{side}_{name}")) is not None
            }
            for side in ("min", "max")
        )
        for name in low.keys() & high.keys():
            if low[name] > high[name]:
                allowed = f"must not be above max_{name} ({high[name]})"
                raise invalid(f"min_{name}", low[name], allowed)
        exact = {name: getattr(self, name) for name in ("kind", "tier", "buildup")}
        return Screening(
            exact={name: value for name, value in exact.items() if value is not None},
            least=low,
            most=high,
            symbols=frozenset(self.symbols.split(",")) if self.symbols else None,
            sort=self.sort,
        )
