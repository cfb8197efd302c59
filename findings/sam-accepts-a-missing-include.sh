#!/usr/bin/env bash
# SAM CLI 1.170.0, seen 28 November 2026.
#
# A template may take a part from a file: Fn::Transform with AWS::Include and a Location.
#
# Likely guess: `sam validate --lint` or at least `sam build` fails if that file does not exist.
# Behaviour: both succeed, and `sam build` copies the Location, made relative to its own folder, into
# the built template. The first command to look for the file is `sam package` (and so `sam deploy`).
#
# Why it matters: a dashboard or an API body that lies in a file of its own can be renamed, and every
# check before the deployment stays green. A project needs a test of its own that the files are there.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv sam
sam/bin/pip install --quiet aws-sam-cli==1.170.0
export SAM_CLI_TELEMETRY=0 AWS_ACCESS_KEY_ID=none AWS_SECRET_ACCESS_KEY=none AWS_DEFAULT_REGION=ap-south-1
# Nothing is sent: the file is missing before there is anything to upload.
export AWS_ENDPOINT_URL=http://127.0.0.1:1 AWS_MAX_ATTEMPTS=1

cat > template.yaml <<'YAML'
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      Fn::Transform:
        Name: AWS::Include
        Parameters:
          Location: properties-that-nobody-wrote.yaml
YAML

status() {
  local code=0
  "$@" > "$folder/output" 2>&1 || code=$?
  echo "$code"
}
validate=$(status sam/bin/sam validate --lint)
build=$(status sam/bin/sam build)
package=$(status sam/bin/sam package --template-file .aws-sam/build/template.yaml --s3-bucket none)
echo "sam validate --lint: exit $validate"
echo "sam build:           exit $build"
echo "sam package:         exit $package: $(grep -i 'location' "$folder/output" | tail -1)"

[ "$validate" = 0 ] && [ "$build" = 0 ] && [ "$package" != 0 ] \
  && grep -qi "properties-that-nobody-wrote.yaml" "$folder/output" \
  || { echo "The behaviour has changed." >&2; exit 1; }
