"""Makes the deployment of a release that is kept here: make.py RELEASE FOLDER_OF_THE_BUILD_TREE

Made-up people, fixed contents; the keys are fresh, as in every deployment.
"""
import hashlib
import json
import os
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "scenario"))
from deployment import Deployment, check, make_file, sha256  # noqa: E402

USER = "nora"
ROWS = ["MEMBER_ID,LAST_NAME,FIRST_NAME,DATE_OF_BIRTH,SSN", "30000001,ABELWOOD,ADA,1961-03-09,666417788",
        "30000038,GRIMSBURY,FINN,1974-11-30,", "30000075,NETTLEBY,ODA,2015-06-01,666429911"]


def fill(deployment):
    members = deployment.path("members.csv")
    with open(members, "w", encoding="ascii", newline="") as file:
        file.write("".join(row + "\r\n" for row in ROWS))
    blob = make_file(deployment.path("blob.bin"), 70_000, seed=1)
    empty = make_file(deployment.path("empty"), 0)
    older = make_file(deployment.path("older"), 500, seed=2)
    deployment.sftp(USER, f"mkdir /shared/deeper\nput {members} /shared/members.csv\nput {blob} /shared/deeper/blob.bin\n"
                          f"put {empty} empty\nput {older} overwritten\n")
    deployment.wait_until_analysed()
    deployment.sftp(USER, f"get overwritten {deployment.path('back')}\nget /shared/members.csv {deployment.path('back')}\n"
                          f"put {members} overwritten\nput {older} removed\nrm removed\n")
    deployment.wait_until_analysed()
    return {"/shared/members.csv": members, "/shared/deeper/blob.bin": blob, f"/home/{USER}/empty": empty,
            f"/home/{USER}/overwritten": members}


def expected(deployment, files):
    entries = deployment.read("journal", "list")
    hostile = [each["session"] for each in deployment.read("transfers") if each["direction"] == "down"][0]
    persons = deployment.path("persons")
    deployment.run("exposure", "--session", hostile, "--incident-key", deployment.path("incident-key"), "--out", persons,
                   code=None)
    with open(persons, encoding="utf-8") as lines:
        names = sorted(person["names"][0]["last"] for person in map(json.loads, lines))
    return {"user": USER, "files": {path: sha256(here) for path, here in files.items()}, "entries": len(entries),
            "leaf_hashes_sha256": hashlib.sha256("".join(each["leaf_hash"] for each in entries).encode()).hexdigest(),
            "session": hostile, "persons": names}


def keep(deployment, target):
    blobs = os.path.join(deployment.data, "blobs")
    for name in os.listdir(blobs):
        if os.path.getsize(os.path.join(blobs, name)) == 0:  # made ahead for the next uploads
            os.unlink(os.path.join(blobs, name))
    deployment.set("keys", "root_key_file", '"/where/the/root-key/is"')
    shutil.copytree(deployment.data, os.path.join(target, "deployment"), ignore=shutil.ignore_patterns("catalogue*", "lock"))
    for name in ("root-key", "incident-key", os.path.join("keys", USER)):
        shutil.copy(deployment.path(name), os.path.join(target, "TEST-ONLY." + os.path.basename(name)))


def main(release, programs):
    target = os.path.join(HERE, release)
    check(not os.path.exists(target), f"{target} is there already, and is not to be changed")
    with Deployment(programs) as deployment:
        deployment.init()
        deployment.add_user(USER)
        deployment.run("folder", "add", "/shared", "--member", f"{USER}:read,write,list,delete")
        deployment.start()
        found = expected(deployment, fill(deployment))
        deployment.stop()
        os.mkdir(target)
        keep(deployment, target)
        with open(os.path.join(target, "expected.json"), "w", encoding="ascii") as file:
            json.dump(found, file, indent=2)
            file.write("\n")


main(*sys.argv[1:])
