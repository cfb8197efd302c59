"""Every error that the project raises on purpose.

OptionChainError
├── SettingInvalid         a setting in the environment is unusable: the start ends
├── PayloadInvalid         a body of the exchange cannot be trusted: the tick fails
│   ├── PayloadEmpty       a well-formed body without a single contract
│   └── PayloadNotJson     a body that is no JSON, or JSON that is cut off
├── StoreUnavailable       MongoDB did not answer in time: try again later
│   ├── StoreRefused       MongoDB refuses: the user has no right to do this
│   └── SnapshotIncomplete contracts of a committed snapshot are not stored
├── ArchiveUnavailable     the archive's folder or bucket did not answer in time: try again later
│   └── ArchiveDamaged     a file of the archive is not what its manifest says: nothing is served
├── DayNotSealed           the database does not have a day whole: it is not sealed, or not anew
├── RestoreRefused         a day of the archive cannot be brought back, and the message says why
└── SnapshotTorn           stored contracts do not match the snapshot to be committed
"""

from typing import Literal


class OptionChainError(Exception):
    """Base of every error in this file."""


class SettingInvalid(OptionChainError):
    """A setting is missing or out of bounds.

    The message has the name of the setting, its value and what is allowed. Of a value that has the
    form of a URL with a user and a password only the part behind them is shown.
    """

    def __init__(self, name: str, value: object, allowed: str) -> None:
        super().__init__(f"{name}={_without_credentials(repr(value))}: {allowed}")
        self.name = name


def _without_credentials(text: str) -> str:
    before, at, after = text.rpartition("@")
    return f"(hidden)@{after}" if at and (":" in before or "/" in before) else text


class PayloadInvalid(OptionChainError):
    """A body that cannot be trusted: `what` is wrong, and `where` in the body.

    `reason` is the ledger's word for it.
    """

    reason: Literal["invalid_payload", "empty", "not_json", "truncated", "unknown_symbol"] = (
        "invalid_payload"
    )

    def __init__(self, what: str, where: str) -> None:
        super().__init__(f"{where}: {what}")
        self.what = what
        self.where = where


class PayloadEmpty(PayloadInvalid):
    """A body without a single contract. It is a refusal or a wrong expiry, never "no data"."""

    reason = "empty"


class PayloadNotJson(PayloadInvalid):
    """A body that is no JSON, or JSON that is cut off."""

    def __init__(self, what: str, *, cut_off: bool) -> None:
        super().__init__(what, "body")
        self.reason = "truncated" if cut_off else "not_json"


class StoreUnavailable(OptionChainError):
    """MongoDB is away, slow or refuses. Nothing is known to be written or read."""


class StoreRefused(StoreUnavailable):
    """MongoDB answers, but the user that it is given has no right to do this."""


class SnapshotIncomplete(StoreUnavailable):
    """A header commits more or fewer contracts than are stored: nothing of them can be relied on.

    Deletions by hand or a restored backup leave such a snapshot.
    """


class ArchiveUnavailable(OptionChainError):
    """The folder or the bucket of the archive is away, slow or refuses."""


class ArchiveDamaged(ArchiveUnavailable):
    """A file of the archive is missing, or is not what its manifest says: it is not read."""


class DayNotSealed(OptionChainError):
    """The database does not have a day whole, or not for long enough: no version of it is made."""


class RestoreRefused(OptionChainError):
    """A sealed day cannot be brought back into this database."""


class SnapshotTorn(OptionChainError):
    """The tick holds contracts of another attempt, with other numbers than this snapshot."""
