"""The corpus of 4000 people is generated, scanned and scored; bench/score says whether the bar is reached."""
import os
import subprocess
import sys
import tempfile


def main():
    generate, bulkhead = sys.argv[1:3]
    score = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "score")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([generate, "--out", folder, "--corpus", "--people", "4000", "--seed", "5"], check=True)
        persons = os.path.join(folder, "persons.ndjson")
        scanned = subprocess.run([bulkhead, "scan", os.path.join(folder, "files"), "--out", persons],
                                 stdout=subprocess.DEVNULL, check=False)
        if scanned.returncode not in (0, 3):  # 3: the log is not a format that is read
            return f"bulkhead scan ended with {scanned.returncode}"
        return subprocess.run([sys.executable, score, os.path.join(folder, "truth.ndjson"), persons],
                              check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
