#!/usr/bin/env python3
"""Validates the outputs of a scan against docs/schemas. Exit 77: python3-jsonschema is missing, nothing was checked."""
import json
import os
import subprocess
import sys
import tempfile

try:
    import jsonschema
except ImportError:
    print("python3-jsonschema is not installed: the outputs were not checked against their schemas")
    sys.exit(77)

program, schemas = sys.argv[1:3]


def schema(name):
    with open(os.path.join(schemas, name + ".schema.json"), encoding="utf-8") as file:
        loaded = json.load(file)
    jsonschema.Draft7Validator.check_schema(loaded)
    return jsonschema.Draft7Validator(loaded)


with tempfile.TemporaryDirectory() as folder:
    environment = dict(os.environ, BULKHEAD_SCHEMA_OUTPUTS=folder)
    subprocess.run([program, "--gtest_filter=ScanForSchemas.*", "--gtest_brief=1"], check=True, env=environment)
    persons = 0
    validator = schema("persons")
    with open(os.path.join(folder, "persons.ndjson"), encoding="utf-8") as lines:
        for line in lines:
            validator.validate(json.loads(line))
            persons += 1
    for name in ("summary", "manifest"):
        with open(os.path.join(folder, name + ".json"), encoding="utf-8") as file:
            schema(name).validate(json.load(file))
    # A schema that lets everything pass would check nothing.
    broken = json.loads(line)
    broken["role"] = "employer"
    if validator.is_valid(broken):
        sys.exit("the schema of persons accepts an unknown role")
    print(f"{persons} persons, summary and manifest are valid")
    if persons < 100:
        sys.exit("too few persons were checked")
