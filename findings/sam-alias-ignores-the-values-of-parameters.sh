#!/usr/bin/env bash
# aws-sam-translator 1.115.0 (the translator of SAM CLI), seen 28 November 2026.
#
# AutoPublishAlias publishes a version of a function at each deployment that changes it. The translator gets the values
# of all parameters, and AutoPublishAliasAllProperties extends the comparison from the code to every property.
#
# Likely guess: another value of a parameter (memory, a variable) is a change of a property, so a version is published.
# Behaviour: the logical id of the version is a hash of the properties before references are resolved. It stays the same
# for every value, with AutoPublishAliasAllProperties and without. CloudFormation changes $LATEST and publishes nothing.
#
# Why it matters: `sam deploy --parameter-overrides ...` succeeds, and the alias goes on serving the old values. A
# property AutoPublishCodeSha256 with a hash of one's own publishes a version; PublishLambdaVersion of a layer does so
# for the layer.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check aws-sam-translator==1.115.0
export AWS_DEFAULT_REGION=ap-south-1
venv/bin/python - <<'PYTHON'
from samtranslator.parser.parser import Parser
from samtranslator.translator.transform import transform


class NoManagedPolicies:
    """The template names no managed policy."""

    def load(self):
        return {}


def version(everything, values, release=None, layer="layer-1"):
    """Return the logical id of the function's version."""
    function = {
        "CodeUri": "s3://bucket/code",
        "Handler": "module.handler",
        "Runtime": "python3.13",
        "MemorySize": {"Ref": "Memory"},
        "Environment": {"Variables": {"WORD": {"Ref": "Word"}}},
        "Layers": [{"Ref": "Shared"}],
        "AutoPublishAlias": "live",
    }
    if everything:
        function["AutoPublishAliasAllProperties"] = True
    if release:
        function["AutoPublishCodeSha256"] = release
    shared = {"ContentUri": f"s3://bucket/{layer}", "PublishLambdaVersion": True}
    template = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Parameters": {name: {"Type": "String"} for name in values},
        "Resources": {
            "Shared": {"Type": "AWS::Serverless::LayerVersion", "Properties": shared},
            "Function": {"Type": "AWS::Serverless::Function", "Properties": function},
        },
    }
    resources = transform(template, values, NoManagedPolicies())["Resources"]
    (name,) = (name for name, each in resources.items() if each["Type"] == "AWS::Lambda::Version")
    return name


one, other = {"Memory": "128", "Word": "one"}, {"Memory": "256", "Word": "other"}
for everything in (False, True):
    before, after = version(everything, one), version(everything, other)
    print("all properties:", everything, "->", before, "then", after)
    assert before == after, "a value publishes a version"
assert version(True, one, release="ab") != version(True, one, release="cd"), "no hash publishes one"
assert version(True, one) != version(True, one, layer="layer-2"), "PublishLambdaVersion does nothing"
PYTHON
echo "As described: the values of parameters publish no version of the function."
