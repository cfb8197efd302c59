"""Contracts as MongoDB sends them, in bytes, as rows of the archive."""

from collections.abc import Container, Sequence
from typing import Any, NamedTuple

import bson
from arro3.core import Array, DataType, RecordBatch

from chain_archive.contract_layouts import ContractLayouts
from chain_archive.record_batches import milliseconds, plain_contracts, record_batch
from optionchain.archive.document_rows import contract_columns


class ContractBatch(NamedTuple):
    """Rows of contracts, and of each its tick, in milliseconds since 1970, its strike and side."""

    rows: RecordBatch
    times: Sequence[int]
    legs: Sequence[tuple[Any, Any]]


class ContractBatches:
    """Reads contracts of one expiry."""

    def __init__(self) -> None:
        self._layouts = ContractLayouts()

    def read(self, array: bytes, ticks: Container[int]) -> ContractBatch:
        """Return the rows of a BSON array's documents that are of these ticks, in their order."""
        columns = self._layouts.columns(array)
        if columns is None:
            batch, columns = _by_documents(array)
        else:
            batch = plain_contracts(columns)
        times = list(columns["fetched_at"])
        legs = list(zip(columns["strike_price"], columns["type"], strict=True))
        wanted = [row for row, tick in enumerate(times) if tick in ticks]
        if len(wanted) < len(times):
            batch = batch.take(Array(wanted, DataType.uint32()))
            times, legs = [times[row] for row in wanted], [legs[row] for row in wanted]
        return ContractBatch(batch, times, legs)


def _by_documents(array: bytes) -> tuple[RecordBatch, dict[str, Sequence[Any]]]:
    documents = list(bson.decode(array).values())
    columns = contract_columns(documents)
    times = [milliseconds(document["fetched_at"]) for document in documents]
    return record_batch("contracts", columns), {**columns, "fetched_at": times}
