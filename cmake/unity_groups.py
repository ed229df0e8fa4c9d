#!/usr/bin/env python3
"""Which sources of a target may be compiled as one translation unit (docs/decisions/0125-compiled-together.md).

unity_groups.py SOURCE_DIR BATCH FILE…   prints `GROUP;FILE` lines; a file without a line is compiled alone.
unity_groups.py --self-test              checks the rules on files made up for it.

A name in an anonymous namespace belongs to its file. Files share a unit only where no name that one of them
keeps to itself is mentioned by a later one, or by a header that only the other brings in: then compiling them
together means what compiling them apart means. Too strict costs time and nothing else.
"""

import os
import re
import sys
import tempfile

COMMENT_OR_TEXT = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'', re.S)
INCLUDE = re.compile(r'^#include "([^"]+)"', re.M)
WORD = re.compile(r"[A-Za-z_]\w*")
# What changes the meaning of the lines after the file: such a file stays alone.
REACHES_ON = re.compile(r'^#define|^#undef|^#pragma|^using (?:namespace|enum)|^#include <linux/|^extern "C"', re.M)
ANONYMOUS = re.compile(r"^namespace \{$(.*?)^\}  // namespace$", re.M | re.S)
# The name that an unindented line declares: before its parameters, its value, its body or its end.
DECLARED = re.compile(r"([A-Za-z_]\w*)\s*(?:\(|=|\[|\{|;|:(?!:)|$)")
ENUM = re.compile(r"^enum (?!class)[^{;]*\{(.*?)\}", re.M | re.S)


class Source:
    def __init__(self, path, root):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        code = COMMENT_OR_TEXT.sub(" ", text)
        self.alone = bool(REACHES_ON.search(text))
        self.words = set(WORD.findall(code))
        self.headers = headers_of(text, os.path.dirname(path), root)
        self.own = set()
        for body in ANONYMOUS.findall(text):
            body = COMMENT_OR_TEXT.sub(" ", body)
            for line in body.split("\n"):
                if line[:1] not in ("", " ", "}", "#"):
                    self.own.update(DECLARED.findall(line))
            for enumerators in ENUM.findall(body):
                self.own.update(WORD.findall(enumerators))
        self.own |= set(re.findall(r"^static [^(=;]*?(\w+)\s*[(=;]", code, re.M))


_header_words = {}
_header_includes = {}


def headers_of(text, folder, root):
    """Our own headers that the text brings in, directly or not."""
    found = set()
    wanted = [(name, folder) for name in INCLUDE.findall(text)]
    while wanted:
        name, near = wanted.pop()
        path = next((p for p in (os.path.join(near, name), os.path.join(root, "src", name), os.path.join(root, name))
                     if os.path.isfile(p)), None)
        if path is None:
            continue
        path = os.path.normpath(path)
        if path in found:
            continue
        found.add(path)
        if path not in _header_words:
            with open(path, encoding="utf-8") as file:
                header = file.read()
            _header_words[path] = set(WORD.findall(COMMENT_OR_TEXT.sub(" ", header)))
            _header_includes[path] = INCLUDE.findall(header)
        wanted += [(each, os.path.dirname(path)) for each in _header_includes[path]]
    return found


def words_of(headers):
    return set().union(*(_header_words[header] for header in headers))


class Group:
    def __init__(self):
        self.files, self.own, self.headers = [], set(), set()

    def takes(self, source):
        return not self.own & (source.words | words_of(source.headers - self.headers)) and not source.own & words_of(
            self.headers - source.headers)

    def add(self, path, source):
        self.files.append(path)
        self.own |= source.own
        self.headers |= source.headers


def groups_of(root, batch, files):
    groups = []
    for path in files:
        source = Source(path, root)
        if source.alone:
            continue
        for group in groups:
            if len(group.files) < batch and group.takes(source):
                break
        else:
            groups.append(group := Group())
        group.add(path, source)
    return [group.files for group in groups if len(group.files) > 1]


def self_test():
    own = "namespace {\nint limit() {\n  return 1;\n}\nstruct Kept {};\nenum Loop { kHead };\n}  // namespace\n"
    cases = [  # the second file, after one that keeps `limit`, `Kept` and `kHead` to itself; may they share a unit?
        ("int other();\n", True),
        ("// limit of nothing\nauto text = \"Kept\";\n", True),
        ("namespace {\nint limit(int of) {\n  return of;\n}\n}  // namespace\n", False),
        ("int f(Kept&);\n", False),
        ("int g = kHead;\n", False),
        ('#include "second.h"\n', False),  # which mentions `limit`
        ("#define other 1\n", False),
        ("using namespace std;\n", False),
        ("using enum Kind;\n", False),
    ]
    for text, together in cases:
        _header_words.clear()
        _header_includes.clear()
        with tempfile.TemporaryDirectory() as root:
            paths = [os.path.join(root, name) for name in ("first.cpp", "second.cpp", "second.h")]
            for path, content in zip(paths, (own, text, "int far(int limit);\n")):
                with open(path, "w", encoding="utf-8") as file:
                    file.write(content)
            found = groups_of(root, 12, paths[:2])
            assert found == ([paths[:2]] if together else []), (text, found)
            assert groups_of(root, 1, paths[:2]) == []
            if "include" in text:  # and the other way round: the header is there before the name is kept
                assert groups_of(root, 12, paths[1::-1]) == []


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    for number, files in enumerate(groups_of(sys.argv[1], int(sys.argv[2]), sys.argv[3:])):
        for path in files:
            print(f"{number};{path}")


main()
