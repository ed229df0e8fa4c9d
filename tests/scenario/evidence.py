"""What `bulkhead exposure` says where the evidence is not whole: each fault is named and costs only what hangs on it. And which
listener it was.

    evidence.py FOLDER_OF_THE_BUILD_TREE
"""
import json
import os
import shutil
import subprocess

from deployment import Deployment, check, frames, need, run, step

PASSWORD = "correct horse & battery%"
PEOPLE = {"north.csv": "ADAMS", "south.csv": "BAKER"}  # by sftp, by https


def last_names(path):
    with open(path, encoding="utf-8") as lines:
        return {name["last"] for person in map(json.loads, lines) for name in person["names"]}


def exposure(deployment, *arguments, code=0, data=None):
    out = deployment.path("persons.ndjson")
    if os.path.exists(out):
        os.unlink(out)
    more = ["--data", data] if data else []
    done = deployment.run("exposure", "--incident-key", deployment.path("incident-key"), "--out", out, *arguments, *more, code=code)
    return done, last_names(out) if os.path.exists(out) else set()


def curl(deployment, *arguments):
    port = deployment.server.https_port
    url = f"https://localhost:{port}/api/v1"
    common = ["--cacert", deployment.path("ca.pem"), "--resolve", f"localhost:{port}:127.0.0.1", "-sSf"]
    subprocess.run(["curl", *common, "--data-urlencode", "user=nora", "--data-urlencode", f"password={PASSWORD}", f"{url}/session",
                    "--next", *common, *arguments, f"{url}/files/home/nora/south.csv"], check=True, capture_output=True, timeout=60)


def set_up(deployment):
    deployment.init()
    deployment.add_user("nora", password=PASSWORD)
    deployment.start("--https", "127.0.0.1:0")
    with open(deployment.path("ca.pem"), "w", encoding="ascii") as file:
        file.write(deployment.run("certificate", "show", "--pem").stdout)
    for name, last in PEOPLE.items():
        with open(deployment.path(name), "w", encoding="ascii") as file:
            file.write(f"SSN,LAST NAME,FIRST NAME,DATE OF BIRTH\n212341234,{last},MARY,1974-03-09\n")
    deployment.sftp("nora", f"put {deployment.path('north.csv')} north.csv\n")
    curl(deployment, "-T", deployment.path("south.csv"))
    deployment.wait_until_analysed()


def listeners(deployment):
    step("by listener: what came or went over HTTPS, and over SFTP")
    check(exposure(deployment)[1] == {"ADAMS", "BAKER"}, "not both without a choice")
    check(exposure(deployment, "--listener", "sftp")[1] == {"ADAMS"}, "not SFTP's")
    check(exposure(deployment, "--listener", "https")[1] == {"BAKER"}, "not HTTPS's")
    check(exposure(deployment, "--listener", "sftp", "--listener", "https")[1] == {"ADAMS", "BAKER"}, "not both")
    done, _ = exposure(deployment, "--listener", "ftp", code=1)
    check("no session ever came in by a listener ftp" in done.stderr, done.stderr)


def copy_of(deployment):
    copy = deployment.path("copy")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(deployment.data, copy, ignore=shutil.ignore_patterns("*.sock"))
    return copy


def sealed_findings(data):
    found = []
    for place, _, names in os.walk(data):
        for name in names:
            path = os.path.join(place, name)
            with open(path, "rb") as file:
                if file.read(21) == b"age-encryption.org/v1":
                    found.append(path)
    return sorted(found)


def tampered_index(deployment):
    step("findings that were tampered with, and ones that are gone: the file is named, the other one is told")
    copy = copy_of(deployment)
    findings = sealed_findings(copy)
    check(len(findings) == 2, f"findings: {findings}")
    with open(findings[0], "r+b") as file:
        file.seek(-20, os.SEEK_END)
        byte = file.read(1)[0]
        file.seek(-20, os.SEEK_END)
        file.write(bytes([byte ^ 1]))
    done, names = exposure(deployment, data=copy, code=3)
    check(len(names) == 1 and done.stdout.count("its findings are damaged") == 1, f"{names}\n{done.stdout}")
    os.unlink(findings[0])
    done, without = exposure(deployment, data=copy, code=3)
    check(without == names and "its findings are not on the disk any more" in done.stdout, f"{without}\n{done.stdout}")


def change_entry(data):
    """Changes one bit of an entry; returns its index, and what changes it back."""
    folder = os.path.join(data, "journal")
    path = os.path.join(folder, sorted(each for each in os.listdir(folder) if each.startswith("entries-"))[0])
    index, at, length = list(frames(path))[6]

    def flip():
        with open(path, "r+b") as file:
            file.seek(at + length // 2)
            byte = file.read(1)[0]
            file.seek(at + length // 2)
            file.write(bytes([byte ^ 1]))
    flip()
    return index, flip


def broken_journal(deployment):
    step("a journal that was changed beneath a running server: the entry is named, and that the list is no upper bound; the list is there")
    index, change_back = change_entry(deployment.data)
    done, names = exposure(deployment, code=3)
    check(f"entry {index}" in done.stderr and "no upper bound" in done.stderr, done.stderr)
    check(names == {"ADAMS", "BAKER"}, f"{names}")
    change_back()
    check("no upper bound" not in exposure(deployment)[0].stderr, "it is said of a journal that is whole")


def broken_journal_at_a_start(deployment):
    step("a journal that is not whole at a start: nothing answers for that deployment, and the entry is named")
    copy = copy_of(deployment)
    index, _ = change_entry(copy)
    done, names = exposure(deployment, data=copy, code=1)
    check(f"entry {index}" in done.stderr and not names, done.stderr)


def another_key(deployment):
    step("an incident key that does not fit, and a file that is none")
    wrong = deployment.path("wrong")
    shutil.copy(deployment.path("south.csv"), wrong)
    done = deployment.run("exposure", "--incident-key", wrong, code=2)
    check("is not an incident key" in done.stderr, done.stderr)
    with Deployment(deployment.programs) as other:
        other.init()
        done = deployment.run("exposure", "--incident-key", other.path("incident-key"))
    check("as far as this incident key's" in done.stdout, done.stdout)


def story(programs):
    need("sftp")
    need("curl")
    with Deployment(programs) as deployment:
        set_up(deployment)
        listeners(deployment)
        broken_journal(deployment)
        another_key(deployment)
        deployment.stop()
        tampered_index(deployment)
        broken_journal_at_a_start(deployment)


run(story)
