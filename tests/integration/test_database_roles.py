"""The users of the database as docs/operations.md makes them: each may do its work and no more."""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.errors import OperationFailure

from local.openapi.example_requests import ANSWERS
from optionchain.mongo.client import Document, open_database
from optionchain.mongo.indexes import Indexes
from tests.support.api import client
from tests.support.documented_roles import (
    ATLAS,
    DATABASE,
    DOCUMENT,
    ROLES,
    USERS,
    Server,
    documented_server,
)
from tests.support.scripted_nse import NOON, scene

NOT_AUTHORISED = 13


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with documented_server(tmp_path_factory.mktemp("roles")) as found:
        yield found


@pytest.fixture(scope="module")
def recorded(server: Server) -> Server:
    """The same after the recorder, as its own user, has recorded two ticks."""
    settings = server.settings("recorder")
    with scene(settings, server.root, NOON) as here, here.recorder() as recorder:
        entries = recorder.work(2)
    assert [entry["outcome"] for entry in entries] == ["stored", "stored"]
    return server


def atlas_actions(text: str) -> set[tuple[str, str]]:
    """Return each action with its collection, by the names of MongoDB."""
    found = set()
    for privilege in text.split(","):
        action, _, where = privilege.partition("@")
        first, *rest = action.lower().split("_")
        database, _, collection = where.partition(".")
        assert database == DATABASE
        found.add((first + "".join(word.title() for word in rest), collection))
    return found


@pytest.mark.parametrize("role", USERS.values())
def test_both_ways_to_make_a_role_grant_the_same(role: str) -> None:
    assert set(ROLES) == set(ATLAS) == set(USERS.values())
    granted = {
        (action, privilege["resource"]["collection"])
        for privilege in ROLES[role]["privileges"]
        for action in privilege["actions"]
    }
    assert granted == atlas_actions(ATLAS[role])
    for user, name in USERS.items():
        assert f"atlas dbusers create --username {user} --role {name}@admin" in DOCUMENT


def test_recorder_makes_indexes_and_changes_their_expiry(recorded: Server) -> None:
    database = recorded.database("recorder")
    Indexes(database, 30).ensure()
    Indexes(database, 7).ensure()
    for name, seconds in (("ticks", 7 * 86_400), ("snapshots", 7 * 86_400)):
        indexes = recorded.root[name].index_information().values()
        assert seconds in {each.get("expireAfterSeconds") for each in indexes}
    database.client.close()


@pytest.mark.parametrize("user", USERS)
def test_api_answers_every_route_as_either_user(recorded: Server, user: str) -> None:
    """The recorder's user serves where there is one secret for both."""
    settings = recorded.settings(user, nse_symbols=("IDEA",))
    database = open_database(settings)
    api = client(database, NOON, settings)
    for name, request in ANSWERS:
        path = request.path.replace("NIFTY", "IDEA").replace("RELIANCE", "IDEA")
        body = request.body
        answer = api.get(path) if body is None else api.post(path, json=body)
        assert answer.status_code not in (500, 502, 503), (name, path, answer.text)
    assert api.get("/option-chain/IDEA").status_code == 200
    assert api.get("/stats").json()["bytes"]["data"] > 0
    for path, enabled in (("/pipeline/stop", False), ("/pipeline/start", True)):
        assert api.post(path).json()["enabled"] is enabled
        assert api.get("/pipeline/status").json()["enabled"] is enabled
    database.client.close()


def collections_of(server: Server) -> list[str]:
    found = [name for name in server.root.list_collection_names() if not name.startswith("system.")]
    return sorted({*found, "control", "shifts"})


# What changes a collection, and the action that a role needs for it.
CHANGES: dict[str, Callable[[Collection[Any]], object]] = {
    "insert": lambda collection: collection.insert_one({"_id": "planted"}),
    "update": lambda collection: collection.update_many({}, {"$set": {"planted": 1}}),
    "remove": lambda collection: collection.delete_many({}),
    "dropCollection": lambda collection: collection.drop(),
    "collMod": lambda one: one.database.command("collMod", one.name, validator={}),
    "createIndex": lambda collection: collection.create_index("planted"),
}


@pytest.mark.parametrize("user", USERS)
def test_user_changes_what_its_role_names_and_nothing_else(recorded: Server, user: str) -> None:
    database = recorded.database(user)
    granted = atlas_actions(ATLAS[USERS[user]])
    names = collections_of(recorded)
    assert {"option_chain", "snapshots", "ticks", "control", "shifts"} <= set(names)
    for name, (action, change) in product(names, CHANGES.items()):
        if granted.isdisjoint({(action, ""), (action, name)}):
            with pytest.raises(OperationFailure) as caught:
                change(database[name])
            assert caught.value.code == NOT_AUTHORISED, (name, action)
    database.client.close()


def test_reader_changes_nothing_but_the_switch() -> None:
    changes = {pair for pair in atlas_actions(ATLAS["optionChainReader"]) if pair[0] in CHANGES}
    assert changes == set(product(("insert", "update"), ("control", "shifts")))


@pytest.mark.parametrize("user", USERS)
def test_no_user_sees_another_database_or_makes_users(recorded: Server, user: str) -> None:
    client_of: MongoClient[Document] = recorded.database(user).client
    with client_of:
        for attempt in (
            client_of["another"]["option_chain"].find_one,
            lambda: client_of.admin.command("createUser", "x", pwd="x", roles=[]),
            lambda: client_of.admin.command("usersInfo", 1),
        ):
            with pytest.raises(OperationFailure) as caught:
                attempt()
            assert caught.value.code == NOT_AUTHORISED
