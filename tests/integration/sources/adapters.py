"""The sources that the contract suite is run for: one line for each."""

from tests.integration.sources import dhan_adapter, nse_adapter, upstox_adapter

ADAPTERS = (
    nse_adapter.ADAPTER,
    upstox_adapter.ADAPTER,
    dhan_adapter.ADAPTER,
)
