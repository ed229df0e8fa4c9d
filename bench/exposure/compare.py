#!/usr/bin/env python3
"""How fast `bulkhead scan` is, beside ripgrep on the same bytes, and only where its answer is right.

    bench/exposure/compare.py --build build/release [--people 400000] [--only 834,837,delimited,all] [--jobs 1,2]

For each format the labelled corpus is generated (bench/generate), ripgrep counts one pattern of an SSN in its files,
`bulkhead scan` reads them with all outputs, and bench/score scores the persons of that very run. Then the same
without persons.ndjson: what reading and resolving alone take.

`all` is the whole corpus, and must reach the bar. Claims or spreadsheets alone may miss it: some of their people are
told to be one only by the other files.

Rates by phase are by the clock. "of ripgrep" compares CPU seconds, which hold on a machine that does other things too.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

SSN = r"\b\d{3}-?\d{2}-?\d{4}\b"
TOOK = re.compile(r"in ([0-9.]+) s, resolved in ([0-9.]+) s, wrote in ([0-9.]+) s")


def files_in(folder):
    return sorted(os.path.join(where, name) for where, _, names in os.walk(folder) for name in names)


def generate(build, folder, form, people):
    only = [] if form == "all" else ["--only", form]
    subprocess.run([f"{build}/bin/bulkhead-generate", "--out", folder, "--corpus", "--people", str(people), *only],
                   check=True)


def ripgrep_seconds(paths):
    """CPU seconds, the best of three; one thread, the cache warm."""
    best = None
    for _ in range(3):
        child = subprocess.Popen(["rg", "--threads", "1", "-c", "-a", "--no-messages", SSN, *paths],
                                 stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        took = usage.ru_utime + usage.ru_stime
        best = took if best is None else min(best, took)
    return best


class Run:
    """One scan: seconds by phase, CPU seconds, the peak of its memory."""

    def __init__(self, command):
        start = time.monotonic()
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        words = child.stderr.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode not in (0, 3):
            sys.exit(f"bulkhead scan ended with {child.returncode}: {words}")
        self.wall = time.monotonic() - start
        self.cpu = usage.ru_utime + usage.ru_stime
        self.memory = usage.ru_maxrss * 1024
        self.read, self.resolve, self.write = (float(part) for part in TOOK.search(words).groups())


def score(truth, persons):
    """(reaches the bar, what to say of it) of the persons that the measured run wrote."""
    with tempfile.NamedTemporaryFile(suffix=".json") as figures:
        done = subprocess.run([sys.executable, os.path.join(os.path.dirname(__file__), "..", "score"), truth, persons,
                               "--json", figures.name], stdout=subprocess.DEVNULL, check=False)
        rows = json.load(open(figures.name, encoding="utf-8"))
    together = rows[-1]
    said = (f"{together['found']} found of {together['true']}, recall {together['recall']:.4f}, precision "
            f"{together['precision']:.4f}, elements {together['element_recall']:.4f}/{together['element_precision']:.4f}")
    return done.returncode == 0, said


def measure(options, form, folder):
    generate(options.build, folder, form, options.people)
    files, persons = f"{folder}/files", f"{folder}/persons.ndjson"
    paths = files_in(files)
    size = sum(os.path.getsize(path) for path in paths)
    for path in paths:  # into the cache
        with open(path, "rb") as content:
            while content.read(1 << 20):
                pass
    yardstick = size / ripgrep_seconds(paths) / 1e6
    print(f"\n{form}: {size / 1e6:.0f} MB, ripgrep {yardstick:.0f} MB/CPU s")
    print(f"  {'jobs':<6}{'outputs':<16}{'read MB/s':>10}{'+resolve':>10}{'end to end':>11}{'CPU s':>8}{'MB/CPU s':>10}{'of ripgrep':>12}"
          f"{'memory MB':>11}{'written MB':>11}  persons")
    for jobs in options.jobs:
        for outputs in ("all", "totals"):
            command = [f"{options.build}/bin/bulkhead", "scan", files, "--jobs", str(jobs), "--summary",
                       f"{folder}/summary.json"]
            if outputs == "all":
                command += ["--out", persons]
            run = Run(command)
            right, said, written = True, "", 0
            if outputs == "all":
                written = os.path.getsize(persons)
                right, said = score(f"{folder}/truth.ndjson", persons)
            rates = [size / seconds / 1e6 for seconds in (run.read, run.read + run.resolve, run.wall)]
            print(f"  {jobs:<6}{outputs:<16}{rates[0]:>10.0f}{rates[1]:>10.0f}{rates[2]:>11.0f}"
                  f"{run.cpu:>8.2f}{size / run.cpu / 1e6:>10.0f}{size / run.cpu / 1e6 / yardstick:>12.2f}{run.memory / 1e6:>11.0f}{written / 1e6:>11.0f}  {said}")
            if form == "all" and not right:
                sys.exit("the persons are below the bar: these figures count for nothing")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--people", type=int, default=400_000)
    parser.add_argument("--only", default="834,837,delimited,all")
    parser.add_argument("--jobs", default="1,2")
    parser.add_argument("--folder", help="where to put the files; a temporary folder if not given")
    options = parser.parse_args()
    options.jobs = [int(jobs) for jobs in options.jobs.split(",")]
    for form in options.only.split(","):
        folder = tempfile.mkdtemp(prefix="bulkhead-bench-", dir=options.folder)
        try:
            measure(options, form, folder)
        finally:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
