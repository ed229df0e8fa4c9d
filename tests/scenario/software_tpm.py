"""swtpm on a UNIX socket, and what happens to a machine's TPM: raw commands of TPM 2.0 part 3, authorised by nothing."""
import os
import socket
import struct
import subprocess

import deployment

PCR_EXTEND, CLEAR, DICTIONARY_ATTACK_LOCK_RESET = 0x182, 0x126, 0x139
LOCKOUT = 0x4000000A


class SoftwareTpm:
    def __init__(self, folder):
        self.program = deployment.need("swtpm")
        self.folder = folder
        self.path = os.path.join(folder, "tpm")
        os.makedirs(os.path.join(folder, "state"))
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [self.program, "socket", "--tpm2", "--tpmstate", f"dir={self.folder}/state", "--server",
             f"type=unixio,path={self.path}", "--ctrl", f"type=unixio,path={self.path}-control", "--flags",
             "not-need-init,startup-clear"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=deployment._end_with_parent)
        deployment.eventually(self._answers, "the software TPM listens")

    def _answers(self):
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(self.path)
            return True
        except OSError:
            return False

    def stop(self):
        self.process.kill()
        self.process.wait()

    def run(self, command, handle, parameters=b""):
        password = struct.pack(">IHBH", 0x40000009, 0, 0, 0)
        body = struct.pack(">I", handle) + struct.pack(">I", len(password)) + password + parameters
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(self.path)
            client.sendall(struct.pack(">HII", 0x8002, 10 + len(body), command) + body)
            code = struct.unpack(">HII", client.recv(4096)[:10])[2]
        deployment.check(code == 0, f"the software TPM refuses command {command:#x}: {code:#x}")

    def extend(self, pcr):
        self.run(PCR_EXTEND, pcr, struct.pack(">IH", 1, 0x000B) + b"\x5a" * 32)

    def clear(self):
        self.run(CLEAR, LOCKOUT)

    def end_lockout(self):
        self.run(DICTIONARY_ATTACK_LOCK_RESET, LOCKOUT)
