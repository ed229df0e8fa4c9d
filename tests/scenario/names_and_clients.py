"""What a file may be called, and clients with ways of their own: rclone on a tree, and an upload as WinSCP makes it.

    names_and_clients.py FOLDER_OF_THE_BUILD_TREE [FILES]
"""
import os
import stat
import subprocess

from deployment import Deployment, check, eventually, make_file, need, paramiko_connection, run, sha256, step

USER = "nora"
FILES = 100  # of the tree for rclone
NAMES = ["plain", "with blank", " begins and ends with blanks ", "tab\there", "line\nend", "carriage\rreturn", "bell\a",
         "escape\x1b[31m", "delete\x7f", "quote'\"", "back\\slash", "dollar$(id)`id`;&|<>", "*?[a]", "-rf", "~", ".hidden",
         "...", "trailing.", "con", "c:", "\u00fc\u20ac\u4e2d\U0001f600", "u\u0308", "\u202egnp.exe", "n" * 255,
         "\u20ac" * 85]
BYTES = [b"\xff\xfe not UTF-8", b"\xc0\xaf overlong", b"\xed\xa0\x80 surrogate"]


def file_names(scene):
    """SFTP version 3 has bytes for names: every byte but '/' and NUL may be in one, 255 of them at most."""
    step("names: what is put is listed, fetched, renamed and removed under the same bytes")
    with paramiko_connection(scene, USER) as client:
        sftp = client.open_sftp()
        sftp.mkdir("names")
        names = [name.encode() for name in NAMES] + BYTES
        for number, name in enumerate(names):
            with sftp.open(b"names/" + name, "wx") as file:
                file.write(b"%d" % number)
        check(sorted(listed(sftp, "names")) == sorted(names), "the listing has other names")
        for number, name in enumerate(names):
            with sftp.open(b"names/" + name) as file:
                check(file.read() == b"%d" % number, f"{name} is another file")
            sftp.posix_rename(b"names/" + name, b"names/renamed")
            sftp.rename(b"names/renamed", b"names/" + name)
        for line in long_names(sftp, "names"):
            check(not any(byte < 0x20 or byte == 0x7f for byte in line), f"a line could do something to a terminal: {line}")
        step("two names that look alike are two names, however they are written")
        check(len({"\u00fc".encode(), "u\u0308".encode()}) == 2 and sftp.stat("names/u\u0308").st_size > 0, "one is missing")
        for name in names:
            sftp.remove(b"names/" + name)
        check(sftp.listdir("names") == [], "something is left")
        sftp.rmdir("names")

    step("names that are refused, each with a sentence: a NUL, 256 bytes, 65 folders; nothing is cut short")
    with paramiko_connection(scene, USER) as client:
        sftp = client.open_sftp()
        for name, why in ((b"nul\0.txt", "NUL"), (b"n" * 256, "255 bytes"), (b"d/" * 65 + b"f", "64 folders")):
            for attempt in (lambda n: sftp.open(n, "w"), sftp.stat, sftp.mkdir, sftp.listdir, sftp.remove,
                            lambda n: sftp.rename(b"plain", n)):
                try:
                    attempt(name)
                except OSError as refusal:
                    check(why in str(refusal), f"{name[:20]}: {refusal}")
                else:
                    raise AssertionError(f"{name[:20]} was taken")
        check(sftp.listdir(".") == [], f"something was made: {sftp.listdir('.')}")


def replies(sftp, folder):
    from paramiko.sftp import CMD_OPENDIR, CMD_READDIR
    _, reply = sftp._request(CMD_OPENDIR, folder)
    handle = reply.get_binary()
    while True:
        try:
            _, reply = sftp._request(CMD_READDIR, handle)
        except EOFError:
            return
        for _ in range(reply.get_int()):
            name, line = reply.get_binary(), reply.get_binary()
            reply.get_bytes(32)
            yield name, line


def listed(sftp, folder):
    return [name for name, _ in replies(sftp, folder)]


def long_names(sftp, folder):
    return [line for _, line in replies(sftp, folder)]


def as_winscp(scene):
    """Upload to NAME.filepart, CLOSE, rename over what is there, then the time; a part is taken up where it ends."""
    step("as WinSCP: a part, cut off, taken up at its end, renamed over the old file, then its time and mode")
    source = make_file(scene.path("source"), 3_000_000, seed=9)
    with open(source, "rb") as file:
        contents = file.read()
    client = paramiko_connection(scene, USER)
    sftp = client.open_sftp()
    with sftp.open("report.dat", "w") as file:
        file.write("the old one")
    part = sftp.open("report.dat.filepart", "wx")  # SSH_FXF_WRITE | CREAT | EXCL, which is what finds a part
    part.set_pipelined(True)
    part.write(contents[:1_000_000])
    part.stat()
    client.get_transport().sock.close()

    client = paramiko_connection(scene, USER)
    sftp = client.open_sftp()

    def is_left():
        try:
            return sftp.stat("report.dat.filepart")
        except FileNotFoundError:  # somebody else's still, as far as this session is told
            return None
    eventually(is_left, "the server has noticed that the client is gone")
    try:
        sftp.open("report.dat.filepart", "wx")
    except OSError:
        pass
    else:
        raise AssertionError("EXCL does not see the part")
    at = sftp.stat("report.dat.filepart").st_size
    check(0 < at <= 1_000_000, f"the part has {at} bytes")
    with sftp.open("report.dat.filepart", "r+") as part:
        part.set_pipelined(True)
        part.seek(at)
        part.write(contents[at:])
    with sftp.open("report.dat") as file:
        check(file.read() == b"the old one", "the old file is gone too early")
    try:
        sftp.rename("report.dat.filepart", "report.dat")
    except OSError:
        sftp.remove("report.dat")  # what a client does that knows no posix-rename
        sftp.rename("report.dat.filepart", "report.dat")
    else:
        raise AssertionError("RENAME replaced a file")
    sftp.utime("report.dat", (1_600_000_000, 1_600_000_001))
    sftp.chmod("report.dat", 0o640)
    there = sftp.stat("report.dat")
    check((there.st_mtime, stat.S_IMODE(there.st_mode), there.st_size) == (1_600_000_001, 0o640, 3_000_000), f"{there}")
    sftp.get("report.dat", scene.path("back"))
    check(sha256(scene.path("back")) == sha256(source), "it came back changed")

    step("FSETSTAT through the handle after writing; a handle that is closed changes nothing")
    file = sftp.open("set.dat", "wx")
    file.write("x")
    file.flush()
    file.utime((1_500_000_000, 1_500_000_000))
    file.chmod(0o600)
    handle = file.handle
    file.close()
    there = sftp.stat("set.dat")
    check((there.st_mtime, stat.S_IMODE(there.st_mode)) == (1_500_000_000, 0o600), f"{there}")
    from paramiko.sftp import CMD_FSETSTAT
    try:
        sftp._request(CMD_FSETSTAT, handle, sftp.stat("set.dat"))
    except OSError:
        pass
    else:
        raise AssertionError("a closed handle works")
    step("posix-rename over what is there, in one step")
    with sftp.open("set.tmp", "w") as file:
        file.write("the new one")
    sftp.posix_rename("set.tmp", "set.dat")
    with sftp.open("set.dat") as file:
        check(file.read() == b"the new one", "it was not replaced")
    for name in ("set.dat", "report.dat"):
        sftp.remove(name)
    client.close()


def with_rclone(scene, files):
    need("rclone")
    there = f":sftp,host=127.0.0.1,port={scene.server.port},user={USER},key_file={scene.path('keys', USER)}:/home/{USER}/"
    environment = os.environ | {"RCLONE_CONFIG": scene.path("rclone.conf")}

    def call(*arguments):
        done = subprocess.run(["rclone", "--retries", "1", "--low-level-retries", "1", *arguments], capture_output=True,
                              text=True, timeout=1200, check=False, env=environment)
        check(done.returncode == 0, f"rclone {arguments[0]} ended with {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    step(f"rclone: a tree of {files} files there, checked by content, changed, checked again")
    tree = scene.path("tree")
    for number in range(files):
        folder = os.path.join(tree, f"folder {number % 20}", f"{number % 3}")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, f"file-{number}.dat"), "wb") as file:
            file.write(b"%d " % number * (number % 700))
    call("copy", "--transfers", "8", tree, there + "tree")
    said = call("check", "--download", "--checkers", "8", tree, there + "tree")
    check(" 0 differences found" in said and f"{files} matching files" in said, said)
    changed = os.path.join(tree, "folder 1", "1", "file-1.dat")
    with open(changed, "wb") as file:
        file.write(b"changed")
    done = subprocess.run(["rclone", "check", tree, there + "tree"], capture_output=True, text=True, timeout=600,
                          check=False, env=environment)
    check(done.returncode != 0 and "1 differences found" in done.stderr, f"the change was not found: {done.stderr}")
    call("sync", tree, there + "tree")
    call("check", tree, there + "tree")
    call("purge", there + "tree")

    step("rclone test info: what names it may use")
    said = call("test", "info", "--check-normalization", "--check-length", "--check-streaming", "--check-control",
                there + "info")
    check("stringNeedsEscaping = []rune{\n\t'/', '\\x00'\n}" in said, said)
    check("canReadUnnormalized   = true" in said and "canReadRenormalized   = false" in said, said)
    check("maxFileLength = 255 // for 1 byte" in said, said)
    check("canStream = true" in said, said)


def story(programs, files=FILES):
    with Deployment(programs) as deployment:
        deployment.init()
        deployment.add_user(USER)
        with open(os.path.join(deployment.data, "bulkhead.toml"), "a", encoding="ascii") as file:
            file.write(f"\n[budget.user.{USER}]\nbytes_per_day = 1000000000000\nfiles_per_day = 100000000\n"
                       "names_per_day = 100000000\n")
        deployment.start()
        file_names(deployment)
        as_winscp(deployment)
        with_rclone(deployment, int(files))
        deployment.verify_journal()
        deployment.stop()


run(story)
