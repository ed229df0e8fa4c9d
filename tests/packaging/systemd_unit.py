"""The systemd unit as it is shipped: it parses, it is hard, and the server works under its system call filter.

    systemd_unit.py FOLDER_OF_THE_BUILD_TREE

systemd itself does not run here: the filter is computed by `systemd-analyze syscall-filter` and put on by libseccomp
before `bulkhead serve` starts, with the action that systemd takes (the process is killed).
"""
import ctypes
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "scenario"))
import deployment as shared  # noqa: E402
from deployment import Deployment, Skip, check, need, run, step  # noqa: E402
from software_tpm import SoftwareTpm  # noqa: E402

UNITS = os.path.join(HERE, "..", "..", "packaging", "systemd")
HIGHEST_EXPOSURE = 1.5
PR_SET_NO_NEW_PRIVS = 38
SCMP_ACT_KILL_PROCESS = 0x80000000
SCMP_ACT_ALLOW = 0x7FFF0000


def lines_of(unit):
    with open(unit, encoding="utf-8") as file:
        return [line.strip() for line in file]


def call_sets():
    """{"@chown": {"chown", …}}: the sets as systemd has them, those inside of others resolved."""
    text = subprocess.run(["systemd-analyze", "syscall-filter"], capture_output=True, text=True, check=True).stdout
    raw, name = {}, None
    for line in text.splitlines():
        word = line.strip()
        if word.startswith("# Ungrouped"):  # what no set holds comes last
            break
        if not word or word.startswith("#"):
            continue
        if not line.startswith(" "):
            name = word
            raw[name] = set()
        elif name:
            raw[name].add(word)

    def resolved(set_name):
        return set().union(*(resolved(word) if word.startswith("@") else {word} for word in raw[set_name]))

    return {set_name: resolved(set_name) for set_name in raw}


def allowed_calls(units):
    """What SystemCallFilter= of the units, one after the other, leaves: systemd.exec(5)."""
    sets = call_sets()
    allowed = set(sets["@default"])  # an allow-list always holds @default
    for unit in units:
        for line in lines_of(unit):
            found = re.fullmatch(r"SystemCallFilter=(~?)(.*)", line)
            if not found:
                continue
            for word in found.group(2).split():
                calls = sets[word] if word.startswith("@") else {word}
                allowed = allowed - calls if found.group(1) else allowed | calls
    return allowed


def filter_for(calls):
    """A libseccomp filter, ready to be loaded."""
    try:
        seccomp = ctypes.CDLL("libseccomp.so.2", use_errno=True)
    except OSError as error:
        raise Skip("libseccomp is not installed") from error
    seccomp.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(seccomp.seccomp_init(ctypes.c_uint32(SCMP_ACT_KILL_PROCESS)))
    known = 0
    for call in sorted(calls):
        number = seccomp.seccomp_syscall_resolve_name(call.encode())
        if number >= 0 and seccomp.seccomp_rule_add(context, ctypes.c_uint32(SCMP_ACT_ALLOW), number, 0) == 0:
            known += 1
    check(known > 150, f"only {known} calls of the filter are known here")
    return seccomp, context


class FilteredServer(shared.Server):
    """`bulkhead serve` as the unit starts it, as far as system calls go."""

    def __init__(self, arguments, calls):
        seccomp, context = filter_for(calls)
        libc = ctypes.CDLL(None)
        before = shared._end_with_parent

        def enter():
            before()
            libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
            seccomp.seccomp_load(context)

        shared._end_with_parent = enter
        try:
            super().__init__(arguments)
        finally:
            shared._end_with_parent = before


def is_hard():
    for parts in (["bulkhead.service"], ["bulkhead.service", "tpm.conf"], ["bulkhead-forward.service"]):
        step(f"systemd-analyze security: {' with '.join(parts)}")
        with tempfile.TemporaryDirectory() as folder:
            unit = os.path.join(folder, parts[0])
            with open(unit, "w", encoding="utf-8") as file:
                file.write("\n".join(line for part in parts for line in lines_of(os.path.join(UNITS, part))))
            done = subprocess.run(["systemd-analyze", "security", "--offline=true", unit], capture_output=True, text=True, check=False)
        found = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
        check(found, f"no exposure level for {parts}: {done.stdout[-300:]}{done.stderr}")
        print(f"   exposure {found.group(1)}")
        check(float(found.group(1)) < HIGHEST_EXPOSURE, f"{parts} is exposed to {found.group(1)}")
    services = [unit for unit in os.listdir(UNITS) if unit.endswith(".service")]
    check(len(services) == 2, f"a unit is not looked at: {services}")


def parses(programs):
    step("systemd-analyze verify")
    with tempfile.TemporaryDirectory() as folder:
        for unit in os.listdir(UNITS):
            text = "\n".join(lines_of(os.path.join(UNITS, unit))) + "\n"
            text = text.replace("/usr/local/bin/bulkhead", os.path.join(os.path.abspath(programs), "bin", "bulkhead"))
            with open(os.path.join(folder, unit), "w", encoding="utf-8") as file:
                file.write(text)
        services = [os.path.join(folder, unit) for unit in os.listdir(folder) if unit.endswith(".service")]
        for service in services:
            drop_ins = service + ".d"
            os.mkdir(drop_ins)
            for drop_in in ("own-uids.conf", "tpm.conf"):
                shutil.copy(os.path.join(UNITS, drop_in), drop_ins)
        done = subprocess.run(["systemd-analyze", "verify", *services], capture_output=True, text=True, check=False)
        complaints = [line for line in done.stderr.splitlines() if folder in line or "bulkhead" in line]
        check(done.returncode == 0 and not complaints, f"{done.stderr}")


def works_under(programs, units):
    calls = allowed_calls([os.path.join(UNITS, unit) for unit in units])
    with Deployment(programs) as d:
        d.init()
        d.add_user("ada")
        d.server = FilteredServer([d.bulkhead, "serve", d.data, "--sftp", "127.0.0.1:0"], calls)
        with open(d.path("report.csv"), "w", encoding="ascii") as file:
            file.write("number,born\n4711,1974-03-09\n")
        shared.make_file(d.path("large"), 3 * shared.MIB)
        d.sftp("ada", f'put "{d.path("report.csv")}" report.csv\nput "{d.path("large")}" large\n'
                      f'get large "{d.path("back")}"\n')
        check(shared.sha256(d.path("large")) == shared.sha256(d.path("back")), "the file came back changed")
        status = shared.eventually(lambda: (s := d.read("status", code=None))["analysis_backlog"] == 0 and s,
                                   "the analyst reads what was uploaded")
        check(status["serving"], f"{status}")
        os.kill(d.server.pid, shared.signal.SIGHUP)
        d.run("incident", "contain", "--user", "ada")
        check(d.server.stop() == 0, "it does not stop cleanly")
        log = "".join(d.server.log)
        check("SIGSYS" not in log and "out of order" not in log, f"a process was ended by the filter:\n{log}")


def a_tpm_opens_under(programs, units):
    """The keeper's child, which asks the chip, lives under the same filter."""
    step("the root key comes out of a TPM under the filter")
    calls = allowed_calls([os.path.join(UNITS, unit) for unit in units])
    with Deployment(programs) as d:
        os.mkdir(d.path("tpm"))
        try:
            tpm = SoftwareTpm(d.path("tpm"))
        except Skip as missing:
            print(f"   left out: {missing}")
            return
        try:
            d.run("init", d.data, "--incident-key-out", d.path("incident-key"), "--root-key-out", d.path("root-key"), "--seal", "tpm",
                  "--tpm-device", tpm.path)
            d.server = FilteredServer([d.bulkhead, "serve", d.data, "--sftp", "127.0.0.1:0"], calls)
            check(d.read("status", code=None)["seal"] == "tpm", "it is not the chip that opened it")
            check(d.server.stop() == 0, "it does not stop cleanly")
        finally:
            tpm.stop()


def the_filter_bites(programs):
    """A filter without `seccomp` must not start a session: else nothing was tested above."""
    step("without the calls that the sandbox needs it does not serve")
    calls = allowed_calls([os.path.join(UNITS, "bulkhead.service")]) - {"seccomp", "prctl"}
    with Deployment(programs) as d:
        d.init()
        try:
            d.server = FilteredServer([d.bulkhead, "serve", d.data, "--sftp", "127.0.0.1:0"], calls)
        except AssertionError:
            return
        raise AssertionError("it served without its sandbox's calls")


def under_the_filter(programs):
    works_under(programs, ["bulkhead.service"])
    a_tpm_opens_under(programs, ["bulkhead.service", "tpm.conf"])
    the_filter_bites(programs)


def as_service_user(programs):
    """The unit runs as a user of its own: root starts this script again as nobody, who may not become somebody else."""
    step("the server under the unit's filter")
    if os.geteuid() != 0:
        under_the_filter(programs)
        return
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all"]
    bulkhead = os.path.join(os.path.abspath(programs), "bin", "bulkhead")
    if subprocess.run([*nobody, "test", "-x", bulkhead], check=False).returncode != 0:
        print("   left out: this build tree is not readable by the user nobody")
        return
    done = subprocess.run([*nobody, "env", "TMPDIR=/tmp", "HOME=/nonexistent", sys.executable, "-B", os.path.abspath(__file__),
                           os.path.abspath(programs), "as-service-user"], check=False)
    check(done.returncode == 0, "as the service's user it does not work under the unit's filter")


def story(programs, part="all"):
    need("systemd-analyze")
    if part == "as-service-user":
        under_the_filter(programs)
        return
    parses(programs)
    is_hard()
    as_service_user(programs)
    if os.geteuid() == 0:
        step("the same as root, with the drop-in for own uids")
        works_under(programs, ["bulkhead.service", "own-uids.conf"])


run(story)
