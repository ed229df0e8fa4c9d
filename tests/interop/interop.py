"""Drives a throw-away deployment with every client that can be had here, and prints one table. script/interop starts it.

    interop.py BUILD_TREE [PART]…       all parts, or those that are named; --list names them
"""
import json
import os
import sys
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "scenario")]

import parts  # noqa: E402
from deployment import Deployment  # noqa: E402


def chosen(names):
    unknown = [name for name in names if name not in parts.PARTS]
    if unknown:
        sys.exit(f"interop: no such part: {', '.join(unknown)}. There are: {', '.join(parts.PARTS)}")
    return names or list(parts.PARTS)


def table(rows):
    """client, version, result, what was done: the last is the longest and wraps as it likes."""
    head = ("client", "version", "result", "what was done, or why not")
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(3)]
    for row in (head, tuple("-" * width for width in (*widths, len(head[3]))), *rows):
        print("  ".join(text.ljust(width) for text, width in zip(row[:3], widths)) + "  " + row[3])


def main(programs, *names):
    if names == ("--list",):
        print("\n".join(parts.PARTS))
        return 0
    work = os.path.join(os.path.dirname(os.path.abspath(programs)), "interop")
    os.makedirs(work, exist_ok=True)
    rows = []
    with Deployment(programs) as deployment:
        deployment.init()
        deployment.set("listen", "https", '"127.0.0.1:0"')
        deployment.start()
        bench = parts.Bench(deployment, programs, work)
        for name in chosen(names):
            print(f"== {name}", flush=True)
            try:
                found = parts.PARTS[name](bench)
            except Exception as why:  # a fault of ours must not hide what the other clients found
                traceback.print_exc()
                found = [parts.Row(name, "", "failed", f"this script broke: {why}")]
            for row in found:
                print(f"   {row.result}: {row.client} {row.version}: {row.what}", flush=True)
            rows += found
        log = "".join(line for each in (*deployment.old_logs, deployment.server.log) for line in each)
        deployment.verify_journal()
        deployment.stop()
    for bad in ("signal 31", "signal 11", "signal 6"):
        if bad in log:
            rows.append(parts.Row("the server", "", "failed", f"its log speaks of {bad}"))
    with open(os.path.join(work, "results.json"), "w", encoding="utf-8") as file:
        json.dump([row._asdict() for row in rows], file, indent=1, ensure_ascii=False)
    print()
    table(rows)
    count = {result: sum(row.result == result for row in rows) for result in ("ok", "failed", "absent")}
    print(f"\n{count['ok']} ok, {count['failed']} failed, {count['absent']} absent")
    if any(row.result == "failed" for row in rows):
        print("the server's log ends:\n" + "".join(log.splitlines(True)[-40:]))
        return 1
    return 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
