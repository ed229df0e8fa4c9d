"""Stock clients put, list, stat, rename, get, resume (where they can) and remove a large file and an empty one.

    clients.py FOLDER_OF_THE_BUILD_TREE CLIENT
"""
import asyncio
import os
import signal
import subprocess
import time

from deployment import (MIB, TIMEOUT_S, Deployment, Skip, check, eventually, make_file, need, paramiko_connection, run,
                        sha256, step)

LARGE = 100 * MIB
SMALL = 8 * MIB  # for the clients beyond the five that everybody has
USER, PASSWORD = "nora", "correct horse battery staple"
SLOW_KIB_PER_S = 16 * 1024


class Scene:
    """A running deployment with one user, a large and an empty file here, and a folder for what comes back."""

    def __init__(self, deployment, size):
        self.deployment = deployment
        self.port = deployment.server.port
        self.size = size
        self.home = f"/home/{USER}"
        self.here = deployment.path("here")
        os.makedirs(os.path.join(self.here, "back"))
        self.large = make_file(self.at("large"), size)
        self.empty = make_file(self.at("empty"), 0)
        self.digest = sha256(self.large)

    def at(self, *names):
        return os.path.join(self.here, *names)

    def call(self, *arguments, stdin=None, code=0, **more):
        """A client, in the folder of the files here. Returns what it said."""
        done = subprocess.run(arguments, input=stdin, capture_output=True, text=True, timeout=TIMEOUT_S, check=False,
                              cwd=self.here, **more)
        check(done.returncode == code, f"{' '.join(arguments)} ended with {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def interrupted(self, *arguments, stdin, seconds=1.0):
        """A client that is killed in the middle of what it does."""
        with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              cwd=self.here) as client:
            client.stdin.write(stdin.encode())
            client.stdin.flush()
            time.sleep(seconds)
            check(client.poll() is None, f"{arguments[0]} was done before it could be interrupted")
            client.send_signal(signal.SIGKILL)

    def stored_size(self, name):
        """As another client sees it, None where it is not there."""
        done = self.deployment.sftp(USER, f"ls -ln {name}\n", code=None)
        return int(done.stdout.split("\n")[1].split()[4]) if done.returncode == 0 else None

    def part_size(self, name):
        """Of an upload that was cut off: once the server has noticed."""
        size = eventually(lambda: self.stored_size(name), f"a part of {name} is there")
        check(0 < size < self.size, f"the part has {size} bytes")
        return size

    def same(self, path, size=None):
        check(os.path.getsize(path) == (self.size if size is None else size), f"{path} has {os.path.getsize(path)} bytes")
        check(size == 0 or sha256(path) == self.digest, f"{path} came back changed")
        os.unlink(path)

    def nothing_is_left(self):
        check(self.deployment.sftp(USER, "ls -1\n").stdout == "sftp> ls -1\n", "something was left behind")


def openssh_sftp(scene):
    need("sftp")
    sftp = scene.deployment.sftp
    step("put, list, stat, rename, get")
    listing = sftp(USER, f"""put {scene.large} large
put {scene.empty} empty
ls -ln
rename large renamed
rename empty renamed-empty
get renamed {scene.at('back', 'large')}
get renamed-empty {scene.at('back', 'empty')}
""").stdout
    check(f" {scene.size} " in listing and " 0 " in listing, f"the sizes are not listed:\n{listing}")
    scene.same(scene.at("back", "large"))
    scene.same(scene.at("back", "empty"), 0)

    step("reget continues a download, reput an upload that was cut off")
    with open(scene.large, "rb") as source, open(scene.at("back", "large"), "wb") as part:
        part.write(source.read(scene.size // 3))
    sftp(USER, f"reget renamed {scene.at('back', 'large')}\n")
    scene.same(scene.at("back", "large"))
    scene.interrupted(*scene.deployment.sftp_arguments(USER, "-l", str(SLOW_KIB_PER_S * 8)),
                      stdin=f"put {scene.large} resumed\n", seconds=1.5)
    scene.part_size("resumed")
    said = sftp(USER, f"reput {scene.large} resumed\nget resumed {scene.at('back', 'large')}\n").stdout
    scene.same(scene.at("back", "large"))
    check("Resuming" in said or "reput" in said, said)

    step("remove")
    sftp(USER, "rm renamed\nrm renamed-empty\nrm resumed\n")


def openssh_scp(scene):
    """scp as of OpenSSH 9 speaks SFTP; -s asks older ones to."""
    need("scp")
    options = ["-s", "-q", "-P", str(scene.port), *scene.deployment.ssh_options(USER)]
    there = f"{USER}@127.0.0.1:"
    step("put, get; scp can neither list nor resume: another client renames and removes")
    scene.call("scp", *options, scene.large, scene.empty, there)
    check(scene.stored_size("large") == scene.size and scene.stored_size("empty") == 0, "scp put another size")
    scene.deployment.sftp(USER, "rename large renamed\nrename empty renamed-empty\n")
    scene.call("scp", *options, there + "renamed", there + "renamed-empty", scene.at("back"))
    scene.same(scene.at("back", "renamed"))
    scene.same(scene.at("back", "renamed-empty"), 0)
    step("a folder, with times and permissions")
    os.makedirs(scene.at("folder", "deeper"))
    os.utime(make_file(scene.at("folder", "deeper", "file"), 70_000), (1_700_000_000, 1_700_000_000))
    scene.call("scp", *options, "-r", "-p", scene.at("folder"), there)
    scene.call("scp", *options, "-r", "-p", there + "folder", scene.at("back"))
    back = scene.at("back", "folder", "deeper", "file")
    check(sha256(back) == sha256(scene.at("folder", "deeper", "file")), "the file in the folder came back changed")
    check(os.stat(back).st_mtime == 1_700_000_000, "the time was not kept")
    scene.deployment.sftp(USER, "rm renamed\nrm renamed-empty\nrm folder/deeper/file\nrmdir folder/deeper\nrmdir folder\n")


def lftp(scene):
    need("lftp")
    connect = " ".join(["ssh", "-a", "-x", *scene.deployment.ssh_options(USER)])
    begin = (f'set sftp:connect-program "{connect}"; set cmd:fail-exit true; set net:max-retries 2; '
             f"set xfer:clobber true; open sftp://{USER}:@127.0.0.1:{scene.port}; ")

    def call(commands):
        return scene.call("lftp", "--norc", "-c", begin + commands)

    step("put, list, stat, rename, get")
    listing = call(f"put {scene.large} -o large; put {scene.empty} -o empty; cls -1 --size --block-size=1; "
                   f"mv large renamed; mv empty renamed-empty; "
                   f"get renamed -o back/large; get renamed-empty -o back/empty")
    check(f"{scene.size} large" in listing and "0 empty" in listing, f"the sizes are not listed:\n{listing}")
    scene.same(scene.at("back", "large"))
    scene.same(scene.at("back", "empty"), 0)

    step("get -c, put -c and mirror -c continue")
    with open(scene.large, "rb") as source, open(scene.at("back", "large"), "wb") as part:
        part.write(source.read(scene.size // 3))
    call("get -c renamed -o back/large")
    scene.same(scene.at("back", "large"))
    scene.interrupted("lftp", "--norc", stdin=begin + f"set net:limit-rate {SLOW_KIB_PER_S * 1024}; "
                      f"put {scene.large} -o resumed\n", seconds=2)
    scene.part_size("resumed")
    call(f"put -c {scene.large} -o resumed")
    os.makedirs(scene.at("tree", "below"))
    os.link(scene.large, scene.at("tree", "below", "large"))
    scene.interrupted("lftp", "--norc", stdin=begin + f"set net:limit-rate {SLOW_KIB_PER_S * 1024}; "
                      f"mirror -R tree\n", seconds=2)
    scene.part_size("tree/below/large")
    call("mirror -c -R tree; mirror -c tree back/tree; get resumed -o back/large")
    scene.same(scene.at("back", "tree", "below", "large"))
    scene.same(scene.at("back", "large"))

    step("remove")
    call("rm renamed renamed-empty resumed; rm -r tree")


def rclone(scene):
    need("rclone")
    there = (f":sftp,host=127.0.0.1,port={scene.port},user={USER},key_file={scene.deployment.path('keys', USER)}:"
             f"{scene.home}/")
    environment = os.environ | {"RCLONE_CONFIG": scene.at("rclone.conf")}

    def call(*arguments):
        return scene.call("rclone", "--retries", "1", "--low-level-retries", "1", *arguments, env=environment)

    step("put, list, stat, rename, get; rclone resumes nothing over SFTP")
    call("copyto", scene.large, there + "large")
    call("copyto", scene.empty, there + "empty")
    listing = call("lsl", there)
    check(f"{scene.size} " in listing and " 0 " in listing, f"the sizes are not listed:\n{listing}")
    call("moveto", there + "large", there + "renamed")
    call("moveto", there + "empty", there + "renamed-empty")
    call("copyto", there + "renamed", scene.at("back", "large"))
    call("copyto", there + "renamed-empty", scene.at("back", "empty"))
    scene.same(scene.at("back", "large"))
    scene.same(scene.at("back", "empty"), 0)
    step("a folder of small files, four at a time, then the same again: nothing to do")
    os.makedirs(scene.at("folder", "deeper"))
    for number in range(40):
        make_file(scene.at("folder", "deeper", f"file {number}"), number * 4001, seed=number)
    call("sync", scene.at("folder"), there + "folder")
    call("check", "--download", scene.at("folder"), there + "folder")
    said = scene.call("rclone", "sync", "-v", "--stats-one-line", scene.at("folder"), there + "folder",
                      env=environment | {"RCLONE_LOG_FILE": scene.at("log")})
    with open(scene.at("log"), encoding="utf-8") as log:
        text = log.read()
    check("There was nothing to transfer" in text, f"a second sync moved something:\n{said}{text}")
    step("remove")
    call("purge", there + "folder")
    call("deletefile", there + "renamed")
    call("deletefile", there + "renamed-empty")


def paramiko(scene):
    client = paramiko_connection(scene.deployment, USER)
    sftp = client.open_sftp()
    step("put, list, stat, rename, get")
    sftp.put(scene.large, "large")
    sftp.put(scene.empty, "empty")
    check(sorted((each.filename, each.st_size) for each in sftp.listdir_attr(".")) ==
          [("empty", 0), ("large", scene.size)], "the listing differs")
    check(sftp.stat("large").st_size == scene.size and sftp.stat("empty").st_size == 0, "stat differs")
    sftp.rename("large", "renamed")
    sftp.posix_rename("empty", "renamed-empty")
    check(sorted(sftp.listdir(".")) == ["renamed", "renamed-empty"], "the names after renaming differ")
    sftp.get("renamed", scene.at("back", "large"))
    sftp.get("renamed-empty", scene.at("back", "empty"))
    scene.same(scene.at("back", "large"))
    scene.same(scene.at("back", "empty"), 0)

    step("seek: any range reads as it is here; an upload that was cut off goes on at its end")
    with open(scene.large, "rb") as here, sftp.open("renamed", "rb") as there:
        for offset, count in [(0, 10), (scene.size - 7, 100), (64 * MIB - 5, 10), (12_345_678, 70_000)]:
            here.seek(offset)
            there.seek(offset)
            check(there.read(count) == here.read(count), f"the bytes from {offset} differ")
    with open(scene.large, "rb") as here:
        cut = sftp.open("resumed", "wb")
        cut.set_pipelined(True)
        cut.write(here.read(scene.size // 3))
        cut.flush()
        cut.stat()
        client.get_transport().sock.close()
        part = scene.part_size("resumed")
        client = paramiko_connection(scene.deployment, USER)
        sftp = client.open_sftp()
        check(sftp.stat("resumed").st_size == part, "the uploader sees another size of the part")
        here.seek(part)
        with sftp.open("resumed", "r+b") as rest:
            rest.set_pipelined(True)
            rest.seek(part)
            while chunk := here.read(MIB):
                rest.write(chunk)
    sftp.get("resumed", scene.at("back", "large"))
    scene.same(scene.at("back", "large"))

    step("remove")
    for name in ("renamed", "renamed-empty", "resumed"):
        sftp.remove(name)
    client.close()


def asyncssh(scene):
    """Sends many requests before it reads the first answer, and encodes names as UTF-8 by itself."""
    try:
        import asyncssh as library
    except ImportError:
        raise Skip("python3-asyncssh is not installed") from None

    async def talk():
        async with library.connect("127.0.0.1", scene.port, username=USER, known_hosts=None, config=None, agent_path=None,
                                   client_keys=[scene.deployment.path("keys", USER)]) as connection:
            async with connection.start_sftp_client() as sftp:
                await files(sftp)
                await folders(sftp)

    async def files(sftp):
        step("put, list, stat, rename, get; blocks that arrive in any order; an upload that goes on")
        await sftp.put([scene.large, scene.empty], ".", max_requests=128)
        check([await sftp.getsize(name) for name in ("large", "empty")] == [scene.size, 0], "the sizes differ")
        await sftp.rename("large", "renamed")
        await sftp.posix_rename("empty", "renamed-empty")
        await sftp.get(["renamed", "renamed-empty"], scene.at("back"), max_requests=128)
        scene.same(scene.at("back", "renamed"))
        scene.same(scene.at("back", "renamed-empty"), 0)
        with open(scene.large, "rb") as here:
            contents = here.read()
        async with sftp.open("scattered", "wb") as file:
            await asyncio.gather(*(file.write(contents[at : at + MIB], at) for at in reversed(range(0, scene.size, MIB))))
        async with sftp.open("resumed", "wb") as file:
            await file.write(contents[: scene.size // 3])
        async with sftp.open("resumed", "r+b") as file:
            at = await sftp.getsize("resumed")
            await file.write(contents[at:], at)
        for name in ("scattered", "resumed"):
            await sftp.get(name, scene.at("back", name))
            scene.same(scene.at("back", name))
            await sftp.remove(name)

    async def folders(sftp):
        step("a folder and back, with times; names in any script; a pattern")
        name = "Grüße 表 🎉"
        os.makedirs(scene.at("folder", name))
        os.utime(make_file(scene.at("folder", name, name), 70_000), (1_700_000_000, 1_700_000_000))
        await sftp.put(scene.at("folder"), "folder", recurse=True, preserve=True)
        check(await sftp.glob("folder/Gr*/*🎉") == [f"folder/{name}/{name}"], "the pattern finds something else")
        await sftp.get("folder", scene.at("back", "folder"), recurse=True, preserve=True)
        back = scene.at("back", "folder", name, name)
        check(sha256(back) == sha256(scene.at("folder", name, name)), "the file in the folder came back changed")
        check(os.stat(back).st_mtime == 1_700_000_000, "the time was not kept")
        await sftp.rmtree("folder")
        await sftp.remove("renamed")
        await sftp.remove("renamed-empty")

    asyncio.run(talk())


def putty(scene):
    """psftp and pscp, with a password: their keys have a format of their own."""
    need("psftp")
    need("pscp")
    # The key of the server has to be named; PuTTY asks otherwise.
    said = subprocess.run(["ssh-keygen", "-l", "-f", scene.deployment.path("known_hosts")], capture_output=True,
                          text=True, check=True).stdout
    options = ["-batch", "-P", str(scene.port), "-pw", PASSWORD, "-hostkey", said.split()[1]]
    environment = os.environ | {"HOME": scene.here}

    def psftp(commands):
        with open(scene.at("commands"), "w", encoding="utf-8") as file:
            file.write(commands)
        return scene.call("psftp", *options, "-b", "commands", f"{USER}@127.0.0.1", env=environment)

    step("psftp: put, list, rename, get, reget, remove")
    listing = psftp("put large\nput empty\nls\nmv large renamed\nget renamed back/large\nget empty back/empty\n")
    check(f" {scene.size} " in listing, f"the size is not listed:\n{listing}")
    scene.same(scene.at("back", "large"))
    scene.same(scene.at("back", "empty"), 0)
    with open(scene.large, "rb") as source, open(scene.at("back", "large"), "wb") as part:
        part.write(source.read(scene.size // 3))
    psftp("reget renamed back/large\nrm renamed\nrm empty\n")
    scene.same(scene.at("back", "large"))
    step("pscp: put, get")
    scene.call("pscp", "-sftp", *options, scene.large, f"{USER}@127.0.0.1:large", env=environment)
    scene.call("pscp", "-sftp", *options, f"{USER}@127.0.0.1:large", scene.at("back", "large"), env=environment)
    scene.same(scene.at("back", "large"))
    psftp("rm large\n")


def curl(scene):
    need("curl")
    if "sftp" not in subprocess.run(["curl", "--version"], capture_output=True, text=True, check=True).stdout.split():
        raise Skip("this curl speaks no SFTP")
    there = f"sftp://127.0.0.1:{scene.port}{scene.home}/"
    options = ["--silent", "--show-error", "--insecure", "--user", f"{USER}:{PASSWORD}"]
    step("put, list, rename, get, a range, continue, remove")
    scene.call("curl", *options, "-T", scene.large, there + "large")
    scene.call("curl", *options, "-T", scene.empty, there + "empty")
    listing = scene.call("curl", *options, there)
    check(f" {scene.size} " in listing and " empty" in listing, f"the sizes are not listed:\n{listing}")
    scene.call("curl", *options, there, "-o", scene.at("listing"), "-Q", f"rename {scene.home}/large {scene.home}/renamed")
    scene.call("curl", *options, there + "renamed", "-o", scene.at("back", "large"))
    scene.same(scene.at("back", "large"))
    scene.call("curl", *options, there + "renamed", "-r", "1000-70999", "-o", scene.at("range"))
    with open(scene.large, "rb") as here, open(scene.at("range"), "rb") as there_range:
        here.seek(1000)
        check(there_range.read() == here.read(70_000), "the range differs")
    with open(scene.large, "rb") as source, open(scene.at("back", "large"), "wb") as part:
        part.write(source.read(scene.size // 3))
    scene.call("curl", *options, "-C", "-", there + "renamed", "-o", scene.at("back", "large"))
    scene.same(scene.at("back", "large"))
    scene.call("curl", *options, there, "-o", scene.at("listing"), "-Q", f"rm {scene.home}/renamed", "-Q",
               f"rm {scene.home}/empty")


def sshfs(scene):
    need("sshfs")
    need("fusermount")
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        raise Skip("/dev/fuse cannot be opened here")
    mounted = scene.at("mounted")
    os.mkdir(mounted)
    ssh = " ".join(["ssh", *scene.deployment.ssh_options(USER)])
    mount = subprocess.Popen(["sshfs", f"{USER}@127.0.0.1:", mounted, "-f", "-p", str(scene.port), "-o", f"ssh_command={ssh}"],
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        eventually(lambda: os.path.ismount(mounted) or mount.poll() is not None, "it is mounted", 20)
        if mount.poll() is not None:
            said = mount.stdout.read()
            if "fuse" in said:
                raise Skip(f"nothing can be mounted here: {said.strip()}")
            raise AssertionError(f"sshfs ended with {mount.returncode}: {said}")
        step("as a folder: copy, list, rename, overwrite in the middle, append, truncate, read back, remove")
        scene.call("cp", scene.large, os.path.join(mounted, "large"))
        scene.call("cp", scene.empty, os.path.join(mounted, "empty"))
        check(sorted(os.listdir(mounted)) == ["empty", "large"], "the listing differs")
        os.rename(os.path.join(mounted, "large"), os.path.join(mounted, "renamed"))
        for path in (os.path.join(mounted, "renamed"), scene.large):
            with open(path, "r+b") as file:
                file.seek(100_000)
                file.write(b"changed in the middle")
            with open(path, "ab") as file:
                file.write(b"appended")
            os.truncate(path, scene.size - 3000)
        check(os.path.getsize(os.path.join(mounted, "renamed")) == scene.size - 3000, "the size differs")
        scene.digest = sha256(scene.large)
        scene.call("cp", os.path.join(mounted, "renamed"), scene.at("back", "large"))
        scene.same(scene.at("back", "large"), scene.size - 3000)
        os.unlink(os.path.join(mounted, "renamed"))
        os.unlink(os.path.join(mounted, "empty"))
    finally:
        subprocess.run(["fusermount", "-u", mounted], capture_output=True, check=False)
        try:
            mount.wait(10)
        except subprocess.TimeoutExpired:
            mount.kill()
            mount.wait()


CLIENTS = {"sftp": (openssh_sftp, LARGE), "scp": (openssh_scp, LARGE), "lftp": (lftp, LARGE), "rclone": (rclone, LARGE),
           "paramiko": (paramiko, LARGE), "asyncssh": (asyncssh, SMALL), "putty": (putty, SMALL),
           "curl": (curl, SMALL), "sshfs": (sshfs, SMALL)}

NEED_COMPATIBLE = ["curl"]  # libssh2 before 1.11 has neither GCM nor encrypt-then-MAC


def story(programs, client):
    drive, size = CLIENTS[client]
    need("sftp")  # looks at what the others did
    with Deployment(programs) as deployment:
        deployment.init()
        deployment.add_user(USER, password=PASSWORD)
        if client in NEED_COMPATIBLE:
            deployment.set("listen", "sftp_profile", '"compatible"')
        deployment.start()
        deployment.sftp(USER, "pwd\n")  # from here on the server's key is known
        scene = Scene(deployment, size)
        drive(scene)
        scene.nothing_is_left()
        deployment.verify_journal()
        deployment.stop()


run(story)
