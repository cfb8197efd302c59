#!/usr/bin/env bash
# aws-sam-translator 1.115.0 (the translator of SAM CLI), seen 28 November 2026.
#
# AutoPublishAlias publishes a version of a function at each deployment that changes it. AutoPublishAliasAllProperties
# extends this from the code to every property of the function.
#
# Likely guess: with AutoPublishAliasAllProperties a new version of a layer in the same template is a change of the
# property Layers, so a version of the function is published.
# Behaviour: the layer gets a new logical id, and the function's Layers refers to it. But the logical id of the
# function's version stays the same, so CloudFormation publishes none. A change of MemorySize gives a new one. So does
# the new layer, if the layer itself has the property PublishLambdaVersion.
#
# Why it matters: behind an alias, code in a layer (a shared package, every dependency) goes to $LATEST alone. The
# deployment succeeds, and the alias serves the old layer until something else of the function changes.
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


def translated(layer, memory, **more):
    """Return the version of the function and the layers that it names; `more` are properties of the layer."""
    function = {
        "CodeUri": "s3://bucket/code",
        "Handler": "module.handler",
        "Runtime": "python3.13",
        "MemorySize": memory,
        "Layers": [{"Ref": "Shared"}],
        "AutoPublishAlias": "live",
        "AutoPublishAliasAllProperties": True,
    }
    shared = {"ContentUri": f"s3://bucket/{layer}", **more}
    template = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            "Shared": {"Type": "AWS::Serverless::LayerVersion", "Properties": shared},
            "Function": {"Type": "AWS::Serverless::Function", "Properties": function},
        },
    }
    resources = transform(template, {}, NoManagedPolicies())["Resources"]
    (version,) = (name for name, each in resources.items() if each["Type"] == "AWS::Lambda::Version")
    return version, resources["Function"]["Properties"]["Layers"]


before, layers_before = translated("layer-1", 128)
after, layers_after = translated("layer-2", 128)
larger, _ = translated("layer-2", 256)
print("the function's layers:", layers_before, "then", layers_after)
print("the function's version:", before, "then", after)
print("with other memory:", larger)
published = [translated(layer, 128, PublishLambdaVersion=True)[0] for layer in ("layer-1", "layer-2")]
print("with PublishLambdaVersion at the layer:", " then ".join(published))
assert layers_after != layers_before, "the layer has no new version"
assert after == before, "the function has a new version"
assert larger != after, "no property makes a new version"
assert len(set(published)) == 2, "PublishLambdaVersion makes no new version"
PYTHON
echo "As described: a new layer alone publishes no version of the function."
