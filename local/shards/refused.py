"""Why a database is not sharded."""

from optionchain.errors import OptionChainError


class ShardsRefused(OptionChainError):
    """Nothing was lost; the message says what stands in the way."""
