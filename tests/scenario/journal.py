"""The journal as others see it: tiles, proofs, checkpoints that left the machine, and an old or a forked journal put in its place.
The second verifier, tools/verify-journal, has to say the same as ours.

    journal.py FOLDER_OF_THE_BUILD_TREE
"""
import argparse
import base64
import hashlib
import importlib.machinery
import importlib.util
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import time

try:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
except ImportError:
    print("SKIPPED: python3-cryptography is not installed")
    sys.exit(77)

from deployment import TIMEOUT_S, Deployment, check, run, step

TOOL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools", "verify-journal")
CORRUPTIONS = 30


def load(path):
    loader = importlib.machinery.SourceFileLoader("verify_journal", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("verify_journal", loader))
    loader.exec_module(module)
    return module


tool = load(TOOL)


def other(vkey, folder, *arguments):
    """What the second verifier says; in this process, because it is asked often."""
    chosen = argparse.Namespace(vkey=vkey, folder=pathlib.Path(folder), checkpoint=[], witness=[])
    for name, value in zip(arguments[::2], arguments[1::2]):
        getattr(chosen, name[2:]).append(value)
    try:
        tree = tool.verify(chosen)
    except tool.Bad as problem:
        return {"good": False, "first_misfit_entry": problem.entry, "first_misfit": str(problem)}
    return {"good": True, "entries": tree.size, "root": tree.root().hex()}


def as_a_command(vkey, folder, code):
    """The same as people run it."""
    done = subprocess.run(["/usr/bin/python3", "-B", TOOL, "--json", "--vkey", vkey, folder],
                          capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    check(done.returncode == code and json.loads(done.stdout)["good"] == (code == 0),
          f"verify-journal ended with {done.returncode}: {done.stdout}{done.stderr}")


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
    as_a_command(vkey, tiles, 0)
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
    as_a_command(vkey, tiles, 1)

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


WITNESS = "witness.example/w1"


class Witness:
    """What C2SP tlog-witness asks of one, over strings instead of HTTP."""

    def __init__(self, vkey):
        self.log = tool.Key(vkey)
        self.private = Ed25519PrivateKey.generate()
        typed = b"\x04" + self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.id = hashlib.sha256(WITNESS.encode() + b"\n" + typed).digest()[:4]
        self.key = f"{WITNESS}+{self.id.hex()}+{base64.b64encode(typed).decode()}"
        self.size, self.root = 0, None

    def add_checkpoint(self, body):
        request, _, note_text = body.partition("\n\n")
        old, *lines = request.split("\n")
        check(old == f"old {self.size}", f"the witness saw {self.size} entries, the request says {old}")
        note = tool.signed_note(note_text.encode(), "the request", self.log)
        if self.size:
            check(consistent(self.size, self.root, note.size, note.root, [base64.b64decode(line) for line in lines]),
                  "the consistency proof does not hold")
        self.size, self.root = note.size, note.root
        now = int(time.time())
        signature = self.private.sign(b"cosignature/v1\ntime %d\n" % now + note.text)
        return f"\u2014 {WITNESS} {base64.b64encode(self.id + now.to_bytes(8, 'big') + signature).decode()}\n"


def consistent(old_size, old_root, new_size, new_root, proof):
    """RFC 9162, section 2.1.4.2."""
    if old_size == new_size:
        return not proof and old_root == new_root
    if old_size & (old_size - 1) == 0:
        proof = [old_root, *proof]
    if not proof:
        return False
    fn, sn = old_size - 1, new_size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = proof[0]
    for hash_ in proof[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = tool.node_hash(hash_, fr), tool.node_hash(hash_, sr)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = tool.node_hash(sr, hash_)
        fn, sn = fn >> 1, sn >> 1
    return fr == old_root and sr == new_root and sn == 0


def warnings_about_checkpoints(d):
    return [text for text in d.read("status", code=None)["warnings"] if "checkpoint" in text]


def witnesses(d, vkey):
    step("a witness cosigns; status is quiet about it afterwards")
    witness = Witness(vkey)
    d.set("journal", "witnesses", f'["{witness.key}"]')
    check(any("witness" in text for text in warnings_about_checkpoints(d)), "status does not ask for a cosignature")
    sizes = []
    for number in range(2):
        d.run("user", "add", f"witnessed{number}", "--key", d.path("keys", "rita.pub"))
        body = d.run("journal", "checkpoint", "--old", str(witness.size)).stdout
        answer = d.path("answer")
        with open(answer, "w", encoding="utf-8") as file:
            file.write(witness.add_checkpoint(body))
        d.run("journal", "cosign", "add", answer)
        sizes.append(witness.size)
    check(warnings_about_checkpoints(d) == [], f"status still says {warnings_about_checkpoints(d)}")
    check(d.read("status", code=None)["cosigned_entries"] == sizes[1], "status does not count the cosigned entries")
    check(d.read("journal", "verify")["cosigned_entries"] == sizes[1], "verify does not count them")
    check(both_agree(d, vkey, d.data, "cosigned"), "a cosigned journal passes")
    cosigned = d.path("cosigned")
    with open(os.path.join(d.data, "journal", f"cosigned-{sizes[1]:016x}"), encoding="utf-8") as file:
        text = file.read().partition("\n")[2]
    with open(cosigned, "w", encoding="utf-8") as file:
        file.write(text)
    check(other(vkey, os.path.join(d.data, "journal"), "--checkpoint", cosigned, "--witness", witness.key)["good"],
          "the second verifier does not take the cosigned checkpoint")

    step("what another witness signed, or what was signed for another checkpoint, is refused")
    stranger = Witness(vkey)
    body = d.run("journal", "checkpoint", "--old", "0").stdout
    with open(d.path("answer"), "w", encoding="utf-8") as file:
        file.write(stranger.add_checkpoint(body))
    check("none of the signatures" in d.run("journal", "cosign", "add", d.path("answer"), code=2).stderr, "not refused")
    with open(d.path("answer"), "w", encoding="utf-8") as file:
        file.write(text.split("\n\n")[1].split("\n")[1] + "\n")  # the true one's, of an older checkpoint
    check("none of the signatures" in d.run("journal", "cosign", "add", d.path("answer"), code=2).stderr, "not refused")

    step("a key that is none keeps the server from starting")
    d.set("journal", "witnesses", '["nonsense"]')
    check("journal.witnesses" in d.run("status", code=1).stderr, "not said")
    d.set("journal", "witnesses", "[]")


def exports(d):
    step("NDJSON and CEF, with names and without secrets")
    d.run("user", "add", "eve", "--key", d.path("keys", "rita.pub"), "--password-stdin", stdin="a long enough password\n")
    lines = [json.loads(line) for line in d.run("journal", "export", "--format", "ndjson").stdout.splitlines()]
    check([line["entry"] for line in lines] == list(range(len(lines))), "entries are missing")
    check(any(line["event"] == "user_added" and line["details"]["name"] == "eve" for line in lines), "no names")
    with open(d.path("keys", "rita.pub"), encoding="ascii") as file:
        blob = file.read().split()[1]
    text = d.run("journal", "export", "--format", "cef").stdout
    for secret in ("a long enough password", "argon2", blob, base64.b64decode(blob).hex()):
        check(secret not in text and secret not in json.dumps(lines), f"a secret is in the export: {secret[:12]}")
    check(all(line.startswith("CEF:0|Bulkhead|Bulkhead|") for line in text.splitlines()), "not CEF")
    check("|user_added|User added|4|" in text and "duser=eve" in text, "eve is not in the CEF")
    middle = lines[len(lines) // 2]["at"]
    after = [json.loads(line) for line in
             d.run("journal", "export", "--format", "ndjson", "--since", middle).stdout.splitlines()]
    check(after and all(line["at"] >= middle for line in after), "--since is not kept")
    before = [json.loads(line) for line in
              d.run("journal", "export", "--format", "ndjson", "--until", middle).stdout.splitlines()]
    check(before and all(line["at"] <= middle for line in before), "--until is not kept")


def story(programs):
    with Deployment(programs) as d:
        d.init()
        d.add_user("rita")
        for number in range(12):
            d.run("folder", "add", f"/folder{number}", "--member", "rita:read,write")
        vkey = d.run("journal", "key").stdout.strip()
        tiles_and_proofs(d, vkey)
        rolled_back_and_forked(d, vkey)
        exports(d)
        witnesses(d, vkey)
        random_corruption(d, vkey)


run(story)
