"""Each scanner of the audit finds a planted fault, and says so where it could not look."""

import json
import re
import subprocess
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha384
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml

from local.audit.advisories import CANARY, dependencies, report_of
from local.audit.forgotten_secrets import secrets
from local.audit.infrastructure import infrastructure
from local.audit.report import Report, print_report
from tests.conftest import ROOT
from tests.infrastructure.files import text_of

# In pieces, so that this file does not hold what it plants.
PASSWORD = "v9Tq" + "-47Lm" + "xZ2p"
URI = f"mongodb+srv://fetch:{PASSWORD}@cluster0.abcde.mongodb.net/"
AWS_KEY = "AKIA" + "Q3EGTWOXK5" + "7ZJ4MN"
DIGEST = "sha384-" + b64encode(sha384(b"a script").digest()).decode()
RANGE = {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.0"}]}
PACKAGE = {"name": "planted", "ecosystem": "PyPI"}
FAULT = {"id": "PYSEC-2099-1", "affected": [{"package": PACKAGE, "ranges": [RANGE]}]}

needs_scanners = pytest.mark.skipif(
    not (ROOT / ".tools/audit/bin/pip-audit").exists(), reason="`make audit` installs the scanners"
)
needs_checkov = pytest.mark.skipif(
    not all((ROOT / ".tools" / tool).exists() for tool in ("checkov/bin/checkov", "sam/bin/sam")),
    reason="`make audit` installs checkov and the SAM CLI",
)


@contextmanager
def advisories_about(*packages: str) -> Iterator[str]:
    """Serve one advisory about each of these packages; yield the address."""

    class Service(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            known = asked["package"]["name"] in packages
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"vulns": [FAULT]} if known else {}).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1/query"
        server.shutdown()


@pytest.fixture
def audited(tmp_path: Path) -> Callable[[str], Report]:
    """Audits two pins by the service at an address."""
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(
        "# comment\nplanted==1.0 \\\n    --hash=sha256:00\nsound==1.0 ; python_version > '3'\n"
    )
    return lambda address: dependencies(requirements, "-s", "osv", "--osv-url", address)


@needs_scanners
def test_pins_with_a_published_fault_are_found(audited: Callable[[str], Report]) -> None:
    with advisories_about("planted", CANARY) as address:
        assert audited(address) == Report(["planted 1.0: PYSEC-2099-1, mended in 2.0"])
    with advisories_about(CANARY) as address:
        assert audited(address) == Report([])


@needs_scanners
def test_service_that_knows_nothing_is_no_audit(audited: Callable[[str], Report]) -> None:
    """A mirror of the registry answers every question and knows of no fault."""
    with advisories_about() as address:
        report = audited(address)
    out_of_reach = audited(address)
    assert report.findings == out_of_reach.findings == []
    assert CANARY in report.not_done
    assert out_of_reach.not_done


def test_package_that_the_service_does_not_know_is_named() -> None:
    known = {"version": "1", "vulns": [{"id": "Y", "fix_versions": []}]}
    unknown = {"name": "private", "skip_reason": "Dependency not found"}
    report = report_of([{"name": CANARY, **known}, unknown, {"name": "bad", **known}])
    assert report.findings == ["bad 1: Y, mended in no version yet"]
    assert "private" in report.not_done


def test_audit_that_could_not_look_says_so_and_fails_where_it_had_to(
    capsys: pytest.CaptureFixture[str],
) -> None:
    clean, faulty, blind = Report([]), Report(["a fault"]), Report([], "out of reach")
    cases = (clean, True, False), (faulty, False, True), (blind, False, False), (blind, True, True)
    for report, required, fails in cases:
        assert print_report("part", report, required=required) is fails
        shown = capsys.readouterr().out
        assert ("clean" in shown) is (report == clean)
        assert ("NOT AUDITED: out of reach" in shown) is (report == blind)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True, timeout=30)
    (tmp_path / ".gitignore").write_text("ignored/\n")
    return tmp_path


# What is planted in each file, and as what it must be found.
PLANTED = {
    "notes.md": (f"export MONGODB_URI='{URI}'", "Basic Auth Credentials"),
    "samconfig.toml": (f'key = "{AWS_KEY}"', "AWS Access Key"),
    "key.pem": ("-----BEGIN RSA " + "PRIVATE KEY-----", "Private Key"),
    "settings.py": (f'PASSWORD = "{PASSWORD}"', "Secret Keyword"),
    "page.html": (f'<script data-token="{DIGEST[7:]}"></script>', "Base64 High Entropy String"),
    # A password in a test may have a name, but no cluster.
    "tests/test_uri.py": (f'URI = "{URI}"', "Basic Auth Credentials"),
    "tests/test_password.py": (f'PASSWORD = "{PASSWORD}"', None),
    "script.html": (f'<script integrity="{DIGEST}"></script>', None),
    "README.md": ("mongodb+srv://user:password@cluster.example/", None),
    "ignored/uri": (URI, None),
}


@needs_scanners
def test_forgotten_secrets_are_found_and_not_repeated(repository: Path) -> None:
    for name, (text, _) in PLANTED.items():
        (repository / name).parent.mkdir(exist_ok=True)
        (repository / name).write_text(f"\n{text}\n")
    report = secrets(repository)
    kinds = {name: kind for name, (_, kind) in PLANTED.items() if kind}
    assert set(report.findings) >= {f"{name}:2: {kind}" for name, kind in kinds.items()}
    assert {finding.partition(":")[0] for finding in report.findings} == set(kinds)
    assert report.not_done == ""
    assert PASSWORD not in str(report)


@needs_scanners
def test_folder_without_files_is_no_audit(repository: Path) -> None:
    (repository / ".gitignore").unlink()
    assert secrets(repository).not_done


@needs_checkov
def test_template_that_cannot_be_read_is_no_audit(tmp_path: Path) -> None:
    broken = tmp_path / "template.yaml"
    broken.write_text("Resources: {Function: {Type: AWS::Serverless::Function}}")
    assert "template.yaml" in infrastructure(broken).not_done


INJECTED = """
on: pull_request
jobs: {greet: {runs-on: ubuntu-24.04, steps: [run: "echo ${{ github.event.issue.title }}"]}}
"""


@needs_checkov
def test_every_skipped_check_has_a_reason_and_would_fail_as_a_careless_workflow_does(
    tmp_path: Path,
) -> None:
    """A skip that is not needed would hide the next fault."""
    text = text_of(".checkov.yaml")
    config = yaml.safe_load(text)
    skipped = set(config.pop("skip-check"))
    listed = text.partition("skip-check:\n")[2]
    assert re.fullmatch(r"((  # .+\n)+(  - CKV\w+\n)+)+", listed)
    unreasoned, workflow = tmp_path / "checkov.yaml", tmp_path / ".github/workflows/ci.yml"
    unreasoned.write_text(yaml.safe_dump(config))
    workflow.parent.mkdir(parents=True)
    workflow.write_text(INJECTED)
    report = infrastructure(workflow=workflow, config=unreasoned)
    assert {finding.partition(" ")[0] for finding in report.findings} >= {*skipped, "CKV_GHA_2"}
    assert report.not_done == ""


def test_gate_audits_before_its_tests_need_the_scanners() -> None:
    (gate,) = re.findall(r"^check:.*\n(?:\t.*\n)+", text_of("Makefile"), re.MULTILINE)
    assert gate.split().index("audit") < gate.split().index("test")
