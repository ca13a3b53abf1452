"""Holds manifest files against Kubernetes' schemas.

Usage: check_manifests.py FILE... Prints a JSON list of {"file", "kind", "name", "problems"}.
"""

import json
import sys

import yaml

import kubernetes_schema

found = []
for path in sys.argv[1:]:
    with open(path) as file:
        for thing in yaml.safe_load_all(file):
            found.append({
                "file": path.rsplit("/", 1)[1],
                "kind": thing["kind"],
                "name": thing["metadata"]["name"],
                "problems": kubernetes_schema.problems(thing),
            })
json.dump(found, sys.stdout)
