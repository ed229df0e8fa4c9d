"""Bulkhead's HTTPS listener and nginx: how each is set up and started, and how curl gets to its files."""
import pathlib
import subprocess
import sys

sys.path.insert(1, str(pathlib.Path(__file__).resolve().parent.parent / "sftp"))
import servers as sftp_servers  # noqa: E402  (of bench/sftp)

PASSWORD = "of a user who exists here only"


class Web(sftp_servers.Bulkhead):
    """Files go to the folder that promises what nginx does: they survive the server's death; `durable` ones power loss."""

    def __init__(self, build, folder, key):
        super().__init__(build, folder, key)
        subprocess.run([self.program, "user", "passwd", self.user, "--password-stdin", "--data", str(self.data)],
                       input=f"{PASSWORD}\n", text=True, check=True, stdout=subprocess.DEVNULL)
        self.ca = folder / "bulkhead.pem"
        with open(self.ca, "wb") as file:
            subprocess.run([self.program, "certificate", "show", "--pem", "--data", str(self.data)], check=True, stdout=file)

    def start(self):
        self.listen(["--sftp", "127.0.0.1:0", "--https", "127.0.0.1:0"], "https")

    def first_request(self):
        """What a connection begins with: its log-in."""
        return ["--data-urlencode", f"user={self.user}", "--data-urlencode", f"password={PASSWORD}", self.url("/api/v1/session")]

    def file_url(self, name, durable=False):
        return self.url(f"/api/v1/files{f'/home/{self.user}/' if durable else self.crash_folder}{name}")

    def url(self, path):
        return f"https://localhost:{self.port}{path}"


class Nginx(sftp_servers.Server):
    name = "nginx"
    # As Debian's nginx does it but for the disk: what it keeps it does not sync, and the cipher is the client's choice.
    CONFIGURATION = """
daemon off;
user root;
worker_processes auto;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 768; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  client_max_body_size 0;
  client_body_temp_path {folder}/incoming;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_protocols TLSv1.3;
    ssl_session_tickets off;
    ssl_certificate {folder}/certificate.pem;
    ssl_certificate_key {folder}/key.pem;
    root {folder}/files;
    location / {{ dav_methods PUT; }}
  }}
}}
"""

    def __init__(self, folder):
        self.folder = folder / "nginx"
        (self.folder / "files").mkdir(parents=True)
        (self.folder / "files" / "hello").write_text("hello\n")
        self.ca = self.folder / "certificate.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                        "-keyout", str(self.folder / "key.pem"), "-out", str(self.ca)], check=True, capture_output=True)

    def start(self):
        self.port = sftp_servers.free_port()
        configuration = self.folder / "nginx.conf"
        configuration.write_text(self.CONFIGURATION.format(folder=self.folder, port=self.port))
        self.process = subprocess.Popen(["/usr/sbin/nginx", "-c", str(configuration), "-e", str(self.folder / "error.log")],
                                        stderr=subprocess.DEVNULL)
        self.wait_for_port()

    def first_request(self):
        return [self.url("/hello")]

    def file_url(self, name, durable=False):
        del durable  # it has one promise
        return self.url(f"/{name}")

    def url(self, path):
        return f"https://localhost:{self.port}{path}"
