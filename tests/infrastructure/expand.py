"""Expands templates of SAM, as a deployment does: `expand.py FOLDER…` writes `sam.json` beside `sam/template.yaml`."""

import json
import sys
from pathlib import Path

from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform


class NoManagedPolicies:
    def load(self):
        return {}


for folder in map(Path, sys.argv[1:]):
    template = yaml_parse((folder / "sam" / "template.yaml").read_text())
    functions = [it for it in template["Resources"].values() if it["Type"] == "AWS::Serverless::Function"]
    properties = [template.get("Globals", {}).get("Function", {})] + [it["Properties"] for it in functions]
    for it in properties:
        # A deployment uploads the code first.
        if "CodeUri" in it:
            it["CodeUri"] = "s3://bucket/key"
        if it.get("PackageType") == "Image":
            it["ImageUri"] = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/repository:tag"
    expanded = transform(template, {}, NoManagedPolicies())
    (folder / "sam.json").write_text(json.dumps(expanded))
