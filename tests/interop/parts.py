"""The parts of script/interop: which there are, and how a driver is run. Scanners and suites are in files of their own."""
import collections
import contextlib
import functools
import os
import subprocess
import sys

import builds
import scanners
import scene
from deployment import paramiko_connection

HERE = os.path.dirname(os.path.abspath(__file__))
DRIVER_TIMEOUT_S = 600
PASSWORD = "correct horse battery staple"

Row = collections.namedtuple("Row", "client version result what")


class Bench:
    """The running deployment, and where things are built."""

    def __init__(self, deployment, programs, work):
        self.deployment = deployment
        self.programs = programs
        self.work = work

    @property
    def port(self):
        return self.deployment.server.port

    @contextlib.contextmanager
    def profile(self, name):
        """The server started anew, offering the algorithms of that profile meanwhile. None: as it is."""
        with open(os.path.join(self.deployment.data, "bulkhead.toml"), encoding="utf-8") as file:
            has_profiles = "sftp_profile" in file.read()
        if name is None or not has_profiles:
            yield
            return
        self.restart_with(name)
        try:
            yield
        finally:
            self.restart_with("modern")

    def restart_with(self, profile):
        self.deployment.stop()
        self.deployment.set("listen", "sftp_profile", f'"{profile}"')
        self.deployment.start()


def driver(bench, *, client, user, make, profile=None):
    """Builds a driver, lets it take the steps, and has another client look at what is there afterwards."""
    try:
        command, version, *folder = make(bench.work)
    except builds.Absent as why:
        return [Row(client, "", "absent", str(why))]
    except (builds.Broken, subprocess.TimeoutExpired) as why:
        return [Row(client, "", "failed", f"its driver does not build: {why}")]
    with bench.profile(profile):
        return [take_steps(bench, client, user, command, version, folder)]


def take_steps(bench, client, user, command, version, folder):
    here = bench.deployment.path(f"interop-{user}")
    scene.make_files(here)
    bench.deployment.add_user(user, password=PASSWORD)
    environment = os.environ | {
        "INTEROP_PORT": str(bench.port), "INTEROP_USER": user, "INTEROP_PASSWORD": PASSWORD, "INTEROP_HERE": here,
        "INTEROP_KEY": bench.deployment.path("keys", user), "LANG": "C.UTF-8"}
    try:
        done = subprocess.run(command, cwd=folder[0] if folder else here, env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, errors="replace", timeout=DRIVER_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired as late:
        said = (late.stdout or b"").decode(errors="replace")
        return Row(client, version or "", "failed", f"hangs after: {said.splitlines()[-1:]}")
    found = told(done.stdout)
    version = version or found.pop("version", ("", ""))[1]
    with paramiko_connection(bench.deployment, user) as connection:
        witness = scene.Witness(here, connection.open_sftp())
        judged = {step: scene.judge(step, *found.get(step, ("failed", "it never came to this")), witness)
                  for step in scene.STEPS}
    failed = [f"{step} ({why})" for step, (word, why) in judged.items() if word == "failed"]
    if failed and done.stderr:
        failed.append(f"it also says: {done.stderr.strip()[-300:]}")
    done_steps = [step for step, (word, _) in judged.items() if word == "ok"]
    absent = [f"{step} ({why})" for step, (word, why) in judged.items() if word == "absent"]
    what = "; ".join(failed) if failed else ", ".join(done_steps)
    return Row(client, version, "failed" if failed else "ok", what + (f"; cannot: {', '.join(absent)}" if absent else ""))


def told(text):
    """A driver's lines: step to (word, why)."""
    found = {}
    for line in text.splitlines():
        word, _, rest = line.partition(" ")
        if word == "version":
            found["version"] = ("", rest)
        elif word in ("ok", "failed", "absent"):
            step, _, why = rest.partition(": ")
            found[step] = (word, why)
    return found


def stock(bench, *, client, program, version):
    """A client of Debian's, by the scenario that the ordinary test run has too; with a deployment of its own."""
    done = subprocess.run([sys.executable, "-B", os.path.join(HERE, "..", "scenario", "clients.py"), bench.programs, client],
                          capture_output=True, text=True, timeout=DRIVER_TIMEOUT_S, check=False)
    steps = "; ".join(line.removeprefix("== ") for line in done.stdout.splitlines() if line.startswith("== "))
    if done.returncode == 77:
        return [Row(program, "", "absent", done.stdout.strip().splitlines()[-1].removeprefix("SKIPPED: "))]
    if done.returncode != 0:
        return [Row(program, first_line(version), "failed", f"after: {steps}: {done.stderr.strip().splitlines()[-1:]}")]
    return [Row(program, first_line(version), "ok", steps)]


def scanner(bench, *, name, scan):
    try:
        result, what, version = scan(bench)
    except builds.Absent as why:
        return [Row(name, "", "absent", str(why))]
    return [Row(name, version, result, what)]


def first_line(command):
    """What a program says of its version, in one line."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [line for line in (done.stdout + done.stderr).splitlines() if any(c.isdigit() for c in line)]
    return lines[0].strip()[:40] if lines else ""


def _stock(client, program, *version):
    return functools.partial(stock, client=client, program=program, version=version)


def _driver(client, user, maker, *arguments, profile=None):
    return functools.partial(driver, client=client, user=user, make=lambda work: maker(work, *arguments), profile=profile)


PARTS = {
    "sftp": _stock("sftp", "OpenSSH sftp", "ssh", "-V"),
    "scp": _stock("scp", "OpenSSH scp", "ssh", "-V"),
    "sshfs": _stock("sshfs", "sshfs", "sshfs", "-V"),
    "putty": _stock("putty", "PuTTY psftp, pscp", "psftp", "-V"),
    "lftp": _stock("lftp", "lftp", "lftp", "--version"),
    "curl": _stock("curl", "curl (libssh2)", "curl", "--version"),
    "rclone": _stock("rclone", "rclone", "rclone", "--version"),
    "paramiko-debian": _driver("paramiko (Debian)", "paramiko-debian", builds.debian_python, "paramiko_story.py", "paramiko"),
    "paramiko": _driver("paramiko (PyPI)", "paramiko-pypi", builds.pypi, "paramiko_story.py", "paramiko"),
    "asyncssh-debian": _driver("asyncssh (Debian)", "asyncssh-debian", builds.debian_python, "asyncssh_story.py", "asyncssh"),
    "asyncssh": _driver("asyncssh (PyPI)", "asyncssh-pypi", builds.pypi, "asyncssh_story.py", "asyncssh"),
    "go": _driver("Go x/crypto/ssh, pkg/sftp", "go", builds.go),
    "rust": _driver("Rust russh, russh-sftp", "rust", builds.rust),
    "ssh2": _driver("npm ssh2", "npm-ssh2", builds.npm, "ssh2.js", "ssh2"),
    "ssh2-sftp-client": _driver("npm ssh2-sftp-client", "npm-sftp", builds.npm, "ssh2-sftp-client.js", "ssh2-sftp-client"),
    "jsch": _driver("Java JSch (mwiede)", "jsch", builds.maven, "JschStory", "jsch"),
    "mina": _driver("Java Apache MINA SSHD", "mina", builds.maven, "MinaStory", "sshd-core"),
    # Before 1.11 it has neither GCM nor encrypt-then-MAC.
    "libssh2": _driver("libssh2", "libssh2", builds.c_program, "libssh2_story", "libssh2", profile="compatible"),
    "libssh": _driver("libssh", "libssh", builds.c_program, "libssh_story", "libssh"),
} | {part: functools.partial(scanner, name=name, scan=scan) for part, (name, scan) in scanners.SCANNERS.items()}
