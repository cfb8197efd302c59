"""The bodies of requests and answers as the OpenAPI document describes them.

Answers are not built from these models: documents go out as they are stored, and a test validates
real answers against the models.
"""

from chain_api.schemas.analytics import Analytics, OpenInterestProfile, Smile
from chain_api.schemas.analytics_queries import (
    AnalyticsHistoryQuery,
    AnalyticsQuery,
    GammaQuery,
    InterestQuery,
    OpenInterestHistoryQuery,
    SurfaceQuery,
    TermStructureQuery,
)
from chain_api.schemas.archive import Archive, ArchiveQuery
from chain_api.schemas.base import FieldError, Model, ProblemDetails
from chain_api.schemas.chain import (
    Chain,
    ChainColumns,
    ChainRows,
    ExpiryDates,
    Strikes,
)
from chain_api.schemas.contract import Contract
from chain_api.schemas.days import Days, DaysQuery
from chain_api.schemas.disagreements import Disagreements, DisagreementsQuery
from chain_api.schemas.expiries import IvRank, Surface, TermStructure
from chain_api.schemas.filter import FilterAnswer, FilterRequest
from chain_api.schemas.gamma_exposure import GammaExposure
from chain_api.schemas.gaps import Gaps, GapsQuery
from chain_api.schemas.metrics import AnalyticsHistory
from chain_api.schemas.open_interest_history import OpenInterestHistory
from chain_api.schemas.pipeline import PipelineState, PipelineStatus
from chain_api.schemas.queries import (
    ChangesQuery,
    DatesQuery,
    HistoryQuery,
    MomentQuery,
    OptionChainQuery,
    SnapshotsQuery,
)
from chain_api.schemas.screener import Screener
from chain_api.schemas.screener_query import ScreenerQuery
from chain_api.schemas.service import Health, Root, Stats
from chain_api.schemas.symbols import Symbols, SymbolsQuery
from chain_api.schemas.through_time import Changes, History, Snapshots

__all__ = [
    "Analytics",
    "AnalyticsHistory",
    "AnalyticsHistoryQuery",
    "AnalyticsQuery",
    "Archive",
    "ArchiveQuery",
    "Chain",
    "ChainColumns",
    "ChainRows",
    "Changes",
    "ChangesQuery",
    "Contract",
    "DatesQuery",
    "Days",
    "DaysQuery",
    "Disagreements",
    "DisagreementsQuery",
    "ExpiryDates",
    "FieldError",
    "FilterAnswer",
    "FilterRequest",
    "GammaExposure",
    "GammaQuery",
    "Gaps",
    "GapsQuery",
    "Health",
    "History",
    "HistoryQuery",
    "InterestQuery",
    "IvRank",
    "Model",
    "MomentQuery",
    "OpenInterestHistory",
    "OpenInterestHistoryQuery",
    "OpenInterestProfile",
    "OptionChainQuery",
    "PipelineState",
    "PipelineStatus",
    "ProblemDetails",
    "Root",
    "Screener",
    "ScreenerQuery",
    "Smile",
    "Snapshots",
    "SnapshotsQuery",
    "Stats",
    "Strikes",
    "Surface",
    "SurfaceQuery",
    "Symbols",
    "SymbolsQuery",
    "TermStructure",
    "TermStructureQuery",
]
