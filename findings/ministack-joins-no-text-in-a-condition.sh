#!/usr/bin/env bash
# ministack 1.5.33, an emulator of AWS (with boto3 1.43.106), seen 29 November 2026.
#
# CloudFormation evaluates Fn::Join, Fn::Split and Fn::Select inside of conditions. With them a template asks whether
# a list in a parameter has more than one part, or whether it names something.
#
# Likely guess: an emulator that deploys the stack either evaluates these functions or fails at the template.
# Behaviour: Fn::Equals of a Ref or of a Fn::Select is right. Fn::Equals whose side is a Fn::Join is false, also for two
# texts without any parameter and without Fn::Split. The stack is CREATE_COMPLETE, and lacks the resource.
#
# Why it matters: a rehearsal of a deployment is green and has tried the other branch of the template: the alarms, the
# schedules and the roles behind such a condition were never made. Count the resources that a condition should make.
#
# Run it with Python 3.13: PYTHON=python3.13 findings/ministack-joins-no-text-in-a-condition.sh
set -euo pipefail
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; wait 2>/dev/null || true; rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check ministack==1.5.33 boto3==1.43.106
cd "$folder"
export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1
port=$(venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
GATEWAY_PORT=$port EDGE_PORT=$port BIND_HOST=127.0.0.1 IOT_MTLS_ENABLED=0 venv/bin/ministack > server.log 2>&1 &
server=$!
venv/bin/python - "$port" <<'PYTHON'
import json
import sys
import time
from urllib.request import urlopen

import boto3

url = f"http://127.0.0.1:{sys.argv[1]}"
for _ in range(120):
    try:
        urlopen(f"{url}/_ministack/ready", timeout=2)
        break
    except OSError:
        time.sleep(0.5)
JOINED = {"Fn::Join": ["", ["a", "b"]]}
CONDITIONS = {
    "ByRef": {"Fn::Equals": [{"Ref": "Word"}, "ab"]},
    "ByJoin": {"Fn::Equals": [JOINED, "ab"]},
    "BySelect": {"Fn::Equals": [{"Fn::Select": [0, ["ab", "c"]]}, "ab"]},
    "BySplit": {"Fn::Equals": [{"Fn::Join": ["", {"Fn::Split": [",", "a,b"]}]}, "ab"]},
}
topics = {f"Topic{name}": {"Type": "AWS::SNS::Topic", "Condition": name} for name in CONDITIONS}
template = {
    "Parameters": {"Word": {"Type": "String", "Default": "ab"}},
    "Conditions": CONDITIONS,
    "Resources": {"Always": {"Type": "AWS::SNS::Topic"}, **topics},
}
client = boto3.client("cloudformation", endpoint_url=url)
client.create_stack(StackName="conditions", TemplateBody=json.dumps(template))
for _ in range(60):
    (stack,) = client.describe_stacks(StackName="conditions")["Stacks"]
    if not stack["StackStatus"].endswith("IN_PROGRESS"):
        break
    time.sleep(0.5)
rows = client.describe_stack_resources(StackName="conditions")["StackResources"]
made = sorted(row["LogicalResourceId"] for row in rows)
print(f"{stack['StackStatus']}: {', '.join(made)}")
print("CloudFormation makes: Always, TopicByJoin, TopicByRef, TopicBySelect, TopicBySplit")
if (stack["StackStatus"], made) != ("CREATE_COMPLETE", ["Always", "TopicByRef", "TopicBySelect"]):
    sys.exit("the behaviour has changed")
PYTHON
