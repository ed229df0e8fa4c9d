#!/usr/bin/env python3
"""Writes the seed corpora of the SSH fuzz targets into corpus/ beside this file. Run again after changing it."""
import base64
import os
import struct

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")


def string(value):
    value = value.encode() if isinstance(value, str) else value
    return struct.pack(">I", len(value)) + value


def u32(value):
    return struct.pack(">I", value)


def packet(payload):
    padding = 8 - (5 + len(payload)) % 8 + 8
    return struct.pack(">IB", 1 + len(payload) + padding, padding) + payload + bytes(padding)


def kexinit(kex="curve25519-sha256,ext-info-c", cipher="aes128-ctr", follows=0):
    lists = [kex, "ssh-ed25519", cipher, cipher, "hmac-sha2-256", "hmac-sha2-256", "none", "none", "", ""]
    return bytes([20]) + bytes(16) + b"".join(map(string, lists)) + bytes([follows]) + u32(0)


def userauth(method, fields=b"", user="u"):
    return bytes([50]) + string(user) + string("ssh-connection") + string(method) + fields


def script(*steps):
    """Steps are payloads, or (command, bytes) for the other commands of Driver::run."""
    out = b""
    for step in steps:
        command, data = step if isinstance(step, tuple) else (0, step)
        out += bytes([command]) + struct.pack(">H", len(data)) + data
    return out


ECDH = bytes([30]) + string(bytes([9]) + bytes(31))
SERVICE = bytes([5]) + string("ssh-userauth")
PASSWORD = userauth("password", b"\0" + string("p"))
KEYBOARD = userauth("keyboard-interactive", string("") + string("pam"))
OPEN = bytes([90]) + string("session") + u32(7) + u32(100000) + u32(32768)
SMALL_WINDOW = bytes([90]) + string("session") + u32(8) + u32(10) + u32(1024)
ECHO = bytes([98]) + u32(0) + string("subsystem") + b"\1" + string("echo")
ED25519 = string("ssh-ed25519") + string(bytes(range(32)))
RSA = string("ssh-rsa") + string(b"\1\0\1") + string(b"\0" + b"\xd7" * 256)
ECDSA = string("ecdsa-sha2-nistp256") + string("nistp256") + string(b"\4" + bytes(range(64)))


SK_ED25519 = string("sk-ssh-ed25519@openssh.com") + string(bytes(range(32))) + string("ssh:")
SK_ECDSA = (string("sk-ecdsa-sha2-nistp256@openssh.com") + string("nistp256") + string(b"\4" + bytes(range(64))) +
            string("ssh:"))


def certificate(kind, fields, options=b""):
    return (string(kind + "-cert-v01@openssh.com") + string(bytes(32)) + fields + struct.pack(">QI", 7, 1) + string("id") +
            string(string("u")) + struct.pack(">QQ", 0, 2**64 - 1) + string(options) +
            string(string("permit-pty") + string("")) + string("") + string(ED25519) +
            string(string("ssh-ed25519") + string(bytes(64))))


CERTIFICATE = certificate("ssh-ed25519", string(bytes(range(32))),
                          string("source-address") + string(string("192.0.2.0/24,2001:db8::/32")))


def data(text, channel=0):
    return bytes([94]) + u32(channel) + string(text)


def adjust(size, channel=0):
    return bytes([93]) + u32(channel) + u32(size)


def exchange(method, *messages):
    return bytes([method]) + b"".join(struct.pack(">H", len(message)) + message for message in messages)


HELLO = b"SSH-2.0-Fuzzer\r\n"
HANDSHAKE = HELLO + b"".join(map(packet, [kexinit(), ECDH, bytes([21]), SERVICE, PASSWORD]))
SEEDS = {
    "stream": {
        "version": b"\0" + HELLO,
        "handshake": b"\0" + HANDSHAKE,
        "handshake-in-pieces": b"\x07" + HANDSHAKE,
        "echo": b"\0" + HANDSHAKE + b"".join(map(packet, [OPEN, ECHO, data("hello")])),
        "strict": b"\0" + HELLO + packet(kexinit("curve25519-sha256,kex-strict-c-v00@openssh.com")) + packet(ECDH),
        "guess": b"\0" + HELLO + packet(kexinit("x,curve25519-sha256", follows=1)) + packet(ECDH) + packet(ECDH),
    },
    "session": {
        "echo": script(OPEN, ECHO, data("hello \xff"), (1, bytes(100)), bytes([96]) + u32(0), bytes([97]) + u32(0)),
        "small-window": script(SMALL_WINDOW, ECHO, data("0123456789" * 50), adjust(20), adjust(2000)),
        "rekey": script(OPEN, ECHO, kexinit(), ECDH, bytes([21]), data("after")),
        "server-rekeys": script(OPEN, ECHO, (3, bytes(3600)), data("before"), kexinit(), ECDH, bytes([21])),
        "two-channels": script(OPEN, OPEN, ECHO, data("a"), data("b", 1), bytes([97]) + u32(1)),
        "requests": script(bytes([80]) + string("keepalive@openssh.com") + b"\1", OPEN,
                           bytes([98]) + u32(0) + string("exec") + b"\1" + string("id"),
                           bytes([98]) + u32(0) + string("pty-req") + b"\1"),
        "transport": script(bytes([2]) + string("x"), bytes([4, 1]) + string("d") + string(""), bytes([192]),
                            bytes([1]) + u32(11) + string("bye") + string("")),
        "extended": script(OPEN, bytes([95]) + u32(0) + u32(1) + string("err")),
    },
    "userauth": {
        "none": script(userauth("none")),
        "password": script(PASSWORD, OPEN),
        "change": script(userauth("password", b"\1" + string("p") + string("q"))),
        "query": script(userauth("publickey", b"\0" + string("ssh-ed25519") + string(ED25519))),
        "signature": script(userauth("publickey", b"\1" + string("ssh-ed25519") + string(ED25519) +
                                     string(string("ssh-ed25519") + string(bytes(64))))),
        "rsa": script(userauth("publickey", b"\1" + string("rsa-sha2-256") + string(RSA) +
                               string(string("rsa-sha2-256") + string(b"\1" * 256)))),
        "other": script(userauth("hostbased", string("") + string(""))),
        "certificate": script(userauth("publickey", b"\1" + string("ssh-ed25519-cert-v01@openssh.com") +
                                       string(CERTIFICATE) + string(string("ssh-ed25519") + string(bytes(64))))),
        "security-key": script(userauth("publickey", b"\1" + string("sk-ssh-ed25519@openssh.com") + string(SK_ED25519) +
                                        string(string("sk-ssh-ed25519@openssh.com") + string(bytes(64)) + b"\1" +
                                               u32(9)))),
        "prompts": script(KEYBOARD, bytes([61]) + u32(2) + string("p") + string("123456"), OPEN),
        "responses-too-few": script(KEYBOARD, bytes([61]) + u32(0), KEYBOARD, bytes([61]) + u32(9)),
        "prompts-abandoned": script(KEYBOARD, PASSWORD, bytes([61]) + u32(1) + string("p")),
    },
    "kexinit": {
        "gcm": kexinit(cipher="aes256-gcm@openssh.com,aes128-ctr"),
        "strict": kexinit("curve25519-sha256,kex-strict-c-v00@openssh.com,ext-info-c"),
        "nothing-in-common": kexinit("diffie-hellman-group1-sha1"),
    },
    "key_exchange": {
        "hybrid": exchange(0, bytes([30]) + string(bytes(1184) + bytes([9]) + bytes(31))),
        "curve25519": exchange(1, ECDH),
        "ecdh": exchange(3, bytes([30]) + string(b"\4" + bytes(64))),
        "group14": exchange(9, bytes([30]) + string(b"\2")),
        "group-exchange": exchange(8, bytes([34]) + u32(2048) + u32(2048) + u32(8192),
                                   bytes([32]) + string(b"\2")),
        "another-message": exchange(1, bytes([31]) + string(bytes(32))),
    },
    "certificates": {
        "ed25519": CERTIFICATE,
        "rsa": certificate("ssh-rsa", string(b"\1\0\1") + string(b"\0" + b"\xd7" * 256)),
        "security-key": certificate("sk-ssh-ed25519", string(bytes(range(32))) + string("ssh:"),
                                    string("verify-required") + string("")),
        "networks": b"192.0.2.0/24,2001:db8::/32,198.51.100.7",
    },
    "keys": {
        "sk-ed25519": struct.pack(">H", len(SK_ED25519)) + SK_ED25519 + string("sk-ssh-ed25519@openssh.com") +
                      string(bytes(64)) + b"\1" + u32(7),
        "sk-ecdsa": struct.pack(">H", len(SK_ECDSA)) + SK_ECDSA + string("sk-ecdsa-sha2-nistp256@openssh.com") +
                    string(string(b"\1" * 32) + string(b"\2" * 32)) + b"\5" + u32(7),
        "ed25519": struct.pack(">H", len(ED25519)) + ED25519 + string("ssh-ed25519") + string(bytes(64)),
        "rsa": struct.pack(">H", len(RSA)) + RSA + string("rsa-sha2-512") + string(b"\2" * 256),
        "ecdsa": struct.pack(">H", len(ECDSA)) + ECDSA + string("ecdsa-sha2-nistp256") +
                 string(string(b"\1" * 32) + string(b"\2" * 32)),
        "line": b"ssh-ed25519 " + base64.b64encode(ED25519) + b" somebody",
    },
}

for target, seeds in SEEDS.items():
    folder = os.path.join(HERE, "ssh_" + target)
    os.makedirs(folder, exist_ok=True)
    for name, content in seeds.items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(content)
