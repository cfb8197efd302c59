"""Names of columns: the fields of a contract, its derived columns, the metrics of a chain."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

from chain_api.problems.catalogue import invalid
from optionchain.analytics.rupees import RUPEE_FIGURES
from optionchain.mongo.documents import CONTRACT_FIELDS

COLUMNS: tuple[str, ...] = CONTRACT_FIELDS
# A history may go from one source to another one.
HISTORY_COLUMNS = (*COLUMNS, "source")
# Added to each contract with greeks=true: those of `LegGreeks` in its order, then the changes.
GREEK_COLUMNS = (
    "iv",
    "iv_source",
    "delta",
    "gamma",
    "theta",
    "vega",
    "rho",
    "iv_reason",
    "buildup",
    "oi_since_previous_close",
    "change_reason",
)
CHAIN_COLUMNS = (*COLUMNS, *GREEK_COLUMNS)
_ANY_OF_HISTORY = (*HISTORY_COLUMNS, *GREEK_COLUMNS)
# The numbers of a snapshot's analytics, in the order of their answer.
FIGURES = (
    "reference_price",
    "pcr_oi",
    "pcr_volume",
    "pcr_change",
    "max_pain",
    "atm_strike",
    "atm_iv",
    "straddle_price",
    "implied_move_percent",
    "skew_25_delta",
    "call_gamma_exposure",
    "put_gamma_exposure",
    "total_gamma_exposure",
    "net_gamma_exposure",
    "unpriced_legs",
    "newly_listed",
    "support",
    "resistance",
)
# Metrics that a header holds beside its analytics.
OF_HEADER = ("underlying_value", "legs_missing")
METRICS = ("underlying_value", "forward", *FIGURES, *RUPEE_FIGURES, "legs_missing")

# What is compared between two chains, and what a record tells of each.
MEASURES = ("open_interest", "total_traded_volume", "last_price", "implied_volatility")
CHANGES_OF_MEASURES = tuple(
    f"{name}_{end}" for name in MEASURES for end in ("from", "to", "change")
)
_CHANGE_NUMBERS = ("strike_price", *CHANGES_OF_MEASURES)

# What a row of /symbols tells: how the symbol is recorded, its newest snapshots, its contracts.
OF_PLAN = ("symbol", "kind", "tier", "interval_seconds", "listed_since", "lost_since")
_OF_SNAPSHOTS = (
    "expiry_dates",
    "expiries",
    "last_snapshot",
    "last_seen_at",
    "underlying_value",
    "settled",
)
OF_LISTS = ("contract_terms",)
SYMBOL_COLUMNS = (*OF_PLAN, *_OF_SNAPSHOTS, *OF_LISTS, "age_seconds")


def names_of(text: str, known: Sequence[str], what: str) -> str:
    """Read some of the known names, in any case and with commas between; raise ValueError."""
    names = list(dict.fromkeys(part.strip(" ").lower() for part in text.split(",")))
    if not text.isascii() or any(name not in known for name in names):
        raise ValueError(f"{what} are names, separated by commas, of {', '.join(known)}")
    return ",".join(names)


def check_derived(columns: str | None, iv_source: str | None, *, greeks: bool) -> None:
    """Raise the Problem of a request that names something derived without `greeks`."""
    if greeks:
        return
    if derived := [name for name in (columns or "").split(",") if name in GREEK_COLUMNS]:
        allowed = f"must not name {', '.join(derived)} without greeks=true, which computes them"
        raise invalid("columns", columns, allowed)
    if iv_source:
        raise invalid(
            "iv_source",
            iv_source,
            "must not be given without greeks=true, whose numbers it chooses",
        )


def sort_key(text: str, known: Sequence[str]) -> str:
    """Read one of the known names in any case, perhaps with - in front; raise ValueError."""
    name = text.strip(" ").lower()
    if not text.isascii() or name.removeprefix("-") not in known:
        raise ValueError(f"sort is one of {', '.join(known)}, with - in front for descending")
    return name


def sort_schema(known: Sequence[str], *examples: str) -> WithJsonSchema:
    """Return the schema of a parameter that sort_key reads."""
    pattern = f"^ *-?(?:{'|'.join(known)}) *$"
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": list(examples)})


def _validator(known: Sequence[str], what: str) -> AfterValidator:
    return AfterValidator(partial(names_of, known=known, what=what))


def _schema(known: Sequence[str], description: str, *examples: str) -> WithJsonSchema:
    name = f"(?:{'|'.join(known)})"
    pattern = f"^(?: *{name}(?: *, *{name})* *)$"
    schema = {"type": "string", "pattern": pattern, "description": description}
    return WithJsonSchema({**schema, "examples": list(examples)})


_FIELDS = "Fields of a contract, separated by commas."
# Aliases of this form have a name of their own in the OpenAPI document.
type Columns = Annotated[
    str,
    _validator(_ANY_OF_HISTORY, "columns"),
    _schema(_ANY_OF_HISTORY, _FIELDS, "fetched_at,last_price,source"),
]
type LegColumns = Annotated[
    str,
    _validator(CHAIN_COLUMNS, "columns"),
    _schema(CHAIN_COLUMNS, _FIELDS, "strike_price,type,last_price"),
]
type MetricNames = Annotated[
    str,
    _validator(METRICS, "metrics"),
    _schema(METRICS, "Metrics, separated by commas.", "pcr_oi,straddle_price", "max_pain"),
]
type ChangeSort = Annotated[
    str,
    AfterValidator(partial(sort_key, known=_CHANGE_NUMBERS)),
    sort_schema(_CHANGE_NUMBERS, "-open_interest_change", "strike_price"),
]
type SymbolColumns = Annotated[
    str,
    _validator(SYMBOL_COLUMNS, "columns"),
    _schema(SYMBOL_COLUMNS, "Members of a row, separated by commas.", "symbol,tier"),
]
