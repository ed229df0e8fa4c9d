"""The deployments of earlier releases (tests/deployments) open with this build: files, journal, findings, log-in; and it goes on.

    upgrade.py FOLDER_OF_THE_BUILD_TREE
"""
import hashlib
import json
import os
import shutil
import ssl

from deployment import Deployment, check, eventually, make_file, need, run, sha256, step

KEPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "deployments")


def take_copy(kept, deployment):
    """With the modes that a repository does not keep, and the root key in its place."""
    shutil.copytree(os.path.join(kept, "deployment"), deployment.data)
    for above, _, names in os.walk(deployment.data):
        os.chmod(above, 0o700)
        for name in names:
            os.chmod(os.path.join(above, name), 0o400 if os.path.basename(above) == "blobs" else 0o600)
    for name in os.listdir(kept):
        if name.startswith("TEST-ONLY."):
            plain = name.removeprefix("TEST-ONLY.")
            target = deployment.path(plain) if plain.endswith("-key") else deployment.path("keys", plain)
            shutil.copy(os.path.join(kept, name), target)
            os.chmod(target, 0o600)
    deployment.set("keys", "root_key_file", json.dumps(deployment.path("root-key")))


def https(deployment):
    """One that was made without a certificate serves nobody over HTTPS until it has one."""
    if "no certificate" not in deployment.run("certificate", "show", code=None).stderr:
        return
    for port in (deployment.server.https_port, deployment.server.https_port):
        try:
            ssl.get_server_certificate(("127.0.0.1", port))
            check(False, "a certificate is shown, and there is none")
        except (ConnectionError, ssl.SSLError):
            pass
    eventually(lambda: any("bulkhead certificate" in line for line in deployment.server.log), "the log says what to do")
    check(not any("out of order" in line for line in deployment.server.log), "clients are blamed for it")
    deployment.run("certificate", "self-signed", "localhost")
    shown = deployment.run("certificate", "show", "--pem").stdout
    check(ssl.get_server_certificate(("127.0.0.1", deployment.server.https_port)).split() == shown.split(), "another one is shown")


def open_with_this_build(programs, kept):
    with open(os.path.join(kept, "expected.json"), encoding="ascii") as file:
        expected = json.load(file)
    with Deployment(programs) as deployment:
        take_copy(kept, deployment)
        entries = deployment.read("journal", "list", "--most", str(expected["entries"]))
        leaves = "".join(each["leaf_hash"] for each in entries).encode()
        check(len(entries) == expected["entries"] and hashlib.sha256(leaves).hexdigest() == expected["leaf_hashes_sha256"],
              "the journal's entries are not those that were written")
        deployment.verify_journal()
        deployment.start("--https", "127.0.0.1:0")
        https(deployment)
        user = expected["user"]
        for path, digest in expected["files"].items():
            deployment.sftp(user, f"get {path} {deployment.path('back')}\n")
            check(sha256(deployment.path("back")) == digest, f"{path} came back changed")
        persons = deployment.path("persons.ndjson")
        deployment.run("exposure", "--session", expected["session"], "--incident-key", deployment.path("incident-key"),
                       "--out", persons, code=None)
        with open(persons, encoding="utf-8") as lines:
            names = sorted(person["names"][0]["last"] for person in map(json.loads, lines))
        check(names == expected["persons"], f"found are {names}, due are {expected['persons']}")
        fresh = make_file(deployment.path("fresh"), 300_000)
        deployment.sftp(user, f"put {fresh} fresh\nget fresh {deployment.path('back')}\n")
        check(sha256(deployment.path("back")) == sha256(fresh), "a fresh upload came back changed")
        deployment.verify_journal()
        deployment.stop()
        return len(expected["files"]), len(names)


def story(programs):
    need("sftp")
    releases = sorted(name for name in os.listdir(KEPT) if os.path.isfile(os.path.join(KEPT, name, "expected.json")))
    check(releases, f"there is no deployment in {KEPT}")
    for release in releases:
        files, persons = open_with_this_build(programs, os.path.join(KEPT, release))
        step(f"of release {release}: {files} files, {persons} persons in what was released, journal good")


run(story)
