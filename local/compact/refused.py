"""Why a database is not compacted, or not now."""

from optionchain.errors import OptionChainError


class CompactRefused(OptionChainError):
    """Nothing was lost and nothing was replaced; the message says what to do."""
