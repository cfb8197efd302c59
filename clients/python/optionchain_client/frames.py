"""Tables on demand. pandas is imported when a table is asked for, and not before."""

from collections.abc import Iterable
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from optionchain_client.snapshots import Contract, Snapshot

if TYPE_CHECKING:
    import pandas as pd

_OF_SNAPSHOT = tuple(each.name for each in fields(Snapshot) if each.name != "contracts")
_COLUMNS = (*_OF_SNAPSHOT, *(each.name for each in fields(Contract)))


def frame(snapshots: Iterable[Snapshot]) -> "pd.DataFrame":
    """Return the contracts of snapshots as one table of pandas, a row each."""
    import pandas as pd  # noqa: PLC0415  (only who asks for a table needs pandas)

    rows: list[dict[str, Any]] = []
    for snapshot in snapshots:
        of_snapshot = {name: getattr(snapshot, name) for name in _OF_SNAPSHOT}
        rows += [of_snapshot | asdict(each) for each in snapshot.contracts]
    return pd.DataFrame(rows, columns=list(_COLUMNS))
