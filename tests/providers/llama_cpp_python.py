#!/usr/bin/env python3
"""`assay generate` and `assay ask` against a server that others wrote: llama-cpp-python's, with a tiny model of random weights.

    peers-data/venv/bin/pip install 'llama-cpp-python[server]' gguf
    peers-data/venv/bin/python tests/providers/llama_cpp_python.py [--binary build/assay] [--vocabulary DATA/gguf-vocab/ggml-vocab-llama-spm.gguf.gz]

The model is made here: two layers of 64, the vocabulary of the file named. What it says is noise; that it is asked rightly, streamed, cut off, held to a
JSON Schema, counted and cited is what is looked at. Prints a line for each thing and "N passed, N failed"."""
import argparse
import gzip
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import gguf
import numpy

ROOT = Path(__file__).resolve().parents[2]
WIDTH, LAYERS, HEADS, INNER, CONTEXT = 64, 2, 4, 128, 2048
TEMPLATE = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant:"


def make_model(vocabulary, path):
    with tempfile.NamedTemporaryFile(suffix=".gguf") as plain:
        plain.write(gzip.open(vocabulary).read())
        plain.flush()
        reader = gguf.GGUFReader(plain.name)
        fields = {key: reader.fields[key].contents() for key in reader.fields if key.startswith("tokenizer.")}
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    tokens = fields["tokenizer.ggml.tokens"]
    writer.add_tokenizer_model(fields["tokenizer.ggml.model"])
    writer.add_token_list(tokens)
    writer.add_token_scores(fields["tokenizer.ggml.scores"])
    writer.add_token_types(fields["tokenizer.ggml.token_type"])
    writer.add_bos_token_id(fields.get("tokenizer.ggml.bos_token_id", 1))
    writer.add_eos_token_id(fields.get("tokenizer.ggml.eos_token_id", 2))
    writer.add_chat_template(TEMPLATE)
    chance = numpy.random.default_rng(7)

    def add(name, *shape):
        writer.add_tensor(name, (chance.standard_normal(shape) * 0.3).astype(numpy.float32))

    add("token_embd.weight", len(tokens), WIDTH)
    add("output.weight", len(tokens), WIDTH)
    writer.add_tensor("output_norm.weight", numpy.ones(WIDTH, numpy.float32))
    for i in range(LAYERS):
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            add(f"blk.{i}.{name}.weight", WIDTH, WIDTH)
        add(f"blk.{i}.ffn_gate.weight", INNER, WIDTH)
        add(f"blk.{i}.ffn_up.weight", INNER, WIDTH)
        add(f"blk.{i}.ffn_down.weight", WIDTH, INNER)
        for name in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"blk.{i}.{name}.weight", numpy.ones(WIDTH, numpy.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_up(port, server, log):
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/models", timeout=2).read()
            return
        except OSError:
            if server.poll() is not None:
                sys.exit(f"the server ended:\n{Path(log).read_text()[-3000:]}")
            time.sleep(0.2)
    sys.exit("the server did not come up")


class Checks:
    def __init__(self, binary, model, folder):
        self.binary, self.model, self.folder, self.passed, self.failed = binary, model, folder, 0, 0

    def run(self, *words):
        return subprocess.run([self.binary, *words], cwd=self.folder, capture_output=True, text=True, timeout=300,
                              env={**os.environ, "ASSAY_MODEL_KEY": "none"})  # fmt: skip

    def expect(self, what, outcome, holds):
        good = bool(holds(outcome))
        self.passed, self.failed = self.passed + good, self.failed + (not good)
        print(f"{'ok ' if good else 'BAD'} {what}" + ("" if good else f"\n    {outcome.returncode} {outcome.stdout[:600]!r} {outcome.stderr[:600]!r}"))


def document(outcome):
    return json.loads(outcome.stdout)


def check(checks):
    ask = ("--model", checks.model, "--max-tokens", "24", "--temperature", "0")
    whole = checks.run("generate", *ask, "--json", "Say something.")
    checks.expect("a whole answer, counted", whole, lambda o: o.returncode == 0 and document(o)["usage"]["completion_tokens"] > 0)
    again = checks.run("generate", *ask, "--json", "Say something.")
    checks.expect("temperature 0 says the same again", again, lambda o: document(o)["text"] == document(whole)["text"])
    streamed = checks.run("generate", *ask, "Say something.")
    checks.expect("streamed, it is the same text", streamed, lambda o: o.returncode == 0 and o.stdout.strip() == document(whole)["text"].strip())
    schema = Path(checks.folder) / "answer.schema.json"
    schema.write_text(json.dumps({"type": "object", "properties": {"sure": {"type": "boolean"}}, "required": ["sure"], "additionalProperties": False}))
    bound = checks.run("generate", "--model", checks.model, "--max-tokens", "64", "--schema", str(schema), "--json", "Is it so?")
    checks.expect("an answer by a JSON Schema", bound, lambda o: o.returncode == 0 and isinstance(json.loads(document(o)["text"])["sure"], bool))
    long = checks.run("generate", "--model", checks.model, "--json", "word " * 6000)
    checks.expect("a prompt that is too long is refused with the server's reason", long,
                  lambda o: o.returncode == 1 and "context" in document(o)["error"]["message"].lower())  # fmt: skip
    checks.run("init", ".")
    (Path(checks.folder) / "docs").mkdir(exist_ok=True)
    (Path(checks.folder) / "docs" / "a.md").write_text("# Returns\n\nGoods may be returned within 30 days.\n")
    checks.run("add")
    said = checks.run("ask", "--model", checks.model, "How long may goods be returned?", "--json")
    checks.expect("assay ask: noise is not handed out as borne out", said,
                  lambda o: o.returncode == 0 and (document(o)["abstained"] or document(o)["confidence"] < 0.5))  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", default=str(ROOT / "build" / "assay"))
    parser.add_argument("--vocabulary", default=str(ROOT.parent / "shared/data/gguf-vocab/ggml-vocab-llama-spm.gguf.gz"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        model, log, port = f"{folder}/tiny.gguf", f"{folder}/server.log", free_port()
        make_model(options.vocabulary, model)
        with open(log, "w") as output:
            server = subprocess.Popen([sys.executable, "-m", "llama_cpp.server", "--model", model, "--host", "127.0.0.1", "--port", str(port),
                                       "--n_ctx", str(CONTEXT), "--model_alias", "tiny"], stdout=output, stderr=output)  # fmt: skip
        try:
            wait_until_up(port, server, log)
            checks = Checks(os.path.abspath(options.binary), f"http://127.0.0.1:{port}/v1#tiny", folder)
            check(checks)
        finally:
            server.terminate()
            server.wait(30)
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
