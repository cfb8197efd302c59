#!/usr/bin/env bash
# dhanhq 2.3.0 (with requests 2.34.2, pandas 3.1.1, websockets 17.4 and pyOpenSSL 26.4.0), seen 29 November 2026.
#
# Dhan refuses in two forms. Its trading API answers {"errorCode": "DH-905", "errorType": ..., "errorMessage": ...}. Its
# data API, which has the option chain, answers {"data": {"805": "Too many requests ..."}, "status": "failed"}. Number
# 805 is the one that says to stop: further requests may lead to a block. dhanhq is Dhan's own library for both.
#
# Likely guess: `status` of the library's answer follows the status of Dhan's body, and `remarks` have the number.
# Behaviour: under HTTP 429 the answer is a failure whose error_code, error_type and error_message are all None, and
# whose data are an empty text: 805 (too many requests), 806 (not subscribed) and 809 (token invalid) look alike. Under
# HTTP 200 the same body is a success, with the refusal as its data. A refusal of the trading form keeps all three
# texts. Nothing is raised and nothing is logged. A dict that is handed to `post` has the client's id afterwards.
#
# Why it matters: a recorder cannot tell "wait" from "get a new token" from "pay", so it tries again, which is what 805
# warns of. Whoever trusts `status` looks for strikes in a refusal. Send these requests without the library, or
# replace `_parse_response`, which has the body.
#
# Run it with a Python from 3.12 on: PYTHON=python3.13 findings/dhanhq-hides-why-a-chain-is-refused.sh
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  dhanhq==2.3.0 requests==2.34.2 pandas==3.1.1 numpy==2.5.5 websockets==17.4 pyOpenSSL==26.4.0
cd "$folder"
venv/bin/python - <<'PYTHON'
import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

from dhanhq import DhanContext, dhanhq


class Dhan(BaseHTTPRequestHandler):
    """Answers every request with the status and the body that are set."""

    status, body = 200, {}

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps(self.body).encode()
        self.send_response(self.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Write nothing."""


def refusal(number, text):
    return {"data": {number: text}, "status": "failed"}


server = HTTPServer(("127.0.0.1", 0), Dhan)
Thread(target=server.serve_forever, daemon=True).start()
client = dhanhq(DhanContext("1000000001", "no token"))
client.dhan_http.session.trust_env = False
client.dhan_http.base_url = f"http://127.0.0.1:{server.server_port}"


def ask(status, body):
    """Return what the library answers for a chain that Dhan answers with this."""
    Dhan.status, Dhan.body = status, body
    answer = client.option_chain(13, "IDX_I", "2026-12-29")
    print(f"{status} {json.dumps(body)}\n  -> {answer}")
    return answer


limit = refusal("805", "Too many requests.")
too_many = ask(429, limit)
unpaid = ask(401, refusal("806", "Data APIs not subscribed."))
token = ask(401, refusal("809", "Invalid token."))
order = ask(400, {"errorType": "Input_Exception", "errorCode": "DH-905", "errorMessage": "Bad values."})
under_200 = ask(200, limit)
mine = {"UnderlyingScrip": 13, "UnderlyingSeg": "IDX_I"}
client.dhan_http.post("/optionchain/expirylist", mine)
print(f"the caller's dict after a request: {mine}")
server.shutdown()

nothing = {"error_code": None, "error_type": None, "error_message": None}
assert too_many == unpaid == token == {"status": "failure", "remarks": nothing, "data": ""}
assert order["remarks"]["error_code"] == "DH-905" and order["remarks"]["error_message"] == "Bad values."
assert under_200 == {"status": "success", "remarks": "", "data": limit}
assert mine["dhanClientId"] == "1000000001"
PYTHON
echo "As described: the number of a refusal is lost, or the refusal is a success."
