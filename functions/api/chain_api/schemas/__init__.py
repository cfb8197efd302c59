"""The bodies of requests and answers as the OpenAPI document describes them.

Answers are not built from these models: documents go out as they are stored, and a test validates
real answers against the models.
"""

from chain_api.schemas.base import Model, ProblemDetails
from chain_api.schemas.chain import (
    Chain,
    ChainQuery,
    Contract,
    ExpiryDates,
    FilterAnswer,
    FilterRequest,
    Strikes,
)
from chain_api.schemas.gaps import Gaps, GapsQuery
from chain_api.schemas.pipeline import PipelineState, PipelineStatus
from chain_api.schemas.service import Health, Root, Stats, Symbols

__all__ = [
    "Chain",
    "ChainQuery",
    "Contract",
    "ExpiryDates",
    "FilterAnswer",
    "FilterRequest",
    "Gaps",
    "GapsQuery",
    "Health",
    "Model",
    "PipelineState",
    "PipelineStatus",
    "ProblemDetails",
    "Root",
    "Stats",
    "Strikes",
    "Symbols",
]
