"""The captures that a run replays in place of a simulated market."""

from collections.abc import Mapping
from pathlib import Path

from local.nse_simulator.captures import read_moments
from optionchain.errors import SettingInvalid


def folder_of(name: str | None, given: Mapping[str, str]) -> Path | None:
    """Return the folder of captures, None for no replay; raise SettingInvalid."""
    if name is None:
        return None
    if "NSE_BASE_URL" in given:
        raise SettingInvalid("REPLAY", name, "cannot be combined with NSE_BASE_URL")
    return Path(name)


def symbols_of(replay: Path | None) -> dict[str, str]:
    """Return the setting of the captured symbols; raise SettingInvalid if nothing is captured."""
    if replay is None:
        return {}
    try:
        captured = {symbol for moment in read_moments(replay) for symbol, _ in moment}
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise SettingInvalid("REPLAY", str(replay), f"cannot be read: {reason}") from error
    if not captured:
        raise SettingInvalid("REPLAY", str(replay), "must hold captured v3 bodies")
    return {"NSE_SYMBOLS": ",".join(sorted(captured))}
