#!/usr/bin/env python3
"""What a program must not even contain: an edge's binary holds none of the vault's code, the vault's no network protocol.

    check_links.py FOLDER_OF_THE_BUILD_TREE
"""
import pathlib
import subprocess
import sys

# program under libexec/, namespaces that must be in it (or the check would see nothing), namespaces that must not
RULES = [
    ("bulkhead-sftp-session", ["ssh", "sftp", "store"], ["vault", "journal", "keeper", "supervisor", "exposure"]),
    ("bulkhead-https-session", ["https", "sftp", "store"], ["vault", "journal", "keeper", "supervisor", "exposure", "ssh", "scp"]),
    ("bulkhead-analyst", ["exposure", "store"], ["vault", "journal", "keeper", "supervisor", "ssh", "sftp"]),
    ("bulkhead-compactor", ["store"], ["vault", "journal", "keeper", "supervisor", "ssh", "sftp", "exposure"]),
    ("bulkhead-vault", ["vault", "journal", "keeper", "sandbox"], ["ssh", "sftp", "https", "exposure"]),
    ("bulkhead-keeper", ["keeper", "sandbox"], ["journal", "ssh", "sftp", "exposure", "store", "supervisor"]),
    ("bulkhead-forwarder", ["channel", "sandbox"], ["vault", "journal", "keeper", "supervisor", "ssh", "sftp", "exposure", "siem"]),
    ("bulkhead-supervisor", ["supervisor"], ["vault", "keeper", "ssh", "sftp", "exposure", "store"]),
    # Generated messages are in the namespace channel; that nothing else of it is included is check_includes.py's.
    ("drill/drill-edge", ["drill", "sandbox"],
     ["vault", "journal", "keeper", "supervisor", "ssh", "sftp", "scp", "store", "crypto", "processes"]),
]
# Libraries that read what hardware or modules of others say: nobody but the keeper, and there only its child, has them.
ONLY_IN = {"libtss2": "bulkhead-keeper"}


def libraries(program):
    return subprocess.run(["readelf", "--dynamic", program], check=True, capture_output=True, text=True).stdout


def defined_symbols(program):
    listed = subprocess.run(["nm", "--demangle", "--defined-only", program], check=True, capture_output=True, text=True)
    return [line.split(maxsplit=2)[2] for line in listed.stdout.splitlines() if len(line.split(maxsplit=2)) == 3]


def has(symbols, namespace):
    prefix = f"bulkhead::{namespace}::"
    return next((name for name in symbols if name.startswith(prefix)), None)


def main(build):
    failures = []
    for program, wanted, banned in RULES:
        symbols = defined_symbols(build / "libexec" / program)
        failures += [f"{program}: nothing of {name} is in it: does this check still see it?"
                     for name in wanted if not has(symbols, name)]
        failures += [f"{program} contains {has(symbols, name)}" for name in banned if has(symbols, name)]
    for library, keeper in ONLY_IN.items():
        having = {program.name for program in [*(build / "libexec").glob("bulkhead-*"), build / "bin/bulkhead"]
                  if program.is_file() and f"[{library}" in libraries(program)}
        if having != {keeper}:
            failures.append(f"{library} is linked by {sorted(having)}, not by {keeper} alone")
    for failure in failures:
        print(failure)
    if not failures:
        print(f"{len(RULES)} programs contain what they should and nothing that they should not")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
