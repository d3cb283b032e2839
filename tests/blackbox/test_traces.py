"""Traces: what an answer was made of, as OpenTelemetry's collectors take it; and that they never cost an answer."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from scripted_model import fails, says, scripted
from serving import serving, until

QUESTION = "How long may goods be returned?"


class Collector(ThreadingHTTPServer):
    """Keeps what is posted to it, and answers with `status`, once `gate` is open."""

    daemon_threads = True

    def __init__(self, status=200):
        super().__init__(("127.0.0.1", 0), Receiver)
        self.status, self.documents, self.gate = status, [], threading.Event()
        self.gate.set()
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.gate.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, request, client_address):
        pass  # a program that ends before its answer is a part of some tests

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}/v1/traces"


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.documents.append((self.path, self.headers["Content-Type"], json.loads(body)))
        self.server.gate.wait(60)
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def shop(project):
    project.write("docs/returns.md", "# Returns\n\nGoods may be returned within 45 days of delivery.\n")
    project.add()
    return project


def trace_to(shop, where):
    shop.settings("\n".join(f'traces: "{where}"' if line.startswith("traces:") else line for line in (shop.path / "assay.yaml").read_text().splitlines()) + "\n")


def plain(value):
    (kind, inner), = value.items()
    if kind == "arrayValue":
        return [plain(item) for item in inner["values"]]
    if kind == "kvlistValue":
        return {item["key"]: plain(item["value"]) for item in inner["values"]}
    return int(inner) if kind == "intValue" else inner


def spans_of(document):
    (resource,) = document["resourceSpans"]
    assert {"key": "service.name", "value": {"stringValue": "assay"}} in resource["resource"]["attributes"]
    (scope,) = resource["scopeSpans"]
    spans = {}
    for span in scope["spans"]:
        span["attributes"] = {item["key"]: plain(item["value"]) for item in span["attributes"]}
        spans.setdefault(span["name"], span)
    return spans


def check_shape(spans):
    """One trace, one root, all else below it and within its time; ids of the right length."""
    (root,) = [span for span in spans.values() if "parentSpanId" not in span]
    ids = {span["spanId"] for span in spans.values()}
    assert len({span["traceId"] for span in spans.values()}) == 1 and len(root["traceId"]) == 32
    for span in spans.values():
        assert len(span["spanId"]) == 16 and span.get("parentSpanId", root["spanId"]) in ids
        assert int(root["startTimeUnixNano"]) <= int(span["startTimeUnixNano"]) <= int(span["endTimeUnixNano"]) <= int(root["endTimeUnixNano"])
    return root


def test_an_answer_as_spans(shop):
    with Collector() as collector, scripted(says("Goods may be returned within 45 days [1].")) as server:
        trace_to(shop, collector.address)
        answer = shop.run("ask", "--json", "--model", server.model, QUESTION).json()
        until(lambda: collector.documents)
        (path, kind, document), = collector.documents
    assert path == "/v1/traces" and kind == "application/json"
    assert "returned" not in json.dumps(document) and "45 days" not in json.dumps(document)  # no question, answer or passage
    spans = spans_of(document)
    root = check_shape(spans)
    assert set(spans) == {"invoke_workflow ask", "question", "retrieval", "gate", "answer", "chat scripted", "verify", "audit log"}
    assert root["attributes"]["assay.audit"] == answer["audit"] and root["attributes"]["assay.abstained"] is False
    chat = spans["chat scripted"]
    assert chat["kind"] == 3 and chat["parentSpanId"] == spans["answer"]["spanId"]
    wanted = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai_compatible", "gen_ai.request.model": "scripted",
              "gen_ai.response.model": "scripted-1", "gen_ai.usage.input_tokens": 12, "gen_ai.usage.output_tokens": 3,
              "gen_ai.usage.cache_read.input_tokens": 8, "gen_ai.response.finish_reasons": ["stop"], "gen_ai.request.max_tokens": 1024}  # fmt: skip
    assert wanted.items() <= chat["attributes"].items()
    retrieval = spans["retrieval"]["attributes"]
    assert retrieval["gen_ai.operation.name"] == "retrieval"
    assert retrieval["gen_ai.retrieval.documents"] == [{"id": "docs/returns.md", "score": pytest.approx(answer["passages"][0]["score"], abs=1e-6)}]


def test_a_failure_is_seen(shop):
    with Collector() as collector, scripted(fails(401)) as server:
        trace_to(shop, collector.address)
        shop.run("ask", "--json", "--model", server.model, QUESTION, code=1).error("invalid")
        until(lambda: collector.documents)
        spans = spans_of(collector.documents[0][2])
    check_shape(spans)
    for name in ("invoke_workflow ask", "answer", "chat scripted"):
        assert spans[name]["status"] == {"code": 2} and spans[name]["attributes"]["error.type"] == "invalid"
    assert spans["retrieval"]["status"] == {}


def test_into_a_file(shop):
    trace_to(shop, "traces.jsonl")
    for _ in range(3):
        shop.run("ask", "--json", QUESTION)
    lines = (shop.path / "traces.jsonl").read_text().splitlines()
    roots = [check_shape(spans_of(json.loads(line))) for line in lines]
    assert [root["attributes"]["assay.audit"] for root in roots] == [1, 2, 3]
    assert len({root["traceId"] for root in roots}) == 3


def test_collectors_that_fail_cost_no_answer(shop):
    with Collector(500) as collector:
        for where in (collector.address, "http://127.0.0.1:1/v1/traces", "no/such/folder/traces.jsonl"):
            trace_to(shop, where)
            assert "45 days" in shop.run("ask", "--json", QUESTION).json()["answer"]


def test_a_collector_that_hangs_holds_no_answer_up(shop):
    with Collector() as collector:
        collector.gate.clear()
        trace_to(shop, collector.address)
        process = shop.assay.start("ask", "--json", QUESTION, cwd=shop.path)
        assert b"45 days" in process.stdout.readline()  # while the collector still holds its request
        assert shop.assay.finish(process).code == 0 and not collector.gate.is_set()
        with serving(shop) as server:
            body = {"model": "assay", "messages": [{"role": "user", "content": QUESTION}]}
            for _ in range(5):
                assert "45 days" in server.json("POST", "/v1/chat/completions", body)["choices"][0]["message"]["content"]
            assert not collector.gate.is_set()
