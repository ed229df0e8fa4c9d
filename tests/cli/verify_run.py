"""`bulkhead verify-run`: a run comes out again; what was changed since is named; a run with other rules is a new one.

    verify_run.py PROGRAM
"""
import hashlib
import json
import os
import signal
import subprocess
import tempfile
import time

from one_command import PROGRAM, call, check


def write(folder, name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)


def table(*lasts):
    rows = [f"22011{sum(map(ord, last)):04},{last},MARY,19{40 + len(last)}-03-09" for last in lasts]
    return "\n".join(["SSN,LAST NAME,FIRST NAME,DATE OF BIRTH", *rows]) + "\n"


def scan(folder):
    os.makedirs(os.path.join(folder, "in"), exist_ok=True)
    write(folder, "in/a.csv", table("ADAMS", "BAKER"))
    write(folder, "in/b.csv", table("CLARK"))
    call(folder, "scan", "in", "--out", "persons.ndjson", "--summary", "summary.json", "--csv", "persons.csv",
         "--html", "report.html", "--html-values", "--as-of", "2023-06-01")


def edit(folder, change):
    path = os.path.join(folder, "manifest.json")
    with open(path, encoding="utf-8") as file:
        manifest = json.load(file)
    change(manifest)
    write(folder, "manifest.json", json.dumps(manifest) + "\n")


def verifies(folder):
    scan(folder)
    said = call(folder, "verify-run", "manifest.json").stdout
    check(said.count("comes out again, byte for byte\n") == 4 and said.endswith("verified: the same, byte for byte\n"), said)


def changed_output(folder):
    scan(folder)
    with open(os.path.join(folder, "persons.ndjson"), encoding="utf-8") as file:
        lines = file.readlines()
    write(folder, "persons.ndjson", "".join(lines[1:]))
    done = call(folder, "verify-run", "manifest.json", code=1)
    check("persons persons.ndjson: comes out again, byte for byte; the file was changed since" in done.stdout, done.stdout)
    check("persons: 1 gained, 0 lost, 0 changed, 2 the same" in done.stdout and "not what the run wrote" in done.stderr, done.stdout)


def changed_inputs(folder):
    scan(folder)
    write(folder, "in/b.csv", table("CLARK", "DAVIS"))
    write(folder, "in/c.csv", table("EVANS"))
    os.unlink(os.path.join(folder, "in/a.csv"))
    done = call(folder, "verify-run", "manifest.json", code=1)
    for sentence in ("in/b.csv was changed", "in/c.csv came since", "in/a.csv is not there any more", "persons: 2 gained, 2 lost"):
        check(sentence in done.stdout, f"{sentence!r} in {done.stdout}")
    check("put them back" in done.stderr, done.stderr)


def forged(folder):
    """Outputs and manifest that fit each other and are not what comes out."""
    scan(folder)
    with open(os.path.join(folder, "persons.ndjson"), encoding="utf-8") as file:
        text = file.read().replace("ADAMS", "ADAMX")
    write(folder, "persons.ndjson", text)
    edit(folder, lambda manifest: manifest["outputs"][0].update(sha256=hashlib.sha256(text.encode()).hexdigest()))
    done = call(folder, "verify-run", "manifest.json", code=1)
    check("comes out otherwise" in done.stdout and "0 gained, 0 lost, 1 changed" in done.stdout, done.stdout)
    check("give another result" in done.stderr, done.stderr)


def newer_rules(folder):
    """As another release would have written it: a number of rules that is not ours, and another result."""
    scan(folder)
    with open(os.path.join(folder, "persons.ndjson"), encoding="utf-8") as file:
        lines = file.readlines()
    lines = [line.replace('"ssn"', '"itin"') if "ADAMS" in line else line for line in lines if "CLARK" not in line]
    write(folder, "persons.ndjson", "".join(lines))

    def older(manifest):
        manifest["rules"], manifest["program_version"] = "0" * 16, "0.0.9"
        manifest["outputs"][0]["sha256"] = hashlib.sha256("".join(lines).encode()).hexdigest()
    edit(folder, older)
    said = call(folder, "verify-run", "manifest.json", code=3).stdout
    for sentence in ("the rules were 0000000000000000, these are", "the program was 0.0.9", "1 gained, 0 lost, 1 changed, 1 the same",
                     "+ssn", "in b.csv", "this is a new run"):
        check(sentence in said, f"{sentence!r} in {said}")
    check("ADAMS" not in said and "CLARK" not in said, f"a value is printed: {said}")


def edited_beside_newer_rules(folder):
    """Other rules explain another result, never a file that is not what its run wrote."""
    scan(folder)

    def older(manifest):
        manifest["rules"], manifest["program_version"] = "0" * 16, "0.0.9"
        manifest["outputs"][0]["sha256"] = "0" * 64
    edit(folder, older)
    done = call(folder, "verify-run", "manifest.json", code=1)
    check("not what the run wrote" in done.stderr and "new run" not in done.stdout, done.stdout + done.stderr)


def outputs_left_out(folder):
    """What a manifest does not name cannot be verified: nobody takes the word for the file beside it."""
    scan(folder)
    with open(os.path.join(folder, "manifest.json"), encoding="utf-8") as file:
        outputs = json.load(file)["outputs"]
    persons, *others = outputs
    for kept in (None, [], others, [persons, dict(persons, path="other.ndjson")], [persons, {}]):
        def change(manifest):
            if kept is None:
                manifest.pop("outputs", None)
            else:
                manifest["outputs"] = kept
        edit(folder, change)
        done = call(folder, "verify-run", "manifest.json", code=1)
        check("manifest.json: " in done.stderr and "verified" not in done.stdout, done.stdout + done.stderr)


def many_inputs(folder):
    """As of a run over more files, and longer, than a line of any other file may have."""
    scan(folder)
    edit(folder, lambda manifest: manifest["inputs"].extend(
        {"path": f"in/{number:0150}", "name": f"{number:0150}", "bytes": 1, "sha256": "0" * 64} for number in range(110_000)))
    check(os.path.getsize(os.path.join(folder, "manifest.json")) > 32 * 1024 * 1024, "the manifest is not large")
    done = subprocess.run([PROGRAM, "verify-run", "manifest.json"], capture_output=True, text=True, timeout=60, cwd=folder)
    check(done.returncode == 3 and done.stdout.count("is not there any more") == 110_000, f"exit {done.returncode}: {done.stderr}")


def interrupted(folder):
    """What the second run wrote about people is gone, also where it is interrupted."""
    scan(folder)
    os.mkfifo(os.path.join(folder, "waits"))
    edit(folder, lambda manifest: manifest.update(corrections=[{"path": "waits", "sha256": ""}]))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        place = os.path.join(folder, f"temporary-{number}")
        os.mkdir(place)
        process = subprocess.Popen([PROGRAM, "verify-run", "manifest.json"], cwd=folder, env=dict(os.environ, TMPDIR=place),
                                   stdout=subprocess.DEVNULL)
        while not os.listdir(place):
            check(process.poll() is None, "ended by itself")
            time.sleep(0.01)
        process.send_signal(number)
        code = process.wait(timeout=60)
        check(code not in (0, 3), f"exit {code} after signal {number}")
        check(os.listdir(place) == [], f"after signal {number}: {os.listdir(place)}")


def bad_manifests(folder):
    scan(folder)
    for text, sentence in (("{", "manifest.json"), ("[]\n", "manifest.json"), ('{"version": 1}\n', "program_version"),
                           ('{"version": 9}\n', "version 9")):
        write(folder, "manifest.json", text)
        done = call(folder, "verify-run", "manifest.json", code=1)
        check(sentence in done.stderr, f"{text}: {done.stderr}")
    call(folder, "verify-run", "nowhere.json", code=1)
    scan(folder)
    edit(folder, lambda manifest: manifest["outputs"][0].update(kind="../../x"))
    check("not known" in call(folder, "verify-run", "manifest.json", code=1).stderr, "a kind of output that there is not")


def of_logs(folder):
    """A run of exposure --log read some files of a folder; one that left was not there."""
    scan(folder)
    write(folder, "list.txt", "in/a.csv\ngone.csv\n")
    call(folder, "exposure", "--log", "list.txt", "--log-format", "list", "--files", "in", "--out", "persons.ndjson", "--summary",
         "summary.json", "--as-of", "2023-06-01", code=3)
    with open(os.path.join(folder, "manifest.json"), encoding="utf-8") as file:
        manifest = json.load(file)
    check([each["name"] for each in manifest["inputs"]] == ["a.csv"] and manifest["chosen"] is True, f"{manifest}")
    check("verified" in call(folder, "verify-run", "manifest.json").stdout, "of a list")


for each in (verifies, changed_output, changed_inputs, forged, newer_rules, edited_beside_newer_rules, outputs_left_out, many_inputs, interrupted,
             bad_manifests, of_logs):
    with tempfile.TemporaryDirectory() as place:
        each(place)
    print(f"== {each.__name__}")
print("all of it held")
