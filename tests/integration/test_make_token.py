"""`make token` keeps no token that the vendor has not accepted, and shows none."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from local.dhan_simulator import tokens as dhan_tokens
from local.dhan_simulator.faults import PROFILE
from local.dhan_simulator.faults import FaultKind as DhanFaultKind
from local.dhan_simulator.server import Dhan
from local.mongod import free_port
from local.nse_simulator.market import SimulatedMarket
from local.token.__main__ import main
from local.token.dhan import DHAN
from local.token.upstox import UPSTOX
from local.token.vendor import Question
from local.token_file import TOKEN_FILE
from local.upstox_simulator import tokens as upstox_tokens
from local.upstox_simulator.faults import CONTRACTS, FaultKind
from local.upstox_simulator.server import Upstox
from tests.conftest import ROOT
from tests.support.secret import REGION, simulated_aws

NOW = datetime(2026, 11, 26, 6, 30, tzinfo=UTC)  # noon in India
YEAR = upstox_tokens.analytics_token(NOW)
TONIGHT = upstox_tokens.ordinary_token(NOW)
DAY = dhan_tokens.token(NOW)
CLIENT = dhan_tokens.CLIENT_ID


def market() -> SimulatedMarket:
    return SimulatedMarket(clock=lambda: NOW)


@pytest.fixture(scope="module")
def upstox_server() -> Iterator[Upstox]:
    with Upstox(market()) as vendor:
        yield vendor


@pytest.fixture(scope="module")
def dhan_server() -> Iterator[Dhan]:
    with Dhan(market(), windows=()) as vendor:
        yield vendor


@pytest.fixture
def upstox(upstox_server: Upstox) -> Upstox:
    upstox_server.faults.clear()
    return upstox_server


@pytest.fixture
def dhan(dhan_server: Dhan) -> Dhan:
    dhan_server.faults.clear()
    return dhan_server


class Person:
    """Somebody at this machine, who answers each question in turn."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys

    def runs(self, source: str, url: str, *answers: str, **more: str) -> tuple[int, str]:
        """Return the exit code and all that is written."""
        left = list(answers)

        def ask(question: Question) -> str:
            assert question.hidden is (question.name != "client_id")
            return left.pop(0)

        env = {"SOURCE": source, "SOURCE_URLS": f"{source}={url}", "DATA_DIR": str(self.folder)}
        code = main(env | more, ask, NOW)
        assert not left
        written = self._capsys.readouterr()
        shown = written.out + written.err
        assert not [each for each in answers if len(each) > 12 and each.rpartition(".")[2] in shown]
        return code, shown

    @property
    def kept(self) -> object:
        """What the file holds; None if there is none."""
        path = self.folder / TOKEN_FILE
        return json.loads(path.read_text("utf-8")) if path.exists() else None


@pytest.fixture
def person(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Person:
    return Person(tmp_path / "data", capsys)


def test_token_of_a_year_is_checked_and_kept_for_its_owner_alone(
    upstox: Upstox, person: Person
) -> None:
    code, shown = person.runs("upstox", upstox.url, YEAR)
    assert code == 0, shown
    for part in ("developer/apps", "it only reads", "2027, 03:30 IST", "contracts of NIFTY"):
        assert part in shown
    assert person.kept == {"upstox": {"access_token": YEAR}}
    assert (person.folder / TOKEN_FILE).stat().st_mode & 0o777 == 0o600


def test_token_of_an_ordinary_login_is_told_to_die_tonight(upstox: Upstox, person: Person) -> None:
    code, shown = person.runs("upstox", upstox.url, TONIGHT)
    assert code == 0
    assert "ORDINARY token, which dies tonight" in shown
    assert "Friday, 27 November 2026, 03:30 IST" in shown


REFUSED_UPSTOX = {
    FaultKind.UNAUTHORISED: "does not know this token",
    FaultKind.NOT_FOR_THIS_TOKEN: "may not ask for option chains",
    FaultKind.STATIC_IP: "UDAPI1221), so nothing is known",
    FaultKind.TOO_MANY: "asked too often",
    FaultKind.TOO_MANY_200: "asked too often",
    FaultKind.FRONT_REFUSED: "answered 403 without saying anything",
    FaultKind.SERVER_ERROR: "so nothing is known",
    FaultKind.NULL_DATA: "answered 200 without saying anything",
    FaultKind.EMPTY_DATA: "answered 200 without saying anything",
    FaultKind.HTML_200: "answered 200 without saying anything",
    FaultKind.TRUNCATED: "did not answer (",
    FaultKind.CONNECTION_RESET: "did not answer (ConnectionError)",
}


@pytest.mark.parametrize("kind", REFUSED_UPSTOX)
def test_token_that_upstox_does_not_accept_is_not_kept(
    upstox: Upstox, person: Person, kind: FaultKind
) -> None:
    upstox.faults.add(kind, path=CONTRACTS)
    code, shown = person.runs("upstox", upstox.url, YEAR)
    assert (code, person.kept) == (1, None)
    assert REFUSED_UPSTOX[kind] in shown
    assert "It is not kept" in shown


@pytest.mark.parametrize(
    ("token", "told"),
    [
        ("nonsense", "does not know this token"),
        (upstox_tokens.ended_token(NOW), "this token ended at"),
        (f"{YEAR}\u0967", "did not answer (UnicodeEncodeError)"),
    ],
)
def test_text_that_is_no_token_that_holds_is_not_kept(
    upstox: Upstox, person: Person, token: str, told: str
) -> None:
    code, shown = person.runs("upstox", upstox.url, token)
    assert (code, person.kept) == (1, None)
    assert told in shown


def test_vendor_that_is_away_is_said_to_be_away(person: Person) -> None:
    code, shown = person.runs("upstox", f"http://127.0.0.1:{free_port()}", YEAR)
    assert (code, person.kept) == (1, None)
    assert "did not answer (ConnectionError), so nothing is known" in shown


DHAN_ANSWERS = {
    (CLIENT, DAY, "", ""): (0, "the recorder renews it after the close, on trading days"),
    (CLIENT, DAY, "123456", dhan_tokens.TOTP_SECRET): (0, "makes another one by TOTP"),
    (CLIENT, dhan_tokens.token(NOW, "APP"), "", ""): (0, "cannot be renewed"),
    (CLIENT, dhan_tokens.token(NOW, plan=False), "", ""): (1, "no data plan"),
    (CLIENT, dhan_tokens.ended_token(NOW), "", ""): (1, "this token ended at"),
    (CLIENT, "nonsense", "", ""): (1, "Dhan refuses this token"),
    ("1100000002", DAY, "", ""): (1, "of another client id"),
    ("me", DAY, "", ""): (1, "the client id is a number"),
    (CLIENT, DAY, "123456", ""): (1, "both the PIN and the secret"),
    (CLIENT, DAY, "123456", "not base32!"): (1, "the secret of TOTP is not one"),
    (CLIENT, DAY, "12", dhan_tokens.TOTP_SECRET): (1, "the PIN has 4 to 6 digits"),
}


@pytest.mark.parametrize("answers", DHAN_ANSWERS)
def test_dhan_s_token_is_kept_if_dhan_accepts_it_for_chains(
    dhan: Dhan, person: Person, answers: tuple[str, str, str, str]
) -> None:
    expected, told = DHAN_ANSWERS[answers]
    code, shown = person.runs("dhan", dhan.url, *answers)
    assert code == expected, shown
    assert told in shown
    names = ("client_id", "access_token", "pin", "totp_secret")
    given = {name: answer for name, answer in zip(names, answers, strict=True) if answer}
    assert person.kept == (None if code else {"dhan": given})


def test_the_steps_of_dhan_say_when_a_token_is_renewed_as_the_runbook_does() -> None:
    steps = " ".join(DHAN.steps.split())
    runbook = " ".join((ROOT / "docs/operations.md").read_text().split())
    for told in ("after the close and in the evening", "weekend or a holiday"):
        assert told in steps
        assert told in runbook
    assert "in every session" not in steps


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (DhanFaultKind.TOKEN_ENDED_200, "refuses this token (807)"),
        (DhanFaultKind.TOO_MANY, "asked too often (805)"),
        (DhanFaultKind.TOO_MANY_BLANK, "answered 429 without saying anything"),
        (DhanFaultKind.BAD_GATEWAY, "answered 502 without saying anything"),
        (DhanFaultKind.NOT_SUBSCRIBED, "Dhan refuses (806)"),
    ],
)
def test_answer_of_dhan_is_read_whatever_its_status_is(
    dhan: Dhan, person: Person, kind: DhanFaultKind, told: str
) -> None:
    dhan.faults.add(kind, path=PROFILE)
    code, shown = person.runs("dhan", dhan.url, CLIENT, DAY, "", "")
    assert (code, person.kept) == (1, None)
    assert told in shown


def test_second_vendor_is_kept_beside_the_first(upstox: Upstox, dhan: Dhan, person: Person) -> None:
    assert person.runs("upstox", upstox.url, YEAR)[0] == 0
    assert person.runs("dhan", dhan.url, CLIENT, DAY, "", "")[0] == 0
    assert person.kept == {
        "upstox": {"access_token": YEAR},
        "dhan": {"client_id": CLIENT, "access_token": DAY},
    }


def test_file_of_another_form_is_left_as_it_is(upstox: Upstox, person: Person) -> None:
    person.folder.mkdir()
    (person.folder / TOKEN_FILE).write_text('["mine"]', encoding="utf-8")
    code, shown = person.runs("upstox", upstox.url, YEAR)
    assert (code, person.kept) == (1, ["mine"])
    assert "is no JSON object by source" in shown


def test_secret_is_written_beside_what_it_holds(
    upstox: Upstox, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    with simulated_aws(monkeypatch):
        manager = boto3.client("secretsmanager", region_name=REGION)
        arn = manager.create_secret(Name="tokens")["ARN"]  # without a value
        for text in ("", '{"dhan": {"pin": "1"}}'):
            if text:
                manager.put_secret_value(SecretId=arn, SecretString=text)
            code, shown = person.runs("upstox", upstox.url, YEAR, SECRET=arn)
            assert code == 0, shown
            held = json.loads(manager.get_secret_value(SecretId=arn)["SecretString"])
            assert held == (json.loads(text) if text else {}) | {"upstox": {"access_token": YEAR}}
    assert person.kept is None


@pytest.mark.parametrize(
    ("arn", "told"),
    [
        ("tokens", "must be the whole ARN"),
        (
            f"arn:aws:secretsmanager:{REGION}:123456789012:secret:none-AbCdEf",
            "cannot be read: ResourceNotFoundException",
        ),
    ],
)
def test_secret_that_cannot_be_written_is_told(
    upstox: Upstox, person: Person, monkeypatch: pytest.MonkeyPatch, arn: str, told: str
) -> None:
    with simulated_aws(monkeypatch), mock_aws():
        code, shown = person.runs("upstox", upstox.url, YEAR, SECRET=arn)
    assert code == 1
    assert told in shown


@pytest.mark.parametrize("source", ["", "nse", "upstox,nse", "fyers"])
def test_other_sources_are_refused_with_what_is_allowed(
    source: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main({"SOURCE": source}, lambda _: pytest.fail("it asked"), NOW) == 2
    assert "SOURCE=upstox or SOURCE=dhan" in capsys.readouterr().err


def test_nothing_given_changes_nothing(upstox: Upstox, person: Person) -> None:
    told = f"{UPSTOX.steps}\n\nNothing was given, and nothing is changed.\n"
    assert person.runs("upstox", upstox.url, "") == (1, told)
    assert person.kept is None


def command(folder: Path, url: str) -> tuple[list[str], dict[str, str]]:
    env = {**os.environ, "SOURCE": "upstox", "DATA_DIR": str(folder)}
    return [sys.executable, "-m", "local.token"], env | {"SOURCE_URLS": f"upstox={url}"}


@pytest.fixture
def living() -> Iterator[Upstox]:
    """A vendor of now: the command has the clock of this machine."""
    with Upstox(SimulatedMarket()) as vendor:
        yield vendor


def test_terminal_does_not_show_what_is_pasted(living: Upstox, tmp_path: Path) -> None:
    token = upstox_tokens.analytics_token(datetime.now(UTC) - timedelta(minutes=1))
    words, env = command(tmp_path, living.url)
    controller, terminal = pty.openpty()
    with subprocess.Popen(
        words, env=env, cwd=ROOT, stdin=terminal, stdout=terminal, stderr=terminal,
        start_new_session=True,
    ) as running:  # fmt: skip
        os.close(terminal)
        shown = b""
        while b"Token: " not in shown:
            shown += os.read(controller, 4_096)
        os.write(controller, f"{token}\n".encode())
        while b"Kept in" not in shown:
            shown += os.read(controller, 4_096)
        assert running.wait(20) == 0
    os.close(controller)
    assert token.encode() not in shown
    assert json.loads((tmp_path / TOKEN_FILE).read_text("utf-8"))["upstox"]["access_token"] == token


def test_without_a_terminal_the_token_is_a_line_of_the_input(
    living: Upstox, tmp_path: Path
) -> None:
    token = upstox_tokens.analytics_token(datetime.now(UTC) - timedelta(minutes=1))
    words, env = command(tmp_path, living.url)
    for given, code in ((token, 0), ("", 1)):
        done = subprocess.run(
            words, input=f"{given}\n", env=env, cwd=ROOT, text=True, capture_output=True,
            timeout=60, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (code, ""), done.stderr
        assert token not in done.stdout
