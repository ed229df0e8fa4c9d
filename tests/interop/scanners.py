"""What people point at an SSH server to find fault with it: ssh-audit (Debian's and the newest), the Terrapin scanner, nmap."""
import json
import os
import re
import shutil
import subprocess

import builds
from builds import Absent

SCAN_TIMEOUT_S = 120

# What a scanner says and we leave so, with the reason. Anything else of its [fail] and [warn] lines is a failure.
LEFT_SO = {
    "unknown algorithm": "ssh-audit 2.5.0 of 2021 does not know it",
    "does not provide protection against post-quantum attacks": "for clients from before 2024, which know no hybrid",
    "using encrypt-and-MAC mode": "offered last, for old clients: docs/decisions/0012-compatible-profile.md",
}


def run(command, codes=(0,)):
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=SCAN_TIMEOUT_S, check=False)
    if done.returncode not in codes:
        raise AssertionError(f"{os.path.basename(command[0])} ended with {done.returncode}: {done.stderr[-300:]}")
    return done.stdout


def audited(text):
    """(level, about what, what is said) of every line that is a warning or a failure; continued lines are about the one before."""
    found, about = [], ""
    for line in text.splitlines():
        if head := re.match(r"\((\w+)\) (\S+)", line):
            about = f"{head[1]} {head[2]}"
        if said := re.search(r"-- \[(fail|warn)\] (.*)|`- \[(fail|warn)\] (.*)", line):
            found.append((said[1] or said[3], about, said[2] or said[4]))
    return found


def ssh_audit(bench, command, version):
    # Its exit status says how bad the worst is: 0 nothing, 2 a warning, 3 a failure; 1 is an error of its own.
    text = run([*command, "-n", "-p", str(bench.port), "127.0.0.1"], codes=(0, 2, 3))
    if "(kex)" not in text or "(enc)" not in text:
        raise AssertionError(f"ssh-audit saw no algorithms: {text[-300:]}")
    bad, left = [], {}
    for level, about, said in audited(text):
        if level == "warn" and said in LEFT_SO:
            left.setdefault(said, []).append(about)
        else:
            bad.append(f"[{level}] {about}: {said}")
    remains = "; ".join(f"left so: {', '.join(abouts)}: {said} ({LEFT_SO[said]})" for said, abouts in left.items())
    if bad:
        return "failed", "; ".join([*bad, remains]), version
    return "ok", "no [fail], no other [warn]" + (f"; {remains}" if remains else ""), version


def audit_debian(bench):
    path = builds.tool("ssh-audit")
    version = re.search(r"v([\d.]+)", run([path, "-h"], codes=(0, 1)))
    return ssh_audit(bench, [path], version[1] if version else "")


def audit_newest(bench):
    python = builds.virtual_environment(bench.work, "ssh-audit")
    version = re.search(r"v([\d.]+)", run([os.path.join(os.path.dirname(python), "ssh-audit"), "--help"], codes=(0, 1)))
    return ssh_audit(bench, [os.path.join(os.path.dirname(python), "ssh-audit"), "--skip-rate-test"], version[1] if version else "")


def terrapin(bench):
    """Whether prefix truncation (CVE-2023-48795) works: by what is offered, and by whether strict key exchange is."""
    path = shutil.which("Terrapin-Scanner") or os.path.join(bench.work, "Terrapin-Scanner")
    if not os.path.exists(path):
        builds.tool("go")
        try:
            builds.call(["go", "install", "github.com/RUB-NDS/Terrapin-Scanner@latest"], bench.work, [r"\b40[34]\b", "dial tcp", "i/o timeout"],
                        GOBIN=bench.work)
        except Absent as why:
            raise Absent(f"Terrapin-Scanner is not in PATH, and {why}") from None
    said = json.loads(run([path, "--connect", f"127.0.0.1:{bench.port}", "--json"]))
    report = said.get("Report", said)
    if report.get("Vulnerable") is not False or report.get("SupportsStrictKex") is not True:
        return "failed", json.dumps(report), ""
    return "ok", "not vulnerable, strict key exchange", ""


def nmap(bench):
    path = builds.tool("nmap")
    text = run([path, "-Pn", "-n", "-sV", "-p", str(bench.port), "--script", "ssh2-enum-algos,ssh-hostkey,ssh-auth-methods", "127.0.0.1"])
    for due in ("open  ssh", "ssh2-enum-algos", "Supported authentication methods", "publickey", "password"):
        if due not in text:
            return "failed", f"its report lacks '{due}': {' '.join(text.split())[-400:]}", ""
    return "ok", "version, algorithms, host keys and methods of log-in read", re.search(r"Nmap ([\d.]+)", text)[1]


SCANNERS = {
    "ssh-audit-debian": ("ssh-audit (Debian)", audit_debian),
    "ssh-audit": ("ssh-audit (PyPI)", audit_newest),
    "terrapin": ("Terrapin scanner", terrapin),
    "nmap": ("nmap's ssh scripts", nmap),
}
