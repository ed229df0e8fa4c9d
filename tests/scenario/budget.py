"""A user over budget is refused with a sentence, which the journal has; the budget holds after a restart, and is nobody else's.

    budget.py FOLDER_OF_THE_BUILD_TREE
"""
import os

from deployment import Deployment, check, eventually, make_file, need, paramiko_connection, run, sha256, step

FILE_BYTES = 400_000
BUDGET = """
[budget.user.greta]
bytes_per_day = 1000000

[budget.user.finn]
files_per_day = 2

[budget.user.nell]
names_per_day = 10
"""


def spent(deployment, user, what):
    return deployment.read("user", "show", user)["budget"][what]


def refusals(deployment):
    return [detail["value"] for entry in deployment.read("journal", "list") for detail in entry["details"]
            if detail["key"] == "reason" and "budget" in detail["value"]]


def refused(deployment, user, batch, what):
    """OpenSSH's client has texts of its own for each status; paramiko shows what the server says."""
    before = len(refusals(deployment))
    done = deployment.sftp(user, batch, code=1)
    check("Permission denied" in done.stderr + done.stdout, f"another status than due:\n{done.stdout}{done.stderr}")
    eventually(lambda: [reason for reason in refusals(deployment)[before:] if f"budget of {what}" in reason],
               f"{user}'s refusal is in the journal", 10)
    with paramiko_connection(deployment, user) as client:
        sftp = client.open_sftp()
        try:
            if what == "names":
                sftp.listdir("/shared")
            else:
                with sftp.open("/shared/file-3") as file:
                    file.read(1)
        except PermissionError as refusal:
            check(f"this account's budget of {what} for 24 hours is spent: ask the administrator" in str(refusal),
                  f"the client is not told which budget is spent: {refusal}")
        else:
            raise AssertionError(f"{user} is over the budget of {what} and was served")


def fetch(deployment, user, name, code=0):
    target = deployment.path("back")
    deployment.sftp(user, f"get /shared/{name} {target}\n", code=code)
    if code == 0:
        check(sha256(target) == sha256(deployment.path(name)), f"{name} came back changed")
        os.unlink(target)


def story(programs):
    need("sftp")
    with Deployment(programs) as deployment:
        deployment.init()
        for user in ("sender", "greta", "finn", "nell"):
            deployment.add_user(user)
        members = [part for user in ("sender", "greta", "finn", "nell")
                   for part in ("--member", f"{user}:read,write,list,delete")]
        deployment.run("folder", "add", "/shared", *members)
        with open(os.path.join(deployment.data, "bulkhead.toml"), "a", encoding="ascii") as file:
            file.write(BUDGET)
        deployment.start()
        names = [f"file-{number}" for number in range(6)]
        for number, name in enumerate(names):
            make_file(deployment.path(name), FILE_BYTES, seed=number)
        deployment.sftp("sender", "".join(f"put {deployment.path(name)} /shared/{name}\n" for name in names))

        step("bytes: two files fit, the third does not; what is read again in the same session costs nothing")
        deployment.sftp("greta", f"get /shared/file-0 {deployment.path('a')}\nget /shared/file-0 {deployment.path('b')}\n"
                                 f"get /shared/file-1 {deployment.path('c')}\n")
        check(spent(deployment, "greta", "bytes_spent") == 2 * FILE_BYTES, "another number of bytes was charged")
        refused(deployment, "greta", f"get /shared/file-2 {deployment.path('d')}\n", "bytes")
        check(not os.path.exists(deployment.path("d")) or os.path.getsize(deployment.path("d")) == 0, "bytes came through")
        check(spent(deployment, "greta", "bytes_spent") == 2 * FILE_BYTES, "a refusal was charged")

        step("files: two, not three; uploading is not reading")
        fetch(deployment, "finn", "file-0")
        fetch(deployment, "finn", "file-1")
        refused(deployment, "finn", f"get /shared/file-2 {deployment.path('d')}\n", "files")
        deployment.sftp("finn", f"put {deployment.path('file-0')} /shared/from-finn\n")

        step("names: a listing counts, a second one does not fit")
        deployment.sftp("nell", "ls /shared\n")
        check(0 < spent(deployment, "nell", "names_spent") <= 10, "the listing was not charged")
        refused(deployment, "nell", "ls /shared\n", "names")

        step("after a restart it is all the same")
        deployment.stop()
        deployment.start()
        refused(deployment, "greta", f"get /shared/file-2 {deployment.path('d')}\n", "bytes")
        refused(deployment, "finn", f"get /shared/file-2 {deployment.path('d')}\n", "files")
        refused(deployment, "nell", "ls /shared\n", "names")
        for name in names:
            fetch(deployment, "sender", name)
        deployment.verify_journal()
        deployment.stop()


run(story)
