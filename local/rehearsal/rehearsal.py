"""What the checks of a rehearsal use, and what they yield."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pymongo.database import Database

from local.rehearsal.deployed_api import DeployedApi
from local.rehearsal.deployed_stack import DeployedStack
from local.rehearsal.ministack import Ministack
from optionchain.mongo.client import Document
from optionchain.settings import Settings
from optionchain.symbol_plan import SymbolPlan, make_plan


@dataclass(frozen=True)
class CheckResult:
    """One result of a check."""

    text: str
    ok: bool = True


@dataclass(frozen=True)
class Rehearsal:
    """The objects that the checks use; `database` is the one that the stack writes.

    `update` deploys the stack again with changed parameters, as a new version.
    """

    ministack: Ministack
    stack: DeployedStack
    database: Database[Document]
    api: DeployedApi
    update: Callable[[Mapping[str, str]], DeployedStack]

    @property
    def plan(self) -> SymbolPlan:
        """Which symbols the stack records, in groups and when."""
        return make_plan(Settings.from_env(self.stack.variables("FetchFunction")))

    @property
    def symbols(self) -> tuple[str, ...]:
        """The recorded symbols."""
        return self.plan.symbols
