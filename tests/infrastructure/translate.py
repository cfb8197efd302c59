"""What SAM makes of a template: CloudFormation, as JSON on standard output.

Runs under the Python of .tools/sam, where SAM lives apart from the project: `translate.py FILE`.
"""

import json
import sys
from pathlib import Path

import boto3
from samcli.yamlhelper import yaml_parse  # type: ignore[import-not-found]
from samtranslator.parser.parser import Parser  # type: ignore[import-not-found]
from samtranslator.translator.translator import Translator  # type: ignore[import-not-found]

# `sam deploy` puts the addresses of what it has uploaded in the place of folders.
UPLOADED = {"AWS::Serverless::Function": "CodeUri", "AWS::Serverless::LayerVersion": "ContentUri"}


def main(path: Path) -> None:
    template = yaml_parse(path.read_text(encoding="utf-8"))
    for resource in template["Resources"].values():
        if where := UPLOADED.get(resource["Type"]):
            resource["Properties"][where] = "s3://bucket/key"
    session = boto3.Session(region_name="ap-south-1")
    translator = Translator({}, Parser(), boto_session=session)
    json.dump(translator.translate(template, {}), sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
