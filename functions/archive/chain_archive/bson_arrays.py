"""Queries whose documents stay in the bytes in which MongoDB sends them.

PyMongo has raw batches, but makes an object of each document: that takes seven times as long.
"""

from collections.abc import Mapping
from typing import Any

import bson
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo.database import Database

from optionchain.mongo.client import Document

_RAW: CodecOptions[RawBSONDocument] = CodecOptions(RawBSONDocument)
_MOST_DOCUMENTS = 16_384
# How the reply's `cursor` begins, behind its length; and what follows the array if that is all.
_FIRST_BATCH = b"\x04firstBatch\x00"
_NO_MORE = b"\x12id\x00" + bytes(8)


def find_as_array(
    database: Database[Document], collection: str, query: Mapping[str, Any], sort: Mapping[str, int]
) -> bytes:
    """Return what a query finds as one BSON array; PyMongo's errors pass.

    It is for some thousand documents: all are in memory at once.
    """
    command = {"find": collection, "filter": query, "sort": sort, "batchSize": _MOST_DOCUMENTS}
    reply: Any = database.command(command, codec_options=_RAW)
    cursor = reply["cursor"].raw
    start = 4 + len(_FIRST_BATCH)
    end = start + int.from_bytes(cursor[start : start + 4], "little")
    if cursor[4:start] == _FIRST_BATCH and cursor[end : end + len(_NO_MORE)] == _NO_MORE:
        return bytes(cursor[start:end])
    # More than one reply holds, or a server that has its own order of fields.
    documents = database[collection].find(query, sort=list(sort.items()))
    return bson.encode({str(number): document for number, document in enumerate(documents)})
