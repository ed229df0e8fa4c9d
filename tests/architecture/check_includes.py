#!/usr/bin/env python3
"""Checks that the arrows between the folders of src/ point one way.

    check_includes.py SOURCE_DIR      every include against the tables below, and a README.md in every folder
    check_includes.py --self-test     that what must be found is found

The tables are what the design says that each folder may know. To add an arrow is a decision: change it here, with the
reason in docs/decisions/.
"""
import pathlib
import re
import sys
import tempfile

# From the bottom to the top; nobody includes from further up.
ORDER = ["base", "policy", "crypto", "sshwire", "channel", "journal", "store", "vault", "keeper", "ssh", "sftp", "scp", "https", "exposure",
         "notify", "incident", "siem", "sandbox", "supervisor", "processes", "drill", "cli"]

# What each folder may include besides itself. "proto" is generated from proto/.
MAY_INCLUDE = {
    "base": "",
    "policy": "base",                                                # pure: no clock, no disk, no keys
    "crypto": "base",
    "sshwire": "base crypto",
    "channel": "base proto",
    "journal": "base crypto proto",
    "store": "base crypto",
    "vault": "base policy crypto sshwire channel journal store proto",     # no network protocol, nothing that parses files
    "keeper": "base crypto vault",
    "ssh": "base crypto sshwire",                                    # knows no SFTP and no vault
    "sftp": "base crypto",                                           # hashes; knows no SSH and no vault
    "scp": "base sftp",                                              # the seams of sftp: file system, sink, paths
    "https": "base crypto sftp",                                     # the seams of sftp: file system, paths; knows no TLS
    "exposure": "base crypto",                                       # knows no server
    "notify": "base crypto exposure",                                 # exposure: what its outputs are made of
    "incident": "base crypto",                                        # logs of others; knows no server, reads no contents
    "siem": "base",
    "sandbox": "base",
    "supervisor": "base channel sandbox proto",
    # Processes by their own folders: an edge must not even be able to name the vault's code.
    "processes/common": "base crypto channel sandbox proto",
    "processes/content": "base crypto channel store proto",
    "processes/files": "base crypto channel store sftp proto processes/content",
    "processes/sftp_session": "base crypto channel store ssh sftp scp proto processes/common processes/content processes/files",
    "processes/https_session": "base crypto channel sftp https proto processes/common processes/files",
    "processes/analyst": "base crypto channel store exposure proto processes/common processes/content",
    "processes/forwarder": "base crypto channel sandbox",              # the network, and nothing of ours
    "processes/compactor": "base channel store proto processes/common processes/content",      # no crypto: it gets no key
    "processes/supervisor": "base supervisor",
    "processes/keeper": "base crypto keeper sandbox",
    "processes/vault": "base crypto channel journal store vault keeper sandbox proto",
    # The attacker: of the product's code only the sandbox that it is put into, and generated messages.
    "drill/wire": "",
    "drill/edge": "proto sandbox drill/wire",
    "drill/stage": "proto drill/wire",
    "drill/drills": "base proto drill/wire drill/stage",
    "drill/supervisor": "supervisor processes/supervisor",
    "drill": "base drill/wire drill/stage drill/drills",
    "cli": "base crypto channel journal exposure notify incident siem sandbox proto",      # asks the vault, opens nothing of its own; sandbox: for what reads archives
}

# Libraries that only some folders may see.
LIBRARY_ONLY_IN = {
    "sodium": "crypto",
    "seccomp": "sandbox",
    "sqlite3": "vault drill",  # an attacker with the database's credentials
    "toml++": "base exposure",
    "CLI": "cli",
    "cairo-pdf": "notify",
    "pango": "notify",
    "yaml": "notify",
    "simdjson": "notify incident",
    "zlib": "incident",
    "archive": "exposure",
    "archive_entry": "exposure",
    "expat": "exposure",
    "tss2": "keeper",
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def unit_of(path):
    """'src/processes/vault/main.cpp' -> 'processes/vault', 'src/ssh/x.h' -> 'ssh' (path relative to src)."""
    parts = path.split("/")
    return "/".join(parts[:2]) if parts[0] in ("processes", "drill") and len(parts) > 2 else parts[0]


def check_include(unit, quoted, target):
    """A sentence about what is wrong, or None."""
    if not quoted:
        library = re.split(r"[/.]", target)[0]
        home = LIBRARY_ONLY_IN.get(library)
        if home and unit.split("/")[0] not in home.split():
            return f"<{target}> may be included only in: {home}"
        return None
    if ".." in target.split("/") or "/" not in target:
        return f'"{target}" is not written as "folder/file.h"'
    other = unit_of(target)
    if other == unit:
        return None
    allowed = MAY_INCLUDE[unit].split()
    if other not in allowed:
        return f"{unit} may not know {other} (it may know: {', '.join(allowed) or 'nothing'})"
    return None


def check_tables():
    for unit, allowed in MAY_INCLUDE.items():
        place = ORDER.index(unit.split("/")[0])
        for other in allowed.split():
            if other != "proto" and ORDER.index(other.split("/")[0]) > place:
                yield f"the table lets {unit} include {other}, which is above it"


def check_tree(source):
    src = source / "src"
    for folder in sorted(path for path in src.iterdir() if path.is_dir()):
        if folder.name not in ORDER:
            yield f"src/{folder.name} is not in the order of folders"
        if not (folder / "README.md").is_file():
            yield f"src/{folder.name} has no README.md"
    for path in sorted(src.rglob("*")):
        if path.suffix not in (".h", ".cpp"):
            continue
        name = path.relative_to(src).as_posix()
        unit = unit_of(name)
        if unit not in MAY_INCLUDE:
            yield f"src/{name}: nothing says what {unit} may know"
            continue
        text = path.read_text(encoding="utf-8")
        for match in INCLUDE.finditer(text):
            wrong = check_include(unit, match.group(1) == '"', match.group(2))
            if wrong:
                line = text.count("\n", 0, match.start(1)) + 1
                yield f"src/{name}:{line}: {wrong}"


def self_test():
    bad = {
        "ssh/a.h": '#include "sftp/server.h"',
        "sftp/a.h": '#include "vault/vault.h"',
        "vault/a.cpp": "#include \"base/error.h\"\n#  include \"ssh/serve.h\"",
        "exposure/a.cpp": '#include "channel/client.h"',
        "supervisor/a.cpp": '#include "vault/vault.h"',
        "processes/sftp_session/a.cpp": '#include "vault/vault.h"',
        "processes/analyst/a.cpp": '#include "journal/journal.h"',
        "base/a.cpp": '#include "crypto/aead.h"',
        "base/b.cpp": '#include "fd.h"',
        "base/c.cpp": '#include "base/../crypto/aead.h"',
        "ssh/b.cpp": "#include <seccomp.h>",
        "drill/edge/a.cpp": '#include "channel/client.h"',
        "novel/a.cpp": '#include "base/error.h"',
    }
    good = {
        "ssh/good.cpp": '#include <vector>\n#include "sshwire/reader.h"\n#include "ssh/a.h"',
        "processes/vault/good.cpp": '#include "vault/vault.h"\n#include "processes/vault/loop.h"',
        "sandbox/good.cpp": "#include <seccomp.h>",
    }
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in {**bad, **good}.items():
            path = root / "src" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text + "\n", encoding="utf-8")
        found = list(check_tree(root))
        missed = [name for name in bad if not any(line.startswith(f"src/{name}:") for line in found)]
        wronged = [line for line in found if any(line.startswith(f"src/{name}:") for name in good)]
        if not any("src/ssh has no README.md" in line for line in found):
            missed.append("a folder without README.md")
        return [f"not found: {name}" for name in missed] + [f"found without reason: {line}" for line in wronged]


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    if sys.argv[1] == "--self-test":
        problems = self_test()
    else:
        problems = [*check_tables(), *check_tree(pathlib.Path(sys.argv[1]))]
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
