"""What the checks of a rehearsal use, and what they yield."""

from dataclasses import dataclass

from pymongo.database import Database

from local.rehearsal.deployed_api import DeployedApi
from local.rehearsal.deployed_stack import DeployedStack
from local.rehearsal.ministack import Ministack
from optionchain.mongo.client import Document


@dataclass(frozen=True)
class CheckResult:
    """One result of a check."""

    text: str
    ok: bool = True


@dataclass(frozen=True)
class Rehearsal:
    """The objects that the checks use; `database` is the one that the stack writes."""

    ministack: Ministack
    stack: DeployedStack
    database: Database[Document]
    api: DeployedApi

    @property
    def symbols(self) -> list[str]:
        """The recorded symbols."""
        return self.stack.variables("FetchFunction")["NSE_SYMBOLS"].split(",")
