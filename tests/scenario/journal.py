"""The journal as others see it: tiles, proofs, checkpoints that left the machine, and an old or a forked journal put in its place.
The second verifier, tools/verify-journal, has to say the same as ours.

    journal.py FOLDER_OF_THE_BUILD_TREE
"""
import json
import os
import random
import re
import shutil
import subprocess
import sys

from deployment import TIMEOUT_S, Deployment, check, run, step

TOOL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools", "verify-journal")
CORRUPTIONS = 40


def other(vkey, folder, *arguments):
    """What the second verifier says."""
    done = subprocess.run(["/usr/bin/python3", "-B", TOOL, "--json", "--vkey", vkey, *arguments, folder],
                          capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    check(done.stdout.startswith("{"), f"the second verifier failed: {done.stderr}")
    verdict = json.loads(done.stdout)
    check(verdict["good"] == (done.returncode == 0), f"its exit status is {done.returncode}: {verdict}")
    return verdict


def ours(deployment, vkey, data, *arguments):
    done = deployment.run("journal", "verify", "--vkey", vkey, "--data", data, "--json", *arguments, code=None)
    return json.loads(done.stdout)


def first_bad_entry(verdict):
    """The number in our sentence, as the other one has it in a field of its own."""
    text = verdict["first_misfit"]
    found = (re.search(r"\bentr(?:y|ies) (\d+)\b(?= \(|:| to \d+ are not)", text)
             or re.search(r"; entries (\d+) to \d+ are missing", text))
    return int(found.group(1)) if found else None


def both_agree(deployment, vkey, data, what, *arguments):
    """Returns whether the journal is good; both must say so, and name the same entry where it is not."""
    mine, theirs = ours(deployment, vkey, data, *arguments), other(vkey, os.path.join(data, "journal"), *arguments)
    check(mine["good"] == theirs["good"], f"{what}: we say {mine}, the second verifier {theirs}")
    if mine["good"]:
        check((mine["entries"], mine["root"]) == (theirs["entries"], theirs["root"]), f"{what}: {mine} {theirs}")
    else:
        check(first_bad_entry(mine) == theirs["first_misfit_entry"], f"{what}: we say {mine}, the second verifier {theirs}")
    return mine["good"]


def corrupt(source, journal):
    """Changes, cuts or swaps something in one file; says what."""
    segments = [name for name in os.listdir(journal) if name.startswith("entries-")]
    path = os.path.join(journal, source.choice(segments))
    with open(path, "rb") as file:
        data = bytearray(file.read())
    at = source.randrange(len(data))
    kind = source.choice(["flip", "zero", "cut", "insert", "swap"])
    if kind == "flip":
        data[at] ^= 1 << source.randrange(8)
    elif kind == "zero":
        data[at:at + 20] = bytes(len(data[at:at + 20]))
    elif kind == "cut":
        del data[at:]
    elif kind == "insert":
        data[at:at] = source.randbytes(3)
    else:
        to = source.randrange(len(data))
        data[at:at + 64], data[to:to + 64] = data[to:to + 64], data[at:at + 64]
    with open(path, "wb") as file:
        file.write(data)
    return f"{kind} at byte {at} of {os.path.basename(path)}"


def tiles_and_proofs(d, vkey):
    step("tiles are written, grow, and the second verifier reads them")
    tiles = d.path("tiles")
    d.run("journal", "export", "--tiles", tiles)
    first = other(vkey, tiles)
    check(first["good"], f"the tiles do not verify: {first}")
    d.run("user", "add", "after", "--key", d.path("keys", "rita.pub"))
    said = d.run("journal", "export", "--tiles", tiles).stdout
    second = other(vkey, tiles)
    check(second["good"] and second["entries"] > first["entries"], f"{said} {second}")
    check("after" not in subprocess.run(["grep", "-r", "after", tiles], capture_output=True, text=True, check=False).stdout,
          "a name stands in a tile in the clear")

    step("one changed byte in a bundle is named")
    bundles = os.path.join(tiles, "tile", "entries")
    path = max((os.path.join(f, n) for f, _, names in os.walk(bundles) for n in names), key=os.path.getsize)
    with open(path, "r+b") as file:
        file.seek(2)  # the first entry
        byte = file.read(1)
        file.seek(2)
        file.write(bytes([byte[0] ^ 1]))
    bad = other(vkey, tiles)
    check(not bad["good"] and bad["first_misfit_entry"] == 0, f"not found: {bad}")

    step("a proof of an entry, checked with nothing but the proof, the key and the journal")
    d.run("journal", "proof", "3", "--out", d.path("3.tlog-proof"))
    check(ours(d, vkey, d.data, "--proof", d.path("3.tlog-proof"))["good"], "the proof does not hold")
    with open(d.path("3.tlog-proof"), encoding="utf-8") as file:
        text = file.read()
    with open(d.path("bad.tlog-proof"), "w", encoding="utf-8") as file:
        file.write(text.replace("index 3\n", "index 2\n"))
    check("does not lead from entry 2" in
          d.run("journal", "verify", "--proof", d.path("bad.tlog-proof"), code=1).stderr, "a wrong proof passed")


def rolled_back_and_forked(d, vkey):
    step("a checkpoint that left; then an older journal, and a forked one, in its place")
    old = d.path("old")
    shutil.copytree(d.data, old)
    d.run("user", "add", "later", "--key", d.path("keys", "rita.pub"))
    kept = d.path("kept")
    d.run("journal", "checkpoint", "--out", kept)
    check(both_agree(d, vkey, d.data, "the journal itself", "--checkpoint", kept), "it contains its own checkpoint")
    check(not both_agree(d, vkey, old, "rolled back", "--checkpoint", kept), "the old journal passed")
    check("shortened or rolled back" in ours(d, vkey, old, "--checkpoint", kept)["first_misfit"], "not said")

    here = d.data
    d.data = old
    try:
        for number in range(4):
            d.run("user", "add", f"other{number}", "--key", d.path("keys", "rita.pub"))
    finally:
        d.data = here
    check(both_agree(d, vkey, old, "the fork by itself"), "without a kept checkpoint a fork passes")
    check(not both_agree(d, vkey, old, "forked", "--checkpoint", kept), "the fork passed")
    check("fork" in ours(d, vkey, old, "--checkpoint", kept)["first_misfit"], "not said that it is a fork")

    step("what a witness is sent holds the proof that it asks for")
    size = int(open(kept, encoding="utf-8").read().split("\n")[1])
    body = d.run("journal", "checkpoint", "--old", str(size)).stdout
    check(re.match(rf"old {size}\n(\S{{43}}=\n)+\n\S+\n\d+\n", body), f"not a request to add a checkpoint: {body}")


def random_corruption(d, vkey):
    step(f"{CORRUPTIONS} random corruptions: both verifiers name the same entry")
    source = random.Random(11)
    found = 0
    for _ in range(CORRUPTIONS):
        copy = d.path("copy")
        shutil.rmtree(copy, ignore_errors=True)
        os.mkdir(copy)
        shutil.copytree(os.path.join(d.data, "journal"), os.path.join(copy, "journal"))
        what = corrupt(source, os.path.join(copy, "journal"))
        found += not both_agree(d, vkey, copy, what)
    check(found > CORRUPTIONS // 2, f"only {found} corruptions were found")


def story(programs):
    if subprocess.run(["/usr/bin/python3", "-c", "import cryptography"], capture_output=True, check=False).returncode != 0:
        print("SKIPPED: python3-cryptography is not installed")
        sys.exit(77)
    with Deployment(programs) as d:
        d.init()
        d.add_user("rita")
        for number in range(12):
            d.run("folder", "add", f"/folder{number}", "--member", "rita:read,write")
        vkey = d.run("journal", "key").stdout.strip()
        tiles_and_proofs(d, vkey)
        rolled_back_and_forked(d, vkey)
        random_corruption(d, vkey)


run(story)
