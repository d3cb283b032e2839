// Asks an assay server by every method of OpenAI's Node client that docs/moving-from-openai.md says works: used by api_clients.py.
//   node openai_node.mjs URL KEY documents|model        (from a folder with openai in node_modules)
// "documents": the server answers from the example documents by itself, and has a classifier "talk" of the labels ok and spam for moderation;
// "model": a language model is behind it. Prints a JSON line for each method.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const [url, key, mode] = process.argv.slice(2);
const here = createRequire(path.join(process.cwd(), "none.js"));
const { default: OpenAI, toFile } = await import(pathToFileURL(here.resolve("openai")).href);
const api = new OpenAI({ baseURL: url, apiKey: key, maxRetries: 0 });
const question = "How long is the cast-iron cookware guaranteed?";
const messages = [{ role: "user", content: question }];
let failed = 0;

async function check(what, work) {
  let told;
  try {
    await work();
  } catch (error) {
    told = String(error.stack ?? error).slice(0, 600);
    failed++;
  }
  console.log(JSON.stringify({ client: "openai, Node", what, right: told === undefined, ...(told ? { told } : {}) }));
}

async function all(pages) {
  const found = [];
  for await (const one of await pages) found.push(one);
  return found;
}

async function until(look, done) {
  for (let i = 0; i < 600; i++) {
    const found = await look();
    if (done(found)) return found;
    await sleep(200);
  }
  throw new Error("it does not end");
}

const refused = (work, status, text) => assert.rejects(work, (error) => error.status === status && text.test(error.message));
const lines = (rows) => rows.map((row) => JSON.stringify(row) + "\n").join("");

async function chat() {
  await check("chat.completions.create", async () => {
    const answer = await api.chat.completions.create({ model: "assay", messages, n: 2, seed: 1 });
    assert.equal(answer.choices.length, 2);
    assert.ok(answer.choices[0].message.content.length > 3 && answer.choices[1].message.annotations[0].file_citation.filename.startsWith("docs/"));
    assert.equal(answer.usage.total_tokens, 0); // no language model was asked
  });
  await check("chat.completions.create, streamed", async () => {
    let text = "", usage, reason;
    for await (const part of await api.chat.completions.create({ model: "assay", messages, stream: true, stream_options: { include_usage: true } })) {
      text += part.choices[0]?.delta.content ?? "";
      reason = part.choices[0]?.finish_reason ?? reason;
      usage = part.usage ?? usage;
    }
    assert.ok(text.length > 3 && reason === "stop" && usage.total_tokens === 0);
  });
  await check("chat.completions.stream", async () => {
    const answer = await api.chat.completions.stream({ model: "assay", messages }).finalChatCompletion();
    assert.ok(answer.choices[0].message.content.length > 3);
  });
  await check("chat.completions.create, logprobs are refused", () => refused(api.chat.completions.create({ model: "assay", messages, logprobs: true }), 400, /logprobs/));
}

async function responses(store) {
  const tools = [{ type: "file_search", vector_store_ids: [store] }];
  await check("responses.create", async () => {
    const answer = await api.responses.create({ model: "assay", input: question });
    assert.ok(answer.output_text.length > 3 && answer.status === "completed");
  });
  await check("responses.create, file_search", async () => {
    const answer = await api.responses.create({ model: "assay", input: "How long is the Quillmark desk lamp guaranteed?", tools, include: ["file_search_call.results"] });
    assert.ok(answer.output_text.includes("eleven years") && answer.output[0].results.length > 0);
    assert.equal(answer.output[1].content[0].annotations[0].type, "file_citation");
  });
  await check("responses.create, streamed", async () => {
    const seen = new Set();
    let text = "";
    for await (const event of await api.responses.create({ model: "assay", input: question, stream: true })) {
      seen.add(event.type);
      if (event.type === "response.output_text.delta") text += event.delta;
    }
    assert.ok(text.length > 3 && seen.has("response.created") && seen.has("response.completed"));
  });
  await check("responses.stream", async () => {
    const answer = await api.responses.stream({ model: "assay", input: question }).finalResponse();
    assert.ok(answer.output_text.length > 3);
  });
}

async function models() {
  await check("embeddings.create", async () => {
    const plain = await api.embeddings.create({ model: "builtin", input: ["a lamp", "a kettle"], encoding_format: "float" });
    const packed = await api.embeddings.create({ model: "builtin", input: ["a lamp", "a kettle"] }); // the client asks for base 64
    const short = await api.embeddings.create({ model: "builtin", input: "a lamp", dimensions: 64 });
    assert.equal(plain.data.length, 2);
    plain.data[1].embedding.forEach((value, i) => assert.ok(Math.abs(value - packed.data[1].embedding[i]) < 1e-5));
    assert.equal(short.data[0].embedding.length, 64);
  });
  await check("models.list, retrieve", async () => {
    assert.ok((await all(api.models.list())).some((model) => model.id === "assay"));
    assert.equal((await api.models.retrieve("assay")).owned_by, "assay");
    await refused(api.models.retrieve("none"), 404, /not here/);
  });
  await check("moderations.create", async () => {
    const { results } = await api.moderations.create({ input: ["win a free lamp now, click here", "where is the parcel with my lamp"] });
    assert.deepEqual(results.map((one) => one.flagged), [true, false]);
    assert.ok(results[0].categories.spam && results[0].category_scores.spam > 0.5);
  });
}

async function files() {
  await check("files.create, retrieve, content, list, delete", async () => {
    const file = await api.files.create({ file: await toFile(Buffer.from(lines([{ a: 1 }])), "rows.jsonl"), purpose: "evals" });
    assert.equal((await api.files.retrieve(file.id)).filename, "rows.jsonl");
    assert.equal(await (await api.files.content(file.id)).text(), '{"a":1}\n');
    assert.deepEqual((await all(api.files.list({ purpose: "evals" }))).map((one) => one.id), [file.id]);
    assert.ok((await all(api.files.list({ limit: 2 }))).length > 5); // over pages
    assert.ok((await api.files.delete(file.id)).deleted);
    await refused(api.files.retrieve(file.id), 404, /no such file/);
  });
}

async function stores() {
  let store;
  await check("vectorStores.create, update, retrieve, list", async () => {
    store = await api.vectorStores.create({ name: "lamps", metadata: { a: "b" } });
    assert.equal((await api.vectorStores.update(store.id, { name: "lights" })).name, "lights");
    assert.equal((await api.vectorStores.retrieve(store.id)).name, "lights");
    assert.ok((await all(api.vectorStores.list())).some((one) => one.id === store.id));
  });
  await check("vectorStores.files.uploadAndPoll, list, retrieve, update, content; search", async () => {
    const lamp = await toFile(Buffer.from("The Quillmark desk lamp is guaranteed for eleven years.\n"), "lamp.md");
    const file = await api.vectorStores.files.uploadAndPoll(store.id, lamp);
    assert.equal(file.status, "completed");
    assert.deepEqual((await all(api.vectorStores.files.list(store.id))).map((one) => one.id), [file.id]);
    assert.equal((await api.vectorStores.files.retrieve(file.id, { vector_store_id: store.id })).status, "completed");
    assert.equal((await api.vectorStores.files.update(file.id, { vector_store_id: store.id, attributes: { team: "light" } })).attributes.team, "light");
    assert.ok((await all(api.vectorStores.files.content(file.id, { vector_store_id: store.id })))[0].text.includes("eleven"));
    const filters = { type: "eq", key: "team", value: "light" };
    assert.ok((await all(api.vectorStores.search(store.id, { query: "desk lamp", filters, max_num_results: 3 })))[0].content[0].text.includes("Quillmark"));
  });
  await check("vectorStores.fileBatches.uploadAndPoll, createAndPoll, retrieve, listFiles, cancel", async () => {
    const sent = await Promise.all([1, 2, 3].map((n) => toFile(Buffer.from(`# ${n}\n\nflurb ${n}\n`), `${n}.md`)));
    const batch = await api.vectorStores.fileBatches.uploadAndPoll(store.id, { files: sent });
    assert.equal(batch.file_counts.completed, 3);
    assert.equal((await all(api.vectorStores.fileBatches.listFiles(batch.id, { vector_store_id: store.id }))).length, 3);
    const [first] = await all(api.vectorStores.files.list(store.id));
    const again = await api.vectorStores.fileBatches.createAndPoll(store.id, { file_ids: [first.id] });
    assert.equal((await api.vectorStores.fileBatches.retrieve(again.id, { vector_store_id: store.id })).status, "completed");
    assert.equal((await api.vectorStores.fileBatches.cancel(again.id, { vector_store_id: store.id })).id, again.id);
  });
  return store.id;
}

async function removed(store) {
  await check("vectorStores.files.delete, vectorStores.delete", async () => {
    const [first] = await all(api.vectorStores.files.list(store));
    assert.ok((await api.vectorStores.files.delete(first.id, { vector_store_id: store })).deleted);
    assert.ok((await api.vectorStores.delete(store)).deleted);
    await refused(api.vectorStores.retrieve(store), 404, /no .*store/i);
  });
}

async function tuning() {
  const teams = { network: "the router is offline again at desk", billing: "the invoice shows a wrong amount for month", access: "the badge does not open the door of floor" };
  const chosen = Object.keys(teams);
  const rows = Array.from({ length: 90 }, (_, i) => ({ messages: [{ role: "system", content: "Name the team." }, { role: "user", content: `${teams[chosen[i % 3]]} ${i} since ${i * 7} minutes` },
    { role: "assistant", content: chosen[i % 3] }] }));
  let job;
  await check("fineTuning.jobs.create, list, pause, resume, cancel", async () => {
    const training = await api.files.create({ file: await toFile(Buffer.from(lines(rows)), "train.jsonl"), purpose: "fine-tune" });
    job = await api.fineTuning.jobs.create({ model: "builtin", training_file: training.id, suffix: "teams", seed: 3, metadata: { a: "b" } });
    const other = await api.fineTuning.jobs.create({ model: "builtin", training_file: training.id });
    await until(() => api.fineTuning.jobs.retrieve(other.id), (found) => found.status !== "validating_files");
    assert.equal((await api.fineTuning.jobs.pause(other.id)).status, "paused");
    assert.ok(["queued", "running"].includes((await api.fineTuning.jobs.resume(other.id)).status));
    assert.equal((await api.fineTuning.jobs.cancel(other.id)).status, "cancelled");
    assert.deepEqual((await all(api.fineTuning.jobs.list({ limit: 1 }))).map((one) => one.id).sort(), [job.id, other.id].sort());
  });
  await check("fineTuning.jobs.retrieve, listEvents, checkpoints.list; the model asked and deleted", async () => {
    const done = await until(() => api.fineTuning.jobs.retrieve(job.id), (found) => ["succeeded", "failed", "cancelled"].includes(found.status));
    assert.equal(done.status, "succeeded", JSON.stringify(done.error));
    assert.ok((await all(api.fineTuning.jobs.listEvents(job.id))).length > 1);
    await all(api.fineTuning.jobs.checkpoints.list(job.id));
    const answer = await api.chat.completions.create({ model: done.fine_tuned_model, messages: [{ role: "user", content: "the invoice shows a wrong amount" }] });
    assert.equal(answer.choices[0].message.content, "billing");
    assert.ok((await api.models.delete(done.fine_tuned_model)).deleted);
  });
}

async function evals() {
  const same = { type: "string_check", name: "same", input: "{{sample.output_text}}", reference: "{{item.answer}}", operation: "eq" };
  let made;
  await check("evals.create, list, retrieve, update", async () => {
    made = await api.evals.create({ name: "first", data_source_config: { type: "custom", item_schema: { type: "object" }, include_sample_schema: true }, testing_criteria: [same] });
    assert.deepEqual((await all(api.evals.list())).map((one) => one.id), [made.id]);
    assert.equal((await api.evals.update(made.id, { name: "second" })).name, "second");
    assert.equal((await api.evals.retrieve(made.id)).name, "second");
  });
  await check("fineTuning.alpha.graders.run, validate", async () => {
    const grader = { type: "multi", name: "m", graders: { same }, calculate_output: "max(0.5, same) / 2" };
    assert.deepEqual((await api.fineTuning.alpha.graders.validate({ grader })).grader, grader);
    const done = await api.fineTuning.alpha.graders.run({ grader, model_sample: "yes", item: { answer: "yes" } });
    assert.deepEqual([done.reward, done.sub_rewards], [0.5, { same: 1 }]);
    await refused(api.fineTuning.alpha.graders.validate({ grader: { type: "python", name: "p", source: "" } }), 400, /no code/);
  });
  await check("evals.runs.create, retrieve, list, outputItems, cancel, delete; evals.delete", async () => {
    const content = ["yes", "no"].map((text) => ({ item: { answer: "yes" }, sample: { output_text: text } }));
    const run = await api.evals.runs.create(made.id, { name: "r", data_source: { type: "jsonl", source: { type: "file_content", content } } });
    const done = await until(() => api.evals.runs.retrieve(run.id, { eval_id: made.id }), (found) => ["completed", "failed", "canceled"].includes(found.status));
    assert.deepEqual([done.result_counts.total, done.result_counts.passed], [2, 1]);
    assert.equal((await all(api.evals.runs.list(made.id))).length, 1);
    const items = await all(api.evals.runs.outputItems.list(run.id, { eval_id: made.id }));
    assert.equal(items.length, 2);
    assert.equal((await api.evals.runs.outputItems.retrieve(items[0].id, { eval_id: made.id, run_id: run.id })).id, items[0].id);
    await refused(api.evals.runs.cancel(run.id, { eval_id: made.id }), 400, /./);
    await api.evals.runs.delete(run.id, { eval_id: made.id });
    await api.evals.delete(made.id);
    assert.deepEqual(await all(api.evals.list()), []);
  });
}

async function model() {
  const schema = { type: "object", properties: { answer: { type: "string" } }, required: ["answer"], additionalProperties: false };
  const tool = { type: "function", function: { name: "look_up", description: "Looks an order up", parameters: { type: "object", properties: { id: { type: "string" } } } } };
  await check("chat.completions.create, tools", async () => {
    const answer = await api.chat.completions.create({ model: "assay", messages: messages, tools: [tool] });
    const call = answer.choices[0].message.tool_calls[0];
    assert.equal(answer.choices[0].finish_reason, "tool_calls");
    assert.equal(call.function.name, "look_up");
    const told = [...messages, answer.choices[0].message, { role: "tool", tool_call_id: call.id, content: "sent on Monday" }];
    const next = await api.chat.completions.create({ model: "assay", messages: told, tools: [tool] });
    assert.ok(next.choices[0].message.content.length > 0);
  });
  await check("chat.completions.create, tools, streamed", async () => {
    let name = "", text = "";
    for await (const part of await api.chat.completions.create({ model: "assay", messages: messages, tools: [tool], stream: true }))
      for (const call of part.choices[0]?.delta.tool_calls ?? []) {
        name += call.function.name ?? "";
        text += call.function.arguments ?? "";
      }
    assert.equal(name, "look_up");
    assert.deepEqual(JSON.parse(text), { id: "7" });
  });
  await check("responses.create, function", async () => {
    const answer = await api.responses.create({ model: "assay", input: question, tools: [{ type: "function", name: "look_up", parameters: tool.function.parameters, strict: false }] });
    const call = answer.output.find((item) => item.type === "function_call");
    assert.equal(call.name, "look_up");
  });
  await check("chat.completions.create, json_schema", async () => {
    const format = { type: "json_schema", json_schema: { name: "answer", schema, strict: true } };
    const answer = await api.chat.completions.create({ model: "assay", messages, response_format: format });
    assert.equal(typeof JSON.parse(answer.choices[0].message.content).answer, "string");
  });
  await check("evals with label_model and score_model", async () => {
    const input = [{ role: "user", content: "{{sample.output_text}}" }];
    const label = { type: "label_model", name: "label", model: "assay", input, labels: ["good", "bad"], passing_labels: ["good"] };
    const score = { type: "score_model", name: "score", model: "assay", input, range: [0, 1], pass_threshold: 0.8 };
    const made = await api.evals.create({ name: "m", data_source_config: { type: "custom", item_schema: { type: "object" }, include_sample_schema: true }, testing_criteria: [label, score] });
    const content = [{ item: {}, sample: { output_text: "for ten years" } }];
    const run = await api.evals.runs.create(made.id, { data_source: { type: "jsonl", source: { type: "file_content", content } } });
    const done = await until(() => api.evals.runs.retrieve(run.id, { eval_id: made.id }), (found) => ["completed", "failed", "canceled"].includes(found.status));
    assert.equal(done.per_model_usage[0].invocation_count, 2);
    const [item] = await all(api.evals.runs.outputItems.list(run.id, { eval_id: made.id }));
    assert.deepEqual(item.results.map((result) => [result.name, result.score, result.passed]), [["label", 1, true], ["score", 0.75, false]]);
    await api.evals.delete(made.id);
  });
  await check("chat.completions.create, stop", async () => {
    const answer = await api.chat.completions.create({ model: "assay", messages, stop: ["STOP"], temperature: 0.2, max_completion_tokens: 50 });
    assert.ok(answer.choices[0].message.content.length > 0);
  });
}

if (mode === "model") {
  await model();
} else {
  await chat();
  const store = await stores();
  await responses(store);
  await models();
  await files();
  await removed(store);
  await tuning();
  await evals();
}
process.exit(failed > 0 ? 1 : 0);
