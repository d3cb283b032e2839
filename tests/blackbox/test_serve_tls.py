"""`assay serve --tls-cert --tls-key`: HTTPS with a certificate that is read anew by SIGHUP."""

import http.client
import json
import shutil
import signal
import socket
import ssl
import subprocess

import models
import pytest
from conftest import SLOWNESS
from serving import serving, until

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="the program openssl, which makes certificates for this test, is not here")


@pytest.fixture
def shop(project):
    project.write("docs/refunds.md", "# Refunds\n\nThe refund window is thirty days.\n")
    project.add()
    return project


def certify(folder, name, locked=False):
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    secret = ["-passout", "pass:secret"] if locked else ["-nodes"]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", *secret, "-days", "3", "-subj", f"/CN={name}",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate], check=True, capture_output=True)  # fmt: skip
    return certificate, key


def words(pair):
    return "--tls-cert", str(pair[0]), "--tls-key", str(pair[1])


def connect(server, certificate, **more):
    context = ssl.create_default_context(cafile=certificate)
    for name, value in more.items():
        setattr(context, name, value)
    return http.client.HTTPSConnection("127.0.0.1", server.port, context=context, timeout=60 * SLOWNESS)


def ask(connection, server, method, path, body=None):
    fields = {"Authorization": f"Bearer {server.admin}", **({"Content-Type": "application/json"} if body is not None else {})}
    connection.request(method, path, json.dumps(body) if body is not None else None, fields)
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read()


@models.needed
def test_requests_over_tls(shop, tmp_path):
    (shop.path / "models").mkdir()
    (shop.path / "models" / "tiny").symlink_to(models.FOLDER)
    pair = certify(tmp_path, "one")
    with serving(shop, *words(pair)) as server:
        assert server.greeting["listening"].startswith("https://127.0.0.1:")
        connection = connect(server, pair[0])
        for _ in range(3):  # one connection
            status, headers, content = ask(connection, server, "POST", "/v1/search", {"query": "refund window"})
            assert status == 200 and json.loads(content)["results"] and "Strict-Transport-Security" not in headers
        texts = ["refund" + 1400 * " "] * 400  # much in both directions, and little to compute: many records
        status, _, content = ask(connection, server, "POST", "/v1/embeddings", {"model": "tiny", "input": texts})
        assert status == 200 and len(json.loads(content)["data"]) == 400 and len(content) > 10**6
        connection.request("GET", "https://127.0.0.1:%d/health" % server.port, headers={"Host": f"127.0.0.1:{server.port}"})
        assert connection.getresponse().read() == b'{"status":"ok"}'
        connection.close()


def test_a_name_of_the_settings_is_told_to_stay_with_https(shop, tmp_path):
    """Under "localhost" and addresses other programs of the machine are asked too, without TLS."""
    settings = shop.path / "assay.yaml"
    settings.write_text(settings.read_text().replace("hosts: []", "hosts: [assay.corp]"))
    pair = certify(tmp_path, "one")
    with serving(shop, *words(pair)) as server:
        for host, is_told in (("assay.corp", True), (f"ASSAY.corp:{server.port}", True), ("localhost", False), (f"127.0.0.1:{server.port}", False), ("other.corp", False)):
            connection = connect(server, pair[0])
            connection.request("GET", "/health", headers={"Host": host})
            answer = connection.getresponse()
            assert ("Strict-Transport-Security" in answer.headers) == is_told and answer.read()
            connection.close()


def test_a_stream_with_the_clients_library(shop, tmp_path):
    openai = pytest.importorskip("openai", reason="OpenAI's client is not in .venv: scripts/setup installs it")
    httpx = pytest.importorskip("httpx")
    pair = certify(tmp_path, "one")
    with serving(shop, *words(pair)) as server:
        network = httpx.Client(verify=ssl.create_default_context(cafile=pair[0]))
        api = openai.OpenAI(base_url=f"https://127.0.0.1:{server.port}/v1", api_key=server.admin, http_client=network, max_retries=0)
        asked = [{"role": "user", "content": "How long is the refund window?"}]
        chunks = list(api.chat.completions.create(model="assay", messages=asked, stream=True))
        assert "thirty" in "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        sent = api.files.create(file=("long.txt", b"zorb " * 100000), purpose="assistants")
        assert api.files.content(sent.id).read() == b"zorb " * 100000
        network.close()


def test_who_does_not_speak_tls_gets_nothing(shop, tmp_path):
    pair = certify(tmp_path, "one")
    with serving(shop, *words(pair)) as server:
        assert b"HTTP/1.1 2" not in server.raw(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"HTTP/1.1 2" not in server.raw(b"\x16\x03\x01\x02\x00" + b"\xff" * 512)
        left = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(20)]  # who never begin
        with pytest.raises(ssl.SSLError):
            ask(connect(server, certify(tmp_path, "other")[0]), server, "GET", "/health")
        assert ask(connect(server, pair[0]), server, "GET", "/health")[0] == 200
        for connection in left:
            connection.close()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_old_versions_are_refused(shop, tmp_path):
    pair = certify(tmp_path, "one")
    with serving(shop, *words(pair)) as server:
        with pytest.raises((ssl.SSLError, ValueError)):
            ask(connect(server, pair[0], maximum_version=ssl.TLSVersion.TLSv1_1), server, "GET", "/health")
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            assert ask(connect(server, pair[0], minimum_version=version, maximum_version=version), server, "GET", "/health")[0] == 200


def test_a_new_certificate_is_taken_by_a_signal(shop, tmp_path):
    pair = certify(tmp_path, "one")
    with serving(shop, *words(pair)) as server:
        kept = connect(server, pair[0])
        old = tmp_path / "old.pem"
        shutil.copy(pair[0], old)
        assert ask(kept, server, "GET", "/health")[0] == 200
        pair[0].write_text("nothing\n")
        server.process.send_signal(signal.SIGHUP)
        until(lambda: any("settings stay" in line.get("message", "") for line in server.log()))
        assert ask(connect(server, old), server, "GET", "/health")[0] == 200  # the old one, as long as the new one is none
        certify(tmp_path, "one")
        server.process.send_signal(signal.SIGHUP)
        until(lambda: any(line.get("message") == "the settings were read again" for line in server.log()))
        assert ask(connect(server, pair[0]), server, "GET", "/health")[0] == 200
        assert ask(kept, server, "GET", "/health")[0] == 200  # who was there stays
        kept.close()


def test_a_new_certificate_is_taken_where_the_settings_are_not(shop, tmp_path):
    pair = certify(tmp_path, "one")
    with serving(shop, *words(pair)) as server:
        certify(tmp_path, "one")
        shop.settings("embedding: nosuch\n")
        server.process.send_signal(signal.SIGHUP)
        until(lambda: any("settings stay" in line.get("message", "") for line in server.log()))
        assert ask(connect(server, pair[0]), server, "GET", "/health")[0] == 200


def test_what_cannot_be_a_certificate(shop, tmp_path):
    one, other = certify(tmp_path, "one"), certify(tmp_path, "other")
    for given, told in (((one[0], other[1]), "key"), ((one[1], one[1]), "certificate"), ((tmp_path / "none.pem", one[1]), "none.pem"),
                        ((one[0], tmp_path / "none.key"), "none.key"), (certify(tmp_path, "locked", locked=True), "password")):  # fmt: skip
        outcome = shop.run("serve", "--listen", "127.0.0.1:0", *words(given), code=1)
        assert told in outcome.err, outcome.err
    assert "--tls-key" in shop.run("serve", "--listen", "127.0.0.1:0", "--tls-cert", str(one[0]), code=1).err
    assert "No such file" in shop.run("serve", "--listen", "127.0.0.1:0", "--tls-cert", "none.pem", "--tls-key", str(one[1]), code=1).err
