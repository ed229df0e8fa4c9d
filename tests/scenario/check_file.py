"""Hashes of what is stored, without fetching it (check-file): right, and journalled and charged as a read.

    check_file.py FOLDER_OF_THE_BUILD_TREE
"""
import hashlib
import os

from deployment import MIB, Deployment, check, make_file, need, paramiko_connection, run, step

BUDGET = """
[budget.user.lena]
bytes_per_day = 10000000
"""
SIZE = 70 * MIB + 12_345  # two extents
SMALL = 6_000_000


def hashes(name, contents, block):
    return b"".join(hashlib.new(name, contents[at:at + block]).digest() for at in range(0, len(contents), block))


def releases(deployment, of):
    return [detail["value"] for entry in deployment.read("journal", "list") if entry["event"] == "extents_released"
            for detail in entry["details"] if detail["key"] == of]


def story(programs):
    need("ssh-keygen")
    with Deployment(programs) as deployment:
        deployment.init()
        for user in ("nora", "lena"):
            deployment.add_user(user)
        deployment.run("folder", "add", "/shared", "--member", "nora:read,write,list,delete", "--member", "lena:read,list")
        with open(os.path.join(deployment.data, "bulkhead.toml"), "a", encoding="ascii") as file:
            file.write(BUDGET)
        deployment.start()
        with open(make_file(deployment.path("large"), SIZE), "rb") as file:
            large = file.read()

        step("the uploader compares what arrived: the whole file, a part, block by block")
        with paramiko_connection(deployment, "nora") as client:
            sftp = client.open_sftp()
            sftp.put(deployment.path("large"), "/shared/large")
            for number in range(3):
                sftp.put(make_file(deployment.path(f"small-{number}"), SMALL, seed=number), f"/shared/small-{number}")
            spent = deployment.read("user", "show", "nora")["budget"]["bytes_spent"]
            check(spent == 0, f"uploading was charged with {spent} bytes")
            with sftp.open("/shared/large") as file:
                for name in ("sha256", "sha1"):
                    check(file.check(name) == hashlib.new(name, large).digest(), f"another {name}")
                check(file.check("md5,sha512", 64 * MIB - 1000, 2000) ==
                      hashlib.sha512(large[64 * MIB - 1000:64 * MIB + 1000]).digest(), "another hash of a part")
                check(file.check("sha256", block_size=MIB) == hashes("sha256", large, MIB), "other hashes of the blocks")
                try:
                    file.check("md5")
                except OSError as refusal:
                    check("sha256" in str(refusal), f"the client is not told what there is: {refusal}")
                else:
                    raise AssertionError("md5 was served")

        step("that was a read: charged once with the bytes of the file, and journalled")
        spent = deployment.read("user", "show", "nora")["budget"]["bytes_spent"]
        check(spent == SIZE, f"charged were {spent} bytes")
        check(sum(int(each) for each in releases(deployment, "bytes")) >= SIZE, "the journal lacks the release")

        step("who is over budget gets no hash either, and is told why")
        with paramiko_connection(deployment, "lena") as client:
            sftp = client.open_sftp()
            with sftp.open("/shared/small-0") as file:
                with open(deployment.path("small-0"), "rb") as here:
                    check(file.check("sha256") == hashlib.sha256(here.read()).digest(), "another hash")
            with sftp.open("/shared/small-1") as file:
                try:
                    file.check("sha256", 0, 256, 256)
                except OSError as refusal:
                    check("budget of bytes" in str(refusal), f"another refusal than due: {refusal}")
                else:
                    raise AssertionError("lena is over budget and was given a hash")
        deployment.verify_journal()
        deployment.stop()


run(story)
