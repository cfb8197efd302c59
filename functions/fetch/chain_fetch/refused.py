"""The error of a source that does not answer a request with data."""

from optionchain.errors import OptionChainError
from optionchain.mongo.tick_ledger import Reason


class Refused(OptionChainError):
    """The source did not answer a request with data.

    `reason` is one of the ledger's; `retry_after` is in seconds where the source named a time.
    """

    def __init__(self, reason: Reason, detail: str, retry_after: float | None = None) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason: Reason = reason
        self.detail = detail
        self.retry_after = retry_after
