"""A real S3 server for the tests: the gateway, monitor and storage daemon of Debian's Ceph, in memory, on loopback.

Each start() is a cluster of its own with ports and a folder of its own, so that test scripts may run
beside each other; it needs no root and ends with the process that began it, however that ends.
"""

import contextlib
import functools
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import certificates
from s3_client import REGION, Client, Identity

PATIENCE = 60.0     # seconds until a daemon that is not up has failed to start
_GRACE = 5.0        # seconds that a daemon gets to end by itself
_ATTEMPTS = 5       # a free port may be taken by somebody else before a daemon has it
STORAGE_CLASS = "STANDARD_IA"
_GATEWAY = "client.rgw.a"
_OWNER = "owner"

_CONFIGURATION = """
[global]
fsid = {fsid}
mon_host = [v1:127.0.0.1:{monitor}]
mon_initial_members = a
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
# The older protocol alone: one port less to find.
ms_bind_msgr2 = false
# Every change to the cluster waits for an interval; the usual second would be most of the start.
paxos_propose_interval = 0.05
paxos_min_wait = 0.01
mon_tick_interval = 1
# The cluster's own authentication, which has nothing to do with S3's, needs keys at known places.
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
# Nothing is written outside of the folder.
run_dir = {folder}
admin_socket = {folder}/$name.asok
log_file = {folder}/$name.log
crash_dir = {folder}
# One copy of everything: there is one disk, and it is memory.
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pgp_num = 1
osd_pool_default_pg_autoscale_mode = off
mon_allow_pool_size_one = true
mon_warn_on_pool_no_redundancy = false
mon_max_pg_per_osd = 2000
osd_crush_chooseleaf_type = 0
osd_objectstore = memstore
memstore_device_bytes = 4294967296

[mon]
mon_data = {folder}/mon
mon_cluster_log_file = {folder}/cluster.log
# A monitor stops on a disk that is nearly full, which is no business of a test.
mon_data_avail_crit = 1
mon_data_avail_warn = 1

[osd]
osd_data = {folder}/osd
osd_op_num_shards = 1
osd_op_num_threads_per_shard = 2
# It is placed in the map for it: asking for that itself, it may be quicker than its own start, and ends.
osd_crush_update_on_start = false
osd_class_update_on_start = false

[client]
rgw_data = {folder}/rgw
# Without this a host that is no address is taken for a bucket.
rgw_dns_name = localhost
rgw_thread_pool_size = 32
# Nothing is replicated, collected, expired or counted in the life of a test.
rgw_run_sync_thread = false
rgw_enable_gc_threads = false
rgw_enable_lc_threads = false
rgw_enable_quota_threads = false
rgw_dynamic_resharding = false
rgw_override_bucket_index_max_shards = 1

[client.rgw.a]
rgw_frontends = beast endpoint=127.0.0.1:{plain} ssl_endpoint=127.0.0.1:{secure} {certificates}

# A gateway that knows sessions calls every refusal AccessDenied, so that it is another one.
[client.rgw.sessions]
rgw_frontends = beast endpoint=127.0.0.1:{sessions}
rgw_s3_auth_use_sts = true
# Seals the tokens, and has to have exactly 16 characters.
rgw_sts_key = sixteencharacter
"""


class Gateway:
    """A running S3 server with a user, `owner`, whom the tests' buckets belong to."""

    def __init__(self):
        self._ending = contextlib.ExitStack()
        # Not in $TMPDIR: that may be long, and the path of a socket has 108 bytes.
        self.folder = Path(self._ending.enter_context(tempfile.TemporaryDirectory(prefix="s3-", dir="/tmp")))
        self.certificates = certificates.make(self.folder)
        self.processes: dict[str, subprocess.Popen] = {}
        self.owner = Identity("OWNEROFTHEBUCKETS001", "owner/Secret+With/Slashes=0123456789abcd")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._plain}"

    @property
    def secure_url(self) -> str:
        return f"https://localhost:{self._secure}"

    @functools.cached_property
    def sessions_url(self) -> str:
        """Another gateway to the same buckets, which takes sessions of STS beside keys; started when asked for."""
        self._spawn("gateway for sessions", "radosgw", "-n", "client.rgw.sessions")
        self._wait_until_they_answer(self._sessions)
        url = f"http://127.0.0.1:{self._sessions}"
        Client(url, self.owner).allow_sessions(_OWNER)
        return url

    def session(self) -> Identity:
        """A session of the owner's, good at sessions_url."""
        return Client(self.sessions_url, self.owner).session()

    def client(self, identity: Identity | None = None) -> Client:
        """Asks as the owner, unless told otherwise."""
        return Client(self.url, identity or self.owner)

    def anonymous(self) -> Client:
        return Client(self.url, None)

    def environment(self) -> dict[str, str]:
        """What makes momentcut ask this server as the owner."""
        return {"AWS_ENDPOINT_URL_S3": self.url, "AWS_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true",
                "NO_PROXY": "*", "no_proxy": "*", **self.owner.environment()}

    @functools.cached_property
    def stranger(self) -> Identity:
        """A user who may do nothing to what others own; made when asked for."""
        return self._add_user("stranger", Identity("STRANGER000000000001", "stranger/Secret+With/Slashes=0123456789"))

    def _add_user(self, name: str, identity: Identity, *words: str) -> Identity:
        self._run("radosgw-admin", "-n", _GATEWAY, "user", "create", f"--uid={name}", f"--display-name={name}",
                  f"--access-key={identity.key_id}", f"--secret-key={identity.secret}", *words)
        return identity

    def start(self) -> None:
        """Returns once it answers. After a start that failed it begins anew."""
        self._end_daemons()
        fsid, disk = str(uuid.uuid4()), str(uuid.uuid4())
        monitor = self._configure(fsid)
        self._run("monmaptool", "--create", "--clobber", "--fsid", fsid, "--addv", "a", f"[v1:127.0.0.1:{monitor}]",
                  self.folder / "monmap")
        self._run("ceph-mon", "--mkfs", "-i", "a", "--monmap", self.folder / "monmap")
        self._spawn("monitor", "ceph-mon", "-i", "a")
        number = self._tell_monitor("osd", "new", disk).strip()
        self._tell_monitor("osd", "crush", "add", f"osd.{number}", "1.0", "host=here", "root=default")
        self._run("ceph-osd", "-i", number, "--mkfs", "--osd-uuid", disk)
        self._spawn("storage", "ceph-osd", "-i", number)
        # The right to write policies is for allow_sessions().
        self._add_user(_OWNER, self.owner, "--caps=user-policy=*")
        # The one storage class beside STANDARD.
        for place in (("zonegroup", "placement", "add"), ("zone", "placement", "add", "--data-pool=cool")):
            self._run("radosgw-admin", "-n", _GATEWAY, *place, "--placement-id=default-placement",
                      f"--storage-class={STORAGE_CLASS}")
        self._spawn("gateway", "radosgw", "-n", _GATEWAY)
        self._wait_until_they_answer(self._plain, self._secure)

    def stop(self) -> None:
        """Ends every daemon, the last one first, and removes the folder. It may be called more than once."""
        self._end_daemons()
        self._ending.close()

    def _configure(self, fsid: str) -> int:
        """Empty folders, free ports and a file that says so; returns the monitor's port."""
        for path in (self.folder / name for name in ("mon", "osd", "rgw")):
            shutil.rmtree(path, ignore_errors=True)
            path.mkdir()
        monitor, self._plain, self._secure, self._sessions = free_ports(4)
        pair = f"ssl_certificate={self.certificates.server} ssl_private_key={self.certificates.server_key}"
        (self.folder / "ceph.conf").write_text(_CONFIGURATION.format(
            folder=self.folder, fsid=fsid, monitor=monitor, plain=self._plain, secure=self._secure,
            sessions=self._sessions, certificates=pair))
        return monitor

    def _command(self, program: str, *words: object) -> list[str]:
        return [program, "-c", str(self.folder / "ceph.conf"), *map(str, words)]

    def _run(self, program: str, *words: object) -> str:
        """Runs one of Ceph's tools to its end and returns what it printed."""
        command = self._command(program, *words) if program != "monmaptool" else [program, *map(str, words)]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, env=_environment()) as tool:
            try:
                out, said = self._patiently(tool)
            except BaseException:
                tool.kill()
                raise
        if tool.returncode:
            raise StartFailed(f"{program} {words[0]}: {said.strip()[-2000:]}")
        return out

    def _tell_monitor(self, *words: str) -> str:
        """Runs a command that does no harm twice: one that is there before the monitor's map gets EPERM."""
        for _ in range(_ATTEMPTS):
            with contextlib.suppress(StartFailed):
                return self._run("ceph", *words)
        return self._run("ceph", *words)

    def _patiently(self, tool: subprocess.Popen) -> tuple[str, str]:
        """What a tool prints. Without its daemons it would wait for ever."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return tool.communicate(timeout=0.5)
            except subprocess.TimeoutExpired:
                self._check_daemons(end, f"{tool.args[0]} does not end")

    def _check_daemons(self, end: float, otherwise: str) -> None:
        """Fails if a daemon has ended, or if it is past `end`."""
        for name, process in self.processes.items():
            if process.poll() is not None:
                words = (self.folder / f"{name}.out").read_text(errors="replace")
                raise StartFailed(f"the {name} ended: {words.strip()[-2000:]}")
        if time.monotonic() > end:
            raise StartFailed(otherwise)

    def _spawn(self, name: str, program: str, *words: object) -> None:
        """Starts a daemon in the foreground, where its id is known, and where it dies with this process."""
        command = ["setpriv", "--pdeathsig", "KILL", *self._command(program, "-f", *words)]
        with (self.folder / f"{name}.out").open("wb") as out:
            self.processes[name] = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                                    env=_environment(), start_new_session=True)

    def _wait_until_they_answer(self, *ports: int) -> None:
        end = time.monotonic() + PATIENCE
        for port in ports:
            while not _is_open(port):
                self._check_daemons(end, f"no gateway answers at port {port}")
                time.sleep(0.05)

    def _end_daemons(self) -> None:
        while self.processes:
            _, process = self.processes.popitem()
            process.terminate()
            try:
                process.wait(timeout=_GRACE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class StartFailed(Exception):
    """The server did not start; the message has what it said."""


def start() -> Gateway:
    """A new server that answers. End it with stop(), best by addModuleCleanup."""
    gateway = Gateway()
    try:
        for left in reversed(range(_ATTEMPTS)):
            try:
                gateway.start()
                break
            except StartFailed:
                if not left:
                    raise
        return gateway
    except BaseException:
        gateway.stop()
        raise


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody listens on now, each another."""
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [each.getsockname()[1] for each in sockets]


def _is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


def _environment() -> dict[str, str]:
    """Without what would steer Ceph elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith("CEPH_")}


if __name__ == "__main__":
    server = start()
    try:
        print(json.dumps({"url": server.url, "secure_url": server.secure_url, "folder": str(server.folder),
                          "authority": str(server.certificates.authority), **server.environment()}), flush=True)
        sys.stdin.read()
    finally:
        server.stop()
