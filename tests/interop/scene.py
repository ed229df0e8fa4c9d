"""What every client is asked to do, the files that it does it with, and what must be there afterwards.

A driver is a program in its client's language. It finds in its environment
    INTEROP_PORT, INTEROP_USER, INTEROP_PASSWORD    the server on 127.0.0.1 and an account
    INTEROP_KEY                                     the file of an Ed25519 key in OpenSSH's format
    INTEROP_HERE                                    a folder with the files to send; back/ in it is for what comes back
takes the steps of STEPS in this order, and prints one line a step: "ok STEP", "failed STEP: why", or "absent STEP: why"
where the library has no such function. Its word is not taken for it: for each step that it says was done the table below
has what another client must find, on the server or in back/.
"""
import hashlib
import os
import stat
import unicodedata

from deployment import check, make_file, sha256

LARGE_BYTES = 8 << 20
BLOCK_BYTES = 256 << 10
CUT_BYTES = 5000
PATCH_AT = 100_000
DATED = 1_000_000_000
MODE = 0o640
MANY = 300
UNICODE = "Grüße 表 🎉.txt"
LONG = "n" * 251 + ".txt"


def make_files(here):
    """large, small, changed, empty; a tree; what a download that was cut off left behind."""
    os.makedirs(os.path.join(here, "tree", "below", "deeper"))
    os.makedirs(os.path.join(here, "tree", "with a space"))
    os.makedirs(os.path.join(here, "back"))
    for name, size in (("large", LARGE_BYTES), ("small", 1000), ("changed", 70_000), ("empty", 0), ("tree/one", 3),
                       ("tree/below/two", 65_537), ("tree/below/deeper/three", 0), ("tree/with a space/'four' & more", 44)):
        make_file(os.path.join(here, name), size, seed=len(name))
    with open(os.path.join(here, "large"), "rb") as large, open(os.path.join(here, "back", "resumed"), "wb") as part:
        part.write(large.read(LARGE_BYTES // 3))


class Witness:
    """Looks at what a driver left, by a connection of its own and with another library."""

    def __init__(self, here, sftp):
        self.here = here
        self.sftp = sftp

    def local(self, name):
        with open(os.path.join(self.here, name), "rb") as file:
            return file.read()

    def stored(self, name, wanted):
        with self.sftp.open(name, "rb") as file:
            file.prefetch()
            found = file.read()
        check(len(found) == len(wanted), f"{name} has {len(found)} bytes on the server, {len(wanted)} are due")
        check(found == wanted, f"{name} has other contents on the server")

    def came_back(self, name, wanted):
        path = os.path.join(self.here, "back", name)
        check(os.path.exists(path), f"{name} did not come back")
        check(os.path.getsize(path) == len(wanted), f"{name} came back with {os.path.getsize(path)} bytes, {len(wanted)} are due")
        check(sha256(path) == hashlib.sha256(wanted).hexdigest(), f"{name} came back changed")

    def gone(self, name):
        try:
            self.sftp.stat(name)
        except FileNotFoundError:
            return
        raise AssertionError(f"{name} is still on the server")


def _put(w):
    for name in ("large", "small", "empty"):
        w.stored(name, w.local(name))


def _get(w):
    for name in ("large", "small", "empty"):
        w.came_back(name, w.local(name))


def _patched(w):
    large, small = w.local("large"), w.local("small")
    w.stored("patched", large[:PATCH_AT] + small + large[PATCH_AT + len(small):])


def _renamed(w):
    w.stored("renamed", w.local("small"))
    w.gone("renaming")


def _renamed_over(w):
    w.stored("target", w.local("changed"))
    w.gone("target.filepart")


def _tree(w):
    for above, folders, files in os.walk(os.path.join(w.here, "tree")):
        there = os.path.relpath(above, w.here)
        check(sorted(w.sftp.listdir(there)) == sorted(folders + files), f"{there} holds {w.sftp.listdir(there)}")
        for name in files:
            path = os.path.join(there, name)
            w.stored(path, w.local(path))
            w.came_back(path, w.local(path))


def _globbed(w):
    found = sorted(os.listdir(os.path.join(w.here, "back", "globbed")))
    check(found == ["glob-a.txt", "glob-b.txt"], f"glob-*.txt fetched {found}")


def _unicode(w):
    """The same name composed and decomposed is two names."""
    w.stored(UNICODE, w.local("small"))
    w.stored(unicodedata.normalize("NFD", UNICODE), w.local("changed"))


def _dated(w):
    found = w.sftp.stat("dated")
    check(found.st_mtime == DATED, f"dated has the time {found.st_mtime}")


def _moded(w):
    found = stat.S_IMODE(w.sftp.stat("moded").st_mode)
    check(found == MODE, f"moded has the permissions {found:o}")


def _many(w):
    check(len(w.sftp.listdir("many")) == MANY, f"many holds {len(w.sftp.listdir('many'))} files")


def _removed(w):
    w.gone("removed")
    w.gone("removed-folder")


# Step: what the driver does, and what the witness must find.
STEPS = {
    "password": ("logs in with the password, asks where it is", lambda w: None),
    "put": ("sends large, small and empty, asks for their sizes", _put),
    "get": ("fetches large, small and empty to back/", _get),
    "resume-put": ("sends a third of large as resumed, closes; asks for its size and sends the rest from there",
                   lambda w: w.stored("resumed", w.local("large"))),
    "resume-get": ("back/resumed is a third of large: fetches the rest of it only", lambda w: w.came_back("resumed", w.local("large"))),
    "append": ("sends small as appended; opens it to append and writes changed",
               lambda w: w.stored("appended", w.local("small") + w.local("changed"))),
    "out-of-order": ("sends large as scattered in blocks of 256 KiB, the last one first",
                     lambda w: w.stored("scattered", w.local("large"))),
    "overwrite": ("sends large as patched; opens it again and writes small at 100,000", _patched),
    "truncate": ("sends large as cut; sets its size to 5,000", lambda w: w.stored("cut", w.local("large")[:CUT_BYTES])),
    "rename": ("sends small as renaming, renames it to renamed; renaming it to large, which exists, must fail", _renamed),
    "rename-over": ("sends small as target and changed as target.filepart; posix-rename of that over target", _renamed_over),
    "recursive": ("sends the folder tree, fetches it to back/tree", _tree),
    "glob": ("sends small as glob-a.txt, glob-b.txt and glob-c.dat; fetches glob-*.txt to back/globbed", _globbed),
    "unicode": ("sends small under a name composed, changed under the same decomposed; lists both", _unicode),
    "long-name": ("sends small under a name of 255 bytes; one of 256 must fail", lambda w: w.stored(LONG, w.local("small"))),
    "times": ("sends small as dated, sets its time to 1,000,000,000, asks for it", _dated),
    "permissions": ("sends small as moded, sets 0640, asks for it", _moded),
    "many": ("makes 300 empty files in the folder many, as many at once as it can, lists it", _many),
    "space": ("asks for the free space of the file system", lambda w: None),
    "links": ("symbolic links must be refused, and the session goes on", lambda w: w.gone("link")),
    "errors": ("what is missing, exists, or is not empty gives the status that is due", lambda w: None),
    "remove": ("sends small as removed, makes the folder removed-folder, removes both", _removed),
}


def judge(step, word, why, witness):
    """What is to be said of a step in the end: (ok | failed | absent, why)."""
    if word != "ok":
        return word, why
    try:
        STEPS[step][1](witness)
    except (AssertionError, OSError) as found:
        return "failed", f"it says ok, but: {found}"
    return "ok", ""
