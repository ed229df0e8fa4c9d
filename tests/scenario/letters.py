"""From stolen files to letters, unattended: logs of another product, who was in the files, review, letters. Twice: the same bytes.

    letters.py FOLDER_OF_THE_BUILD_TREE

The stolen files are the public samples beside the project (../shared/data/dev); where they are not, this is skipped.
"""
import csv
import json
import os
import re
import shutil
import subprocess
import tempfile

from deployment import Skip, check, need, run, sha256, step

HERE = os.path.dirname(os.path.abspath(__file__))
FILES = os.path.normpath(os.path.join(HERE, "../../../shared/data/dev"))
THIEF, PARTNER = "198.51.100.77", "203.0.113.9"
STOLEN_FOLDERS = ("csv", "ebcdic", "fhir", "hl7v2", "nacha", "ncpdp", "x12")
WINDOW = ("--since", "2023-05-27T00:00:00Z", "--until", "2023-06-02T23:59:59Z")
AS_OF = "2023-06-13"
FACTS = """incident:
  id: INC-2023-001
  title: File transfer incident
  what_happened: Somebody exploited a flaw in file transfer software and copied files.
  breach_from: 2023-05-28
  breach_until: 2023-05-28
  discovered: 2023-06-13
  time_zone: America/Chicago
  doing: The server was cut off and the files are being read.
organisation:
  name: Example Department
  kind: covered_entity
  state: MO
  return_address: [PO Box 1, Jefferson City, MO 65101]
  toll_free: 1-800-555-0100
letter:
  date: 2023-07-01
  languages: [en]
  signatory: {name: Privacy Office}
"""


def in_folder(folder):
    for place, _, names in os.walk(os.path.join(FILES, folder)):
        for name in names:
            yield os.path.relpath(os.path.join(place, name), FILES)


def taken(folders):
    return sorted(name for folder in folders for name in in_folder(folder))


def write_log(path):
    """SFTPGo's: the partner fetches what is not stolen, as always; then the thief comes."""
    rest = taken(sorted(each for each in os.listdir(FILES) if os.path.isdir(os.path.join(FILES, each)) and each not in STOLEN_FOLDERS))
    fetched = [(f"2023-05-{10 + place % 15:02}T02:10:00.000", "partner", PARTNER, name) for place, name in enumerate(rest)]
    stolen = [(f"2023-05-28T03:{place // 60 % 60:02}:{place % 60:02}.000", "svc", THIEF, name)
              for place, name in enumerate(taken(STOLEN_FOLDERS))]
    with open(path, "w", encoding="utf-8") as file:
        for when, user, address, name in fetched + stolen:
            file.write(json.dumps({"level": "info", "time": when, "sender": "Download", "remote_addr": f"{address}:40000", "username": user,
                                   "size_bytes": os.path.getsize(os.path.join(FILES, name)), "file_path": f"/srv/sftpgo/data/{name}",
                                   "connection_id": "SFTP_x", "protocol": "SFTP"}) + "\n")


def read_lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


class Desk:
    """An officer's folder, and the one command."""

    def __init__(self, bulkhead, folder):
        self.bulkhead, self.folder = bulkhead, folder

    def path(self, name):
        return os.path.join(self.folder, name)

    def call(self, *arguments, code=0):
        done = subprocess.run([self.bulkhead, *arguments], capture_output=True, text=True, timeout=240, cwd=self.folder)
        check(done.returncode == code, f"{arguments[:3]}: exit {done.returncode} instead of {code}: {done.stderr[-2000:]}")
        return done.stdout

    def exposure(self, *more):
        """Some of the samples are damaged or of a format that is not read: 3, and the table says which."""
        return self.call("exposure", "--log", "sftpgo.log", "--files", FILES, *WINDOW, "--address", THIEF, "--as-of", AS_OF,
                         "--out", "persons.ndjson", "--summary", "summary.json", "--csv", "persons.csv", "--html", "report.html",
                         "--releases", "releases.ndjson", *more, code=3)


# --- the stations

def what_left(desk):
    step("the log says what left: what the thief took, and nothing that the partner fetches")
    table = desk.exposure()
    releases = read_lines(desk.path("releases.ndjson"))
    check({each["file"] for each in releases} == set(taken(STOLEN_FOLDERS)), "other files than the stolen ones")
    check(all(each["certainty"] == "certain" for each in releases), "a whole download is not certain")
    persons = read_lines(desk.path("persons.ndjson"))
    check(len(persons) > 1000, f"only {len(persons)} persons")
    stolen = set(STOLEN_FOLDERS)
    check(all(place["file"].split("/")[0] in stolen for each in persons for place in each["exposures"]), "a person of another file")
    with open(desk.path("summary.json"), encoding="utf-8") as file:
        summary = json.load(file)
    check(f"under 18 on {AS_OF}" in table and "providers apart" in table, table[-3000:])
    check_circumstances(summary, persons)
    return persons


def check_circumstances(summary, persons):
    for role, said in summary["circumstances"].items():
        of_role = [each for each in persons if each["role"] == role]
        check(sum(said["by_state"].values()) + said["another_place"] + said["state_unknown"] == len(of_role), f"{role}: by state")
        check(said["minors"] == sum(each["minor_on"] is not None for each in of_role), f"{role}: minors")
        check(said["deceased"] == sum(each["deceased"] for each in of_role), f"{role}: deceased")
        check(said["without_address"] == sum(each["identifiable"] == "named" and not each["deceased"] and each["address_status"] != "good"
                                             for each in of_role), f"{role}: without an address")
    check(summary["circumstances"]["member"]["minors"] > 0, "no minor among them: nothing is tested")


def review(desk, persons):
    step("two people look: one person is excluded, one address protected; a sample is drawn and marked")
    adults = [each for each in persons if each["role"] == "member" and each["identifiable"] == "named" and not each["deceased"] and
              each["minor_on"] is None and each["address_status"] == "good"]
    excluded, protected = adults[0]["person"], adults[1]["person"]
    common = ("--corrections", "corrections.ndjson")
    desk.call("incident", "correct", "exclude", *common, "--persons", "persons.ndjson", "--person", excluded, "--by", "Anna Lind",
              "--why", "a test record of the vendor")
    desk.call("incident", "correct", "confirm", "1", *common, "--by", "Ben Ochoa", "--why", "looked at it too")
    desk.call("incident", "correct", "protected-address", *common, "--persons", "persons.ndjson", "--person", protected, "--line",
              "PO BOX 1409", "--city", "JEFFERSON CITY", "--state", "MO", "--postal-code", "65102", "--by", "Anna Lind", "--why", "asked")
    return excluded, protected


def sample(desk):
    """A reviewer who says of one finding in twenty that it is wrong: the report says so, with an interval that covers it."""
    desk.call("incident", "sample", "draw", "--persons", "persons.ndjson", "--summary", "summary.json", "--seed", "2023-001", "--files",
              FILES, "--out", "sample.ndjson", "--marks", "marks.csv")
    with open(desk.path("marks.csv"), encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    findings = [each for each in rows if each["kind"] == "finding"]
    check(len(findings) > 100 and len(rows) > len(findings), f"{len(findings)} findings of {len(rows)} to look at")
    check({each["file"].split("/")[0] for each in findings} >= {"csv", "fhir", "hl7v2", "x12"}, "a format has no share")
    for row in rows:
        row["mark"], row["by"] = "right" if row["kind"] == "finding" else "nothing", "Ben Ochoa"
    for row in findings[::20]:
        row["mark"] = "wrong"
    with open(desk.path("marked.csv"), "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    said = desk.call("incident", "sample", "report", "--sample", "sample.ndjson", "--marks", "marked.csv", "--bound", "0.02")
    found = re.search(r"(\d+) of (\d+) \(([\d.]+)%\), 95% sure between ([\d.]+)% and ([\d.]+)%", said)
    wrong, low, high = len(findings[::20]), float(found.group(4)), float(found.group(5))
    check(found.group(1, 2) == (str(wrong), str(len(findings))), f"{wrong} of {len(findings)} are wrong, it says: {found.group(0)}")
    check(low < 100 * wrong / len(findings) < high and "draw with --seed 2023-001" in said, said)
    with open(desk.path("report.txt"), "w", encoding="utf-8") as file:
        file.write(said)


def letters(desk, persons, excluded, protected):
    step("letters: valid, fonts embedded, every name intact, nobody's values, the protected address kept")
    with open(desk.path("facts.yaml"), "w", encoding="utf-8") as file:
        file.write(FACTS)
    desk.call("notify", "draft", "--persons", "persons.ndjson", "--facts", "facts.yaml", "--corrections", "corrections.ndjson", "--out",
              "letters")
    pdf = desk.path("letters/letters.pdf")
    done = subprocess.run(["qpdf", "--check", pdf], capture_output=True, text=True)
    check(done.returncode == 0, f"qpdf: {done.stdout}{done.stderr}")
    fonts = subprocess.run(["pdffonts", pdf], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    embedded = [re.search(r"\s(yes|no)\s+(yes|no)\s+(yes|no)\s+\d+\s+\d+\s*$", line) for line in fonts]
    check(fonts and all(found and found.group(1) == "yes" for found in embedded), f"a font is not embedded: {fonts[:3]}")
    check_texts(desk, pdf, persons, excluded, protected)


def check_texts(desk, pdf, persons, excluded, protected):
    pages = subprocess.run(["pdftotext", pdf, "-"], capture_output=True, text=True, check=True).stdout.split("\f")
    by_letter = {each["letter"]: each for each in read_lines(desk.path("letters/letters.ndjson"))}
    people = {each["person"]: each for each in persons}
    with open(desk.path("letters/mailing.csv"), encoding="utf-8", newline="") as file:
        mailing = {row["letter"]: row for row in csv.DictReader(file)}
    check(mailing.keys() == by_letter.keys() and len(mailing) > 100, f"{len(mailing)} letters")
    check(excluded not in {one for each in by_letter.values() for one in each["persons"]}, "who was excluded gets a letter")
    for number, letter in by_letter.items():
        first = letter["first_page"] - 1
        text = " ".join(" ".join(pages[first:first + letter["pages"]]).split())
        check(number in text, f"letter {number} is not on its pages")
        addressee = " ".join(mailing[number]["addressee"].split())
        check(addressee in text, f"letter {number}: the name is not intact on it")
        for one in letter["persons"]:
            values = {each["value"] for each in people[one]["identifiers"] if each["type"] != "pseudonym" and len(each["value"]) > 6}
            address = " ".join(mailing[number].values())
            check(not any(value in text for value in values if value not in address), f"letter {number} has a value of its person")
            if one == protected:
                check(mailing[number]["address_1"] == "PO BOX 1409", "the protected address was not kept")


def tracking(desk, persons):
    """On copies: what happened to letters has times in it, and the rest of the folder is compared byte for byte."""
    step("letters are marked, one comes back; a caller without a letter learns nothing, whoever is asked for")
    shutil.copytree(desk.path("letters"), desk.path("tracked"))
    at = ("--letters", "tracked")
    numbers = [each["letter"] for each in read_lines(desk.path("letters/letters.ndjson"))]
    desk.call("notify", "mark", "--from", "tracked/mailing.csv", *at, "--state", "sent", "--batch", "print-1", "--by", "Anna Lind")
    listed = desk.call("notify", "list", *at, "--batch", "print-1", "--json")
    check([each["letter"] for each in json.loads(listed)] == numbers, "not each letter once, in order")
    check("0 letters marked sent" in desk.call("notify", "mark", "--all", *at, "--state", "sent", "--by", "Anna Lind"), "sent twice")
    check(listed == desk.call("notify", "list", *at, "--batch", "print-1", "--json"), "the batch is another one now")
    desk.call("notify", "mark", numbers[0], *at, "--state", "answered", "--by", "Anna Lind")
    desk.call("notify", "mark", numbers[0], *at, "--state", "returned", "--by", "Anna Lind", code=3)
    someone = next(each for each in persons if each["person"] in read_lines(desk.path("letters/letters.ndjson"))[0]["persons"])
    name = " ".join(someone["names"][0][part] for part in ("first", "last"))
    said = [desk.call("notify", "lookup", *at, "--agent", "Cleo", "--name", asked, "--born", (someone["dates_of_birth"] or ["1950-01-01"])[0])
            for asked in (name, "Nora Nobody")]
    check(said[0] == said[1], "an answer tells who is in the files")
    shutil.rmtree(desk.path("tracked"))


def whole_way(bulkhead, folder, corrections):
    """Returns the persons before corrections, and the file of corrections."""
    desk = Desk(bulkhead, folder)
    write_log(desk.path("sftpgo.log"))
    persons = what_left(desk)
    if corrections is None:
        excluded, protected = review(desk, persons)
    else:  # what people decided is an input of the second run
        shutil.copy(corrections[0], desk.path("corrections.ndjson"))
        _, excluded, protected = corrections
    desk.exposure("--corrections", "corrections.ndjson")
    corrected = read_lines(desk.path("persons.ndjson"))
    gone = {each["person"] for each in persons} - {each["person"] for each in corrected}
    check(gone == {excluded}, "not exactly who was excluded is gone")
    sample(desk)
    letters(desk, corrected, excluded, protected)
    tracking(desk, corrected)
    step("the run comes out again, byte for byte")
    said = desk.call("verify-run", "manifest.json")
    check(said.endswith("verified: the same, byte for byte\n"), said)
    return desk.path("corrections.ndjson"), excluded, protected


def all_bytes(folder):
    """Of every file by name; the manifest without the times of the run."""
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            found[os.path.relpath(path, folder)] = sha256(path)
    with open(os.path.join(folder, "manifest.json"), encoding="utf-8") as file:
        manifest = json.load(file)
    del manifest["started"], manifest["ended"]
    found["manifest.json"] = json.dumps(manifest)
    return found


def story(programs):
    if not os.path.isdir(FILES):
        raise Skip("no sample files at ../shared/data/dev")
    for program in ("qpdf", "pdffonts", "pdftotext"):
        need(program)
    bulkhead = os.path.join(os.path.abspath(programs), "bin", "bulkhead")
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        decided = whole_way(bulkhead, one, None)
        step("again, in another folder")
        whole_way(bulkhead, other, decided)
        first, second = all_bytes(one), all_bytes(other)
        differing = sorted(name for name in first.keys() | second.keys() if first.get(name) != second.get(name))
        check(not differing, f"not the same bytes: {differing}")
        step(f"{len(first)} files, the same bytes")


run(story)
