"""Renders and lints a chart with Helm's engine, over many sets of values, and holds the result against Kubernetes' schemas.

Usage: render_chart.py CHART < CASES, where CASES is a JSON list of {"name", "file" or "values", "upgrade"}. Prints a JSON list of
{"name", "error", "lint", "objects": {FILE: [OBJECT]}, "problems", "notes"}; the error is Helm's refusal.
"""

import json
import sys

import helm_python
import yaml

import kubernetes_schema

chart_path = sys.argv[1]
chart = helm_python.Chart.load(chart_path)


def render(case):
    if "file" in case:
        with open(case["file"]) as file:
            values = helm_python.values_from_yaml(file.read())
    else:
        values = case.get("values", {})
    result = {"name": case["name"], "error": None, "lint": [], "objects": {}, "problems": [], "notes": ""}
    report = helm_python.lint(chart_path, values, strict=True)
    # Severity 1 is advice, such as that a chart might have an icon.
    result["lint"] = [message["error"] for message in report["messages"] if message["severity"] > 1]
    try:
        rendered = chart.render(
            values,
            name="keelson",
            namespace="store",
            is_install=not case.get("upgrade", False),
            is_upgrade=case.get("upgrade", False),
        )
    except helm_python.HelmError as error:
        result["error"] = str(error)
        return result
    for path, text in rendered.items():
        file = path.split("/templates/", 1)[1]
        if file == "NOTES.txt":
            result["notes"] = text
            continue
        objects = [thing for thing in yaml.safe_load_all(text) if thing is not None]
        if not objects:
            continue
        result["objects"][file] = objects
        for thing in objects:
            result["problems"] += ["%s: %s" % (file, problem) for problem in kubernetes_schema.problems(thing)]
    return result


json.dump([render(case) for case in json.load(sys.stdin)], sys.stdout)
