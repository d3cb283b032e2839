"""Loaders and splitters that bench_ingest.py compares with, as their own guides put them together. Prints one JSON line.

    ingest_peers.py --peer langchain|llamaindex FOLDER [--model FOLDER --threads N]

With --model the passages are embedded by sentence-transformers too. Needs in peers-data/venv: langchain-text-splitters,
langchain-community, llama-index-core, llama-index-readers-file, sentence-transformers."""

import argparse
import json
import os
import time

TOKENS, OVERLAP, CHARACTERS_PER_TOKEN = 200, 30, 4


def langchain(folder):
    from langchain_community.document_loaders import DirectoryLoader, TextLoader
    from langchain_text_splitters import MarkdownHeaderTextSplitter, RecursiveCharacterTextSplitter
    headings = MarkdownHeaderTextSplitter([("#", "1"), ("##", "2"), ("###", "3")], strip_headers=False)
    cutter = RecursiveCharacterTextSplitter(chunk_size=TOKENS * CHARACTERS_PER_TOKEN, chunk_overlap=OVERLAP * CHARACTERS_PER_TOKEN)
    start = time.perf_counter()
    documents = DirectoryLoader(folder, glob="**/*.md", loader_cls=TextLoader, loader_kwargs={"encoding": "utf-8"}).load()
    passages = []
    for document in documents:
        passages += cutter.split_documents(headings.split_text(document.page_content))
    return len(documents), [passage.page_content for passage in passages], time.perf_counter() - start


def llamaindex(folder):
    from llama_index.core import SimpleDirectoryReader
    from llama_index.core.ingestion import IngestionPipeline
    from llama_index.core.node_parser import MarkdownNodeParser, SentenceSplitter
    start = time.perf_counter()
    documents = SimpleDirectoryReader(folder, recursive=True, required_exts=[".md"]).load_data()
    cutters = [MarkdownNodeParser(), SentenceSplitter(chunk_size=TOKENS + 100, chunk_overlap=OVERLAP)]
    nodes = IngestionPipeline(transformations=cutters).run(documents=documents)
    return len(documents), [node.get_content(metadata_mode="none") for node in nodes], time.perf_counter() - start


def embed(passages, model, threads):
    import torch
    from sentence_transformers import SentenceTransformer
    torch.set_num_threads(threads)
    encoder = SentenceTransformer(model, device="cpu")
    encoder.encode(passages[:64])
    start = time.perf_counter()
    vectors = encoder.encode(passages, batch_size=32)
    assert len(vectors) == len(passages)
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--peer", choices=("langchain", "llamaindex"), required=True)
    parser.add_argument("--model")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    os.environ.update(CUDA_VISIBLE_DEVICES="", HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", TOKENIZERS_PARALLELISM="true")
    documents, passages, cut_seconds = {"langchain": langchain, "llamaindex": llamaindex}[options.peer](options.folder)
    embed_seconds = embed(passages, options.model, options.threads) if options.model else 0
    print(json.dumps({"documents": documents, "passages": len(passages), "cut_seconds": cut_seconds, "embed_seconds": embed_seconds}))


if __name__ == "__main__":
    main()
