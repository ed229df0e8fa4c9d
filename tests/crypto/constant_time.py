#!/usr/bin/env python3
"""No branch and no index may depend on a secret: runs test-constant-time under valgrind's memcheck.

    constant_time.py BUILD_FOLDER

Ends with 77 (skipped) where valgrind is missing."""
import shutil
import subprocess
import sys

SKIPPED = 77
FOUND = 99


def errors(program, what):
    run = subprocess.run(["valgrind", "--quiet", f"--error-exitcode={FOUND}", program, what],
                         capture_output=True, text=True, timeout=280)
    if run.returncode not in (0, FOUND):
        sys.exit(f"{program} {what} ended with {run.returncode}: {run.stderr}")
    return run.returncode == FOUND, run.stdout + run.stderr


def main():
    if shutil.which("valgrind") is None:
        print("skipped: valgrind is not installed")
        return SKIPPED
    program = sys.argv[1] + "/bin/test-constant-time"
    found, text = errors(program, "leak")
    if not found:
        sys.exit("a branch on a secret was not found: this test shows nothing\n" + text)
    found, text = errors(program, "ml-kem")
    if found or text:
        sys.exit("ML-KEM-768 branches or indexes on a secret:\n" + text)
    return 0


sys.exit(main())
