"""What lies in the data folder: no plaintext, no name of a file, a person or a user; nothing that others on the machine can read.

    rest.py FOLDER_OF_THE_BUILD_TREE
"""
import os
import stat

from deployment import Deployment, check, need, run, sha256, step

USERS = ["wilhelmina", "bartholomew"]
ORGANISATIONS = ["northshire-agency", "eastmarsh-insurance"]
FOLDERS = ["quarterly-extracts", "dated-2026-11"]
FILES = {"ELIGIBLES_0834.dat": "HALVORSEN*INGEBORG*666-41-7788\n", "small members.csv": "OSTERGAARD,THORVALD,1961-02-30\n"}
PASSWORD = "a password that nobody else has"
REPEATED = 12_000  # lines: some 400 KB, stored as a blob; the small one travels inside the journal


def forms(word):
    """As text, as UTF-16, and without its first and last letter where it is long: names are cut by some writers."""
    yield word.encode()
    yield word.encode("utf-16-le")
    if len(word) > 8:
        yield word[1:-1].encode()


def upload(deployment):
    contents = []
    for number, (name, line) in enumerate(FILES.items()):
        text = line * (REPEATED if number == 0 else 3)
        with open(deployment.path(name), "w", encoding="ascii") as file:
            file.write(text)
        contents.append(line.strip())
    folder = "/" + "/".join(FOLDERS)
    deployment.sftp(USERS[0], f"mkdir {folder}\n" + "".join(
        f'put "{deployment.path(name)}" "{folder}/{name}"\n' for name in FILES))
    deployment.wait_until_analysed()
    for name in FILES:
        deployment.sftp(USERS[0], f'get "{folder}/{name}" "{deployment.path("back")}"\n')
        check(sha256(deployment.path("back")) == sha256(deployment.path(name)), f"{name} came back changed")
    # An upload that is cut off leaves a part; a removed file leaves what it leaves.
    deployment.sftp(USERS[0], f'put "{deployment.path(next(iter(FILES)))}" {folder}/removed-again\nrm {folder}/removed-again\n')
    deployment.sftp(USERS[1], f"ls {folder}\n", code=1)
    return contents + ["removed-again"]


def files_of(folder):
    for above, _, names in os.walk(folder):
        for name in names:
            yield os.path.join(above, name)


def search(deployment, words, when):
    bytes_searched = files = 0
    for path in files_of(deployment.data):
        if stat.S_ISSOCK(os.lstat(path).st_mode):
            continue
        with open(path, "rb") as file:
            found = file.read()
        files += 1
        bytes_searched += len(found)
        for word in words:
            for form in forms(word):
                check(form not in found, f"{when}, {os.path.relpath(path, deployment.data)} holds {word!r}")
                check(form not in path.removeprefix(deployment.data).encode(), f"{when}, a path holds {word!r}")
    step(f"{when}: {len(words)} words are nowhere in {files} files of {bytes_searched} bytes")
    check(files > 10 and bytes_searched > 400_000, "there was nothing to search")


def check_modes(deployment):
    for above, folders, names in os.walk(deployment.data):
        check(stat.S_IMODE(os.lstat(above).st_mode) == 0o700, f"{above} has mode {os.lstat(above).st_mode:o}")
        for name in names:
            mode = stat.S_IMODE(os.lstat(os.path.join(above, name)).st_mode)
            # Contents that are stored for good may not even be written by their owner.
            check(mode in (0o600, 0o400), f"{os.path.join(above, name)} has mode {mode:o}")
    for key in ("root-key", "incident-key"):
        check(stat.S_IMODE(os.lstat(deployment.path(key)).st_mode) == 0o600, f"the {key} can be read by others")
    step("folders have mode 0700, files 0600 or 0400")


def story(programs):
    need("sftp")
    old = os.umask(0)  # a careless one must not show
    try:
        with Deployment(programs, organisation=ORGANISATIONS[0]) as deployment:
            deployment.init()
            deployment.set("penalties", "exempt", '"::1"')  # the default names the client's network
            deployment.run("org", "add", ORGANISATIONS[1])
            os.umask(0o077)  # ssh takes no keys that others can read
            deployment.add_user(USERS[0], password=PASSWORD)
            deployment.add_user(USERS[1], organisation=ORGANISATIONS[1])
            os.umask(0)
            deployment.run("folder", "add", "/" + FOLDERS[0], "--member", f"{USERS[0]}:read,write,list,delete")
            deployment.start()
            lines = upload(deployment)
            words = [*USERS, *ORGANISATIONS, *FOLDERS, *FILES, *lines, *lines[0].split("*"), *lines[1].split(","), PASSWORD,
                     "127.0.0.1"]
            deployment.run("incident", "open", "INC-OVERBOARD", "--session", "s-1", "--note", "laptop lost near Grimsby")
            words += ["laptop lost near Grimsby"]
            search(deployment, words, "while the server runs")
            check_modes(deployment)
            deployment.stop()
            search(deployment, words, "after it stopped")
            check_modes(deployment)
            deployment.verify_journal()
    finally:
        os.umask(old)


run(story)
