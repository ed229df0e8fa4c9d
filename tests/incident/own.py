"""`bulkhead exposure` on a deployment: who and what is chosen, what the officer explains, what is known to have leaked.

    own.py FOLDER_OF_THE_BUILD_TREE
"""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../scenario"))
from deployment import Deployment, check, need, run, step  # noqa: E402

try:
    import jsonschema
except ImportError:
    jsonschema = None

PEOPLE = {"a.csv": ["ADAMS", "BAKER"], "b.csv": ["CLARK"], "c.csv": ["DAVIS", "EVANS", "FRANK"]}


def table(lasts):
    rows = ["SSN,LAST NAME,FIRST NAME,DATE OF BIRTH"]
    rows += [f"22011{sum(map(ord, last)):04},{last},MARY,19{40 + len(last)}-03-09" for last in lasts]
    return "\n".join(rows) + "\n"


def set_up(deployment):
    deployment.init()
    for name in ("agnes", "paul"):
        deployment.add_user(name)
    deployment.run("folder", "add", "/out", "--member", "agnes:read,write,list,delete", "--member", "paul:read,list")
    for name, lasts in PEOPLE.items():
        with open(deployment.path(name), "w", encoding="ascii") as file:
            file.write(table(lasts))


def ask(deployment, *arguments, code=0):
    out, releases = deployment.path("persons.ndjson"), deployment.path("releases.ndjson")
    for path in (out, releases):
        if os.path.exists(path):
            os.unlink(path)
    done = deployment.run("exposure", "--incident-key", deployment.path("incident-key"), "--out", out, "--releases", releases,
                          *arguments, code=code)
    with open(out, encoding="utf-8") as file:
        lasts = {name["last"] for line in file for name in json.loads(line)["names"]}
    with open(releases, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/schemas/releases.schema.json"),
              encoding="utf-8") as file:
        schema = json.load(file)
    for line in lines if jsonschema else []:
        jsonschema.validate(line, schema)
    return lasts, lines, done


def choices(deployment):
    step("sessions, users, addresses, files, or all of it")
    everybody = {last for lasts in PEOPLE.values() for last in lasts}
    check(ask(deployment)[0] == everybody, "all that was released")
    lasts, lines, _ = ask(deployment, "--user", "paul")
    check(lasts == set(PEOPLE["a.csv"] + PEOPLE["b.csv"]), f"what paul read: {lasts}")
    check(all(line["user"] == "paul" and line["certainty"] == "certain" and line["why"].startswith("keys to its contents")
              for line in lines), f"{lines}")
    check(ask(deployment, "--user", "paul", "--user", "agnes")[0] == everybody, "two users")
    check(ask(deployment, "--user", "paul", "--file", "/out/b.csv")[0] == set(PEOPLE["b.csv"]), "one file")
    check(ask(deployment, "--file", "/out/b.csv", "--file", "/out/c.csv")[0] == set(PEOPLE["b.csv"] + PEOPLE["c.csv"]), "two files")
    check(ask(deployment, "--address", "127.0.0.1")[0] == everybody, "the address of all")
    check(ask(deployment, "--address", "192.0.2.9")[0] == set(), "an address of nobody")
    sessions = sorted({line["source"].removeprefix("journal:") for line in lines})
    check(len(sessions) == 2, f"paul had {sessions}")
    check(ask(deployment, *[each for session in sessions for each in ("--session", session)])[0] == lasts, "two sessions")
    check(ask(deployment, "--session", sessions[0])[0] == set(PEOPLE["a.csv"]), "one session")

    step("whoever is not there, and whoever is another's, look the same")
    for arguments in (("--user", "nobody"), ("--session", "s-999999")):
        lasts, lines, done = ask(deployment, *arguments)
        check(not lasts and not lines and "Nothing was released" in done.stdout and "looks the same" in done.stderr, done.stdout)


def explained(deployment):
    step("explained: only where the officer says so, with a reason, and as always")
    rules = deployment.path("rules.yaml")

    def write(text):
        with open(rules, "w", encoding="utf-8") as file:
            file.write(text)

    rule = "explained:\n  - user: paul\n    address: 127.0.0.1\n    folder: /out\n    reason: nightly fetch by the partner\n"
    everybody = {last for lasts in PEOPLE.values() for last in lasts}
    write(rule)
    lasts, lines, done = ask(deployment, "--since", "2020-01-01", "--explained", rules, "--user", "paul")
    check(lasts == set(PEOPLE["a.csv"] + PEOPLE["b.csv"]), "nothing came before, so nothing is as always")
    check("not as always: on 0 earlier days only" in done.stdout, done.stdout)
    write(rule + "    as_always: false\n")
    lasts, lines, done = ask(deployment, "--since", "2020-01-01", "--explained", rules, "--user", "paul")
    check(lasts == set() and "explained and left out" in done.stdout and all(line["explained"] for line in lines), f"{lasts} {done.stdout}")
    check("nightly fetch by the partner" in lines[0]["explanation"], f"{lines[0]}")
    lasts, _, _ = ask(deployment, "--since", "2020-01-01", "--explained", rules)
    check(lasts == everybody, "what agnes sent is not explained by what paul fetched")
    write(rule.replace("paul", "agnes") + "    as_always: false\n")
    lasts, lines, _ = ask(deployment, "--since", "2020-01-01", "--explained", rules, "--user", "agnes")
    check(lasts == everybody and not any(line["explained"] for line in lines), f"what agnes sent is nobody's fetching: {lasts}")
    since = ("--since", "2020-01-01")
    for arguments in (("--explained", rules), ("--explained", rules, *since, "--session", "s-1"),
                      ("--explained", rules, *since, "--leaked", rules)):
        done = deployment.run("exposure", "--incident-key", deployment.path("incident-key"), *arguments, code=2)
        check("--explained" in done.stderr, done.stderr)
    write("explained:\n  - user: paul\n    reason: because\n")
    done = deployment.run("exposure", "--incident-key", deployment.path("incident-key"), "--since", "2020-01-01", "--explained", rules,
                          code=1)
    check("rules.yaml:2" in done.stderr and "missing" in done.stderr, done.stderr)


def leaked(deployment):
    step("what is known to have leaked, by name and size, also of versions that are overwritten")
    with open(deployment.path("old.csv"), "w", encoding="ascii") as file:
        file.write(table(["GREEN", "HUGHES", "IRVING", "JAMES"]))
    deployment.sftp("agnes", f"put {deployment.path('old.csv')} /out/v.csv\nput {deployment.path('b.csv')} /out/v.csv\n")
    deployment.wait_until_analysed()
    recovered = deployment.path("recovered")
    os.makedirs(recovered)
    os.link(deployment.path("old.csv"), os.path.join(recovered, "v.csv"))
    lasts, lines, done = ask(deployment, "--leaked", recovered)
    check(lasts == {"GREEN", "HUGHES", "IRVING", "JAMES"}, f"the version of that size: {lasts}")
    check("overwritten" in lines[0]["why"] and "its name and size" in lines[0]["why"], f"{lines[0]}")
    listing = deployment.path("site.txt")
    with open(listing, "w", encoding="ascii") as file:
        file.write("stolen/out/c.csv\nstolen/never.csv\n")
    lasts, lines, done = ask(deployment, "--leaked", listing, code=3)
    check(lasts == set(PEOPLE["c.csv"]) and "never.csv" in done.stdout, f"{lasts} {done.stdout}")
    with open(listing, "w", encoding="ascii") as file:
        file.write("d41d8cd98f00b204e9800998ecf8427e\n")
    done = deployment.run("exposure", "--incident-key", deployment.path("incident-key"), "--leaked", listing, code=1)
    check("hashes of files in a deployment are not kept" in done.stderr, done.stderr)


def story(programs):
    need("sftp")
    with Deployment(programs, organisation="agency") as deployment:
        set_up(deployment)
        deployment.start()
        deployment.sftp("agnes", "".join(f"put {deployment.path(name)} /out/{name}\n" for name in PEOPLE))
        deployment.wait_until_analysed()
        for name in ("a.csv", "b.csv"):
            deployment.sftp("paul", f"get /out/{name} {deployment.path('fetched')}\n")
        choices(deployment)
        explained(deployment)
        leaked(deployment)


run(story)
