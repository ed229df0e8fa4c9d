"""What people point at a server to find fault with it: ssh-audit (Debian's and the newest), the Terrapin scanner, nmap;
testssl.sh at its HTTPS."""
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


# The same of testssl.sh, by the names of its findings. All are about the certificate, which a deployment makes for itself
# until somebody gives it a better one.
TLS_LEFT_SO = {
    "cert_chain_of_trust": "self-signed",
    "cert_crlDistributionPoint": "self-signed",
    "cert_ocspURL": "self-signed",
    "cert_revocation": "self-signed",
    "OCSP_stapling": "self-signed",
    "cert_extlifeSpan": "self-signed for a year",
    "cert_validityPeriod": "self-signed for a year",
    "DNS_CAArecord": "localhost has no such record",
}
TLS_TIMEOUT_S = 900  # it starts thousands of processes


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


def testssl(bench):
    """Every protocol, suite and group that it knows, and the weaknesses with names; and that some were looked for at all."""
    path = builds.tool("testssl")
    report = os.path.join(bench.work, "testssl.json")
    if os.path.exists(report):
        os.remove(report)
    subprocess.run([path, "--quiet", "--color", "0", "--warnings", "batch", "--ip", "one", "--jsonfile", report, "-p", "-s", "-f", "-P",
                    "-S", "-U", "-E", f"https://127.0.0.1:{bench.deployment.server.https_port}"], capture_output=True,
                   stdin=subprocess.DEVNULL, timeout=TLS_TIMEOUT_S, check=False)
    with open(report, encoding="utf-8") as file:
        found = {each["id"].split(" ")[0]: each for each in json.load(file)}
    offered = [name for name in ("SSLv2", "SSLv3", "TLS1", "TLS1_1", "TLS1_2", "TLS1_3") if found[name]["finding"].startswith("offered")]
    if offered != ["TLS1_3"]:
        return "failed", f"protocols: {offered}", ""
    for resumption in ("sessionresumption_ticket", "sessionresumption_ID"):
        if not any(words in found[resumption]["finding"] for words in ("not supported", "no resumption")):
            return "failed", f"{resumption}: {found[resumption]}", ""
    worse = {name: each for name, each in found.items() if each["severity"] in ("LOW", "MEDIUM", "HIGH", "CRITICAL", "FATAL")}
    bad = [f"[{each['severity']}] {name}: {each['finding']}" for name, each in worse.items() if name not in TLS_LEFT_SO]
    left = "; ".join(f"left so: {name} ({TLS_LEFT_SO[name]})" for name in worse if name in TLS_LEFT_SO)
    version = re.search(r"(\d+\.\d+\.\d+)", run([path, "--version"], codes=(0, 1)))
    if bad:
        return "failed", "; ".join([*bad, left]), version[1] if version else ""
    return "ok", f"TLS 1.3 only, {len(found)} findings, none bad" + (f"; {left}" if left else ""), version[1] if version else ""


SCANNERS = {
    "ssh-audit-debian": ("ssh-audit (Debian)", audit_debian),
    "ssh-audit": ("ssh-audit (PyPI)", audit_newest),
    "terrapin": ("Terrapin scanner", terrapin),
    "nmap": ("nmap's ssh scripts", nmap),
    "testssl": ("testssl.sh", testssl),
}
