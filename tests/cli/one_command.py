"""What the tests of single commands share: running `bulkhead` once and looking at how it ended."""
import os
import subprocess
import sys

PROGRAM = os.path.abspath(sys.argv[1])


def check(held, what):
    if not held:
        raise AssertionError(what)


def call(folder, *arguments, code=0):
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=60, cwd=folder)
    check(done.returncode == code, f"{arguments}: exit {done.returncode} instead of {code}: {done.stdout}{done.stderr}")
    return done
