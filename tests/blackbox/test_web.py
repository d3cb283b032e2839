"""assay add https://…: pages and sites by a small server on this machine, which --allow-host lets it ask. Nothing here leaves the machine."""
import email.message
import gzip
import http.server
import shutil
import signal
import ssl
import subprocess
import threading
import time
import zlib

import pytest


class Site:
    """Listens at 127.0.0.1, any port. Answers what `pages` says: path → (status, head, bytes), or a function of the request that writes its answer itself."""

    def __init__(self, address=("127.0.0.1", 0)):
        self.pages, self.asked, self.heads = {}, [], []
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                site.asked.append(self.path)
                site.heads.append(dict(self.headers))
                answer = site.pages.get(self.path, (404, {}, b"no"))
                if callable(answer):
                    self.close_connection = True
                    try:
                        answer(self)
                    except OSError:
                        pass  # the client had enough
                    return
                status, head, body = answer
                if "ETag" in head and self.headers.get("If-None-Match") == head["ETag"]:
                    status, body = 304, b""
                if "Last-Modified" in head and self.headers.get("If-Modified-Since") == head["Last-Modified"]:
                    status, body = 304, b""
                self.send_response(status)
                for name, value in head.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *words):
                pass

        self.server = http.server.ThreadingHTTPServer(address, Handler)
        self.server.daemon_threads = True
        self.host = f"127.0.0.1:{self.server.server_address[1]}"
        self.url = f"http://{self.host}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def page(self, path, text, **head):
        body = text if isinstance(text, bytes) else f"<!doctype html><title>{path}</title><main><p>{text}</p></main>".encode()
        self.pages[path] = (200, {"Content-Type": "text/html; charset=utf-8", **{k.replace("_", "-"): v for k, v in head.items()}}, body)

    def sitemap(self, *paths, at="/sitemap.xml"):
        rows = "".join(f"<url><loc>{path if path.startswith('http') else self.url + path}</loc></url>" for path in paths)
        text = f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>'
        self.pages[at] = (200, {"Content-Type": "application/xml"}, text.encode())

    def index(self, *paths, at="/sitemap.xml"):
        rows = "".join(f"<sitemap><loc>{self.url + path}</loc></sitemap>" for path in paths)
        text = f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</sitemapindex>'
        self.pages[at] = (200, {"Content-Type": "application/xml"}, text.encode())


    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def site():
    made = Site()
    yield made
    made.stop()


@pytest.fixture
def fetch(project, site):
    """fetch(url…): what `assay add` says of it, with this server allowed and no pause between requests."""
    settings = project.path / "assay.yaml"
    settings.write_text(settings.read_text().replace("delay_ms: 200", "delay_ms: 0").replace("timeout_s: 60", "timeout_s: 5")
                        )  # fmt: skip

    def run(*words, allow=site.host):
        allowed = ["--allow-host", allow] if allow else []
        outcome = project.assay("-C", project.path, "add", "--json", *allowed, *words, cwd=project.path, code=None)
        return outcome.json()

    return run


def listed(project):
    return project.documents()


def counts(report):
    return {name: report[name] for name in ("added", "updated", "unchanged", "removed") if report[name]} | (
        {"failed": len(report["failed"])} if report["failed"] else {})  # fmt: skip


def the_failure(report):
    assert len(report["failed"]) == 1, report
    return report["failed"][0]["message"]


def test_a_page_is_a_document_at_its_address(project, site, fetch):
    site.page("/docs/refunds?x=1", "The refund window is forty days.", ETag='"a"')
    assert counts(fetch(site.url + "/docs/./refunds?x=1#top")) == {"added": 1}
    assert list(listed(project)) == [site.url + "/docs/refunds?x=1"]
    found = project.run("search", "--json", "refund window").json()["results"]
    assert found[0]["document"] == site.url + "/docs/refunds?x=1" and "forty days" in found[0]["text"]
    assert site.asked == ["/robots.txt", "/docs/refunds?x=1"]
    assert site.heads[1]["User-Agent"].startswith("assay/")
    assert not {"Cookie", "Authorization", "Referer"} & set(site.heads[1])
    assert counts(fetch(site.url + "/docs/refunds?x=1")) == {"unchanged": 1}
    assert site.heads[-1]["If-None-Match"] == '"a"'


def test_a_name_of_the_version_stands_alone(project, site, fetch):
    date = "Mon, 02 Mar 2026 10:00:00 GMT"
    site.page("/a", "The page as it was.", ETag='"1"', Last_Modified=date)
    assert counts(fetch(site.url + "/a")) == {"added": 1}
    site.page("/a", "The page as it is now, within the same second.", ETag='"2"', Last_Modified=date)
    assert counts(fetch(site.url + "/a")) == {"updated": 1}
    assert site.heads[-1]["If-None-Match"] == '"1"' and "If-Modified-Since" not in site.heads[-1]


def test_a_site_is_kept_up_to_date(project, site, fetch):
    for name, head in (("a", {"ETag": '"1"'}), ("b", {"Last_Modified": "Mon, 02 Mar 2026 10:00:00 GMT"}), ("c", {})):
        site.page(f"/{name}", f"Page {name} as it was.", **head)
    site.sitemap("/a", "/b", "/c")
    assert counts(fetch(site.url + "/sitemap.xml")) == {"added": 3}
    assert counts(fetch(site.url + "/sitemap.xml")) == {"unchanged": 3}
    assert "If-Modified-Since" in site.heads[-2]
    site.page("/a", "Page a is another one.", ETag='"2"')
    site.sitemap("/a", "/b")
    assert counts(fetch(site.url + "/sitemap.xml")) == {"updated": 1, "unchanged": 1, "removed": 1}
    assert sorted(listed(project)) == [site.url + "/a", site.url + "/b"]
    by_date = project.run("search", "--json", "--filter", "modified < 2026-03-03", "page").json()["results"]
    assert [hit["document"] for hit in by_date] == [site.url + "/b"]
    by_site = project.run("search", "--json", "--filter", f'site = "{site.url}/sitemap.xml"', "page").json()
    assert len(by_site["results"]) == 2


def test_pages_that_are_gone_are_removed_and_others_are_kept(project, site, fetch):
    for name in "abc":
        site.page(f"/{name}", f"Page {name}.")
    site.sitemap("/a", "/b", "/c")
    fetch(site.url + "/sitemap.xml")
    site.pages["/a"] = (404, {}, b"gone")
    site.pages["/b"] = (500, {}, b"broken")
    report = fetch(site.url + "/sitemap.xml")
    assert counts(report) == {"unchanged": 1, "removed": 1, "failed": 1}
    assert "status 500" in the_failure(report)
    assert sorted(listed(project)) == [site.url + "/b", site.url + "/c"]
    site.pages["/sitemap.xml"] = (503, {}, b"")
    assert "status 503" in the_failure(fetch(site.url + "/sitemap.xml"))
    assert len(listed(project)) == 2
    assert "status 404" in the_failure(fetch(site.url + "/never"))
    site.pages["/b"] = (410, {}, b"")
    assert counts(fetch(site.url + "/b")) == {"removed": 1}


def test_local_files_and_pages_do_not_meet(project, site, fetch):
    site.page("/a", "Page a.")
    project.write("docs/x.md", "# X\n\nLocal.\n")
    assert counts(fetch("docs", site.url + "/a")) == {"added": 2}
    assert counts(fetch(".", allow=None)) == {"unchanged": 1}
    assert project.run("remove", "--json", site.url + "/").json()["removed"] == 1
    assert list(listed(project)) == ["docs/x.md"]


def test_sitemaps_are_found_through_robots_and_by_lists(project, site, fetch):
    for name in "abcd":
        site.page(f"/{name}", f"Page {name}.")
    site.pages["/robots.txt"] = (200, {}, f"User-agent: *\nDisallow: /d\nSitemap: {site.url}/maps/all.xml\n".encode())
    site.index("/maps/one.xml.gz", "/maps/two.txt", "/maps/all.xml", at="/maps/all.xml")
    site.sitemap("/a", "/b", "/d", at="/plain")
    site.pages["/maps/one.xml.gz"] = (200, {"Content-Type": "application/gzip"}, gzip.compress(site.pages["/plain"][2]))
    site.pages["/maps/two.txt"] = (200, {"Content-Type": "text/plain"}, f"{site.url}/c\nhttp://192.0.2.1/x\n".encode())
    report = fetch(site.url + "/robots.txt")
    assert counts(report) == {"added": 3} and report["skipped"] == 2
    assert "/d" not in site.asked and site.asked.count("/maps/all.xml") == 1
    assert "robots.txt does not want" in the_failure(fetch(site.url + "/d"))


def test_lists_of_sitemaps_end(project, site, fetch):
    for i in range(9):
        site.index(f"/m{i + 1}", f"/m{i}", at=f"/m{i}")
    site.pages["/robots.txt"] = (200, {}, f"Sitemap: {site.url}/m0\n".encode())
    assert "below each other" in the_failure(fetch(site.url + "/robots.txt"))
    assert len(site.asked) < 9


def test_robots_that_cannot_be_read_forbid(project, site, fetch):
    site.page("/a", "Page a.")
    site.pages["/robots.txt"] = (500, {}, b"")
    assert "not known what may be asked" in the_failure(fetch(site.url + "/a"))
    assert "/a" not in site.asked


def test_redirects_are_followed_and_looked_at(project, site, fetch):
    site.page("/end", "The end of the way.")
    for i in range(8):
        site.pages[f"/r{i}"] = (302, {"Location": f"/r{i + 1}" if i < 7 else "/end"}, b"")
    assert counts(fetch(site.url + "/r4")) == {"added": 1}
    assert list(listed(project)) == [site.url + "/r4"]
    assert "leads on" in the_failure(fetch(site.url + "/r0"))
    for target, reason in (("http://127.0.0.1:1/x", "port 1"), ("http://10.0.0.1/", "no public address"),
                           ("http://[::ffff:127.0.0.1]/", "no public address"), ("http://0x7f000001/", "no public address"),
                           ("http://169.254.169.254/latest/meta-data/", "no public address"), ("file:///etc/passwd", "only http"),
                           ("http://user:pass@127.0.0.1/", "password"), ("//[64:ff9b::7f00:1]/", "no public address")):  # fmt: skip
        site.pages["/out"] = (301, {"Location": target}, b"")
        assert reason in the_failure(fetch(site.url + "/out")), target
    site.pages["/out"] = (301, {}, b"")
    assert "does not say where" in the_failure(fetch(site.url + "/out"))


def test_nothing_private_is_asked_unless_allowed(project, site, fetch):
    site.page("/a", "Page a.")
    assert "only 80 and 443" in the_failure(fetch(site.url + "/a", allow=None))
    assert "only 80 and 443" in the_failure(fetch(site.url + "/a", allow="127.0.0.1"))
    for address in ("http://localhost/", "http://127.1/", "http://[::1]/", "http://2130706433/"):
        assert "no public address" in the_failure(fetch(address, allow=None)), address
    assert site.asked == []
    settings = project.path / "assay.yaml"
    settings.write_text(settings.read_text().replace("allow_hosts: []", f"allow_hosts: ['{site.host}']"))
    assert counts(fetch(site.url + "/a", allow=None)) == {"added": 1}


def test_the_environment_names_no_proxy(project, site, fetch):
    site.page("/a", "Page a.")
    env = {name: "http://127.0.0.1:1" for name in ("http_proxy", "https_proxy", "all_proxy", "ALL_PROXY")}
    outcome = project.run("add", "--json", "--allow-host", site.host, site.url + "/a", env=env)
    assert counts(outcome.json()) == {"added": 1}


def test_bodies_have_limits(project, site, fetch):
    settings = project.path / "assay.yaml"
    settings.write_text(settings.read_text().replace("documents_max_mb: 64", "documents_max_mb: 1"))

    def endless(request):
        request.send_response(200)
        request.send_header("Content-Type", "text/html")
        request.end_headers()
        while True:
            request.wfile.write(b"<p>more and more" * 4096)

    site.pages["/endless"] = endless
    assert "more than 1048576 bytes" in the_failure(fetch(site.url + "/endless"))
    bomb = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = b"".join(bomb.compress(b"a" * 1000000) for _ in range(64)) + bomb.flush()
    site.pages["/bomb"] = (200, {"Content-Type": "text/html", "Content-Encoding": "gzip"}, packed)
    assert "more than 1048576 bytes" in the_failure(fetch(site.url + "/bomb"))
    settings.write_text(settings.read_text().replace("documents_max_mb: 1", "documents_max_mb: 64"))
    assert "times as large" in the_failure(fetch(site.url + "/bomb"))
    site.page("/packed", "")
    site.pages["/packed"] = (200, {"Content-Type": "text/html", "Content-Encoding": "gzip"}, gzip.compress(b"<p>Packed words."))
    assert counts(fetch(site.url + "/packed")) == {"added": 1}
    site.pages["/head"] = (200, {f"X-{i}": "a" * 1000 for i in range(90)}, b"<p>x")
    assert "head of the answer" in the_failure(fetch(site.url + "/head"))


def test_a_slow_host_ends(project, site, fetch):
    settings = project.path / "assay.yaml"
    settings.write_text(settings.read_text().replace("timeout_s: 5", "timeout_s: 1"))

    def slow(request):
        request.send_response(200)
        request.end_headers()
        for _ in range(200):
            request.wfile.write(b"a")
            request.wfile.flush()
            time.sleep(0.1)

    site.pages["/slow"] = slow
    assert "timed out" in the_failure(fetch(site.url + "/slow")).lower()


def test_what_is_no_document_is_not_taken(project, site, fetch):
    site.page("/a", "Page a.")
    site.pages["/i"] = (200, {"Content-Type": "image/png"}, b"\x89PNG")
    site.sitemap("/a", "/i")
    report = fetch(site.url + "/sitemap.xml")
    assert counts(report) == {"added": 1} and report["skipped"] == 1
    assert "image/png" in the_failure(fetch(site.url + "/i"))


def test_readers_are_chosen_as_for_files(project, site, fetch):
    site.pages["/notes"] = (200, {"Content-Type": "text/markdown"}, b"# Notes\n\nSome *words*.\n")
    site.pages["/latin"] = (200, {"Content-Type": "text/html; charset=iso-8859-1"}, "<p>caf\u00e9 au lait".encode("latin-1"))
    site.pages["/data.csv?v=2"] = (200, {"Content-Type": "text/csv"}, b"name,days\ncard,5\n")
    assert counts(fetch(*(site.url + path for path in site.pages))) == {"added": 3}
    formats = {path.rsplit("/", 1)[1]: document["format"] for path, document in listed(project).items()}
    assert formats == {"notes": "markdown", "latin": "html", "data.csv?v=2": "csv"}
    found = project.run("search", "--json", "caf\u00e9").json()["results"]
    assert found[0]["text"] == "caf\u00e9 au lait"


def test_a_page_does_not_choose_who_sees_it(project, site, fetch):
    site.pages["/x.md"] = (200, {"Content-Type": "text/markdown"}, b"---\naccess: [hr]\n---\n# X\n\nWords.\n")
    assert "does not decide" in the_failure(fetch(site.url + "/x.md"))
    (project.path / "labels.csv").write_text(f"{site.url}/,web\n")
    settings = project.path / "assay.yaml"
    settings.write_text(settings.read_text().replace("labels: public", "labels: labels.csv"))
    assert counts(fetch(site.url + "/x.md")) == {"added": 1}
    assert project.run("key", "add", "--json", "reader", "--groups", "web").code == 0
    assert project.run("search", "--json", "--as", "reader", "words").json()["results"]


def test_redirects_lead_to_no_other_labels(project, site, fetch):
    site.page("/hr/pay", "Zorbit salaries.")
    site.pages["/x"] = (302, {"Location": "/hr/pay"}, b"")
    settings = project.path / "assay.yaml"
    (project.path / "labels.csv").write_text(f"{site.url}/,public\n{site.url}/hr/,hr\n")
    settings.write_text(settings.read_text().replace("labels: public", "labels: labels.csv"))
    assert "other labels" in the_failure(fetch(site.url + "/x")) and not listed(project)
    (project.path / "labels.csv").write_text(f"{site.url}/,hr\n")
    assert counts(fetch(site.url + "/x")) == {"added": 1}


def test_what_is_allowed_to_a_person_is_not_to_a_page(project, site, fetch):
    site.page("/end", "The end.")
    port = site.url.rsplit(":", 1)[1]
    site.pages["/out"] = (302, {"Location": f"http://localhost:{port}/end"}, b"")
    settings = project.path / "assay.yaml"
    settings.write_text(settings.read_text().replace("allow_hosts: []", f"allow_hosts: ['localhost:{port}']"))
    assert f"localhost:{port}" in settings.read_text()
    assert counts(fetch(f"http://localhost:{port}/end")) == {"added": 1}
    assert f"port {port}" in the_failure(fetch(site.url + "/out"))


def test_no_open_connection_leads_a_page_into_what_is_allowed_to_a_person(project, fetch):
    """A name at port 80 may be public: only the address that a connection is opened to tells, so one that stands open already must not be used."""
    try:
        inner, outer = Site(("127.0.0.1", 80)), Site(("127.0.0.2", 80))
    except OSError as error:
        pytest.skip(f"port 80 cannot be listened at: {error}")
    try:
        inner.page("/", "The page for the person.")
        inner.page("/hidden", "The salary of the director.")
        outer.pages["/"] = (302, {"Location": "http://localhost/hidden"}, b"")
        report = fetch("http://localhost/", "http://127.0.0.2/", allow="localhost,127.0.0.2")
        assert report["added"] == 1 and "no public address" in report["failed"][0]["message"] and "/hidden" not in inner.asked, (report, inner.asked)
        inner.asked.clear()
        report = fetch("http://127.0.0.2/", allow="localhost,127.0.0.2")
        assert report["added"] == 0 and inner.asked == [], (report, inner.asked)
        outer.pages["/robots.txt"] = (302, {"Location": "http://localhost/robots.txt"}, b"")
        report = fetch("http://127.0.0.2/", allow="localhost,127.0.0.2")
        assert report["added"] == 0 and inner.asked == [], (report, inner.asked)
    finally:
        inner.stop()
        outer.stop()


def test_archives_are_fetched_and_their_members_kept(project, site, fetch, tmp_path):
    import io
    import zipfile
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.md", "# A\n\nWords of a.\n")
        archive.writestr("b.md", "# B\n\nWords of b.\n")
    site.pages["/export.zip"] = (200, {"Content-Type": "application/zip"}, packed.getvalue())
    assert counts(fetch(site.url + "/export.zip")) == {"added": 2}
    assert counts(fetch(site.url + "/export.zip")) == {"unchanged": 2}
    assert sorted(listed(project)) == [site.url + "/export.zip/a.md", site.url + "/export.zip/b.md"]
    site.pages["/export.zip"] = (404, {}, b"")
    assert counts(fetch(site.url + "/export.zip")) == {"removed": 2}


def letter_with(*files):
    letter = email.message.EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "anna@example.com", "ben@example.com", "Travel costs"
    letter.set_content("The zanzibar numbers are attached.")
    for name, text in files:
        letter.add_attachment(text.encode(), maintype="text", subtype="markdown", filename=name)
    return letter.as_bytes()


def test_what_is_attached_to_a_fetched_mail_is_read(project, site, fetch):
    head = {"Content-Type": "message/rfc822"}
    address = site.url + "/letter.eml"
    site.pages["/letter.eml"] = (200, head, letter_with(("costs.md", "# Costs\n\nA quokka costs 3 euro.\n"), ("old.md", "# Old\n\nA wombat cost 2 euro.\n")))
    assert counts(fetch(address)) == {"added": 3}
    assert sorted(listed(project)) == [address, address + "/costs.md", address + "/old.md"]
    assert counts(fetch(address)) == {"unchanged": 3}
    site.pages["/letter.eml"] = (200, head, letter_with(("costs.md", "# Costs\n\nA quokka costs 4 euro.\n")))
    assert counts(fetch(address)) == {"updated": 2, "removed": 1}
    del site.pages["/letter.eml"]
    assert counts(fetch(address))["removed"] == 2


def test_archives_that_a_site_lists_no_more_are_removed(project, site, fetch):
    import io
    import zipfile
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.md", "# A\n\nWords of a.\n")
        archive.writestr("b.md", "# B\n\nWords of b.\n")
    site.pages["/export.zip"] = (200, {"Content-Type": "application/zip"}, packed.getvalue())
    site.page("/p", "A page beside it.")
    site.sitemap("/p", "/export.zip")
    assert counts(fetch(site.url + "/sitemap.xml")) == {"added": 3}
    assert counts(fetch(site.url + "/sitemap.xml")) == {"unchanged": 3}
    site.sitemap("/p")
    assert counts(fetch(site.url + "/sitemap.xml")) == {"unchanged": 1, "removed": 2}
    assert list(listed(project)) == [site.url + "/p"]


def test_what_was_fetched_is_kept_when_stopped(project, site, fetch):
    for i in range(6):
        site.page(f"/p{i}", f"Page {i}.")
    site.sitemap(*(f"/p{i}" for i in range(6)))
    waiting = threading.Event()

    def wait(request):
        waiting.set()
        time.sleep(30)

    site.pages["/p4"] = wait
    process = project.assay.start("-C", project.path, "add", "--allow-host", site.host, site.url + "/sitemap.xml")
    assert waiting.wait(20)
    process.send_signal(signal.SIGINT)
    outcome = project.assay.finish(process, timeout=20)
    assert outcome.code == 1 and "stopped" in outcome.err
    assert sorted(listed(project)) == [f"{site.url}/p{i}" for i in range(4)]


def test_the_pause_that_robots_ask_for_is_kept(project, site, fetch):
    times = []
    for name in "abc":
        def answer(request, name=name):
            times.append(time.monotonic())
            body = f"<p>Page {name}".encode()
            request.send_response(200)
            request.send_header("Content-Length", str(len(body)))
            request.end_headers()
            request.wfile.write(body)
        site.pages[f"/{name}"] = answer
    site.pages["/robots.txt"] = (200, {}, b"User-agent: assay\nCrawl-delay: 0.3\n")
    assert counts(fetch(*(f"{site.url}/{name}" for name in "abc"))) == {"added": 3}
    assert times[1] - times[0] >= 0.29 and times[2] - times[1] >= 0.29


def test_it_can_be_stopped(project, site, fetch):
    for i in range(50):
        site.page(f"/p{i}", f"Page {i}.")
    site.sitemap(*(f"/p{i}" for i in range(50)))
    site.pages["/robots.txt"] = (200, {}, b"User-agent: *\nCrawl-delay: 5\n")
    process = project.assay.start("-C", project.path, "add", "--allow-host", site.host, site.url + "/sitemap.xml")
    while "/sitemap.xml" not in site.asked:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    outcome = project.assay.finish(process, timeout=4)
    assert outcome.code == 1 and "stopped" in outcome.err
    site.pages["/robots.txt"] = (404, {}, b"")
    assert counts(fetch(site.url + "/sitemap.xml")) == {"added": 50}


def test_addresses_that_are_none(project, fetch):
    for words, reason in ((["http://"], "no host"), (["https://user:pw@example.com/"], "password"), (["http://exa mple.com/"], "character")):
        outcome = project.run("add", "--json", *words, code=None)
        assert reason in outcome.error("invalid")["message"], words
    outcome = project.run("add", "--json", "--allow-host", "a b", "http://127.0.0.1:1/", code=None)
    assert "no host that could be allowed" in outcome.error("invalid")["message"]
    outcome = project.run("add", "--watch", "--json", "http://127.0.0.1:1/", code=None)
    assert outcome.code == 1


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_certificates_of_a_company(project, site, fetch, tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1",
                    "-keyout", key, "-out", certificate], check=True, capture_output=True)  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    site.server.socket = context.wrap_socket(site.server.socket, server_side=True)
    address = f"https://{site.host}/a"
    site.page("/a", "The page that only a company's certificate vouches for.")
    assert "certificate" in the_failure(fetch(address)) and site.asked == []
    settings = (project.path / "assay.yaml").read_text()
    (project.path / "assay.yaml").write_text(settings.replace("ca: system", "ca: certs/own.pem"))
    missing = project.assay("-C", project.path, "add", "--json", "--allow-host", site.host, address, cwd=project.path, code=1)
    assert "certs/own.pem" in missing.error()["message"]
    (project.path / "certs").mkdir()
    shutil.copy(certificate, project.path / "certs/own.pem")
    assert counts(fetch(address)) == {"added": 1}
