"""The two servers that are compared, each started anew for one measurement, and what the operating system says of them."""
import mmap
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

SSH = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
       "-o", "IdentitiesOnly=yes", "-o", "Compression=no"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def touch_memory(gib):
    """A virtual machine's memory is slow where it was never used; a server that has run for a day has used its."""
    with mmap.mmap(-1, gib << 30) as memory:
        for page in range(0, gib << 30, 4096):
            memory[page] = 1


def descendants(pid):
    """The process and all below it."""
    parent_of = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent_of[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                pass  # ended meanwhile
    found = {pid}
    while more := {child for child, parent in parent_of.items() if parent in found} - found:
        found |= more
    return found


def private_bytes(pid):
    """Memory that nobody shares with it; 0 for a process that ended."""
    try:
        rollup = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Private_")) * 1024


class Server:
    """Started for one measurement, so that its CPU time is that measurement's."""

    def private_by_program(self):
        """Private memory of its processes: name of the program -> a list."""
        result = {}
        for pid in descendants(self.process.pid):
            try:
                name = pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
            except OSError:
                continue
            result.setdefault(name, []).append(private_bytes(pid))
        return result

    def cpu_seconds_of(self, work):
        self.start()
        try:
            wall = work()
        finally:
            usage = self.stop()
        return wall, usage.ru_utime + usage.ru_stime

    def wait_for_port(self):
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.02)
        sys.exit(f"{self.name} did not start")

    def stop(self):
        os.kill(self.process.pid, signal.SIGTERM)
        _, _, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = 0
        return usage


class Bulkhead(Server):
    name, flags = "bulkhead", ""
    # What would stop a benchmark is not what is measured; nor is the reading for whose data is in a file.
    SETTINGS = [(r"(?:bytes|files|names)_per_(?:hour|day)", 1 << 40), (r"connections\w*", 20000),
                (r"logins_per\w+|old_files_per_28_days", 1 << 30), (r"processes", 0)]

    def __init__(self, build, folder, key):
        self.program = str(build / "bin" / "bulkhead")
        self.data = folder / "bulkhead"
        run = lambda *words: subprocess.run([self.program, *words], check=True, stdout=subprocess.DEVNULL)
        run("init", str(self.data), "--incident-key-out", str(folder / "incident.key"))
        settings = self.data / "bulkhead.toml"
        text = settings.read_text()
        for pattern, value in self.SETTINGS:
            text = re.sub(rf"^({pattern}) = \d+", rf"\1 = {value}", text, flags=re.MULTILINE)
        # An account of its own kind: a new one may not read that much.
        budget = "".join(f"{what}_per_{time} = {1 << 40}\n" for what in ("bytes", "files", "names") for time in ("hour", "day"))
        settings.write_text(f"{text}\n[budget.user.bench]\n{budget}old_files_per_28_days = {1 << 40}\n")
        run("user", "add", "bench", "--key", f"{key}.pub", "--data", str(self.data))
        self.user = "bench"
        run("folder", "add", "/fast", "--member", "bench:read,write,list,delete", "--data", str(self.data))
        run("folder", "set", "/fast", "--durability", "crash", "--data", str(self.data))
        self.crash_folder = "/fast/"

    @staticmethod
    def session_bytes(by_program):
        return max(by_program.get("bulkhead-sftp-s", [0]))

    def start(self):
        self.listen(["--sftp", "127.0.0.1:0"], "sftp")

    def listen(self, options, listener):
        """`port` is then this listener's."""
        self.process = subprocess.Popen([self.program, "serve", str(self.data), *options],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("ready"):
            sys.exit("bulkhead did not start")
        self.port = int(line.split(f"{listener}=")[1].split()[0].rsplit(":", 1)[1])


class OpenSsh(Server):
    name, flags = "openssh", "-f"

    def __init__(self, folder, key):
        self.folder = folder / "openssh"
        self.folder.mkdir()
        host_key = self.folder / "host"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(host_key)], check=True)
        authorized = self.folder / "authorized_keys"
        shutil.copy(f"{key}.pub", authorized)
        files = self.folder / "files"
        files.mkdir()
        self.options = [f"HostKey={host_key}", f"AuthorizedKeysFile={authorized}", "PermitRootLogin=yes", "UsePAM=no",
                        "StrictModes=no", f"ForceCommand=internal-sftp -d {files}", "Subsystem=sftp internal-sftp",
                        "PidFile=none", "MaxStartups=10000", "MaxSessions=10000", "PerSourceMaxStartups=none"]
        os.makedirs("/run/sshd", exist_ok=True)
        self.user = "root"

    @staticmethod
    def session_bytes(by_program):
        """One connection is a monitor, a session and, for SFTP, one more; the listener is none of them."""
        return sum(by_program.get("sshd", [])) + sum(by_program.get("sshd-session", []))

    def start(self):
        self.port = free_port()
        words = [word for option in self.options for word in ("-o", option)]
        self.process = subprocess.Popen([shutil.which("sshd") or "/usr/sbin/sshd", "-D", "-f", "/dev/null",
                                         "-p", str(self.port), "-o", "ListenAddress=127.0.0.1", *words],
                                        stderr=subprocess.DEVNULL)
        self.wait_for_port()
