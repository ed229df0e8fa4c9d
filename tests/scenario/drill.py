"""`bulkhead drill --all` on a deployment whose server runs: what the contract says is printed, every defence holds, and
nothing of the deployment is touched. And the shipped programs cannot be made to do what the drill's own do.

    drill.py FOLDER_OF_THE_BUILD_TREE
"""
import glob
import json
import os
import signal
import subprocess

from deployment import Deployment, Skip, check, eventually, run, step

FIELDS = ["name", "stopped_by", "files", "plaintext_bytes", "plaintext_bytes_beyond_grants", "seconds_to_breaker"]
NOT_BUILT = set()
SHOW_A_REMAINDER = {"supervisor"}
WITHIN_GRANTS = {"moveit-2023-live", "web-2023-live", "insider-admin", "password-replay"}
SHIPPED = ["bin/bulkhead", "libexec/bulkhead-supervisor", "libexec/bulkhead-vault", "libexec/bulkhead-keeper",
           "libexec/bulkhead-sftp-session", "libexec/bulkhead-https-session", "libexec/bulkhead-analyst"]


SWITCHES = [b"/weakness", b"__wrap_", b"bulkhead5twins", b"drill-edge"]  # of the twins in tests/drill


def holds(program, word):
    with open(program, "rb") as file:
        return word in file.read()


def files_of(folder):
    return {path: os.stat(path).st_size for path in glob.glob(folder + "/**", recursive=True)}


def every_drill(deployment):
    step("every drill, while the deployment serves")
    before = deployment.read("status", code=None)["journal_entries"]
    done = deployment.run("drill", "--all", "--json", code=None, timeout_s=240)
    drills = json.loads(done.stdout)
    check(done.returncode == 0, f"it ended with {done.returncode}\n{done.stderr}")
    for drill in drills:
        check(list(drill) == FIELDS, f"not the contract's fields: {drill}")
        if drill["name"] in NOT_BUILT:
            check(drill["stopped_by"].startswith("not built") and drill["files"] is None
                  and drill["plaintext_bytes_beyond_grants"] is None, f"not built reads as passed: {drill}")
            continue
        if drill["name"] in SHOW_A_REMAINDER:
            check(drill["plaintext_bytes_beyond_grants"] > 0, f"there is a remainder: {drill}")
            continue
        check(drill["plaintext_bytes_beyond_grants"] == 0, f"{drill}")
        check((drill["plaintext_bytes"] > 0) == (drill["name"] in WITHIN_GRANTS), f"{drill}")
        print(f"   {drill['name']}: {drill['stopped_by']}")
    check(deployment.read("status", code=None)["journal_entries"] == before, "the deployment's own journal grew")


def other_settings(deployment):
    """Settings under which nothing could be attacked from one address are bent, a budget in bytes is met."""
    step("with few connections, post-quantum algorithms only, and a budget of bytes")
    deployment.set("limits", "connections_per_address", 1)
    deployment.set("listen", "sftp_profile", '"post-quantum"')
    deployment.set("penalties", "exempt", '""')
    deployment.set("learned", "bytes_per_day", 20_000)
    drills = {each["name"]: each for each in deployment.read("drill", "moveit-2023-live", "network-keys")}
    check(0 < drills["moveit-2023-live"]["plaintext_bytes"] <= 20_000, f"{drills}")
    check(drills["moveit-2023-live"]["seconds_to_breaker"] > 0, f"no breaker: {drills}")
    check(drills["network-keys"]["files"] == 0, f"{drills}")


def by_name(deployment):
    step("one by its name, for people; and names that there are not")
    done = deployment.run("drill", "moveit-2023")
    check("held" in done.stdout and "moveit-2023" in done.stdout, done.stdout)
    for wrong in (["drill", "moveit-1999"], ["drill"], ["drill", "--all", "moveit-2023"]):
        done = deployment.run(*wrong, code=2)
        check(done.stderr.startswith("bulkhead: ") and not done.stdout, f"{wrong}: {done.stdout}{done.stderr}")
    check("web-2023" in deployment.run("drill", "moveit-1999", code=2).stderr, "the names are not told")
    deployment.run("drill", "--all", "--data", deployment.path("nowhere"), code=1)


def names_that_are_no_text(deployment):
    """What the drill network-names found: one log-in that failed made the journal unreadable for every command."""
    step("a name that is no UTF-8 is in the journal, and the journal can be read")
    try:
        import paramiko
    except ImportError:
        raise Skip("python3-paramiko is not installed") from None
    transport = paramiko.Transport(("127.0.0.1", deployment.server.port))
    transport.start_client(timeout=30)
    try:
        transport.auth_password(b"\xff\xfe-nobody", "guess")
        check(False, "that was a log-in")
    except paramiko.AuthenticationException:
        pass
    finally:
        transport.close()
    check("login_failed" in deployment.run("journal", "list").stdout, "the failed log-in is not listed")
    failed = [entry for entry in deployment.read("journal", "list") if entry["event"] == "login_failed"]
    check("-nobody" in json.dumps(failed), f"the name is not there: {failed}")
    for form in ("ndjson", "cef"):
        check("nobody" in deployment.run("journal", "export", "--format", form).stdout
              or b"-nobody".hex() in deployment.run("journal", "export", "--format", form).stdout, f"not in {form}")


def interrupted(deployment):
    step("interrupted, it leaves nothing behind")
    for number in (signal.SIGINT, signal.SIGTERM):
        before = set(glob.glob("/tmp/bulkhead-drill-*"))
        running = subprocess.Popen([deployment.bulkhead, "drill", "--all", "--data", deployment.data],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        made = lambda: [path for folder in set(glob.glob("/tmp/bulkhead-drill-*")) - before
                        for path in glob.glob(folder + "/*/data/admin.sock")]
        folder = os.path.dirname(os.path.dirname(os.path.dirname(eventually(made, "a drill runs")[0])))
        running.send_signal(number)
        check(running.wait(60) != 0, "it ended as if nothing had been")
        check(not os.path.exists(folder), f"{folder} was left behind")
        eventually(lambda: not processes_with(folder), f"no process of {folder} is left")


def processes_with(word):
    found = []
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(path, "rb") as file:
                if word.encode() in file.read():
                    found.append(path)
        except OSError:
            continue
    return found


def shipped_programs(deployment):
    step("the shipped supervisor starts no other edge, and nothing shipped has a switch")
    supervisor = os.path.join(deployment.programs, "libexec", "bulkhead-supervisor")
    for option, value in (("--edge", "drill/drill-edge"), ("--web-edge", "drill/drill-edge"), ("--libexec", os.path.dirname(supervisor) + "/drill")):
        other_build = os.path.join(os.path.dirname(supervisor), "drill", "drill-supervisor")
        done = subprocess.run([other_build, "--data", "/nowhere", option, value], capture_output=True, text=True,
                              timeout=30, check=False)
        check("is not an option" not in done.stderr, f"the drill's own supervisor knows no {option} either")
        done = subprocess.run([supervisor, "--data", deployment.data, "--sftp", "127.0.0.1:0", option, value],
                              capture_output=True, text=True, timeout=30, check=False)
        check(done.returncode == 2 and "is not an option" in done.stderr, f"{option}: {done.returncode} {done.stderr}")
    twin = os.path.join(deployment.programs, "tests", "drill-twins", "bulkhead-vault")
    check(any(holds(twin, word) for word in SWITCHES), "the words of the twins' switch are others now")
    for program in SHIPPED:
        for word in SWITCHES:
            check(not holds(os.path.join(deployment.programs, program), word), f"{program} has {word!r} in it")
    check({"bulkhead-sftp-session"} == {name for name in deployment.server.family()
                                        if "session" in name or "drill" in name}, "another edge runs")


def story(programs):
    with Deployment(programs) as deployment:
        deployment.init()
        deployment.set("learned", "files_per_day", 40)
        deployment.start()
        before = files_of(deployment.data + "/blobs")
        temporary = set(glob.glob("/tmp/bulkhead-drill-*"))
        every_drill(deployment)
        by_name(deployment)
        other_settings(deployment)
        check(files_of(deployment.data + "/blobs") == before, "the deployment's own folder was touched")
        check(set(glob.glob("/tmp/bulkhead-drill-*")) <= temporary, "a throw-away deployment was left behind")
        interrupted(deployment)
        shipped_programs(deployment)
        names_that_are_no_text(deployment)
        deployment.stop()


run(story)
