"""The programs that bench_embed.py and its like compare with, each in a process of its own that answers JSON lines.

    embed_peers.py --model FOLDER --engine st_f32|st_bf16|ort_f32|ort_int8 [--fused] --threads N
    embed_peers.py --model FOLDER --export

Asked {"do": "time", "texts": FILE, "batch": B} it answers {"seconds", "tokens"}; "latency": {"p50_ms", "p99_ms"}, texts one by one;
"vectors", "to": FILE: writes NumPy's format; "memory": {"resident_mib", "peak_mib", "load_seconds"}."""

import argparse
import json
import os
import resource
import sys
import time

TOKENS_MAX = 256
WARMUP = 30


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--engine")
    parser.add_argument("--fused", action="store_true")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--export", action="store_true")
    parser.add_argument("--onnx", default="peers-data/onnx-embed")
    return parser.parse_args()


def single_threaded_libraries(threads):
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"):
        os.environ[name] = str(threads)
    os.environ.update(CUDA_VISIBLE_DEVICES="", HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1",
                      TOKENIZERS_PARALLELISM="true" if threads > 1 else "false")


class SentenceTransformers:
    def __init__(self, options):
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(options.threads)
        self.half = options.engine == "st_bf16"
        begun = time.perf_counter()
        self.model = SentenceTransformer(options.model, device="cpu",
                                         model_kwargs={"dtype": torch.bfloat16 if self.half else torch.float32})
        self.load_seconds = time.perf_counter() - begun
        self.model.max_seq_length = TOKENS_MAX

    def embed(self, texts, batch):
        vectors = self.model.encode(texts, batch_size=batch, normalize_embeddings=True, show_progress_bar=False,
                                    convert_to_tensor=True)
        return vectors.float().numpy()

    def tokens(self, texts):
        return sum(len(ids) for ids in self.model.tokenizer(texts, truncation=True, max_length=TOKENS_MAX)["input_ids"])


class OnnxRuntime:
    """Tokenized by the tokenizers library itself; texts sorted by length, so that little is padded."""

    def __init__(self, options):
        import onnxruntime
        from tokenizers import Tokenizer

        begun = time.perf_counter()
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads, settings.inter_op_num_threads = options.threads, 1
        name = options.engine[4:] + ("fused" if options.fused else "") + ".onnx"
        self.session = onnxruntime.InferenceSession(os.path.join(options.onnx, name), settings, providers=["CPUExecutionProvider"])
        self.tokenizer = Tokenizer.from_file(os.path.join(options.model, "tokenizer.json"))
        self.tokenizer.enable_truncation(TOKENS_MAX)
        self.tokenizer.enable_padding()
        self.load_seconds = time.perf_counter() - begun
        self.inputs = [one.name for one in self.session.get_inputs()]

    def embed(self, texts, batch):
        import numpy

        order = sorted(range(len(texts)), key=lambda number: -len(texts[number]))
        vectors = [None] * len(texts)
        for begin in range(0, len(order), batch):
            chosen = order[begin : begin + batch]
            encoded = self.tokenizer.encode_batch_fast([texts[number] for number in chosen])
            mask = numpy.array([one.attention_mask for one in encoded], dtype=numpy.int64)
            feed = {"input_ids": numpy.array([one.ids for one in encoded], dtype=numpy.int64), "attention_mask": mask,
                    "token_type_ids": numpy.zeros_like(mask)}
            states = self.session.run(None, {name: feed[name] for name in self.inputs})[0]
            weights = mask[..., None].astype(numpy.float32)
            means = (states * weights).sum(1) / weights.sum(1)
            means /= numpy.linalg.norm(means, axis=1, keepdims=True)
            for number, vector in zip(chosen, means):
                vectors[number] = vector
        return numpy.stack(vectors)

    def tokens(self, texts):
        return sum(sum(one.attention_mask) for one in self.tokenizer.encode_batch_fast(texts))


def export(options):
    """Writes f32.onnx, f32fused.onnx (attention, layer norm and gelu as one operator each), int8.onnx and int8fused.onnx."""
    import onnx
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.transformers import optimizer
    from transformers import AutoModel, AutoTokenizer

    os.makedirs(options.onnx, exist_ok=True)
    model = AutoModel.from_pretrained(options.model, attn_implementation="eager", dtype=torch.float32).eval()
    model.config.return_dict = False
    example = AutoTokenizer.from_pretrained(options.model)(["one text", "and another, longer text"], padding=True, return_tensors="pt")
    names = ["input_ids", "attention_mask", "token_type_ids"]

    class States(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, input_ids, attention_mask, token_type_ids):
            return self.model(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids)[0]

    plain, fused = (os.path.join(options.onnx, name) for name in ("f32.onnx", "f32fused.onnx"))
    torch.onnx.export(States(), tuple(example[name] for name in names), plain, input_names=names, output_names=["states"],
                      dynamic_axes={name: {0: "texts", 1: "tokens"} for name in [*names, "states"]}, opset_version=17, dynamo=False)
    config = model.config
    optimizer.optimize_model(plain, model_type="bert", num_heads=config.num_attention_heads, hidden_size=config.hidden_size,
                             opt_level=0).save_model_to_file(fused)
    for path in (plain, fused):
        quantize_dynamic(path, path.replace("f32", "int8"), per_channel=True, reduce_range=False, weight_type=QuantType.QInt8,
                         extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT})


def read_texts(path):
    with open(path, encoding="utf-8") as file:
        return file.read().splitlines()


def memory():
    with open("/proc/self/status", encoding="ascii") as file:
        resident = next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))
    return {"resident_mib": round(resident / 1024, 1), "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)}


def latency(engine, texts):
    times = []
    for text in texts[:WARMUP]:
        engine.embed([text], 1)
    for text in texts:
        begun = time.perf_counter()
        engine.embed([text], 1)
        times.append((time.perf_counter() - begun) * 1000)
    times.sort()
    return {"p50_ms": times[len(times) // 2], "p99_ms": times[int(len(times) * 0.99)]}


def answer(engine, request):
    if request["do"] == "memory":
        return memory() | {"load_seconds": engine.load_seconds}
    texts = read_texts(request["texts"])
    if request["do"] == "latency":
        return latency(engine, texts)
    if request["do"] == "vectors":
        import numpy

        numpy.save(request["to"], engine.embed(texts, 16).astype(numpy.float32))
        return {"count": len(texts)}
    begun = time.perf_counter()
    engine.embed(texts, request["batch"])
    return {"seconds": time.perf_counter() - begun, "tokens": engine.tokens(texts)}


def main():
    options = arguments()
    single_threaded_libraries(options.threads)
    if options.export:
        export(options)
        return
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is no answer
    engine = (SentenceTransformers if options.engine.startswith("st_") else OnnxRuntime)(options)
    for line in sys.stdin:
        print(json.dumps(answer(engine, json.loads(line))), file=out, flush=True)


if __name__ == "__main__":
    main()
