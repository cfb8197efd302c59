"""`translate.py FILE [CHANGES]`: print what CloudFormation makes of a template, as JSON.

CHANGES are properties by resource, as JSON, which replace those of the template.

Runs under the Python of .tools/sam, where SAM lives apart from the project.
"""

import json
import sys
from pathlib import Path
from typing import Any

import boto3
import yaml
from samcli.yamlhelper import yaml_parse  # type: ignore[import-not-found]
from samtranslator.parser.parser import Parser  # type: ignore[import-not-found]
from samtranslator.translator.translator import Translator  # type: ignore[import-not-found]

# `sam deploy` puts the addresses of what it has uploaded in the place of folders.
UPLOADED = {"AWS::Serverless::Function": "CodeUri", "AWS::Serverless::LayerVersion": "ContentUri"}


def included(value: Any, folder: Path) -> Any:  # noqa: ANN401
    """Return a value with files in the place of AWS::Include, which CloudFormation does first."""
    if isinstance(value, list):
        return [included(each, folder) for each in value]
    if not isinstance(value, dict):
        return value
    if transform := value.get("Fn::Transform"):
        file = folder / transform["Parameters"]["Location"]
        # All values of these files are text, and BaseLoader knows no short forms.
        return yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return {name: included(each, folder) for name, each in value.items()}


def main(path: Path, changes: dict[str, Any]) -> None:
    """Print what CloudFormation deploys for a template."""
    template = included(yaml_parse(path.read_text(encoding="utf-8")), path.parent)
    for resource in template["Resources"].values():
        if where := UPLOADED.get(resource["Type"]):
            resource["Properties"][where] = "s3://bucket/key"
    for name, properties in changes.items():
        template["Resources"][name]["Properties"] |= properties
    session = boto3.Session(region_name="ap-south-1")
    translator = Translator({}, Parser(), boto_session=session)
    json.dump(translator.translate(template, {}), sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]) if len(sys.argv) > 2 else {})
