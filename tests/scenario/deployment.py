"""A deployment in a temporary folder, a server on it, and stock clients: what the scenarios share.

    import deployment
    def story(programs): ...
    deployment.run(story)      # SCRIPT.py FOLDER_OF_THE_BUILD_TREE

The build tree holds bin/bulkhead and libexec/bulkhead-*. Everything that is started is ended again by its process id.
"""
import ctypes
import hashlib
import json
import logging
import os
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback

TIMEOUT_S = 60
SKIPPED = 77
MIB = 1 << 20


class Skip(Exception):
    """What a scenario needs is not on this machine."""


def run(story):
    """Runs a scenario with the folder of the build tree and what else the command line has; the exit status says how."""
    try:
        story(*sys.argv[1:])
    except Skip as missing:
        print(f"SKIPPED: {missing}")
        sys.exit(SKIPPED)
    except Exception:  # the server's log comes after it, from Deployment.__exit__
        sys.stdout.flush()
        traceback.print_exc()
        sys.exit(1)
    print("all of it held")


def step(text):
    print(f"== {text}", flush=True)


def check(held, what):
    if not held:
        raise AssertionError(what)


def need(program):
    path = shutil.which(program)
    if path is None:
        raise Skip(f"{program} is not installed")
    return path


def eventually(condition, what, timeout_s=TIMEOUT_S, every_s=0.02):
    """Waits until `condition()` gives something true, and returns that."""
    until = time.monotonic() + timeout_s
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > until:
            raise AssertionError(f"within {timeout_s} s it did not happen that {what}")
        time.sleep(every_s)


def make_file(path, size, seed=1):
    """Bytes that do not compress and that differ everywhere; the same ones for one seed."""
    block = bytearray(random.Random(seed).randbytes(min(size, MIB) or 1))
    with open(path, "wb") as file:
        for number in range(0, size, MIB):
            block[:8] = number.to_bytes(8, "big")[: len(block)]
            file.write(block[: size - number])
    return path


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def frames(path):
    """(index of the entry, offset of its data, length) of each entry in a segment: docs/formats/journal.md."""
    with open(path, "rb") as file:
        data = file.read()
    hashes, index = struct.unpack_from("<IQ", data, 12)
    at = 64 + 32 * hashes
    while at + 48 <= len(data):
        length, kind = struct.unpack_from("<IB", data, at)
        if length == 0:
            break
        if kind == 1:
            yield index, at + 16, length
            index += 1
        at += 16 + length + 32


def _end_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG: also when this script is killed


def children(pid):
    """Process ids of the children, by program name: {"bulkhead-vault": [12]}; kernels cut names at 15 bytes."""
    found = {}
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            pids = [int(child) for child in file.read().split()]
    except FileNotFoundError:
        return found
    for child in pids:
        try:
            with open(f"/proc/{child}/stat", encoding="ascii") as file:
                text = file.read()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if text.rpartition(")")[2].split()[0] != "Z":
            found.setdefault(text[text.index("(") + 1 : text.rindex(")")], []).append(child)
    return found


class Server:
    """One run of `bulkhead serve`."""

    def __init__(self, arguments):
        self.log = []
        self.process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, preexec_fn=_end_with_parent)
        self.reader = threading.Thread(target=self._read_log, daemon=True)
        self.reader.start()
        line = self.process.stdout.readline()
        found = re.fullmatch(r"ready sftp=127\.0\.0\.1:(\d+)(?: https=127\.0\.0\.1:(\d+))?\n", line)
        if found is None:
            self.process.wait(TIMEOUT_S)
            self.reader.join(TIMEOUT_S)
            raise AssertionError(f"serve ended with {self.process.returncode} before it was ready, after: "
                                 f"{line}{''.join(self.log)}")
        self.port = int(found.group(1))
        self.https_port = int(found.group(2)) if found.group(2) else None

    def _read_log(self):
        for line in self.process.stderr:
            self.log.append(line)

    @property
    def pid(self):
        return self.process.pid

    def family(self):
        """Every process of this server: the supervisor and what it started."""
        return {"bulkhead-supervisor": [self.pid]} | {
            {"bulkhead-vault": "bulkhead-vault", "bulkhead-sftp-s": "bulkhead-sftp-session",
             "bulkhead-https-": "bulkhead-https-session", "bulkhead-analys": "bulkhead-analyst"}.get(name, name): pids for name, pids in children(self.pid).items()}

    def wait(self, timeout_s=TIMEOUT_S):
        code = self.process.wait(timeout_s)
        self.reader.join(timeout_s)
        return code

    def stop(self):
        self.process.terminate()
        return self.wait()

    def end(self):
        """Whatever state it is in: over, with everything that it started."""
        if self.process.poll() is None:
            family = [pid for pids in self.family().values() for pid in pids]
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                for pid in family:
                    try:
                        os.kill(pid, signal.SIGKILL)
                    except ProcessLookupError:
                        pass
                self.process.wait()
        self.reader.join(TIMEOUT_S)


class Deployment:
    """`with Deployment(programs) as d:` gives an initialised deployment whose server is not started yet."""

    def __init__(self, programs, organisation="main", folder=None):
        self.bulkhead = os.path.join(os.path.abspath(programs), "bin", "bulkhead")
        self.programs = os.path.abspath(programs)
        self.organisation = organisation
        self.given_folder = folder
        self.server = None
        self.old_logs = []

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="bulkhead-scenario-")
        self.data = os.path.join(self.given_folder or self.folder, "deployment")
        os.mkdir(self.path("keys"), 0o700)
        return self

    def __exit__(self, kind, value, trace):
        if self.server is not None:
            self.server.end()
        if kind is not None and kind is not Skip:
            log = [line for server_log in self.old_logs for line in server_log]
            log += self.server.log if self.server is not None else []
            print("--- the end of the servers' log:\n" + "".join(log[-60:]), flush=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    # --- the command

    def run(self, *arguments, code=0, stdin="", timeout_s=TIMEOUT_S):
        """`bulkhead ARGUMENTS`; `code` is the exit status that is due, None for any."""
        environment = {k: v for k, v in os.environ.items() if k != "TZ"} | {"BULKHEAD_DATA": self.data}
        done = subprocess.run([self.bulkhead, *arguments], input=stdin, capture_output=True, text=True,
                              timeout=timeout_s, env=environment, check=False)
        check(code is None or done.returncode == code,
              f"bulkhead {' '.join(arguments)} ended with {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def read(self, *arguments, code=0):
        return json.loads(self.run(*arguments, "--json", code=code).stdout)

    def init(self):
        self.run("init", self.data, "--incident-key-out", self.path("incident-key"), "--root-key-out",
                 self.path("root-key"), "--organisation", self.organisation)
        return self

    def set(self, section, name, value):
        """Changes one setting of bulkhead.toml, which is read at the next start."""
        path = os.path.join(self.data, "bulkhead.toml")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        changed, times = re.subn(rf"(?ms)(^\[{re.escape(section)}\]$.*?^{name} = )[^\n]*", rf"\g<1>{value}", text, count=1)
        check(times == 1, f"bulkhead.toml has no {section}.{name}")
        with open(path, "w", encoding="utf-8") as file:
            file.write(changed)

    def add_user(self, name, organisation=None, password=None):
        """With a fresh ed25519 key, and a password where one is given."""
        key = self.path("keys", name)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "scenario", "-f", key], check=True)
        arguments = ["user", "add", name, "--key", key + ".pub"]
        if organisation:
            arguments += ["--org", organisation]
        if password:
            arguments.append("--password-stdin")
        self.run(*arguments, stdin=f"{password}\n" if password else "")

    def wait_until_analysed(self, timeout_s=TIMEOUT_S):
        eventually(lambda: json.loads(self.run("status", "--json", code=None).stdout)["analysis_backlog"] == 0,
                   "every file was analysed", timeout_s, every_s=0.1)

    def verify_journal(self):
        verdict = self.read("journal", "verify")
        check(verdict["good"] is True, f"the journal does not verify: {verdict}")
        return verdict

    # --- the server

    def start(self, *arguments):
        if self.server is not None:
            self.old_logs.append(self.server.log)
        self.server = None
        self.server = Server([self.bulkhead, "serve", self.data, "--sftp", "127.0.0.1:0", *arguments])
        return self.server

    def stop(self):
        code = self.server.stop()
        check(code == 0, f"the server ended with {code} after SIGTERM\n{''.join(self.server.log)}")

    # --- OpenSSH's clients; the other ones are driven where they are tested

    def ssh_options(self, name):
        return ["-F", "/dev/null", "-i", self.path("keys", name), "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes",
                "-o", "HostKeyAlias=bulkhead", "-o", "StrictHostKeyChecking=accept-new",
                "-o", f"UserKnownHostsFile={self.path('known_hosts')}", "-o", "LogLevel=ERROR"]

    def sftp_arguments(self, name, *more):
        return ["sftp", "-b", "-", "-P", str(self.server.port), *self.ssh_options(name), *more, f"{name}@127.0.0.1"]

    def sftp(self, name, batch, code=0, timeout_s=TIMEOUT_S):
        """OpenSSH's sftp with a batch of commands; stops at the first that fails unless it starts with a minus."""
        done = subprocess.run(self.sftp_arguments(name), input=batch, capture_output=True, text=True,
                              timeout=timeout_s, check=False)
        check(code is None or done.returncode == code,
              f"sftp ended with {done.returncode} at:\n{batch}\n{done.stdout}{done.stderr}")
        return done


def paramiko_connection(deployment, user):
    """A paramiko.SSHClient that is logged in. It closes itself at the end of a `with`."""
    try:
        import paramiko
    except ImportError:
        raise Skip("python3-paramiko is not installed") from None
    logging.getLogger("paramiko").setLevel(logging.CRITICAL)  # connections are cut here on purpose
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    client.connect("127.0.0.1", deployment.server.port, user, key_filename=deployment.path("keys", user),
                   allow_agent=False, look_for_keys=False, timeout=TIMEOUT_S)
    return client
