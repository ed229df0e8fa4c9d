"""How each driver is made: sources from this folder, libraries by their language's own package client, all in build/interop.

Each maker returns (command, version or None where the driver says it). Absent: what it takes is not on this machine.
"""
import json
import os
import re
import shutil
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
DEBIAN_PYTHON = "/usr/bin/python3"
BUILD_TIMEOUT_S = 1800


class Absent(Exception):
    """A client is not to be had on this machine."""


class Broken(Exception):
    """A driver does not build although everything that it takes is there."""


def tool(name):
    path = shutil.which(name)
    if path is None:
        raise Absent(f"{name} is not installed")
    return path


def call(arguments, folder, unreachable=(), **environment):
    """What it said. A package client that says one of `unreachable` did not get what it asked for."""
    done = subprocess.run(arguments, cwd=folder, env=os.environ | environment, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=BUILD_TIMEOUT_S, check=False)
    if done.returncode != 0:
        last = " ".join(done.stdout.split("\n")[-12:])[-600:]
        if re.search("|".join(unreachable) or r"(?!)", done.stdout):
            raise Absent(f"its packages cannot be had: {last}")
        raise Broken(f"{os.path.basename(arguments[0])} ended with {done.returncode}: {last}")
    return done.stdout


def fresh_copy(part, work):
    """The sources of one driver, beside what earlier runs left there."""
    folder = os.path.join(work, part)
    shutil.copytree(os.path.join(HERE, part), folder, dirs_exist_ok=True)
    return folder


def go(work):
    tool("go")
    folder = fresh_copy("go", work)
    call(["go", "build", "-o", "driver", "."], folder, ["dial tcp", "Forbidden", "i/o timeout", "requires go", "no such host"],
         GOFLAGS="-mod=mod")
    modules = dict(line.split()[:2] for line in call(["go", "list", "-m", "all"], folder).splitlines() if " " in line)
    return [os.path.join(folder, "driver")], f"x/crypto {modules['golang.org/x/crypto']}, pkg/sftp {modules['github.com/pkg/sftp']}"


def rust(work):
    tool("cargo")
    folder = fresh_copy("rust", work)
    call(["cargo", "build", "--release", "--quiet"], folder,
         ["failed to download", "failed to get", "Could not resolve", "rustc .* is not supported"])
    lock = open(os.path.join(folder, "Cargo.lock"), encoding="utf-8").read()
    versions = dict(re.findall(r'name = "(russh|russh-sftp)"\nversion = "([^"]*)"', lock))
    return [os.path.join(folder, "target", "release", "interop-russh")], f"russh {versions['russh']}, russh-sftp {versions['russh-sftp']}"


def npm(work, driver, package):
    tool("npm")
    node = tool("node")
    folder = fresh_copy("npm", work)
    call(["npm", "install", "--silent", "--no-audit", "--no-fund", "--no-package-lock"], folder,
         ["ENOTFOUND", "E403", "E404", "ETIMEDOUT", "ECONNREFUSED", "^\\s*$"])
    with open(os.path.join(folder, "node_modules", package, "package.json"), encoding="utf-8") as file:
        version = json.load(file)["version"]
    return [node, os.path.join(folder, driver)], version


def maven(work, driver, artifact):
    java = tool("java")
    folder = fresh_copy("java", work)
    call([tool("mvn"), "-q", "-B", "package", "dependency:copy-dependencies", "-DincludeScope=runtime"], folder,
         ["Could not resolve", "Could not transfer", "was not found in", "Unknown host"])
    jars = os.listdir(os.path.join(folder, "target", "dependency"))
    version = next(found.group(1) for jar in jars if (found := re.fullmatch(rf"{artifact}-(\d.*)\.jar", jar)))
    return [java, "-cp", "target/classes:" + ":".join(f"target/dependency/{jar}" for jar in sorted(jars)), driver], version, folder


def virtual_environment(work, package):
    """The Python of one in which the newest of a package on PyPI is installed."""
    folder = os.path.join(work, f"pypi-{package}")
    python = os.path.join(folder, "bin", "python")
    if not os.path.exists(python):
        try:
            call([DEBIAN_PYTHON, "-m", "venv", folder], work)
        except (Broken, OSError) as why:
            raise Absent(f"python3-venv is not installed: {why}") from None
    call([python, "-m", "pip", "install", "--quiet", "--upgrade", "--disable-pip-version-check", package], work,
         ["No matching distribution", "Could not find a version", "connection", "Forbidden"])
    return python


def pypi(work, driver, package):
    """The newest, beside Debian's own."""
    return [virtual_environment(work, package), "-B", os.path.join(HERE, "python", driver)], None


def debian_python(work, driver, package):
    if subprocess.run([DEBIAN_PYTHON, "-c", f"import {package}"], capture_output=True, check=False).returncode != 0:
        raise Absent(f"python3-{package} is not installed")
    return [DEBIAN_PYTHON, "-B", os.path.join(HERE, "python", driver)], None


def c_program(work, driver, library):
    compiler = tool("cc")
    if subprocess.run(["pkg-config", "--exists", library], capture_output=True, check=False).returncode != 0:
        raise Absent(f"{library} is not installed")
    folder = fresh_copy("c", work)
    flags = call(["pkg-config", "--cflags", "--libs", library], folder).split()
    program = os.path.join(folder, driver)
    call([compiler, "-std=gnu17", "-O1", "-g", "-Wall", "-Wextra", "-o", program, f"{driver}.c", "story.c", *flags], folder)
    return [program], call(["pkg-config", "--modversion", library], folder).strip()
