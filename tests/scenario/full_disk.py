"""A disk that fills up: uploads are refused with a clear status, nothing that was acknowledged is lost, the server stays up, and
goes on when there is room again. Takes root, for a small file system of its own.

    full_disk.py FOLDER_OF_THE_BUILD_TREE
"""
import contextlib
import os
import re
import subprocess
import tempfile

from deployment import (MIB, TIMEOUT_S, Deployment, Skip, check, eventually, make_file, need, paramiko_connection, run, sha256,
                        step)

DISK = 160 * MIB
RESERVE = 24 * MIB
AT_ONCE = 3
FILLER = "somebody else's"


@contextlib.contextmanager
def small_disk():
    need("mount")
    folder = tempfile.mkdtemp(prefix="bulkhead-scenario-disk-")
    try:
        if os.geteuid() != 0:
            raise Skip("mounting a small file system takes root")
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=0700", "bulkhead-scenario", folder],
                                 capture_output=True, text=True, check=False)
        if mounted.returncode != 0:
            raise Skip(f"nothing can be mounted here: {mounted.stderr.strip()}")
        try:
            yield folder
        finally:
            subprocess.run(["umount", folder], check=True)
    finally:
        os.rmdir(folder)


def free(folder):
    space = os.statvfs(folder)
    return space.f_bavail * space.f_frsize


def fill(disk, leave):
    """Somebody else's file takes the rest of the disk but for `leave` bytes."""
    with open(os.path.join(disk, FILLER), "ab", buffering=0) as other, contextlib.suppress(OSError):
        while free(disk) > leave:
            other.write(bytes(min(MIB, max(free(disk) - leave, 4096))))


def free_when_refused(disk):
    """Below what is kept free: the setting, but at most a twentieth of the disk."""
    space = os.statvfs(disk)
    return min(RESERVE, space.f_blocks * space.f_frsize // 20) * 3 // 4


def story(programs):
    need("sftp")
    with small_disk() as disk, Deployment(programs, folder=disk) as deployment:
        deployment.init()
        deployment.set("storage", "reserve_bytes", RESERVE)
        deployment.add_user("fay")
        server = deployment.start()
        small = make_file(deployment.path("small"), 8 * MIB)
        large = make_file(deployment.path("large"), 2 * DISK)
        deployment.sftp("fay", f"put {small} kept\n")

        step("files that do not fit: their uploads fail, the space that they took is given back, small ones go on")
        clients = [subprocess.Popen(deployment.sftp_arguments("fay"), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                    stderr=subprocess.STDOUT, text=True) for _ in range(AT_ONCE)]
        for number, client in enumerate(clients):
            client.stdin.write(f"-put {large} large-{number}\nput {small} small-{number}\n")
            client.stdin.close()
        for client in clients:
            said = client.stdout.read()
            client.wait(TIMEOUT_S)
            check("Failure" in said, f"another status than due:\n{said}")
        check(server.process.poll() is None, f"the server ended:\n{''.join(server.log)}")
        eventually(lambda: free(disk) > DISK // 2, "the space is given back", 20)
        deployment.verify_journal()
        listed = deployment.sftp("fay", "ls -1\n").stdout
        check("large" not in listed, f"something of the large files is left:\n{listed}")
        check_kept(deployment, small)

        step("little is left: new uploads are refused with a sentence, status says it, reading goes on")
        fill(disk, leave=free_when_refused(disk))
        deployment.sftp("fay", f"put {small} second\n", code=1)
        with paramiko_connection(deployment, "fay") as client:
            try:
                client.open_sftp().open("third", "wb").close()
            except OSError as refusal:
                print("  ", refusal)
                check("disk is full" in str(refusal), f"the client is not told why: {refusal}")
            else:
                raise AssertionError("an upload was begun on a full disk")
        check_kept(deployment, small)
        status = deployment.read("status", code=1)
        check(any("disk is full" in failure for failure in status["failures"]), f"status does not say it: {status}")
        check(server.process.poll() is None, "the server ended")

        step("others take the last byte: the server may end, and then says why; nothing is lost")
        fill(disk, leave=0)
        for _ in range(50):
            if deployment.sftp("fay", "ls\n", code=None).returncode != 0:
                break
        if server.process.poll() is not None:
            server.wait()  # its last words are read by a thread
            text = "".join(server.log)
            check(server.process.returncode == 1 and re.search("disk is full|No space left", text), text)
        server.end()
        os.unlink(os.path.join(disk, FILLER))
        server = deployment.start()
        check_kept(deployment, small)
        deployment.verify_journal()

        step("with room again it takes uploads again")
        deployment.sftp("fay", f"put {small} second\n")
        check_kept(deployment, small, "second")
        deployment.stop()
        deployment.start()
        check_kept(deployment, small)
        check_kept(deployment, small, "second")
        deployment.verify_journal()
        deployment.stop()


def check_kept(deployment, small, name="kept"):
    deployment.sftp("fay", f"get {name} {deployment.path('back')}\n")
    check(sha256(deployment.path("back")) == sha256(small), "a stored file came back changed")


run(story)
