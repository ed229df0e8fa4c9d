"""The old scp protocol (scp -O, pscp -scp, curl's scp://): both ways, folders, times, wildcards, names, refusals.

    scp.py FOLDER_OF_THE_BUILD_TREE
"""
import os
import signal
import subprocess
import time

from deployment import (MIB, TIMEOUT_S, Deployment, check, eventually, make_file, need, paramiko_connection, run,
                        sha256, step)

USER, PASSWORD = "nora", "correct horse battery staple"
LARGE = 70 * MIB + 4321  # two extents


class Scene:
    def __init__(self, deployment):
        self.deployment = deployment
        self.here = deployment.path("here")
        os.makedirs(self.at("back"))

    def at(self, *names):
        return os.path.join(self.here, *names)

    def call(self, *arguments, code=0, **more):
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=TIMEOUT_S, check=False, cwd=self.here,
                              **more)
        check(code is None or done.returncode == code,
              f"{' '.join(arguments)} ended with {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def scp(self, *arguments, code=0):
        """Remote names are written with a leading ':'."""
        options = ["-O", "-P", str(self.deployment.server.port), *self.deployment.ssh_options(USER)]
        return self.call("scp", *options, *(f"{USER}@127.0.0.1{each}" if each.startswith(":") else each
                                            for each in arguments), code=code)

    def exec(self, command):
        """Exit status and output of a command as a client sends it."""
        options = ["-p", str(self.deployment.server.port), *self.deployment.ssh_options(USER)]
        done = subprocess.run(["ssh", *options, f"{USER}@127.0.0.1", command], capture_output=True, timeout=TIMEOUT_S,
                              stdin=subprocess.DEVNULL, check=False)
        return done.returncode, done.stdout + done.stderr

    def names(self, folder="."):
        with paramiko_connection(self.deployment, USER) as client:
            return sorted(client.open_sftp().listdir(folder))

    def same(self, one, other):
        check(sha256(self.at(one)) == sha256(self.at(other)), f"{other} came back changed")
        os.unlink(self.at(other))


def files(scene):
    step("a large file, an empty one and a name with blanks, there and back")
    make_file(scene.at("large"), LARGE)
    make_file(scene.at("empty"), 0)
    make_file(scene.at("with blank"), 1000, seed=5)
    scene.scp("large", "empty", ":")
    scene.scp("with blank", ":'it'\\''s new'")
    check(scene.names() == ["empty", "it's new", "large"], f"there is {scene.names()}")
    scene.scp(":large", ":~/empty", "back")
    scene.same("large", "back/large")
    scene.same("empty", "back/empty")
    scene.scp(":it\\'s\\ new", "back/x")
    scene.same("with blank", "back/x")

    step("overwriting: others see the old file until the new one is whole")
    make_file(scene.at("new"), LARGE, seed=2)
    scene.scp("new", ":large")
    scene.scp(f":/home/{USER}/large", "back")
    scene.same("new", "back/large")

    step("a client that is killed leaves a part, which sftp resumes")
    with subprocess.Popen(["scp", "-O", "-q", "-l", str(64 * 1024), "-P", str(scene.deployment.server.port),
                           *scene.deployment.ssh_options(USER), scene.at("large"), f"{USER}@127.0.0.1:cut"],
                          cwd=scene.here, start_new_session=True) as client:
        time.sleep(2)
        check(client.poll() is None, "scp was done before it could be interrupted")
        os.killpg(client.pid, signal.SIGKILL)
    eventually(lambda: "cut" in scene.names(), "the part is there")
    scene.deployment.sftp(USER, f"reput {scene.at('large')} cut\nget cut {scene.at('back', 'cut')}\nrm cut\n")
    scene.same("large", "back/cut")


def trees(scene):
    step("a tree with times and modes, wildcards")
    os.makedirs(scene.at("tree", "deep", "er"))
    for number, name in enumerate(["deep/a.txt", "deep/b.txt", "deep/c.dat", "deep/er/\u00fc\u20ac", "deep/" + "n" * 255]):
        path = make_file(scene.at("tree", *name.split("/")), 50_000 * number, seed=number)
        os.chmod(path, 0o640)
        os.utime(path, (1_600_000_000, 1_600_000_000 + number))
    os.utime(scene.at("tree", "deep"), (1_500_000_000, 1_500_000_000))
    scene.scp("-r", "-p", "tree", ":")
    scene.scp("-r", "-p", ":tree", "back")
    check(subprocess.run(["diff", "-r", "tree", "back/tree"], cwd=scene.here, check=False).returncode == 0, "trees differ")
    for name in ("deep/a.txt", "deep/b.txt", "deep"):
        was, now = os.stat(scene.at("tree", name)), os.stat(scene.at("back", "tree", name))
        check(was.st_mtime == now.st_mtime and was.st_mode == now.st_mode, f"{name} has another time or mode")
    scene.scp(":tree/*/[ab].txt", "back")
    scene.same("tree/deep/a.txt", "back/a.txt")
    scene.same("tree/deep/b.txt", "back/b.txt")
    check(not os.path.exists(scene.at("back", "c.dat")), "a file came that does not fit")
    scene.scp("-r", "tree/deep/er", ":tree/de*p")  # into what is there
    scene.scp("-r", "tree/deep", ":another")
    check("er" in scene.names("another"), "the folder has another name")
    said = scene.scp(":tree/none*", "back", code=1)
    check("No such file or folder" in said, said)
    said = scene.scp(":tree", "back", code=1)
    check("It is a folder" in said, said)


def putty(scene):
    need("pscp")
    step("pscp -scp: files, a wildcard and a folder")
    said = subprocess.run(["ssh-keygen", "-l", "-f", scene.deployment.path("known_hosts")], capture_output=True,
                          text=True, check=True).stdout
    options = ["-scp", "-batch", "-P", str(scene.deployment.server.port), "-pw", PASSWORD, "-hostkey", said.split()[1]]
    environment = os.environ | {"HOME": scene.here}
    there = f"{USER}@127.0.0.1:"
    scene.call("pscp", *options, "large", there, env=environment)
    scene.call("pscp", *options, there + "large", "back/large", env=environment)
    scene.same("large", "back/large")
    scene.call("pscp", *options, "-r", "-p", "tree", there + "putty", env=environment)
    scene.call("pscp", *options, "-r", there + "putty", "back", env=environment)
    check(subprocess.run(["diff", "-r", "tree", "back/putty"], cwd=scene.here, check=False).returncode == 0, "trees differ")
    scene.call("pscp", *options, "-unsafe", there + "putty/deep/?.txt", "back", env=environment)
    scene.same("tree/deep/a.txt", "back/a.txt")
    said = scene.call("pscp", *options, "large", there + "none/below", env=environment, code=1)
    check("No such file or folder" in said or "no such file or folder" in said, said)


def curl(scene):
    if "scp" not in subprocess.run(["curl", "--version"], capture_output=True, text=True, check=True).stdout.split():
        return
    step("curl, which ends its uploads without a word")
    options = ["--silent", "--show-error", "--insecure", "--user", f"{USER}:{PASSWORD}"]
    there = f"scp://127.0.0.1:{scene.deployment.server.port}/home/{USER}/"
    scene.call("curl", *options, "-T", "large", there + "by-curl")
    scene.call("curl", *options, there + "by-curl", "-o", "back/by-curl")
    scene.same("large", "back/by-curl")


def refusals(scene):
    step("nothing but scp is run, and scp runs nothing")
    before = scene.names()
    for command in ("id", "sh -c 'scp -t .'", "/usr/bin/scp -t .", "scpx", "sftp-server", ""):
        code, said = scene.exec(command) if command else (255, b"exec request failed")
        check(code == 255 and b"exec request failed" in said, f"{command!r} was run: {said}")
    for command in ("scp -t $(touch x)", "scp -t a;touch x", "scp -f `id`", "scp -t a>x", "scp -S touch -t x",
                    "scp -f a|tee x", "scp -t"):
        code, said = scene.exec(command)
        check(code == 1 and said.startswith(b"\2scp: "), f"{command!r}: {code} {said}")
    check(scene.names() == before, f"something was made: {scene.names()}")

    step("a client that names what lies outside of its target gets nowhere")
    with paramiko_connection(scene.deployment, USER) as client:
        for name in (b"../evil", b"/evil", b"..", b"a/b", b"a\0b"):
            channel = client.get_transport().open_session()
            channel.exec_command("scp -r -t another")
            check(channel.recv(1) == b"\0", "the sink does not begin")
            channel.sendall(b"C0644 1 " + name + b"\nx\0")
            check(channel.recv(6) == b"\2scp: ", f"{name} was taken")
            check(channel.recv_exit_status() == 1, f"{name} was a success")
    check("evil" not in scene.names() + scene.names("/") + scene.names(".."), "a file lies outside of its target")

    step("a name with a line end is not told to a client, which would read another one from it")
    with paramiko_connection(scene.deployment, USER) as client:
        with client.open_sftp().open("another/x\nC0777 4 evil", "w") as file:
            file.write("evil")
    said = scene.scp("-r", ":another", "back", code=1)
    check("line end" in said and not os.path.exists(scene.at("back", "evil")), said)
    check(os.path.exists(scene.at("back", "another", "er")), "the rest did not come")


def story(programs):
    need("scp")
    with Deployment(programs) as deployment:
        deployment.init()
        deployment.add_user(USER, password=PASSWORD)
        deployment.set("listen", "sftp_profile", '"compatible"')  # curl's libssh2 needs it
        deployment.start()
        scene = Scene(deployment)
        for part in (files, trees, putty, curl, refusals):
            part(scene)
        deployment.verify_journal()
        deployment.stop()


run(story)
