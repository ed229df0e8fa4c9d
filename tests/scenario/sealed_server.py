"""`bulkhead serve` on a deployment that may be sealed: started without waiting until clients may come in."""
import re
import subprocess
import threading

import deployment as shared


class SealedServer(shared.Server):
    def __init__(self, deployment, environment=None):
        self.log = []
        self.process = subprocess.Popen([deployment.bulkhead, "serve", deployment.data, "--sftp", "127.0.0.1:0"],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        preexec_fn=shared._end_with_parent, env=environment)
        self.reader = threading.Thread(target=self._read_log, daemon=True)
        self.reader.start()

    def wait_until_ready(self):
        line = self.process.stdout.readline()
        found = re.fullmatch(r"ready sftp=127\.0\.0\.1:(\d+)\n", line)
        shared.check(found, f"no ready line, but {line!r} after {''.join(self.log)}")
        self.port = int(found.group(1))
