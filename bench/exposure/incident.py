#!/usr/bin/env python3
"""How long `bulkhead exposure` takes from sealed findings to persons.

    bench/exposure/incident.py --build build/release [--files 1000] [--persons 5000]

A deployment gets so many files with so many person records each (one in ten people stands in two files), which are read
as they arrive; that is not measured. Then an officer asks for all that was released: seconds, peak of memory, persons. The
figure counts only if every person is there once.
"""
import argparse
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tests/scenario"))
from deployment import Deployment  # noqa: E402

FIRST = ["MARY", "JAMES", "LINDA", "ROBERT", "SUSAN", "JOHN", "KAREN", "DAVID", "NANCY", "PAUL"]


def word(number):
    letters = ""
    while True:
        letters += "BCDFGKLMNPRSTVZ"[number % 15] + "AEIOU"[number // 15 % 5]
        number //= 75
        if number == 0:
            return letters


def row(person):
    """Made up; numbers of nine digits that no two of them share."""
    ssn = 100_000_000 + person * 97 % 560_000_000
    return (f"{ssn:09},{word(person * 7919 % 400_000)},{FIRST[person % 10]},{1930 + person % 85}-{person % 12 + 1:02}-{person % 28 + 1:02},"
            f"{person % 9000 + 1} MAIN ST,ROLLA,MO,65401\n")


def write(path, file, persons):
    own = file * persons
    with open(path, "w", encoding="ascii") as out:
        out.write("SSN,LAST NAME,FIRST NAME,DATE OF BIRTH,ADDRESS,CITY,STATE,ZIP\n")
        for place in range(persons):
            # One in ten is also a person of the file before.
            out.write(row(own - persons + place + 1 if file and place % 10 == 0 else own + place))


def distinct(files, persons):
    return files * persons - (files - 1) * len(range(0, persons, 10))


def measured(arguments):
    start = time.monotonic()
    child = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    said = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, child.returncode, said


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--build", required=True)
    options.add_argument("--files", type=int, default=1000)
    options.add_argument("--persons", type=int, default=5000)
    options = options.parse_args()
    with Deployment(os.path.abspath(options.build), organisation="agency") as deployment:
        deployment.init()
        deployment.add_user("agnes")
        deployment.run("folder", "add", "/in", "--member", "agnes:read,write,list,delete")
        deployment.start()
        began = time.monotonic()
        for first in range(0, options.files, 50):
            batch = ""
            for file in range(first, min(first + 50, options.files)):
                write(deployment.path(f"f{file}"), file, options.persons)
                batch += f"put {deployment.path(f'f{file}')} /in/f{file}.csv\n"
            deployment.sftp("agnes", batch)
            for file in range(first, min(first + 50, options.files)):
                os.unlink(deployment.path(f"f{file}"))
        deployment.wait_until_analysed()
        print(f"{options.files} files with {options.persons} person records each, sent and analysed in {time.monotonic() - began:.0f} s")
        out = deployment.path("persons.ndjson")
        took, cpu, mib, code, said = measured(
            [os.path.join(deployment.programs, "bin", "bulkhead"), "exposure", "--data", deployment.data, "--incident-key",
             deployment.path("incident-key"), "--out", out, "--summary", deployment.path("summary.json"), "--as-of", "2023-06-01"])
        with open(out, "rb") as file:
            came = sum(1 for _ in file)
        due = distinct(options.files, options.persons)
        print(f"exposure: {took:.1f} s, {cpu:.1f} s of CPU, {mib:.0f} MiB at most, exit {code}, {came} persons of {due}, "
              f"persons.ndjson {os.path.getsize(out) / 2**20:.0f} MiB")
        if code != 0 or came != due:
            print(re.sub(r"\n\n+", "\n", said)[-1500:])
            sys.exit("the answer is wrong: the figure does not count")


main()
