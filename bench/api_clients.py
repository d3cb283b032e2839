"""Clients of other projects against the server: LangChain's and LlamaIndex's, and what chat pages ask, with nothing changed but the address.

    peers-data/venv/bin/python bench/api_clients.py [--binary build/assay] [--node FOLDER]

    pip install langchain-openai llama-index-llms-openai-like llama-index-embeddings-openai-like openai
    npm install --prefix FOLDER openai

Makes a project of the example documents, starts a server, and prints a JSON line for each thing that was done: which client, what, and
whether what came back is right. With --node, OpenAI's Node client in that folder is asked for every method that docs/moving-from-openai.md
claims (bench/openai_node.mjs), against documents alone and with a scripted language model behind the server. Exit status 1 when something is not.
"""

import argparse
import json
import os
import subprocess
import sys
import traceback
from pathlib import Path

import httpx

from served import served

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/blackbox"))
from scripted_model import chunk, completion, says, scripted  # noqa: E402
QUESTION = "How long is the cast-iron cookware guaranteed?"
OWN = "The Quillmark desk lamp is guaranteed for eleven years.\n"  # of a file that is sent


class Checks:
    def __init__(self, url, key, answer):
        self.url, self.key, self.answer, self.failed = url + "/v1", key, answer, 0

    def says(self, text):
        return text.strip() == self.answer or text

    def check(self, client, what, function):
        try:
            told = function()
        except Exception:  # whatever a client of others raises is the finding
            told = traceback.format_exc(limit=-2)
        is_right = told is True
        self.failed += not is_right
        print(json.dumps({"client": client, "what": what, "right": is_right, **({} if is_right else {"told": str(told)[-600:]})}), flush=True)


def alike(near, other, far):
    def product(a, b):
        return sum(x * y for x, y in zip(a, b))

    return product(near, other) > product(near, far) or "the nearer text is not nearer"


TEXTS = ["How long may I keep it?", "the time until it has to be returned", "Boil the potatoes in salted water."]


def langchain(checks):
    from langchain_core.vectorstores import InMemoryVectorStore
    from langchain_openai import ChatOpenAI, OpenAIEmbeddings

    chat = ChatOpenAI(model="assay", base_url=checks.url, api_key=checks.key)
    texts = OpenAIEmbeddings(model="builtin", base_url=checks.url, api_key=checks.key, check_embedding_ctx_length=False)  # else it sends OpenAI's tokens
    checks.check("langchain", "chat", lambda: checks.says(chat.invoke(QUESTION).content))
    checks.check("langchain", "chat, streamed", lambda: checks.says("".join(part.content for part in chat.stream(QUESTION))))
    checks.check("langchain", "chat, usage", lambda: "total_tokens" in chat.invoke(QUESTION).usage_metadata)
    checks.check("langchain", "chat, by a model's name of OpenAI's",
                 lambda: checks.says(ChatOpenAI(model="gpt-4o-mini", base_url=checks.url, api_key=checks.key).invoke(QUESTION).content))  # fmt: skip
    checks.check("langchain", "embeddings of texts", lambda: alike(*texts.embed_documents(TEXTS)))
    checks.check("langchain", "a store of its own over our vectors",
                 lambda: InMemoryVectorStore.from_texts(TEXTS[1:], texts).similarity_search(TEXTS[0], k=1)[0].page_content == TEXTS[1])  # fmt: skip


def langchain_store(checks, store):
    from langchain_openai import ChatOpenAI

    chat = ChatOpenAI(model="assay", base_url=checks.url, api_key=checks.key, use_responses_api=True)
    tools = chat.bind_tools([{"type": "file_search", "vector_store_ids": [store]}])
    checks.check("langchain", "responses with file_search", lambda: "eleven years" in tools.invoke("How long is the Quillmark desk lamp guaranteed?").text)


def llama_index(checks):
    from llama_index.core import Document, Settings, VectorStoreIndex
    from llama_index.core.llms import ChatMessage
    from llama_index.embeddings.openai_like import OpenAILikeEmbedding
    from llama_index.llms.openai_like import OpenAILike

    model = OpenAILike(model="assay", api_base=checks.url, api_key=checks.key, is_chat_model=True)
    embedding = OpenAILikeEmbedding(model_name="builtin", api_base=checks.url, api_key=checks.key)
    messages = [ChatMessage(role="user", content=QUESTION)]
    checks.check("llama_index", "chat", lambda: checks.says(model.chat(messages).message.content))
    checks.check("llama_index", "chat, streamed", lambda: checks.says("".join(part.delta or "" for part in model.stream_chat(messages))))
    checks.check("llama_index", "complete", lambda: checks.says(model.complete(QUESTION).text))
    older = OpenAILike(model="gpt-3.5-turbo-instruct", api_base=checks.url, api_key=checks.key)  # as it is by default: /v1/completions
    checks.check("llama_index", "completion of a prompt", lambda: checks.says(older.complete(QUESTION).text))
    checks.check("llama_index", "completion of a prompt, streamed", lambda: checks.says([*older.stream_complete(QUESTION)][-1].text))
    checks.check("llama_index", "chat as a prompt", lambda: checks.says(older.chat(messages).message.content))
    checks.check("llama_index", "embeddings", lambda: alike(*embedding.get_text_embedding_batch(TEXTS)))

    def retrieve():
        Settings.embed_model = embedding
        index = VectorStoreIndex.from_documents([Document(text=text) for text in TEXTS[1:]])
        return index.as_retriever(similarity_top_k=1).retrieve(TEXTS[0])[0].text == TEXTS[1]

    checks.check("llama_index", "an index of its own over our vectors", retrieve)


def chat_page(checks):
    """What Open WebUI asks a server for: its models, an answer as server-sent events, and vectors."""
    client = httpx.Client(base_url=checks.url, headers={"Authorization": f"Bearer {checks.key}"}, timeout=60)

    def streamed():
        body = {"model": "assay", "stream": True, "stream_options": {"include_usage": True}, "messages": [{"role": "system", "content": "Be short."}, {"role": "user", "content": QUESTION}]}
        text, done = "", False
        with client.stream("POST", "/chat/completions", json=body) as answer:
            for line in answer.iter_lines():
                if line == "data: [DONE]":
                    done = True
                elif line.startswith("data: "):
                    text += "".join(choice["delta"].get("content") or "" for choice in json.loads(line[6:])["choices"])
        return checks.says(text) if done else "the stream has no end"

    checks.check("chat page", "models", lambda: "assay" in [model["id"] for model in client.get("/models").json()["data"]])
    checks.check("chat page", "chat, streamed", streamed)
    checks.check("chat page", "embeddings", lambda: len(client.post("/embeddings", json={"model": "builtin", "input": TEXTS}).json()["data"]) == len(TEXTS))


def stores(checks):
    """OpenAI's own client: a file is sent, put into a store, and searched for."""
    import openai

    client = openai.OpenAI(base_url=checks.url, api_key=checks.key)
    store = ""

    def search():
        nonlocal store
        store = client.vector_stores.create(name="lamps").id
        file = client.vector_stores.files.upload_and_poll(vector_store_id=store, file=("lamp.md", OWN.encode()))
        found = client.vector_stores.search(store, query="desk lamp").data
        return (file.status == "completed" and OWN.strip() in found[0].content[0].text) or [file.status, str(found)]

    checks.check("openai", "vector store", search)
    return store


TALK = {"ok": ["where is the parcel with my {}", "can the {} be shipped to another address", "please refund the {} I returned", "when is the {} delivered"],
        "spam": ["win a free {} now, click here", "cheap {} with discount code, buy now", "earn money at home with a {}", "free {} offer, only today, click"]}  # fmt: skip


def train_moderation(binary, folder):
    things = ["lamp", "kettle", "chair", "scarf", "bicycle", "teapot", "mirror", "carpet"]
    rows = ["text,label", *(f'"{text.format(thing)}",{kind}' for thing in things for kind, texts in TALK.items() for text in texts)]
    Path(folder, "talk.csv").write_text("\n".join(rows) + "\n")
    subprocess.run([binary.resolve(), "tune", "classify", "talk.csv", "--name", "talk", "--method", "head", "--quiet"], cwd=folder, check=True)


def scripted_answer(handler):
    """Calls the function that is offered, until there is an outcome; follows a schema; else says something."""
    body = handler.server.requests[-1]["body"]
    call = {"id": "call_1", "type": "function", "function": {"name": "look_up", "arguments": '{"id": "7"}'}}
    if not body.get("tools") or any(message["role"] == "tool" for message in body["messages"]):
        schema = str(body.get("response_format"))
        if "'label'" in schema or "'score'" in schema:
            return says('{"reason": "so it is", "label": "good"}' if "'label'" in schema else '{"reason": "so it is", "score": 0.75}')(handler)
        return says('{"answer": "for ten years"}' if "response_format" in body else "It is guaranteed for ten years [1].")(handler)
    if not body.get("stream"):
        document = completion(None, finish="tool_calls")
        document["choices"][0]["message"]["tool_calls"] = [call]
        return handler.reply(200, document)
    handler.begin_stream()
    for piece in (chunk(), chunk(finish="tool_calls")):
        if piece["choices"][0]["finish_reason"] is None:
            piece["choices"][0]["delta"] = {"tool_calls": [{"index": 0, **call}]}
        handler.event(piece)
    return handler.event("[DONE]")


def node(binary, folder):
    """How many ways in which the Node client was asked ended wrongly; 1 for each mode in which one did."""
    script, failed = ROOT / "bench/openai_node.mjs", 0
    with scripted(scripted_answer) as model:
        for mode, settings in (("documents", "moderation: {classifier: talk, fine: [ok]}\n"), ("model", f"model: {model.model}\n")):
            prepare = train_moderation if mode == "documents" else None
            with served(binary, settings, prepare=prepare) as (greeting, _):
                run = subprocess.run(["node", script, greeting["listening"] + "/v1", greeting["admin_key"], mode], cwd=folder)
                failed += run.returncode != 0
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=ROOT / "build/assay")
    parser.add_argument("--node", type=Path, metavar="FOLDER", help="OpenAI's Node client too, which is in FOLDER/node_modules")
    options = parser.parse_args()
    os.environ.setdefault("ASSAY_MODELS", str(ROOT / "models"))
    with served(options.binary) as (greeting, folder):
        said = json.loads(subprocess.run([options.binary.resolve(), "ask", "--json", QUESTION], cwd=folder, check=True, capture_output=True).stdout)["answer"]
        checks = Checks(greeting["listening"], greeting["admin_key"], said)
        langchain(checks)
        llama_index(checks)
        chat_page(checks)
        langchain_store(checks, stores(checks))
    failed = node(options.binary, options.node) if options.node is not None else 0
    return checks.failed + failed > 0


if __name__ == "__main__":
    sys.exit(main())
