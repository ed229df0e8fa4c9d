"""`bulkhead incident correct` and `sample`: what people decided and marked is not lost without a word.

    review.py PROGRAM
"""
import json
import os
import tempfile

from one_command import call, check


def read(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        return file.read()


def write(folder, name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)


def scan(folder, *more, code=0):
    write(folder, "a.csv", "SSN,LAST NAME,FIRST NAME,DATE OF BIRTH\n212341234,DOE,JANE,1974-03-09\n,ROE,ANN,1980-01-02\n")
    return call(folder, "scan", "a.csv", "--out", "persons.ndjson", "--summary", "summary.json", "--as-of", "2023-06-01", *more, code=code)


def marks_are_kept(folder):
    """Where the table of marks is there, the sample that it is about stays too."""
    scan(folder)
    draw = ("incident", "sample", "draw", "--persons", "persons.ndjson", "--summary", "summary.json", "--out", "sample.ndjson", "--marks",
            "marks.csv")
    call(folder, *draw, "--seed", "a")
    before = read(folder, "sample.ndjson"), read(folder, "marks.csv")
    said = call(folder, *draw, "--seed", "b", code=1).stderr
    check("marks.csv is there" in said, said)
    check((read(folder, "sample.ndjson"), read(folder, "marks.csv")) == before, "it was written over")


def a_cut_line_is_named(folder):
    scan(folder)
    person = json.loads(read(folder, "persons.ndjson").splitlines()[0])["person"]
    add = ("incident", "correct", "protected-address", "--corrections", "c.ndjson", "--persons", "persons.ndjson", "--person", person,
           "--line", "PO BOX 1", "--city", "ROLLA", "--state", "MO", "--postal-code", "65401", "--by", "Anna", "--why", "asked")
    check(call(folder, *add).stderr == "", "nothing is wrong with the first")
    call(folder, *add)
    write(folder, "c.ndjson", read(folder, "c.ndjson")[:-1])
    said = scan(folder, "--corrections", "c.ndjson", code=1).stderr
    check("c.ndjson:2: the last line has no end" in said, said)
    said = call(folder, "incident", "correct", "list", "--corrections", "c.ndjson").stderr
    check("c.ndjson:2: the last line has no end" in said, said)
    said = call(folder, *add).stderr
    check("c.ndjson:2: the last line has no end" in said and "cut off" in said, said)
    check(call(folder, "incident", "correct", "list", "--corrections", "c.ndjson").stderr == "", "it is whole again")
    scan(folder, "--corrections", "c.ndjson")


for each in (marks_are_kept, a_cut_line_is_named):
    with tempfile.TemporaryDirectory() as place:
        each(place)
    print(f"== {each.__name__}")
print("all of it held")
