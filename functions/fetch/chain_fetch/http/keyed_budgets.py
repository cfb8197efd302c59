"""The request budgets of a source, of which the present invocation uses one.

An execution environment serves one group of symbols after another, and groups may ask from
different addresses. Each address has a budget of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from chain_fetch.http.request_budget import Granted, RequestBudget


@dataclass(frozen=True)
class KeyedBudgets:
    """Budgets by the key that counts them; `key` is that of the present invocation."""

    key: Callable[[], str]
    make: Callable[[str], RequestBudget]
    _made: dict[str, RequestBudget] = field(default_factory=dict)

    def take(self, deadline: float) -> bool:
        """Wait for a place until a `monotonic` second; return whether there was one."""
        return self._present().take(deadline)

    def reserve(self, requests: int, deadline: float) -> Granted:
        """Have places promised for a tick, as many as come in time for its deadline."""
        return self._present().reserve(requests, deadline)

    def _present(self) -> RequestBudget:
        key = self.key()
        return self._made.setdefault(key, self._made.get(key) or self.make(key))
