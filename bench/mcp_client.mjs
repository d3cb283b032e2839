// Asks an assay project by the official TypeScript client of MCP, in both eras, over HTTP and over pipes: used by mcp_suite.py.
//   node mcp_client.mjs URL KEY BINARY PROJECT        (from a folder with @modelcontextprotocol/client in node_modules)
// Prints one line for each way that was gone; fails at the first thing that is not as it should be.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import path from "node:path";

const [url, key, binary, project] = process.argv.slice(2);
const here = createRequire(path.join(process.cwd(), "none.js"));
const load = (name) => import(pathToFileURL(here.resolve(name)).href);
const { Client, StreamableHTTPClientTransport } = await load("@modelcontextprotocol/client");
const { StdioClientTransport } = await load("@modelcontextprotocol/client/stdio");

const newest = "2026-07-28", question = "How long is the refund window?";
const ways = {
  http: () => new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: { Authorization: `Bearer ${key}` } } }),
  pipes: () => new StdioClientTransport({ command: binary, args: ["mcp", "--project", project] }),
};

async function use(client) {
  const tools = (await client.listTools()).tools.map((tool) => tool.name);
  assert.deepEqual(tools, ["search", "ask", "get_document", "audit"]);
  const found = await client.callTool({ name: "search", arguments: { query: question, k: 3 } });
  assert.equal(found.structuredContent.results.length, 3);
  const answer = await client.callTool({ name: "ask", arguments: { question } });
  assert.ok(answer.content[0].text.length > 0 && !answer.isError);
  let told = 0;
  await client.callTool({ name: "audit", arguments: { limit: 1 } }, { onprogress: () => told++ });
  assert.ok(told > 3);
  assert.ok((await client.callTool({ name: "get_document", arguments: { document: "docs/none.md" } })).isError);
  const resources = (await client.listResources()).resources;
  assert.ok(resources.length > 5);
  const read = await client.readResource({ uri: resources[0].uri });
  assert.equal(read.contents[0].uri, resources[0].uri);
  await assert.rejects(client.readResource({ uri: "assay://documents/none" }), /not found/i);
  assert.equal((await client.listResourceTemplates()).resourceTemplates.length, 1);
  assert.equal((await client.listPrompts()).prompts.length, 3);
  const prompt = await client.getPrompt({ name: "answer", arguments: { question } });
  assert.ok(prompt.messages[0].content.text.includes(question));
  const completed = await client.complete({ ref: { type: "ref/prompt", name: "read" }, argument: { name: "document", value: "docs/" } });
  assert.ok(completed.completion.values.length > 5);
}

for (const [way, transport] of Object.entries(ways)) {
  for (const mode of ["legacy", "auto", { pin: newest }]) {
    const client = new Client({ name: "assay-check", version: "1" }, { versionNegotiation: { mode } });
    await client.connect(transport());
    await use(client);
    await client.close();
    console.log(`${way}, ${typeof mode === "string" ? mode : mode.pin}: as it should be`);
  }
}
