"""What the two drivers in Python share: the environment, reading what is to be sent, and saying how each step went."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scenario"))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from scene import BLOCK_BYTES as BLOCK, CUT_BYTES as CUT, DATED, LONG, MANY, MODE, PATCH_AT, STEPS, UNICODE  # noqa: F401

PORT, USER = int(os.environ["INTEROP_PORT"]), os.environ["INTEROP_USER"]
PASSWORD, KEY, HERE = (os.environ[f"INTEROP_{name}"] for name in ("PASSWORD", "KEY", "HERE"))


class Absent(Exception):
    """The library cannot do this."""


def here(*names):
    return os.path.join(HERE, *names)


def read(name):
    with open(here(name), "rb") as file:
        return file.read()


def local_tree():
    """The paths of the folder tree, each after what it lies in, and whether it is a folder."""
    for above, folders, files in os.walk(here("tree")):
        folders.sort()
        yield os.path.relpath(above, HERE), True
        for name in files:
            yield os.path.join(os.path.relpath(above, HERE), name), False


def expect(found, due):
    if found != due:
        raise AssertionError(f"{found!r} came, {due!r} is due")


def refused(attempt, kind=Exception):
    try:
        attempt()
    except kind:
        return
    raise AssertionError("this was not refused")


def say(step, word, why=""):
    print(f"{word} {step}" + (f": {why}" if why else ""), flush=True)


def steps(take):
    for step in STEPS:
        try:
            take(step)
        except Absent as why:
            say(step, "absent", why)
        except Exception as why:
            say(step, "failed", f"{type(why).__name__}: {why}")
        else:
            say(step, "ok")
