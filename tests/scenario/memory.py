"""After a containment neither keeper nor vault has a key in its memory: every page of both is searched.

    memory.py FOLDER_OF_THE_BUILD_TREE

The keys that are looked for are unwrapped here, from the journal and the root key. Before the containment they must be
found, or the search would prove nothing. Reading another process's memory takes root.
"""
import os
import re

from deployment import Deployment, Skip, check, make_file, paramiko_connection, run, step

NONCE, TAG, KEY = 12, 16, 32
WRAPPED = NONCE + KEY + TAG


def purpose(kind, organisation=1, epoch=1, rest=b""):
    return kind + organisation.to_bytes(8, "big") + epoch.to_bytes(4, "big") + rest


def length_prefixed(data, size):
    """Every byte field of that size that a protobuf in `data` may hold."""
    for at in re.finditer(bytes([size]), data, re.DOTALL):
        found = data[at.end(): at.end() + size]
        if len(found) == size:
            yield at.end(), found


def unwrap(key, box, associated):
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    try:
        return AESGCM(key).decrypt(box[:NONCE], box[NONCE:], associated)
    except InvalidTag:
        return None


def journal_of(deployment):
    folder = os.path.join(deployment.data, "journal")
    data = b""
    for name in sorted(os.listdir(folder)):
        if name.startswith("entries-"):
            with open(os.path.join(folder, name), "rb") as file:
                data += file.read()
    return data


def keys_of(deployment):
    with open(deployment.path("root-key"), encoding="ascii") as file:
        root = bytes.fromhex(file.read().split()[1])
    journal = journal_of(deployment)
    boxes = list(length_prefixed(journal, WRAPPED))
    organisation = next(key for _, box in boxes if (key := unwrap(root, box, purpose(b"bulkhead organisation key v1"))))
    files = []
    for at, box in boxes:
        for near, lineage in length_prefixed(journal[max(0, at - 64): at + 256], 16):
            key = unwrap(organisation, box, purpose(b"bulkhead file key v1", rest=lineage))
            if key:
                files.append(key)
    return {"root key": root, "organisation key": organisation, **{f"file key {i}": key for i, key in enumerate(files)}}


def memory_of(pid):
    """Every readable page of a process."""
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            where, permissions, *rest = line.split()
            if "r" not in permissions or rest[-1] in ("[vvar]", "[vsyscall]", "[vvar_vclock]"):
                continue
            start, end = (int(text, 16) for text in where.split("-"))
            try:
                memory.seek(start)
                yield memory.read(end - start)
            except OSError:
                continue


def found_in(pid, keys):
    found = {}
    for pages in memory_of(pid):
        for name, key in keys.items():
            for form in (key, key.hex().encode()):
                found[name] = found.get(name, 0) + pages.count(form)
    return {name: times for name, times in found.items() if times}


def story(programs):
    if os.geteuid() != 0:
        raise Skip("reading the memory of another process takes root")
    try:
        import cryptography  # noqa: F401
    except ImportError:
        raise Skip("python3-cryptography is not installed") from None
    with Deployment(programs) as deployment:
        deployment.init().add_user("ada")
        server = deployment.start()
        family = server.family()
        vault, keeper = family["bulkhead-vault"][0], family["bulkhead-keeper"][0]
        make_file(deployment.path("big"), 3_000_000)
        deployment.sftp("ada", f'put "{deployment.path("big")}" big\n')
        deployment.wait_until_analysed()
        with paramiko_connection(deployment, "ada") as client:
            reading = client.open_sftp().open("big", "rb")
            check(len(reading.read(100_000)) > 0, "nothing could be read")
            keys = keys_of(deployment)
            check(len(keys) >= 3, f"the keys to look for were not found: {list(keys)}")
            before = {"vault": found_in(vault, keys), "keeper": found_in(keeper, keys)}
            step(f"while a file is open: {before}")
            check("root key" in before["keeper"] and "organisation key" in before["keeper"], "the keeper has no keys")
            check(any(name.startswith("file key") for name in before["vault"]), "the vault has no key of the open file")
            check("root key" not in before["vault"] and "organisation key" not in before["vault"],
                  "the vault holds keys that are the keeper's")
            check(not any(name.startswith("file key") for name in before["keeper"]), "the keeper keeps keys of files")
            deployment.run("incident", "contain")
            after = {"vault": found_in(vault, keys), "keeper": found_in(keeper, keys)}
            step(f"after the containment: {after}")
            check(after == {"vault": {}, "keeper": {}}, "keys stayed in memory")
        deployment.stop()


run(story)
