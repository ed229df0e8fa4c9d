"""The breach story: two organisations, extracts about made-up people, a hostile session; who was in what it read; cut off; proof.

    story.py FOLDER_OF_THE_BUILD_TREE
"""
import collections
import json
import os
import re
import shutil
import subprocess
import time

from deployment import TIMEOUT_S, Deployment, Skip, check, eventually, frames, need, run, sha256, step

PEOPLE = 600
ENROLLMENT, CLAIMS, CLIENTS = "enrollment.834", "claims.837", "clients.csv"


# --- what is due and what came

def truth_of(deployment, file_names):
    """What the generator says: how many persons of each kind the files hold, with their elements per file."""
    persons = collections.Counter()
    with open(deployment.path("extracts", "truth.ndjson"), encoding="utf-8") as lines:
        for person in map(json.loads, lines):
            files = {name: frozenset(elements) for name, elements in person["files"].items() if name in file_names}
            if files:
                persons[person["role"], person["first"], person["last"], iso(person["date_of_birth"]),
                        frozenset(files.items())] += 1
    return persons


def iso(day):
    return f"{day[:4]}-{day[4:6]}-{day[6:]}" if day else None


def found(path, roles=("member", "related")):
    persons = collections.Counter()
    with open(path, encoding="utf-8") as lines:
        for person in map(json.loads, lines):
            if person["role"] not in roles:
                continue
            names = {(name.get("first"), name.get("last")) for name in person["names"]}
            files = frozenset((os.path.basename(each["file"]), frozenset(each["elements"])) for each in person["exposures"])
            persons[person["role"], frozenset(names), tuple(person["dates_of_birth"]), files] += 1
    return persons


def take(left, fits):
    """One of the persons that fit is accounted for. False where there is none."""
    key = next((key for key in left if fits(key)), None)
    if key is None:
        return False
    left[key] -= 1
    if left[key] == 0:
        del left[key]
    return True


def compare(due, came, what):
    """Each person that is due is there once, with exactly their elements, and nobody else is. The generator writes the name that
    a person has now; some files have only the one before a marriage."""
    left = dict(came)

    def same(key, role, day, files):
        return key[0] == role and key[3] == files and key[2] == (() if day is None else (day,))

    renamed = [(role, first, last, day, files) for (role, first, last, day, files), count in due.items() for _ in range(count)
               if not take(left, lambda key: same(key, role, day, files) and (first, last) in key[1])]
    missing = [(role, first, last, day) for role, first, last, day, files in renamed
               if not take(left, lambda key: same(key, role, day, files) and first in {name for name, _ in key[1]})]
    check(not missing and not left,
          f"{what}: {len(missing)} are missing, {sum(left.values())} are not due; such as {missing[:2]} and {list(left)[:2]}")
    check(len(renamed) * 10 < due.total(), f"{what}: {len(renamed)} of {due.total()} only under another name")
    step(f"{what}: {due.total()} persons and their elements, as the generator says")


# --- the scenes

def set_up(deployment):
    deployment.init()
    with Deployment(deployment.programs) as other:  # for its incident key only
        other.init()
        shutil.copy(other.path("incident-key"), deployment.path("insurer.incident-key"))
    with open(deployment.path("insurer.incident-key"), encoding="ascii") as file:
        recipient = re.search(r"# public key: (age1\w+)", file.read()).group(1)
    deployment.run("org", "add", "insurer", "--incident-recipient", recipient)
    deployment.add_user("agnes")
    deployment.add_user("ivan", organisation="insurer")
    deployment.run("folder", "add", "/extracts", "--org", "agency", "--member", "agnes:read,write,list,delete")
    deployment.run("folder", "add", "/claims", "--org", "insurer", "--member", "ivan:read,write,list,delete")


def generate(deployment):
    program = os.path.join(deployment.programs, "bin", "bulkhead-generate")
    if not os.access(program, os.X_OK):
        raise Skip("bulkhead-generate is not built")
    subprocess.run([program, "--out", deployment.path("extracts"), "--people", str(PEOPLE)], check=True)


def sessions_that_fetched(deployment, path):
    return [each["session"] for each in deployment.read("transfers", "--path", path) if each["direction"] == "down"]


def exposure(deployment, key, *arguments, code=0):
    out = deployment.path("persons.ndjson")
    if os.path.exists(out):
        os.unlink(out)
    said = deployment.run("exposure", "--incident-key", deployment.path(key), "--out", out, *arguments, code=code).stdout
    return said, out


def theft(deployment):
    step("extracts come in and are analysed; then somebody fetches one with a stolen key")
    extract = deployment.path("extracts", "")
    deployment.sftp("agnes", f"put {extract}{ENROLLMENT} /extracts/\nput {extract}{CLIENTS} /extracts/\n")
    deployment.sftp("ivan", f"put {extract}{CLAIMS} /claims/\n")
    deployment.wait_until_analysed()
    deployment.sftp("agnes", f"get /extracts/{ENROLLMENT} {deployment.path('stolen')}\n-get /claims/{CLAIMS} "
                             f"{deployment.path('not-stolen')}\n")
    check(sha256(deployment.path("stolen")) == sha256(extract + ENROLLMENT), "what was fetched is not what was sent")
    check(not os.path.exists(deployment.path("not-stolen")), "a file of the other organisation came through")
    (hostile,) = sessions_that_fetched(deployment, f"/extracts/{ENROLLMENT}")
    step("the file is overwritten, the other one removed: the hostile session's version is not forgotten")
    deployment.sftp("agnes", f"put {extract}{CLIENTS} /extracts/{ENROLLMENT}\nrm /extracts/{CLIENTS}\n")
    deployment.wait_until_analysed()
    return hostile


def who_was_in_it(deployment, hostile):
    deployment.run("incident", "open", "INC-1", "--session", hostile, "--note", "key stolen")
    said, out = exposure(deployment, "incident-key", "--session", hostile)
    check("since overwritten or removed" in said, f"it does not say that the file is not there any more:\n{said}")
    check(CLIENTS not in said, "a file is named that the hostile session did not open")
    compare(truth_of(deployment, {ENROLLMENT}), found(out), "in what the hostile session read")

    said, out = exposure(deployment, "insurer.incident-key", "--session", hostile)
    check("Nothing was released" in said and os.path.getsize(out) == 0, f"the insurer's key sees something:\n{said}")
    check(ENROLLMENT not in said and "agnes" not in said, "the insurer learns of the agency's file or user")
    said, out = exposure(deployment, "insurer.incident-key")
    check(ENROLLMENT not in said and CLIENTS not in said, "the insurer learns of the agency's files")
    compare(truth_of(deployment, {CLAIMS}), found(out), "the insurer's own, uploaded and analysed")


def never_analysed(deployment):
    step("a file that nobody analysed is listed so")
    deployment.stop()
    deployment.set("analysis", "processes", 0)
    deployment.start()
    deployment.sftp("agnes", f"put {deployment.path('extracts', CLIENTS)} /extracts/fresh.csv\n")
    deployment.sftp("agnes", f"get /extracts/fresh.csv {deployment.path('fresh')}\n")
    (session,) = sessions_that_fetched(deployment, "/extracts/fresh.csv")
    said, out = exposure(deployment, "incident-key", "--session", session, code=3)
    check("not_analysed" in said and "fresh.csv" in said and "not analysed yet" in said, f"it is not listed so:\n{said}")
    check(os.path.getsize(out) == 0, "persons of a file that was never read")
    deployment.stop()
    deployment.set("analysis", "processes", 1)
    deployment.start()
    deployment.wait_until_analysed()
    said, out = exposure(deployment, "incident-key", "--session", session)
    came = found(out)
    due = collections.Counter()  # the generator knows it by another name
    for (role, first, last, day, files), count in truth_of(deployment, {CLIENTS}).items():
        due[role, first, last, day, frozenset(("fresh.csv", elements) for _, elements in files)] += count
    compare(due, came, "once it was analysed")


def live_client(deployment, name):
    """A client in the middle of a session; it says when it is logged in."""
    client = subprocess.Popen(deployment.sftp_arguments(name), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
    client.stdin.write("pwd\n")
    client.stdin.flush()
    while line := client.stdout.readline():
        if line.startswith("Remote working directory"):
            return client
    raise AssertionError("the client was not served")


def cut_off(deployment):
    step("contain: a live client is disconnected within a second, later ones are refused, after a restart as well")
    client = live_client(deployment, "agnes")
    ssh = eventually(lambda: [pid for pid in children_of(client.pid)], "sftp has its ssh")[0]
    began = time.monotonic()
    result = deployment.read("incident", "contain")
    eventually(lambda: not is_running(ssh), "the client is disconnected", 5, every_s=0.005)
    took = time.monotonic() - began
    client.communicate("ls\n", timeout=TIMEOUT_S)
    check(client.returncode != 0, "the client goes on")
    check(result["channels_ended"] >= 1 and result["credentials"] == ["agnes"], f"contain says {result}")
    check(took < 1, f"it took {took:.2f} s")
    step(f"command to disconnection {took * 1000:.0f} ms, of which the server's part {result['took_us'] / 1000:.1f} ms")
    for start_again in (False, True):
        if start_again:
            deployment.stop()
            deployment.start()
        for user in ("agnes", "ivan"):
            done = deployment.sftp(user, "ls /\n", code=None)
            check(done.returncode != 0, f"{user} was let in")
        check(deployment.read("incident", "status")["contained"] is True, "it does not say that it is contained")
        deployment.verify_journal()
    check("stop the server" in deployment.run("incident", "lift", code=1).stderr, "keys that were forgotten are back")
    deployment.stop()
    deployment.run("incident", "lift")
    deployment.start()
    deployment.sftp("agnes", "ls /\n")
    deployment.stop()


def children_of(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(child) for child in file.read().split()]


def is_running(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def evidence(deployment):
    step("the journal verifies; with one byte of a copy changed it names the entry")
    deployment.verify_journal()
    journal = os.path.join(deployment.data, "journal")
    name = sorted(each for each in os.listdir(journal) if each.startswith("entries-"))[0]
    entries = list(frames(os.path.join(journal, name)))
    for index, at, length in (entries[5], entries[len(entries) // 2], entries[-1]):
        copy = deployment.path("copy")
        shutil.copytree(deployment.data, copy)
        with open(os.path.join(copy, "journal", name), "r+b") as file:
            file.seek(at + length // 2)
            byte = file.read(1)[0]
            file.seek(at + length // 2)
            file.write(bytes([byte ^ 1]))
        done = deployment.run("journal", "verify", "--data", copy, code=1)
        check(re.fullmatch(rf"bulkhead: [^\n]*entry {index}\b[^\n]*\n", done.stderr), f"entry {index}: {done.stdout}{done.stderr}")
        print("  ", done.stderr.strip())
        shutil.rmtree(copy)
    deployment.verify_journal()


def story(programs):
    need("sftp")
    with Deployment(programs, organisation="agency") as deployment:
        generate(deployment)
        set_up(deployment)
        deployment.start()
        hostile = theft(deployment)
        who_was_in_it(deployment, hostile)
        never_analysed(deployment)
        cut_off(deployment)
        evidence(deployment)


run(story)
